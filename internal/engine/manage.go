package engine

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// Switch is a line of manage { … }: objects of some kinds are managed, or left alone.
type Switch struct {
	Name   string // as the user calls the kinds
	On     bool
	Rule   string // how the user said so
	Pos    diag.Pos
	Source string // the line
}

// managed is what switches come to.
type managed struct {
	alone map[string]string // kinds to leave alone, with the rule that says so
	with  []string          // kinds that are off by themselves and wanted
}

// manage looks the switches up in the dialect's groups; a later one overrides.
func manage(d dialect.Dialect, switches []Switch) (managed, error) {
	out := managed{alone: map[string]string{}}
	with := map[string]bool{}
	var faults diag.List
	for _, s := range switches {
		g, ok := groupOf(d, s.Name)
		if !ok {
			faults.Add(s.unknown(d))
			continue
		}
		for _, k := range g.Kinds {
			switch {
			case g.Off:
				with[k] = s.On
			case s.On:
				delete(out.alone, k)
			default:
				out.alone[k] = s.Rule
			}
		}
	}
	for k, on := range with {
		if on {
			out.with = append(out.with, k)
		}
	}
	slices.Sort(out.with)
	return out, faults.Err()
}

func groupOf(d dialect.Dialect, name string) (dialect.Group, bool) {
	groups := d.Groups()
	i := slices.IndexFunc(groups, func(g dialect.Group) bool { return slices.Contains(g.Names, name) })
	if i < 0 {
		return dialect.Group{}, false
	}
	return groups[i], true
}

func (s Switch) unknown(d dialect.Dialect) *diag.Diagnostic {
	var all, first []string
	for _, g := range d.Groups() {
		all, first = append(all, g.Names...), append(first, g.Names[0])
	}
	f := diag.Errorf(s.Pos, "unknown-kind", "manage knows no kind of object %q", s.Name)
	f.Source = s.Source
	if near := diag.Nearest(s.Name, all); near != "" {
		return f.WithHint("did you mean %s?", near)
	}
	return f.WithHint("there are %s", strings.Join(first, ", "))
}

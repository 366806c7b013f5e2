package engine

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
)

// Notes say what a reader of the plan should know before trusting it: that it takes away all that there is of some
// kinds, because the desired state declares none of them.
func (r *Result) Notes(d dialect.Dialect) []string {
	declared := map[string]bool{}
	for _, o := range r.Desired.All() {
		declared[o.ID.Kind] = true
	}
	gone := map[string]int{}
	for _, c := range r.Plan.Changes {
		if c.Action == "drop" && (c.Parent.IsZero() || c.ID.Kind == "permission" && r.Desired.Has(c.Parent)) {
			gone[c.ID.Kind]++
		}
	}
	var names, said []string
	total := 0
	for _, g := range d.Groups() {
		n := 0
		for _, k := range g.Kinds {
			if declared[k] {
				n = 0
				break
			}
			n += gone[k]
		}
		if n == 0 {
			continue
		}
		for _, k := range g.Kinds {
			delete(gone, k) // told once
		}
		total += n
		names = append(names, g.Names[0])
		said = append(said, fmt.Sprintf("%s (%d)", spaced(g.Names[0]), n))
	}
	switch len(names) {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("note: the desired state declares no %[1]s at all, so the plan takes %[2]d away; "+
			"manage { %[3]s = false } in the environment leaves %[1]s alone", spaced(names[0]), total, names[0])}
	}
	return []string{fmt.Sprintf("note: the desired state declares none of these at all, so the plan takes them away: %s; "+
		"in the environment, manage { … } with %s = false leaves them alone", strings.Join(said, ", "), strings.Join(names, " = false, "))}
}

func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

package lint

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

// Naming is a rule of the user's for names of a kind: "table", "column", "index", "foreign_key", "check".
type Naming struct {
	Kind     string // empty: all
	Match    *regexp.Regexp
	Message  string
	Severity Severity
}

// Check holds the names that a unit makes against the rule.
func (n Naming) Check(u *Unit) ([]Finding, error) {
	var out []Finding
	add := func(a *Act, kind, name string) {
		if name == "" || n.Kind != "" && n.Kind != kind || n.Match.MatchString(name) {
			return
		}
		f := finding(Rule{ID: "naming-policy", Fix: n.Message}, n.Severity, a, fmt.Sprintf("%s %s does not match %s", strings.ReplaceAll(kind, "_", " "), name, n.Match))
		out = append(out, f)
	}
	u.acts(func(a *Act) {
		switch a.Verb {
		case safety.CreateTable:
			add(a, "table", a.Table.Name)
			if a.New == nil {
				return
			}
			for _, c := range a.New.Columns {
				add(a, "column", c.Name)
			}
			for _, c := range a.New.Constraints {
				add(a, constraintKind(c.Type), c.Name)
			}
		case safety.AddColumn:
			add(a, "column", a.Column.Name)
		case safety.RenameTable:
			add(a, "table", a.To)
		case safety.RenameColumn:
			add(a, "column", a.To)
		case safety.CreateIndex:
			add(a, "index", a.Index.Name)
		case safety.AddConstraint:
			add(a, constraintKind(a.Constraint.Type), a.Constraint.Name)
		case safety.Create:
			if a.Kind == "schema" {
				add(a, "schema", a.Of.Name)
			}
		}
	})
	return out, nil
}

func constraintKind(t safety.ConstraintType) string {
	switch t {
	case safety.Foreign:
		return "foreign_key"
	case safety.Check:
		return "check"
	}
	return "index"
}

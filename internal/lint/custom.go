package lint

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

// Naming is a rule of the user's for names of a kind: "table", "column", "index", "foreign_key", "check".
type Naming struct {
	Kind     string   // empty: all
	Except   []string // of all: the kinds that have a pattern of their own
	Match    *regexp.Regexp
	Message  string
	Severity Severity
}

// Rule describes the policy.
func (n Naming) Rule() Rule {
	return Rule{
		ID: "naming-policy", Custom: true, Severity: n.Severity, Class: "naming", Short: "A name is not as the project wants it",
		Why: "The project file says how names look.", Fix: n.Message, Codes: []string{"NM101", "NM102", "NM103", "NM104", "NM105", "NM106"},
	}
}

// Check holds the names that a unit makes against the rule.
func (n Naming) Check(_ context.Context, u *Unit) ([]Finding, error) {
	var out []Finding
	add := func(a *Act, kind, name string) {
		if name == "" || kind == "" || n.Kind != "" && n.Kind != kind || slices.Contains(n.Except, kind) || n.Match.MatchString(name) {
			return
		}
		f := NewFinding(n.Rule(), n.Severity, a, fmt.Sprintf("%s %s does not match %s", strings.ReplaceAll(kind, "_", " "), name, n.Match))
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

// constraintKind is what policies call a constraint. Primary keys have no names that anybody uses.
func constraintKind(t safety.ConstraintType) string {
	switch t {
	case safety.Primary, safety.NotNulls:
		return ""
	case safety.Foreign:
		return "foreign_key"
	case safety.Check:
		return "check"
	}
	return "index"
}

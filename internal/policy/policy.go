// Package policy holds the project's own rules of lint: predicates in the project file over what statements do, and
// programs that are handed the same as JSON. It reads no file; programs are all that it runs.
package policy

import (
	"regexp"

	"github.com/schemactl/schemactl/internal/lint"
)

// Format names the objects that rules see, as programs get them; docs/lint-objects.md describes them.
const Format = "schemactl-lint-unit-1"

// class is what comments that silence call all rules of the project's.
const class = "custom"

// nameRE are the names that rules may have: words that a comment can list.
var nameRE = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// Head is what the rules of the project have in common.
type Head struct {
	Name     string
	Severity lint.Severity
	Short    string // what it is about, on one line
	URL      string // where it is described
}

// GoodName reports whether a rule may be called so.
func GoodName(name string) bool { return nameRE.MatchString(name) }

// Rule describes the rule.
func (h Head) Rule() lint.Rule {
	short := h.Short
	if short == "" {
		short = "A rule of this project"
	}
	return lint.Rule{ID: h.Name, Severity: h.Severity, Class: class, Short: short, Custom: true, URL: h.URL}
}

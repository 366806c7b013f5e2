package lint

import (
	"context"
	"regexp"
	"slices"

	"github.com/schemactl/schemactl/internal/safety"
)

// Config is what the user wants of rules.
type Config struct {
	// Severities of rules by id; rules that it does not name have their own.
	Severities map[string]Severity
	// Forced are the classes whose findings no comment silences.
	Forced []string
	// Allowed are the tables and columns that may be dropped.
	Allowed []Allowance
	// Advice takes the place of what rules, by their ids, say is to be done.
	Advice map[string]func(*Act) string
	// Custom rules come after schemactl's own.
	Custom []Custom
}

// Custom is a rule of the user's.
type Custom interface {
	// Rule describes it: its id, class and severity, for comments, settings and reports.
	Rule() Rule
	Check(ctx context.Context, u *Unit) ([]Finding, error)
}

// Allowance lets tables or columns of some names be dropped.
type Allowance struct {
	Column bool // of columns; else of tables
	Match  *regexp.Regexp
}

func (c Config) severity(r Rule) Severity {
	if s, ok := c.Severities[r.ID]; ok {
		return s
	}
	return r.Severity
}

// allows reports whether the user lets the rows or values go that a rule warns about.
func (c Config) allows(r Rule, a *Act) bool {
	if r.Class != destructive {
		return false
	}
	return slices.ContainsFunc(c.Allowed, func(x Allowance) bool {
		switch a.Verb {
		case safety.DropTable:
			return !x.Column && x.Match.MatchString(a.Table.Name)
		case safety.DropColumn:
			return x.Column && x.Match.MatchString(a.Name)
		}
		return false
	})
}

// silenced reports whether a comment silences the rule there.
func (c Config) silenced(u *Unit, s *Statement, r Rule) bool {
	return !slices.Contains(c.Forced, r.Class) && u.silenced(s, r)
}

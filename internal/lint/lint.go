// Package lint raises hazards: what statements do to a database in use that a person should know before. It is pure:
// statements and a model of the database in, findings out.
package lint

import (
	"cmp"
	"context"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/safety"
)

// Severity says how grave a finding is.
type Severity string

// The severities, and off: the rule is not asked.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
	Off     Severity = "off"
)

// Rank orders severities, the gravest highest.
func (s Severity) Rank() int { return slices.Index([]Severity{Off, Info, Warning, Error}, s) }

// Rule is one hazard: when it is raised, why it matters and what to do instead.
type Rule struct {
	ID       string
	Severity Severity
	Class    string   // Atlas's word for the group: destructive, data_depend, incompatible, concurrent_index, …
	Dialects []string // empty: all
	Short    string   // one line
	Why      string
	Fix      string
	Bad      string   // SQL that raises it
	Good     string   // SQL that does not
	MySQL    Example  // of a rule of all dialects whose Bad and Good are PostgreSQL's alone
	Codes    []string // what Atlas and other linters call it: they suppress and configure it, too
	// Custom means that the rule is the project's own. URL is its page, if it has one.
	Custom bool
	URL    string

	check func(u *Unit, report func(*Act, string))
}

// Doc is where the rule is described: an address, or a page of the manual; empty where it is not.
func (r Rule) Doc() string {
	if r.Custom {
		return r.URL
	}
	return "docs/rules/" + r.ID + ".md"
}

// Example is SQL that raises a rule, and such that does not.
type Example struct{ Bad, Good string }

// Examples are those of a dialect.
func (r Rule) Examples(dialect string) Example {
	if dialect == my && r.MySQL.Bad != "" {
		return r.MySQL
	}
	return Example{r.Bad, r.Good}
}

// Finding is a hazard at a place.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Pos      diag.Pos `json:"pos,omitzero"`
	Object   string   `json:"object,omitempty"`
	SQL      string   `json:"statement,omitempty"`
	Fix      string   `json:"fix,omitempty"`
	Doc      string   `json:"doc,omitempty"`
}

// Source is a statement to be examined.
type Source struct {
	SQL      string
	Pos      diag.Pos
	Comments []string
}

// Unit is what is linted as one: a migration file, or a plan.
type Unit struct {
	Name    string
	File    string // its path; empty: it is no file
	Version string
	// Tx means that all is one transaction.
	Tx bool
	// Timeout means that who runs it bounds how long it waits for locks.
	Timeout    bool
	Dialect    string
	Server     safety.Server
	Directives []string // "nolint …" of the whole file
	// Breaches are what the file does to the order of its directory.
	Breaches []Breach

	Statements []*Statement
	// Start and After are the model before the first statement and behind the last.
	Start, After *safety.Model
	fresh        map[safety.Name]bool
	aside        map[safety.Name]safety.Name // what the types that gave up their names were called
}

// Statement is a statement with what it does.
type Statement struct {
	Source
	Acts  []*Act
	Facts safety.Facts // of all acts together
	// Tx numbers the transactions; statements of one number run in one. Zero: in none.
	Tx int
	// Timeout means that it does not wait for locks forever.
	Timeout bool
}

// Act is an action on the table as it is at that moment.
type Act struct {
	safety.Action
	Statement *Statement
	Model     *safety.Model // for what never changes within the unit: the server, the default schema
	Before    *safety.Table // nil where the table is not known
	After     *safety.Table // behind the action; nil where it is not there, or not known
	Ref       *safety.Table // the table that a foreign key refers to
	Facts     safety.Facts
	// Lost are the values that the column's old type has and its new one has not.
	Lost []string
	// Known reports of a routine that it was there before.
	Known bool
	fresh bool
	unit  *Unit
}

// Whole stands for the whole unit where a finding is of no statement.
func (u *Unit) Whole() *Act { return &Act{unit: u} }

// Old reports whether the table was there before the unit: it may have rows, and may be in use.
func (a *Act) Old() bool { return !a.fresh && (a.Before == nil || !a.Before.Temporary) }

// OldTable reports whether another table was there before the unit.
func (a *Act) OldTable(n safety.Name) bool { return !n.IsZero() && !a.unit.fresh[n] }

// remade reports whether a type is the old version of one that the unit has made anew under its name.
func (u *Unit) remade(n safety.Name) bool {
	was, renamed := u.aside[n]
	return renamed && u.fresh[was]
}

// OldColumn reports whether the column was there before the unit.
func (a *Act) OldColumn(name string) bool {
	t := a.unit.Start.Table(a.Table)
	return t == nil || t.Opaque || t.Column(name) != nil
}

// OldKey reports whether a constraint or index was there before the unit.
func (a *Act) OldKey(name string) bool {
	t := a.unit.Start.Table(a.Table)
	return t == nil || t.Constraint(name) != nil || t.Index(name) != nil
}

// Report is what linting a unit finds.
type Report struct {
	Unit       *Unit     `json:"-"`
	Name       string    `json:"name"`
	Findings   []Finding `json:"findings"`
	Suppressed []Finding `json:"-"`
	// Rules are the user's own, which were asked besides schemactl's.
	Rules []Rule `json:"-"`
}

// Check raises the hazards of a unit.
func Check(ctx context.Context, u *Unit, c Config) (Report, error) {
	out := Report{Unit: u, Name: u.Name, Findings: []Finding{}}
	for _, r := range Rules() {
		severity := c.severity(r)
		if severity == Off || len(r.Dialects) > 0 && !slices.Contains(r.Dialects, u.Dialect) || r.check == nil {
			continue
		}
		seen := map[string]bool{}
		r.check(u, func(a *Act, message string) {
			f := NewFinding(r, severity, a, message)
			if advice := c.Advice[r.ID]; advice != nil {
				f.Fix = advice(a)
			}
			if key := f.Message + f.Pos.String(); !seen[key] {
				seen[key] = true
				out.put(f, c.allows(r, a) || c.silenced(u, a.Statement, r))
			}
		})
	}
	if err := out.custom(ctx, u, c); err != nil {
		return out, err
	}
	slices.SortStableFunc(out.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column), b.Severity.Rank()-a.Severity.Rank(), cmp.Compare(a.Rule, b.Rule))
	})
	return out, nil
}

// put keeps a finding.
func (r *Report) put(f Finding, silenced bool) {
	if silenced {
		r.Suppressed = append(r.Suppressed, f)
		return
	}
	r.Findings = append(r.Findings, f)
}

// custom asks the user's own rules.
func (r *Report) custom(ctx context.Context, u *Unit, c Config) error {
	for _, custom := range c.Custom {
		rule := custom.Rule()
		severity, set := c.Severities[rule.ID]
		if !set {
			severity = rule.Severity
		}
		if !slices.ContainsFunc(r.Rules, func(known Rule) bool { return known.ID == rule.ID }) {
			r.Rules = append(r.Rules, rule)
		}
		if severity == Off {
			continue
		}
		found, err := custom.Check(ctx, u)
		if err != nil {
			return err
		}
		for _, f := range found {
			if set {
				f.Severity = severity
			}
			r.put(f, c.silenced(u, u.at(f), rule))
		}
	}
	return nil
}

// NewFinding is a finding of a rule at an act.
func NewFinding(r Rule, s Severity, a *Act, message string) Finding {
	f := Finding{Rule: r.ID, Severity: s, Message: message, Fix: r.Fix, Doc: r.Doc()}
	if a.Statement != nil {
		f.Pos, f.SQL = a.Statement.Pos, a.Statement.SQL
	} else if a.unit != nil {
		f.Pos.File = a.unit.File
	}
	f.Object = a.Table.String()
	if f.Object == "" {
		f.Object = a.Of.String()
	}
	return f
}

// at is the statement that a finding is of; nil where it is of the whole unit.
func (u *Unit) at(f Finding) *Statement {
	for _, s := range u.Statements {
		if s.Pos == f.Pos && s.SQL == f.SQL {
			return s
		}
	}
	return nil
}

// Worst is the gravest severity of the findings; Off where there are none.
func (r Report) Worst() Severity {
	worst := Off
	for _, f := range r.Findings {
		if f.Severity.Rank() > worst.Rank() {
			worst = f.Severity
		}
	}
	return worst
}

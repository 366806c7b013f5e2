package review

import (
	"fmt"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/safety"
)

// Format is written into reviews as JSON; docs/review-json.md describes it.
const Format = "schemactl-review-1"

// Review is what a person reads before statements run: what they do to which objects, and what that costs.
type Review struct {
	Format  string `json:"format"`
	Title   string `json:"title"`
	Dialect string `json:"dialect"`
	Target  string `json:"target,omitempty"` // the server, as in "PostgreSQL 18.4"
	// Current and Desired are the fingerprints of the states, where the plan has them.
	Current string `json:"current,omitempty"`
	Desired string `json:"desired,omitempty"`

	Summary    Summary       `json:"summary"`
	Hazards    []lint.Report `json:"hazards"`
	Parts      []Part        `json:"parts"`
	Statements []Statement   `json:"statements"`
	Changes    []plan.Change `json:"changes"`
	Objects    []Object      `json:"objects"`
	Diagram    Diagram       `json:"diagram"`
	// Queries tells what becomes of known queries, where that was asked for.
	Queries *plan.Queries `json:"queries,omitempty"`
	Notes   []string      `json:"notes,omitempty"`
}

// Summary is a review in numbers.
type Summary struct {
	Add        int `json:"add"`
	Change     int `json:"change"`
	Drop       int `json:"drop"`
	Replace    int `json:"replace"`
	Rename     int `json:"rename"`
	Statements int `json:"statements"`
	Errors     int `json:"errors"`
	Warnings   int `json:"warnings"`
	Infos      int `json:"infos"`
	Silenced   int `json:"silenced"`
	Losses     int `json:"losses"`
}

// Part is statements that run together: a transaction, a statement outside any, or a migration file.
type Part struct {
	Title         string `json:"title"`
	Transactional bool   `json:"transactional"`
	First         int    `json:"first"` // the number of its first statement
	Count         int    `json:"count"`
}

// Statement is a statement with what is known of it.
type Statement struct {
	Number  int          `json:"number"` // from 1
	SQL     string       `json:"sql"`
	Comment string       `json:"comment,omitempty"`
	Object  string       `json:"object,omitempty"`
	Pos     diag.Pos     `json:"pos,omitzero"`
	Facts   safety.Facts `json:"facts"`
	Runs    *plan.Runs   `json:"runs,omitempty"` // in the server's own words
	Tables  []Size       `json:"tables,omitempty"`
	Loses   []string     `json:"loses,omitempty"`
	// MayChange is what may be written in another way afterwards.
	MayChange []string       `json:"may_change,omitempty"`
	Reverse   []string       `json:"reverse,omitempty"`
	Why       string         `json:"why,omitempty"` // of a change that is split
	Tool      *plan.Tool     `json:"tool,omitempty"`
	Findings  []lint.Finding `json:"findings,omitempty"`
}

// Size is the rows of a table that a statement locks, as the server estimates them.
type Size struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Object is a changed object, with the SQL that makes it before and afterwards.
type Object struct {
	ID          object.ID `json:"object"`
	Action      string    `json:"action"` // add, drop, alter, replace, rename
	RenamedFrom object.ID `json:"renamed_from,omitzero"`
	Before      string    `json:"before,omitempty"`
	After       string    `json:"after,omitempty"`
}

// Subject is what a review is made of, from wherever it comes.
type Subject struct {
	Dialect dialect.Dialect
	Server  safety.Server
	Schema  string // what names without a schema mean; empty: the dialect's default
	Config  lint.Config
	// Current and Desired are the states before and behind; nil where they are not known.
	Current, Desired *object.State
	// Tables are what a saved plan says of the tables that it touches, where the current state is not known; may be nil.
	Tables *safety.Saved
	// Rows are the server's estimates of how many rows tables hold; may be nil.
	Rows map[object.ID]int64
	// Script writes a state down as the plan that makes it; nil: the review tells no definitions.
	Script func(*object.State) (*plan.Plan, error)
}

// model is the model of the database that the first statement meets.
func (s Subject) model() (dialect.Examiner, *safety.Model, bool) {
	ex, ok := s.Dialect.(dialect.Examiner)
	if !ok {
		return nil, nil, false
	}
	if s.saved() {
		m := ex.Model(nil, s.Tables.Schema, s.Tables.On())
		s.Tables.Restore(m)
		return ex, m, true
	}
	m := ex.Model(s.Current, s.Schema, s.Server)
	for id, n := range s.Rows {
		if t := m.Table(safety.Name{Schema: id.Schema, Name: id.Name}); t != nil {
			t.Rows = n
		}
	}
	return ex, m, true
}

// saved reports whether what is known of the tables comes from a saved plan. One that a later version wrote in a form of
// its own is as good as none.
func (s Subject) saved() bool {
	return s.Current == nil && s.Tables != nil && s.Tables.Format == safety.SavedFormat
}

// known reports whether it is known what the statements meet.
func (s Subject) known() bool { return s.Current != nil || s.saved() }

// finish adds what follows from the statements, the changes and the models.
func (s Subject) finish(r *Review, before, after *safety.Model) error {
	r.Format, r.Dialect = Format, s.Dialect.Name()
	r.Statements, r.Hazards = orEmpty(r.Statements), orEmpty(r.Hazards)
	r.Parts, r.Changes = orEmpty(r.Parts), orEmpty(r.Changes)
	if err := s.objects(r); err != nil {
		return err
	}
	if before != nil {
		if ex, ok := s.Dialect.(dialect.Examiner); ok && s.Desired != nil {
			after = ex.Model(s.Desired, s.Schema, s.Server)
		}
		r.Diagram = diagram(before, after, r.Changes)
	}
	r.Summary = summary(r)
	return nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func summary(r *Review) Summary {
	out := Summary{Statements: len(r.Statements)}
	for _, c := range r.Changes {
		switch c.Action {
		case "add":
			out.Add++
		case "drop":
			out.Drop++
		case "replace":
			out.Replace++
		case "rename":
			out.Rename++
		default:
			out.Change++
		}
	}
	for _, h := range r.Hazards {
		out.Silenced += len(h.Suppressed)
		for _, f := range h.Findings {
			switch f.Severity {
			case lint.Error:
				out.Errors++
			case lint.Warning:
				out.Warnings++
			default:
				out.Infos++
			}
		}
	}
	for _, s := range r.Statements {
		out.Losses += len(s.Loses)
	}
	return out
}

// assign gives each statement its findings.
func assign(statements []Statement, found []lint.Finding) {
	type key struct {
		sql string
		pos diag.Pos
	}
	at := map[key]int{}
	for i, s := range statements {
		at[key{s.SQL, s.Pos}] = i
	}
	for _, f := range found {
		if i, ok := at[key{f.SQL, f.Pos}]; ok {
			statements[i].Findings = append(statements[i].Findings, f)
		}
	}
}

// costs fills in what lint knows of a statement.
func (st *Statement) costs(l *lint.Statement) {
	st.Facts = l.Facts
	for _, lock := range l.Facts.Locks {
		for _, a := range l.Acts {
			if t := a.Model.Table(lock.Table); t != nil && t.Rows > 0 {
				st.Tables = append(st.Tables, Size{lock.Table.String(), t.Rows})
				break
			}
		}
	}
	if l.Facts.Loses != "" && len(st.Loses) == 0 {
		st.Loses = []string{l.Facts.Loses}
	}
}

// unexamined is the note of a dialect whose statements nothing is known of.
func unexamined(d dialect.Dialect) string {
	return fmt.Sprintf("the costs and hazards of statements of %s are not known", d.Name())
}

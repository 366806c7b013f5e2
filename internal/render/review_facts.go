package render

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

// fact is one thing that is known of a statement, as people read it.
type fact struct {
	Name, Text string
	// Grave facts deserve a second look.
	Grave bool
}

// factsOf are the facts of a statement in the order in which people ask for them.
func factsOf(s *review.Statement) []fact {
	var out []fact
	add := func(name string, grave bool, format string, args ...any) {
		out = append(out, fact{name, fmt.Sprintf(format, args...), grave})
	}
	f := s.Facts
	for _, l := range f.Locks {
		add("Lock", l.Hold == safety.HoldAll && !f.Online, "%s on %s%s%s", l.Mode, l.Table, rowsOf(s, l.Table), holds(l.Hold))
	}
	if f.Rewrites {
		add("Rewrite", true, "writes every row of the table anew")
	}
	if f.Scans {
		add("Scan", !f.Online, "reads every row of the table")
	}
	for _, n := range f.ScansOther {
		add("Scan", true, "reads every row of %s", n)
	}
	if len(f.Builds) > 0 {
		add("Builds", !f.Online, "%s", builds(f.Builds))
	}
	for _, t := range f.Sizes {
		add("Size", false, "%s: %s", t.Table, plan.Size{Rows: t.Rows, Bytes: t.Bytes + t.Index})
	}
	if f.Takes != "" && f.Heavy() {
		add("Takes", f.Takes == safety.Minutes || f.Takes == safety.Hours, "%s", takes(f.Takes))
	}
	if f.Algorithm != "" {
		add("Algorithm", false, "%s", f.Algorithm)
	}
	if runs := s.Runs.String(); runs != "" {
		add("Runs", s.Runs.Rebuild, "%s", runs)
	}
	if f.Online {
		add("Online", false, "readers and writers go on during the long work")
	}
	if f.NoTx {
		add("Transaction", false, "the server refuses it within one")
	}
	for _, l := range s.Loses {
		add("Loses", true, "%s", l)
	}
	for _, l := range s.MayChange {
		add("May change", false, "%s", l)
	}
	for _, why := range []string{s.Why, f.Why} {
		if why != "" {
			add("Why", false, "%s", why)
		}
	}
	return out
}

// takes is a class of time as people say it.
func takes(c safety.Class) string {
	if c == safety.Instant {
		return "less than a second"
	}
	return string(c)
}

func builds(names []string) string {
	if len(names) == 1 && names[0] == "*" {
		return "all indexes of the table"
	}
	return strings.Join(names, ", ")
}

func rowsOf(s *review.Statement, table safety.Name) string {
	for _, t := range s.Tables {
		if t.Table == table.String() {
			return fmt.Sprintf(" (about %s)", Plural(int(t.Rows), "row"))
		}
	}
	return ""
}

func holds(h safety.Hold) string {
	switch h {
	case safety.HoldAll:
		return ": readers and writers wait"
	case safety.HoldWrites:
		return ": writers wait"
	}
	return ""
}

// ReviewSummary is a review in one line.
func ReviewSummary(r *review.Review) string {
	s := r.Summary
	out := fmt.Sprintf("%s: %s", r.Title, Plural(s.Statements, "statement"))
	var parts []string
	for _, n := range []struct {
		n    int
		verb string
	}{{s.Add, "add"}, {s.Change, "change"}, {s.Drop, "drop"}, {s.Replace, "replace"}, {s.Rename, "rename"}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n.n, n.verb))
		}
	}
	if len(parts) > 0 {
		out += "; " + strings.Join(parts, ", ")
	}
	return out + "; " + hazards(s) + "."
}

func hazards(s review.Summary) string {
	var parts []string
	for _, n := range []struct {
		n    int
		noun string
	}{{s.Errors, "error"}, {s.Warnings, "warning"}, {s.Infos, "info"}} {
		if n.n > 0 {
			parts = append(parts, Plural(n.n, n.noun))
		}
	}
	out := "no hazards"
	if len(parts) > 0 {
		out = "hazards: " + strings.Join(parts, ", ")
	}
	if s.Silenced > 0 {
		out += fmt.Sprintf(" (%d silenced)", s.Silenced)
	}
	return out
}

// statementOf is the number of the statement that a finding is of; zero where it is of none.
func statementOf(r *review.Review, f placed) int {
	for i := range r.Statements {
		if s := &r.Statements[i]; s.SQL == f.SQL && s.Pos == f.Pos {
			return s.Number
		}
	}
	return 0
}

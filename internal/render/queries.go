package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/plan"
)

// shownBroken is how many of the queries are shown that the server refuses before the plan, too.
const shownBroken = 5

// verdict is what is said of queries with one verdict.
type verdict struct {
	of              plan.Verdict
	one, many, said string
}

func verdicts() []verdict {
	return []verdict{
		{plan.Breaks, "breaks", "break", "breaks"},
		{plan.LosesIndex, "loses its index", "lose their index", "loses its index"},
		{plan.OtherResult, "has another result", "have another result", "another result"},
		{plan.OtherIndex, "uses another index", "use another index", "another index"},
		{plan.BrokenBefore, "refused before the plan, too", "refused before the plan, too", "refused before, too"},
		{plan.Unclear, "whose indexes the server does not tell", "whose indexes the server does not tell", "indexes not told"},
		{plan.Mended, "works only afterwards", "work only afterwards", "works only afterwards"},
	}
}

// Queries writes what becomes of known queries, those that break first.
func Queries(w io.Writer, q *plan.Queries, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour}
	t.queries(q, true)
	return t.err
}

// queries tells of queries; of hazards only where they do not stand elsewhere.
func (t *text) queries(q *plan.Queries, hazards bool) {
	t.line("%s", QueriesLine(q))
	shown := 0
	for i := range q.Affected {
		a := &q.Affected[i]
		if !hazards && severityOf(a.Verdict) != string(lint.Info) {
			continue
		}
		if a.Verdict == plan.BrokenBefore {
			if shown++; shown > shownBroken {
				continue
			}
		}
		t.query(a)
	}
	if shown > shownBroken {
		t.line("  %s", t.dim(fmt.Sprintf("… and %d more that are refused before, too; --format json has all", shown-shownBroken)))
	}
	for _, l := range leftLines(q) {
		t.line("  %s", t.dim(l))
	}
	for _, u := range q.Untried {
		t.line("  not run on the copy, as it reaches out to another server: %s", u)
	}
}

// QueriesLine counts the queries on one line.
func QueriesLine(q *plan.Queries) string {
	var parts []string
	for _, v := range verdicts() {
		if n := q.Count(v.of); n > 0 {
			parts = append(parts, verb(n, v.one, v.many))
		}
	}
	parts = append(parts, fmt.Sprintf("%d as before", q.Fine))
	return "Queries, explained on " + q.Server + ": " + strings.Join(parts, ", ") + "."
}

func (t *text) query(a *plan.AffectedQuery) {
	t.line("  %s %s", t.verdict(a.Verdict), queryLine(a))
	if a.Hint != "" {
		t.line("    %s", t.dim(a.Hint))
	}
	for _, c := range a.Causes {
		t.line("    by %s", causeLine(c))
	}
}

// queryLine tells of a query on one line. What a server has recorded has no place, and shows its text instead.
func queryLine(a *plan.AffectedQuery) string {
	name := nameOfQuery(a)
	if a.Pos.IsZero() {
		name += ": " + value(a.SQL)
	}
	return name + ": " + a.Message
}

// nameOfQuery is what a query is called, and where it is from.
func nameOfQuery(a *plan.AffectedQuery) string {
	place := a.Pos.String()
	switch {
	case place == "" && a.Calls > 0:
		return a.Source + " " + a.Name + ", " + Plural(int(a.Calls), "call")
	case place == "":
		return a.Source + " " + a.Name
	case strings.HasPrefix(place, a.Name):
		return a.Name
	}
	return a.Name + " (" + place + ")"
}

// causeLine names a statement on one line.
func causeLine(c plan.QueryCause) string {
	const most = 100
	sql := squeeze(c.SQL)
	if r := []rune(sql); len(r) > most {
		sql = string(r[:most]) + "…"
	}
	return fmt.Sprintf("statement %d (%s): %s", c.Number, c.Object, sql)
}

func saidOf(v plan.Verdict) string {
	for _, known := range verdicts() {
		if known.of == v {
			return known.said + ":"
		}
	}
	return string(v) + ":"
}

func (t *text) verdict(v plan.Verdict) painted {
	switch v {
	case plan.Breaks, plan.LosesIndex:
		return t.red(saidOf(v))
	case plan.OtherResult:
		return t.yellow(saidOf(v))
	}
	return painted(saidOf(v))
}

// queriesPart is the part of a comment that tells of queries.
func queriesPart(q *plan.Queries) string {
	var b strings.Builder
	for i := range q.Affected {
		a := &q.Affected[i]
		line := "- **" + saidOf(a.Verdict) + "** " + cell(queryLine(a))
		for _, c := range a.Causes {
			line += "; by " + cell(causeLine(c))
		}
		b.WriteString(line + "\n")
	}
	for _, l := range leftLines(q) {
		b.WriteString("- " + cell(l) + "\n")
	}
	return b.String()
}

// leftLines tell what of the sources was not asked.
func leftLines(q *plan.Queries) []string {
	var out []string
	for _, s := range q.Sources {
		for _, l := range s.Left {
			line := fmt.Sprintf("left out of %s: %s, %s", s.Name, Plural(l.Count, "statement"), l.Reason)
			if len(l.Places) > 0 {
				line += " (" + strings.Join(l.Places, ", ")
				if l.Count > len(l.Places) {
					line += ", …"
				}
				line += ")"
			}
			out = append(out, line)
		}
		if s.Queries == 0 {
			out = append(out, s.Name+" holds no query")
		}
	}
	return out
}

package queries

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// gravity orders the verdicts.
func gravity(v plan.Verdict) int {
	return slices.Index([]plan.Verdict{plan.Breaks, plan.LosesIndex, plan.OtherResult, plan.OtherIndex, plan.BrokenBefore, plan.Unclear, plan.Mended}, v)
}

// judge holds what the server said before the plan against what it says behind it.
func judge(list []Query, before, after []outcome, c *causes) *plan.Queries {
	out := &plan.Queries{Affected: []plan.AffectedQuery{}}
	for i := range list {
		found := compare(&list[i], before[i], after[i], c)
		if len(found) == 0 {
			out.Fine++
			continue
		}
		slices.SortStableFunc(found, func(a, b finding) int { return gravity(a.Verdict) - gravity(b.Verdict) })
		a := found[0].AffectedQuery
		for _, more := range found[1:] {
			a.Message += "; " + more.Message
			for i := range more.Causes {
				a.Causes = addCause(a.Causes, &more.Causes[i])
			}
		}
		q := &list[i]
		a.Name, a.Source, a.Pos, a.SQL, a.Calls = q.Name, q.Source, q.Pos, q.Text, q.Calls
		out.Affected = append(out.Affected, a)
	}
	slices.SortStableFunc(out.Affected, func(a, b plan.AffectedQuery) int { return gravity(a.Verdict) - gravity(b.Verdict) })
	return out
}

// finding is one thing that happens to a query.
type finding struct{ plan.AffectedQuery }

func found(v plan.Verdict, format string, args ...any) finding {
	return finding{plan.AffectedQuery{Verdict: v, Message: fmt.Sprintf(format, args...)}}
}

func compare(q *Query, before, after outcome, c *causes) []finding {
	switch {
	case before.refusal != nil && after.refusal != nil:
		return []finding{found(plan.BrokenBefore, "%s (%s)", before.refusal.Message, before.refusal.Code)}
	case before.refusal != nil:
		return []finding{found(plan.Mended, "before the plan: %s (%s)", before.refusal.Message, before.refusal.Code)}
	case after.refusal != nil:
		f := found(plan.Breaks, "%s (%s)", after.refusal.Message, after.refusal.Code)
		f.Hint = after.refusal.Hint
		f.Causes = addCause(nil, c.ofRefusal(q.Text, after.refusal.Message, before.Reads))
		return []finding{f}
	}
	var out []finding
	if diff := differences(before.Columns, after.Columns); diff != "" {
		out = append(out, found(plan.OtherResult, "%s", diff))
	}
	if before.Shallow != "" || after.Shallow != "" {
		if before.Shallow == after.Shallow {
			return out
		}
		return append(out, found(plan.Unclear, "before: %s; afterwards: %s", cmp.Or(before.Shallow, "tables are read"), cmp.Or(after.Shallow, "tables are read")))
	}
	return append(out, reads(before, after, c)...)
}

// access is how a query reads a table, wherever it does.
type access struct {
	whole, searched int
	indexes, orders []string
}

// accesses sums up the reads of each table under the names that tables and indexes have behind the plan.
func accesses(list []dialect.Read, table func(object.ID) object.ID, index func(object.ID, string) string) (map[object.ID]access, []object.ID) {
	out := map[object.ID]access{}
	var order []object.ID
	for _, r := range list {
		id := table(r.Table)
		a, known := out[id]
		if !known {
			order = append(order, id)
		}
		if len(r.Search) == 0 {
			a.whole++
		} else {
			a.searched++
		}
		for _, name := range r.Search {
			a.indexes = append(a.indexes, index(r.Table, name))
		}
		if r.Order != "" {
			a.orders = append(a.orders, index(r.Table, r.Order))
		}
		out[id] = a
	}
	return out, order
}

// reads compares how the tables are read.
func reads(before, after outcome, c *causes) []finding {
	was, order := accesses(before.Reads, c.later, c.laterIndex)
	is, _ := accesses(after.Reads, func(id object.ID) object.ID { return id }, func(_ object.ID, name string) string { return name })
	more := wholes(after.Reads) > wholes(before.Reads)
	var out []finding
	for _, id := range order {
		a, b := was[id], is[id]
		gone := without(a.indexes, b.indexes)
		var f finding
		switch {
		case more && b.whole > a.whole && b.searched < a.searched:
			if len(gone) == 0 {
				gone = without(a.indexes, nil)
			}
			f = found(plan.LosesIndex, "%s is read whole, which %s served", id, indexes(gone))
		case after.Sorts > before.Sorts && len(without(a.orders, b.orders)) > 0 && b.whole > 0:
			gone = without(a.orders, b.orders)
			f = found(plan.LosesIndex, "%s is read whole and sorted, which was read in the order of %s", id, indexes(gone))
		case len(gone) > 0 && b.searched > 0:
			f = found(plan.OtherIndex, "%s is found by %s, and no longer by %s", id, indexes(without(b.indexes, nil)), indexes(gone))
		default:
			continue
		}
		f.Table, f.Index = id.String(), gone[0]
		for _, index := range gone {
			f.Causes = addCause(f.Causes, c.ofIndex(id, index))
		}
		out = append(out, f)
	}
	return out
}

// wholes counts the tables that are read whole.
func wholes(list []dialect.Read) int {
	n := 0
	for _, r := range list {
		if len(r.Search) == 0 {
			n++
		}
	}
	return n
}

// addCause adds a cause that is known and new.
func addCause(list []plan.QueryCause, c *plan.QueryCause) []plan.QueryCause {
	if c == nil || slices.ContainsFunc(list, func(o plan.QueryCause) bool { return o.Number == c.Number && o.Object == c.Object }) {
		return list
	}
	return append(list, *c)
}

// without lists once what is not among the others.
func without(list, others []string) []string {
	var out []string
	for _, name := range list {
		if !slices.Contains(others, name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func indexes(names []string) string {
	if len(names) == 1 {
		return "index " + names[0]
	}
	return "indexes " + strings.Join(names, ", ")
}

// differences tells how results differ: column by column where there are equally many, else by name.
func differences(a, b []dialect.ResultColumn) string {
	var out []string
	if len(a) == len(b) {
		for i := range a {
			if d := difference(a[i], b[i]); d != "" {
				out = append(out, d)
			}
		}
	} else {
		out = append(missing(a, b, "is gone"), missing(b, a, "is new")...)
		if len(out) == 0 {
			out = []string{fmt.Sprintf("%d columns, which were %d", len(b), len(a))}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "the result differs: " + strings.Join(out, ", ")
}

func difference(a, b dialect.ResultColumn) string {
	switch typed := a.Type != "" && b.Type != "" && a.Type != b.Type; {
	case a.Name != b.Name && typed:
		return fmt.Sprintf("%s %s → %s %s", a.Name, a.Type, b.Name, b.Type)
	case a.Name != b.Name:
		return fmt.Sprintf("%s → %s", a.Name, b.Name)
	case typed:
		return fmt.Sprintf("%s %s → %s", a.Name, a.Type, b.Type)
	}
	return ""
}

func missing(list, others []dialect.ResultColumn, what string) []string {
	var out []string
	for _, c := range list {
		if !slices.ContainsFunc(others, func(o dialect.ResultColumn) bool { return o.Name == c.Name }) {
			out = append(out, c.Name+" "+what)
		}
	}
	return out
}

package prove

import (
	"context"
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// table is what a table with rows held before the plan.
type table struct {
	id        object.ID
	same      []string // the columns whose values must stay
	converted []string // the columns whose values the plan says it changes
	sum       dialect.Digest
	each      []dialect.Digest // of the converted columns
}

// fill makes up rows and remembers those that must survive.
func (t *trial) fill(ctx context.Context) error {
	desired := t.desired
	if desired == nil {
		desired = t.Whole
	}
	rows, err := t.Lender.Fill(ctx, t.Whole, desired)
	if err != nil {
		return err
	}
	gone, altered := t.announced()
	for _, r := range rows {
		if r.Count == 0 {
			t.proof.Empty = append(t.proof.Empty, plan.Unfilled{Table: r.Table, Reason: r.Reason})
			continue
		}
		t.proof.Tables++
		t.proof.Rows += r.Count
		if !gone[r.Table] {
			t.watch(r, gone, altered)
		}
	}
	for i := range t.tables {
		if err := t.measure(ctx, &t.tables[i]); err != nil {
			return err
		}
	}
	return nil
}

// announced are the objects that the plan says it drops, and those that it says it changes.
func (t *trial) announced() (gone, altered map[object.ID]bool) {
	gone, altered = map[object.ID]bool{}, map[object.ID]bool{}
	for _, c := range t.plan.Changes {
		switch c.Action {
		case "drop":
			gone[c.ID] = true
		case "replace": // the plan says that its rows go, or it may not do so
			if t.loses(c.ID) {
				gone[c.ID] = true
			}
			altered[c.ID] = true
		case "alter", "rename":
			altered[c.ID] = len(c.Attrs) > 0
		}
	}
	for _, o := range t.Whole.All() { // values change with their types
		for _, n := range o.Needs {
			if altered[n] && n != o.Parent {
				altered[o.ID] = true
			}
		}
	}
	return gone, altered
}

// loses reports whether a step of the object says that it loses something.
func (t *trial) loses(id object.ID) bool {
	return slices.ContainsFunc(t.plan.Steps(), func(s *plan.Step) bool {
		if s.ID == id && s.Loses != "" {
			return true
		}
		return slices.ContainsFunc(s.Parts, func(p plan.Part) bool { return p.ID == id && p.Loses != "" })
	})
}

func (t *trial) watch(r dialect.Rows, gone, altered map[object.ID]bool) {
	w := table{id: r.Table}
	for _, name := range r.Columns {
		id := object.ID{Kind: "column", Schema: r.Table.Schema, Table: r.Table.Name, Name: name}
		switch {
		case gone[id]:
		case altered[id], altered[t.later(id)]:
			w.converted = append(w.converted, name)
		default:
			w.same = append(w.same, name)
		}
	}
	t.tables = append(t.tables, w)
}

func (t *trial) measure(ctx context.Context, w *table) (err error) {
	if w.sum, err = t.Lender.Digest(ctx, w.id, w.same); err != nil {
		return fmt.Errorf("read the rows of %s: %w", w.id, err)
	}
	w.each = make([]dialect.Digest, len(w.converted))
	for i, c := range w.converted {
		if w.each[i], err = t.Lender.Digest(ctx, w.id, []string{c}); err != nil {
			return fmt.Errorf("read the column %s of %s: %w", c, w.id, err)
		}
	}
	return nil
}

// count compares the rows with what they were.
func (t *trial) count(ctx context.Context) error {
	for _, before := range t.tables {
		now := t.renamed(before)
		if err := t.measure(ctx, &now); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			t.lost(before.id, "its rows cannot be read any more: %v", message(err))
			continue
		}
		switch {
		case now.sum.Count != before.sum.Count:
			t.lost(before.id, "held %d rows and now holds %d", before.sum.Count, now.sum.Count)
		case now.sum.Sum != before.sum.Sum:
			t.lost(before.id, "holds other values in columns that the plan does not say it changes")
		}
		t.countConverted(before, now)
	}
	return nil
}

// later is what an object is called after the plan.
func (t *trial) later(id object.ID) object.ID {
	now := id
	for _, c := range t.plan.Changes {
		was := c.RenamedFrom
		switch {
		case was.IsZero():
		case was == id:
			return c.ID
		case was.Kind == id.Kind && was.Name == id.Name && c.ID.Schema == now.Schema && c.ID.Table == now.Table && id.Table != "":
			now.Name = c.ID.Name
		case was.Kind == "table" && was.Schema == id.Schema && was.Name == id.Table && id.Table != "":
			now.Table = c.ID.Name
		}
	}
	return now
}

// renamed is the table under the names that it and its columns have after the plan.
func (t *trial) renamed(w table) table {
	out := table{id: t.later(w.id)}
	name := func(c string) string {
		return t.later(object.ID{Kind: "column", Schema: w.id.Schema, Table: w.id.Name, Name: c}).Name
	}
	for _, c := range w.same {
		out.same = append(out.same, name(c))
	}
	for _, c := range w.converted {
		out.converted = append(out.converted, name(c))
	}
	return out
}

// countConverted looks at the columns that the plan says it changes: their values may differ, but not vanish.
func (t *trial) countConverted(before, now table) {
	for i, c := range before.converted {
		id := object.ID{Kind: "column", Schema: before.id.Schema, Table: before.id.Name, Name: c}
		switch was, is := before.each[i], now.each[i]; {
		case is.Filled[now.converted[i]] < was.Filled[c]:
			t.lost(id, "held %d values and now holds %d", was.Filled[c], is.Filled[now.converted[i]])
		case is.Sum != was.Sum:
			t.proof.Converted = append(t.proof.Converted, id)
		}
	}
}

func (t *trial) lost(id object.ID, format string, args ...any) {
	t.fail(plan.Disproof{Stage: plan.StageRows, Object: id, Message: fmt.Sprintf(format, args...)})
}

package kind

import (
	"slices"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Online says for which tables changes are split, so that others go on reading and writing meanwhile. The zero Online
// splits none.
type Online struct {
	// Always means all tables that are there before; else those of more than Over rows of which Rows tells.
	Always bool
	Over   int64
	Rows   map[object.ID]int64
	// Without names the ways of splitting that are turned off.
	Without []string
}

// Busy reports whether others may be expected to use a table or materialized view while the plan runs.
func (c *Context) Busy(table object.ID) bool {
	if !c.From.Has(table) {
		return false
	}
	o := c.Policy.Online
	rows, known := o.Rows[table]
	return o.Always || known && rows > o.Over
}

// Splits reports whether a change of a table is to be split in the named way: the table is in use, and stays.
func (c *Context) Splits(table object.ID, way string) bool {
	return c.Busy(table) && c.To.Has(table) && !c.Goes(table) && !slices.Contains(c.Policy.Online.Without, way)
}

// busy lists those of the tables that a step locks which others use meanwhile.
func (p *planner) busy(st *plan.Step) []object.ID {
	var out []object.ID
	for _, id := range append([]object.ID{st.Owner}, st.Busy...) {
		if p.ctx.Busy(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// postpone puts what is dropped and made again next to the split changes that it is a part of, or rests on: it is to be gone
// no longer than it must, and nothing slow may happen meanwhile.
func (p *planner) postpone(steps []*plan.Step) {
	late := map[object.ID]bool{}
	for _, st := range steps {
		if st.Online != "" {
			late[st.ID] = true
		}
	}
	rests := func(o *object.Object) bool {
		return slices.ContainsFunc(o.Needs, func(id object.ID) bool { return late[id] })
	}
	for again := len(late) > 0; again; {
		again = false
		for _, id := range p.order {
			if c := p.byID[id]; c.Action == Replace && !late[id] && (rests(c.From) || rests(c.To)) {
				late[id], again = true, true
			}
		}
	}
	for _, st := range steps {
		st.Late = late[st.ID] && p.byID[st.ID] != nil && p.byID[st.ID].Action == Replace
	}
}

package kind

import (
	"slices"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// part takes a cycle of steps apart, and reports whether it could: an object that is altered so that it lets go of
// another, which must be gone before a third is altered, on which the first one rests, is dropped and made again instead.
func (p *planner) part(cycle *plan.Cycle) bool {
	gone := map[object.ID]bool{}
	for _, st := range cycle.Steps {
		for _, id := range st.Drops {
			gone[id] = true
		}
	}
	parted := false
	for _, st := range cycle.Steps {
		c := p.byID[st.ID]
		if c == nil || c.Action != Alter || c.From == nil || !slices.ContainsFunc(st.Releases, func(id object.ID) bool { return gone[id] }) {
			continue
		}
		if k, err := p.set.of(c.From); err != nil || k.rows(c.From.Value) || k.light {
			continue
		}
		c.Action, c.Reason = Replace, "lets go of what must be gone before it"
		delete(p.edits, c.ID)
		p.order = append(p.order, c.ID) // its own dependents follow
		parted = true
	}
	return parted
}

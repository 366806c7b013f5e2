package kind

import (
	"slices"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// part takes a cycle of steps apart, and reports whether it could: an object that is altered so that it lets go of
// another, which must be gone before a third is altered, on which the first one rests, is dropped and made again instead.
// So is one that lets go of another which is altered before the third can be made.
func (p *planner) part(cycle *plan.Cycle) bool {
	gone, altered := map[object.ID]bool{}, map[object.ID]bool{}
	for _, st := range cycle.Steps {
		for _, id := range st.Drops {
			gone[id] = true
		}
		if st.Op == plan.Alter {
			for _, id := range st.Makes {
				altered[id] = true
			}
		}
	}
	return p.replaceReleasing(cycle, gone) || p.replaceReleasing(cycle, altered)
}

// replaceReleasing replaces what is altered in the cycle so that it lets go of one of the objects.
func (p *planner) replaceReleasing(cycle *plan.Cycle, gone map[object.ID]bool) bool {
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

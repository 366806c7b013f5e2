package kind

import (
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// remake tells what undoes the drop of an object that holds rows: what makes it again with all that its drop takes along,
// as a plan in the other direction does. The rows do not come back. It is empty where it cannot be made so.
func (p *planner) remake(o *object.Object) func(parts []*plan.Step) []string {
	return func(parts []*plan.Step) []string {
		back := &planner{set: p.set, ctx: p.back, back: p.ctx, byID: map[object.ID]*Change{}}
		back.add(o)
		for _, part := range parts {
			back.add(p.ctx.From.Get(part.ID))
		}
		p.addSilent(back, o)
		steps, err := back.ordered()
		if err != nil {
			return nil
		}
		out := make([]string, 0, len(steps))
		for _, st := range steps {
			if st.Masked {
				return nil // a secret is in no plan
			}
			out = append(out, st.SQL)
		}
		return out
	}
}

// addSilent adds what goes with an object without a step that says so: the comment on a column of a table, an owner.
func (p *planner) addSilent(back *planner, o *object.Object) {
	for _, child := range p.dependents(o.ID) {
		if child.Parent != o.ID {
			continue
		}
		if !p.dropped[child.ID] {
			back.add(child)
		}
		p.addSilent(back, child)
	}
}

func (p *planner) add(o *object.Object) {
	if o == nil || p.byID[o.ID] != nil {
		return
	}
	p.byID[o.ID] = &Change{Action: Add, ID: o.ID, To: o}
	p.order = append(p.order, o.ID)
}

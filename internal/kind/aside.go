package kind

import (
	"cmp"

	"github.com/schemactl/schemactl/internal/plan"
)

// makeWay drops an object whose users hold data and move over to one of another kind that has its name.
func (p *planner) makeWay(out []*plan.Step, c *Change) ([]*plan.Step, error) {
	k, err := p.set.of(c.From)
	if err != nil {
		return out, err
	}
	rename, remove := k.aside(p.ctx, c.From)
	remove.Loses = "the definition of " + c.ID.String()
	return append(out, p.away(c, k, &rename), p.gone(c, k, &remove)), nil
}

// away completes the step that moves an object out of the way.
func (p *planner) away(c *Change, k Kind, rename *plan.Step) *plan.Step {
	st := p.finish(rename, plan.Alter, cmp.Or(c.To, c.From), k)
	st.Drops = append(st.Drops, c.ID)
	st.Frees = append(st.Frees, c.From.Claims...)
	st.Takes = append(st.Takes, stepClaim(c.ID))
	for _, n := range c.From.Needs {
		if p.asides[n] {
			st.Frees = append(st.Frees, stepClaim(n))
		}
	}
	return st
}

// gone completes the step that drops an object which stands aside.
func (p *planner) gone(c *Change, k Kind, remove *plan.Step) *plan.Step {
	st := p.finish(remove, plan.Drop, cmp.Or(c.To, c.From), k)
	st.Takes = append(st.Takes, asideClaim(c.ID))
	for _, n := range c.From.Needs {
		if p.asides[n] {
			st.Frees = append(st.Frees, asideClaim(n))
		} else {
			st.Releases = append(st.Releases, n)
		}
	}
	return st
}

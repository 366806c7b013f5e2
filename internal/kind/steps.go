package kind

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Plan turns the changes between two states into ordered steps. The changes come back too, with those that need a
// replacement marked, and with the objects that had to be taken down and put back because of another change.
func (s *Set) Plan(from, to *object.State, changes []Change, policy Policy) ([]Change, []*plan.Step, error) {
	from, to = s.Untie(from, to)
	p := &planner{
		set: s, ctx: &Context{From: from, To: to, Policy: policy}, back: &Context{From: to, To: from, Policy: Policy{Server: policy.Server}},
		dependents: from.Dependents(),
		byID:       make(map[object.ID]*Change, len(changes)),
		edits:      map[object.ID]plan.Edit{},
		carries:    map[object.ID][]plan.Step{},
		asides:     map[object.ID]bool{},
		dropped:    map[object.ID]bool{},
	}
	p.ctx.goes = p.goes
	changed := slices.Clone(changes) // the planner marks its own
	p.order = make([]object.ID, 0, len(changed))
	for i := range changed {
		c := &changed[i]
		p.byID[c.ID] = c
		p.order = append(p.order, c.ID)
	}
	for {
		if err := p.decide(); err != nil {
			return nil, nil, err
		}
		ordered, err := p.ordered()
		if err == nil {
			return p.changes(), ordered, nil
		}
		if cycle := (*plan.Cycle)(nil); !errors.As(err, &cycle) || !p.part(cycle) {
			return nil, nil, err
		}
	}
}

func (p *planner) ordered() ([]*plan.Step, error) {
	steps, err := p.steps()
	if err != nil {
		return nil, err
	}
	if p.set.arrange != nil {
		p.set.arrange(p.ctx, steps)
	}
	return plan.Order(steps)
}

type planner struct {
	set        *Set
	ctx, back  *Context // back leads the other way
	dependents func(object.ID) []*object.Object
	byID       map[object.ID]*Change
	order      []object.ID // of byID; grows while dependents are drawn in
	decided    int         // how many of order are
	edits      map[object.ID]plan.Edit
	carries    map[object.ID][]plan.Step // steps that move objects with data over to replaced ones
	asides     map[object.ID]bool        // replaced objects whose old version stands aside meanwhile
	dropped    map[object.ID]bool        // objects that have a drop of their own, folded or not
}

// decide asks each altered object how it changes, and draws in the dependents that must give way.
func (p *planner) decide() error {
	for ; p.decided < len(p.order); p.decided++ {
		c := p.byID[p.order[p.decided]]
		var err error
		switch c.Action {
		case Alter:
			err = p.decideAlter(c)
		case Drop, Replace:
			err = p.takeDown(c)
		}
		if err != nil {
			return err
		}
		p.renewParent(c)
	}
	p.standAsideToo()
	return nil
}

// renewParent replaces what an object belongs to where only a new version of it can have the object.
func (p *planner) renewParent(c *Change) {
	if c.Action != Add && c.Action != Replace {
		return
	}
	k, err := p.set.of(c.To)
	from, to := p.ctx.From.Get(c.To.Parent), p.ctx.To.Get(c.To.Parent)
	if err != nil || k.renews == nil || from == nil || to == nil || p.goes(from.ID) {
		return
	}
	reason := k.renews(p.ctx, c.To)
	if reason == "" {
		return
	}
	parent, known := p.byID[from.ID]
	if !known {
		parent = &Change{ID: from.ID, From: from, To: to}
		p.byID[from.ID] = parent
	}
	parent.Action, parent.Reason = Replace, reason
	delete(p.edits, from.ID)
	p.order = append(p.order, from.ID)
}

// standAsideToo lets what an old version that stands aside rests on stand aside with it, if it is replaced too.
func (p *planner) standAsideToo() {
	pending := slices.SortedFunc(maps.Keys(p.asides), object.Compare)
	for len(pending) > 0 {
		old := p.byID[pending[0]].From
		pending = pending[1:]
		for _, id := range old.Needs {
			c := p.byID[id]
			if c == nil || c.Action != Replace || p.asides[id] {
				continue
			}
			if k, err := p.set.of(c.From); err == nil && k.aside != nil {
				p.asides[id] = true
				pending = append(pending, id)
			}
		}
	}
}

func (p *planner) decideAlter(c *Change) error {
	k, err := p.set.of(c.To)
	if err != nil {
		return err
	}
	if len(c.Attrs) == 0 {
		return nil // it only follows another object
	}
	attrs := NewAttrs(c.Attrs)
	edit, err := k.alter(p.ctx, c.From, c.To, attrs)
	if err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	if edit.Replaced() {
		return p.replace(c, edit.Reason)
	}
	if left := attrs.Left(); len(left) > 0 {
		return fmt.Errorf("internal error: nothing plans a change of %s on %s", strings.Join(left, ", "), c.ID)
	}
	p.edits[c.ID] = edit
	if edit.Disturbs != nil {
		return p.disturb(c.From, edit.Disturbs)
	}
	return nil
}

func (p *planner) replace(c *Change, reason string) error {
	c.Action, c.Reason = Replace, reason
	delete(p.edits, c.ID)
	return p.takeDown(c)
}

// takeDown draws in the dependents of an object that is dropped, for good or to be made again.
func (p *planner) takeDown(c *Change) error {
	if err := p.standAside(c); err != nil {
		return err
	}
	if k, err := p.set.of(c.From); err == nil && k.along != nil {
		for _, id := range k.along(p.ctx, c.From) {
			p.goesAlong(c.From.ID, id)
		}
	}
	return p.disturb(c.From, func(*object.Object) bool { return true })
}

// goesAlong marks an object that goes with another and is to be there.
func (p *planner) goesAlong(with, id object.ID) {
	from, to := p.ctx.From.Get(id), p.ctx.To.Get(id)
	if from == nil || to == nil {
		return
	}
	c, known := p.byID[id]
	switch {
	case !known:
		p.byID[id] = &Change{Action: Replace, ID: id, From: from, To: to, Reason: "goes with " + with.String()}
	case c.Action == Alter:
		c.Action, c.Reason = Replace, "goes with "+with.String()
		delete(p.edits, id)
	default:
		return
	}
	p.order = append(p.order, id)
}

// standAside decides whether the old version of a replaced object must stay until its users have moved over, and
// plans the move.
func (p *planner) standAside(c *Change) error {
	if k, err := p.set.of(c.From); err != nil || k.aside == nil {
		return err
	}
	for _, dep := range p.dependents(c.ID) {
		k, err := p.set.of(dep)
		if err != nil {
			return err
		}
		to := p.ctx.To.Get(dep.ID)
		if to == nil || k.carry == nil || !k.rows(dep.Value) {
			continue
		}
		anew, ok := p.anew(c, to)
		if !ok {
			continue
		}
		p.asides[c.ID] = true
		if err := p.carry(k, dep, to, anew); err != nil {
			return err
		}
	}
	return nil
}

// anew is what a user of an object that goes moves over to: its new version, or an object of another kind that takes its
// name.
func (p *planner) anew(c *Change, user *object.Object) (object.ID, bool) {
	if c.Action == Replace {
		return c.ID, slices.Contains(user.Needs, c.ID)
	}
	for _, n := range user.Needs {
		to := p.ctx.To.Get(n)
		if to != nil && !p.ctx.From.Has(n) && slices.ContainsFunc(to.Claims, func(name string) bool { return slices.Contains(c.From.Claims, name) }) {
			return n, true
		}
	}
	return object.ID{}, false
}

func (p *planner) carry(k Kind, from, to *object.Object, anew object.ID) error {
	if p.goes(from.ID) {
		return nil
	}
	edit, err := k.carry(p.ctx, from, to, anew)
	if err != nil {
		return fmt.Errorf("%s: %w", from.ID, err)
	}
	if _, known := p.byID[from.ID]; !known {
		p.byID[from.ID] = &Change{Action: Alter, ID: from.ID, From: from, To: to, Reason: "follows " + anew.String()}
		p.order = append(p.order, from.ID)
	}
	if len(p.carries[from.ID]) == 0 {
		p.carries[from.ID] = edit.Steps
	}
	if edit.Disturbs != nil {
		return p.disturb(from, edit.Disturbs)
	}
	return nil
}

// disturb marks the dependents of an object that must be taken down and put back.
func (p *planner) disturb(o *object.Object, which func(*object.Object) bool) error {
	for _, dep := range p.dependents(o.ID) {
		to := p.ctx.To.Get(dep.ID)
		if p.set.isLoose(dep) && p.ctx.To.Has(dep.Parent) {
			to = dep
		}
		if to == nil || !which(dep) {
			continue // a dropped dependent goes first anyway
		}
		k, err := p.set.of(dep)
		if err != nil {
			return err
		}
		c, known := p.byID[dep.ID]
		if known && dep.Parent != o.ID && !slices.Contains(to.Needs, o.ID) {
			continue // its own alteration lets go of the object
		}
		if k.rows(dep.Value) && dep.Parent != o.ID {
			continue // never dropped for the sake of another object
		}
		reason := "depends on " + o.ID.String()
		switch {
		case !known:
			c = &Change{Action: Replace, ID: dep.ID, From: dep, To: to, Reason: reason}
			p.byID[dep.ID] = c
			p.order = append(p.order, dep.ID)
		case c.Action == Alter:
			c.Action, c.Reason = Replace, reason
			delete(p.edits, dep.ID)
			delete(p.carries, dep.ID)
			p.order = append(p.order, dep.ID) // its own dependents follow
		}
	}
	return nil
}

func (p *planner) steps() ([]*plan.Step, error) {
	ids := p.ids()
	out := make([]*plan.Step, 0, len(ids))
	for _, id := range ids {
		c := p.byID[id]
		var err error
		switch c.Action {
		case Add:
			out, err = p.create(out, c)
		case Drop:
			if p.asides[id] {
				out, err = p.makeWay(out, c)
			} else {
				out, err = p.drop(out, c)
			}
		case Alter:
			out = p.alter(out, c)
		case Replace:
			if p.asides[id] {
				out, err = p.swap(out, c)
			} else {
				out, err = p.dropAndCreate(out, c)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("plan %s: %w", id, err)
		}
	}
	p.postpone(out)
	return out, nil
}

// ids lists the changed objects once each, ordered.
func (p *planner) ids() []object.ID {
	ids := slices.Clone(p.order)
	slices.SortFunc(ids, object.Compare)
	return slices.Compact(ids)
}

func (p *planner) changes() []Change {
	ids := p.ids()
	out := make([]Change, 0, len(ids))
	for _, id := range ids {
		out = append(out, *p.byID[id])
	}
	return out
}

func (p *planner) create(out []*plan.Step, c *Change) ([]*plan.Step, error) {
	k, err := p.set.of(c.To)
	if err != nil {
		return out, err
	}
	steps, err := k.create(p.ctx, c.To)
	if err != nil {
		return out, err
	}
	for i := range steps {
		st := p.finish(&steps[i], plan.Create, c.To, k)
		if !st.Ahead && (i == 0 || steps[0].Fold == nil) { // what is folded into the first step cannot wait for the rest
			st.Makes = append(st.Makes, c.To.ID)
		}
		st.Needs = append(st.Needs, c.To.Needs...)
		st.Prefers = append(st.Prefers, c.To.Mentions...)
		if !st.Ahead {
			st.Takes = append(st.Takes, c.To.Claims...)
		}
		out = append(out, st)
	}
	chain(c.ID, steps)
	return out, nil
}

func (p *planner) drop(out []*plan.Step, c *Change) ([]*plan.Step, error) {
	k, err := p.set.of(c.From)
	if err != nil {
		return out, err
	}
	steps, err := k.drop(p.ctx, c.From)
	if err != nil {
		return out, err
	}
	p.completeReverse(k, c.From, steps)
	p.dropped[c.ID] = p.dropped[c.ID] || len(steps) > 0
	for i := range steps {
		st := p.finish(&steps[i], plan.Drop, c.From, k)
		st.Drops = append(st.Drops, c.From.ID)
		st.Releases = append(st.Releases, c.From.Needs...)
		st.Frees = append(st.Frees, c.From.Claims...)
		switch {
		case c.Action == Replace && !k.rows(c.From.Value):
			st.Loses = "" // it comes back in the same plan
		case c.Action == Drop && i == 0 && st.Loses == "" && c.From.Parent.IsZero() && !k.light:
			st.Loses = "the definition of " + c.ID.String()
		}
		if p.goes(c.From.Parent) && !k.apart {
			st.Into = plan.Ref{Op: plan.Drop, ID: c.From.Parent}
			st.Loses = "" // the parent's drop says what is lost
			st.Prefix, st.Clause = "", ""
		}
		out = append(out, st)
	}
	chain(c.ID, steps)
	return out, nil
}

// dropAndCreate replaces an object: the old one goes before the new one comes.
func (p *planner) dropAndCreate(out []*plan.Step, c *Change) ([]*plan.Step, error) {
	start := len(out)
	out, err := p.drop(out, c)
	if err != nil {
		return out, err
	}
	made := len(out)
	if out, err = p.create(out, c); err != nil || made == start || made == len(out) {
		return out, err
	}
	dropped := out[made-1]
	for made < len(out)-1 && out[made].Ahead {
		ahead := c.ID.String() + ", beside"
		out[made].Frees, out[start].Takes = append(out[made].Frees, ahead), append(out[start].Takes, ahead)
		made++
	}
	gone := c.ID.String() + ", gone"
	dropped.Frees, out[made].Takes = append(dropped.Frees, gone), append(out[made].Takes, gone)
	return out, nil
}

// completeReverse adds to what undoes a drop the steps that follow the creation of such an object, such as those that
// disable it. What undoes the drop of a table or of one of its columns is known only with the drops that go along.
func (p *planner) completeReverse(k Kind, from *object.Object, steps []plan.Step) {
	if len(steps) == 1 && len(steps[0].Reverse) == 0 && k.rows(from.Value) {
		steps[0].Remake = p.remake(from)
		return
	}
	if len(steps) != 1 || len(steps[0].Reverse) != 1 {
		return
	}
	create, err := k.create(p.back, from)
	if err != nil {
		steps[0].Reverse = nil
		return
	}
	for i := 1; i < len(create); i++ {
		sql := create[i].SQL
		if sql == "" {
			sql = create[i].Prefix + create[i].Clause
		}
		steps[0].Reverse = append(steps[0].Reverse, sql)
	}
}

// goes reports whether the object is dropped, for good or to be replaced.
func (p *planner) goes(id object.ID) bool {
	c := p.byID[id]
	return c != nil && (c.Action == Drop || c.Action == Replace)
}

func (p *planner) alter(out []*plan.Step, c *Change) []*plan.Step {
	k, _ := p.set.of(c.To)
	steps := append(slices.Clone(p.carries[c.ID]), p.edits[c.ID].Steps...)
	for i := range steps {
		st := p.finish(&steps[i], plan.Alter, c.To, k)
		st.Makes = append(st.Makes, c.To.ID)
		st.Needs = append(st.Needs, c.To.Needs...)
		st.Prefers = append(st.Prefers, c.To.Mentions...)
		st.Takes = append(st.Takes, without(c.To.Claims, c.From.Claims)...)
		st.Frees = append(st.Frees, without(c.From.Claims, c.To.Claims)...)
		for _, n := range c.From.Needs {
			switch {
			case p.asides[n]:
				st.Frees = append(st.Frees, asideClaim(n))
			case !slices.Contains(c.To.Needs, n):
				st.Releases = append(st.Releases, n)
			}
		}
		out = append(out, st)
	}
	chain(c.ID, steps)
	return out
}

// without lists the claims that others lack.
func without(claims, others []string) []string {
	return slices.DeleteFunc(slices.Clone(claims), func(c string) bool { return slices.Contains(others, c) })
}

// asideClaim holds back the drop of an object that stands aside until the last user has moved over.
func asideClaim(id object.ID) string { return id.String() + ", aside" }

// stepClaim holds back the renaming of an object that what stands aside with it is still called by.
func stepClaim(id object.ID) string { return id.String() + ", steps aside" }

// swap replaces an object whose users hold data: the old one steps aside, the new one is made, the users move over in
// steps of their own, and the old one goes.
func (p *planner) swap(out []*plan.Step, c *Change) ([]*plan.Step, error) {
	k, err := p.set.of(c.From)
	if err != nil {
		return out, err
	}
	rename, remove := k.aside(p.ctx, c.From)
	first, last := p.away(c, k, &rename), p.gone(c, k, &remove)
	made := len(out) + 1
	if out, err = p.create(append(out, first), c); err != nil {
		return out, err
	}
	away := c.ID.String() + ", away"
	first.Frees, out[made].Takes = append(first.Frees, away), append(out[made].Takes, away)
	for _, st := range out[made:] {
		st.Frees = append(st.Frees, asideClaim(c.ID))
	}
	return append(out, last), nil
}

// chain keeps the steps of one change in their order.
func chain(id object.ID, steps []plan.Step) {
	for i := 1; i < len(steps); i++ {
		after := fmt.Sprintf("%s, %s, part %d", id, steps[i].Op, i)
		steps[i-1].Frees = append(steps[i-1].Frees, after)
		steps[i].Takes = append(steps[i].Takes, after)
	}
}

func (p *planner) finish(st *plan.Step, op plan.Op, o *object.Object, k Kind) *plan.Step {
	if st.ID.IsZero() {
		st.ID = o.ID
	}
	if st.Owner.IsZero() {
		st.Owner = Owner(o, p.ctx.From, p.ctx.To)
	}
	if st.Op == "" {
		st.Op = op
	}
	if st.Weight == 0 {
		st.Weight = k.Weight
	}
	if st.Pos.IsZero() {
		st.Pos = o.Pos
	}
	if st.SQL == "" && st.Prefix != "" {
		st.SQL = st.Prefix + st.Clause
	}
	st.Busy = p.busy(st)
	return st
}

// Owner is the object under which people look for another: the outermost parent, looked up in the states.
func Owner(o *object.Object, states ...*object.State) object.ID {
	for !o.Parent.IsZero() {
		parent := (*object.Object)(nil)
		for _, s := range states {
			if parent = s.Get(o.Parent); parent != nil {
				break
			}
		}
		if parent == nil {
			return o.Parent
		}
		o = parent
	}
	return o.ID
}

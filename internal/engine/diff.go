package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Options limit what a diff plans.
type Options struct {
	Skip   []SkipRule
	Policy kind.Policy
	// Only, if not nil, limits the plan to the changes that it accepts.
	Only func(kind.Change) bool
}

// Result is a plan with the states that it leads between.
type Result struct {
	Plan    *plan.Plan
	Current *object.State
	Desired *object.State
}

// Plan reads both states at the same time and plans the way between them.
func (j *Job) Plan(ctx context.Context) (*Result, error) {
	current, desired, err := j.states(ctx)
	if err != nil {
		return nil, err
	}
	o := j.options()
	if j.request.ChangedSince != "" {
		if o.Only, err = j.changedSince(ctx, desired); err != nil {
			return nil, err
		}
	}
	p, err := Diff(j.Dialect, current, desired, o)
	if err != nil {
		return nil, err
	}
	if err := j.survey(ctx, p); err != nil {
		return nil, err
	}
	p.Server = j.Session.Server().Identity
	p.Target = Describe(j.Session.Server())
	p.Sources = j.request.To
	return &Result{Plan: p, Current: current, Desired: desired}, nil
}

// states reads the live and the desired state, each on its own connection. A fault of the desired state, which the
// user can mend, comes first.
func (j *Job) states(ctx context.Context) (current, desired *object.State, err error) {
	live := sync.OnceValues(func() (*object.State, error) { return j.Current(ctx) })
	go func() { _, _ = live() }() // asked for again below
	want, err := j.load(ctx, j.request.To, live)
	current, liveErr := live()
	if err := cmp.Or(err, liveErr); err != nil {
		return nil, nil, err
	}
	desired = want.State
	if a, ok := j.Dialect.(dialect.HCLAdopter); ok && want.HCL {
		desired = a.AdoptHCL(current, desired)
	}
	if desired, err = adopt(current, desired, want.Kinds, j.alone); err != nil {
		return nil, nil, err
	}
	if desired, err = j.Dialect.Kinds().Keep(current, desired); err != nil {
		return nil, nil, err
	}
	if desired, err = keepBeyond(j.Dialect, current, desired, j.Scope); err != nil {
		return nil, nil, err
	}
	return current, j.ignored(current, withoutUnreadable(current, desired)), nil
}

// Describe names a server for people.
func Describe(s dialect.Server) string {
	names := map[string]string{"postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
	name := names[s.Flavor]
	if name == "" {
		name = s.Flavor
	}
	return fmt.Sprintf("%s %s", name, s.Version)
}

// Diff plans the way from the current to the desired state. It is pure.
func Diff(d dialect.Dialect, current, desired *object.State, o Options) (*plan.Plan, error) {
	set := d.Kinds()
	changes, err := set.Diff(current, desired)
	if err != nil {
		return nil, err
	}
	all := len(changes)
	changes, skipped := skip(changes, o.Skip)
	if o.Only != nil {
		changes = slices.DeleteFunc(changes, func(c kind.Change) bool { return !o.Only(c) })
	}
	partial := len(changes) < all
	changes, steps, err := set.Plan(current, desired, changes, o.Policy)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{Format: plan.Format, Dialect: d.Name(), Partial: partial, Segments: d.Segments(steps)}
	p.Ledger = ledger(current.Ledger, desired.Ledger, skipped)
	for _, c := range changes {
		p.Changes = append(p.Changes, told(c, current, desired))
	}
	return p, nil
}

// Sign writes the fingerprints of both states into the plan, by which apply knows whether it still fits.
func (r *Result) Sign(d dialect.Dialect) (err error) {
	if r.Plan.Current, err = d.Kinds().Fingerprint(r.Current); err != nil {
		return err
	}
	r.Plan.Desired, err = d.Kinds().Fingerprint(r.Desired)
	return err
}

// ledger joins the ledgers, each object once.
func ledger(lists ...[]object.Entry) []object.Entry {
	var out []object.Entry
	seen := map[object.Entry]bool{}
	for _, list := range lists {
		for _, e := range list {
			if !seen[e] {
				seen[e] = true
				out = append(out, e)
			}
		}
	}
	return out
}

func told(c kind.Change, current, desired *object.State) plan.Change {
	o := c.To
	if o == nil {
		o = c.From
	}
	out := plan.Change{
		Action: string(c.Action), ID: c.ID, Reason: c.Reason, Parent: o.Parent, Owner: kind.Owner(o, current, desired),
	}
	for _, a := range c.Attrs {
		out.Attrs = append(out.Attrs, plan.Attr(a))
	}
	if c.To != nil {
		out.Pos = c.To.Pos
	}
	return out
}

package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Options limit what a diff plans.
type Options struct {
	Skip []SkipRule
	// Only, if not nil, limits the plan to the changes that it accepts.
	Only func(kind.Change) bool
}

// Result is a plan with the states that it leads between.
type Result struct {
	Plan    *plan.Plan
	Current *object.State
	Desired *object.State
}

// Plan reads both states and plans the way between them.
func (j *Job) Plan(ctx context.Context) (*Result, error) {
	desired, err := j.Desired(ctx)
	if err != nil {
		return nil, err
	}
	current, err := j.Current(ctx)
	if err != nil {
		return nil, err
	}
	o := Options{Skip: j.request.Skip}
	if j.request.ChangedSince != "" {
		if o.Only, err = j.changedSince(ctx, desired); err != nil {
			return nil, err
		}
	}
	p, err := Diff(j.Dialect, current, desired, o)
	if err != nil {
		return nil, err
	}
	p.Server = j.Session.Server().Identity
	p.Target = Describe(j.Session.Server())
	p.Sources = j.request.To
	return &Result{Plan: p, Current: current, Desired: desired}, nil
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
	changes, steps, err := set.Plan(current, desired, changes)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{Format: plan.Format, Dialect: d.Name(), Partial: partial, Segments: d.Segments(steps)}
	p.Ledger = ledger(current.Ledger, desired.Ledger, skipped)
	for _, c := range changes {
		p.Changes = append(p.Changes, told(c, current, desired))
	}
	if p.Current, err = set.Fingerprint(current); err != nil {
		return nil, err
	}
	p.Desired, err = set.Fingerprint(desired)
	return p, err
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
	out := plan.Change{Action: string(c.Action), ID: c.ID, Reason: c.Reason, Owner: kind.Owner(o, current, desired)}
	for _, a := range c.Attrs {
		out.Attrs = append(out.Attrs, plan.Attr(a))
	}
	if c.To != nil {
		out.Pos = c.To.Pos
	}
	return out
}

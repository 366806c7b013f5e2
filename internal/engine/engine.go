// Package engine is the pipeline of values: sources become states, two states become changes, changes become a plan.
// It asks dialects and sources and decides nothing about either.
package engine

import (
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Diff plans the way from the current to the desired state. It is pure.
func Diff(d dialect.Dialect, current, desired *object.State) (*plan.Plan, error) {
	set := d.Kinds()
	changes, err := set.Diff(current, desired)
	if err != nil {
		return nil, err
	}
	changes, steps, err := set.Plan(current, desired, changes)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{Format: plan.Format, Dialect: d.Name(), Segments: d.Segments(steps), Ledger: current.Ledger}
	for _, c := range changes {
		p.Changes = append(p.Changes, told(c))
	}
	if p.Current, err = current.Fingerprint(); err != nil {
		return nil, err
	}
	p.Desired, err = desired.Fingerprint()
	return p, err
}

func told(c kind.Change) plan.Change {
	out := plan.Change{Action: string(c.Action), ID: c.ID, Reason: c.Reason}
	for _, a := range c.Attrs {
		out.Attrs = append(out.Attrs, plan.Attr(a))
	}
	if c.To != nil {
		out.Pos = c.To.Pos
	}
	return out
}

package engine

import (
	"context"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Phased lists the columns of a plan that could give way to new ones in phases, or says why not.
func (j *Job) Phased(r *Result) []dialect.Phased {
	p, ok := j.Dialect.(dialect.Phaser)
	if !ok {
		return nil
	}
	return p.Phased(r.Current, r.Desired, r.Plan.Changes)
}

// hints offer the phases for changes of columns of tables in use.
func (o *Options) hints(d dialect.Dialect, r *Result) []string {
	online := o.Policy.Online
	var used []plan.Change
	for _, ch := range r.Plan.Changes {
		if rows, known := online.Rows[ch.Owner]; online.Always || known && rows > online.Over {
			used = append(used, ch)
		}
	}
	p, ok := d.(dialect.Phaser)
	if !ok || len(used) == 0 {
		return nil
	}
	return dialect.Hints(p.Phased(r.Current, r.Desired, used))
}

// Without plans again between the states of a plan, and leaves changes out.
func (j *Job) Without(ctx context.Context, r *Result, leave func(kind.Change) bool) (*Result, error) {
	k := *j
	k.leave = leave
	return k.planBetween(ctx, r.Current, r.wanted)
}

// From plans from another current state to what a plan leads to. The renames are those that are left to do.
func (j *Job) From(ctx context.Context, current *object.State, r *Result, renames []Asked) (*Result, error) {
	k := *j
	k.request.Renames, k.agreed = nil, renames
	return k.planBetween(ctx, current, r.wanted)
}

// Phase makes the phases of columns between the states of a plan.
func (j *Job) Phase(r *Result, columns []dialect.Phased) (*dialect.Phases, error) {
	return j.Dialect.(dialect.Phaser).Phase(r.Current, r.Desired, columns, j.server().Planned())
}

// Rest plans what is still to be done when the phases are, all of which must keep nobody waiting: what would is split, and
// told by that.
func (j *Job) Rest(current *object.State, r *Result) (*plan.Plan, error) {
	policy := j.request.Policy
	policy.Online = kind.Online{Always: true}
	policy.Server = j.server().Planned()
	return Diff(j.Dialect, current, r.Desired, Options{Skip: j.request.Skip, Policy: policy})
}

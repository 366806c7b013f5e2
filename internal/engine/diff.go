package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/source"
)

// Options limit what a diff plans.
type Options struct {
	Skip   []SkipRule
	Policy kind.Policy
	// Only, if not nil, limits the plan to the changes that it accepts.
	Only func(kind.Change) bool
	// Renames are those that the user asked for, besides those that declarations tell.
	Renames []Asked

	// measure, if set, tells how many rows the tables of the current state hold.
	measure func() (map[object.ID]int64, error)
	// complete, if set, answers what the source leaves open, once the current state has its new names.
	complete func(current, desired *object.State, wanted *source.Desired) (*object.State, error)
}

// Result is a plan with the states that it leads between.
type Result struct {
	Plan    *plan.Plan
	Current *object.State
	Desired *object.State
	// Candidates are drops and adds that may be renames; only a person can tell.
	Candidates []Candidate

	wanted  *source.Desired
	renamed bool // the plan renames objects
}

// Plan reads both states at the same time and plans the way between them.
func (j *Job) Plan(ctx context.Context) (*Result, error) {
	current, wanted, err := j.states(ctx)
	if err != nil {
		return nil, err
	}
	return j.planBetween(ctx, current, wanted)
}

func (j *Job) planBetween(ctx context.Context, current *object.State, wanted *source.Desired) (*Result, error) {
	o, err := j.limits(ctx, wanted.State)
	if err != nil {
		return nil, err
	}
	if o.Renames, err = j.asked(current, wanted.State); err != nil {
		return nil, err
	}
	o.complete, o.measure = j.complete, j.measure(ctx)
	r, err := diff(j.Dialect, current, wanted, o)
	if err != nil {
		return nil, err
	}
	j.reads = nil
	if r.renamed && (wanted.Kinds != nil || wanted.HCL) {
		j.reads = wanted
	}
	if err := j.survey(ctx, r.Plan); err != nil {
		return nil, err
	}
	if err := j.weigh(ctx, r.Plan, current); err != nil {
		return nil, err
	}
	r.Plan.Server = j.Session.Server().Identity
	r.Plan.Target = Describe(j.Session.Server())
	r.Plan.Sources = j.request.To
	return r, nil
}

// limits are the options of the request, with the changes that it is limited to.
func (j *Job) limits(ctx context.Context, desired *object.State) (o Options, err error) {
	o = j.options()
	if j.request.ChangedSince != "" {
		o.Only, err = j.changedSince(ctx, desired)
	}
	if only := o.Only; j.leave != nil {
		o.Only = func(c kind.Change) bool { return !j.leave(c) && (only == nil || only(c)) }
	}
	return o, err
}

// states reads the live and the desired state, each on its own connection. A fault of the desired state, which the
// user can mend, comes first.
func (j *Job) states(ctx context.Context) (current *object.State, wanted *source.Desired, err error) {
	live := sync.OnceValues(func() (_ *object.State, err error) {
		defer diag.Guard(&err)
		return j.Current(ctx)
	})
	go func() { _, _ = live() }() // asked for again below
	wanted, err = j.load(ctx, j.request.To, live)
	current, liveErr := live()
	if err := cmp.Or(err, liveErr); err != nil {
		return nil, nil, err
	}
	return current, wanted, j.knowSchemas(current, wanted.State)
}

// Describe names a server for people.
func Describe(s dialect.Server) string {
	names := map[string]string{
		"postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB",
		"tidb": "TiDB", "vitess": "Vitess", "singlestore": "SingleStore", "oceanbase": "OceanBase", "dolt": "Dolt",
	}
	name := names[cmp.Or(s.Variant, s.Flavor)]
	if name == "" {
		name = s.Flavor
	}
	return fmt.Sprintf("%s %s", name, s.Version)
}

// Diff plans the way from the current to the desired state. It is pure.
func Diff(d dialect.Dialect, current, desired *object.State, o Options) (*plan.Plan, error) {
	r, err := diff(d, current, &source.Desired{State: desired}, o)
	if err != nil {
		return nil, err
	}
	return r.Plan, nil
}

func diff(d dialect.Dialect, current *object.State, wanted *source.Desired, o Options) (*Result, error) {
	set := d.Kinds()
	refusal := &refusal{options: o}
	renamed, err := set.Rename(current, wanted.State, o.Renames, o.Policy, refusal.refuses)
	if err != nil {
		return nil, err
	}
	desired := renamed.Desired
	if o.complete != nil {
		if desired, err = o.complete(renamed.Current, desired, wanted); err != nil {
			return nil, err
		}
	}
	from, to := set.Untie(renamed.Current, desired)
	changes, err := set.Diff(from, to)
	if err != nil {
		return nil, err
	}
	all := len(changes)
	changes, skipped := skip(changes, o.Skip)
	if o.Only != nil {
		changes = slices.DeleteFunc(changes, func(c kind.Change) bool { return !o.Only(c) })
	}
	if err := o.measured(renamed, len(changes)); err != nil {
		return nil, err
	}
	partial := len(changes) < all || refusal.any
	changes, steps, err := set.Plan(from, to, changes, o.Policy)
	if err != nil {
		return nil, err
	}
	r := &Result{Current: current, Desired: desired, wanted: wanted, renamed: len(renamed.Steps) > 0}
	r.Candidates = candidates(set.Lookalikes(from, to, changes), renamed, desired)
	asks := set.Checks(renamed.Starting(from), to, changes, o.Policy)
	changes = renamed.Merge(changes)
	p := &plan.Plan{Format: plan.Format, Dialect: d.Name(), Partial: partial, Checks: asks, Segments: d.Segments(append(renamed.Steps, steps...))}
	p.Notes = slices.Concat(renamed.Notes, wanted.State.Notes, current.Notes)
	p.Ledger = ledger(current.Ledger, desired.Ledger, skipped, refusal.ledger)
	for _, c := range changes {
		p.Changes = append(p.Changes, told(c, from, to))
	}
	r.Plan = p
	p.Notes = append(p.Notes, o.hints(d, r)...)
	return r, nil
}

// complete answers what the source of a desired state leaves open, and adds what it does not speak of.
func (j *Job) complete(current, desired *object.State, wanted *source.Desired) (_ *object.State, err error) {
	desired = dialect.Resolve(j.Dialect, current, desired, j.server())
	if a, ok := j.Dialect.(dialect.HCLAdopter); ok && wanted.HCL {
		desired = a.AdoptHCL(current, desired)
	}
	if desired, err = adopt(current, desired, wanted.Kinds, j.leftAlone(wanted)); err != nil {
		return nil, err
	}
	if desired, err = j.Dialect.Kinds().Keep(current, desired); err != nil {
		return nil, err
	}
	if desired, err = keepBeyond(j.Dialect, current, desired, j.Scope); err != nil {
		return nil, err
	}
	if desired, err = keepHistory(current, desired); err != nil {
		return nil, err
	}
	return j.ignored(current, withoutUnreadable(current, desired)), nil
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
		RenamedFrom: c.RenamedFrom,
	}
	for _, a := range c.Attrs {
		out.Attrs = append(out.Attrs, plan.Attr(a))
	}
	if c.To != nil {
		out.Pos = c.To.Pos
	}
	return out
}

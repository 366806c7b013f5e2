// Package prove tries a plan before it touches the database: on a copy of the current schema with made-up rows it runs
// the statements as apply would, compares the outcome with the desired state, looks whether the rows are still there,
// and runs what is said to undo the statements.
package prove

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/run"
)

// Plan proves the plan of a job. desired is nil for a saved plan, which knows only its fingerprint. The error is that
// of a proof that could not be led; what speaks against the plan stands in the proof.
func Plan(ctx context.Context, job *engine.Job, p *plan.Plan, desired *object.State) (proof *plan.Proof, err error) {
	lab, done, err := job.Lab(ctx, statesOf(desired)...)
	if err != nil {
		return nil, err
	}
	t := &trial{Lab: lab, plan: p, desired: dialect.AtHome(job.Dialect, desired), proof: &plan.Proof{Server: engine.Describe(lab.Session.Server())}}
	t.plan, t.proof.Untried = lab.StayAtHome(p)
	err = lab.Lender.Lend(ctx, lab.Trial, t.lead)
	if ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx), done())
	}
	if err := errors.Join(err, done()); err != nil {
		return nil, err
	}
	t.proof.Proven = len(t.proof.Failures) == 0
	return t.proof, nil
}

func statesOf(desired *object.State) []*object.State {
	if desired == nil {
		return nil
	}
	return []*object.State{desired}
}

// trial is one proof at work.
type trial struct {
	*engine.Lab
	plan    *plan.Plan
	desired *object.State
	proof   *plan.Proof
	tables  []table
}

// lead goes through the stages; one that fails ends it.
func (t *trial) lead(ctx context.Context) error {
	start, err := t.copy(ctx)
	if err != nil || t.failed() {
		return err
	}
	if err := t.fill(ctx); err != nil {
		return err
	}
	if err := t.apply(ctx); err != nil || t.failed() {
		return err
	}
	if err := t.compare(ctx); err != nil {
		return err
	}
	if err := t.count(ctx); err != nil || t.failed() {
		return err
	}
	return t.undo(ctx, start)
}

func (t *trial) failed() bool { return len(t.proof.Failures) > 0 }

func (t *trial) fail(d plan.Disproof) { t.proof.Failures = append(t.proof.Failures, d) }

// copy makes the current state again, and returns it as it was before the plan, as far as the job is about it.
func (t *trial) copy(ctx context.Context) (*object.State, error) {
	creation, whole, err := t.Copying(ctx, statesOf(t.desired)...)
	if err != nil {
		return nil, err
	}
	if err := t.run(ctx, plan.StageCopy, creation); err != nil || t.failed() {
		return nil, err
	}
	made, err := t.All(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := t.Dialect().Kinds().Diff(made, dialect.Resolve(t.Dialect(), made, whole, t.Session.Server()))
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		var attrs []string
		for _, a := range c.Attrs {
			attrs = append(attrs, a.Name)
		}
		t.fail(plan.Disproof{Stage: plan.StageCopy, Object: c.ID, Message: difference(string(c.Action), attrs)})
	}
	return t.State(ctx)
}

// apply runs the plan as apply would.
func (t *trial) apply(ctx context.Context) error { return t.run(ctx, plan.StageApply, t.plan) }

func (t *trial) run(ctx context.Context, stage string, p *plan.Plan) error {
	err := run.Apply(ctx, t.Session, p, &run.Journal{}, run.Options{})
	var f *run.Failure
	if !errors.As(err, &f) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t.fail(disproof(stage, f.Step, f.Err))
	return nil
}

func disproof(stage string, s *plan.Step, err error) plan.Disproof {
	return plan.Disproof{Stage: stage, Object: s.ID, Message: message(err), Statement: s.SQL, Pos: s.Pos}
}

// message is what a server says, without the place inside the statement, which stands beside it.
func message(err error) string {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d.Message + " (" + d.Code + ")"
	}
	return err.Error()
}

// compare demands that nothing is left to do.
func (t *trial) compare(ctx context.Context) error {
	now, err := t.State(ctx)
	if err != nil {
		return err
	}
	if t.desired == nil {
		found, err := t.Dialect().Kinds().Fingerprint(now)
		if err == nil && found != t.plan.Desired && !t.plan.Partial {
			t.fail(plan.Disproof{Stage: plan.StageState, Message: "the statements do not lead to the state that the plan was made for"})
		}
		return err
	}
	rest, err := t.Rest(ctx, now, t.desired)
	if err != nil || rest.Empty() {
		return err
	}
	for _, c := range rest.Changes {
		var attrs []string
		for _, a := range c.Attrs {
			attrs = append(attrs, a.Name)
		}
		t.fail(plan.Disproof{Stage: plan.StageState, Object: c.ID, Message: difference(c.Action, attrs), Pos: c.Pos})
	}
	return nil
}

// difference says what still would have to be done.
func difference(action string, attrs []string) string {
	switch action {
	case "add":
		return "is missing"
	case "drop":
		return "is there but should not be"
	}
	slices.Sort(attrs)
	if len(attrs) == 0 {
		return "differs"
	}
	return "differs in " + strings.ReplaceAll(strings.Join(attrs, ", "), "_", " ")
}

package prove

import (
	"context"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// rollbackTimeout bounds the end of a transaction whose context has ended.
const rollbackTimeout = 10 * time.Second

// undo runs the reverse statements backwards. One that fails is tried again after the others: what was altered in the
// order of needs comes back in another. A step that has no reverse is reported, and nothing is demanded of the others then.
func (t *trial) undo(ctx context.Context, start *object.State) error {
	var left []*plan.Step
	for _, s := range slices.Backward(t.plan.Steps()) {
		if s.UndoneAlong {
			continue
		}
		if len(s.Reverse) == 0 {
			t.proof.Undo.Cannot = append(t.proof.Undo.Cannot, s.Comment)
			continue
		}
		left = append(left, s)
	}
	whole := len(t.proof.Undo.Cannot) == 0
	for len(left) > 0 {
		again, faults, err := t.undoRound(ctx, left)
		if err != nil {
			return err
		}
		if len(again) < len(left) {
			left = again
			continue
		}
		for i, s := range again {
			if whole && len(t.plan.Losses()) == 0 { // else a row that lacks the value may be what fails
				t.fail(faults[i])
			}
			t.proof.Undo.Cannot = append(t.proof.Undo.Cannot, s.Comment+": "+faults[i].Message)
		}
		return nil
	}
	if !whole {
		return nil
	}
	return t.undone(ctx, start)
}

// undoRound tries the steps once each and returns those that failed, with their faults.
func (t *trial) undoRound(ctx context.Context, steps []*plan.Step) (again []*plan.Step, faults []plan.Disproof, err error) {
	for _, s := range steps {
		failed, err := t.reverse(ctx, s)
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		if err != nil {
			d := disproof(plan.StageUndo, s, err)
			d.Statement = failed
			again, faults = append(again, s), append(faults, d)
		}
	}
	return again, faults, nil
}

// undone compares with the state from before the plan.
func (t *trial) undone(ctx context.Context, start *object.State) error {
	now, err := t.State(ctx)
	if err != nil {
		return err
	}
	changes, err := t.Dialect().Kinds().Diff(now, start)
	if err != nil {
		return err
	}
	for _, c := range changes {
		var attrs []string
		for _, a := range c.Attrs {
			attrs = append(attrs, a.Name)
		}
		t.proof.Undo.Differs = append(t.proof.Undo.Differs, c.ID.String()+" "+difference(string(c.Action), attrs))
	}
	t.proof.Undo.Complete = len(changes) == 0
	t.proof.Undo.Loses = t.plan.Losses()
	return nil
}

// reverse undoes one step, wholly or not at all where the server can.
func (t *trial) reverse(ctx context.Context, s *plan.Step) (failed string, err error) {
	if err := t.Session.Begin(ctx); err != nil {
		return "BEGIN", err
	}
	for _, sql := range s.Reverse {
		if err := t.Session.Exec(ctx, sql); err != nil {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
			defer cancel()
			_ = t.Session.Rollback(clean) // the first error counts
			return sql, err
		}
	}
	return "COMMIT", t.Session.Commit(ctx)
}

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

// undo runs the reverse statements backwards. A step that has none is reported, and from there on nothing else can be
// demanded of those before it.
func (t *trial) undo(ctx context.Context, start *object.State) error {
	steps := t.plan.Steps()
	slices.Reverse(steps)
	for _, s := range steps {
		if len(s.Reverse) == 0 {
			t.proof.Undo.Cannot = append(t.proof.Undo.Cannot, s.Comment)
			continue
		}
		failed, err := t.reverse(ctx, s)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
		case len(t.proof.Undo.Cannot) == 0:
			d := disproof(plan.StageUndo, s, err)
			d.Statement = failed
			t.fail(d)
			return nil
		default:
			t.proof.Undo.Cannot = append(t.proof.Undo.Cannot, s.Comment+": "+message(err))
		}
	}
	if len(t.proof.Undo.Cannot) > 0 {
		return nil
	}
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
		t.fail(plan.Disproof{Stage: plan.StageUndo, Object: c.ID, Message: "undone, it " + difference(string(c.Action), attrs)})
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

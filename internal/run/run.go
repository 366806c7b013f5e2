// Package run carries out plans: it holds the lock, frames transactions, and says exactly where it stopped.
package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/visible"
)

// LockName is the lock that every apply takes.
const LockName = "schemactl_apply"

// Progress hears of each step before it runs and after.
type Progress func(done, total int, step *plan.Step, elapsed time.Duration)

// Options are what a run may do beside its statements.
type Options struct {
	Progress Progress
	// Tool runs the outside program of a step; nil: the step's statement runs instead.
	Tool func(ctx context.Context, t *plan.Tool) error
	// Patience says how long statements wait for locks, and how often they try.
	Patience Patience
	// Tell hears of what is tried again, and what was left behind.
	Tell func(string)
}

// Failure tells where a run stopped.
type Failure struct {
	Step      *plan.Step
	Err       error
	Applied   []*plan.Step // committed: they stay
	Undone    []*plan.Step // ran in the transaction that was rolled back
	Remaining []*plan.Step // did not run
}

// Error names the statement and what became of the rest.
func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %v\n  statement: %s", f.Step.Comment, f.Err, visible.Brief(f.Step.SQL))
}

// Unwrap is the server's fault.
func (f *Failure) Unwrap() error { return f.Err }

// Apply runs the plan. On failure it returns a *Failure; nothing of a failed transaction stays.
func Apply(ctx context.Context, s dialect.Session, p *plan.Plan, j *Journal, o Options) error {
	r := &runner{session: s, progress: o.Progress, tool: o.Tool, steps: p.Steps(), journal: j, tell: o.Tell}
	r.patience = o.Patience.of(s, r.steps)
	defer r.patience.end(ctx)
	if err := j.begin(ctx, r.steps); err != nil {
		return fmt.Errorf("begin the journal: %w", err)
	}
	for _, seg := range p.Segments {
		if err := r.segment(ctx, seg); err != nil {
			return err
		}
	}
	if err := j.End(ctx); err != nil {
		return fmt.Errorf("all statements are applied, but the journal stays: %w", err)
	}
	return nil
}

type runner struct {
	journal  *Journal
	tool     func(context.Context, *plan.Tool) error
	session  dialect.Session
	progress Progress
	patience *patience
	tell     func(string)
	steps    []*plan.Step
	at       int // the step of the open transaction
	done     int // steps of all segments before
	kept     int // steps committed so far
}

// segment runs a segment. A transaction that fails because it waits for others is tried again as a whole, any other
// statement by itself.
func (r *runner) segment(ctx context.Context, seg plan.Segment) error {
	if !seg.Transactional || !r.session.Transactional() {
		if s, ok := r.session.(dialect.Steady); ok {
			if err := s.Steady(ctx); err != nil {
				return r.fail(err, false)
			}
		}
		for _, step := range seg.Steps {
			if err := r.again(ctx, func() error { return r.alone(ctx, step) }); err != nil {
				return r.fail(err, false)
			}
			r.done++
			r.kept = r.done
		}
		return nil
	}
	if err := r.again(ctx, func() error { return r.transaction(ctx, seg) }); err != nil {
		return r.fail(err, true)
	}
	r.done += len(seg.Steps)
	r.kept = r.done
	return nil
}

// transaction runs a segment in one; what fails is rolled back.
func (r *runner) transaction(ctx context.Context, seg plan.Segment) error {
	r.at = 0
	if err := r.session.Begin(ctx); err != nil {
		return err
	}
	for i, step := range seg.Steps {
		r.at = i
		if err := r.step(ctx, step); err != nil {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			r.patience.forget()
			if back := r.session.Rollback(clean); back != nil {
				err = errors.Join(err, fmt.Errorf("roll back: %w", back))
			}
			return err
		}
	}
	if err := r.session.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	r.at = 0
	return nil
}

// alone runs a step outside of transactions, and takes away what it leaves behind when it fails.
func (r *runner) alone(ctx context.Context, step *plan.Step) error {
	err := r.step(ctx, step)
	if err == nil || ctx.Err() != nil {
		return err
	}
	left, tidy := r.patience.tidy(ctx, step)
	if left != "" && tidy == nil && r.tell != nil {
		r.tell(left + " was left behind unfinished, and is dropped")
	}
	return errors.Join(err, tidy)
}

func (r *runner) step(ctx context.Context, step *plan.Step) error {
	start, n := time.Now(), r.done+r.at
	if r.progress != nil {
		r.progress(n, len(r.steps), step, 0)
	}
	sql, ok := step.Statement()
	if !ok {
		return diag.Errorf(step.Pos, "secret-not-saved", "the plan was saved without its secrets, and cannot be applied").
			WithHint("apply from the files, with the same variables")
	}
	if err := r.journal.start(ctx, n, step); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	err := r.patience.limit(ctx, step)
	if err != nil {
		return err
	}
	if step.Tool != nil && r.tool != nil {
		err = r.tool(ctx, step.Tool)
	} else {
		err = r.exec(ctx, sql)
	}
	if err == nil {
		err = r.journal.done(ctx, n)
	}
	if r.progress != nil && err == nil {
		r.progress(n+1, len(r.steps), step, time.Since(start))
	}
	return err
}

// exec runs a statement, in batches if it asks for that.
func (r *runner) exec(ctx context.Context, sql string) error {
	if b, ok := r.session.(dialect.Batcher); ok {
		if ran, err := b.Batch(ctx, sql, r.tell); ran || err != nil {
			return err
		}
	}
	return r.session.Exec(ctx, sql)
}

func (r *runner) fail(err error, framed bool) error {
	at := min(r.done+r.at, len(r.steps)-1)
	f := &Failure{Step: r.steps[at], Err: err, Applied: r.steps[:r.kept], Remaining: r.steps[min(at+1, len(r.steps)):]}
	if framed {
		f.Undone = r.steps[r.kept:at]
	}
	var d *diag.Diagnostic
	if errors.As(err, &d) && d.Pos.File == "" {
		d.Pos = f.Step.Pos
	}
	return f
}

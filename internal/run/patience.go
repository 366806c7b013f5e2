package run

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
)

// Patience says how long statements wait for locks, and how often they try again. A statement that waits for a lock keeps
// all waiting who come after it, so it had better give up soon, and come back.
type Patience struct {
	// Lock is how long a statement waits for a lock. Zero: DefaultLock in plans that lock tables in use, else as the server
	// has it.
	Lock time.Duration
	// Statement is how long a statement may take; zero: as the server has it.
	Statement time.Duration
	Retries   int
	// Pause waits before a try; nil: longer each time.
	Pause func(ctx context.Context, try int) error
}

// DefaultLock is how long statements wait for locks on tables in use.
const DefaultLock = 2 * time.Second

// briefly is what a statement may take beyond its waiting that only writes to the catalog.
const briefly = 3 * time.Second

// limits are those that a statement runs under.
type limits struct{ statement, lock time.Duration }

// patience is a Patience at work; its session is nil where the server knows no limits.
type patience struct {
	Patience
	session dialect.Limited
	now     *limits // nil: not known
}

func (p Patience) of(s dialect.Session, steps []*plan.Step) *patience {
	out := &patience{Patience: p, now: &limits{}}
	out.session, _ = s.(dialect.Limited)
	if p.Lock == 0 && slices.ContainsFunc(steps, func(s *plan.Step) bool { return len(s.Busy) > 0 }) {
		out.Lock = DefaultLock
	}
	return out
}

// limit sets what the step may take.
func (p *patience) limit(ctx context.Context, step *plan.Step) error {
	if p.session == nil {
		return nil
	}
	want := limits{p.Statement, p.Lock}
	switch {
	case step.Pace == plan.Slow && step.NoTx:
		want.lock = 0 // it waits for others without keeping anybody waiting
	case step.Pace == plan.Brief && p.Statement == 0 && p.Lock > 0:
		want.statement = p.Lock + briefly
	}
	if p.now != nil && *p.now == want {
		return nil
	}
	if err := p.session.Limit(ctx, want.statement, want.lock); err != nil {
		return fmt.Errorf("limit the statement: %w", err)
	}
	p.now = &want
	return nil
}

// forget says that a transaction was rolled back, and limits with it.
func (p *patience) forget() { p.now = nil }

// end gives the session its own limits back.
func (p *patience) end(ctx context.Context) {
	if p.session != nil && (p.now == nil || *p.now != limits{}) {
		_ = p.session.Limit(context.WithoutCancel(ctx), 0, 0) // a session that is gone has none
	}
}

func (p *patience) tidy(ctx context.Context, step *plan.Step) (string, error) {
	if p.session == nil {
		return "", nil
	}
	p.forget()
	return p.session.Tidy(ctx, step)
}

// again tries what fails for a reason that goes away by itself.
func (r *runner) again(ctx context.Context, try func() error) error {
	for n := 1; ; n++ {
		err := try()
		p := r.patience
		if err == nil || n > p.Retries || ctx.Err() != nil || p.session == nil || !p.session.Transient(err) {
			return err
		}
		if r.tell != nil {
			r.tell(fmt.Sprintf("%v\n  that goes away by itself; it is tried again (%d of %d)", err, n, p.Retries))
		}
		if err := p.pause(ctx, n); err != nil {
			return err
		}
	}
}

// pause waits longer each time, and not as long as another that waits for the same.
func (p *patience) pause(ctx context.Context, try int) error {
	if p.Pause != nil {
		return p.Pause(ctx, try)
	}
	wait := min(30*time.Second, 250*time.Millisecond<<min(try, 10))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait/2 + rand.N(wait)): //nolint:gosec // no secret
		return nil
	}
}

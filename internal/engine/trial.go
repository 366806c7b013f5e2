package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/source"
)

// Lab is an empty database in which a plan can be tried, with the whole of what the plan is for.
type Lab struct {
	Session dialect.Session
	Lender  dialect.Lender
	Trial   dialect.Trial
	Whole   *object.State // the live database, whatever is selected of it
	URL     *dburl.URL

	job *Job
}

// Lab opens a database for a trial; done gives it back.
func (j *Job) Lab(ctx context.Context, states ...*object.State) (_ *Lab, done func() error, err error) {
	return j.lab(ctx, DevRequest{}, states)
}

// WatchedLab is a Lab on a server that tells what its sessions do, where schemactl starts the server.
func (j *Job) WatchedLab(ctx context.Context, states ...*object.State) (_ *Lab, done func() error, err error) {
	return j.lab(ctx, DevRequest{Watched: true}, states)
}

func (j *Job) lab(ctx context.Context, r DevRequest, states []*object.State) (_ *Lab, done func() error, err error) {
	r.Choice, r.Server, r.Target, r.Own = j.request.Dev, j.Session.Server(), j.url, true
	db, err := j.engine.OpenDev(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	s, err := j.Dialect.Connect(ctx, db.URL)
	if err != nil {
		return nil, nil, joinDone(err, db.Close)
	}
	done = func() error { return joinDone(s.Close(), db.Close) }
	l := &Lab{Session: s, URL: db.URL, job: j, Trial: dialect.Trial{Scope: j.Scope, Own: db.Exclusive}}
	if err := l.prepare(ctx); err != nil {
		return nil, nil, joinDone(err, done)
	}
	l.Trial.States = slices.Concat(states, []*object.State{l.Whole})
	return l, done, nil
}

func (l *Lab) prepare(ctx context.Context) (err error) {
	have, want := l.Session.Server(), l.job.Session.Server()
	if have.Flavor != want.Flavor || have.Major < want.Major {
		return diag.Errorf(diag.Pos{}, "dev-version", "the dev database is %s %s, the target %s %s", have.Flavor, have.Version, want.Flavor, want.Version).
			WithHint("give a --dev-url of the target's version")
	}
	var ok bool
	if l.Lender, ok = l.Session.(dialect.Lender); !ok {
		return diag.Errorf(diag.Pos{}, "unsupported", "plans for %s cannot be tried on a copy", l.job.Dialect.Name())
	}
	if i, ok := l.Session.(dialect.Imitator); ok && want.Settings != nil {
		if err := i.Imitate(ctx, want.Settings); err != nil {
			return fmt.Errorf("set the dev database up like the target: %w", err)
		}
	}
	l.Whole, err = read(ctx, l.job.Dialect, l.job.Session, l.Lender.TrialScope(l.job.Scope))
	return err
}

// Copying plans how the whole of the live database is made again in the lab, which is empty, and returns what that leads to.
func (l *Lab) Copying(ctx context.Context, others ...*object.State) (*plan.Plan, *object.State, error) {
	empty, err := l.All(ctx)
	if err != nil {
		return nil, nil, err
	}
	whole := l.Whole
	if c, ok := l.Dialect().(dialect.Likener); ok {
		whole = c.Likeness(whole, others...)
	}
	segments, err := source.Creation(l.Dialect(), empty, whole)
	return &plan.Plan{Segments: segments}, whole, err
}

// StayAtHome takes out of a plan, and out of what is copied, what reaches out to other servers. It returns the plan that is
// left, and what was taken out of it.
func (l *Lab) StayAtHome(from *plan.Plan) (p *plan.Plan, untried []string) {
	r, ok := l.Dialect().(dialect.Remote)
	if !ok {
		return from, nil
	}
	whole := dialect.AtHome(l.Dialect(), l.Whole)
	left := *from
	left.Partial = left.Partial || whole != l.Whole // the fingerprints are of more
	left.Segments = nil
	for _, segment := range from.Segments {
		steps := slices.DeleteFunc(slices.Clone(segment.Steps), func(s *plan.Step) bool {
			if !r.ReachesOut(s.Owner) {
				return false
			}
			untried = append(untried, s.Comment)
			return true
		})
		if len(steps) > 0 {
			segment.Steps = steps
			left.Segments = append(left.Segments, segment)
		}
	}
	left.Partial = left.Partial || len(untried) > 0
	l.Whole = whole
	return &left, untried
}

// Dialect is the dialect of both databases.
func (l *Lab) Dialect() dialect.Dialect { return l.job.Dialect }

// All reads all that the lab holds.
func (l *Lab) All(ctx context.Context) (*object.State, error) {
	return read(ctx, l.job.Dialect, l.Session, l.Lender.TrialScope(l.job.Scope))
}

// State reads what the job is about, in the lab.
func (l *Lab) State(ctx context.Context) (*object.State, error) {
	s, err := read(ctx, l.job.Dialect, l.Session, l.job.Scope)
	if err != nil {
		return nil, err
	}
	return l.job.selected(s), nil
}

// Rest plans what is left to do in the lab, by the rules of the job.
func (l *Lab) Rest(ctx context.Context, from, desired *object.State) (*plan.Plan, error) {
	return l.job.rest(ctx, from, dialect.Resolve(l.Dialect(), from, desired, l.Session.Server()))
}

func read(ctx context.Context, d dialect.Dialect, s dialect.Session, scope dialect.Scope) (*object.State, error) {
	c, err := s.Inspect(ctx, scope)
	if err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	return d.Build(c, scope)
}

// Package rehearse runs a plan on a copy of the database while probes read and write the tables that it touches, and
// measures what a person would feel: how long each statement takes, what it holds, and how long others wait for it.
package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/run"
	"github.com/schemactl/schemactl/internal/safety"
)

// MaxTables is how many tables are probed at most: each takes two connections.
const MaxTables = 16

// Prober is a dialect that knows statements which need the locks of readers and writers, and touch no row.
type Prober interface {
	Probes(table safety.Name) (read, write string)
}

// Stage is the database that a plan is rehearsed on.
type Stage struct {
	Dialect dialect.Dialect
	Session dialect.Session
	URL     *dburl.URL
	// Local is what a table of the plan is called there; nil: the same.
	Local func(safety.Name) safety.Name
	// Home is what the plan calls a table of the server; nil: the same.
	Home func(safety.Name) safety.Name
	// Live tells the sizes of the live tables; nil: nobody knows them.
	Live dialect.Sizer
}

// On is the stage of a job, whose database is the copy.
func On(job *engine.Job, live dialect.Sizer) *Stage {
	return &Stage{Dialect: job.Dialect, Session: job.Session, URL: job.URL(), Live: live}
}

func (s *Stage) local(n safety.Name) safety.Name {
	if s.Local == nil {
		return n
	}
	return s.Local(n)
}

func (s *Stage) locals(names []safety.Name) []safety.Name {
	out := make([]safety.Name, len(names))
	for i, n := range names {
		out[i] = s.local(n)
	}
	return out
}

// Run carries out a plan on a stage. live, if set, tells the sizes of the live tables.
func Run(ctx context.Context, stage *Stage, p *plan.Plan) (*Report, error) {
	prober, ok := stage.Dialect.(Prober)
	if !ok {
		return nil, diag.Errorf(diag.Pos{}, "unsupported", "%s has no rehearsal", stage.Dialect.Name())
	}
	r := &rehearsal{stage: stage, tables: touched(p), Report: &Report{Server: engine.Describe(stage.Session.Server()), Steps: []Step{}, Probed: []string{}}}
	if err := r.measure(ctx); err != nil {
		return nil, err
	}
	probed := r.tables
	if len(probed) > MaxTables {
		for _, t := range probed[MaxTables:] {
			r.Left = append(r.Left, t.String())
		}
		probed = probed[:MaxTables]
	}
	for _, t := range probed {
		r.Probed = append(r.Probed, t.String())
	}
	if err := r.run(ctx, prober, probed, p); err != nil {
		return nil, err
	}
	r.estimate()
	return r.Report, nil
}

// rehearsal is one at work.
type rehearsal struct {
	*Report
	stage  *Stage
	tables []safety.Name
	here   map[safety.Name]safety.Size // before the plan
	live   map[safety.Name]safety.Size
	watch  *watch
	fault  error // of what is done between statements
}

func (r *rehearsal) run(ctx context.Context, prober Prober, probed []safety.Name, p *plan.Plan) (err error) {
	if r.watch, err = startWatch(ctx, r.stage, r.tables); err != nil {
		return err
	}
	probes, err := startProbes(ctx, r.stage, prober, probed)
	if err != nil {
		return errors.Join(err, r.watch.stop())
	}
	began := time.Now()
	err = run.Apply(ctx, r.stage.Session, p, &run.Journal{}, run.Options{Progress: func(_, _ int, s *plan.Step, elapsed time.Duration) { r.progress(ctx, s, elapsed) }})
	r.Seconds = time.Since(began).Seconds()
	waits := probes.stop()
	stopped := r.watch.stop()
	var f *run.Failure
	if errors.As(err, &f) && ctx.Err() == nil {
		r.Failure = f.Error()
		err = nil
	}
	if err := errors.Join(err, stopped, r.fault); err != nil {
		return err
	}
	r.attribute(waits)
	r.hold()
	return nil
}

// progress keeps when each statement ran, and what it wrote anew; it may run more than once.
func (r *rehearsal) progress(ctx context.Context, s *plan.Step, elapsed time.Duration) {
	if elapsed == 0 {
		r.watch.look(ctx)
		now := time.Now()
		r.Steps = append(r.Steps, Step{SQL: s.SQL, Comment: s.Comment, Facts: s.Facts, start: now, end: now})
		return
	}
	r.watch.look(ctx) // a transaction still holds what the statement took
	last := &r.Steps[len(r.Steps)-1]
	last.end, last.Seconds = time.Now(), elapsed.Seconds()
	rewritten, built, err := r.watch.compare(ctx)
	last.Rewritten, last.Built = rewritten, built
	r.fault = errors.Join(r.fault, err)
}

// touched are the tables whose locks the plan takes, in order.
func touched(p *plan.Plan) []safety.Name {
	var out []safety.Name
	for _, s := range p.Steps() {
		if s.Facts == nil {
			continue
		}
		for _, l := range s.Facts.Locks {
			if !slices.Contains(out, l.Table) {
				out = append(out, l.Table)
			}
		}
	}
	return out
}

// measure reads how large the tables are, here and live.
func (r *rehearsal) measure(ctx context.Context) (err error) {
	sizer, ok := r.stage.Session.(dialect.Sizer)
	if !ok || len(r.tables) == 0 {
		return nil
	}
	here, err := sizer.Sizes(ctx, r.stage.locals(r.tables))
	if err != nil {
		return fmt.Errorf("measure the tables of the copy: %w", err)
	}
	r.here = map[safety.Name]safety.Size{}
	for _, t := range r.tables {
		if size, known := here[r.stage.local(t)]; known {
			r.here[t] = size
		}
	}
	if r.stage.Live == nil {
		return nil
	}
	if r.live, err = r.stage.Live.Sizes(ctx, r.tables); err != nil {
		return fmt.Errorf("measure the live tables: %w", err)
	}
	return r.calibrate(ctx)
}

// attribute gives each statement the longest wait that met it.
func (r *Report) attribute(waits []wait) {
	for i := range r.Steps {
		s := &r.Steps[i]
		for _, w := range waits {
			if w.end.Before(s.start) || w.start.After(s.end) {
				continue
			}
			kept := &s.Read
			if w.write {
				kept = &s.Write
			}
			if d := w.end.Sub(w.start).Seconds(); d > kept.Seconds {
				*kept = Wait{Seconds: d, Table: w.table.String()}
			}
		}
	}
}

var errSameDatabase = errors.New("the copy is the live database itself")

// CheckApart refuses a copy that is the live database.
func CheckApart(live, copied dialect.Session) error {
	if live.Server().Identity == copied.Server().Identity {
		return errSameDatabase
	}
	return nil
}

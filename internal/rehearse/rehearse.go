// Package rehearse runs a plan on a copy of the database while probes read and write the tables that it touches, and
// measures what a person would feel: how long each statement takes, and how long others wait for it.
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

// Report is what a rehearsal measured.
type Report struct {
	Server string `json:"server"`
	Steps  []Step `json:"steps"`
	// Probed are the tables that were read and written meanwhile; Left are those that were too many.
	Probed []string `json:"probed"`
	Left   []string `json:"not_probed,omitempty"`
	// Seconds are those of the whole run.
	Seconds float64 `json:"seconds"`
	// Failure is the fault of the statement at which the run stopped.
	Failure string `json:"failure,omitempty"`
}

// Step is one statement of the plan as it ran.
type Step struct {
	SQL     string        `json:"sql"`
	Comment string        `json:"comment,omitempty"`
	Seconds float64       `json:"seconds"`
	Facts   *safety.Facts `json:"facts,omitempty"`
	// Read and Write are the longest waits, in seconds, of a probe that met the statement or its transaction.
	Read  Wait `json:"longest_read"`
	Write Wait `json:"longest_write"`
	// Live is how long the statement may take on the live tables; nil where nobody knows their sizes, or it hardly matters.
	Live *Range `json:"live,omitempty"`

	start, end time.Time
}

// Wait is how long a probe waited.
type Wait struct {
	Seconds float64 `json:"seconds"`
	Table   string  `json:"table,omitempty"`
}

// Range is an estimate with what it rests on.
type Range struct {
	Low   float64 `json:"low_seconds"`
	High  float64 `json:"high_seconds"`
	Basis string  `json:"basis"`
}

// Prober is a dialect that knows statements which need the locks of readers and writers, and touch no row.
type Prober interface {
	Probes(table safety.Name) (read, write string)
}

// Run carries out the plan of a job on the database of the job, which is the copy. live, if set, tells the sizes of the
// live tables.
func Run(ctx context.Context, job *engine.Job, p *plan.Plan, live dialect.Sizer) (*Report, error) {
	prober, ok := job.Dialect.(Prober)
	if !ok {
		return nil, diag.Errorf(diag.Pos{}, "unsupported", "%s has no rehearsal", job.Dialect.Name())
	}
	r := &Report{Server: engine.Describe(job.Session.Server()), Steps: []Step{}, Probed: []string{}}
	tables := touched(p)
	if len(tables) > MaxTables {
		for _, t := range tables[MaxTables:] {
			r.Left = append(r.Left, t.String())
		}
		tables = tables[:MaxTables]
	}
	sizes, err := sizesOf(ctx, job.Session, tables)
	if err != nil {
		return nil, err
	}
	probes, err := startProbes(ctx, job.Dialect, prober, job.URL(), tables)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		r.Probed = append(r.Probed, t.String())
	}
	began := time.Now()
	err = run.Apply(ctx, job.Session, p, &run.Journal{}, run.Options{Progress: r.progress})
	r.Seconds = time.Since(began).Seconds()
	waits := probes.stop()
	var f *run.Failure
	switch {
	case errors.As(err, &f):
		r.Failure = f.Error()
	case err != nil:
		return nil, err
	}
	r.attribute(waits)
	if live == nil {
		return r, nil
	}
	return r, r.scale(ctx, live, tables, sizes)
}

// progress keeps when each statement ran; it may run more than once.
func (r *Report) progress(_, _ int, s *plan.Step, elapsed time.Duration) {
	now := time.Now()
	if elapsed == 0 {
		r.Steps = append(r.Steps, Step{SQL: s.SQL, Comment: s.Comment, Facts: s.Facts, start: now, end: now})
		return
	}
	last := &r.Steps[len(r.Steps)-1]
	last.end, last.Seconds = now, elapsed.Seconds()
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

func sizesOf(ctx context.Context, s dialect.Session, tables []safety.Name) (map[safety.Name]safety.Size, error) {
	sizer, ok := s.(dialect.Sizer)
	if !ok || len(tables) == 0 {
		return nil, nil
	}
	return sizer.Sizes(ctx, tables)
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

// scale tells how long the work may take on the live tables: the time measured, by how much larger they are.
func (r *Report) scale(ctx context.Context, live dialect.Sizer, tables []safety.Name, copied map[safety.Name]safety.Size) error {
	if len(tables) == 0 {
		return nil
	}
	sizes, err := live.Sizes(ctx, tables)
	if err != nil {
		return fmt.Errorf("measure the live tables: %w", err)
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Facts == nil || !s.Facts.Heavy() || len(s.Facts.Locks) == 0 {
			continue
		}
		table := s.Facts.Locks[0].Table
		here, there := copied[table], sizes[table]
		if here.Bytes == 0 || there.Bytes == 0 {
			continue
		}
		by := float64(there.Bytes+there.Index) / float64(here.Bytes+here.Index)
		s.Live = &Range{
			Low: s.Seconds * by / 2, High: s.Seconds * by * 2,
			Basis: fmt.Sprintf("%.3f s measured here on %d MB of %s, of which there are %d MB live; half to twice as long", s.Seconds, megabytes(here), table, megabytes(there)),
		}
	}
	return nil
}

func megabytes(s safety.Size) int64 { return (s.Bytes + s.Index + 1<<19) >> 20 }

// wait is one probe that was answered.
type wait struct {
	table      safety.Name
	write      bool
	start, end time.Time
}

// open makes a session for a probe.
func open(ctx context.Context, d dialect.Dialect, u *dburl.URL) (dialect.Session, error) {
	s, err := d.Connect(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("connect a probe: %w", err)
	}
	return s, nil
}

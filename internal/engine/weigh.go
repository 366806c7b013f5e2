package engine

import (
	"context"
	"fmt"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/safety"
)

// weigh says of each statement of a plan which locks it takes, what it reads and writes anew, and how long that takes
// on tables as large as the live ones. What the plan itself makes has no rows and no users.
func (j *Job) weigh(ctx context.Context, p *plan.Plan, current *object.State) error {
	ex, ok := j.Dialect.(dialect.Examiner)
	if !ok || p.Empty() {
		return nil
	}
	w := &weighing{ex: ex, model: j.model(ex, current), fresh: map[safety.Name]bool{}}
	for _, st := range p.Steps() {
		w.step(st)
	}
	return w.size(ctx, j.Session)
}

// model is the model of a state of the job's database.
func (j *Job) model(ex dialect.Examiner, s *object.State) *safety.Model {
	schema := ""
	if len(j.Scope.Schemas) == 1 {
		schema = j.Scope.Schemas[0]
	}
	return ex.Model(s, schema, j.Session.Server().Examined())
}

type weighing struct {
	ex    dialect.Examiner
	model *safety.Model
	fresh map[safety.Name]bool
	heavy []*plan.Step
}

func (w *weighing) step(st *plan.Step) {
	if st.Masked || st.Tool != nil {
		return
	}
	var f safety.Facts
	for i, a := range w.ex.Actions(st.SQL) {
		a = w.model.Resolve(a)
		found := w.used(w.ex.Facts(w.model, a), a)
		if a.Verb == safety.CreateTable {
			w.fresh[a.Table] = true
		}
		if i == 0 {
			f = found
		} else {
			f = f.Join(found)
		}
		w.model.Apply(a)
	}
	if len(f.Locks) == 0 && !f.Heavy() {
		return
	}
	st.Facts = &f
	if f.Heavy() {
		w.heavy = append(w.heavy, st)
	}
}

// used leaves out what is done to tables that the plan makes.
func (w *weighing) used(f safety.Facts, a safety.Action) safety.Facts {
	var locks []safety.Lock
	for _, l := range f.Locks {
		if !w.fresh[l.Table] {
			locks = append(locks, l)
		}
	}
	f.Locks = locks
	if w.fresh[a.Table] {
		f.Rewrites, f.Scans, f.Builds = false, false, nil
	}
	return f
}

// size adds how large the tables are, and so how long the work takes.
func (w *weighing) size(ctx context.Context, s dialect.Session) error {
	sizer, ok := s.(dialect.Sizer)
	if !ok || len(w.heavy) == 0 {
		return nil
	}
	var names []safety.Name
	seen := map[safety.Name]bool{}
	for _, st := range w.heavy {
		for _, l := range st.Facts.Locks {
			if !seen[l.Table] {
				seen[l.Table] = true
				names = append(names, l.Table)
			}
		}
	}
	sizes, err := sizer.Sizes(ctx, names)
	if err != nil {
		return fmt.Errorf("measure the tables: %w", err)
	}
	for _, st := range w.heavy {
		f := st.Facts
		f.Takes, _ = f.Weigh(func(n safety.Name) (safety.Size, bool) { s, known := sizes[n]; return s, known }, sizer.Rates())
		for _, l := range f.Locks {
			if s, known := sizes[l.Table]; known && len(f.Sizes) == 0 {
				f.Sizes = append(f.Sizes, safety.Sized{Table: l.Table, Size: s})
			}
		}
	}
	return nil
}

// Package undo finds the way back from the version that a database is at to an earlier one: by the statements that the
// files themselves have for it, or by a plan between states. Either way it first sees that the database is where its
// history says, and that the way leads to where the earlier files lead. It runs nothing on the database.
package undo

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/source"
)

// Options say what the user allows and wants.
type Options struct {
	// AllowDrift goes on where the database is not what its history says.
	AllowDrift bool
	// Computed leaves the statements aside that files have to undo them.
	Computed bool
	// Renames are kind:old=new: what has another name at the target.
	Renames []string
}

// Way is how migrations are undone.
type Way struct {
	Migrations []*revision.Migration // in the order in which they run
	// Own means that the statements are those of the files.
	Own bool
	// Result is the difference between the database and the target. Without Own it is what runs.
	Result *engine.Result
	// Drift is what the database has beside what its history says, as steps that would mend it.
	Drift []string
	// Rows are statements of the files that may have written rows, which no state holds.
	Rows []dialect.Statement
	// Untried means that the rest of a plan that stopped midway could not be tried again on its own.
	Untried bool
}

// finder is a search at work.
type finder struct {
	job     *engine.Job
	history dialect.History
	survey  *revision.Survey
	undo    *revision.Undo
	options Options

	live, then *object.State
	told       *object.State   // where the history says that the database is
	now        []source.Script // that lead there
	begun      bool            // an earlier plan stopped midway: no files lead to where the database is
	drift      []string
}

// Find finds the way. The caller holds the lock.
func Find(ctx context.Context, job *engine.Job, h dialect.History, s *revision.Survey, u *revision.Undo, o Options) (*Way, error) {
	f := &finder{job: job, history: h, survey: s, undo: u, options: o}
	if err := f.await(ctx); err != nil {
		return nil, err
	}
	own, err := f.own()
	if err != nil {
		return nil, err
	}
	if f.then, err = job.Replay(ctx, migrate.Scripts(u.Then)); err != nil {
		return nil, err
	}
	if f.live, err = job.Current(ctx); err != nil {
		return nil, err
	}
	if err := f.place(ctx, own); err != nil {
		return nil, err
	}
	w := &Way{Own: own, Drift: f.drift}
	from := f.live
	if own {
		from = f.told // what is there beside that stays
	}
	if w.Result, err = f.between(ctx, from, own); err != nil {
		return nil, err
	}
	if own {
		return w, f.byFiles(ctx, w)
	}
	return w, f.byPlan(ctx, w)
}

// await sees that no statement of a run that was cut off is still at work.
func (f *finder) await(ctx context.Context) error {
	for i := range f.undo.Begun {
		r := &f.undo.Begun[i]
		if _, started := r.Started(); !started {
			continue
		}
		if _, err := f.history.Judge(ctx, r, dialect.Statement{SQL: r.ErrorStmt}); err != nil {
			return err
		}
	}
	return nil
}

// own reports whether all files say how they are undone, and can be held to it.
func (f *finder) own() (bool, error) {
	u := f.undo
	own := !f.options.Computed && u.Half == nil && len(u.Files) == len(u.Revisions)
	for i := range u.Begun {
		_, _, planned, _ := u.Begun[i].BeingUndone()
		f.begun = f.begun || planned || f.options.Computed
	}
	for _, file := range u.Files {
		_, ok, err := file.Down(f.job.Dialect)
		if err != nil {
			return false, err
		}
		own = own && ok
	}
	if f.begun = f.begun || len(u.Begun) > 0 && !own; f.begun {
		return false, nil
	}
	return own, nil
}

// byFiles takes the statements of the files, one file after the other.
func (f *finder) byFiles(ctx context.Context, w *Way) error {
	scripts := migrate.Scripts(f.undo.Now)
	for i, file := range f.undo.Files {
		m, err := revision.Undoing(f.job.Dialect, f.survey.Dir, file, f.undo.Revisions[i])
		if err != nil {
			return err
		}
		w.Migrations = append(w.Migrations, m)
		scripts = append(scripts, scriptOf(f.survey.Dir.Path(file.Name), m.Statements, !m.Framed))
	}
	rest, err := f.rest(ctx, scripts)
	if err != nil {
		return diag.Errorf(diag.Pos{}, "unproven", "nothing was undone, because what undoes the files fails on the dev database: %v", err).
			WithHint("mend it; or give --computed, and the way back is made from the states")
	}
	if rest.Empty() {
		return nil
	}
	return unproven("what undoes the files was tried, and does not lead to where the files before them lead", rest).
		WithHint("mend it; or give --computed, and the way back is made from the states")
}

// byPlan takes the plan between the states.
func (f *finder) byPlan(ctx context.Context, w *Way) (err error) {
	p := w.Result.Plan
	for _, s := range p.Steps() {
		if s.Masked {
			return diag.Errorf(s.Pos, "secret", "%s needs a secret, which no migration holds", s.Comment).
				WithHint("undo it with schemactl apply, whose desired state takes secrets from variables")
		}
	}
	if w.Rows, err = migrate.RowWriters(f.job.Dialect, f.undo.Files); err != nil {
		return err
	}
	statements := statementsOf(p)
	framed := f.job.Session.Transactional() && (len(p.Segments) == 0 || len(p.Segments) == 1 && p.Segments[0].Transactional)
	last := f.undo.Revisions[0]
	file := &migrate.File{Name: last.Version, Version: last.Version, Desc: last.Description}
	if len(f.undo.Files) > 0 && f.undo.Files[0].Version == last.Version {
		file = f.undo.Files[0]
	}
	m, err := revision.UndoingByPlan(f.job.Dialect, file, statements, partsOf(p), framed, f.undo.Revisions)
	if err != nil {
		return err
	}
	w.Migrations = []*revision.Migration{m}
	if f.begun || len(f.drift) > 0 {
		return f.proveOnCopy(ctx, w)
	}
	rest, err := f.rest(ctx, append(slices.Clone(f.now), scriptOf("the plan", statements, !framed)))
	if err != nil {
		return diag.Errorf(diag.Pos{}, "unproven", "nothing was undone, because the plan fails on the dev database: %v", err)
	}
	if rest.Empty() {
		return nil
	}
	return unproven("the plan was tried, and does not lead to where the files before lead", rest)
}

// rest replays scripts and plans what is left to the target.
func (f *finder) rest(ctx context.Context, scripts []source.Script) (*plan.Plan, error) {
	got, err := f.job.Replay(ctx, scripts)
	if err != nil {
		return nil, err
	}
	r, err := f.job.PlanTo(ctx, got, f.then)
	if err != nil {
		return nil, err
	}
	return r.Plan, nil
}

func unproven(what string, rest *plan.Plan) *diag.Diagnostic {
	return diag.Errorf(diag.Pos{}, "unproven", "nothing was undone: %s. It lacks:\n  %s", what, strings.Join(comments(rest), "\n  "))
}

func comments(p *plan.Plan) []string {
	var out []string
	for _, s := range p.Steps() {
		out = append(out, s.Comment)
	}
	return out
}

// partsOf are the segments of a plan, as far as each is a transaction.
func partsOf(p *plan.Plan) []revision.Part {
	var out []revision.Part
	n := 0
	for _, seg := range p.Segments {
		out = append(out, revision.Part{From: n, To: n + len(seg.Steps), Framed: seg.Transactional})
		n += len(seg.Steps)
	}
	return out
}

func statementsOf(p *plan.Plan) []dialect.Statement {
	var out []dialect.Statement
	for _, s := range p.Steps() {
		out = append(out, dialect.Statement{SQL: strings.TrimRight(s.SQL, "; \n"), Single: true})
	}
	return out
}

// scriptOf hands statements over to be replayed.
func scriptOf(name string, statements []dialect.Statement, noTx bool) source.Script {
	var text strings.Builder
	for _, s := range statements {
		text.WriteString(s.SQL + ";\x00")
	}
	return source.Script{
		Name: name, Text: []byte(text.String()), Mode: strconv.FormatBool(noTx),
		Cut: func(dialect.Dialect) (dialect.Script, error) {
			return dialect.Script{Statements: statements, NoTx: noTx}, nil
		},
	}
}

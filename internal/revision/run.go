package revision

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// Interrupted says what became of a statement that was cut off, where the database cannot tell.
type Interrupted string

// What a person can say of it.
const (
	Done  Interrupted = "done"
	Again Interrupted = "again"
)

// Run is a run of migrations. The lock is the caller's.
type Run struct {
	Dialect dialect.Dialect
	History dialect.History
	TxMode  migrate.TxMode
	// Operator goes into the history: the tool and its version.
	Operator string
	// Retries is how often a file is tried again that stopped at a lock timeout or a deadlock.
	Retries     int
	Interrupted Interrupted
	// Tell hears what is done beside the migrations; Start and End frame a file.
	Tell       func(string)
	Start, End func(m *Migration, elapsed time.Duration)

	// Pause replaces the wait before another try, for tests.
	Pause func(ctx context.Context, try int) error
}

// Failure tells where a run stopped.
type Failure struct {
	Migration *Migration
	Statement *dialect.Statement // nil: it was none of a file's
	Err       error
	Done      []*Migration // committed: they stay
	Left      []*Migration // not run
	// Applied counts the statements of the migration that stay; less than 0: it is not known.
	Applied int
	// Gone means that the history is not there any more: the migration dropped it, and nothing tells what is applied.
	Gone bool
	// Sent are those that were sent together with the migration when the connection was lost: they too may be applied.
	Sent []*Migration
}

// Error is the fault with the place of the statement.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap is the server's fault.
func (f *Failure) Unwrap() error { return f.Err }

// Baseline writes the first revision of a database that has the file, and all before it, already.
func (r *Run) Baseline(ctx context.Context, f *migrate.File) error {
	return r.History.Write(ctx, &dialect.Revision{
		Version: f.Version, Description: f.Desc, Type: dialect.Baseline, ExecutedAt: time.Now().UTC(), Operator: r.Operator,
	})
}

// Apply runs migrations in order. On failure it returns a *Failure.
func (r *Run) Apply(ctx context.Context, list []*Migration) error {
	r.History.Hear(r.Tell)
	defer r.History.Hear(nil)
	whole := r.TxMode == migrate.TxAll
	sent := convoy{most: 1}
	for i := 0; i < len(list); i++ {
		n, err := r.together(ctx, list[i:], &sent)
		if i += n; i == len(list) {
			break
		}
		commit := !whole || i == len(list)-1
		if err := r.migration(ctx, list[i], !whole || i == 0, commit, err); err != nil {
			f := r.failed(ctx, list[i], err)
			f.Done, f.Left = list[:i], list[i+1:]
			if whole {
				f.Done, f.Left = nil, list
			}
			if rest := sent.behind(list[i]); f.Applied < 0 {
				f.Sent, f.Left = rest, f.Left[len(rest):]
			}
			return f
		}
	}
	return nil
}

// migration runs one, and tries again when what stopped it goes away by itself: nothing of a transaction stays then, and
// of other files the history tells where to go on. A first try may have failed already.
func (r *Run) migration(ctx context.Context, m *Migration, begin, commit bool, failed error) error {
	start := time.Now()
	if r.Start != nil {
		r.Start(m, 0)
	}
	for try := 1; ; try++ {
		err := failed
		if failed = nil; err == nil {
			err = r.attempt(ctx, m, begin, commit)
		}
		if err == nil {
			if r.End != nil {
				r.End(m, time.Since(start))
			}
			return nil
		}
		if try > r.Retries || r.TxMode == migrate.TxAll || ctx.Err() != nil || !r.History.Transient(err) {
			return err
		}
		if back := r.rollback(ctx); back != nil {
			return back
		}
		if back := r.reread(ctx, m); back != nil {
			return back
		}
		if m.recoverable(r.rules()) != nil { // that ended what its first statements left in the session
			return err
		}
		r.tell("%s\n  that goes away by itself; %s is tried again (%d of %d)", firstLine(err), m.File.Name, try, r.Retries)
		if err := r.pause(ctx, try); err != nil {
			return err
		}
	}
}

// rules are the dialect's; Prepare saw that it has some.
func (r *Run) rules() dialect.Migrating {
	rules, _ := r.Dialect.(dialect.Migrating)
	return rules
}

func (r *Run) tell(format string, args ...any) {
	if r.Tell != nil {
		r.Tell(fmt.Sprintf(format, args...))
	}
}

func firstLine(err error) string {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d.Pos.String() + ": " + d.Message
	}
	return err.Error()
}

// pause waits longer each time, and not as long as another that waits for the same.
func (r *Run) pause(ctx context.Context, try int) error {
	if r.Pause != nil {
		return r.Pause(ctx, try)
	}
	wait := min(30*time.Second, time.Second<<(try-1))
	wait = wait/2 + rand.N(wait) //nolint:gosec // no secret
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// reread takes over how far the history says that the migration came.
func (r *Run) reread(ctx context.Context, m *Migration) error {
	all, err := r.History.Read(ctx)
	if err != nil {
		return err
	}
	m.Revision.Applied, m.Revision.PartialHashes, m.Revision.Error = 0, nil, ""
	for _, one := range all {
		if one.Version == m.File.Version && one.Partial() {
			m.take(&one)
		}
	}
	return nil
}

func (r *Run) rollback(ctx context.Context) error {
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return r.History.Rollback(clean)
}

// stopped is an error at a statement.
type stopped struct {
	statement dialect.Statement
	err       error
}

func (s *stopped) Error() string { return s.err.Error() }

func (s *stopped) Unwrap() error { return s.err }

func (r *Run) attempt(ctx context.Context, m *Migration, begin, commit bool) error {
	m.Revision.Operator = r.Operator
	if m.Revision.ExecutedAt.IsZero() {
		m.Revision.ExecutedAt = time.Now().UTC()
	}
	start := time.Now()
	if err := r.settle(ctx, m); err != nil {
		return err
	}
	if err := r.mark(ctx, m); err != nil {
		return err
	}
	if m.Framed && begin {
		if err := r.History.Begin(ctx); err != nil {
			return err
		}
	}
	if err := r.checks(ctx, m); err != nil {
		return err
	}
	if err := r.restore(ctx, m); err != nil {
		return err
	}
	if ok, err := r.whole(ctx, m, start, commit); ok || err != nil {
		return err
	}
	for n := m.Revision.Applied; n < len(m.Statements); n++ {
		if err := ctx.Err(); err != nil {
			return &stopped{m.Statements[n], err}
		}
		if end, ok, err := r.part(ctx, m, n); err != nil {
			return err
		} else if ok {
			n = end - 1
			continue
		}
		p := &dialect.Progress{Statement: m.Statements[n], Shown: Shown(m.Statements[n]), Before: m.after(n), After: m.after(n + 1), Framed: m.Framed, Last: n == len(m.Statements)-1, Tell: func(s string) { r.tell("%s", s) }}
		if err := r.History.Run(ctx, p); err != nil {
			return &stopped{m.Statements[n], err}
		}
	}
	if err := r.finish(ctx, m, m.final(start), commit); err != nil {
		return r.notEntered(m, err)
	}
	return nil
}

// notEntered is an error of the end of a migration, when all of it has run.
func (r *Run) notEntered(m *Migration, err error) error {
	if r.History.Missing(err) {
		return diag.Errorf(diag.Pos{}, "history-dropped", "%s drops the history, %s, into which it is to be written: %v", m.File.Name, r.History.Table(), err).
			WithHint("take out what drops it: no migration can take away the table, the schema or the database that tells which have run")
	}
	return fmt.Errorf("write %s into the history: %w", m.File.Name, err)
}

// whole runs a file of which nothing has run at once, where the dialect can.
func (r *Run) whole(ctx context.Context, m *Migration, start time.Time, commit bool) (ok bool, err error) {
	if !m.Framed || m.Revision.Applied > 0 {
		return false, nil
	}
	w := &dialect.Whole{Statements: m.Statements, Entry: m.final(start), New: m.fresh, Commit: commit}
	if m.undo != nil {
		w.Forget, w.Commit = m.undo.versions(), true
	}
	done, ok, err := r.History.RunWhole(ctx, w)
	switch {
	case err == nil:
		return ok, nil
	case done < len(m.Statements):
		return ok, &stopped{m.Statements[done], err}
	}
	return ok, r.notEntered(m, err)
}

// part runs the statements from one on that are a transaction together, where the dialect can.
func (r *Run) part(ctx context.Context, m *Migration, n int) (end int, ok bool, err error) {
	for _, p := range m.parts {
		if m.Framed || !p.Framed || n < p.From || n+1 >= p.To {
			continue
		}
		if err := r.History.Begin(ctx); err != nil {
			return 0, false, err
		}
		done, ok, err := r.History.RunWhole(ctx, &dialect.Whole{Statements: m.Statements[n:p.To], Entry: m.after(p.To), Commit: true})
		switch {
		case err == nil && !ok:
			return 0, false, r.rollback(ctx)
		case err == nil:
			return p.To, true, nil
		case n+done < p.To:
			return 0, true, &stopped{m.Statements[n+done], err}
		}
		return 0, true, r.notEntered(m, err)
	}
	return 0, false, nil
}

// restore runs the statements again that set the session up for those that follow, and were run before the file stopped.
func (r *Run) restore(ctx context.Context, m *Migration) error {
	rules := r.rules()
	for _, st := range m.Statements[:m.Revision.Applied] {
		if !rules.ForSession(st.SQL) {
			continue
		}
		p := &dialect.Progress{Statement: st, Shown: Shown(st), Before: m.after(m.Revision.Applied), After: m.after(m.Revision.Applied), Framed: m.Framed}
		if err := r.History.Run(ctx, p); err != nil {
			return &stopped{st, err}
		}
	}
	return nil
}

// settle finds out what became of a statement that was cut off.
func (r *Run) settle(ctx context.Context, m *Migration) error {
	_, started := m.Revision.Started()
	n := m.Revision.Applied
	if !started || n >= len(m.Statements) {
		return nil
	}
	st := m.Statements[n]
	changed := m.Revision.ErrorStmt != "" && m.Revision.ErrorStmt != Shown(st)
	if changed && r.Interrupted == "" {
		return &stopped{st, diag.Errorf(st.Pos, "history-changed", "another statement stood here when it was cut off: %s", m.Revision.ErrorStmt).
			WithHint("restore it, so that apply can look what became of it; or look yourself, and say --interrupted again to run the new one, --interrupted done to take it for done")}
	}
	rules := r.rules()
	if rules.ForSession(st.SQL) {
		return nil
	}
	v, err := r.verdict(ctx, m, st, changed)
	if err != nil {
		return err
	}
	switch {
	case v.Done:
		r.tell("%s: the statement was cut off, and is done: %s", st.Pos, v.Why)
		row := m.after(n + 1)
		m.take(row)
		return r.History.Write(ctx, row)
	case v.Again:
		r.tell("%s: the statement was cut off, and runs again: %s", st.Pos, v.Why)
		return nil
	}
	why := "the database does not show whether it is done"
	if v.Why != "" {
		why += ": " + v.Why
	}
	return &stopped{st, diag.Errorf(st.Pos, "cut-off", "this statement was cut off, and %s", why).
		WithHint("look whether it is done, and say so: --interrupted done, or --interrupted again to run it once more")}
}

// verdict asks the catalog, unless the statement is another now, and then the user.
func (r *Run) verdict(ctx context.Context, m *Migration, st dialect.Statement, changed bool) (v dialect.Verdict, err error) {
	if !changed {
		v, err = r.History.Judge(ctx, &m.Revision, st)
	}
	if err != nil || v.Done || v.Again {
		return v, err
	}
	switch r.Interrupted {
	case Done:
		return dialect.Verdict{Done: true, Why: "--interrupted done says so"}, nil
	case Again:
		return dialect.Verdict{Again: true, Why: "--interrupted again says so"}, nil
	}
	return v, nil
}

// checks sees that the guards of a migration hold before its first statement runs.
func (r *Run) checks(ctx context.Context, m *Migration) error {
	if m.Revision.Applied > 0 {
		return nil
	}
	for _, c := range m.Checks {
		if err := r.check(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) check(ctx context.Context, c Check) error {
	held := false
	for _, q := range c.Queries {
		ok, err := r.History.Holds(ctx, q.SQL)
		switch {
		case errors.Is(err, dialect.ErrNoAnswer):
			return &stopped{q, diag.Errorf(q.Pos, "check", "%v", err)}
		case err != nil:
			return &stopped{q, err}
		case ok && c.OneOf:
			return nil
		case !ok && !c.OneOf:
			return &stopped{q, diag.Errorf(q.Pos, "check-failed", "a check of the migration does not hold: %s", Shown(q)).
				WithHint("nothing of the file has run; mend what the check looks for, and apply again")}
		}
		held = held || ok
	}
	if c.OneOf && !held && len(c.Queries) > 0 {
		return &stopped{c.Queries[0], diag.Errorf(c.Queries[0].Pos, "check-failed", "none of the checks in %s holds, and one must", c.Name).
			WithHint("nothing of the file has run; mend what the checks look for, and apply again")}
	}
	return nil
}

package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

// Replay runs migrations in order, in one transaction that is rolled back. Where the server allows something only before or
// after a commit, the scripts are committed one by one instead, as a database of users does, and what they made is dropped.
func (s *session) Replay(ctx context.Context, base []dialect.Statement, scripts []dialect.Script, scope dialect.Scope) (*catalog.Catalog, error) {
	if err := s.checkEmpty(ctx, scope); err != nil {
		return nil, err
	}
	if err := s.checkRoles(ctx, nil, scope); err != nil {
		return nil, err
	}
	for _, script := range scripts {
		if err := refuseOutreach(script.Statements); err != nil {
			return nil, err
		}
	}
	r := replay{session: s, scope: scope, scripts: scripts, history: s.standIn(scope)}
	base = withSettings(withoutTransactions(base))
	joined := slices.ContainsFunc(scripts, func(s dialect.Script) bool { return s.Joined })
	pieces := !joined && len(scope.With) == 0 && (s.bound == "" || !scope.Bound) // else the database is not ours alone
	if pieces && slices.ContainsFunc(scripts, differsCommitted) && r.traces() == nil {
		return r.inPieces(ctx, base)
	}
	if err := s.Begin(ctx); err != nil {
		return nil, err
	}
	c, err := r.within(ctx, base)
	if rollbackErr := s.Rollback(context.WithoutCancel(ctx)); err == nil {
		err = rollbackErr
	}
	if !pieces || !needsCommits(err) {
		return c, err
	}
	if traces := r.traces(); traces != nil && !outOfLocks(err) {
		return nil, becauseOf(err, traces)
	}
	return r.inPieces(ctx, base)
}

// becauseOf says of a statement that leaves traces why the scripts cannot stay in one transaction.
func becauseOf(err, traces error) error {
	var d *diag.Diagnostic
	if !errors.As(traces, &d) {
		return err
	}
	return diag.Errorf(d.Pos, "leaves-traces", "this statement changes what belongs to the whole dev server, and cannot be taken back there: another one needs commits (%s)", firstOf(err)).
		WithHint("keep statements on roles, databases and tablespaces out of this directory; or replay without the files that have either")
}

func firstOf(err error) string {
	var f *serverFault
	if errors.As(err, &f) {
		return f.Pos.String() + ": " + f.Message
	}
	return err.Error()
}

// replay is the replay of some scripts.
type replay struct {
	*session
	scope   dialect.Scope
	scripts []dialect.Script
	history standIn
}

// needsCommits reports whether the server refused something only because it came in the same transaction as what it
// builds on: too many locks, a new value of an enum, a statement that no transaction may hold, rows that wait for a
// deferred check (PostgreSQL manual, "PostgreSQL Error Codes").
func needsCommits(err error) bool {
	var f *serverFault
	return outOfLocks(err) || errors.As(err, &f) && slices.Contains([]string{"55P04", "25001", "55006", "2D000"}, f.code)
}

// differsCommitted reports whether a script could do in one transaction with those before it what it cannot after they are
// committed, or the other way round: since version 17 a value of an enum can be used in the transaction that makes both, and
// what frames itself may roll back.
func differsCommitted(script dialect.Script) bool {
	for _, st := range script.Statements {
		w := statement.Words(st.SQL, 12)
		switch {
		case script.NoTx && slices.Contains([]string{"ROLLBACK", "PREPARE TRANSACTION"}, (Dialect{}).Frames(st.SQL)):
			return true
		case script.NoTx && (Dialect{}).Frames(st.SQL) == "COMMIT" && slices.ContainsFunc(w, func(x statement.Word) bool { return x.Is("chain") }):
			return true
		case !script.NoTx && len(script.Statements) > 1 && len(w) > 4 && w[0].Is("alter") && w[1].Is("type") &&
			slices.ContainsFunc(w, func(x statement.Word) bool { return x.Is("value") }):
			return true
		}
	}
	return false
}

// inTransaction are the statements of a script as one transaction can hold them: without its own frames, and without the
// CONCURRENTLY of what runs outside of any.
func inTransaction(script dialect.Script) []dialect.Statement {
	var out []dialect.Statement
	framed := false
	for _, st := range script.Statements {
		if word := (Dialect{}).Frames(st.SQL); word != "" {
			framed = word == "BEGIN"
			continue
		}
		if script.NoTx && !framed {
			st.SQL = blankTransactions(st)
		}
		out = append(out, st)
	}
	return out
}

func (r *replay) within(ctx context.Context, base []dialect.Statement) (*catalog.Catalog, error) {
	s := r.session
	if err := s.become(ctx, r.scope); err != nil {
		return nil, err
	}
	all := slices.Clone(base)
	for _, script := range r.scripts {
		all = append(all, script.Statements...)
	}
	guests, err := s.guests(ctx, r.scope, all)
	if err != nil {
		return nil, err
	}
	if err := s.enter(ctx, r.scope); err != nil {
		return nil, err
	}
	if err := s.checkBodies(ctx); err != nil {
		return nil, err
	}
	l := &loading{session: s, scope: r.scope, local: "LOCAL "}
	if err := loadAll(ctx, base, l.round); err != nil {
		return nil, err
	}
	after := func(check string) string {
		return r.end("LOCAL ", check) + "; SET LOCAL check_function_bodies = on"
	}
	if s.tryWithin(ctx, r.history.open+"; "+after("")) != nil {
		r.history = standIn{}
	}
	if err := r.run(ctx, after(checkDeferred)); err != nil {
		return nil, err
	}
	for _, text := range r.history.close {
		_ = s.tryWithin(ctx, text)
	}
	if err := s.Exec(ctx, s.settingsOf(r.scope, "LOCAL ")); err != nil {
		return nil, err
	}
	return s.inspectWithout(ctx, r.scope, guests)
}

// checkDeferred checks what COMMIT would, and leaves all as it was.
const checkDeferred = "; SAVEPOINT schemactl_commit; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO SAVEPOINT schemactl_commit; RELEASE SAVEPOINT schemactl_commit"

// A batch of scripts that goes to the server as one message: a round trip and a subtransaction for each would cost more
// than what most of them do.
const (
	replayScripts = 100
	replayBytes   = 1 << 20
)

// run runs the scripts, several in a message, and one by one where one of them fails. after is the end of each.
func (r *replay) run(ctx context.Context, after string) error {
	for scripts := r.scripts; len(scripts) > 0; {
		var text strings.Builder
		n := 0
		for n < len(scripts) && n < replayScripts && text.Len() < replayBytes {
			text.WriteString(joinStatements(inTransaction(scripts[n])) + after + ";\n")
			n++
		}
		if n > 1 && r.tryWithin(ctx, text.String()) == nil {
			scripts = scripts[n:]
			continue
		}
		for _, script := range scripts[:n] {
			if err := r.script(ctx, inTransaction(script)); err != nil {
				return err
			}
			if err := r.Exec(ctx, after); err != nil {
				return r.history.blame(err, script)
			}
		}
		scripts = scripts[n:]
	}
	return nil
}

// end is what ends a script, as history.end does: what it left in its session, and its entry in the history.
func (r *replay) end(local, check string) string {
	text := resetAll
	if r.history.entry != "" {
		text += "; " + r.history.entry
	}
	return text + check + endSession + "; DEALLOCATE ALL; " + r.settingsOf(r.scope, local)
}

// settingsOf ends what was set in the session.
func (s *session) settingsOf(scope dialect.Scope, local string) string {
	text := resetAll + "; " + s.pins(local)
	if scope.Has("owner") {
		text += "; SET " + local + "ROLE " + devOwner
	}
	if scope.Bound {
		text += "; SET " + local + "search_path = " + ident(scope.Schemas[0])
	}
	return text
}

// script runs the statements of a migration: all at once, and one by one to find the fault.
func (s *session) script(ctx context.Context, statements []dialect.Statement) error {
	if len(statements) > 1 && s.tryWithin(ctx, joinStatements(statements)) == nil {
		return nil
	}
	for _, st := range statements {
		if err := s.tryWithRoles(ctx, st.SQL); err != nil {
			return locate(err, st)
		}
	}
	return nil
}

// traces tells what no drop would undo after a commit.
func (r *replay) traces() error {
	for _, script := range r.scripts {
		if err := refuseTraces(script.Statements); err != nil {
			return err
		}
	}
	return nil
}

// inPieces commits the base and each script.
func (r *replay) inPieces(ctx context.Context, base []dialect.Statement) (*catalog.Catalog, error) {
	if err := r.traces(); err != nil {
		return nil, err
	}
	return r.session.inPieces(ctx, base, r.scope, func(p *pieces) error {
		if p.Exec(ctx, "BEGIN; "+r.history.open+"; COMMIT") != nil {
			r.history = standIn{}
			if err := p.Exec(ctx, "ROLLBACK"); err != nil {
				return err
			}
		}
		after := r.end("", "")
		if err := p.Exec(ctx, after); err != nil {
			return err
		}
		for _, script := range r.scripts {
			if err := p.script(ctx, script); err != nil {
				return err
			}
			if err := p.Exec(ctx, after); err != nil {
				return r.history.blame(err, script)
			}
		}
		for _, text := range r.history.close {
			_ = p.Exec(ctx, text)
		}
		return nil
	})
}

func (p *pieces) script(ctx context.Context, script dialect.Script) error {
	if script.NoTx {
		for _, st := range script.Statements {
			if err := p.Exec(ctx, st.SQL); err != nil {
				return locate(err, st)
			}
		}
		return nil
	}
	// Without a savepoint first: SET TRANSACTION can come behind none.
	if p.Exec(ctx, begin()+joinStatements(script.Statements)+"COMMIT") == nil {
		return nil
	}
	if err := p.Exec(ctx, "ROLLBACK"); err != nil {
		return err
	}
	if err := p.Begin(ctx); err != nil {
		return err
	}
	err := p.checkBodies(ctx)
	if err == nil {
		err = p.session.script(ctx, script.Statements)
	}
	if err != nil {
		return errors.Join(err, p.Rollback(context.WithoutCancel(ctx)))
	}
	if err = p.Commit(ctx); err != nil && len(script.Statements) > 0 {
		return locate(err, script.Statements[len(script.Statements)-1])
	}
	return err
}

// standIn is a table that stands for the history of migrations in a dev database, so that a file that drops it, or its
// schema, is found to do so.
type standIn struct {
	name, open, entry string
	close             []string // each on its own: what a file put into the schema keeps that
}

func (s *session) standIn(scope dialect.Scope) standIn {
	schema := scope.History
	if schema == "" && scope.Bound {
		schema = scope.Schemas[0]
	}
	own := schema == ""
	if own {
		schema = dialect.RevisionsTable
	}
	table := qualified(schema, dialect.RevisionsTable)
	out := standIn{
		name:  schema + "." + dialect.RevisionsTable,
		open:  "CREATE SCHEMA IF NOT EXISTS " + ident(schema) + "; CREATE TABLE " + table + " (version text)",
		entry: "INSERT INTO " + table + " VALUES ('')",
		close: []string{"RESET ROLE; DROP TABLE " + table},
	}
	if own {
		out.close = append(out.close, "DROP SCHEMA "+ident(schema))
	}
	return out
}

// blame finds the cause of a fault at the end of a script.
func (h standIn) blame(err error, script dialect.Script) error {
	if len(script.Statements) == 0 {
		return err
	}
	last := script.Statements[len(script.Statements)-1]
	var f *serverFault
	if errors.As(err, &f) && h.entry != "" && (f.code == "42P01" || f.code == "3F000") {
		return historyGone(last.Pos, h.name)
	}
	return locate(err, last)
}

// historyGone says that a migration took the history of migrations away.
func historyGone(at diag.Pos, table string) error {
	return diag.Errorf(at, "history-dropped", "the file drops the history of migrations, %s: its entry has no place to go", table).
		WithHint("leave the table and its schema alone, or keep the history in a schema of its own: --revisions-schema, or revisions_schema in the migration block")
}

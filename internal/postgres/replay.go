package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
)

// Replay runs migrations in order, in one transaction that is rolled back. Where the server allows something only after
// a commit, the scripts are committed one by one instead, and what they made is dropped.
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
	base = withSettings(withoutTransactions(base))
	if err := s.Begin(ctx); err != nil {
		return nil, err
	}
	c, err := s.replayWithin(ctx, base, scripts, scope)
	if rollbackErr := s.Rollback(context.WithoutCancel(ctx)); err == nil {
		err = rollbackErr
	}
	if needsCommits(err) && len(scope.With) == 0 && (s.bound == "" || !scope.Bound) { // else the database is not ours alone
		return s.replayInPieces(ctx, base, scripts, scope)
	}
	return c, err
}

// needsCommits reports whether the server refused something only because it came in the same transaction as what it
// builds on: too many locks, a new value of an enum, a statement that no transaction may hold, rows that wait for a
// deferred check (PostgreSQL manual, "PostgreSQL Error Codes").
func needsCommits(err error) bool {
	var f *serverFault
	return outOfLocks(err) || errors.As(err, &f) && slices.Contains([]string{"55P04", "25001", "55006", "2D000"}, f.code)
}

func (s *session) replayWithin(ctx context.Context, base []dialect.Statement, scripts []dialect.Script, scope dialect.Scope) (*catalog.Catalog, error) {
	if err := s.become(ctx, scope); err != nil {
		return nil, err
	}
	all := slices.Clone(base)
	for _, script := range scripts {
		all = append(all, script.Statements...)
	}
	guests, err := s.guests(ctx, scope, all)
	if err != nil {
		return nil, err
	}
	if err := s.enter(ctx, scope); err != nil {
		return nil, err
	}
	if err := s.checkBodies(ctx); err != nil {
		return nil, err
	}
	l := &loading{session: s, scope: scope, local: "LOCAL "}
	if err := loadAll(ctx, base, l.round); err != nil {
		return nil, err
	}
	if err := s.scripts(ctx, scripts, s.settingsOf(scope, "LOCAL ")+"; SET LOCAL check_function_bodies = on"); err != nil {
		return nil, err
	}
	return s.inspectWithout(ctx, scope, guests)
}

// A batch of scripts that goes to the server as one message: a round trip and a subtransaction for each would cost more
// than what most of them do.
const (
	replayScripts = 100
	replayBytes   = 1 << 20
)

// scripts runs migrations, several in a message, and one by one where one of them fails. after ends what each set.
func (s *session) scripts(ctx context.Context, scripts []dialect.Script, after string) error {
	for len(scripts) > 0 {
		var text strings.Builder
		n := 0
		for n < len(scripts) && n < replayScripts && text.Len() < replayBytes {
			text.WriteString(joinStatements(withoutTransactions(scripts[n].Statements)) + after + ";\n")
			n++
		}
		if n > 1 && s.tryWithin(ctx, text.String()) == nil {
			scripts = scripts[n:]
			continue
		}
		for _, script := range scripts[:n] {
			if err := s.script(ctx, withoutTransactions(script.Statements)); err != nil {
				return err
			}
			if err := s.Exec(ctx, after); err != nil {
				return err
			}
		}
		scripts = scripts[n:]
	}
	return nil
}

// settingsOf ends what a script left in its session, as history.end does.
func (s *session) settingsOf(scope dialect.Scope, local string) string {
	text := "RESET ALL; RESET ROLE; RESET SESSION AUTHORIZATION" + endSession + "; DEALLOCATE ALL; " + s.pins(local)
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

// replayInPieces commits the base and each script, as a database of users does.
func (s *session) replayInPieces(ctx context.Context, base []dialect.Statement, scripts []dialect.Script, scope dialect.Scope) (*catalog.Catalog, error) {
	for _, script := range scripts {
		if err := refuseTraces(script.Statements); err != nil {
			return nil, err
		}
	}
	return s.inPieces(ctx, base, scope, func(p *pieces) error {
		for _, script := range scripts {
			if err := p.script(ctx, script); err != nil {
				return err
			}
			if err := p.Exec(ctx, p.settingsOf(scope, "")); err != nil {
				return err
			}
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
	if err := p.Begin(ctx); err != nil {
		return err
	}
	err := p.checkBodies(ctx)
	if err == nil {
		err = p.session.script(ctx, withoutTransactions(script.Statements))
	}
	if err != nil {
		return errors.Join(err, p.Rollback(context.WithoutCancel(ctx)))
	}
	return p.Commit(ctx)
}

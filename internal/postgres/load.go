package postgres

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// Load runs the statements in one transaction, reads the catalogs inside it and rolls it back: nothing stays behind,
// even after a crash. Statements that name an object which does not exist yet are tried again after the others, so
// that files need no order. Where the server cannot lock that many objects at once, the load goes in pieces.
func (s *session) Load(ctx context.Context, statements []dialect.Statement, scope dialect.Scope) (*catalog.Catalog, error) {
	if err := s.checkEmpty(ctx, scope); err != nil {
		return nil, err
	}
	if err := s.checkRoles(ctx, statements, scope); err != nil {
		return nil, err
	}
	statements, err := withoutPsql(statements)
	if err != nil {
		return nil, err
	}
	if err := refuseOutreach(statements); err != nil {
		return nil, err
	}
	pending := withoutTransactions(statements)
	if err := s.Begin(ctx); err != nil {
		return nil, err
	}
	c, err := s.loadWithin(ctx, pending, scope)
	if rollbackErr := s.Rollback(context.WithoutCancel(ctx)); err == nil {
		err = rollbackErr
	}
	if outOfLocks(err) && len(scope.With) == 0 && (s.bound == "" || !scope.Bound) { // else it is not ours alone
		return s.loadInPieces(ctx, pending, scope)
	}
	return c, err
}

// checkEmpty refuses a database that holds anything: it would become part of the desired state. Where both the
// connection and the desired state are bound to a schema, only that one counts.
func (s *session) checkEmpty(ctx context.Context, scope dialect.Scope) error {
	var found string
	only := ""
	if s.bound != "" && scope.Bound {
		only = s.bound
	}
	err := s.conn.QueryRowContext(ctx, `
SELECT kind || ' ' || name FROM (
  SELECT 'schema' AS kind, n.nspname::text AS name, n.nspname AS schema FROM pg_catalog.pg_namespace n
  WHERE n.nspname <> 'public' AND $1 = '' AND `+userSchemas+`
  UNION ALL SELECT 'relation', c.relname, n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE `+userSchemas+`
  UNION ALL SELECT 'function', p.proname, n.nspname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE `+userSchemas+`
  UNION ALL SELECT 'type', t.typname, n.nspname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE `+userSchemas+`) x
WHERE $1 IN ('', x.schema)
ORDER BY 1 LIMIT 1`, only).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fault(err, "")
	}
	return diag.Errorf(diag.Pos{}, "dev-not-empty", "the dev database is not empty: it holds the %s", found).
		WithHint("give --dev-url an empty database, or leave it out and let schemactl make one")
}

// enter makes the schema that the scope is bound to and resolves unqualified names in it. A dev database that is bound
// to another schema may hold one of that name, which steps aside until the transaction is rolled back.
func (s *session) enter(ctx context.Context, scope dialect.Scope) error {
	if !scope.Bound {
		return nil
	}
	name := scope.Schemas[0]
	if s.bound != "" && s.bound != name {
		var there bool
		err := s.conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", name).Scan(&there)
		if err != nil {
			return fault(err, "")
		}
		if there {
			if err := s.Exec(ctx, "ALTER SCHEMA "+ident(name)+" RENAME TO schemactl_aside"); err != nil {
				return err
			}
		}
	}
	if err := s.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+ident(name)); err != nil {
		return err
	}
	return s.Exec(ctx, "SET LOCAL search_path = "+ident(name))
}

func (s *session) loadWithin(ctx context.Context, pending []dialect.Statement, scope dialect.Scope) (*catalog.Catalog, error) {
	if err := s.become(ctx, scope); err != nil {
		return nil, err
	}
	if err := s.enter(ctx, scope); err != nil {
		return nil, err
	}
	if err := s.checkBodies(ctx); err != nil {
		return nil, err
	}
	if err := loadAll(ctx, pending, s.loadRound); err != nil {
		return nil, err
	}
	return InspectWithin(ctx, s.conn, scope)
}

// checkBodies has bodies of functions checked in this transaction, where their place is known; Begin turns that off for
// plans.
func (s *session) checkBodies(ctx context.Context) error {
	return s.Exec(ctx, "SET LOCAL check_function_bodies = on")
}

// loadRound tries each statement once and returns those that wait for others, with the first reason.
type loadRound func(ctx context.Context, pending []dialect.Statement) (left []dialect.Statement, firstErr, err error)

// loadAll goes round until nothing is left, or nothing of it can be loaded.
func loadAll(ctx context.Context, pending []dialect.Statement, round loadRound) error {
	for len(pending) > 0 {
		left, firstErr, err := round(ctx, pending)
		if err != nil {
			return err
		}
		if len(left) > 0 && len(left) == len(pending) && !splitFurther(&left) {
			return firstErr // nil: what is left is optional
		}
		pending = left
	}
	return nil
}

var (
	frames       = regexp.MustCompile(`(?im)^\s*(begin|commit|rollback|end|abort|start\s+transaction)\b[\w\s]*;`)
	frame        = regexp.MustCompile(`(?is)^\s*(begin|commit|rollback|end|abort|start\s+transaction)\b[\w\s]*;?\s*$`)
	concurrently = regexp.MustCompile(`(?i)\b((?:create\s+(?:unique\s+)?|drop\s+|re)index)\s+concurrently\b`)
)

// forPsql matches what only psql may understand: its commands, and rows that it sends itself.
var forPsql = regexp.MustCompile(`(?im)^\\|\bfrom\s+stdin\b`)

// withoutPsql cuts files that seem to be for psql: the cut passes over what pg_dump writes to guard its output, and names
// what no server understands.
func withoutPsql(statements []dialect.Statement) ([]dialect.Statement, error) {
	var out []dialect.Statement
	for _, st := range statements {
		if !st.Object.IsZero() || !forPsql.MatchString(st.SQL) {
			out = append(out, st)
			continue
		}
		pieces, err := Dialect{}.Split([]byte(st.SQL), st.Pos.File)
		if err != nil {
			return nil, err
		}
		out = append(out, pieces...)
	}
	return out, nil
}

// withoutTransactions takes the frames out of files that frame themselves, and CONCURRENTLY, which a transaction does
// not allow and an empty table does not need: the load is one transaction that must not be committed.
func withoutTransactions(statements []dialect.Statement) []dialect.Statement {
	var out []dialect.Statement
	for _, st := range statements {
		if concurrently.MatchString(st.SQL) {
			st.SQL = concurrently.ReplaceAllString(st.SQL, "$1")
		}
		pieces := []dialect.Statement{st}
		if frames.MatchString(st.SQL) || frame.MatchString(st.SQL) {
			splitFurther(&pieces)
			pieces = slices.DeleteFunc(pieces, func(p dialect.Statement) bool { return frame.MatchString(p.SQL) })
		}
		out = append(out, pieces...)
	}
	return out
}

// splitFurther cuts whole files into their statements, which may succeed one by one. It reports whether it cut any.
func splitFurther(pending *[]dialect.Statement) bool {
	var out []dialect.Statement
	for _, st := range *pending {
		pieces, err := Dialect{}.Split([]byte(st.SQL), st.Pos.File)
		if err != nil || len(pieces) < 2 {
			out = append(out, st)
			continue
		}
		for i := range pieces {
			pieces[i].Object = st.Object
			if st.Pos.Line > 0 {
				pieces[i].Pos.Line += st.Pos.Line - 1
			}
		}
		out = append(out, pieces...)
	}
	cut := len(out) > len(*pending)
	*pending = out
	return cut
}

// Statements travel together up to these sizes: a statement alone takes three round trips.
const (
	batchStatements = 100
	batchBytes      = 1 << 16
)

func (s *session) loadRound(ctx context.Context, pending []dialect.Statement) (left []dialect.Statement, firstErr, err error) {
	for len(pending) > 0 {
		batch := pending[:batchSize(pending)]
		pending = pending[len(batch):]
		if len(batch) > 1 {
			err := s.tryWithin(ctx, joinStatements(batch))
			if err == nil {
				continue
			}
			if outOfLocks(err) {
				return nil, nil, err
			}
		}
		waiting, reason, err := s.loadSingly(ctx, batch)
		if err != nil {
			return nil, nil, err
		}
		if firstErr == nil {
			firstErr = reason
		}
		left = append(left, waiting...)
	}
	return left, firstErr, nil
}

// loadSingly tells which statements fail.
func (s *session) loadSingly(ctx context.Context, batch []dialect.Statement) (left []dialect.Statement, firstErr, err error) {
	for _, st := range batch {
		execErr := s.tryWithRoles(ctx, st.SQL)
		if execErr == nil {
			continue
		}
		execErr = locate(execErr, st)
		switch {
		case st.Optional:
		case !errors.Is(execErr, dialect.ErrMissing):
			return nil, nil, execErr
		case firstErr == nil:
			firstErr = execErr
		}
		left = append(left, st)
	}
	return left, firstErr, nil
}

// batchSize is how many statements can be sent as one text. Only those that are known to be one statement each, because
// they were made for an object, travel with others: the end of a file may be within a comment.
func batchSize(pending []dialect.Statement) int {
	size, most := 0, min(batchStatements, len(pending))
	for n, st := range pending[:most] {
		size += len(st.SQL)
		if st.Object.IsZero() || st.Optional || size > batchBytes {
			return max(1, n)
		}
	}
	return most
}

// joinStatements makes one text of statements, each of which may end with a comment.
func joinStatements(statements []dialect.Statement) string {
	var text strings.Builder
	for _, st := range statements {
		text.WriteString(st.SQL + "\n;\n")
	}
	return text.String()
}

// tryWithin runs a statement under a savepoint.
func (s *session) tryWithin(ctx context.Context, text string) error {
	if err := s.Exec(ctx, "SAVEPOINT schemactl_load"); err != nil {
		return err
	}
	if err := s.Exec(ctx, text); err != nil {
		if back := s.Exec(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT schemactl_load"); back != nil {
			return errors.Join(err, back)
		}
		return err
	}
	return s.Exec(ctx, "RELEASE SAVEPOINT schemactl_load")
}

// Is reports whether the server missed an object that another statement may make: undefined table, column, object,
// function, schema or unique key (PostgreSQL manual, "PostgreSQL Error Codes").
func (f *serverFault) Is(target error) bool {
	return target == dialect.ErrMissing && slices.Contains([]string{"42P01", "42703", "42704", "42883", "3F000", "42P17", "42830"}, f.code)
}

// quote shows the place in a statement that was made of a declaration: the place in the declaration is not known.
func (f *serverFault) quote(statement string, at diag.Pos) {
	lines := strings.Split(statement, "\n")
	if at.Line > len(lines) {
		return
	}
	line := lines[at.Line-1]
	if start := max(0, at.Column-1-quoteBefore); start < len(line) {
		line = strings.ToValidUTF8(line[start:min(len(line), start+quoteLength)], "")
	}
	f.Hint = strings.TrimPrefix(f.Hint+"\nthe server reads: "+strings.TrimSpace(line), "\n")
}

// A line that a fault quotes is cut to this length, from so much before the place on.
const quoteBefore, quoteLength = 40, 120

// locate turns the place inside a statement into a place in its file.
func locate(err error, st dialect.Statement) error {
	var f *serverFault
	if !errors.As(err, &f) {
		return err
	}
	pos := st.Pos
	if inner := f.Pos; inner.Line > 0 && !st.Object.IsZero() {
		f.quote(st.SQL, inner)
	} else if inner.Line > 0 && st.Pos.Line > 0 {
		pos.Line += inner.Line - 1
		if inner.Line > 1 {
			pos.Column = inner.Column
		} else {
			pos.Column = max(1, pos.Column) + inner.Column - 1
		}
	} else if inner.Line > 0 {
		pos = diag.Pos{File: st.Pos.File, Line: inner.Line, Column: inner.Column}
	}
	f.Pos = pos
	if f.Object == "" && !st.Object.IsZero() {
		f.Object = st.Object.String()
	}
	return f
}

package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
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
	pending := withSettings(withoutTransactions(statements))
	if err := s.Begin(ctx); err != nil {
		return nil, err
	}
	s.heard.noteCut = true
	c, err := s.loadWithin(ctx, pending, scope)
	s.leaveCutNames(c)
	s.hintVersion(err)
	hintDev(err)
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
	guests, err := s.guests(ctx, scope, pending)
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
	if err := loadAll(ctx, pending, l.round); err != nil {
		return nil, err
	}
	return s.inspectWithout(ctx, scope, guests)
}

// checkBodies has bodies of functions checked in this transaction, where their place is known; Begin turns that off for
// plans.
func (s *session) checkBodies(ctx context.Context) error {
	return s.Exec(ctx, "SET LOCAL check_function_bodies = on")
}

var (
	frames       = regexp.MustCompile(`(?im)^\s*(begin|commit|rollback|end|abort|start\s+transaction)\b[\w\s]*;`)
	frame        = regexp.MustCompile(`(?is)^\s*(begin|commit|rollback|end|abort|start\s+transaction)\b[\w\s]*;?\s*$`)
	concurrently = regexp.MustCompile(`(?im)^\s*(?:create\s+(?:unique\s+)?|drop\s+|re)index\s+(concurrently)\b`)
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

// withoutTransactions blanks the frames in files that frame themselves, and CONCURRENTLY, which a transaction does not
// allow and an empty table does not need: the load is one transaction that must not be committed. All else stays in its
// place.
func withoutTransactions(statements []dialect.Statement) []dialect.Statement {
	var out []dialect.Statement
	for _, st := range statements {
		if frames.MatchString(st.SQL) || frame.MatchString(st.SQL) || concurrently.MatchString(st.SQL) {
			st.SQL = blankTransactions(st)
		}
		if strings.TrimSpace(st.SQL) != "" {
			out = append(out, st)
		}
	}
	return out
}

func blankTransactions(st dialect.Statement) string {
	pieces, err := statement.Postgres(st.SQL)
	if err != nil {
		return st.SQL // which the server will refuse, with the place
	}
	text := []byte(st.SQL)
	for _, p := range pieces {
		if frame.MatchString(p.Text) {
			spaces(text[p.Offset : p.Offset+len(p.Text)])
		} else if m := concurrently.FindStringSubmatchIndex(p.Text); m != nil && m[0] == 0 {
			spaces(text[p.Offset+m[2] : p.Offset+m[3]])
		}
	}
	return string(text)
}

// spaces writes over text; lines stay.
func spaces(text []byte) {
	for i, c := range text {
		if c != '\n' {
			text[i] = ' '
		}
	}
}

// unreadable is invalid_text_representation: "x" for a number, or for an enum that has no such value yet.
const unreadable = "22P02"

// Is reports whether the server missed an object that another statement may make: undefined table, column, object,
// function, schema or unique key (PostgreSQL manual, "PostgreSQL Error Codes").
func (f *serverFault) Is(target error) bool {
	switch target {
	case dialect.ErrMissing:
		return slices.Contains([]string{"42P01", "42703", "42704", "42883", "3F000", "42P17", "42830"}, f.code)
	case dialect.ErrNoColumn:
		return f.code == "42703"
	case dialect.ErrCut:
		return f.code == "57014"
	case dialect.ErrValues: // data exceptions, and integrity constraints of domains
		return strings.HasPrefix(f.code, "22") && f.code != unreadable || strings.HasPrefix(f.code, "23")
	case dialect.ErrUnreadable:
		return f.code == unreadable
	}
	return false
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
			pos.Column = inner.Column + st.Margin(inner.Line)
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

// hintVersion says that what newer servers know is a fault of syntax on older ones.
func (s *session) hintVersion(err error) {
	var f *serverFault
	if errors.As(err, &f) && f.code == "42601" && s.server.Major < newest && !strings.Contains(f.Hint, "later") {
		f.Hint = strings.TrimPrefix(f.Hint+"\n"+fmt.Sprintf("the dev server is PostgreSQL %d, for the database is: what came with a later version is no SQL there", s.server.Major), "\n")
	}
}

// hintDev says of a lack of rights that it is one in the dev database.
func hintDev(err error) {
	var f *serverFault
	if errors.As(err, &f) && f.code == insufficientPrivilege {
		f.Hint += "\nthe dev database says so, not the database: give --dev-url another role, or leave it out, and schemactl starts a server of its own"
	}
}

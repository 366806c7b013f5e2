package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// oldest is the first major version that schemactl supports; older ones are out of PostgreSQL's own support.
const oldest = 14

// newest is the newest major version that schemactl was tested with.
const newest = 18

// session is one connection to one database.
type session struct {
	db     *sql.DB
	conn   *sql.Conn
	server dialect.Server
	bound  string   // the schema that the URL is bound to
	roles  []string // that the load made
	dialed dialer   // what it was opened from
	heard  heard
	url    *dburl.URL

	superuser bool   // of the server, which may change any setting
	restricts bool   // the server knows restrict_nonsystem_relation_kind
	lexing    string // puts how texts are cut into tokens right, where the database or the role has set something else
	zone      string // in which times without a zone are read, of the target; empty: UTC

	explainer *explainer // once queries are to be explained

	user, database string // as the server calls them
}

var _ dialect.Session = (*session)(nil)

// Connect opens a session. Its errors say what to do and hold no password.
func (Dialect) Connect(ctx context.Context, u *dburl.URL) (dialect.Session, error) {
	dsn, err := u.DSN(ctx)
	if err != nil {
		return nil, err
	}
	connector, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
	}
	s := &session{}
	connector.Dialer(&s.dialed)
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(2) // to work, and to hold a lock meanwhile
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return nil, connectFault(u, err)
	}
	s.db, s.conn, s.url = db, conn, u
	if u.Scope() == dburl.SchemaScope {
		s.bound = u.Schema()
	}
	if err := errors.Join(s.listen(), s.identify(ctx)); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// identify reads what tells the server and database apart from all others. The system identifier is readable by every
// role since version 9.6 (pg_control_system); where a managed service refuses it, address and start time stand in.
func (s *session) identify(ctx context.Context) error {
	var version, address, zone string
	var num int
	var oddTokens bool
	row := s.conn.QueryRowContext(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::int,
		current_user, current_database(), coalesce(inet_server_addr()::text, 'local') || ':' || coalesce(current_setting('port'), ''),
		current_setting('is_superuser') = 'on', current_setting('restrict_nonsystem_relation_kind', true) IS NOT NULL, current_setting('timezone'),
		current_setting('standard_conforming_strings') <> 'on' OR current_setting('backslash_quote') <> 'safe_encoding'`)
	if err := row.Scan(&version, &num, &s.user, &s.database, &address, &s.superuser, &s.restricts, &zone, &oddTokens); err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	s.server = dialect.Server{
		Dialect: "postgres", Flavor: "postgres", Version: version, Major: num / 10000, Minor: num % 10000,
		Identity: address + "/" + s.database, User: s.user,
	}
	s.noteZone(zone)
	if oddTokens {
		s.lexing = "; " + pinned("", lexing())
		if err := s.Exec(ctx, s.lexing[2:]); err != nil {
			return err
		}
	}
	var system string
	if err := s.conn.QueryRowContext(ctx, `SELECT system_identifier::text FROM pg_control_system()`).Scan(&system); err == nil {
		s.server.Identity = system + "/" + s.database
	}
	if s.server.Major < oldest {
		return diag.Errorf(diag.Pos{}, "unsupported-version", "PostgreSQL %s is not supported", version).
			WithHint("schemactl supports PostgreSQL %d and newer", oldest)
	}
	return nil
}

func (s *session) Server() dialect.Server { return s.server }

func (s *session) Transactional() bool { return true }

func (s *session) Inspect(ctx context.Context, scope dialect.Scope) (*catalog.Catalog, error) {
	c, err := Inspect(ctx, s.conn, scope)
	if f := new(serverFault); errors.As(s.denied(fault(err, "")), &f) {
		f.Message = "the catalogs cannot be read: " + f.Message
		return nil, f
	}
	return c, err
}

// Lock takes an advisory lock of the session. It asks again instead of waiting inside one statement: a waiting
// statement would hold a snapshot, for which CREATE INDEX CONCURRENTLY elsewhere waits in turn.
func (s *session) Lock(ctx context.Context, name string, timeout time.Duration) (func(context.Context) error, error) {
	return s.lockAll(ctx, []lock{ownLock(name)}, timeout)
}

// lock is a number that a session can hold in its database, and what it stands for.
type lock struct{ name, key string }

func ownLock(name string) lock { return lock{name, lockKey(name)} }

// lockAll takes locks of the session, one after the other.
func (s *session) lockAll(ctx context.Context, locks []lock, timeout time.Duration) (func(context.Context) error, error) {
	rest, unlock := locks, ""
	err := s.poll(ctx, timeout, func() (held lock, err error) {
		for len(rest) > 0 {
			var got bool
			if err := s.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock("+rest[0].key+")").Scan(&got); err != nil || !got {
				return rest[0], fault(err, "")
			}
			unlock += "SELECT pg_advisory_unlock(" + rest[0].key + ");"
			rest = rest[1:]
		}
		return lock{}, nil
	})
	release := func(ctx context.Context) error { return s.Exec(ctx, unlock) }
	if err == nil {
		return release, nil
	}
	if unlock != "" {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, release(clean))
	}
	return nil, err
}

// lockKey is the number that stands for the name of a lock.
func lockKey(name string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return strconv.FormatInt(int64(h.Sum64()), 10)
}

// poll tries to get locks until the timeout. Each try names the lock that another holds.
func (s *session) poll(ctx context.Context, timeout time.Duration, try func() (held lock, err error)) error {
	deadline := time.Now().Add(timeout)
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		held, err := try()
		if held.key == "" || err != nil {
			return err
		}
		if time.Now().Add(wait).After(deadline) {
			return diag.Errorf(diag.Pos{}, "locked", "another run holds the lock %q on this database", held.name).
				WithHint("wait until it is done, or give --lock-timeout more time than %s%s", timeout, s.holder(ctx, held))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// holder tells which session holds a lock, and how to end it; empty where the server does not tell.
func (s *session) holder(ctx context.Context, l lock) string {
	var pid int
	var name, user, from, since string
	err := s.conn.QueryRowContext(ctx, `SELECT a.pid, coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(a.usename, '?'),
  coalesce(host(a.client_addr), 'this machine'), coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '?')
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND (l.classid::bigint << 32 | l.objid::bigint) = `+l.key+`
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) LIMIT 1`).Scan(&pid, &name, &user, &from, &since)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("; process %d of the server holds it (%s, user %s, from %s, connected since %s UTC): to end it, SELECT pg_terminate_backend(%d)", pid, name, user, from, since, pid)
}

// Begin opens a transaction. Function bodies are not checked in it: they may name what later steps make, and the
// desired state was checked when it was loaded.
func (s *session) Begin(ctx context.Context) error {
	if err := s.Exec(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED"); err != nil {
		return err
	}
	return s.Exec(ctx, s.pins("LOCAL ")+"; SET LOCAL check_function_bodies = off")
}

func (s *session) Commit(ctx context.Context) error { return s.Exec(ctx, "COMMIT") }

func (s *session) Rollback(ctx context.Context) error { return s.Exec(ctx, "ROLLBACK") }

func (s *session) Close() error {
	return errors.Join(s.explainer.close(), s.conn.Close(), s.db.Close())
}

// fault makes a diagnostic of a server's error, with the place inside the statement where the server named one.
func fault(err error, text string) error {
	var pe *pq.Error
	if !errors.As(err, &pe) {
		return dialect.Lost(err, driver.ErrBadConn)
	}
	d := diag.Errorf(diag.Pos{}, "SQLSTATE "+string(pe.Code), "%s", pe.Message)
	if pe.Detail != "" {
		d.Message += ": " + pe.Detail
	}
	if d.Hint = pe.Hint; d.Hint == "" {
		d.Hint = hintFor(string(pe.Code))
	}
	if at, convErr := strconv.Atoi(pe.Position); convErr == nil && at > 0 {
		d.Pos = place(text, at)
	}
	f := &serverFault{Diagnostic: d, code: string(pe.Code), within: pe.Where}
	if f.inRoutine() {
		d.Hint = strings.TrimPrefix(d.Hint+"\n"+pathHint, "\n")
	}
	return f
}

// hintFor says what to do about faults whose text does not (PostgreSQL manual, "PostgreSQL Error Codes").
func hintFor(code string) string {
	switch code {
	case insufficientPrivilege:
		return anyLack
	case "25006":
		return "the server or role is read-only: connect to the primary, with a role that may write"
	case "53200":
		return "raise max_locks_per_transaction on that server, or change fewer objects at once"
	case "53300":
		return "the server has no connection left: close some, or raise max_connections"
	case "55P03", "40P01":
		return "another session holds a lock that this needs: apply again when it is done"
	case "22P05", "22021":
		return "the encoding of that database lacks a character: leave it out, or move to a database in UTF8"
	case "57P03":
		return "the server is starting up or shutting down: try again"
	case "58P01", "0A000":
		return "if an extension is missing, install it on that server; for the dev database, --dev-url can name one that has it"
	}
	return ""
}

// serverFault is a diagnostic that remembers the server's code for the predicates of this package.
type serverFault struct {
	*diag.Diagnostic
	code   string
	within string // the functions that were running
}

// Unwrap gives access to the diagnostic.
func (f *serverFault) Unwrap() error { return f.Diagnostic }

// place is the line and column of a character position, both from 1, within a statement.
func place(text string, position int) diag.Pos {
	p := diag.Pos{Line: 1, Column: 1}
	for i, r := range []rune(text) {
		if i >= position-1 {
			break
		}
		p.Column++
		if r == '\n' {
			p.Line, p.Column = p.Line+1, 1
		}
	}
	return p
}

func connectFault(u *dburl.URL, err error) error {
	d := diag.Errorf(diag.Pos{}, "connect", "cannot connect to %s: %v", u.Redacted(), err)
	var pe *pq.Error
	switch {
	case errors.As(err, &pe) && (pe.Code == "28P01" || pe.Code == "28000"):
		return d.WithHint("check the user and password in the URL, PGPASSWORD or ~/.pgpass")
	case errors.As(err, &pe) && pe.Code == "3D000":
		return d.WithHint("create the database first: schemactl manages what is inside it, not the database itself")
	case errors.Is(err, pq.ErrSSLNotSupported):
		return d.WithHint("the server offers no TLS: add ?sslmode=disable to the URL if you trust the network")
	case errors.Is(err, driver.ErrBadConn), pe == nil:
		return d.WithHint("check that the server runs and that host and port are right")
	}
	return d
}

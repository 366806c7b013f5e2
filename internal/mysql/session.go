package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// The oldest versions that schemactl supports: the first with functional indexes, CHECK and the usage tables of views,
// and the oldest MariaDB of long-term support.
const (
	oldestMySQL   = 8
	oldestMariaDB = "10.11"
)

// session is one connection to one server, with a database of it selected or not.
type session struct {
	db       *sql.DB
	conn     *sql.Conn
	server   dialect.Server
	flavor   server
	variant  variant
	database string            // the database that the URL names; empty: none
	setup    []string          // statements that every connection of the session starts with
	imitated map[string]string // the settings of the target that a dev session stands in for
	// variables are what pins and customs were when the session began; wishes tells what the URL sets itself.
	variables map[string]string
	wishes    func(variable string) bool

	explainer *explainer // once queries are to be explained
}

var _ dialect.Session = (*session)(nil)

// Connect opens a session. Its errors say what to do and hold no password.
func (Dialect) Connect(ctx context.Context, u *dburl.URL) (dialect.Session, error) {
	dsn, err := u.DSN(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := driver.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("%s: the driver refuses the address", u.Redacted())
	}
	cfg.Logger = &driver.NopLogger{} // faults come back as errors
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(4) // to work, to clean up after work is cut off, to hold a lock meanwhile, and to explain queries
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return nil, connectFault(u, err)
	}
	s := &session{db: db, conn: conn, database: u.Database, wishes: func(variable string) bool { return u.Param(variable) != "" }}
	if err := s.identify(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// settings are what a dev database must have in common with its target for a statement to mean the same on both.
func settings() []string {
	return []string{"sql_mode", "explicit_defaults_for_timestamp", "lower_case_table_names", "character_set_server",
		"collation_server", "default_storage_engine", "character_set_database", "collation_database"}
}

// noBackslashes is the mode in which a backslash stands for itself. No session of schemactl has it: literals escape
// backslashes, and so do SQL files, or nobody could cut them into statements without knowing where they will run.
const noBackslashes = "NO_BACKSLASH_ESCAPES"

// withoutOwn is a sql_mode as sessions of schemactl have it: without that one, and without the one in which MySQL keeps the
// default of a CHAR column filled up with spaces.
func withoutOwn(modes string) string {
	return withoutMode(withoutMode(modes, noBackslashes), "PAD_CHAR_TO_FULL_LENGTH")
}

func hasMode(modes, mode string) bool { return slices.Contains(strings.Split(modes, ","), mode) }

func withoutMode(modes, mode string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(modes, ","), func(m string) bool { return m == mode }), ",")
}

// identify reads what tells the server and database apart from all others, and what a desired state depends on.
// server_uuid is MySQL's, server_uid MariaDB's (since 10.3); a server without either is known by its address.
func (s *session) identify(ctx context.Context) error {
	names := append([]string{"version", "hostname", "port", "version_comment"}, settings()...)
	query, values, dest := "", make([]sql.NullString, len(names)), make([]any, len(names))
	for i, n := range names {
		query += ", @@" + n
		dest[i] = &values[i]
	}
	if err := s.conn.QueryRowContext(ctx, "SELECT "+query[2:]).Scan(dest...); err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	s.server = dialect.Server{Dialect: "mysql", Flavor: "mysql", Version: values[0].String, Settings: map[string]string{}}
	for i, n := range names[4:] {
		s.server.Settings[n] = values[i+4].String
	}
	identity := "server_uuid"
	if s.flavor.mariadb = strings.Contains(strings.ToLower(s.server.Version), "mariadb"); s.flavor.mariadb {
		s.server.Flavor, identity = "mariadb", "server_uid"
	}
	s.variant = variantOf(s.server.Version, values[3].String)
	s.server.Variant = s.variant.name
	version := versionNumbers(s.server.Version)
	s.server.Major, s.server.Minor, s.server.Patch = version[0], version[1], version[2]
	s.flavor.major, s.flavor.minor = s.server.Major, s.server.Minor
	s.flavor.extended = !s.flavor.mariadb && s.variant.name == "" && s.server.Planned().AtLeast([3]int{8, 0, 23})
	s.server.Identity = values[1].String + ":" + values[2].String + "/" + s.database
	var id string
	if err := s.conn.QueryRowContext(ctx, "SELECT @@"+identity).Scan(&id); err == nil && id != "" {
		s.server.Identity = id + "/" + s.database
	}
	if mode := s.server.Settings["sql_mode"]; withoutOwn(mode) != mode {
		s.setup = append(s.setup, "SET SESSION sql_mode = "+literal(withoutOwn(mode)))
	}
	if err := s.pin(ctx); err != nil {
		return err
	}
	if err := s.identifyCollations(ctx); err != nil {
		return err
	}
	if err := s.identifyEncryption(ctx); err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return s.checkVersion()
}

// charsetCollations is MariaDB's setting of the collations that character sets have by default, since 11.2.
const charsetCollations = "character_set_collations"

// identifyCollations reads what CHARACTER SET means without COLLATE.
func (s *session) identifyCollations(ctx context.Context) error {
	if !s.flavor.mariadb || s.variant.name != "" || !s.server.Planned().AtLeast([3]int{11, 2}) {
		return nil
	}
	var value string
	if err := s.conn.QueryRowContext(ctx, "SELECT @@"+charsetCollations).Scan(&value); err != nil {
		return fmt.Errorf("read the collations of character sets: %w", err)
	}
	s.server.Settings[charsetCollations] = value
	return nil
}

// encryptedDatabase is the setting that says whether new tables of the database are encrypted.
const encryptedDatabase = "schemactl_encrypted_database"

// identifyEncryption reads whether a table that says nothing of ENCRYPTION will have it.
func (s *session) identifyEncryption(ctx context.Context) error {
	if !s.flavor.extended || s.database == "" {
		return nil
	}
	var encrypted sql.NullString
	err := s.conn.QueryRowContext(ctx, "SELECT DEFAULT_ENCRYPTION FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()").Scan(&encrypted)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the encryption of the database: %w", err)
	}
	if encrypted.String == "YES" {
		s.server.Settings[encryptedDatabase] = "YES"
	}
	return nil
}

// prepare brings a fresh connection into the session's state.
func (s *session) prepare(ctx context.Context) error {
	for _, statement := range s.setup {
		if err := s.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) checkVersion() error {
	v := s.server
	supported := v.Major >= oldestMySQL
	if s.flavor.mariadb {
		supported = v.Major > 10 || v.Major == 10 && v.Minor >= 11
	}
	if supported {
		return nil
	}
	return diag.Errorf(diag.Pos{}, "unsupported-version", "%s %s is not supported", v.Flavor, v.Version).
		WithHint("schemactl supports MySQL %d.0 and newer, and MariaDB %s and newer", oldestMySQL, oldestMariaDB)
}

// Imitate makes the session read statements as the target with these settings does. What a session cannot change is a
// fault.
func (s *session) Imitate(ctx context.Context, target map[string]string) error {
	names := settings()
	if _, ok := s.server.Settings[charsetCollations]; ok {
		names = append(names, charsetCollations)
	}
	for _, name := range names {
		want, known := target[name]
		have := s.server.Settings[name]
		if name == "sql_mode" {
			want, have = withoutOwn(want), withoutOwn(have)
		}
		if !known || want == "" && name != "sql_mode" && name != charsetCollations || strings.EqualFold(want, have) {
			continue
		}
		switch name {
		case "lower_case_table_names":
			return diag.Errorf(diag.Pos{}, "dev-differs", "the dev server has lower_case_table_names=%s, the target %s", s.server.Settings[name], want).
				WithHint("name a dev server that has the target's setting, or leave --dev-url out and let schemactl start one")
		case "character_set_database", "collation_database": // of the database, which a load sets
		default:
			value := literal(want)
			if number.MatchString(want) { // a switch takes no quoted number
				value = want
			}
			s.setup = append(s.setup, "SET SESSION "+name+" = "+value)
		}
	}
	s.imitated = target
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return s.try(ctx, s.imitateCustoms(target))
}

func (s *session) Server() dialect.Server { return s.server }

// Transactional is false: DDL commits by itself.
func (s *session) Transactional() bool { return false }

func (s *session) Inspect(ctx context.Context, scope dialect.Scope) (*catalog.Catalog, error) {
	c, err := inspect(ctx, s.conn, s.flavor, scope, s.database, scope.Thorough)
	if err != nil {
		return nil, err
	}
	if scope.Has(counterKind) {
		if err := s.readCounters(ctx, c, scopeCondition(scope, s.database)); err != nil {
			return nil, err
		}
	}
	if asksForAccounts(scope) {
		if err := s.readAccounts(ctx, c); err != nil {
			return nil, err
		}
	}
	c.Tables[others], err = readOthers(ctx, s.conn, s.flavor, scopeCondition(scope, s.database), scope)
	return c, err
}

// lockName is the name of a lock on the database of the session; locks belong to the whole server and their names have
// at most 64 characters (MySQL manual, "Locking Functions").
func (s *session) lockName(name string) string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, s.database)
	return fmt.Sprintf("%.40s/%x", name, h.Sum64())
}

// Lock takes a named lock. It asks again every second, so that a cancelled wait leaves the session intact.
func (s *session) Lock(ctx context.Context, name string, timeout time.Duration) (func(context.Context) error, error) {
	return s.lockOn(ctx, s.conn, name, timeout)
}

func (s *session) lockOn(ctx context.Context, conn *sql.Conn, name string, timeout time.Duration) (func(context.Context) error, error) {
	unlock, err := s.lockNamed(ctx, conn, s.lockName(name), timeout)
	if errors.Is(err, errLocked) {
		return nil, diag.Errorf(diag.Pos{}, "locked", "another run holds the lock %q on this database", name).
			WithHint("wait until it is done, or give --lock-timeout more time than %s%s", timeout.Round(time.Second/10), holder(ctx, conn, s.lockName(name)))
	}
	return unlock, err
}

// holder tells which connection holds a lock, and how to end it; empty where the server does not tell.
func holder(ctx context.Context, conn *sql.Conn, lock string) string {
	var id int64
	var user, host string
	err := conn.QueryRowContext(ctx, "SELECT ID, USER, HOST FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK("+literal(lock)+")").Scan(&id, &user, &host)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("; connection %d of the server holds it (user %s, from %s): to end it, KILL %d", id, user, host, id)
}

var errLocked = errors.New("another session holds the lock")

// lockNamed takes the lock of a name on the whole server.
func (s *session) lockNamed(ctx context.Context, conn *sql.Conn, name string, timeout time.Duration) (func(context.Context) error, error) {
	key := literal(name)
	deadline := time.Now().Add(timeout)
	for {
		var got sql.NullInt64
		wait := max(0, min(time.Second, time.Until(deadline)))
		query := fmt.Sprintf("SELECT GET_LOCK(%s, %.3f)", key, wait.Seconds())
		if err := conn.QueryRowContext(ctx, query).Scan(&got); err != nil {
			return nil, s.flavor.fault(err, "")
		}
		if got.Int64 == 1 {
			return func(ctx context.Context) error {
				_, err := conn.ExecContext(ctx, "DO RELEASE_LOCK("+key+")")
				return err
			}, nil
		}
		if !time.Now().Before(deadline) {
			return nil, errLocked
		}
	}
}

func (s *session) Begin(context.Context) error { return nil }

func (s *session) Commit(context.Context) error { return nil }

func (s *session) Rollback(context.Context) error { return nil }

func (s *session) Exec(ctx context.Context, text string) error {
	_, err := s.conn.ExecContext(ctx, text)
	return s.flavor.fault(err, text)
}

func (s *session) Close() error {
	_ = s.explainer.close() // what it made is gone with the copy
	err := s.conn.Close()
	if errors.Is(err, sql.ErrConnDone) {
		err = nil
	}
	return errors.Join(err, s.db.Close())
}

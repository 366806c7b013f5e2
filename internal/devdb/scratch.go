package devdb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
)

const (
	// scratchComment marks a scratch database as one that may be dropped.
	scratchComment = "schemactl development database, dropped after use"
	// scratchGrace is the age below which a scratch database is never taken for an abandoned one: it covers
	// the moment between its making and its holder's connecting, and clocks that differ.
	scratchGrace = 2 * time.Minute
	// cleanupTimeout bounds what is done after the context has ended.
	cleanupTimeout = 15 * time.Second
)

// openScratch makes a database of our own on the target server.
func openScratch(ctx context.Context, req Request) (*Database, error) {
	if req.Target == nil {
		return nil, errNotApplicable
	}
	if req.WholeServer && req.Target.Dialect == dburl.MySQL {
		return nil, fault("several databases need a server of their own: a scratch database on the target server is only one")
	}
	d, err := openScratchOn(ctx, req.Target)
	if err != nil {
		return nil, err
	}
	d.Release = req.Release
	req.Notify(fmt.Sprintf("dev database: scratch database %s on the target server, dropped after use", d.URL.Database))
	return d, nil
}

// openBeside makes a database of our own on a server that the user named for development.
func openBeside(ctx context.Context, server *dburl.URL) (*Database, error) {
	d, err := openScratchOn(ctx, server)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, fault("a database beside the one of --dev-url is needed, and cannot be made: %v", err).
			WithHint("let the role create databases there (CREATEDB), or name another dev database, or leave --dev-url out")
	}
	return d, nil
}

func openScratchOn(ctx context.Context, server *dburl.URL) (*Database, error) {
	db, err := connect(ctx, server)
	if err != nil {
		return nil, err
	}
	s := &scratch{server: server, db: db, name: scratchName(time.Now())}
	create, sweep := s.makePostgres, s.sweepPostgres
	if server.Dialect == dburl.MySQL {
		create, sweep = s.makeMySQL, s.sweepMySQL
	}
	err = sweep(ctx)
	if err == nil {
		err = create(ctx)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("make a scratch database on the server: %w", err), s.close())
		return nil, err
	}
	return newDatabase(Database{URL: server.WithDatabase(s.name).WithoutSearchPath(), Origin: Scratch}, s.close), nil
}

// scratch is a database on a server that is not ours. As long as it is in use, a connection of ours tells so:
// on PostgreSQL one to the database itself, on MySQL one that holds a lock of the database's name.
type scratch struct {
	server *dburl.URL
	db     *sql.DB // to the server
	name   string
	made   bool
	holder *sql.DB // PostgreSQL
}

// scratchName tells when the database was made.
func scratchName(now time.Time) string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return fmt.Sprintf("schemactl_dev_%d_%s", now.Unix(), hex.EncodeToString(random))
}

// abandonable reports whether name is one of ours and old enough to be looked at.
func abandonable(name string, now time.Time) bool {
	m := regexp.MustCompile(`^schemactl_dev_(\d{10})_[0-9a-f]{8}$`).FindStringSubmatch(name)
	if m == nil {
		return false
	}
	made, err := strconv.ParseInt(m[1], 10, 64)
	return err == nil && now.Sub(time.Unix(made, 0)) > scratchGrace
}

func (s *scratch) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	var errs []error
	if s.holder != nil {
		errs = append(errs, s.holder.Close())
	}
	if s.made {
		drop := s.dropPostgres
		if s.server.Dialect == dburl.MySQL {
			drop = s.dropMySQL
		}
		if err := drop(ctx, s.name); err != nil {
			errs = append(errs, fmt.Errorf("drop the scratch database %s: %w", s.name, err))
		}
	}
	return errors.Join(append(errs, s.db.Close())...)
}

// makePostgres makes the database with the encoding and locale of the target's. From template0: template1 can
// hold objects of the site's own.
func (s *scratch) makePostgres(ctx context.Context) error {
	var encoding, collate, ctype, provider string
	var locale sql.NullString
	// The row as JSON: its columns differ between versions.
	err := s.db.QueryRowContext(ctx, `SELECT pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
		coalesce(to_jsonb(d)->>'datlocprovider', 'c'), coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale')
		FROM pg_database d WHERE d.datname = current_database()`).Scan(&encoding, &collate, &ctype, &provider, &locale)
	if err != nil {
		return err
	}
	create := fmt.Sprintf("CREATE DATABASE %s TEMPLATE template0 ENCODING %s LC_COLLATE %s LC_CTYPE %s",
		quotePostgres(s.name), literal(encoding), literal(collate), literal(ctype))
	switch provider {
	case "i":
		create += " LOCALE_PROVIDER icu ICU_LOCALE " + literal(locale.String)
	case "b":
		create += " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + literal(locale.String)
	}
	return s.create(ctx, create)
}

// create makes the database, marks it as one that may be dropped, and holds it.
func (s *scratch) create(ctx context.Context, statement string) error {
	s.made = true // perhaps: a cancelled statement can have succeeded
	if _, err := s.db.ExecContext(ctx, statement); err != nil {
		if ctx.Err() == nil {
			s.made = false
		}
		return err
	}
	comment := "COMMENT ON DATABASE " + quotePostgres(s.name) + " IS " + literal(scratchComment)
	if _, err := s.db.ExecContext(ctx, comment); err != nil {
		return err
	}
	var err error
	s.holder, err = connect(ctx, s.server.WithDatabase(s.name).WithoutSearchPath())
	if err != nil {
		return err
	}
	// Since PostgreSQL 14 the server may close idle sessions, and with ours its proof of life.
	_, _ = s.holder.ExecContext(ctx, "SET idle_session_timeout = 0")
	return nil
}

// sweepPostgres drops what crashed runs have left: databases that carry our name, and our comment or still none, that are
// not fresh, that no one is connected to, and that we may drop.
func (s *scratch) sweepPostgres(ctx context.Context) error {
	names, err := s.names(ctx, `SELECT d.datname FROM pg_database d
		WHERE d.datname LIKE 'schemactl\_dev\_%' AND coalesce(shobj_description(d.oid, 'pg_database'), `+literal(scratchComment)+`) = `+literal(scratchComment)+`
		AND pg_has_role(d.datdba, 'MEMBER')
		AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`)
	if err != nil {
		return err
	}
	for _, name := range names {
		// Without force: should anyone connect in this moment, it stays.
		_, _ = s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quotePostgres(name))
	}
	return ctx.Err()
}

// dropPostgres drops the database under any connection that is left, as of a cancelled load.
func (s *scratch) dropPostgres(ctx context.Context, name string) error {
	var err error
	for range 20 {
		_, _ = s.db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
		if _, err = s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quotePostgres(name)); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
	return err
}

// makeMySQL takes the lock first, so that the database is never without it. The pool has one connection,
// which is the lock's.
func (s *scratch) makeMySQL(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, "SET SESSION wait_timeout = 86400"); err != nil {
		return err
	}
	var locked sql.NullInt64
	if err := s.db.QueryRowContext(ctx, "SELECT GET_LOCK(?, 0)", s.name).Scan(&locked); err != nil {
		return err
	}
	if locked.Int64 != 1 {
		return fmt.Errorf("the lock %s cannot be taken", s.name)
	}
	var charset, collation string
	err := s.db.QueryRowContext(ctx, "SELECT @@character_set_database, @@collation_database").Scan(&charset, &collation)
	if err != nil {
		return err
	}
	s.made = true // perhaps: a cancelled statement can have succeeded
	_, err = s.db.ExecContext(ctx, "CREATE DATABASE "+quoteMySQL(s.name)+" CHARACTER SET "+charset+" COLLATE "+collation)
	if err != nil && ctx.Err() == nil {
		s.made = false
	}
	return err
}

// sweepMySQL drops what crashed runs have left: databases that carry our name, that are not fresh, and whose
// lock no one holds.
func (s *scratch) sweepMySQL(ctx context.Context) error {
	names, err := s.names(ctx, `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'schemactl\_dev\_%'`)
	if err != nil {
		return err
	}
	for _, name := range names {
		var locked sql.NullInt64
		err := s.db.QueryRowContext(ctx, "SELECT GET_LOCK(?, 0)", name).Scan(&locked)
		if err != nil || locked.Int64 != 1 {
			continue
		}
		_, _ = s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quoteMySQL(name))
		_, _ = s.db.ExecContext(ctx, "DO RELEASE_LOCK(?)", name)
	}
	return ctx.Err()
}

func (s *scratch) dropMySQL(ctx context.Context, name string) error {
	_, err := s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quoteMySQL(name))
	return err
}

// names returns the databases of a query that may be abandoned.
func (s *scratch) names(ctx context.Context, query string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if abandonable(name, time.Now()) {
			names = append(names, name)
		}
	}
	return names, rows.Err()
}

// literal is a string constant of PostgreSQL. Standard strings are the default, and E” is plain when it is not.
func literal(s string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + "'"
}

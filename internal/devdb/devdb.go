// Package devdb opens development databases: empty databases on a real server, of the target's flavor and
// version, into which the desired state is loaded to learn how that server spells it. It chooses where
// (a server started for the purpose, the target server itself, a container, what the user named), and leaves
// nothing behind. What the databases are used for, and what they hold, is not its business.
package devdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/devserver"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/localserver"
)

// Request says what the caller needs.
type Request struct {
	// Release is the target's flavor and version; a zero Major takes the newest installed server.
	Release localserver.Release
	// Choice is what the user said, as --dev-url or the dev attribute; empty leaves it to Open.
	Choice string
	// Target is the database to change: where a scratch database can be made. It may be nil.
	Target *dburl.URL
	// Settings are the target's server settings that decide how statements are read, such as
	// lower_case_table_names or sql_mode; on PostgreSQL also encoding, lc_collate and lc_ctype.
	Settings map[string]string
	// Extensions must be available to CREATE EXTENSION; PostgreSQL only.
	Extensions []string
	// WholeServer asks for a server of which nothing else is known to anyone: roles can be made on it and, on
	// MySQL, several databases. The URL then names no MySQL database.
	WholeServer bool
	// Own asks for a database that is dropped after use, where another cannot be emptied again for certain: PostgreSQL's
	// holds more kinds of objects than anyone can list. On a server that the user named it is one beside theirs.
	Own bool
	// Watched asks that a server which is started for this tells what its sessions lock; MySQL's and MariaDB's else save
	// themselves that work.
	Watched bool
	// CacheDir keeps templates; empty means the user's cache folder of schemactl.
	CacheDir string
	// Notify takes announcements for the user, a line each; it may be nil.
	Notify func(string)
}

// Origin tells where a development database is.
type Origin string

// The origins.
const (
	Embedded Origin = "embedded" // a throw-away server of our own
	Local    Origin = "local"    // the server that `schemactl dev start` runs
	Scratch  Origin = "scratch"  // a database of our own on the target server
	Docker   Origin = "docker"   // a container of our own
	Given    Origin = "given"    // what the user named: not ours, and perhaps not empty
)

// Database is an empty database for one use.
type Database struct {
	URL       *dburl.URL
	Origin    Origin
	Release   localserver.Release // zero when not known: given databases and containers
	Exclusive bool                // the whole server is ours for this use
	close     func() error
}

// Close gives the database back: it is dropped, or its server ended. It may be called more than once, and
// works after the context of Open has ended.
func (d *Database) Close() error { return d.close() }

// Open opens a development database. Unless the request chooses, that is on a throw-away server of the same
// version; else a scratch database on the target server; else, on MySQL and MariaDB, a throw-away server of
// another minor version. The context bounds the database's life: when it ends, throw-away servers end too.
func Open(ctx context.Context, req Request) (*Database, error) {
	if req.CacheDir == "" {
		dir, err := DefaultCacheDir()
		if err != nil {
			return openUncached(ctx, req)
		}
		req.CacheDir = dir
	}
	if req.Notify == nil {
		req.Notify = func(string) {}
	}
	if req.Watched && req.Release.Flavor != localserver.Postgres {
		settings := map[string]string{"performance_schema": "ON"}
		maps.Copy(settings, req.Settings)
		req.Settings = settings
	}
	c, err := parseChoice(req.Choice, req.Release)
	if err != nil {
		return nil, err
	}
	switch c.origin {
	case Given:
		u, err := dburl.Parse(req.Choice)
		if err != nil {
			return nil, err
		}
		if req.Own && u.Dialect == dburl.Postgres {
			return openBeside(ctx, u)
		}
		return newDatabase(Database{URL: u, Origin: Given}, func() error { return nil }), nil
	case Embedded:
		return openChosenServer(ctx, req, c)
	case Scratch:
		if req.Target == nil {
			return nil, fault("scratch:// needs a target server, and none is given").WithHint("%s", waysOut)
		}
		return openScratch(ctx, req)
	case Docker:
		return openContainer(ctx, req, c)
	}
	return openAutomatic(ctx, req)
}

// openUncached makes do with a folder of its own, where the user has none.
func openUncached(ctx context.Context, req Request) (*Database, error) {
	dir, err := os.MkdirTemp("", "schemactl-cache-")
	if err != nil {
		return nil, fmt.Errorf("make a cache folder: %w", err)
	}
	req.CacheDir = dir
	d, err := Open(ctx, req)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	end := d.close
	d.close = sync.OnceValue(func() error { return errors.Join(end(), os.RemoveAll(dir)) })
	return d, nil
}

// DefaultCacheDir is the user's cache folder of schemactl.
func DefaultCacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	return filepath.Join(dir, "schemactl"), nil
}

const waysOut = "install the server's programs on this machine (schemactl finds them along PATH and in the usual places),\n" +
	"or let the role create databases on the target server (PostgreSQL: CREATEDB, MySQL: CREATE and DROP),\n" +
	"or name an empty database with --dev-url"

func fault(format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.Pos{}, "dev-database", format, args...)
}

func newDatabase(d Database, closer func() error) *Database {
	d.close = sync.OnceValue(closer)
	return &d
}

// openAutomatic tries the ways in order and, when none works, tells why each did not.
func openAutomatic(ctx context.Context, req Request) (*Database, error) {
	ways := []func(context.Context, Request) (*Database, error){
		openLocal,
		func(ctx context.Context, req Request) (*Database, error) {
			return openServer(ctx, req, choice{release: req.Release})
		},
		openScratch,
		openNeighbour,
	}
	var reasons []string
	for _, open := range ways {
		d, err := open(ctx, req)
		if err == nil {
			return d, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if !errors.Is(err, errNotApplicable) {
			reasons = append(reasons, err.Error())
			req.Notify("dev database: " + firstLine(err.Error()))
		}
	}
	return nil, fault("no development database for %s:\n  %s", req.Release, strings.Join(reasons, "\n  ")).WithHint("%s", waysOut)
}

// errNotApplicable is the reason that a user need not hear of.
var errNotApplicable = errors.New("not applicable")

// openChosenServer opens what an embedded:// choice names.
func openChosenServer(ctx context.Context, req Request, c choice) (*Database, error) {
	d, err := openServer(ctx, req, c)
	if err != nil {
		var missing *localserver.NotFoundError
		if errors.As(err, &missing) {
			return nil, fault("%s: %v", req.Choice, err).WithHint("%s", waysOut)
		}
		return nil, err
	}
	return d, nil
}

// openNeighbour takes another minor version of the target's: better than nothing, where the server of the
// target's own version cannot be had.
func openNeighbour(ctx context.Context, req Request) (*Database, error) {
	if req.Release.Flavor == localserver.Postgres || req.Release.Minor == localserver.Any {
		return nil, errNotApplicable
	}
	near := req.Release
	near.Minor = localserver.Any
	if in, err := localserver.Find(ctx, near); err != nil || req.Release.Matches(in.Release) {
		return nil, errNotApplicable // there is none, or it was tried
	}
	d, err := openServer(ctx, req, choice{release: near})
	if err != nil {
		return nil, err
	}
	req.Notify(fmt.Sprintf("dev database: %s stands in for %s", d.Release, req.Release))
	return d, nil
}

// openServer starts a throw-away server and readies a database on it.
func openServer(ctx context.Context, req Request, c choice) (*Database, error) {
	if err := localserver.Supported(); err != nil {
		return nil, err
	}
	in, err := localserver.Find(ctx, c.release)
	if err != nil {
		return nil, err
	}
	s, err := localserver.Start(ctx, in, localserver.Options{CacheDir: req.CacheDir, Settings: req.Settings})
	if err != nil {
		return nil, err
	}
	u, err := readyDatabase(ctx, req, s.Release.Flavor, s.URL(""), c)
	if err != nil {
		err = errors.Join(err, s.Close())
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	return newDatabase(Database{URL: u, Origin: Embedded, Release: s.Release, Exclusive: true}, s.Close), nil
}

// readyDatabase makes the database of a server that is ours, and checks that it has what is asked for.
func readyDatabase(ctx context.Context, req Request, flavor localserver.Flavor, server string, c choice) (*dburl.URL, error) {
	u, err := dburl.Parse(server)
	if err != nil {
		return nil, err
	}
	database := c.database
	if database == "" && flavor != localserver.Postgres && !req.WholeServer {
		database = "dev"
	}
	db, err := connect(ctx, u)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	switch {
	case flavor != localserver.Postgres && database != "":
		_, err = db.ExecContext(ctx, "CREATE DATABASE "+quoteMySQL(database))
	case flavor == localserver.Postgres && database != "" && database != "postgres":
		_, err = db.ExecContext(ctx, "CREATE DATABASE "+quotePostgres(database)+" TEMPLATE template0")
	case flavor == localserver.Postgres:
		// This one is as good as new, but for its comment.
		_, err = db.ExecContext(ctx, "COMMENT ON DATABASE postgres IS NULL")
	}
	if err != nil {
		return nil, fmt.Errorf("make the dev database: %w", err)
	}
	if err := checkExtensions(ctx, db, req.Extensions); err != nil {
		return nil, err
	}
	if len(c.query) > 0 {
		if u, err = dburl.Parse(addQuery(server, c.query)); err != nil {
			return nil, err
		}
	}
	if database != "" {
		u = u.WithDatabase(database)
	}
	return u, nil
}

// addQuery adds the parameters of the user's choice to a URL.
func addQuery(server string, query url.Values) string {
	if strings.Contains(server, "?") {
		return server + "&" + query.Encode()
	}
	return server + "?" + query.Encode()
}

// checkExtensions names the extensions that the server lacks.
func checkExtensions(ctx context.Context, db *sql.DB, want []string) error {
	var missing []string
	for _, name := range want {
		var there bool
		err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = $1)", name).Scan(&there)
		if err != nil {
			return fmt.Errorf("list the extensions of the dev database: %w", err)
		}
		if !there {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	return fault("the server of the dev database lacks the extension %s", strings.Join(missing, ", ")).
		WithHint("install it there, or name a database whose server has it with --dev-url, or use --dev-url scratch://")
}

// openLocal makes a database on the server that `schemactl dev start` runs, where that is quicker than
// starting one: it is on MySQL (0.6 s), not on PostgreSQL (0.1 s).
func openLocal(ctx context.Context, req Request) (*Database, error) {
	if req.Release.Flavor == localserver.Postgres || req.WholeServer {
		return nil, errNotApplicable
	}
	s, err := devserver.Find(req.CacheDir, req.Release)
	if err != nil {
		return nil, errNotApplicable
	}
	u, err := dburl.Parse(s.URL())
	if err != nil {
		return nil, err
	}
	if same, err := hasSettings(ctx, u, req.Settings); err != nil || !same {
		return nil, errors.Join(errNotApplicable, err)
	}
	d, err := openScratchOn(ctx, u)
	if err != nil {
		return nil, err
	}
	d.Origin, d.Release = Local, s.Release
	return d, nil
}

// hasSettings reports whether a MySQL server runs with the settings.
func hasSettings(ctx context.Context, u *dburl.URL, settings map[string]string) (bool, error) {
	db, err := connect(ctx, u)
	if err != nil {
		return false, err
	}
	defer func() { _ = db.Close() }()
	for name, want := range settings {
		var ignored, value string
		err := db.QueryRowContext(ctx, "SHOW GLOBAL VARIABLES WHERE variable_name = ?", name).Scan(&ignored, &value)
		if errors.Is(err, sql.ErrNoRows) || err == nil && switched(value) != switched(want) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// switched is a value as SHOW VARIABLES tells it, without case: a SELECT tells switches as 1 and 0.
func switched(value string) string {
	switch value = strings.ToUpper(value); value {
	case "1":
		return "ON"
	case "0":
		return "OFF"
	}
	return value
}

// connect opens a connection pool of one and sees that it works.
func connect(ctx context.Context, u *dburl.URL) (*sql.DB, error) {
	dsn, err := u.DSN(ctx)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open(u.Driver(), dsn)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", u, err)
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to %s: %w", u, err), db.Close())
	}
	return db, nil
}

func quotePostgres(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteMySQL(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

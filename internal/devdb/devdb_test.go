package devdb

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/devserver"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/localserver"
)

func release(t testing.TB, flavor localserver.Flavor, version string) localserver.Release {
	t.Helper()
	r, err := localserver.ParseRelease(flavor, version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// matrix are the servers of the tests and the variables that hold their URLs.
func matrix(t testing.TB) map[string]localserver.Release {
	return map[string]localserver.Release{
		"SCHEMACTL_TEST_POSTGRES_18":  release(t, localserver.Postgres, "18"),
		"SCHEMACTL_TEST_POSTGRES_15":  release(t, localserver.Postgres, "15"),
		"SCHEMACTL_TEST_POSTGRES_14":  release(t, localserver.Postgres, "14"),
		"SCHEMACTL_TEST_MYSQL_97":     release(t, localserver.MySQL, "9.7"),
		"SCHEMACTL_TEST_MARIADB_1011": release(t, localserver.MariaDB, "10.11"),
	}
}

func target(t testing.TB, variable string) *dburl.URL {
	t.Helper()
	raw := os.Getenv(variable)
	if raw == "" {
		t.Fatalf("%s is not set: scripts/servers.sh starts the servers", variable)
	}
	u, err := dburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func open(t testing.TB, req Request) *Database {
	t.Helper()
	if req.CacheDir == "" {
		req.CacheDir = t.TempDir()
	}
	d, err := Open(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func execute(t testing.TB, u *dburl.URL, statements ...string) *sql.DB {
	t.Helper()
	db, err := connect(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, q := range statements {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	return db
}

func TestEmbedded(t *testing.T) {
	for _, r := range matrix(t) {
		t.Run(r.ID(), func(t *testing.T) {
			d := open(t, Request{Release: r})
			if d.Origin != Embedded || !d.Exclusive || !r.Matches(d.Release) {
				t.Errorf("got %+v", d)
			}
			execute(t, d.URL, "CREATE TABLE a (id int)")
			if err := errors.Join(d.Close(), d.Close()); err != nil {
				t.Fatal(err)
			}
			if db, err := connect(t.Context(), d.URL); err == nil {
				_ = db.Close()
				t.Error("the server still answers after Close")
			}
		})
	}
}

func TestParallel(t *testing.T) {
	cache := t.TempDir() // shared: both also want to make the template
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d, err := Open(t.Context(), Request{Release: release(t, localserver.Postgres, "18"), CacheDir: cache})
			if err != nil {
				t.Error(err)
				return
			}
			execute(t, d.URL, "CREATE TABLE a (id int)")
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestSettings(t *testing.T) {
	d := open(t, Request{
		Release:  release(t, localserver.MySQL, "9.7"),
		Settings: map[string]string{"lower_case_table_names": "1", "sql_mode": "ANSI", "no_such_setting": "1"},
	})
	var names int
	var mode string
	db := execute(t, d.URL)
	if err := db.QueryRow("SELECT @@lower_case_table_names, @@global.sql_mode").Scan(&names, &mode); err != nil {
		t.Fatal(err)
	}
	if names != 1 || !strings.Contains(mode, "ANSI_QUOTES") {
		t.Errorf("lower_case_table_names = %d, sql_mode = %q", names, mode)
	}
	d = open(t, Request{
		Release:  release(t, localserver.Postgres, "18"),
		Settings: map[string]string{"encoding": "LATIN1", "timezone": "Asia/Tokyo"},
	})
	var encoding, zone string
	err := execute(t, d.URL).QueryRow("SELECT current_setting('server_encoding'), current_setting('timezone')").Scan(&encoding, &zone)
	if err != nil || encoding != "LATIN1" || zone != "Asia/Tokyo" {
		t.Errorf("encoding = %q, timezone = %q, %v", encoding, zone, err)
	}
}

func TestChosenServer(t *testing.T) {
	d := open(t, Request{Choice: "embedded://postgres/14/shop?search_path=public"})
	var name string
	if err := execute(t, d.URL).QueryRow("SELECT current_database()").Scan(&name); err != nil || name != "shop" {
		t.Errorf("database %q, %v", name, err)
	}
	if d.Release.Major != 14 || d.URL.Schema() != "public" {
		t.Errorf("got %+v", d)
	}
	d = open(t, Request{Choice: "embedded://postgres"})
	if d.Release.Major != 18 {
		t.Errorf("without a version, %s and not the newest", d.Release)
	}
	d = open(t, Request{Choice: "embedded://mysql/9.7", WholeServer: true})
	if d.URL.Database != "" {
		t.Errorf("the whole server was asked for, got %s", d.URL)
	}
	_, err := Open(t.Context(), Request{Choice: "embedded://postgres/3", CacheDir: t.TempDir()})
	isFault(t, err, "PostgreSQL 3 is not installed on this machine (there is PostgreSQL")
}

func TestExtensions(t *testing.T) {
	r := release(t, localserver.Postgres, "18")
	open(t, Request{Release: r, Extensions: []string{"citext", "hstore"}})
	_, err := Open(t.Context(), Request{Choice: "embedded://", Release: r, Extensions: []string{"citext", "frobnicate"}, CacheDir: t.TempDir()})
	isFault(t, err, "lacks the extension frobnicate")
}

func TestScratch(t *testing.T) {
	for variable, r := range matrix(t) {
		t.Run(r.ID(), func(t *testing.T) {
			server := target(t, variable)
			var said []string
			d := open(t, Request{Release: r, Choice: "scratch://", Target: server, Notify: func(s string) { said = append(said, s) }})
			if d.Origin != Scratch || d.Exclusive || len(said) != 1 || !strings.Contains(said[0], d.URL.Database) {
				t.Errorf("got %+v, announced %q", d, said)
			}
			execute(t, d.URL, "CREATE TABLE a (id int)") // the connection stays: Close must not mind
			if !exists(t, server, d.URL.Database) {
				t.Error("it is not on the target server")
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if exists(t, server, d.URL.Database) {
				t.Error("it is still there after Close")
			}
		})
	}
}

func TestScratchSweep(t *testing.T) {
	for variable, r := range matrix(t) {
		t.Run(r.ID(), func(t *testing.T) {
			server := target(t, variable)
			old := scratchName(time.Now().Add(-time.Hour))
			held := scratchName(time.Now().Add(-time.Hour))
			foreign := "schemactl_dev_mine" + old[len(old)-8:]
			unmarked, theirs := scratchName(time.Now().Add(-time.Hour)), scratchName(time.Now().Add(-time.Hour))
			db := execute(t, server)
			for _, name := range []string{old, held, foreign} {
				execute(t, server, "CREATE DATABASE "+name)
				t.Cleanup(func() { _, _ = db.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name) })
				if server.Dialect == dburl.Postgres {
					execute(t, server, "COMMENT ON DATABASE "+name+" IS '"+scratchComment+"'")
				}
			}
			for _, name := range []string{unmarked, theirs} {
				execute(t, server, "CREATE DATABASE "+name)
				t.Cleanup(func() { _, _ = db.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name) })
			}
			if server.Dialect == dburl.Postgres {
				execute(t, server, "COMMENT ON DATABASE "+theirs+" IS 'ours'")
			}
			if server.Dialect == dburl.Postgres {
				holder := execute(t, server.WithDatabase(held))
				defer func() { _ = holder.Close() }()
			} else {
				holder := execute(t, server, "DO GET_LOCK('"+held+"', 0)")
				defer func() { _ = holder.Close() }()
			}
			if err := open(t, Request{Release: r, Choice: "scratch://", Target: server}).Close(); err != nil {
				t.Fatal(err)
			}
			if exists(t, server, old) {
				t.Error("an abandoned database is still there")
			}
			if exists(t, server, unmarked) {
				t.Error("a database of a run that ended while it was made is still there")
			}
			if server.Dialect == dburl.Postgres && !exists(t, server, theirs) {
				t.Error("a database with a comment of somebody's was dropped")
			}
			if !exists(t, server, held) || !exists(t, server, foreign) {
				t.Error("a database that is in use, or not ours, was dropped")
			}
		})
	}
}

func TestFallsBackToScratch(t *testing.T) {
	server := target(t, "SCHEMACTL_TEST_POSTGRES_18")
	var said []string
	d := open(t, Request{
		Release: release(t, localserver.Postgres, "11"), Target: server, Notify: func(s string) { said = append(said, s) },
	})
	if d.Origin != Scratch || len(said) != 2 || !strings.Contains(said[0], "PostgreSQL 11 is not installed") {
		t.Errorf("origin %s, announced %q", d.Origin, said)
	}
}

func TestNoWay(t *testing.T) {
	server := target(t, "SCHEMACTL_TEST_POSTGRES_18")
	role := "devdb_" + scratchName(time.Now())[25:]
	admin := execute(t, server, "CREATE ROLE "+role+" LOGIN PASSWORD 'secret'")
	t.Cleanup(func() { _, _ = admin.ExecContext(context.Background(), "DROP ROLE "+role) })
	raw := strings.Replace(os.Getenv("SCHEMACTL_TEST_POSTGRES_18"), "postgres:pass@", role+":secret@", 1)
	weak, err := dburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Request{Release: release(t, localserver.Postgres, "11"), Target: weak, CacheDir: t.TempDir()})
	isFault(t, err, "PostgreSQL 11 is not installed", "permission denied to create database", "--dev-url", "CREATEDB")
	if strings.Contains(err.Error(), "secret") {
		t.Error("the error tells the password")
	}
}

func TestLocal(t *testing.T) {
	r := release(t, localserver.MySQL, "9.7")
	cache, err := os.MkdirTemp("", "cache")
	if err == nil {
		err = os.Chmod(cache, 0o711)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := devserver.Start(t.Context(), cache, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Clean(context.Background()) })
	req := Request{Release: r, CacheDir: cache, Settings: map[string]string{"lower_case_table_names": "0", "explicit_defaults_for_timestamp": "1", "performance_schema": "ON"}}
	d := open(t, req)
	execute(t, d.URL, "CREATE TABLE a (id int)")
	if d.Origin != Local || d.Exclusive {
		t.Errorf("got %+v", d)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	server, err := dburl.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	if exists(t, server, d.URL.Database) {
		t.Error("it is still there after Close")
	}
	req.Settings["lower_case_table_names"] = "1"
	if d := open(t, req); d.Origin != Embedded {
		t.Errorf("a server with other settings was taken: %+v", d)
	}
}

func TestNeighbour(t *testing.T) {
	var said []string
	d := open(t, Request{
		Release: release(t, localserver.MariaDB, "10.6"), Notify: func(s string) { said = append(said, s) },
	})
	if d.Release.Minor != 11 || !strings.Contains(strings.Join(said, "\n"), "MariaDB 10.11 stands in for MariaDB 10.6") {
		t.Errorf("%s, announced %q", d.Release, said)
	}
}

func TestGiven(t *testing.T) {
	raw := os.Getenv("SCHEMACTL_TEST_POSTGRES_18")
	d := open(t, Request{Choice: raw})
	if d.Origin != Given || d.URL.Redacted() != target(t, "SCHEMACTL_TEST_POSTGRES_18").Redacted() {
		t.Errorf("got %+v", d)
	}
}

func TestCancel(t *testing.T) {
	for _, r := range matrix(t) {
		t.Run(r.ID(), func(t *testing.T) {
			cache := t.TempDir()
			for _, after := range []time.Duration{0, 5, 30, 80, 150, 400, 900, 2000} {
				ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
				d, err := Open(ctx, Request{Release: r, CacheDir: cache})
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %d ms: %v", after, err)
				}
				if err == nil {
					<-ctx.Done()
					if err := d.Close(); err != nil {
						t.Error(err)
					}
				}
				cancel()
			}
			noneLeft(t)
		})
	}
}

// TestMain gives the tests a temporary folder of their own, so that they see what is left of them alone.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "devdb")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		panic(err)
	}
	_ = os.Setenv("TMPDIR", dir)
	m.Run()
	_ = os.RemoveAll(dir)
}

func noneLeft(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "schemactl-*", "dev-*"))
	if err != nil || left != nil {
		t.Errorf("left behind: %q %v", left, err)
	}
}

func exists(t *testing.T, server *dburl.URL, database string) bool {
	t.Helper()
	query := "SELECT count(*) FROM information_schema.schemata WHERE schema_name = '" + database + "'"
	if server.Dialect == dburl.Postgres {
		query = "SELECT count(*) FROM pg_database WHERE datname = '" + database + "'"
	}
	var n int
	db := execute(t, server)
	defer func() { _ = db.Close() }()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n > 0
}

func isFault(t *testing.T, err error, parts ...string) {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		t.Fatalf("got %v, not a diagnostic", err)
	}
	for _, part := range parts {
		if !strings.Contains(d.Error(), part) {
			t.Errorf("%q is not in\n%v", part, d)
		}
	}
}

// BenchmarkOpen measures what a plan waits for: a warm template, Open and Close.
func BenchmarkOpen(b *testing.B) {
	for variable, r := range matrix(b) {
		cache := b.TempDir()
		for name, req := range map[string]Request{
			"embedded": {Release: r, CacheDir: cache},
			"scratch":  {Release: r, CacheDir: cache, Choice: "scratch://", Target: target(b, variable)},
		} {
			b.Run(r.ID()+"/"+name, func(b *testing.B) {
				open(b, req)
				for b.Loop() {
					d, err := Open(b.Context(), req)
					if err != nil {
						b.Fatal(err)
					}
					if err := d.Close(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

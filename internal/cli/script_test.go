package cli

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/localserver"
)

// TestMain builds the program that the tests run, and puts it first in PATH.
func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func runTests(m *testing.M) (code int, err error) {
	// Scripts wait for servers more than they work; -parallel says otherwise.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		return 1, err
	}
	dir, err := os.MkdirTemp("", "schemactl-test-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	args := []string{"build", "-o", dir + "/schemactl"}
	if os.Getenv("SCHEMACTL_TEST_RACE") != "" {
		args = append(args, "-race")
		// Else each of some thousand runs ends a second late.
		if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
			return 1, err
		}
	}
	build := exec.Command("go", append(args, "../../cmd/schemactl")...)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return 1, fmt.Errorf("go build: %w", err)
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// TestScripts runs test/script/<command>/*.txtar: the command line as a user meets it, on real servers.
//
// Beyond testscript's own, a script has the commands
//
//	database NAME SERVER [QUERY]   make an empty database and put its URL into $NAME; QUERY is added to the URL
//	sql URL FILE|STATEMENT         run SQL on a database
//	code N schemactl ARGUMENT…     run schemactl, which must end with that exit code
//	server NAME MAJOR              start a PostgreSQL server for this script alone and put its URL into $NAME
//	role NAME URL [absent|login]   put the name of a role of this script's own into $NAME, and make the role unless it is to
//	                               be absent; it is dropped with what it has in that database. One that may log in has
//	                               the URL of that database in ${NAME}_URL
//
// where SERVER is one of the test matrix, such as postgres-18.
func TestScripts(t *testing.T) {
	dirs, err := filepath.Glob("../../test/script/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	cache := sharedCache(t)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir:                 dir,
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
				Setup: func(e *testscript.Env) error {
					e.Setenv("HOME", e.WorkDir)
					e.Setenv("XDG_CACHE_HOME", cache)
					e.Setenv("NO_COLOR", "1")
					e.Setenv("GORACE", os.Getenv("GORACE"))
					for _, name := range []string{"SCHEMACTL_SERVERS", "SCHEMACTL_POSTGRES_BIN", "SCHEMACTL_MYSQL_BIN", "SCHEMACTL_MARIADB_BIN"} {
						e.Setenv(name, os.Getenv(name))
					}
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"database": func(ts *testscript.TestScript, neg bool, args []string) { makeDatabase(t, ts, neg, args) },
					"sql":      runSQL,
					"code":     runWithCode,
					"server":   func(ts *testscript.TestScript, neg bool, args []string) { startServer(t, ts, neg, args) },
					"role":     func(ts *testscript.TestScript, neg bool, args []string) { makeRole(t, ts, neg, args) },
				},
			})
		})
	}
}

// sharedCache keeps the templates of dev databases for all scripts, which find the installed servers through it.
func sharedCache(t *testing.T) string {
	home, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	if err := os.MkdirAll(filepath.Join(cache, "schemactl"), 0o750); err != nil {
		t.Fatal(err)
	}
	servers := filepath.Join(home, "schemactl", "servers")
	if err := os.Symlink(servers, filepath.Join(cache, "schemactl", "servers")); err != nil {
		t.Fatal(err)
	}
	return cache
}

func makeDatabase(t *testing.T, ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: database NAME SERVER [QUERY]")
	}
	for _, srv := range dbtest.Servers() {
		if srv.Name != args[1] {
			continue
		}
		if os.Getenv(srv.Env) == "" {
			ts.Fatalf("%s is not set: run the tests with make test", srv.Env)
		}
		url := srv.Database(t).URL
		if len(args) == 3 {
			sep := "?"
			if strings.Contains(url, "?") {
				sep = "&"
			}
			url += sep + args[2]
		}
		ts.Setenv(args[0], url)
		return
	}
	ts.Fatalf("no server %q in the test matrix", args[1])
}

func startServer(t *testing.T, ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: server NAME [mysql-|mariadb-]VERSION [SETTING=VALUE…]")
	}
	flavor, version, ok := strings.Cut(args[1], "-")
	if !ok {
		flavor, version = string(localserver.Postgres), args[1]
	}
	settings := map[string]string{}
	for _, a := range args[2:] {
		name, value, _ := strings.Cut(a, "=")
		settings[name] = value
	}
	release, err := localserver.ParseRelease(localserver.Flavor(flavor), version)
	if err != nil {
		ts.Fatalf("server: %v", err)
	}
	in, err := localserver.Find(t.Context(), release)
	if err != nil {
		ts.Fatalf("server: %v", err)
	}
	s, err := localserver.Start(t.Context(), in, localserver.Options{CacheDir: t.TempDir(), Settings: settings})
	if err != nil {
		ts.Fatalf("server: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	database := "postgres"
	if release.Flavor != localserver.Postgres {
		database = ""
	}
	ts.Setenv(args[0], s.URL(database))
}

// makeRole names a role after the database, since roles belong to the server.
func makeRole(t *testing.T, ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: role NAME URL [absent|login]")
	}
	u, err := dburl.Parse(args[1])
	if err != nil {
		ts.Fatalf("role: %v", err)
	}
	name, how := strings.ToLower(u.Database+"_"+args[0]), strings.Join(args[2:], "")
	if how != "absent" {
		if err := execute(args[1], "CREATE ROLE "+name); err != nil {
			ts.Fatalf("role: %v", err)
		}
	}
	t.Cleanup(func() {
		drop := "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '" + name + "') THEN DROP OWNED BY " + name + " CASCADE; DROP ROLE " + name + "; END IF; END $$"
		if err := execute(args[1], drop); err != nil {
			t.Errorf("drop role: %v", err)
		}
	})
	ts.Setenv(args[0], name)
	if how == "login" {
		ts.Setenv(args[0]+"_URL", letLogIn(ts, args[1], name))
	}
}

// letLogIn gives a role a password and makes the URL with it.
func letLogIn(ts *testscript.TestScript, database, role string) string {
	at, err := url.Parse(database)
	if err != nil {
		ts.Fatalf("role: %v", err)
	}
	at.User = url.UserPassword(role, "pass")
	if err := execute(database, "ALTER ROLE "+role+" LOGIN PASSWORD 'pass'"); err != nil {
		ts.Fatalf("role: %v", err)
	}
	return at.String()
}

func runWithCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N schemactl ARGUMENT…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("the exit code is %d, not %s", code, args[0])
	}
}

func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sql URL FILE|STATEMENT")
	}
	text := args[1]
	if strings.HasSuffix(text, ".sql") {
		text = ts.ReadFile(text)
	}
	err := execute(args[0], text)
	switch {
	case err != nil && !neg:
		ts.Fatalf("sql: %v", err)
	case err == nil && neg:
		ts.Fatalf("sql: the statement succeeded")
	}
}

func execute(raw, text string) (err error) {
	u, err := dburl.Parse(raw)
	if err != nil {
		return err
	}
	dsn, err := u.DSN(context.Background())
	if err != nil {
		return err
	}
	db, err := sql.Open(u.Driver(), dsn)
	if err != nil {
		return err
	}
	defer closeAll(&err, db.Close)
	_, err = db.Exec(text)
	return err
}

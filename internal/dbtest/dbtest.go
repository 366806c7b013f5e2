// Package dbtest gives tests databases of their own on real servers.
//
// Every call makes a fresh, uniquely named database and drops it when the test
// ends, so tests can run in parallel. What a server has only once (roles,
// tablespaces, users) is shared: a test that needs such things must name them
// after its database.
//
// The servers' URLs come from the environment, which scripts/servers.sh and
// make test provide. A missing server fails the test and never skips it: a
// skipped test passes unseen where a server is needed most.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq" // the postgres driver
)

// setupTimeout bounds the making and the dropping of a database. It is far
// above what a healthy server needs: it only turns a hang into a failure.
const setupTimeout = time.Minute

// A Server is one server of the test matrix.
type Server struct {
	Name   string // as in scripts/servers.sh, for example postgres-18
	Scheme string // of its URLs: postgres, mysql or mariadb
	Major  int    // its major version
	Env    string // the environment variable that holds its URL
}

// A DB is a database of one test.
type DB struct {
	*sql.DB        // MySQL and MariaDB take several statements a call here
	Server  Server // where it is
	Name    string // the database's name
	URL     string // what a user would pass to --url
}

// Servers returns the test matrix, the newest server of each dialect first. PostgreSQL 17 and 16 belong to it where
// their URLs are set: make test-postgres-17.
func Servers() []Server {
	out := []Server{{"postgres-18", "postgres", 18, "SCHEMACTL_TEST_POSTGRES_18"}}
	for _, s := range []Server{
		{"postgres-17", "postgres", 17, "SCHEMACTL_TEST_POSTGRES_17"},
		{"postgres-16", "postgres", 16, "SCHEMACTL_TEST_POSTGRES_16"},
	} {
		if os.Getenv(s.Env) != "" {
			out = append(out, s)
		}
	}
	return append(out, []Server{
		{"postgres-15", "postgres", 15, "SCHEMACTL_TEST_POSTGRES_15"},
		{"postgres-14", "postgres", 14, "SCHEMACTL_TEST_POSTGRES_14"},
		{"mysql-9.7", "mysql", 9, "SCHEMACTL_TEST_MYSQL_97"},
		{"mariadb-11.8", "mariadb", 11, "SCHEMACTL_TEST_MARIADB_118"},
		{"mariadb-10.11", "mariadb", 10, "SCHEMACTL_TEST_MARIADB_1011"},
	}...)
}

// PostgresVersions are the major versions of PostgreSQL in the matrix.
func PostgresVersions() []int {
	var out []int
	for _, s := range Servers() {
		if s.Scheme == "postgres" {
			out = append(out, s.Major)
		}
	}
	return out
}

// Newest returns the newest server of each dialect and flavour, for tests that take minutes.
func Newest() []Server {
	var out []Server
	for _, s := range Servers() {
		if !slices.ContainsFunc(out, func(o Server) bool { return o.Scheme == s.Scheme }) {
			out = append(out, s)
		}
	}
	return out
}

// Postgres makes a database on the PostgreSQL server of that major version.
func Postgres(t testing.TB, version int) *DB {
	t.Helper()
	return find(t, "postgres", version).Database(t)
}

// MySQL makes a database on the MySQL server.
func MySQL(t testing.TB) *DB {
	t.Helper()
	return find(t, "mysql", 9).Database(t)
}

// MariaDB makes a database on the older MariaDB server.
func MariaDB(t testing.TB) *DB {
	t.Helper()
	return find(t, "mariadb", 10).Database(t)
}

// Each runs f as a parallel subtest for every server of the matrix.
func Each(t *testing.T, f func(t *testing.T, srv Server)) {
	t.Helper()
	for _, srv := range Servers() {
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			f(t, srv)
		})
	}
}

func find(t testing.TB, scheme string, major int) Server {
	t.Helper()
	servers := Servers()
	i := slices.IndexFunc(servers, func(s Server) bool { return s.Scheme == scheme && s.Major == major })
	if i < 0 {
		t.Fatalf("dbtest: the test matrix has no %s %d", scheme, major)
	}
	return servers[i]
}

// dropSubscriptions takes away what PostgreSQL refuses to drop a database with.
const dropSubscriptions = `DO $$ DECLARE s name; BEGIN
  FOR s IN SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database() LOOP
    EXECUTE format('ALTER SUBSCRIPTION %I DISABLE', s);
    EXECUTE format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', s);
    EXECUTE format('DROP SUBSCRIPTION %I', s);
  END LOOP;
END $$`

// Database makes a database on the server and drops it when the test ends.
func (s Server) Database(t testing.TB) *DB {
	t.Helper()
	server := s.url(t)
	name := databaseName(t.Name())
	s.exec(t, server, s.createSQL(name))
	t.Cleanup(func() { s.exec(t, server, s.dropSQL(name)) })

	database := *server
	database.Path = "/" + name
	conn, err := s.open(&database)
	if err != nil {
		t.Fatalf("dbtest: open %s on %s: %v", name, s.Name, err)
	}
	t.Cleanup(func() {
		if s.Scheme == "postgres" {
			s.exec(t, &database, dropSubscriptions)
		}
		if err := conn.Close(); err != nil {
			t.Errorf("dbtest: close %s on %s: %v", name, s.Name, err)
		}
	})
	return &DB{DB: conn, Server: s, Name: name, URL: database.String()}
}

func (s Server) url(t testing.TB) *url.URL {
	t.Helper()
	value := os.Getenv(s.Env)
	if value == "" {
		t.Fatalf("dbtest: %s is not set, so there is no %s to test against.\n"+
			"Run the tests with: make test\n"+
			`or start the servers: scripts/servers.sh start && eval "$(scripts/servers.sh env)"`, s.Env, s.Name)
	}
	u, err := url.Parse(value)
	if err != nil {
		t.Fatalf("dbtest: %s: %v", s.Env, err)
	}
	if u.Scheme != s.Scheme {
		t.Fatalf("dbtest: %s is a %s URL; want %s://user:password@host:port/", s.Env, u.Scheme, s.Scheme)
	}
	return u
}

func (s Server) open(u *url.URL) (*sql.DB, error) {
	if s.Scheme == "postgres" {
		return sql.Open("postgres", u.String())
	}
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", u.Host
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.MultiStatements = true
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// exec runs one statement on a connection of its own. The context is not the
// test's: that one is already cancelled when the database is to be dropped.
func (s Server) exec(t testing.TB, u *url.URL, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	conn, err := s.open(u)
	if err != nil {
		t.Fatalf("dbtest: open %s: %v", s.Name, err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, statement); err != nil {
		t.Fatalf("dbtest: %s: %s: %v", s.Name, statement, err)
	}
}

func (s Server) createSQL(name string) string {
	if s.Scheme == "postgres" {
		// Nobody can be connected to template0, and nobody has changed it.
		return "CREATE DATABASE " + name + " TEMPLATE template0"
	}
	return "CREATE DATABASE " + name
}

func (s Server) dropSQL(name string) string {
	if s.Scheme == "postgres" {
		return "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"
	}
	// By default MySQL waits a year for a connection that holds a lock.
	return "SET lock_wait_timeout = 10; DROP DATABASE IF EXISTS " + name
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// databaseName makes a unique name that needs no quotes, fits every server's
// limit and still tells the test that a left-over database came from.
func databaseName(test string) string {
	const longest = 40
	readable := strings.Trim(notInName.ReplaceAllString(strings.ToLower(test), "_"), "_")
	if len(readable) > longest {
		readable = strings.TrimRight(readable[:longest], "_")
	}
	unique := make([]byte, 6)
	_, _ = rand.Read(unique) // never fails, as its documentation says
	return fmt.Sprintf("t_%s_%s", readable, hex.EncodeToString(unique))
}

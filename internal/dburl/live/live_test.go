// Package live holds the tests of dburl that need servers: what the drivers make of its DSNs.
package live

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
)

// ask connects through the DSN and returns the one value of a query.
func ask(t *testing.T, u *dburl.URL, query string, args ...any) (string, error) {
	t.Helper()
	dsn, err := u.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(u.Driver(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var value string
	err = db.QueryRowContext(t.Context(), query, args...).Scan(&value)
	return value, err
}

func parse(t *testing.T, raw string, env dburl.Env) *dburl.URL {
	t.Helper()
	u, err := env.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestConnect(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		db := srv.Database(t)
		u := parse(t, db.URL, dburl.Env{})
		query := "SELECT DATABASE()"
		if u.Dialect == dburl.Postgres {
			query = "SELECT current_database()"
		}
		// The server offers TLS or not: without any wish both work, as with the dialects' own clients.
		for _, c := range []*dburl.URL{u, u.WithParam("sslmode", "")} {
			if got, err := ask(t, c, query); err != nil || got != db.Name {
				t.Errorf("%s: connected to %q, %v", c, got, err)
			}
		}
		raw, err := url.Parse(db.URL)
		if err != nil {
			t.Fatal(err)
		}
		raw.User = url.UserPassword(raw.User.Username(), "wr:ng/s3cret")
		if _, err := ask(t, parse(t, raw.String(), dburl.Env{}), query); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("a wrong password: %v", err)
		}
		password, err := u.Password(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		raw.User = url.User(raw.User.Username())
		env := dburl.Env{Getenv: func(name string) string {
			return map[string]string{"PGPASSWORD": password, "MYSQL_PWD": password}[name]
		}}
		if got, err := ask(t, parse(t, raw.String(), env), query); err != nil || got != db.Name {
			t.Errorf("with the password in the environment: %q, %v", got, err)
		}
	})
}

func TestPostgresSearchPath(t *testing.T) {
	db := dbtest.Postgres(t, 18)
	u := parse(t, db.URL, dburl.Env{}).WithSearchPath(`My "own", schema`, "public")
	if _, err := db.ExecContext(t.Context(), `CREATE SCHEMA "My ""own"", schema"`); err != nil {
		t.Fatal(err)
	}
	if got, err := ask(t, u, "SELECT current_schema()"); err != nil || got != `My "own", schema` {
		t.Errorf("the schema is %q, %v", got, err)
	}
	if got, err := ask(t, u, "SELECT current_setting('application_name')"); err != nil || got != "schemactl" {
		t.Errorf("the application is %q, %v", got, err)
	}
}

func TestMySQLSession(t *testing.T) {
	for _, db := range []*dbtest.DB{dbtest.MySQL(t), dbtest.MariaDB(t)} {
		u := parse(t, db.URL, dburl.Env{})
		for query, want := range map[string]string{
			"SELECT @@character_set_client":                  "utf8mb4",
			"SELECT @@collation_connection LIKE 'utf8mb4_%'": "1",
			"SELECT TIMESTAMP '2026-01-02 03:04:05'":         "2026-01-02 03:04:05",
		} {
			if got, err := ask(t, u, query); err != nil || got != want {
				t.Errorf("%s: %s = %q, %v", db.Server.Name, query, got, err)
			}
		}
		if got, err := ask(t, u, `SELECT ?`, `it's "ü" \ 😀`); err != nil || got != `it's "ü" \ 😀` {
			t.Errorf("%s: an argument comes back as %q, %v", db.Server.Name, got, err)
		}
		dsn, err := u.DSN(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		own, err := sql.Open(u.Driver(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := own.ExecContext(t.Context(), "CREATE TABLE t (a int); DROP TABLE t"); err != nil {
			t.Errorf("%s: several statements: %v", db.Server.Name, err)
		}
		_ = own.Close()
	}
}

func TestMySQLSocket(t *testing.T) {
	db := dbtest.MySQL(t)
	var socket string
	if err := db.QueryRowContext(t.Context(), "SELECT @@socket").Scan(&socket); err != nil {
		t.Fatal(err)
	}
	u := parse(t, db.URL, dburl.Env{})
	u.Host, u.Port, u.Socket = "", "", socket
	if got, err := ask(t, u, "SELECT DATABASE()"); err != nil || got != db.Name {
		t.Errorf("through %s: %q, %v", u, got, err)
	}
}

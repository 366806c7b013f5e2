package dbtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

func TestEachServerIsWhatItsNameSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		db := srv.Database(t)
		query := "SELECT version()"
		if srv.Scheme == "postgres" {
			query = "SHOW server_version"
		}
		var version string
		if err := db.QueryRowContext(t.Context(), query).Scan(&version); err != nil {
			t.Fatal(err)
		}
		_, want, _ := strings.Cut(srv.Name, "-")
		// MySQL is the newest that Debian has.
		newer := srv.Scheme == "mysql" && version > want
		if !strings.HasPrefix(version, want+".") && !newer {
			t.Errorf("%s has version %s", srv.Name, version)
		}
		if isMaria := strings.Contains(version, "MariaDB"); isMaria != (srv.Scheme == "mariadb") {
			t.Errorf("%s has version %s", srv.Name, version)
		}
	})
}

func TestDatabasesAreSeparateAndDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		watcher := srv.Database(t)
		var inner string
		t.Run("two", func(t *testing.T) {
			a, b := srv.Database(t), srv.Database(t)
			inner = a.Name
			for _, db := range []*dbtest.DB{a, b} {
				if _, err := db.ExecContext(t.Context(), "CREATE TABLE t (id int); INSERT INTO t VALUES (1)"); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(db.URL, "/"+db.Name) {
					t.Errorf("URL %s does not lead to %s", db.URL, db.Name)
				}
			}
			// An open transaction must not keep the database from being dropped.
			tx, err := a.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (2)"); err != nil {
				t.Fatal(err)
			}
		})
		query := "SELECT count(*) FROM information_schema.schemata WHERE schema_name = '%s'"
		if srv.Scheme == "postgres" {
			query = "SELECT count(*) FROM pg_database WHERE datname = '%s'"
		}
		var left int
		if err := watcher.QueryRowContext(t.Context(), fmt.Sprintf(query, inner)).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left != 0 {
			t.Errorf("%s is still there", inner)
		}
	})
}

func TestShortcuts(t *testing.T) {
	for want, db := range map[string]*dbtest.DB{
		"postgres-18":   dbtest.Postgres(t, 18),
		"postgres-15":   dbtest.Postgres(t, 15),
		"postgres-14":   dbtest.Postgres(t, 14),
		"mysql-9.7":     dbtest.MySQL(t),
		"mariadb-10.11": dbtest.MariaDB(t),
	} {
		if db.Server.Name != want {
			t.Errorf("got a database on %s, want %s", db.Server.Name, want)
		}
	}
}

func TestMissingServerFails(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		t.Setenv(srv.Env, "")
		message := fatal(t, func(t testing.TB) { srv.Database(t) })
		if !strings.Contains(message, srv.Env) || !strings.Contains(message, "make test") {
			t.Errorf("%s: unhelpful failure %q", srv.Name, message)
		}
	}
}

func TestWrongURLFails(t *testing.T) {
	t.Setenv("SCHEMACTL_TEST_MARIADB_1011", "mysql://root:pass@127.0.0.1:1/")
	message := fatal(t, func(t testing.TB) { dbtest.MariaDB(t) })
	if !strings.Contains(message, "want mariadb://") {
		t.Errorf("unhelpful failure %q", message)
	}
}

func TestUnknownVersionFails(t *testing.T) {
	message := fatal(t, func(t testing.TB) { dbtest.Postgres(t, 9) })
	if !strings.Contains(message, "no postgres 9") {
		t.Errorf("unhelpful failure %q", message)
	}
}

// fatal returns the message with which f fails, or "" if it does not.
func fatal(t *testing.T, f func(testing.TB)) string {
	fake := &fakeT{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(fake)
	}()
	<-done
	return fake.message
}

type fakeT struct {
	testing.TB
	message string
}

func (f *fakeT) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

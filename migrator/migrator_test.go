package migrator_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/migrator"

	_ "github.com/lib/pq"
)

// newDatabase makes a database for the example, which has no test to belong to.
func newDatabase() (raw string, drop func()) {
	const variable = "SCHEMACTL_TEST_POSTGRES_18"
	u, err := url.Parse(os.Getenv(variable))
	if err != nil || u.Host == "" {
		panic(variable + " is not set: run the tests with make test")
	}
	server, err := sql.Open("postgres", u.String())
	if err != nil {
		panic(err)
	}
	name := fmt.Sprintf("example_%d", time.Now().UnixNano())
	if _, err := server.Exec("CREATE DATABASE " + name); err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String(), func() {
		_, err := server.Exec("DROP DATABASE " + name)
		if err := errors.Join(err, server.Close()); err != nil {
			panic(err)
		}
	}
}

// directory is a migration directory with its sum.
func directory(t *testing.T, broken string) fs.FS {
	t.Helper()
	return fstest.MapFS{
		"1_users.up.sql":  {Data: []byte("CREATE TABLE users (id int PRIMARY KEY);\n")},
		"2_broken.up.sql": {Data: []byte("INSERT INTO users VALUES (1);\n" + broken + "\n")},
		"3_posts.up.sql":  {Data: []byte("CREATE TABLE posts (id int PRIMARY KEY);\n")},
	}
}

func TestApplyStopsAndGoesOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		db := srv.Database(t)
		var events []string
		o := migrator.Options{Format: migrator.GolangMigrate, Progress: func(e migrator.Event) { events = append(events, string(e.Kind)) }}
		m, err := migrator.Open(summed(t, directory(t, "SELECT nonsense FROM users;")), o)
		if err != nil {
			t.Fatal(err)
		}
		result, err := m.Apply(t.Context(), db.URL)
		var stopped *migrator.Error
		if !errors.As(err, &stopped) {
			t.Fatalf("the error is %v", err)
		}
		if stopped.Version != "2" || stopped.File != "2_broken.up.sql" || stopped.Line != 2 || !strings.Contains(stopped.Statement, "nonsense") ||
			stopped.StatementsDone != 0 || len(stopped.Left) != 1 || stopped.Code == "" {
			t.Errorf("the error is %+v", stopped)
		}
		if len(result.Applied) != 1 || result.Applied[0].Version != "1" {
			t.Errorf("the result is %+v", result)
		}
		if got := strings.Join(events, " "); got != "started finished started" {
			t.Errorf("the events are %s", got)
		}
		status, err := m.Status(t.Context(), db.URL)
		if err != nil || status.Current != "1" || len(status.Pending) != 2 {
			t.Errorf("the status is %+v, %v", status, err)
		}
		if m, err = migrator.Open(summed(t, directory(t, "SELECT id FROM users;")), o); err != nil {
			t.Fatal(err)
		}
		if result, err = m.ApplyTo(t.Context(), db.URL, "2"); err != nil || len(result.Applied) != 1 {
			t.Fatalf("%+v, %v", result, err)
		}
		instances(t, db)
	})
}

// instances start at once: one runs what is pending.
func instances(t *testing.T, db *dbtest.DB) {
	t.Helper()
	m, err := migrator.Open(summed(t, directory(t, "SELECT id FROM users;")), migrator.Options{Format: migrator.GolangMigrate})
	if err != nil {
		t.Fatal(err)
	}
	var ran [4]int
	var group sync.WaitGroup
	for i := range ran {
		group.Go(func() {
			result, err := m.Apply(t.Context(), db.URL)
			if err != nil {
				t.Error(err)
			}
			ran[i] = len(result.Applied)
		})
	}
	group.Wait()
	if sum := ran[0] + ran[1] + ran[2] + ran[3]; sum != 1 {
		t.Errorf("%d migrations ran, not 1", sum)
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM users").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	db := dbtest.Postgres(t, 18)
	dir := summed(t, directory(t, ""))
	edited := fstest.MapFS{}
	for name, f := range dir {
		edited[name] = f
	}
	edited["1_users.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE people (id int PRIMARY KEY);\n")}
	code := func(err error) string {
		var e *migrator.Error
		if !errors.As(err, &e) {
			t.Errorf("%v is no *migrator.Error", err)
			return ""
		}
		return e.Code
	}
	_, err := migrator.Open(edited, migrator.Options{Format: migrator.GolangMigrate})
	if c := code(err); c != "file-edited" {
		t.Errorf("an edited file: %v", err)
	}
	if _, err = migrator.Open(dir, migrator.Options{TxMode: "files"}); code(err) != "tx-mode" {
		t.Errorf("a mode that does not exist: %v", err)
	}
	if _, err = migrator.Open(dir, migrator.Options{ExecOrder: "any"}); code(err) != "exec-order" {
		t.Errorf("an order that does not exist: %v", err)
	}
	m, err := migrator.Open(dir, migrator.Options{Format: migrator.GolangMigrate, Baseline: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Apply(t.Context(), "sqlite://x"); code(err) == "" {
		t.Errorf("a URL of another database: %v", err)
	}
	if _, err = m.ApplyTo(t.Context(), db.URL, "9"); code(err) != "no-such-version" {
		t.Errorf("a version that is not there: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = m.Apply(ended, db.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	if _, err := db.Exec("CREATE TABLE users (id int PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	strict, err := migrator.Open(dir, migrator.Options{Format: migrator.GolangMigrate})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = strict.Apply(t.Context(), db.URL); code(err) != "not-clean" {
		t.Errorf("a database that is not empty: %v", err)
	}
	result, err := m.Apply(t.Context(), db.URL)
	if err != nil || result.Baseline != "1" || len(result.Applied) != 2 {
		t.Errorf("a baseline: %+v, %v", result, err)
	}
	if result, err = m.Apply(t.Context(), db.URL); err != nil || len(result.Applied) != 0 {
		t.Errorf("once more: %+v, %v", result, err)
	}
}

// summed adds atlas.sum.
func summed(t *testing.T, dir fs.FS) fstest.MapFS {
	t.Helper()
	d, err := migrate.OpenFS(dir, "migrations", migrate.GolangMigrate)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := d.Sum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{migrate.SumFile: &fstest.MapFile{Data: text}}
	for _, f := range d.Files {
		out[f.Name] = &fstest.MapFile{Data: f.Raw}
	}
	return out
}

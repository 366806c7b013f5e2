package datacheck_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/datacheck"
	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/run"
)

// A transition is a change of a schema that the server accepts with some rows and refuses with others.
type transition struct {
	name     string
	from, to string
	fits     string   // statements that make rows with which the server accepts it
	refused  string   // further ones, with which it does not
	renames  []string // as --rename takes them
	since    int      // the major version that it needs
	only     string   // the server, where it is about one alone
	found    int64    // how much the checks find; 0: 1
}

// bench is two databases that the transitions of a server share: the live one and the dev database.
type bench struct {
	live, dev *dbtest.DB
	engine    *engine.Engine
	dir       string
	empty     func(*dbtest.DB) error
}

func newBench(t *testing.T, srv dbtest.Server) *bench {
	b := &bench{live: srv.Database(t), dev: srv.Database(t), dir: t.TempDir()}
	var d dialect.Dialect = mysql.Dialect{}
	b.empty = func(db *dbtest.DB) error {
		_, err := db.Exec("DROP DATABASE " + db.Name + "; CREATE DATABASE " + db.Name + "; USE " + db.Name)
		return err
	}
	if srv.Scheme == "postgres" {
		d = postgres.Dialect{}
		b.empty = func(db *dbtest.DB) error {
			_, err := db.Exec("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
			return err
		}
	}
	b.engine = &engine.Engine{
		Dialect: func(string) (dialect.Dialect, error) { return d, nil },
		Notify:  func(string) {},
		OpenDev: func(context.Context, engine.DevRequest) (*engine.DevDatabase, error) {
			u, err := dburl.Parse(b.dev.URL)
			return &engine.DevDatabase{URL: u, Close: func() error { return nil }}, err
		},
	}
	b.live.SetMaxOpenConns(1) // USE holds for a connection
	return b
}

// try plans the transition with these rows in the database, asks the checks, and has the server run the plan.
func (b *bench) try(t *testing.T, tr transition, rows ...string) (*plan.Plan, error) {
	t.Helper()
	ctx := t.Context()
	if err := b.empty(b.live); err != nil {
		t.Fatal(err)
	}
	for _, sql := range append([]string{tr.from}, rows...) {
		if _, err := b.live.Exec(sql); err != nil {
			t.Fatalf("%v in %s", err, sql)
		}
	}
	file := filepath.Join(b.dir, "schema.sql")
	if err := os.WriteFile(file, []byte(tr.to), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := b.engine.Open(ctx, engine.Request{URL: b.live.URL, To: []string{"file://" + file}, Renames: tr.renames})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = job.Close() }()
	r, err := job.Plan(ctx)
	if err != nil {
		t.Fatalf("no plan: %v", err)
	}
	if err := datacheck.Run(ctx, job.Session, r.Plan, datacheck.Budget{Time: 10 * time.Second, Examples: 3}); err != nil {
		t.Fatal(err)
	}
	return r.Plan, run.Apply(ctx, job.Session, r.Plan, run.OpenJournal(job.Session, ""), run.Options{})
}

// answers are what the checks say.
func answers(p *plan.Plan) string {
	out := ""
	for _, c := range p.Checks {
		out += fmt.Sprintf("\n  %s: %s\n    found %d %s%s", c.Rule, c.SQL, c.Result.Found, c.Result.Refusal, c.Result.NotChecked)
		for _, e := range c.Result.Examples {
			for i, v := range e {
				if v != nil {
					out += fmt.Sprintf("\n      %s = %s", c.Result.Columns[i], *v)
				}
			}
		}
	}
	return out
}

// testTransitions holds the checks to the server: it refuses the plan exactly when they find something.
func testTransitions(t *testing.T, srv dbtest.Server, list []transition) {
	b := newBench(t, srv)
	for _, tr := range list {
		if tr.since > srv.Major || tr.only != "" && tr.only != srv.Name {
			continue
		}
		t.Run(tr.name, func(t *testing.T) {
			p, err := b.try(t, tr, tr.fits)
			if err != nil {
				t.Fatalf("the server refuses rows that it should accept: %v%s", err, answers(p))
			}
			if len(p.Checks) == 0 {
				t.Fatal("nothing is asked")
			}
			for _, c := range p.Checks {
				if c.Failed() || c.Result.NotChecked != "" {
					t.Errorf("the server accepts the rows, and the checks do not:%s", answers(p))
				}
			}
			p, err = b.try(t, tr, tr.fits, tr.refused)
			if failure := (*run.Failure)(nil); !errors.As(err, &failure) {
				t.Fatalf("the server accepts rows that it should refuse: %v%s", err, answers(p))
			}
			failed := p.FailedChecks()
			if len(failed) == 0 {
				t.Fatalf("the server says %v, and the checks find nothing:%s", err, answers(p))
			}
			if want := max(1, tr.found); failed[0].Result.Refusal == "" && failed[0].Result.Found != want {
				t.Errorf("found %d, want %d:%s", failed[0].Result.Found, want, answers(p))
			}
		})
	}
}

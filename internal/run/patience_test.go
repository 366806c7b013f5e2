package run_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/run"
)

func session(t *testing.T, db *dbtest.DB) dialect.Session {
	t.Helper()
	u, err := dburl.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	var d dialect.Dialect = postgres.Dialect{}
	if u.Dialect == "mysql" {
		d = mysql.Dialect{}
	}
	s, err := d.Connect(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestWaitingStatementsGiveWay holds a lock that the plan needs until it has given up once.
func TestWaitingStatementsGiveWay(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE t (id int)"); err != nil {
				t.Fatal(err)
			}
			holder, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = holder.Rollback() }()
			if _, err := holder.ExecContext(t.Context(), "SELECT * FROM t"); err != nil {
				t.Fatal(err)
			}
			steps := []*plan.Step{
				{SQL: "CREATE TABLE u (id int)", Comment: "u"},
				{SQL: "ALTER TABLE t ADD COLUMN a int", Comment: "a", Busy: []object.ID{{Kind: "table", Name: "t"}}, Pace: plan.Brief},
			}
			if srv.Scheme != "postgres" {
				steps[1].Pace = "" // no statement of those servers is limited by itself
			}
			var told []string
			tries := 0
			s := session(t, db)
			start := time.Now()
			err = run.Apply(t.Context(), s, &plan.Plan{Segments: []plan.Segment{{Transactional: true, Steps: steps}}}, &run.Journal{}, run.Options{
				Tell: func(s string) { told = append(told, s) },
				Patience: run.Patience{Lock: time.Second, Retries: 3, Pause: func(context.Context, int) error {
					tries++
					return holder.Rollback()
				}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if tries != 1 || len(told) != 1 || !strings.Contains(told[0], "tried again (1 of 3)") {
				t.Errorf("tries: %d, told: %q", tries, told)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			if _, err := db.ExecContext(t.Context(), "INSERT INTO t (id, a) VALUES (1, 1)"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPatienceEnds fails when the lock is never given back, and leaves the session as it was.
func TestPatienceEnds(t *testing.T) {
	db := dbtest.Postgres(t, 18)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE t (id int)"); err != nil {
		t.Fatal(err)
	}
	holder, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback() }()
	if _, err := holder.ExecContext(t.Context(), "SELECT * FROM t"); err != nil {
		t.Fatal(err)
	}
	s, pauses := session(t, db), 0
	step := &plan.Step{SQL: "ALTER TABLE t ADD COLUMN a int", Comment: "a"}
	err = run.Apply(t.Context(), s, &plan.Plan{Segments: []plan.Segment{{Transactional: true, Steps: []*plan.Step{step}}}}, &run.Journal{}, run.Options{
		Patience: run.Patience{Lock: 50 * time.Millisecond, Retries: 2, Pause: func(context.Context, int) error { pauses++; return nil }},
	})
	if err == nil || !strings.Contains(err.Error(), "lock timeout") || pauses != 2 {
		t.Errorf("after %d pauses: %v", pauses, err)
	}
	if err := s.Exec(t.Context(), "DO $$ BEGIN ASSERT current_setting('lock_timeout') = '0'; END $$"); err != nil {
		t.Error(err)
	}
}

// TestUnfinishedIndexesGo fails to build an index, and leaves nothing of it.
func TestUnfinishedIndexesGo(t *testing.T) {
	db := dbtest.Postgres(t, 18)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)"); err != nil {
		t.Fatal(err)
	}
	step := &plan.Step{SQL: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (id)", Comment: "i", NoTx: true, Builds: `"public"."i"`, Pace: plan.Slow}
	var told []string
	err := run.Apply(t.Context(), session(t, db), &plan.Plan{Segments: []plan.Segment{{Steps: []*plan.Step{step}}}}, &run.Journal{}, run.Options{
		Tell: func(s string) { told = append(told, s) },
	})
	if err == nil || !strings.Contains(err.Error(), "could not create unique index") {
		t.Error(err)
	}
	var left int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_class WHERE relname = 'i'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d indexes are left (%v)", left, err)
	}
	if len(told) != 1 || !strings.Contains(told[0], "was left behind unfinished") {
		t.Errorf("told: %q", told)
	}
}

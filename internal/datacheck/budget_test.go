package datacheck_test

import (
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/datacheck"
	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// TestBudget holds the checks to their time and rows, and sees that they change nothing.
func TestBudget(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		b := newBench(t, srv)
		writes := `CREATE FUNCTION writes() RETURNS int DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM t; RETURN 1; END`
		sleep, analyze := "sleep(1) = 0", "ANALYZE TABLE t"
		if srv.Scheme == "postgres" {
			sleep, analyze = "pg_sleep(1) IS NOT NULL", "ANALYZE t"
			writes = "CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN 1; END'"
		}
		for _, sql := range []string{"CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2), (3)", writes, analyze} {
			if _, err := b.live.Exec(sql); err != nil {
				t.Fatal(err)
			}
		}
		job, err := b.engine.Open(t.Context(), engine.Request{URL: b.live.URL})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = job.Close() }()
		table := object.ID{Kind: "table", Name: "t"}
		if srv.Scheme == "postgres" {
			table.Schema = "public"
		}
		ask := func(sql string, budget datacheck.Budget) *plan.CheckResult {
			p := &plan.Plan{Checks: []plan.Check{{Table: table, Demand: "nothing is there", SQL: sql}}}
			if err := datacheck.Run(t.Context(), job.Session, p, budget); err != nil {
				t.Fatal(err)
			}
			return p.Checks[0].Result
		}
		short := datacheck.Budget{Time: 300 * time.Millisecond, Examples: 1}
		if r := ask("SELECT id FROM t WHERE "+sleep, short); r.NotChecked == "" || r.Failed() {
			t.Errorf("there was no time to find anything, and the answer is %+v", r)
		}
		if r := ask("SELECT id FROM t WHERE id = 1 OR "+sleep, short); !r.AtLeast || r.Found != 1 || len(r.Examples) != 1 {
			t.Errorf("there was time to find one row, and the answer is %+v", r)
		}
		if r := ask("SELECT id FROM t", datacheck.Budget{Time: time.Minute, Rows: 2}); r.NotChecked == "" {
			t.Errorf("the table has more rows than may be read, and the answer is %+v", r)
		}
		if r := ask("SELECT id FROM t", datacheck.Budget{Time: time.Minute}); r.Found != 3 || r.Examples != nil {
			t.Errorf("3 rows are to be counted and none shown, and the answer is %+v", r)
		}
		if r := ask("SELECT writes() AS id", datacheck.Budget{Time: time.Minute}); r.NotChecked == "" {
			t.Errorf("a query that writes was run: %+v", r)
		}
		if r := ask("SELECT nothing FROM nowhere", datacheck.Budget{Time: time.Minute}); r.NotChecked == "" {
			t.Errorf("a query that cannot be asked has the answer %+v", r)
		}
	})
}

package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/run"
)

const loadRows = 300_000

const loadFrom = `
CREATE TABLE owners (id int PRIMARY KEY, name text);
INSERT INTO owners SELECT n, n FROM generate_series(1, 1000) n;
CREATE TABLE big (id int PRIMARY KEY, owner int, a int, b text, c text);
INSERT INTO big SELECT n, 1 + n % 1000, n, md5(n::text), md5(n::text) FROM generate_series(1, 300000) n;
ANALYZE`

const loadTo = `
CREATE TABLE owners (id int PRIMARY KEY, name text);
CREATE TABLE big (id int PRIMARY KEY, owner int NOT NULL REFERENCES owners, a int NOT NULL CHECK (a > 0 AND length(md5(md5(a::text))) > 1),
  b text UNIQUE, c text NOT NULL CHECK (md5(md5(c)) <> ''));
CREATE INDEX big_c ON big (md5(md5(c)));
CREATE INDEX big_owner ON big (owner, b)`

// TestLoadGoesOn reads and writes a large table while plans run. By the split plan nobody may wait as long as statements
// wait for locks; by the direct one somebody waits longer.
func TestLoadGoesOn(t *testing.T) {
	lock := 2 * time.Second
	direct := stall(t, kind.Online{}, lock)
	split := stall(t, kind.Online{Over: 10_000}, lock)
	t.Logf("the longest stall of a reader or writer: direct %s, split %s", direct, split)
	if split >= lock {
		t.Errorf("somebody waited %s, which is not under the lock timeout of %s", split, lock)
	}
	if direct <= split {
		t.Errorf("the direct plan stalls %s, the split one %s: splitting is good for nothing", direct, split)
	}
}

// stall returns how long the longest read or write took while the plan ran.
func stall(t *testing.T, online kind.Online, lock time.Duration) time.Duration {
	t.Helper()
	ctx, srv := t.Context(), postgres18(t)
	db := srv.Database(t)
	if _, err := db.ExecContext(ctx, loadFrom); err != nil {
		t.Fatal(err)
	}
	live := open(t, db.URL)
	rows, err := live.(interface {
		Measure(context.Context) (map[object.ID]int64, error)
	}).Measure(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if online.Over > 0 {
		online.Rows = rows
	}
	_, steps := planWith(t, live, desiredState(t, srv, loadTo), kind.Policy{
		Server: kind.Server{Flavor: "postgres", Version: [3]int{18}}, Online: online,
	})
	if len(steps) < 7 {
		t.Fatalf("the plan has %d steps", len(steps))
	}
	load, begun := startLoad(ctx, db.DB, 4), time.Now()
	err = run.Apply(ctx, live, &plan.Plan{Segments: postgres.Dialect{}.Segments(steps)}, &run.Journal{}, run.Options{
		Patience: run.Patience{Lock: lock, Retries: 20}, Tell: func(s string) { t.Log(s) },
	})
	took := time.Since(begun)
	longest, ops, loadErr := load()
	if err := errors.Join(err, loadErr); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d statements in %s, %d reads and writes meanwhile", len(steps), took, ops)
	return longest
}

func postgres18(t *testing.T) dbtest.Server {
	t.Helper()
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" && srv.Major == 18 {
			return srv
		}
	}
	t.Fatal("no postgres-18")
	return dbtest.Server{}
}

// startLoad reads and writes with n clients until the function that it returns is called, which tells how long the longest
// read or write took, and how many there were.
func startLoad(ctx context.Context, db *sql.DB, n int) func() (time.Duration, int, error) {
	ctx, cancel := context.WithCancel(ctx)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var longest time.Duration
	var fault error
	ops := 0
	for client := range n {
		wg.Go(func() {
			for ctx.Err() == nil {
				query := fmt.Sprintf("SELECT a FROM big WHERE id = %d", 1+rand.N(loadRows))
				if client%2 == 0 {
					query = fmt.Sprintf("UPDATE big SET a = a + 1 WHERE id = %d", 1+rand.N(loadRows))
				}
				start := time.Now()
				_, err := db.ExecContext(context.WithoutCancel(ctx), query)
				took := time.Since(start)
				mu.Lock()
				longest, ops, fault = max(longest, took), ops+1, errors.Join(fault, err)
				mu.Unlock()
				time.Sleep(time.Millisecond)
			}
		})
	}
	return func() (time.Duration, int, error) {
		cancel()
		wg.Wait()
		return longest, ops, fault
	}
}

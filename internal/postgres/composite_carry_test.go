package postgres_test

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/postgres"
)

// The attributes of a composite value keep their values when its type is made anew with others, and what goes is said.
func TestCompositeValuesMoveByName(t *testing.T) {
	t.Parallel()
	srv := dbtest.Servers()[0]
	db := srv.Database(t)
	if _, err := db.Exec("CREATE TYPE pair AS (a int, b int, old text); CREATE TABLE t (id int, p pair); INSERT INTO t VALUES (1, ROW(1, 2, 'x')), (2, NULL), (3, ROW(NULL, 4, NULL))"); err != nil {
		t.Fatal(err)
	}
	live := open(t, db.URL)
	_, steps := planTo(t, live, desiredState(t, srv, "CREATE TYPE pair AS (b bigint, c text, a int); CREATE TABLE t (id int, p pair)"))
	var losses []string
	for _, seg := range (postgres.Dialect{}).Segments(steps) {
		for _, s := range seg.Steps {
			losses = append(losses, s.Losses()...)
			if err := live.Exec(t.Context(), s.SQL); err != nil {
				t.Fatalf("%v in %s", err, s.SQL)
			}
		}
	}
	if got := strings.Join(losses, "; "); got != "the values of old in column public.t.p" {
		t.Errorf("losses: %q", got)
	}
	var got string
	err := db.QueryRow("SELECT string_agg(coalesce(p::text, 'NULL'), ' ' ORDER BY id) FROM t").Scan(&got)
	if want := "(2,,1) NULL (4,,)"; err != nil || got != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}

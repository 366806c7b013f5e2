package postgres_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/run"
)

// TestSplitPlansLeadToTheSame holds plans whose changes are split to the direct ones: both must leave the same. It takes
// the transitions with rows and some of the others; SCHEMACTL_ONLINE=all takes all.
func TestSplitPlansLeadToTheSame(t *testing.T) {
	files, err := filepath.Glob("../../test/corpus/postgres/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no transitions found", err)
	}
	for i, path := range files {
		if all := os.Getenv("SCHEMACTL_ONLINE") == "all"; !all && i%8 != 0 && !strings.HasSuffix(path, "under_rows.txtar") {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			x := readTransition(t, path)
			for _, srv := range dbtest.Servers() {
				if srv.Scheme != "postgres" || srv.Major < x.need || srv.Major == 15 && x.need < 15 {
					continue // a split differs by whether the server keeps NOT NULL as a constraint, from 18 on
				}
				t.Run(strconv.Itoa(srv.Major), func(t *testing.T) {
					t.Parallel()
					sameWays(t, srv, x.from, x.to)
					sameWays(t, srv, x.to, x.from)
				})
			}
		})
	}
}

// sameWays leads two databases from one state to another, directly and split, and compares what they hold.
func sameWays(t *testing.T, srv dbtest.Server, from, to string) {
	t.Helper()
	desired := desiredState(t, srv, to)
	server := kind.Server{Flavor: "postgres", Version: [3]int{srv.Major}}
	direct, _ := applied(t, srv, from, desired, kind.Policy{Server: server})
	split, done := applied(t, srv, from, desired, kind.Policy{Server: server, Online: kind.Online{Always: true}})
	if direct != split {
		t.Errorf("the split plan leads elsewhere than the direct one:\n%s", done)
	}
}

// applied returns the fingerprint of what a plan leads to, with the statements.
func applied(t *testing.T, srv dbtest.Server, from string, desired *object.State, policy kind.Policy) (fingerprint, done string) {
	t.Helper()
	ctx, d := t.Context(), postgres.Dialect{}
	db := srv.Database(t)
	if _, err := db.ExecContext(ctx, from); err != nil {
		t.Fatalf("load the current state: %v", err)
	}
	live := open(t, db.URL)
	_, steps := planWith(t, live, desired, policy)
	for i, seg := range d.Segments(steps) {
		for _, s := range seg.Steps {
			done += strconv.Itoa(i+1) + ": " + s.SQL + ";\n"
		}
	}
	if err := run.Apply(ctx, live, &plan.Plan{Segments: d.Segments(steps)}, &run.Journal{}, run.Options{}); err != nil {
		t.Fatalf("%v\nof:\n%s", err, done)
	}
	if left, again := planWith(t, live, desired, policy); len(again) > 0 {
		t.Errorf("a second plan is not empty: %v\nafter:\n%s", left, done)
	}
	fingerprint, err := d.Kinds().Fingerprint(liveState(t, live))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("SCHEMACTL_ONLINE") == "show" {
		t.Log(done)
	}
	return fingerprint, done
}

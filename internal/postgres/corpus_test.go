package postgres_test

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
)

// A transition is one file of test/corpus/postgres: two states as SQL, which a plan must lead between, both ways.
// Its head says from which version on it holds (need:) and what the changes must look like (shape:, shape-reverse:).
type transition struct {
	need           int
	from, to       string
	shape, reverse []string
}

func readTransition(t *testing.T, path string) transition {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out transition
	for _, f := range a.Files {
		switch f.Name {
		case "from.sql":
			out.from = string(f.Data)
		case "to.sql":
			out.to = string(f.Data)
		default:
			t.Fatalf("%s: unknown part %s", path, f.Name)
		}
	}
	for line := range strings.Lines(string(a.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		var terms []string
		for term := range strings.SplitSeq(value, ",") {
			terms = append(terms, strings.TrimSpace(term))
		}
		switch key {
		case "need":
			out.need, err = strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(value), "postgres>="))
		case "shape":
			out.shape = terms
		case "shape-reverse":
			out.reverse = terms
		case "":
		default:
			t.Fatalf("%s: unknown line %q", path, line)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return out
}

func TestTransitions(t *testing.T) {
	files, err := filepath.Glob("../../test/corpus/postgres/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no transitions found", err)
	}
	devs := dbtest.NewPool(func(srv dbtest.Server) dialect.Session { return open(t, srv.Database(t).URL) })
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := readTransition(t, path)
			for _, srv := range dbtest.Servers() {
				if srv.Scheme != "postgres" || srv.Major < x.need {
					continue
				}
				t.Run(strconv.Itoa(srv.Major), func(t *testing.T) {
					t.Parallel()
					dev := devs.Lend(t, srv)
					from, to := desiredBy(t, dev, x.from), desiredBy(t, dev, x.to)
					transit(t, srv, x.from, to, x.shape)
					transit(t, srv, x.to, from, x.reverse)
				})
			}
		})
	}
}

// transit brings a database that holds from to the desired state, and checks that nothing is left to do.
func transit(t *testing.T, srv dbtest.Server, from string, desired *object.State, shape []string) {
	t.Helper()
	ctx, d := t.Context(), postgres.Dialect{}
	db := srv.Database(t)
	if _, err := db.ExecContext(ctx, from); err != nil {
		t.Fatalf("load the current state: %v", err)
	}
	live := open(t, db.URL)
	changes, statements := planTo(t, live, desired)
	var done []string
	for _, seg := range d.Segments(statements) {
		if err := live.Begin(ctx); err != nil {
			t.Fatal(err)
		}
		for _, step := range seg.Steps {
			if err := live.Exec(ctx, step.SQL); err != nil {
				t.Fatalf("%v\n  in: %s\nafter:\n%s", err, step.SQL, strings.Join(done, ";\n"))
			}
			done = append(done, step.SQL)
		}
		if err := live.Commit(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if left, again := planTo(t, live, desired); len(again) > 0 {
		t.Errorf("a second plan is not empty: %v\nafter:\n%s", left, strings.Join(done, ";\n"))
	}
	checkShape(t, shape, changes, done)
}

func open(t *testing.T, url string) dialect.Session {
	t.Helper()
	u, err := dburl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Dialect{}.Connect(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func desiredState(t *testing.T, srv dbtest.Server, text string) *object.State {
	t.Helper()
	return desiredBy(t, open(t, srv.Database(t).URL), text)
}

// desiredBy lets a dev database read SQL, of which nothing stays there.
func desiredBy(t *testing.T, dev dialect.Session, text string) *object.State {
	t.Helper()
	c, err := dev.Load(t.Context(), []dialect.Statement{{SQL: text}}, dialect.Scope{})
	if err != nil {
		t.Fatalf("load the desired state: %v", err)
	}
	state, err := postgres.Build(c, dialect.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func liveState(t *testing.T, s dialect.Session) *object.State {
	t.Helper()
	c, err := s.Inspect(context.WithoutCancel(t.Context()), dialect.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	state, err := postgres.Build(c, dialect.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func planTo(t *testing.T, live dialect.Session, desired *object.State) ([]kind.Change, []*plan.Step) {
	t.Helper()
	return planWith(t, live, desired, kind.Policy{})
}

func planWith(t *testing.T, live dialect.Session, desired *object.State, policy kind.Policy) ([]kind.Change, []*plan.Step) {
	t.Helper()
	current := liveState(t, live)
	set := postgres.Kinds()
	changes, err := set.Diff(current, desired)
	if err != nil {
		t.Fatal(err)
	}
	changes, steps, err := set.Plan(current, desired, changes, policy)
	if err != nil {
		t.Fatal(err)
	}
	return changes, steps
}

// checkShape compares the changes with terms such as "alter view", "no replace" and "no drop table".
func checkShape(t *testing.T, shape []string, changes []kind.Change, done []string) {
	t.Helper()
	for _, term := range shape {
		words, forbidden := strings.CutPrefix(term, "no ")
		action, kindName, _ := strings.Cut(words, " ")
		found := slices.ContainsFunc(changes, func(c kind.Change) bool {
			return string(c.Action) == action && (kindName == "" || c.ID.Kind == kindName)
		})
		if found == forbidden {
			t.Errorf("the plan is not of the shape %q:\n%s", term, strings.Join(done, ";\n"))
		}
	}
}

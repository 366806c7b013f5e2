package postgres_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

var update = flag.Bool("update", false, "rewrite the golden HCL files")

// connect opens a session on a fresh database of that major version.
func connect(t *testing.T, version int) dialect.Session {
	t.Helper()
	u, err := dburl.Parse(dbtest.Postgres(t, version).URL)
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

// loadSQL lets a dev database read SQL.
func loadSQL(t *testing.T, dev dialect.Session, statements []dialect.Statement, scope dialect.Scope) *object.State {
	t.Helper()
	c, err := dev.Load(t.Context(), statements, scope)
	if err != nil {
		t.Fatal(err)
	}
	state, err := postgres.Dialect{}.Build(c, scope)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// decode reads HCL; its faults fail the test.
func decode(t *testing.T, text string, scope dialect.Scope) *object.State {
	t.Helper()
	files := []hcl.File{{Name: "schema.hcl", Text: []byte(text)}}
	blocks, faults := hcl.Eval(files, postgres.Dialect{}.Vocabulary(), hcl.Inputs{})
	if err := faults.Err(); err != nil {
		t.Fatalf("%v\n\n%s", err, text)
	}
	state, faults := postgres.Dialect{}.DecodeHCL(blocks, scope)
	if err := faults.Err(); err != nil {
		t.Fatalf("%v\n\n%s", err, text)
	}
	return state
}

// create plans the statements that make the state in an empty database.
func create(t *testing.T, desired *object.State, scope dialect.Scope) []dialect.Statement {
	t.Helper()
	from := object.NewState()
	for _, o := range (postgres.Dialect{}).Initial(scope).All() {
		if desired.Has(o.ID) || desired.Has(o.Parent) {
			_ = from.Add(o)
		}
	}
	kinds := postgres.Kinds()
	changes, err := kinds.Diff(from, desired)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := kinds.Plan(from, desired, changes, kind.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	var out []dialect.Statement
	for _, segment := range (postgres.Dialect{}).Segments(steps) {
		for _, s := range segment.Steps {
			out = append(out, dialect.Statement{SQL: s.SQL, Pos: s.Pos, Object: s.ID})
		}
	}
	return out
}

func encode(t *testing.T, s *object.State, scope dialect.Scope) string {
	t.Helper()
	blocks, left, err := postgres.Dialect{}.EncodeHCL(s, scope)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		t.Errorf("left out: %s %s", l.Kind, l.Name)
	}
	return string(hcl.Write(blocks))
}

// same fails when the states differ.
func same(t *testing.T, want, got *object.State) {
	t.Helper()
	changes, err := postgres.Kinds().Diff(want, got)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		t.Errorf("%s %s %+v", c.Action, c.ID, c.Attrs)
	}
}

var need = regexp.MustCompile(`(?m)^-- need: (\d+)$`)

// TestRoundTrip reads SQL, writes it as HCL, reads that and makes the database again: nothing may differ, and the HCL
// is laid out as Format would. The HCL of the newest server is compared with a golden file.
func TestRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/hcl/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		oldest := 0
		if m := need.FindSubmatch(text); m != nil {
			oldest, _ = strconv.Atoi(string(m[1]))
		}
		for _, version := range dbtest.PostgresVersions() {
			if version < oldest {
				continue
			}
			t.Run(filepath.Base(file)+" "+strconv.Itoa(version), func(t *testing.T) {
				t.Parallel()
				scope := dialect.Scope{}
				if strings.Contains(file, "bound") {
					scope = dialect.Scope{Bound: true, Schemas: []string{"app"}}
				}
				dev := connect(t, version)
				live := loadSQL(t, dev, []dialect.Statement{{SQL: string(text)}}, scope)
				out := encode(t, live, scope)
				if formatted := string(hcl.Format([]byte(out))); formatted != out {
					t.Errorf("not in the canonical layout: %s", firstDifference(out, formatted))
				}
				if version == 18 {
					golden(t, strings.TrimSuffix(file, ".sql")+".hcl", out)
				}
				again := loadSQL(t, dev, create(t, decode(t, out, scope), scope), scope)
				same(t, live, again)
				if second := encode(t, again, scope); second != out {
					t.Errorf("the HCL of what was made of it differs: %s", firstDifference(second, out))
				}
			})
		}
	}
}

// firstDifference shows the first lines that differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "line " + strconv.Itoa(i+1) + "\n got " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer"
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (-update rewrites it): %s", file, firstDifference(got, string(want)))
	}
}

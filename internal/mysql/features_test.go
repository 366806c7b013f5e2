package mysql_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
)

// TestFeatures brings each feature of testdata/features (the manuals' CREATE TABLE, and what stands beside tables) from
// SQL to HCL and back: the server must show the same of what HCL makes, and a plan must find no difference.
func TestFeatures(t *testing.T) {
	files, err := filepath.Glob("testdata/features/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	devs := dbtest.NewPool(func(srv dbtest.Server) *database { return open(t, srv.Database(t)) })
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, srv := range dbtest.Servers() {
			f := readFeature(string(text))
			if srv.Scheme == "postgres" || f.need != "" && f.need != srv.Scheme {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".sql")+"/"+srv.Name, func(t *testing.T) {
				t.Parallel()
				f.check(t, srv, devs.Lend(t, srv))
			})
		}
	}
}

// feature is a fixture: SQL, and in comments at its head what is to be expected.
type feature struct {
	source    string
	need      string // the only server that has it: mysql or mariadb
	gap       string // why the server shows something else of what HCL makes
	unmanaged bool   // it stands in the ledger
}

func readFeature(text string) feature {
	f := feature{}
	for line := range strings.Lines(text) {
		switch word, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "-- ")), " "); {
		case !strings.HasPrefix(line, "-- "):
			f.source += line
		case word == "need":
			f.need = rest
		case word == "gap":
			f.gap = rest
		case word == "unmanaged":
			f.unmanaged = true
		}
	}
	return f
}

func (f feature) check(t *testing.T, srv dbtest.Server, dev *database) {
	live, again := open(t, srv.Database(t)), open(t, srv.Database(t))
	live.scope.Thorough, again.scope.Thorough = true, true
	live.runs(t, f.source)
	have := live.state(t)
	if (len(have.Ledger) > 0) != f.unmanaged {
		t.Errorf("unmanaged: %v, the ledger: %+v", f.unmanaged, have.Ledger)
	}
	written := encode(t, have, live.scope)
	declared := fit(decode(t, written, live.scope), live)
	for _, step := range stepsFor(t, declared) {
		if err := again.Exec(t.Context(), step.SQL); err != nil {
			t.Fatalf("%v\nin %s\nof\n%s", err, step.SQL, written)
		}
	}
	got, want := shown(t, again.db), shown(t, live.db)
	if equal := got == want; !equal && f.gap == "" && !f.unmanaged {
		t.Errorf("HCL makes\n%s\nwant\n%s\nfrom\n%s", got, want, written)
	} else if equal && f.gap != "" {
		t.Errorf("the gap is closed: take it out of the fixture")
	}
	remade := again.state(t)
	same(t, "the database that HCL makes", have, remade)
	if text := encode(t, remade, again.scope); strings.ReplaceAll(text, again.db.Name, live.db.Name) != written {
		t.Errorf("the HCL becomes\n%s\nand was\n%s", text, written)
	}
	same(t, "a plan from HCL", have, dev.reads(t, fit(decode(t, written, live.scope), live)))
	same(t, "a plan from SQL", have, dev.desired(t, f.source))
	holds(t, "without a server", mysql.Spell(declared, nil, live.Server()), have)
}

// runs executes the statements of a source one by one.
func (d *database) runs(t *testing.T, source string) {
	t.Helper()
	statements, err := mysql.Dialect{}.Split([]byte(source), "feature.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if err := d.Exec(t.Context(), s.SQL); err != nil {
			t.Fatalf("%v\nin %s", err, s.SQL)
		}
	}
}

func same(t *testing.T, what string, want, got *object.State) {
	t.Helper()
	changes, err := mysql.Kinds().Diff(want, got)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		t.Errorf("%s differs: %s %s %+v", what, c.Action, c.ID, c.Attrs)
	}
}

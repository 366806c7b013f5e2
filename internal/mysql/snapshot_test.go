package mysql_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
)

const snapshots = "testdata/snapshots"

var update = flag.Bool("update", false, "take the snapshots anew")

// TestSnapshots holds the snapshots that FuzzSnapshot starts from against what servers answer today; -update takes them
// anew.
func TestSnapshots(t *testing.T) {
	files, err := filepath.Glob("testdata/roundtrip/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	var kept []*dbtest.Snapshot
	if !*update {
		kept = dbtest.Snapshots(t, snapshots)
	}
	devs := dbtest.NewPool(func(srv dbtest.Server) *database { return open(t, srv.Database(t)) })
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		need, from, _, _ := fixture(t, string(text))
		for _, srv := range dbtest.Servers() {
			if srv.Scheme == "postgres" || need != "" && need != srv.Scheme || srv.Name == "mariadb-11.8" {
				continue // one of each flavour
			}
			name := strings.TrimSuffix(filepath.Base(file), ".sql") + "-" + srv.Scheme
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dev := devs.Lend(t, srv)
				c, err := dev.Load(t.Context(), []dialect.Statement{{SQL: from}}, dev.scope)
				if err != nil {
					t.Fatal(err)
				}
				now := dbtest.TakeSnapshot(c)
				now.Name = name
				if *update {
					if err := now.Write(filepath.Join(snapshots, name+".json.gz")); err != nil {
						t.Fatal(err)
					}
					return
				}
				holdSnapshot(t, kept, now)
			})
		}
	}
}

func holdSnapshot(t *testing.T, kept []*dbtest.Snapshot, now *dbtest.Snapshot) {
	t.Helper()
	i := slices.IndexFunc(kept, func(s *dbtest.Snapshot) bool { return s.Name == now.Name })
	if i < 0 {
		t.Errorf("there is no snapshot %s (-update takes it)", now.Name)
		return
	}
	for table, rows := range now.Tables {
		if old := kept[i].Tables[table]; old == nil && len(rows.Rows) > 0 || old != nil && !slices.Equal(old.Columns, rows.Columns) {
			t.Errorf("the columns of %s in the snapshot %s are not those of the server (-update takes it anew)", table, now.Name)
		}
	}
}

// FuzzSnapshot changes the catalogs of the fixtures.
func FuzzSnapshot(f *testing.F) {
	m := dbtest.Mutation{
		Names:  []string{"tables.name", "columns.name", "indexes.name", "foreign_keys.name", "routines.name", "triggers.name", "events.name"},
		Texts:  []string{"columns.comment", "indexes.comment"},
		Bodies: []string{"events.body", "triggers.body"},
		Fixed:  []string{"PRIMARY"},
		Spell:  func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" },
	}
	dbtest.FuzzSnapshots(f, mysql.Dialect{}, dbtest.Snapshots(f, snapshots), m, func(s *dbtest.Snapshot) dialect.Scope {
		return dialect.Scope{Schemas: []string{s.Settings["current_database"]}, Bound: true}
	})
}

package postgres_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
)

const snapshots = "testdata/snapshots"

// scopeOf is the scope of a fixture.
func scopeOf(fixture string) dialect.Scope {
	if strings.Contains(fixture, "bound") {
		return dialect.Scope{Bound: true, Schemas: []string{"app"}}
	}
	return dialect.Scope{}
}

// TestSnapshots holds the snapshots that FuzzSnapshot starts from against what a server answers today; -update takes
// them anew.
func TestSnapshots(t *testing.T) {
	files, err := filepath.Glob("testdata/hcl/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var kept []*dbtest.Snapshot
	if !*update {
		kept = dbtest.Snapshots(t, snapshots)
	}
	dev := connect(t, 18)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := dev.Load(t.Context(), []dialect.Statement{{SQL: string(text)}}, scopeOf(file))
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		now := dbtest.TakeSnapshot(c)
		if *update {
			if err := now.Write(filepath.Join(snapshots, name+".json.gz")); err != nil {
				t.Fatal(err)
			}
			continue
		}
		i := slices.IndexFunc(kept, func(s *dbtest.Snapshot) bool { return s.Name == name })
		if i < 0 {
			t.Errorf("there is no snapshot of %s (-update takes it)", file)
			continue
		}
		for table, rows := range now.Tables {
			if old := kept[i].Tables[table]; old == nil && len(rows.Rows) > 0 || old != nil && !slices.Equal(old.Columns, rows.Columns) {
				t.Errorf("the columns of %s in the snapshot of %s are not those of the server (-update takes it anew)", table, file)
			}
		}
	}
}

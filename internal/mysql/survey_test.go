package mysql_test

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
)

// TestSurveyReadsRowVersions uses up most of a table's INSTANT changes: the plan of another one says so.
func TestSurveyReadsRowVersions(t *testing.T) {
	t.Parallel()
	db := dbtest.MySQL(t)
	live, dev := open(t, db), open(t, dbtest.MySQL(t))
	for _, statement := range []string{"CREATE TABLE `a-b` (id int)", "CREATE TABLE t (id int)"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for range 115 {
		if _, err := db.ExecContext(t.Context(), "ALTER TABLE `a-b` ADD COLUMN x int, ALGORITHM=INSTANT; ALTER TABLE `a-b` DROP COLUMN x, ALGORITHM=INSTANT"); err != nil {
			t.Fatal(err)
		}
	}
	steps := live.plan(t, dev.desired(t, "CREATE TABLE `a-b` (id int, n int); CREATE TABLE t (id int, n int)"))
	for range 30 { // the server answers only when no other test changes a table at the same moment
		if err := live.Session.(dialect.Surveyor).Survey(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
		if steps[0].Runs.Note != "" {
			break
		}
	}
	if got := steps[0].Runs.String(); !strings.Contains(got, "row version 231 of 255") {
		t.Errorf("the near end is not said: %s", got)
	}
	if got := steps[1].Runs.String(); got != "INSTANT" {
		t.Errorf("of a fresh table: %s", got)
	}
}

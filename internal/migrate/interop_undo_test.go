package migrate_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
)

// TestAtlasStopsAtWhatIsBeingUndone sees that Atlas does not run a file again, or past it, while schemactl undoes it.
func TestAtlasStopsAtWhatIsBeingUndone(t *testing.T) {
	for _, name := range []string{"postgres-18", "mysql-9.7", "mariadb-10.11"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAlternation(t, name)
			a.write("1_a.sql", "CREATE TABLE log (n int);\n")
			a.write("2_b.sql", "INSERT INTO log VALUES (2);\nCREATE TABLE b (id int);\n")
			a.ours("")
			h := a.session.(dialect.Historian).History("")
			rows, err := h.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, done := range [][]string{nil, {"a"}, {"a", "b"}} {
				if err := h.Write(t.Context(), rows[1].Undone(done, 2, true)); err != nil {
					t.Fatal(err)
				}
				a.theirs("2_b.sql")
			}
			a.write("3_c.sql", "INSERT INTO log VALUES (3);\n")
			a.theirs("2_b.sql")
			var n int
			if err := a.db.QueryRow("SELECT count(*) FROM log").Scan(&n); err != nil || n != 1 {
				t.Errorf("the log has %d rows, %v", n, err)
			}
		})
	}
}

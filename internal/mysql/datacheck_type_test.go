package mysql

import (
	"fmt"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/kind"
)

// TestMisfitAddresses holds the rows that a data check finds against what the server refuses.
func TestMisfitAddresses(t *testing.T) {
	from, to := &Column{Type: "inet6"}, &Column{Type: "inet4"}
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "mariadb" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			cond, known := misfit(kind.Server{Flavor: "mariadb"}, "a", from, to)
			if !known {
				t.Fatal("no check")
			}
			for i, value := range []string{"NULL", "'::1'", "'::10.0.0.1'", "'::ffff:10.0.0.1'", "'fe80::1'"} {
				table := fmt.Sprintf("t%d", i)
				for _, q := range []string{"CREATE TABLE " + table + " (a inet6)", "INSERT INTO " + table + " VALUES (" + value + ")"} {
					if _, err := db.ExecContext(t.Context(), q); err != nil {
						t.Fatal(err)
					}
				}
				var found int
				if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table+" WHERE "+cond).Scan(&found); err != nil {
					t.Fatal(err)
				}
				_, refused := db.ExecContext(t.Context(), "ALTER TABLE "+table+" MODIFY a inet4")
				if value != "NULL" && (found == 1) != (refused != nil) || value == "NULL" && found != 0 {
					t.Errorf("%s: the check finds %d rows, and the server says %v", value, found, refused)
				}
			}
		})
	}
}

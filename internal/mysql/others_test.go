package mysql_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
)

// TestOthersAreReported makes one object of each kind that is not managed and finds it in the ledger, by name.
func TestOthersAreReported(t *testing.T) {
	unique := fmt.Sprintf("schemactl_%d", os.Getpid())
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			objects := [][3]string{
				{"server", "CREATE SERVER " + unique + " FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h', DATABASE 'd')", "DROP SERVER " + unique},
			}
			if srv.Scheme == "mysql" {
				objects = append(objects,
					[3]string{"tablespace", "CREATE TABLESPACE " + unique + " ADD DATAFILE '" + unique + ".ibd'", "DROP TABLESPACE " + unique},
					[3]string{"loadable function", "CREATE FUNCTION service_get_read_locks RETURNS INTEGER SONAME 'locking_service.so'", "DROP FUNCTION service_get_read_locks"},
					[3]string{"spatial reference system", "CREATE SPATIAL REFERENCE SYSTEM 1234567 NAME '" + unique + "' DEFINITION '" + plane + "'", "DROP SPATIAL REFERENCE SYSTEM 1234567"},
					[3]string{"resource group", "CREATE RESOURCE GROUP " + unique + " TYPE = USER", "DROP RESOURCE GROUP " + unique})
			}
			for _, m := range objects {
				if _, err := db.ExecContext(t.Context(), m[1]); err != nil {
					t.Fatalf("%s: %v", m[1], err)
				}
				defer func() {
					if _, err := db.Exec(m[2]); err != nil {
						t.Errorf("%s: %v", m[2], err)
					}
				}()
			}
			ledger := wholeLedger(t, db)
			for _, m := range objects {
				want := m[0] + " " + unique
				switch m[0] {
				case "loadable function": // its name is the library's
					want = m[0] + " service_get_read_locks"
				case "spatial reference system":
					want = m[0] + " 1234567 " + unique
				}
				if !slices.Contains(ledger, want) {
					t.Errorf("%s is not in the ledger:\n%s", want, strings.Join(ledger, "\n"))
				}
			}
		})
	}
}

// plane is the definition of a spatial reference system.
const plane = `GEOGCS["x",DATUM["x",SPHEROID["x",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.017453292519943278],AXIS["Lat",NORTH],AXIS["Lon",EAST]]`

// wholeLedger reads the database by a URL that names none.
func wholeLedger(t *testing.T, db *dbtest.DB) []string {
	t.Helper()
	u, err := dburl.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := mysql.Dialect{}.Connect(t.Context(), u.WithDatabase(""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	scope := dialect.Scope{Schemas: []string{db.Name}}
	c, err := s.Inspect(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	state, err := mysql.Dialect{}.Build(c, scope)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range state.Ledger {
		out = append(out, e.Kind+" "+e.Name)
	}
	return out
}

// TestPackagesAndFoldersAreReported finds what MariaDB has in a database and schemactl does not manage, and what MySQL
// says of a database that takes no changes.
func TestPackagesAndFoldersAreReported(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		statements, want := []string{"ALTER DATABASE %s READ ONLY = 1"}, []string{"read-only database %s"}
		switch srv.Scheme {
		case "postgres":
			continue
		case "mariadb":
			statements = []string{
				"SET sql_mode = ORACLE", "CREATE PACKAGE p AS FUNCTION f RETURN int; END",
				"CREATE PACKAGE BODY p AS FUNCTION f RETURN int AS BEGIN RETURN 1; END; END", "SET sql_mode = ''",
				"CREATE TABLE t (id int) DATA DIRECTORY = '/tmp' COMMENT = 'c'",
			}
			want = []string{"package p", "package body p", "data directory t"}
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			d := open(t, db)
			for _, s := range statements {
				if err := d.Exec(t.Context(), strings.ReplaceAll(s, "%s", "`"+db.Name+"`")); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
			if srv.Scheme == "mysql" {
				defer func() { _ = d.Exec(t.Context(), "ALTER DATABASE `"+db.Name+"` READ ONLY = 0") }()
			}
			state := d.state(t)
			var ledger []string
			for _, e := range state.Ledger {
				ledger = append(ledger, e.Kind+" "+e.Name)
			}
			for _, w := range want {
				if w = strings.ReplaceAll(w, "%s", db.Name); !slices.Contains(ledger, w) {
					t.Errorf("%s is not in the ledger: %q", w, ledger)
				}
			}
			for _, o := range state.Kind("table") {
				if got := o.Value.(*mysql.Table).Options; len(got) > 0 {
					t.Errorf("%s has the options %q", o.ID, got)
				}
			}
		})
	}
}

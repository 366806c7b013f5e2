package mysql_test

import (
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
)

// TestUnreadableIsSaid reads a database as a user who may not see the text of a view and of routines: they are named,
// the rest is read.
func TestUnreadableIsSaid(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			d := open(t, db)
			user := fmt.Sprintf("'schemactl_low_%d'@'%%'", os.Getpid())
			d.runs(t, `CREATE TABLE t (a int);
				CREATE VIEW v AS SELECT a FROM t;
				CREATE FUNCTION f () RETURNS int DETERMINISTIC RETURN 1;
				CREATE PROCEDURE p () SELECT 1;
				CREATE USER `+user+` IDENTIFIED BY 'pw';
				GRANT SELECT, CREATE, ALTER, EXECUTE ON `+"`"+db.Name+"`.* TO "+user+";")
			defer func() { _ = d.Exec(t.Context(), "DROP USER "+user) }()
			raw, err := url.Parse(db.URL)
			if err != nil {
				t.Fatal(err)
			}
			raw.User = url.UserPassword(fmt.Sprintf("schemactl_low_%d", os.Getpid()), "pw")
			u, err := dburl.Parse(raw.String())
			if err != nil {
				t.Fatal(err)
			}
			s, err := mysql.Dialect{}.Connect(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			scope := dialect.Scope{Schemas: []string{db.Name}, Bound: true}
			c, err := s.Inspect(t.Context(), scope)
			if err != nil {
				t.Fatal(err)
			}
			state, err := mysql.Dialect{}.Build(c, scope)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]bool{}
			for _, e := range state.Ledger {
				told[e.Kind+" "+e.Name] = true
			}
			for _, want := range []string{"view v", "function f", "procedure p"} {
				if !told[want] {
					t.Errorf("the %s is not told: %+v", want, state.Ledger)
				}
			}
			if n := len(state.Kind("table")); n != 1 {
				t.Errorf("%d tables are read", n)
			}
			if srv.Scheme == "mysql" { // whether the table has this takes the PROCESS privilege to see
				want := open(t, srv.Database(t)).desired(t, "CREATE TABLE t (a int) AUTOEXTEND_SIZE=4M")
				same(t, "what the user may not see", state.Filter(ofTables), want.Filter(ofTables))
			}
		})
	}
}

func ofTables(o *object.Object) (bool, string) { return o.ID.Kind == "table", "not asked for" }

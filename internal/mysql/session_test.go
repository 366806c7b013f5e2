package mysql_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
)

// onBoth runs a test on a MySQL and a MariaDB database.
func onBoth(t *testing.T, f func(t *testing.T, srv dbtest.Server)) {
	t.Helper()
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			t.Run(srv.Name, func(t *testing.T) {
				t.Parallel()
				f(t, srv)
			})
		}
	}
}

func (d *database) load(ctx context.Context, source string) error {
	_, err := d.Load(ctx, []dialect.Statement{{SQL: source, Pos: diag.Pos{File: "schema.sql", Line: 1, Column: 1}}}, d.scope)
	return err
}

func TestLoadNeedsNoOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		dev := open(t, srv.Database(t))
		state := dev.desired(t, `
CREATE VIEW v AS SELECT id FROM a;
CREATE TABLE a (id int PRIMARY KEY, b_id int, CONSTRAINT f FOREIGN KEY (b_id) REFERENCES b (id));
CREATE TABLE b (id int PRIMARY KEY, a_id int, CONSTRAINT g FOREIGN KEY (a_id) REFERENCES a (id));`)
		for _, id := range []object.ID{{Kind: "view", Name: "v"}, {Kind: "foreign_key", Table: "a", Name: "f"}, {Kind: "foreign_key", Table: "b", Name: "g"}} {
			if !state.Has(id) {
				t.Errorf("no %s", id)
			}
		}
		if got := shown(t, dev.db); got != "" {
			t.Errorf("left behind: %s", got)
		}
	})
}

func TestLoadPointsAtTheFault(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		dev := open(t, srv.Database(t))
		for _, tt := range []struct{ source, place string }{
			{"CREATE TABLE a (id int);\n\nCREATE TABLE b (\n  id int,\n  x int 5\n);", "schema.sql:5"},
			{"CREATE TABLE a (id int);\nCREATE TABLE b (id int, KEY (nope));", "schema.sql:2"},
			{"CREATE TABLE a (id int);\nCREATE VIEW v AS SELECT * FROM missing;", "schema.sql:2"},
			{"CREATE TABLE a (id int);\nUSE mysql;", "schema.sql:2"},
		} {
			err := dev.load(t.Context(), tt.source)
			if err == nil || !strings.HasPrefix(err.Error(), tt.place) {
				t.Errorf("%q: got %v, want a fault at %s", tt.source, err, tt.place)
			}
			if got := shown(t, dev.db); got != "" {
				t.Errorf("left behind: %s", got)
			}
		}
	})
}

func TestLoadRefusesWhatIsNotEmpty(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		db := srv.Database(t)
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE precious (id int)"); err != nil {
			t.Fatal(err)
		}
		dev := open(t, db)
		var d *diag.Diagnostic
		if err := dev.load(t.Context(), "CREATE TABLE a (id int)"); !errors.As(err, &d) || d.Code != "dev-not-empty" {
			t.Errorf("got %v", err)
		}
		if got := shown(t, db); !strings.Contains(got, "precious") {
			t.Error("the table is gone")
		}
	})
}

func TestLoadCleansUpWhenItIsCutOff(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		dev := open(t, srv.Database(t))
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		if err := dev.load(ctx, "CREATE TABLE a (id int);\nDO SLEEP(30);\nCREATE TABLE b (id int);"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if got := shown(t, dev.db); got != "" {
			t.Errorf("left behind: %s", got)
		}
		if err := dev.load(t.Context(), "CREATE TABLE a (id int);"); err != nil {
			t.Errorf("the session is of no use any more: %v", err)
		}
	})
}

func TestLoadGivesTheDatabaseItsDefaultsBack(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		dev := open(t, srv.Database(t))
		read := func() []string { return row(t, dev.db, "SELECT @@character_set_database, @@collation_database") }
		before := read()
		settings := map[string]string{"character_set_database": "latin1", "collation_database": "latin1_swedish_ci", "sql_mode": "ANSI_QUOTES", "explicit_defaults_for_timestamp": "0"}
		imitator, ok := dev.Session.(interface {
			Imitate(context.Context, map[string]string) error
		})
		if !ok {
			t.Fatal("the session does not imitate")
		}
		if err := imitator.Imitate(t.Context(), settings); err != nil {
			t.Fatal(err)
		}
		state := dev.desired(t, `CREATE TABLE "t" (a varchar(10));`)
		table, _ := kind.Get[mysql.Table](state, object.ID{Kind: "table", Name: "t"})
		if table.V == nil || table.V.Collation != "latin1_swedish_ci" {
			t.Errorf("got %+v", table.V)
		}
		if after := read(); !slices.Equal(before, after) {
			t.Errorf("before %q, after %q", before, after)
		}
	})
}

func TestLockKeepsOthersOut(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		db := srv.Database(t)
		first, second, elsewhere := open(t, db), open(t, db), open(t, srv.Database(t))
		unlock, err := first.Lock(t.Context(), "test", time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var d *diag.Diagnostic
		if _, err := second.Lock(t.Context(), "test", 100*time.Millisecond); !errors.As(err, &d) || d.Code != "locked" {
			t.Errorf("got %v", err)
		}
		if _, err := elsewhere.Lock(t.Context(), "test", 100*time.Millisecond); err != nil {
			t.Errorf("another database is locked too: %v", err)
		}
		if err := unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := second.Lock(t.Context(), "test", time.Second); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestConnectSaysWhatToDo(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		u, err := dburl.Parse(srv.Database(t).URL)
		if err != nil {
			t.Fatal(err)
		}
		nobody, err := dburl.Parse(strings.Replace(srv.Database(t).URL, "root:", "nobody:", 1))
		if err != nil {
			t.Fatal(err)
		}
		for hint, url := range map[string]*dburl.URL{"create the database first": u.WithDatabase("not_there"), "check the user and password": nobody} {
			_, err := mysql.Dialect{}.Connect(t.Context(), url)
			var d *diag.Diagnostic
			if !errors.As(err, &d) || !strings.Contains(d.Hint, hint) {
				t.Errorf("got %v, want the hint %q", err, hint)
			}
		}
	})
}

// TestWholeServer reads and makes a database by its name, as a URL without a database does.
func TestWholeServer(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		db := srv.Database(t)
		for _, statement := range []string{
			"CREATE TABLE a (id int PRIMARY KEY, n int, KEY k (n))",
			"CREATE TABLE b (id int PRIMARY KEY, a_id int, CONSTRAINT f FOREIGN KEY (a_id) REFERENCES a (id), CONSTRAINT c CHECK (id > 0))",
			"CREATE VIEW v AS SELECT a.id FROM a JOIN b ON b.a_id = a.id",
			"CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x",
			"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1",
			"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		u, err := dburl.Parse(db.URL)
		if err != nil {
			t.Fatal(err)
		}
		s, err := mysql.Dialect{}.Connect(t.Context(), u.WithDatabase(""))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		server := &database{Session: s, db: db, scope: dialect.Scope{Schemas: []string{db.Name}}}
		want := server.state(t)
		if !want.Has(object.ID{Kind: "view", Schema: db.Name, Name: "v"}) || !want.Has(object.ID{Kind: "schema", Name: db.Name}) {
			t.Fatalf("the objects lack the name of their database: %v", want.All())
		}
		for _, leg := range []struct{ from, to *object.State }{{want, object.NewState()}, {object.NewState(), want}} {
			changes, err := mysql.Kinds().Diff(leg.from, leg.to)
			if err != nil {
				t.Fatal(err)
			}
			_, steps, err := mysql.Kinds().Plan(leg.from, leg.to, changes, kind.Policy{})
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range steps {
				if err := s.Exec(t.Context(), step.SQL); err != nil {
					t.Fatalf("%v\nin %s\nof\n%s", err, step.SQL, text(steps))
				}
			}
		}
		changes, err := mysql.Kinds().Diff(want, server.state(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			t.Errorf("%s %s %+v", c.Action, c.ID, c.Attrs)
		}
	})
}

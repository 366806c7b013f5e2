package migrate_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	amigrate "ariga.io/atlas/sql/migrate"
	amysql "ariga.io/atlas/sql/mysql"
	apostgres "ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/sqltool"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
)

// TestAtlasRunsOurs has Atlas's library validate and run a directory that we wrote: every statement as we cut it, and
// nothing of what undoes them.
func TestAtlasRunsOurs(t *testing.T) {
	tests := []struct {
		server  string
		dialect dialect.Dialect
		open    func(*sql.DB) (amigrate.Driver, error)
		scripts []migrate.Script
		tables  string
	}{
		{
			server: "postgres-18", dialect: postgres.Dialect{},
			open: func(db *sql.DB) (amigrate.Driver, error) { return apostgres.Open(db) },
			scripts: []migrate.Script{
				{Undone: true, Up: []migrate.Block{{Comments: []string{"Make a;"}, SQL: "CREATE TABLE a (id int, t text DEFAULT ';')"}, {SQL: "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n\n\n  RETURN 1;\nEND\n$$"}}, Down: []migrate.Block{{SQL: "DROP FUNCTION f"}, {SQL: "DROP TABLE a"}}},
				{TxMode: migrate.TxNone, Up: []migrate.Block{{SQL: "CREATE INDEX CONCURRENTLY i ON a (id)"}}, Undone: true, Down: []migrate.Block{{SQL: "DROP INDEX i"}}},
				{Up: []migrate.Block{{SQL: "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END"}, {SQL: "CREATE TABLE b (id int)"}}},
			},
			tables: "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'",
		},
		{
			server: "mysql-9.7", dialect: mysql.Dialect{},
			open: func(db *sql.DB) (amigrate.Driver, error) { return amysql.Open(db) },
			scripts: []migrate.Script{
				{Undone: true, Up: []migrate.Block{{SQL: "CREATE TABLE a (id int, t varchar(9) DEFAULT 'it\\'s;')"}, {SQL: "CREATE TRIGGER x BEFORE INSERT ON a FOR EACH ROW IF NEW.id IS NULL THEN SET NEW.id = 1; END IF"}}, Down: []migrate.Block{{SQL: "DROP TABLE a"}}},
				{Up: []migrate.Block{{SQL: "CREATE PROCEDURE p()\nBEGIN\n  DECLARE n int;\n  SET n = 1;\nEND"}, {SQL: "CREATE TABLE b (id int)"}}},
			},
			tables: "SELECT count(*) FROM information_schema.tables WHERE table_schema = database()",
		},
	}
	for _, tt := range tests {
		t.Run(tt.server, func(t *testing.T) {
			ours := open(t, t.TempDir(), "")
			for i, s := range tt.scripts {
				if _, err := ours.Add("2026010100000"+string(rune('0'+i)), "x", s); err != nil {
					t.Fatal(err)
				}
			}
			theirs, err := amigrate.NewLocalDir(ours.Name)
			if err != nil {
				t.Fatal(err)
			}
			if err := amigrate.Validate(theirs); err != nil {
				t.Fatal(err)
			}
			db := server(t, tt.server)
			drv, err := tt.open(db.DB)
			if err != nil {
				t.Fatal(err)
			}
			sameCuts(t, tt.dialect, drv, ours, theirs)
			ex, err := amigrate.NewExecutor(drv, theirs, amigrate.NopRevisionReadWriter{})
			if err != nil {
				t.Fatal(err)
			}
			if err := ex.ExecuteN(context.Background(), 0); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.DB.QueryRow(tt.tables).Scan(&n); err != nil || n != 2 {
				t.Errorf("there are %d tables, %v", n, err)
			}
		})
	}
}

func server(t *testing.T, name string) *dbtest.DB {
	t.Helper()
	for _, srv := range dbtest.Servers() {
		if srv.Name == name {
			return srv.Database(t)
		}
	}
	t.Fatalf("no server %q", name)
	return nil
}

// sameCuts compares the statements of every file: revisions count them and hash their texts.
func sameCuts(t *testing.T, d dialect.Dialect, drv amigrate.Driver, ours *migrate.Dir, theirs amigrate.Dir) {
	t.Helper()
	files, err := theirs.Files()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		want, err := amigrate.FileStmts(drv, f)
		if err != nil {
			t.Fatal(err)
		}
		statements, err := ours.Files[i].Statements(d)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range statements {
			got = append(got, s.SQL)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is cut\nby us   %q\nby them %q", f.Name(), got, want)
		}
		if o, a := ours.Files[i], f.(*amigrate.LocalFile); o.Version != a.Version() || o.Desc != a.Desc() || !slices.Equal(o.Directive("txmode"), a.Directive("txmode")) {
			t.Errorf("%s: %s %s %q, theirs %s %s %q", f.Name(), o.Version, o.Desc, o.Directive("txmode"), a.Version(), a.Desc(), a.Directive("txmode"))
		}
	}
}

// TestReadsAtlas reads what Atlas's planner writes, in every format that it knows, with the sum that it writes.
func TestReadsAtlas(t *testing.T) {
	plan := &amigrate.Plan{
		Name: "first", Reversible: true, Transactional: true,
		Changes: []*amigrate.Change{
			{Cmd: `CREATE TABLE "a" ("id" integer NOT NULL, "t" text DEFAULT ';')`, Comment: `create "a" table`, Reverse: `DROP TABLE "a"`},
			{Cmd: `CREATE INDEX "i" ON "a" ("t")`, Comment: `create index "i"`, Reverse: `DROP INDEX "i"`},
		},
	}
	tests := []struct {
		format migrate.Format
		write  amigrate.Formatter
		dir    func(string) (amigrate.Dir, error)
		down   bool
	}{
		{migrate.Atlas, amigrate.DefaultFormatter, func(s string) (amigrate.Dir, error) { return amigrate.NewLocalDir(s) }, false},
		{migrate.GolangMigrate, sqltool.GolangMigrateFormatter, func(s string) (amigrate.Dir, error) { return sqltool.NewGolangMigrateDir(s) }, true},
		{migrate.Goose, sqltool.GooseFormatter, func(s string) (amigrate.Dir, error) { return sqltool.NewGooseDir(s) }, true},
		{migrate.Flyway, sqltool.FlywayFormatter, func(s string) (amigrate.Dir, error) { return sqltool.NewFlywayDir(s) }, true},
		{migrate.Liquibase, sqltool.LiquibaseFormatter, func(s string) (amigrate.Dir, error) { return sqltool.NewLiquibaseDir(s) }, true},
		{migrate.DBMate, sqltool.DBMateFormatter, func(s string) (amigrate.Dir, error) { return sqltool.NewDBMateDir(s) }, true},
	}
	for _, tt := range tests {
		t.Run(string(tt.format), func(t *testing.T) {
			root := t.TempDir()
			theirs, err := tt.dir(root)
			if err != nil {
				t.Fatal(err)
			}
			if err := amigrate.NewPlanner(nil, theirs, amigrate.PlanFormat(tt.write)).WritePlan(plan); err != nil {
				t.Fatal(err)
			}
			ours := open(t, root, tt.format)
			if err := ours.Ready(); err != nil {
				t.Fatal(err)
			}
			up, err := ours.Files[0].Statements(postgres.Dialect{})
			if got := sqlOf(t, up, err); len(got) != 2 || got[0] != plan.Changes[0].Cmd || got[1] != plan.Changes[1].Cmd {
				t.Errorf("up is %q", got)
			}
			down, ok, err := ours.Files[0].Down(postgres.Dialect{})
			if got := sqlOf(t, down, err); ok != tt.down || tt.down && (len(got) != 2 || !strings.HasPrefix(got[0], "DROP INDEX")) {
				t.Errorf("down is %q", got)
			}
			// And Atlas accepts the sum that we write.
			if _, err := ours.Add(ours.NextVersion(time.Now()), "second", migrate.Script{Undone: true, Up: []migrate.Block{{SQL: "SELECT 1"}}}); err != nil {
				t.Fatal(err)
			}
			if err := amigrate.Validate(theirs); err != nil {
				t.Errorf("Atlas says %v", err)
			}
		})
	}
}

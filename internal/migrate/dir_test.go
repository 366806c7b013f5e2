package migrate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	amigrate "ariga.io/atlas/sql/migrate"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
)

// dir makes a directory of files that are written as "name", "text" pairs.
func dir(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		write(t, filepath.Join(root, files[i]), files[i+1])
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, root string, format migrate.Format) *migrate.Dir {
	t.Helper()
	d, err := migrate.Open("file://"+root, format)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func sqlOf(t *testing.T, statements []dialect.Statement, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range statements {
		out = append(out, strings.TrimSuffix(s.SQL, ";"))
	}
	return out
}

func TestFileOfAtlas(t *testing.T) {
	root := dir(t, "20250101000000_a_b.sql", "\xef\xbb\xbf-- atlas:txmode none\r\n-- atlas:nolint PG101\r\n\r\n-- why\r\nSELECT 1;\r\nSELECT\r\n 2;\r\n\r\n-- atlas:down\r\n-- SELECT 'undo\r\n--\r\n-- it';\r\n")
	f := open(t, root, "").Files[0]
	if f.Version != "20250101000000" || f.Desc != "a_b" || f.TxMode != migrate.TxNone || f.Directive("nolint")[0] != "PG101" {
		t.Errorf("read as %+v", f)
	}
	up, err := f.Statements(postgres.Dialect{})
	if got := sqlOf(t, up, err); !slices.Equal(got, []string{"SELECT 1", "SELECT\n 2"}) {
		t.Errorf("up is %q", got)
	}
	if up[1].Pos.Line != 6 || !strings.HasSuffix(up[1].Pos.File, "a_b.sql") || !slices.Equal(up[0].Comments, []string{"-- why"}) {
		t.Errorf("the second statement is at %v, the first has %q", up[1].Pos, up[0].Comments)
	}
	down, ok, err := f.Down(postgres.Dialect{})
	if got := sqlOf(t, down, err); !ok || !slices.Equal(got, []string{"SELECT 'undo\n\nit'"}) || down[0].Pos.Line != 10 || down[0].Pos.Column != 4 || down[0].Margin(2) != 2 || down[0].Margin(3) != 3 {
		t.Errorf("down is %q at %v, its lines are moved by %v", got, down[0].Pos, down[0].Margins)
	}
}

func TestArchive(t *testing.T) {
	root := dir(t, "1_x.sql", "-- atlas:txtar\n\n-- checks/a.sql --\n-- atlas:assert oneof\n\nSELECT true;\nSELECT false;\n-- migration.sql --\n-- atlas:txmode none\n\nDROP TABLE t;\n-- down.sql --\nCREATE TABLE t (a int);\n")
	f := open(t, root, "").Files[0]
	up, err := f.Statements(postgres.Dialect{})
	if got := sqlOf(t, up, err); !slices.Equal(got, []string{"DROP TABLE t"}) || up[0].Pos.Line != 11 || f.TxMode != migrate.TxNone {
		t.Errorf("up is %q at %v, %q", got, up[0].Pos, f.TxMode)
	}
	if len(f.Checks) != 1 || f.Checks[0].Name != "checks/a" || !f.Checks[0].OneOf {
		t.Fatalf("checks are %+v", f.Checks)
	}
	queries, err := f.Queries(postgres.Dialect{}, f.Checks[0])
	if got := sqlOf(t, queries, err); len(got) != 2 || queries[1].Pos.Line != 7 {
		t.Errorf("the check is %q", got)
	}
	down, ok, err := f.Down(postgres.Dialect{})
	if got := sqlOf(t, down, err); !ok || !slices.Equal(got, []string{"CREATE TABLE t (a int)"}) {
		t.Errorf("down is %q", got)
	}
}

func TestFaultsOfFiles(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown directive", "-- atlas:tx_mode none\n\nSELECT 1;", "1_x.sql:1:1: there is no directive atlas:tx_mode"},
		{"bad mode", "-- atlas:txmode all\n\nSELECT 1;", "txmode takes none or file"},
		{"down without comments", "SELECT 1;\n\n-- atlas:down\nDROP TABLE t;\n", "1_x.sql:3:1: statements follow -- atlas:down"},
		{"import", "-- atlas:import a.sql\n\n", "cannot import"},
		{"an archive without a migration", "-- atlas:txtar\n\n-- down.sql --\nSELECT 1;\n", "no section migration.sql"},
		{"an unknown section", "-- atlas:txtar\n\n-- up.sql --\nSELECT 1;\n", "has a section \"up.sql\""},
		{"a statement before the sections", "-- atlas:txtar\n\nSELECT 1;\n-- migration.sql --\nSELECT 1;\n", "before the first section"},
		{"UTF-16", "\xff\xfeS\x00", "UTF-16"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := migrate.Open("file://"+dir(t, "1_x.sql", tt.text), "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	f := open(t, dir(t, "1_x.sql", "-- head\n\nSELECT 1;\nSELECT 'a;\n"), "").Files[0]
	if _, err := f.Statements(postgres.Dialect{}); err == nil || !strings.Contains(err.Error(), "1_x.sql:4:8: the quote") {
		t.Errorf("got %v", err)
	}
	f = open(t, dir(t, "1_x.sql", "SELECT 1;\n\n-- atlas:down\n --  SELECT 1;\n-- SELECT 'a;\n"), "").Files[0]
	if _, _, err := f.Down(postgres.Dialect{}); err == nil || !strings.Contains(err.Error(), "1_x.sql:5:11: the quote") {
		t.Errorf("got %v", err)
	}
}

// TestSumIsThatOfAtlas compares with Atlas's own, and has Atlas validate ours.
func TestSumIsThatOfAtlas(t *testing.T) {
	root := dir(t,
		"1_a.sql", "CREATE TABLE a (id int);\n", "2_b.sql", "\xef\xbb\xbfSELECT 1;\r\n",
		"3_c.sql", "-- atlas:sum ignore\n\nSELECT 2;\n", "4_d.sql", "SELECT 3;", "README.md", "no migration")
	theirs, err := amigrate.NewLocalDir(root)
	if err != nil {
		t.Fatal(err)
	}
	want, err := theirs.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	d := open(t, root, "")
	got, err := d.Sum()
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v, %v", got, want, err)
	}
	if err := d.WriteSum(); err != nil {
		t.Fatal(err)
	}
	if err := amigrate.Validate(theirs); err != nil {
		t.Errorf("Atlas says %v", err)
	}
	if err := amigrate.WriteSumFile(theirs, want); err != nil {
		t.Fatal(err)
	}
	if err := open(t, root, "").Verify(); err != nil {
		t.Error(err)
	}
}

func TestVerify(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, root string)
		want   string // "" is fine
	}{
		{"nothing", func(*testing.T, string) {}, ""},
		{"edited", func(t *testing.T, root string) { write(t, filepath.Join(root, "2_b.sql"), "SELECT 9;\n") }, "2_b.sql: the file was edited"},
		{"line endings", func(t *testing.T, root string) { write(t, filepath.Join(root, "2_b.sql"), "SELECT 2;\r\n") }, ""},
		{"removed", func(t *testing.T, root string) { remove(t, filepath.Join(root, "2_b.sql")) }, "2_b.sql: the file is listed in atlas.sum and gone"},
		{"added", func(t *testing.T, root string) { write(t, filepath.Join(root, "4_d.sql"), "SELECT 4;\n") }, "4_d.sql: the file is not listed"},
		{"inserted", func(t *testing.T, root string) { write(t, filepath.Join(root, "15_d.sql"), "SELECT 4;\n") }, "15_d.sql: the file was added before 3_c.sql"},
		{"no sum", func(t *testing.T, root string) { remove(t, filepath.Join(root, "atlas.sum")) }, "has no atlas.sum"},
		{"conflict", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "atlas.sum"), "<<<<<<< HEAD\nh1:x=\n=======\nh1:y=\n>>>>>>> theirs\n")
		}, "atlas.sum:1:1: atlas.sum holds the marks of a merge conflict"},
		{"cut short", func(t *testing.T, root string) {
			text, _ := os.ReadFile(filepath.Join(root, "atlas.sum"))
			lines := strings.SplitAfter(string(text), "\n")
			write(t, filepath.Join(root, "atlas.sum"), strings.Join(lines[:len(lines)-2], ""))
		}, "atlas.sum does not fit its own first line"},
		{"cut off", func(t *testing.T, root string) { write(t, filepath.Join(root, "atlas.sum"), "") }, "atlas.sum does not fit its own first line"},
		{"reordered", func(t *testing.T, root string) {
			a, b := amigrate.NewLocalFile("2_b.sql", []byte("SELECT 2;\n")), amigrate.NewLocalFile("1_a.sql", []byte("SELECT 1;\n"))
			sum, err := amigrate.NewHashFile([]amigrate.File{a, b, amigrate.NewLocalFile("3_c.sql", []byte("SELECT 3;\n"))})
			if err != nil {
				t.Fatal(err)
			}
			text, _ := sum.MarshalText()
			write(t, filepath.Join(root, "atlas.sum"), string(text))
		}, "lists the files in another order"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := dir(t, "1_a.sql", "SELECT 1;\n", "2_b.sql", "SELECT 2;\n", "3_c.sql", "SELECT 3;\n")
			if err := open(t, root, "").WriteSum(); err != nil {
				t.Fatal(err)
			}
			tt.change(t, root)
			err := open(t, root, "").Verify()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// TestFormats reads one migration, with what undoes it, in the layout of each tool.
func TestFormats(t *testing.T) {
	tests := []struct {
		format         migrate.Format
		files          []string
		versions       []string
		up, down, line string
	}{
		{format: migrate.GolangMigrate, files: []string{"2_b.up.sql", "SELECT 2;", "10_c.up.sql", "SELECT 3;", "1_a.up.sql", "SELECT 1;\n", "1_a.down.sql", "SELECT -1;"}, versions: []string{"1", "2", "10"}},
		{format: migrate.Goose, files: []string{"1_a.sql", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n-- +goose Down\nSELECT -1;\n"}, versions: []string{"1"}},
		{format: migrate.DBMate, files: []string{"1_a.sql", "-- migrate:up transaction:false\nSELECT 1;\n\n-- migrate:down\nSELECT -1;\n"}, versions: []string{"1"}},
		{format: migrate.Flyway, files: []string{"V1__a.sql", "SELECT 1;", "U1__a.sql", "SELECT -1;", "V1.10__c.sql", "SELECT 3;", "V1.2__b.sql", "SELECT 2;", "R__v.sql", "SELECT 4;"}, versions: []string{"1", "1.2", "1.10", "R__v"}},
		{format: migrate.Liquibase, files: []string{"1_a.sql", "--liquibase formatted sql\n--changeset me:1\nSELECT 1;\n--rollback SELECT -1;\n"}, versions: []string{"1"}},
		{format: migrate.Sqitch, files: []string{"sqitch.plan", "%syntax-version=1.0.0\n%project=x\n\na 2025-01-31T09:00:00Z Me <me@x.org> # why\nb [a] 2025-01-31T09:00:01Z Me <me@x.org>\n", "deploy/a.sql", "-- Deploy a\n\nBEGIN;\nSELECT 1;\nCOMMIT;\n", "revert/a.sql", "BEGIN;\nSELECT -1;\nCOMMIT;\n", "deploy/b.sql", "SELECT 2;\n"}, versions: []string{"20250131090000", "20250131090001"}},
	}
	for _, tt := range tests {
		t.Run(string(tt.format), func(t *testing.T) {
			d := open(t, dir(t, tt.files...), tt.format)
			var versions []string
			for _, f := range d.Files {
				versions = append(versions, f.Version)
			}
			if !slices.Equal(versions, tt.versions) {
				t.Fatalf("versions are %q", versions)
			}
			up, err := d.Files[0].Statements(postgres.Dialect{})
			if got := sqlOf(t, up, err); !slices.Equal(got, []string{"SELECT 1"}) {
				t.Errorf("up is %q", got)
			}
			down, ok, err := d.Files[0].Down(postgres.Dialect{})
			if got := sqlOf(t, down, err); !ok || !slices.Equal(got, []string{"SELECT -1"}) {
				t.Errorf("down is %q", got)
			}
			if err := d.WriteSum(); err != nil {
				t.Fatal(err)
			}
			if err := open(t, d.Name, tt.format).Verify(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNextVersion(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	tests := []struct{ name, last, want string }{
		{"empty", "", "20260102020405"},
		{"time", "20250101000000_a.sql", "20260102020405"},
		{"the clock is behind", "20260102020459_a.sql", "20260102020500"},
		{"counted", "0009_a.sql", "0010"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{}
			if tt.last != "" {
				files[tt.last] = &fstest.MapFile{Data: []byte("SELECT 1;")}
			}
			d, err := migrate.OpenFS(files, "m", "")
			if err != nil {
				t.Fatal(err)
			}
			if got := d.NextVersion(now); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestAddAndRead writes a migration in each format and reads the same statements back.
func TestAddAndRead(t *testing.T) {
	const trigger = "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW\nBEGIN\n  SET NEW.a = 1;\n  SET NEW.b = ';';\nEND"
	script := migrate.Script{
		TxMode: migrate.TxNone, Undone: true,
		Up:   []migrate.Block{{Comments: []string{"Make t"}, SQL: "CREATE TABLE t (a int, b text)"}, {SQL: trigger}},
		Down: []migrate.Block{{SQL: "DROP TRIGGER x"}, {Comments: []string{"Drop t"}, SQL: "DROP TABLE t"}},
	}
	for _, format := range migrate.Formats() {
		t.Run(format, func(t *testing.T) {
			d := open(t, t.TempDir(), migrate.Format(format))
			names, err := d.Add("20260101000000", "make_t", script)
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Files) != 1 || d.Files[0].Name != names[0] || d.Files[0].Version != "20260101000000" {
				t.Fatalf("wrote %q, read %+v", names, d.Files)
			}
			if mode := d.Files[0].TxMode; mode != migrate.TxNone && format != "golang-migrate" && format != "sqitch" {
				t.Errorf("the mode is %q", mode)
			}
			up, err := d.Files[0].Statements(mysql.Dialect{})
			if got := sqlOf(t, up, err); !slices.Equal(got, []string{"CREATE TABLE t (a int, b text)", trigger + ""}) {
				t.Errorf("up is %q", got)
			}
			down, ok, err := d.Files[0].Down(mysql.Dialect{})
			if got := sqlOf(t, down, err); !ok || !slices.Equal(got, []string{"DROP TRIGGER x", "DROP TABLE t"}) {
				t.Errorf("down is %q", got)
			}
			if err := open(t, d.Name, d.Format).Verify(); err != nil {
				t.Error(err)
			}
		})
	}
}

package migrate_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
)

// TestImport turns a directory of each tool into Atlas's format, where it must run and undo the same statements in the
// same order.
func TestImport(t *testing.T) {
	tests := []struct {
		format  string
		dialect dialect.Dialect
		files   []string
		names   []string
		none    []string // versions that run outside a transaction
	}{
		{
			format: "golang-migrate", dialect: postgres.Dialect{}, names: []string{"01_a.sql", "02_b.sql", "10_c.sql"},
			files: []string{"2_b.up.sql", "SELECT 2;", "10_c.up.sql", "SELECT 3;", "1_a.up.sql", "-- about a\nCREATE TABLE a (id int);\n\nSELECT 1;\n", "1_a.down.sql", "DROP TABLE a;\n"},
		},
		{
			format: "goose", dialect: postgres.Dialect{}, names: []string{"00001_a.sql", "00002_b.sql"}, none: []string{"00002"},
			files: []string{
				"00001_a.sql", "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int AS $$\nBEGIN\n  RETURN 1;\nEND\n$$ LANGUAGE plpgsql;\n-- +goose StatementEnd\nSELECT 1;\n\n-- +goose Down\nDROP FUNCTION f;\n",
				"00002_b.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON t (a);\n",
			},
		},
		{
			format: "dbmate", dialect: postgres.Dialect{}, names: []string{"20250101000000_a.sql"}, none: []string{"20250101000000"},
			files: []string{"20250101000000_a.sql", "-- migrate:up transaction:false\nSELECT 1;\n\n-- migrate:down\nSELECT 2;\n"},
		},
		{
			format: "flyway", dialect: postgres.Dialect{}, names: []string{"1_a.sql", "2_big_one.sql", "2r_views.sql"}, none: []string{"2"},
			files: []string{"V1__a.sql", "SELECT 1;", "U1__a.sql", "SELECT -1;", "V2__big one.sql", "SELECT 2;", "V2__big one.sql.conf", "executeInTransaction=false\n", "R__views.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;"},
		},
		{
			format: "liquibase", dialect: mysql.Dialect{}, names: []string{"1_a.sql"},
			files: []string{"1_a.sql", "--liquibase formatted sql\n\n--changeset me:1\nCREATE TABLE a (id int);\n--rollback DROP TABLE a;\n\n--changeset me:2 splitStatements:false\nCREATE PROCEDURE p() SELECT 1;\n--rollback DROP PROCEDURE p;\n\n--changeset me:3 endDelimiter:/\nSELECT 1; /\nSELECT 2 /\n"},
		},
		{
			format: "sqitch", dialect: postgres.Dialect{}, names: []string{"20250131090000_a.sql"},
			files: []string{"sqitch.plan", "%project=x\n\na 2025-01-31T09:00:00Z Me <me@x.org> # why\n", "deploy/a.sql", "-- Deploy a\n\nBEGIN;\n\nSELECT 1;\n\nCOMMIT;\n", "revert/a.sql", "BEGIN;\nSELECT -1;\nCOMMIT;\n"},
		},
		{
			format: "rails", dialect: postgres.Dialect{}, names: []string{"20250202000000_baseline.sql"},
			files: []string{"structure.sql", "\\restrict abc\nSET statement_timeout = 0;\n\nCREATE TABLE public.users (id bigint);\n\nSET search_path TO \"$user\", public;\n\nINSERT INTO \"schema_migrations\" (version) VALUES\n('20250202000000'),\n('20250101000000');\n\n\\unrestrict abc\n"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			root := dir(t, tt.files...)
			from, err := migrate.OpenSource("file://" + root + "?format=" + tt.format)
			if err != nil {
				t.Fatal(err)
			}
			to := open(t, t.TempDir(), "")
			names, err := migrate.Import(from, to)
			if err != nil || !slices.Equal(names, tt.names) {
				t.Fatalf("wrote %q, %v", names, err)
			}
			if err := open(t, to.Name, "").Ready(); err != nil {
				t.Fatal(err)
			}
			for i, f := range to.Files {
				same(t, tt.dialect, from.Files[i], f)
				if want := slices.Contains(tt.none, f.Version); (f.TxMode == migrate.TxNone) != want {
					t.Errorf("%s has the mode %q", f.Name, f.TxMode)
				}
			}
		})
	}
}

func same(t *testing.T, d dialect.Dialect, a, b *migrate.File) {
	t.Helper()
	x, err := a.Statements(d)
	want := sqlOf(t, x, err)
	y, err := b.Statements(d)
	if got := sqlOf(t, y, err); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("%s runs %q, %s runs %q", a.Name, want, b.Name, got)
	}
	x, had, err := a.Down(d)
	want = sqlOf(t, x, err)
	y, has, err := b.Down(d)
	if got := sqlOf(t, y, err); !slices.Equal(got, want) || had != has {
		t.Errorf("%s is undone by %q, %s by %q", a.Name, want, b.Name, got)
	}
}

func TestImportFaults(t *testing.T) {
	tests := []struct {
		name, format string
		files        []string
		want         string
	}{
		{"placeholder", "flyway", []string{"V1__a.sql", "SELECT 1;\nSELECT '${x}';"}, "V1__a.sql:2: the placeholder ${x} is not supported"},
		{"precondition", "liquibase", []string{"a.sql", "--liquibase formatted sql\n--changeset a:1\n--preconditions onFail:HALT\nSELECT 1;\n"}, "a.sql:3:1: Liquibase's preconditions is not supported"},
		{"context", "liquibase", []string{"a.sql", "--changeset a:1 context:test\nSELECT 1;\n"}, "Liquibase's context is not supported"},
		{"no up", "goose", []string{"1_a.sql", "SELECT 1;\n"}, "has no line"},
		{"unknown", "dbmate", []string{"1_a.sql", "-- migrate:upp\nSELECT 1;\n"}, "dbmate has no directive"},
		{"missing deploy", "sqitch", []string{"sqitch.plan", "a 2025-01-31T09:00:00Z Me <me@x.org>\n"}, "sqitch.plan:1:1: the plan names a"},
		{"no versions", "rails", []string{"structure.sql", "SELECT 1;"}, "lists no versions"},
		{"nothing", "goose", []string{"README", "x"}, "there are no migrations of goose"},
		{"no format", "atlas", []string{"1_a.sql", "SELECT 1;"}, "is of Atlas's format already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from, err := migrate.OpenSource("file://" + dir(t, tt.files...) + "?format=" + tt.format)
			if err == nil {
				_, err = migrate.Import(from, open(t, t.TempDir(), ""))
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	root := dir(t, "1_a.sql", "SELECT 1;")
	from, err := migrate.OpenSource("file://" + dir(t, "1_a.up.sql", "SELECT 1;") + "?format=golang-migrate")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrate.Import(from, open(t, root, "")); err == nil || !strings.Contains(err.Error(), filepath.Base(root)) {
		t.Errorf("got %v", err)
	}
}

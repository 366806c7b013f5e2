package migrate_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/schemactl/schemactl/internal/migrate"
)

// TestUnsortedVersions: numbers run in the order in which they count, or not at all.
func TestUnsortedVersions(t *testing.T) {
	goose, dbmate := "-- +goose Up\nSELECT 1;\n", "-- migrate:up\nSELECT 1;\n"
	tests := []struct {
		format migrate.Format
		files  string
		text   string
		suffix string
		fails  bool
	}{
		{format: migrate.Atlas, files: "1_a 2_a 10_a", fails: true},
		{format: migrate.Atlas, files: "9_a 10_a", fails: true},
		{format: migrate.Atlas, files: "99_a 100_a", fails: true},
		{format: migrate.Atlas, files: "9_a 20240101000000_a", fails: true},
		{format: migrate.Atlas, files: "01_a 02_a 10_a"},
		{format: migrate.Atlas, files: "001_a 20240101000000_a"},
		{format: migrate.Atlas, files: "202401020000_a 20240101000000_a"}, // of minutes and of seconds: the text is right
		{format: migrate.DBMate, files: "1_a 2_a 10_a", text: dbmate, fails: true},
		{format: migrate.Goose, files: "1_a 2_a 10_a", text: goose},
		{format: migrate.GolangMigrate, files: "1_a 2_a 10_a", suffix: ".up"},
		{format: migrate.Flyway, files: "V1__a V2__a V10__a"},
	}
	for _, tt := range tests {
		fsys := fstest.MapFS{}
		for _, name := range strings.Fields(tt.files) {
			text := tt.text
			if text == "" {
				text = "SELECT 1;\n"
			}
			fsys[name+tt.suffix+".sql"] = &fstest.MapFile{Data: []byte(text)}
		}
		d, err := migrate.OpenFS(fsys, "m", tt.format)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Check()
		if tt.fails != (err != nil) || err != nil && !strings.Contains(err.Error(), "not of the numbers") {
			t.Errorf("%s of %s: %v", tt.files, tt.format, err)
		}
	}
}

// TestMisread: what would be read as something else than it says is refused.
func TestMisread(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"goose", "-- +goose Up\nCREATE TABLE a (id int);\n-- +goose Down\nDROP TABLE a;\n", "goose"},
		{"dbmate", "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n", "dbmate"},
		{"glued txmode", "-- atlas:txmode none\nCREATE INDEX CONCURRENTLY i ON a (id);\n", "atlas:txmode has no effect"},
		{"glued behind a comment", "-- why\n-- atlas:txmode none\nSELECT 1;\n", "atlas:txmode has no effect"},
		{"glued checkpoint", "-- atlas:checkpoint\nSELECT 1;\n", "atlas:checkpoint has no effect"},
		{"txmode", "-- atlas:txmode none\n\nSELECT 1;\n", ""},
		{"nolint of a statement", "-- atlas:nolint\nSELECT 1;\n", ""},
		{"prose", "-- was: goose up\n-- migrate users\nSELECT 1;\n", ""},
	}
	for _, tt := range tests {
		_, err := migrate.OpenFS(fstest.MapFS{"1_a.sql": &fstest.MapFile{Data: []byte(tt.text)}}, "m", migrate.Atlas)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

package migrate

import (
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzDown covers and uncovers what undoes a migration: nothing is lost, and nothing of it is left to run.
func FuzzDown(f *testing.F) {
	f.Add("SELECT 1;\n", "DROP TABLE t;\n")
	f.Add("-- a\n\nSELECT 1;\n", "SELECT '\n\n--';\n-- atlas:down\n")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, up, down string) {
		down = strings.TrimRight(strings.ReplaceAll(down, "\r", ""), "\n") + "\n"
		if strings.TrimSpace(down) == "" || strings.Contains(up, downMark) || strings.Contains(down, downMark) || !strings.HasSuffix(up, "\n") {
			return
		}
		gotUp, gotDown, found := cutDown(up + coverDown(down))
		if !found || strings.TrimRight(gotUp, "\n") != strings.TrimRight(up, "\n") || gotDown.text != down {
			t.Fatalf("%q and %q became %q and %q", up, down, gotUp, gotDown.text)
		}
	})
}

// FuzzOpen reads files of any text in every layout: faults are told, nothing breaks.
func FuzzOpen(f *testing.F) {
	for _, seed := range []string{
		"-- atlas:txtar\n\n-- migration.sql --\nSELECT 1;\n", "-- atlas:checkpoint x\n\nSELECT 1;\n-- atlas:down\n-- x", "-- +goose Up\nSELECT 1;\n-- +goose Down\n",
		"-- migrate:up transaction:false\n", "--liquibase formatted sql\n--changeset a:b endDelimiter:/\nSELECT 1 /\n--rollback x\n", "\xef\xbb\xbf-- atlas:txmode none\r\n\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files := fstest.MapFS{}
		for _, name := range []string{"1_a.sql", "1_a.up.sql", "V1__a.sql", "deploy/a.sql", sqitchPlan, SumFile} {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		for _, format := range Formats() {
			d, err := OpenFS(files, "m", Format(format))
			if err != nil {
				continue
			}
			if err := d.Verify(); err == nil && len(d.Files) > 0 {
				t.Fatalf("%s: any text is a sum", format)
			}
			for _, file := range d.Files {
				_ = file.asAtlas()
			}
		}
	})
}

package revision_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/revision"
)

// directory makes one of files "1", "2*" (a checkpoint), "R__v" (repeatable, in Flyway's format).
func directory(t *testing.T, format migrate.Format, names ...string) *migrate.Dir {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, n := range names {
		version, checkpoint := strings.CutSuffix(n, "*")
		text := "SELECT " + fmt.Sprintf("'%s'", version) + ";\n"
		name := version + "_x.sql"
		if checkpoint {
			text = "-- atlas:checkpoint\n\n" + text
		}
		if format == migrate.Flyway {
			name = strings.Replace(version, "R", "", 1) + "__x.sql"
			if name = "V" + name; strings.HasPrefix(version, "R") {
				name = version + ".sql"
			}
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	d, err := migrate.OpenFS(fsys, "m", format)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// history reads "1 2b 3:1/2": version, b for a baseline, applied/total.
func history(t *testing.T, text string) []dialect.Revision {
	t.Helper()
	var out []dialect.Revision
	for i, word := range strings.Fields(text) {
		version, part, _ := strings.Cut(word, ":")
		r := dialect.Revision{Type: dialect.Executed, Applied: 1, Total: 1, ExecutedAt: time.Unix(int64(i), 0)}
		if part != "" {
			if _, err := fmt.Sscanf(part, "%d/%d", &r.Applied, &r.Total); err != nil {
				t.Fatal(err)
			}
		}
		if v, ok := strings.CutSuffix(version, "b"); ok {
			version, r.Type, r.Applied, r.Total = v, dialect.Baseline, 0, 0
		}
		r.Version = version
		out = append(out, r)
	}
	return out
}

func TestDecide(t *testing.T) {
	tests := []struct {
		name    string
		format  migrate.Format
		files   string
		history string
		found   string
		options revision.Options
		want    string // versions, or a part of the error
		fails   bool
	}{
		{name: "empty database", files: "1 2 3", want: "1 2 3"},
		{name: "empty database and directory", want: ""},
		{name: "starts at the last checkpoint", files: "1 2* 3 4* 5", want: "4 5"},
		{name: "a history goes on without checkpoints", files: "1 2 3* 4", history: "1", want: "2 4"},
		{name: "to a version before the checkpoint", files: "1 2 3* 4", options: revision.Options{To: "2"}, want: "1 2"},
		{name: "to a version after the checkpoint", files: "1 2 3* 4 5", options: revision.Options{To: "4"}, want: "3 4"},
		{name: "some", files: "1 2 3", options: revision.Options{Count: 2}, want: "1 2"},
		{name: "more than there are", files: "1 2", options: revision.Options{Count: 9}, want: "1 2"},
		{name: "all applied", files: "1 2", history: "1 2", want: ""},
		{name: "next", files: "1 2 3", history: "1", want: "2 3"},
		{name: "to version", files: "1 2 3 4", history: "1", options: revision.Options{To: "3"}, want: "2 3"},
		{name: "to the current version", files: "1 2 3", history: "1 2", options: revision.Options{To: "2"}, want: ""},
		{name: "to a version that is passed", files: "1 2 3", history: "1 2", options: revision.Options{To: "1"}, want: "past version 1", fails: true},
		{name: "to no version", files: "1 2", options: revision.Options{To: "9"}, want: `no version "9"`, fails: true},

		{name: "not empty", files: "1 2", found: "table public.t", want: "it has the table public.t", fails: true},
		{name: "not empty, all the same", files: "1 2", found: "table public.t", options: revision.Options{AllowDirty: true}, want: "1 2"},
		{name: "baseline", files: "1 2 3", found: "table public.t", options: revision.Options{Baseline: "2"}, want: "base 2: 3"},
		{name: "baseline with a checkpoint behind", files: "1 2 3* 4", options: revision.Options{Baseline: "2"}, want: "base 2: 4"},
		{name: "baseline of a database with a history", files: "1 2 3", history: "1", options: revision.Options{Baseline: "2"}, want: "2 3"},
		{name: "baseline at a checkpoint", files: "1 2* 3", options: revision.Options{Baseline: "2"}, want: "cannot be the baseline", fails: true},
		{name: "baseline at no version", files: "1 2", options: revision.Options{Baseline: "7"}, want: `no version "7"`, fails: true},
		{name: "baseline and dirty", files: "1", options: revision.Options{Baseline: "1", AllowDirty: true}, want: "exclude each other", fails: true},
		{name: "after a baseline", files: "1 2 3", history: "2b", want: "3"},

		{name: "out of order", files: "1 2 3 4", history: "1 3", want: "not applied, and before version 3, which is: 2_x.sql", fails: true},
		{name: "out of order, skipped", files: "1 2 3 4", history: "1 3", options: revision.Options{Order: revision.LinearSkip}, want: "4"},
		{name: "out of order, run", files: "1 2 3 4", history: "1 3", options: revision.Options{Order: revision.NonLinear}, want: "2 4"},
		{name: "out of order, to it", files: "1 2 3 4", history: "1 3", options: revision.Options{Order: revision.NonLinear, To: "2"}, want: "2"},
		{name: "before the first revision", files: "1 2 3", history: "2", want: "not applied, and before version 2", fails: true},
		{name: "before the baseline", files: "1 2 3", history: "2b", want: "3"},
		{name: "before the checkpoint", files: "1 2* 3", history: "2", want: "3"},
		{name: "before a first revision without a file", files: "1 3", history: "2", want: "not applied, and before version 2", fails: true},
		{name: "before the first revision, non-linear", files: "1 2 3", history: "2", options: revision.Options{Order: revision.NonLinear}, want: "1 3"},
		{name: "a checkpoint ran: what it stands for is not out of order", files: "1 2 3* 4 5", history: "3 4", want: "5"},

		{name: "half done", files: "1 2 3", history: "1 2:1/2", want: "2 3"},
		{name: "half done, not at the end", files: "1 2 3 4", history: "1 2:1/2 3", want: "2 4"},
		{name: "half done goes before out of order", files: "1 2 3 4", history: "1 3:1/2", options: revision.Options{Order: revision.NonLinear}, want: "3 2 4"},
		{name: "half done checkpoint", files: "1 2* 3", history: "2:1/2", want: "2 3"},
		{name: "half done and gone", files: "1 3", history: "1 2:1/2", want: "applied in part (1 of 2 statements), and its file is gone", fails: true},
		{name: "done and gone", files: "1 3", history: "1 2", want: "3"},
		{name: "the last one is gone", files: "1 3", history: "1 4", want: "before version 4, which is: 3_x.sql", fails: true},

		{name: "numbers count as numbers", format: migrate.Flyway, files: "1 2 10", history: "1 10", want: "which is: V2__x.sql", fails: true},
		{name: "repeatable ones come last", format: migrate.Flyway, files: "1 R__v 2", history: "1", want: "2 R__v"},
		{name: "repeatable ones run when they change", format: migrate.Flyway, files: "1 R__v", history: "1 R__v", want: "R__v"},
		{name: "repeatable ones are no end", format: migrate.Flyway, files: "1 2 R__v", history: "1 R__v", options: revision.Options{To: "2"}, want: "2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			format := tt.format
			if format == "" {
				format = migrate.Atlas
			}
			s, err := revision.Look(directory(t, format, strings.Fields(tt.files)...), history(t, tt.history))
			if err != nil {
				t.Fatal(err)
			}
			w, err := revision.Decide(s, tt.found, tt.options)
			if tt.fails {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			if w.Baseline != nil {
				got = append(got, "base "+w.Baseline.Version+":")
			}
			for _, f := range w.Files {
				got = append(got, f.Version)
			}
			if text := strings.Join(got, " "); text != tt.want {
				t.Errorf("pending: %q, want %q", text, tt.want)
			}
		})
	}
}

// TestEdited: the hashes of a history tell the first file that is another now, also after files came in between.
func TestEdited(t *testing.T) {
	sums := func(d *migrate.Dir) map[string]string {
		sum, err := d.Sum()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, e := range sum {
			out[strings.TrimSuffix(e.N, "_x.sql")] = e.H
		}
		return out
	}
	before := sums(directory(t, migrate.Atlas, "1", "3", "4"))
	for _, tt := range []struct {
		name    string
		files   []string
		history string
		want    []string
	}{
		{"nothing", []string{"1", "3", "4"}, "1 3 4", nil},
		{"inserted and not run", []string{"1", "2", "3", "4"}, "1 3 4", nil},
		{"inserted and run later", []string{"1", "2", "3", "4"}, "1 3 4 2", nil},
		{"an earlier one is gone", []string{"3", "4"}, "1 3 4", []string{"3"}},
	} {
		revisions := history(t, tt.history)
		for i := range revisions {
			revisions[i].Hash = before[revisions[i].Version]
		}
		s, err := revision.Look(directory(t, migrate.Atlas, tt.files...), revisions)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range s.Edited {
			got = append(got, f.Version)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: edited are %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSetTo(t *testing.T) {
	for _, tt := range []struct{ name, files, history, version, write, remove string }{
		{"nothing there", "1 2 3", "", "2", "1 2", ""},
		{"from the checkpoint", "1 2* 3", "", "3", "2 3", ""},
		{"forward", "1 2 3", "1", "3", "2 3", ""},
		{"back", "1 2 3", "1 2 3", "1", "", "2 3"},
		{"half done", "1 2 3", "1 2:1/2", "2", "2", ""},
		{"in between", "1 2 3", "1 3", "3", "2", ""},
		{"said already", "1 2", "1 2", "2", "", ""},
	} {
		s, err := revision.Look(directory(t, migrate.Atlas, strings.Fields(tt.files)...), history(t, tt.history))
		if err != nil {
			t.Fatal(err)
		}
		set, err := revision.SetTo(s, tt.version, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		var write []string
		for _, r := range set.Write {
			write = append(write, r.Version)
			if r.Partial() || r.Type&dialect.Resolved == 0 {
				t.Errorf("%s: %+v", tt.name, r)
			}
		}
		if w, d := strings.Join(write, " "), strings.Join(set.Delete, " "); w != tt.write || d != tt.remove {
			t.Errorf("%s: writes %q and deletes %q, want %q and %q", tt.name, w, d, tt.write, tt.remove)
		}
	}
}

package revision_test

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/revision"
)

func TestDecideDown(t *testing.T) {
	tests := []struct {
		name    string
		files   string
		history string // as that of TestDecide; a version with u is being undone
		options revision.DownOptions
		want    string // what is undone, > what stays, and what both ends are made of; or a part of the error
		fails   bool
	}{
		{name: "nothing applied", files: "1 2", want: ""},
		{name: "the last", files: "1 2 3", history: "1 2 3", want: "3 > 2: 1 2 3, 1 2"},
		{name: "some", files: "1 2 3", history: "1 2 3", options: revision.DownOptions{Count: 2}, want: "3 2 > 1: 1 2 3, 1"},
		{name: "all", files: "1 2", history: "1 2", options: revision.DownOptions{Count: 2}, want: "2 1 > : 1 2, "},
		{name: "more than there are", files: "1 2", history: "1", options: revision.DownOptions{Count: 2}, want: "1 migrations are applied, fewer than 2", fails: true},
		{name: "to a version", files: "1 2 3", history: "1 2 3", options: revision.DownOptions{To: "1"}, want: "3 2 > 1: 1 2 3, 1"},
		{name: "to the current version", files: "1 2 3", history: "1 2", options: revision.DownOptions{To: "2"}, want: ""},
		{name: "to a pending version", files: "1 2 3", history: "1 2", options: revision.DownOptions{To: "3"}, want: "version 3 is not applied", fails: true},
		{name: "to one that was passed over", files: "1 2 3", history: "1 3", options: revision.DownOptions{To: "2"}, want: "version 2 is not applied", fails: true},
		{name: "passed over files are no part", files: "1 2 3", history: "1 3", want: "3 > 1: 1 3, 1"},
		{name: "to no version", files: "1 2", history: "1", options: revision.DownOptions{To: "9"}, want: `no version "9"`, fails: true},

		{name: "to a checkpoint", files: "1 2 3* 4", history: "1 2 4", options: revision.DownOptions{To: "3"}, want: "4 > 2: 3 4, 1 2"},
		{name: "at a checkpoint", files: "1 2 3* 4", history: "1 2", options: revision.DownOptions{To: "3"}, want: ""},
		{name: "to a checkpoint ahead", files: "1 2 3* 4", history: "1", options: revision.DownOptions{To: "3"}, want: "version 3 is not applied", fails: true},
		{name: "to the checkpoint that it began at", files: "1 2 3* 4 5", history: "3 4 5", options: revision.DownOptions{To: "3"}, want: "5 4 > 3: 3 4 5, 3"},
		{name: "behind the checkpoint that it began at", files: "1 2 3* 4", history: "3 4", options: revision.DownOptions{To: "2"}, want: "begins at 3, after version 2", fails: true},
		{name: "all since a checkpoint", files: "1 2* 3", history: "2 3", options: revision.DownOptions{Count: 2}, want: "3 2 > : 2 3, "},
		{name: "the baseline", files: "1 2 3", history: "2b 3", options: revision.DownOptions{Count: 2}, want: "version 2 is the baseline", fails: true},
		{name: "to the baseline", files: "1 2 3", history: "2b 3", want: "3 > 2: 1 2 3, 1 2"},

		{name: "half done", files: "1 2", history: "1 2:1/3", want: "2 > 1: 1 2, 1"},
		{name: "half done before others", files: "1 2 3", history: "1 2:1/3 3", want: "version 2 stopped midway", fails: true},
		{name: "goes on", files: "1 2 3", history: "1 2u 3u", want: "3 2 > 1: 1 2 3, 1"},
		{name: "goes on, and further", files: "1 2 3", history: "1 2u 3u", options: revision.DownOptions{Count: 3}, want: "3 2 1 > : 1 2 3, "},
		{name: "not so far", files: "1 2 3", history: "1 2u 3u", options: revision.DownOptions{Count: 1}, want: "2 migrations are being undone", fails: true},
		{name: "the last has no file", files: "1 2", history: "1 2 3", want: "version 3, the last that is applied, has no file", fails: true},
		{name: "what stays has no file", files: "1 3", history: "1 2 3", want: "version 2, which would be the last, has no file", fails: true},
		{name: "past what has no file", files: "1 3", history: "1 2 3", options: revision.DownOptions{To: "1"}, want: "3 2 > 1: 1 3, 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows := history(t, strings.ReplaceAll(tt.history, "u", ""))
			for i, word := range strings.Fields(tt.history) {
				if strings.HasSuffix(word, "u") {
					rows[i] = *rows[i].Undone(nil, 2, true)
				}
			}
			s, err := revision.Look(directory(t, migrate.Atlas, strings.Fields(tt.files)...), rows)
			if err != nil {
				t.Fatal(err)
			}
			u, err := revision.DecideDown(s, tt.options)
			if tt.fails {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("the error is %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := described(u); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func described(u *revision.Undo) string {
	if u == nil {
		return ""
	}
	files := func(list []*migrate.File) string {
		var out []string
		for _, f := range list {
			out = append(out, f.Version)
		}
		return strings.Join(out, " ")
	}
	var undone []string
	for _, r := range u.Revisions {
		undone = append(undone, r.Version)
	}
	target := ""
	if u.Target != nil {
		target = u.Target.Version
	}
	return strings.Join(undone, " ") + " > " + target + ": " + files(u.Now) + ", " + files(u.Then)
}

// A migration that is being undone is never taken for one that is applied, nor gone on with.
func TestUndoneRevisions(t *testing.T) {
	row := dialect.Revision{Version: "2", Type: dialect.Executed, Applied: 2, Total: 2, Hash: "h"}
	for done := range 3 {
		hashes := []string{"a", "b"}[:done]
		u := row.Undone(hashes, 2, false)
		got, total, planned, ok := u.BeingUndone()
		if !ok || planned || len(got) != done || total != 2 || !u.Partial() || u.Applied == 0 {
			t.Errorf("after %d statements the revision is %+v", done, u)
		}
	}
	s, err := revision.Look(directory(t, migrate.Atlas, "1", "2"), []dialect.Revision{{Version: "1", Type: dialect.Executed}, *row.Undone(nil, 2, false)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := revision.Decide(s, "", revision.Options{}); err == nil || !strings.Contains(err.Error(), "version 2 is being undone") {
		t.Errorf("apply says %v", err)
	}
	if _, _, _, ok := row.BeingUndone(); ok {
		t.Error("a revision that is applied is not being undone")
	}
}

// Repeatable migrations stay as long as something does.
func TestDecideDownRepeatable(t *testing.T) {
	d := directory(t, migrate.Flyway, "1", "2", "R__v")
	var rows []dialect.Revision
	for _, f := range d.Files {
		rows = append(rows, dialect.Revision{Version: f.Version, Type: dialect.Executed})
	}
	repeatable := rows[2].Version
	s, err := revision.Look(d, rows)
	if err != nil {
		t.Fatal(err)
	}
	for count, want := range map[int]string{
		1: "2 > 1: 1 2 " + repeatable + ", 1 " + repeatable,
		2: repeatable + " 2 1 > : 1 2 " + repeatable + ", ",
	} {
		u, err := revision.DecideDown(s, revision.DownOptions{Count: count})
		if err != nil {
			t.Fatal(err)
		}
		if got := described(u); got != want {
			t.Errorf("%d: got %s, want %s", count, got, want)
		}
	}
}

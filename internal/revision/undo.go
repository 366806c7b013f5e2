package revision

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// DownOptions say how far migrations are to be undone.
type DownOptions struct {
	Count int    // how many; 0: one, or what was begun
	To    string // the version that stays as the last
	Tag   string // the tag of the checkpoint that stands behind what stays
}

// Undo is what is to be undone.
type Undo struct {
	Revisions []dialect.Revision // the last one first
	Files     []*migrate.File    // of the revisions, as far as they are there
	Target    *migrate.File      // what stays last; nil: nothing stays
	// Now and Then are what an empty database runs to be where the history says, and where it is to be.
	Now, Then []*migrate.File
	// Half is the migration that stopped midway, if one did: the last of Now.
	Half *dialect.Revision
	// Begun are revisions that an earlier run began to undo, and did not finish.
	Begun []dialect.Revision
}

// DecideDown tells which migrations are to be undone, and what the database looks like before and after.
func DecideDown(s *Survey, o DownOptions) (*Undo, error) {
	var rows []dialect.Revision
	u := &Undo{}
	for _, r := range s.Revisions {
		if s.repeatable(r.Version) {
			continue
		}
		rows = append(rows, r)
		if r.Type&dialect.Undoing != 0 {
			u.Begun = append(u.Begun, r)
		}
	}
	keep, err := keeps(s, rows, len(u.Begun), o)
	if err != nil || keep == len(rows) {
		return nil, err
	}
	if first := rows[0]; keep == 0 && first.Type&dialect.Baseline != 0 {
		return nil, diag.Errorf(diag.Pos{}, "before-history", "version %s is the baseline: the database had it when its history began, and what came before is not known", first.Version).
			WithHint("the furthest that can be undone to is --to-version %s", first.Version)
	}
	if begun := len(rows) - keep; begun < len(u.Begun) {
		return nil, diag.Errorf(diag.Pos{}, "begun", "%d migrations are being undone since an earlier run stopped midway: not %d", len(u.Begun), begun).
			WithHint("schemactl migrate down without a number finishes that")
	}
	u.Revisions = slices.Clone(rows[keep:])
	if keep == 0 { // nothing is left that repeatable ones could stand on
		u.Revisions = append(u.Revisions, s.repeated()...)
	}
	slices.Reverse(u.Revisions)
	for _, r := range u.Revisions {
		if f := s.fileOf(r.Version); f != nil {
			u.Files = append(u.Files, f)
		}
	}
	if keep > 0 {
		if u.Target = s.fileOf(rows[keep-1].Version); u.Target == nil {
			return nil, diag.Errorf(diag.Pos{File: s.Dir.Name}, "file-missing", "version %s, which would be the last, has no file: what the database looks like there is not known", rows[keep-1].Version).
				WithHint("bring the file back, or go to a version that has one with --to-version")
		}
	}
	return u, u.states(s, rows)
}

// keeps counts the revisions that stay.
func keeps(s *Survey, rows []dialect.Revision, begun int, o DownOptions) (int, error) {
	switch {
	case o.To != "":
		f, err := s.Dir.Find(o.To)
		if err != nil {
			return 0, err
		}
		return keepsFile(s, rows, f)
	case o.Tag != "":
		f, err := tagged(s.Dir, o.Tag)
		if err != nil {
			return 0, err
		}
		return keepsFile(s, rows, f)
	}
	n := cmp.Or(o.Count, begun, 1)
	if len(rows) == 0 {
		return 0, nil
	}
	if n > len(rows) {
		return 0, diag.Errorf(diag.Pos{}, "bad-count", "%d migrations are applied, fewer than %d", len(rows), n).
			WithHint("schemactl migrate down %d undoes all", len(rows))
	}
	return len(rows) - n, nil
}

// keepsFile counts the revisions up to a file. A checkpoint stands for what comes before it.
func keepsFile(s *Survey, rows []dialect.Revision, f *migrate.File) (int, error) {
	at := s.Dir.Place(f.Version)
	keep := 0
	for keep < len(rows) && s.Dir.Place(rows[keep].Version) <= at {
		keep++
	}
	switch r := s.Of(f); {
	case keep == 0 && len(rows) > 0:
		return 0, diag.Errorf(diag.Pos{File: s.Dir.Path(f.Name)}, "before-history", "the history of the database begins at %s, after version %s", rows[0].Version, f.Version).
			WithHint("schemactl migrate down %d undoes all that it has", len(rows))
	case f.Checkpoint && r == nil && s.reached(f):
	case f.Repeatable, r == nil, r.Partial() && keep < len(rows):
		return 0, diag.Errorf(diag.Pos{File: s.Dir.Path(f.Name)}, "not-applied", "version %s is not applied: there is no way back to it", f.Version).
			WithHint("schemactl migrate status lists those that are")
	}
	return keep, nil
}

// reached reports whether all files are applied for which a checkpoint stands.
func (s *Survey) reached(checkpoint *migrate.File) bool {
	for _, f := range s.Dir.Files {
		if f == checkpoint {
			return true
		}
		if slices.Contains(s.Pending(), f) && !f.Repeatable {
			return false
		}
	}
	return false
}

// tagged finds the checkpoint of a tag.
func tagged(d *migrate.Dir, tag string) (*migrate.File, error) {
	var tags []string
	for _, f := range d.Files {
		switch f.Tag {
		case "":
		case tag:
			return f, nil
		default:
			tags = append(tags, f.Tag)
		}
	}
	fault := diag.Errorf(diag.Pos{File: d.Name}, "no-such-tag", "no checkpoint of the directory has the tag %q", tag)
	if len(tags) == 0 {
		return nil, fault.WithHint("schemactl migrate checkpoint %s makes one; --to-version names a version", tag)
	}
	return nil, fault.WithHint("the tags are: %s", strings.Join(tags, ", "))
}

// states are the files of both ends. Files that were passed over are no part of either, and repeatable ones of both.
func (u *Undo) states(s *Survey, rows []dialect.Revision) error {
	last := rows[len(rows)-1]
	now := s.fileOf(last.Version)
	if now == nil {
		return diag.Errorf(diag.Pos{File: s.Dir.Name}, "file-missing", "version %s, the last that is applied, has no file: whether the database is there cannot be told", last.Version).
			WithHint("bring the file back")
	}
	for i := range rows {
		if r := &rows[i]; r.Partial() && r.Type&dialect.Undoing == 0 {
			if i < len(rows)-1 {
				return diag.Errorf(diag.Pos{File: s.Dir.Name}, "half-done", "version %s stopped midway, and later ones are applied", r.Version).
					WithHint("finish it first: schemactl migrate apply")
			}
			u.Half = r
		}
	}
	u.Now = s.applied(freshTo(s.Dir, now))
	if u.Target != nil {
		u.Then = s.applied(freshTo(s.Dir, u.Target))
	}
	return nil
}

// applied leaves out the files that were passed over, and adds the repeatable ones that are applied.
func (s *Survey) applied(files []*migrate.File) []*migrate.File {
	out := slices.DeleteFunc(slices.Clone(files), func(f *migrate.File) bool {
		return f.Repeatable || slices.Contains(s.OutOfOrder, f)
	})
	for _, f := range s.Dir.Files {
		if f.Repeatable && s.Of(f) != nil {
			out = append(out, f)
		}
	}
	return out
}

// repeated are the revisions of repeatable migrations.
func (s *Survey) repeated() []dialect.Revision {
	return slices.DeleteFunc(slices.Clone(s.Revisions), func(r dialect.Revision) bool { return !s.repeatable(r.Version) })
}

func (s *Survey) fileOf(version string) *migrate.File {
	for _, f := range s.Dir.Files {
		if f.Version == version {
			return f
		}
	}
	return nil
}

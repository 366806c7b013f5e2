package revision

import (
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// Order says what becomes of files that come before the last revision and are not applied.
type Order string

// The orders.
const (
	Linear     Order = "linear"      // they are an error
	LinearSkip Order = "linear-skip" // they are left out
	NonLinear  Order = "non-linear"  // they run first
)

// Orders are their names.
func Orders() []string { return []string{string(Linear), string(LinearSkip), string(NonLinear)} }

// Options say what is to run.
type Options struct {
	Order Order // empty: Linear
	// Baseline is the version that a database without history is at.
	Baseline string
	// AllowDirty runs all files on a database without history that is not empty.
	AllowDirty bool
	To         string // the last version to run; empty: all
	Count      int    // how many files to run; 0: all
	// Held runs files that are held back, too.
	Held bool
}

// Work is what is to be done.
type Work struct {
	Files []*migrate.File
	// Baseline is the file that a first revision is written for, which says that it and all before it are there.
	Baseline *migrate.File
	Skipped  []*migrate.File // out of order, and left out
	// Held is a file that says it is to wait, if the run stops before it, and Behind what comes after it.
	Held   *migrate.File
	Behind []*migrate.File
}

// Decide tells what is pending. Found is something that the database holds, if it has no history and is not empty.
func Decide(s *Survey, found string, o Options) (*Work, error) {
	if o.Baseline != "" && o.AllowDirty {
		return nil, diag.Errorf(diag.Pos{}, "two-flags", "--baseline and --allow-dirty exclude each other").
			WithHint("--baseline VERSION says which files the database has already; --allow-dirty runs them all")
	}
	if len(s.Undoing) > 0 {
		return nil, diag.Errorf(diag.Pos{}, "being-undone", "version %s is being undone: a run of migrate down stopped midway", s.Undoing[0].Version).
			WithHint("finish it: schemactl migrate down; then apply")
	}
	w := &Work{}
	var err error
	if s.Last == nil {
		err = w.first(s, found, o)
	} else {
		err = w.further(s, o)
	}
	if err == nil && o.To != "" {
		err = w.cut(s, o.To)
	}
	if err != nil {
		return nil, err
	}
	if !o.Held {
		w.hold(s, found, o)
	}
	if o.To == "" && w.Held == nil {
		w.Files = append(w.Files, s.Repeat...) // these come last
	}
	if o.Count > 0 && o.Count < len(w.Files) {
		w.Files, w.Held, w.Behind = w.Files[:o.Count], nil, nil
	}
	return w, nil
}

// hold stops before the first file that is held back, unless the last version to run is such a one itself. What has begun
// goes on. A new database stops only before those that nothing follows: what was written after a held file was written
// for databases that have run it.
func (w *Work) hold(s *Survey, found string, o Options) {
	if o.To != "" {
		if f := s.File(o.To); f != nil && f.Hold != "" {
			return
		}
	}
	files := w.Files
	if s.Last == nil && found == "" && w.Baseline == nil && !o.AllowDirty {
		for n := len(files); n > 0 && files[n-1].Hold != ""; n-- {
			files = files[:n-1]
		}
		files = w.Files[len(files):]
	}
	at := slices.IndexFunc(files, func(f *migrate.File) bool { return f.Hold != "" && s.Of(f) == nil })
	if at < 0 {
		return
	}
	at += len(w.Files) - len(files)
	w.Held, w.Behind = w.Files[at], w.Files[at+1:]
	w.Files = w.Files[:at]
}

// first is for a database without history: an empty one starts at the last checkpoint.
func (w *Work) first(s *Survey, found string, o Options) error {
	files := s.Dir.Files
	if o.Baseline != "" {
		f, err := s.Dir.Find(o.Baseline)
		if err != nil {
			return err
		}
		if f.Checkpoint || f.Repeatable {
			return diag.Errorf(diag.Pos{File: s.Dir.Path(f.Name)}, "baseline", "a checkpoint cannot be the baseline, and a repeatable migration cannot either").
				WithHint("name the migration that the database is at")
		}
		w.Baseline = f
		w.Files = slices.DeleteFunc(slices.Clone(s.Dir.Versioned()), func(g *migrate.File) bool {
			return g.Repeatable || s.place(g.Version) <= s.place(f.Version)
		})
		return nil
	}
	if found != "" && !o.AllowDirty {
		return diag.Errorf(diag.Pos{}, "not-clean", "the database has no history of migrations, and is not empty: it has the %s", found).
			WithHint("if it is at some version of the directory already: --baseline VERSION, the last one that it has;\nif all files are to run all the same: --allow-dirty")
	}
	if o.To != "" { // a checkpoint after it does not count
		target, err := s.Dir.Find(o.To)
		if err != nil {
			return err
		}
		files = files[:slices.Index(files, target)+1]
	}
	for i := len(files) - 1; i >= 0; i-- {
		if files[i].Checkpoint {
			files = files[i:]
			break
		}
	}
	w.Files = slices.DeleteFunc(slices.Clone(files), func(f *migrate.File) bool { return f.Repeatable })
	return nil
}

// further is for a database with a history: what is half done goes first.
func (w *Work) further(s *Survey, o Options) error {
	for _, r := range s.Missing {
		if r.Partial() {
			return diag.Errorf(diag.Pos{File: s.Dir.Name}, "file-missing", "version %s (%s) is applied in part (%d of %d statements), and its file is gone", r.Version, r.Description, r.Applied, r.Total).
				WithHint("bring the file back; or finish it by hand and say so: schemactl migrate set %s", r.Version)
		}
	}
	w.Files = slices.Clone(s.Partial)
	if len(s.OutOfOrder) > 0 {
		switch o.Order {
		case Linear, "":
			return outOfOrder(s)
		case LinearSkip:
			w.Skipped = s.OutOfOrder
		case NonLinear:
			w.Files = append(w.Files, s.OutOfOrder...)
		}
	}
	w.Files = append(w.Files, s.Next...)
	return nil
}

func outOfOrder(s *Survey) error {
	names := make([]string, len(s.OutOfOrder))
	for i, f := range s.OutOfOrder {
		names[i] = f.Name
	}
	return diag.Errorf(diag.Pos{File: s.Dir.Path(names[0])}, "out-of-order", "not applied, and before version %s, which is: %s", s.Last.Version, strings.Join(names, ", ")).
		WithHint("schemactl migrate rebase %s puts them last, before others have run them;\n--exec-order non-linear runs them now, linear-skip leaves them out", strings.Join(versions(s.OutOfOrder), " "))
}

func versions(files []*migrate.File) []string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = f.Version
	}
	return out
}

// cut leaves what comes up to a version.
func (w *Work) cut(s *Survey, to string) error {
	target, err := s.Dir.Find(to)
	if err != nil {
		return err
	}
	if s.Last != nil && s.place(target.Version) < s.place(s.Last.Version) && !slices.Contains(w.Files, target) {
		return diag.Errorf(diag.Pos{}, "version-passed", "the database is past version %s: it is at %s", target.Version, s.Last.Version).
			WithHint("migrate apply only goes forward")
	}
	w.Files = slices.DeleteFunc(w.Files, func(f *migrate.File) bool {
		return s.place(f.Version) > s.place(target.Version)
	})
	return nil
}

// Set is what the history must become for the database to be at a version, because a person says so.
type Set struct {
	Write  []*dialect.Revision
	Delete []string
}

// SetTo makes the history end at a version: what comes after it is taken out, what is missing up to it and what is half
// done is taken for applied.
func SetTo(s *Survey, version string, now time.Time) (*Set, error) {
	target, err := s.Dir.Find(version)
	if err != nil {
		return nil, err
	}
	h, err := hashesOf(s.Dir)
	if err != nil {
		return nil, err
	}
	out, at := &Set{}, s.place(target.Version)
	kept := false
	for i := range s.Revisions {
		r := s.Revisions[i]
		switch {
		case s.repeatable(r.Version):
		case s.place(r.Version) > at:
			out.Delete = append(out.Delete, r.Version)
		default:
			kept = true
			if r.Partial() || r.Error != "" {
				if r.Type&dialect.Undoing != 0 {
					r.Type, r.Total = r.Type&^dialect.Undoing, 0 // it counted what undoes it
				}
				r.Type |= dialect.Resolved
				r.Applied, r.Error, r.ErrorStmt, r.PartialHashes = r.Total, "", "", nil
				out.Write = append(out.Write, &r)
			}
		}
	}
	files, floor := s.Dir.Versioned(), s.floor
	if !kept {
		floor = -1
		files = freshTo(s.Dir, target)
	}
	for _, f := range files {
		if place := s.place(f.Version); f.Repeatable || place <= floor || place > at || s.Of(f) != nil {
			continue
		}
		out.Write = append(out.Write, &dialect.Revision{Version: f.Version, Description: f.Desc, Type: dialect.Resolved, ExecutedAt: now, Hash: h.of(f)})
	}
	return out, nil
}

// freshTo are the files that an empty database runs to reach a version.
func freshTo(d *migrate.Dir, target *migrate.File) []*migrate.File {
	files := d.Files[:slices.Index(d.Files, target)+1]
	for i := len(files) - 1; i >= 0; i-- {
		if files[i].Checkpoint {
			return files[i:]
		}
	}
	return files
}

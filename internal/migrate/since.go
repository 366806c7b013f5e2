package migrate

import (
	"bytes"
	"context"
	"os"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/engine"
)

// Since is what a directory has become since a git revision. All names are sorted.
type Since struct {
	Revision string
	Last     string // the last version of the revision
	Added    []string
	Edited   []string
	Inserted []string // of Added, those before the last of the revision
	Removed  []string
}

// Changed reports whether the file is new or edited.
func (s *Since) Changed(name string) bool {
	return slices.Contains(s.Added, name) || slices.Contains(s.Edited, name)
}

// Since holds the directory against a git revision. repo is a folder of the repository; empty: the one of the run.
func (d *Dir) Since(ctx context.Context, repo, revision string) (*Since, error) {
	tmp, err := os.MkdirTemp("", "schemactl-base-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	path, err := engine.CheckOut(ctx, repo, revision, d.Name, tmp)
	if err != nil {
		return nil, err
	}
	base, err := Open("file://"+path, d.Format)
	if err != nil {
		return nil, err
	}
	out := &Since{Revision: revision, Last: base.lastVersion()}
	known, listed := map[string]*File{}, map[string]bool{}
	for _, f := range d.Files {
		known[f.Name] = f
	}
	for _, f := range base.Files {
		listed[f.Name] = true
		switch now := known[f.Name]; {
		case now == nil:
			out.Removed = append(out.Removed, f.Name)
		case !f.Repeatable && !bytes.Equal(now.Raw, f.Raw):
			out.Edited = append(out.Edited, f.Name)
		}
	}
	for _, f := range d.Files {
		if listed[f.Name] {
			continue
		}
		out.Added = append(out.Added, f.Name)
		if !f.Repeatable && out.Last != "" && byNumber(f, &File{Version: out.Last}) < 0 {
			out.Inserted = append(out.Inserted, f.Name)
		}
	}
	for _, names := range [][]string{out.Added, out.Edited, out.Inserted, out.Removed} {
		slices.Sort(names)
	}
	return out, nil
}

// CheckSince holds the directory against a git revision: what is there must be unchanged here, and what is new must come
// after it.
func (d *Dir) CheckSince(ctx context.Context, revision string) error {
	s, err := d.Since(ctx, "", revision)
	if err != nil {
		return err
	}
	var faults diag.List
	for _, name := range s.Removed {
		faults.Add(diag.Errorf(d.pos(name), "file-removed", "%s has the file, and it is gone", revision).
			WithHint("databases may have run it: bring it back, and undo it in a new migration"))
	}
	for _, name := range s.Edited {
		faults.Add(diag.Errorf(d.pos(name), "file-edited", "the file differs from that of %s", revision).
			WithHint("databases may have run it: bring the old text back, and write a new migration"))
	}
	for _, f := range d.Files {
		if slices.Contains(s.Inserted, f.Name) {
			faults.Add(diag.Errorf(d.pos(f.Name), "file-inserted", "the file is new and comes before %s, the last of %s", s.Last, revision).
				WithHint("schemactl migrate rebase %s", f.Version))
		}
	}
	return faults.Err()
}

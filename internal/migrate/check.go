package migrate

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
)

func joinClose(err error, job *engine.Job) error { return errors.Join(err, job.Close()) }

// Cut sees that every file can be cut into statements, what undoes it and what guards it too.
func (d *Dir) Cut(dia dialect.Dialect) error {
	var faults diag.List
	for _, f := range d.Files {
		_, err := f.Statements(dia)
		_, _, downErr := f.Down(dia)
		errs := []error{err, downErr}
		for _, c := range f.Checks {
			_, err := f.Queries(dia, c)
			errs = append(errs, err)
		}
		if err := errors.Join(errs...); err != nil {
			if err := gather(&faults, err); err != nil {
				return err
			}
		}
	}
	return faults.Err()
}

// CheckCheckpoints sees that the checkpoints make what the files make for which they stand. The job's current state is
// what an empty database gets.
func (d *Dir) CheckCheckpoints(ctx context.Context, job *engine.Job) error {
	if d.Format != Atlas || len(d.Versioned()) == len(d.Files) || len(d.Versioned()) == 0 {
		return nil // Flyway's baselines hide the files for which they stand
	}
	fresh, err := job.Current(ctx)
	if err != nil {
		return err
	}
	long, err := job.Replay(ctx, Scripts(d.Versioned()))
	if err != nil {
		return err
	}
	rest, err := job.Diff(fresh, long)
	if err != nil || rest.Empty() {
		return err
	}
	fault := diag.Errorf(d.pos(d.Fresh()[0].Name), "checkpoint-differs", "an empty database, which starts at the checkpoint, ends otherwise than one that ran every file:")
	for _, s := range rest.Steps() {
		fault.Message += "\n  it lacks: " + s.Comment
	}
	return fault.WithHint("write the checkpoint anew: schemactl migrate rm it, then schemactl migrate checkpoint")
}

// CheckSince holds the directory against a git revision: what is there must be unchanged here, and what is new must come
// after it.
func (d *Dir) CheckSince(ctx context.Context, revision string) error {
	tmp, err := os.MkdirTemp("", "schemactl-base-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := engine.CheckOut(ctx, revision, d.Name, tmp); err != nil {
		return err
	}
	base, err := Open("file://"+filepath.Join(tmp, d.Name), d.Format)
	if err != nil {
		return err
	}
	var faults diag.List
	known := map[string]*File{}
	for _, f := range d.Files {
		known[f.Name] = f
	}
	listed := map[string]bool{}
	for _, f := range base.Files {
		listed[f.Name] = true
		switch now := known[f.Name]; {
		case now == nil:
			faults.Add(diag.Errorf(d.pos(f.Name), "file-removed", "%s has the file, and it is gone", revision).
				WithHint("databases may have run it: bring it back, and undo it in a new migration"))
		case f.Repeatable:
		case !bytes.Equal(now.Raw, f.Raw):
			faults.Add(diag.Errorf(d.pos(f.Name), "file-edited", "the file differs from that of %s", revision).
				WithHint("databases may have run it: bring the old text back, and write a new migration"))
		}
	}
	last := base.lastVersion()
	for _, f := range d.Files {
		if !listed[f.Name] && !f.Repeatable && last != "" && byNumber(f, &File{Version: last}) < 0 {
			faults.Add(diag.Errorf(d.pos(f.Name), "file-inserted", "the file is new and comes before %s, the last of %s", last, revision).
				WithHint("schemactl migrate rebase %s", f.Version))
		}
	}
	return faults.Err()
}

// FirstSince is the index, among the files that an empty database runs, of the first one that a git revision lacks; the
// number of files where it has them all.
func (d *Dir) FirstSince(ctx context.Context, revision string) (int, error) {
	tmp, err := os.MkdirTemp("", "schemactl-base-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := engine.CheckOut(ctx, revision, d.Name, tmp); err != nil {
		return 0, err
	}
	base, err := Open("file://"+filepath.Join(tmp, d.Name), d.Format)
	if err != nil {
		return 0, err
	}
	known := map[string]bool{}
	for _, f := range base.Files {
		known[f.Name] = true
	}
	files := d.Fresh()
	for i, f := range files {
		if !known[f.Name] {
			return i, nil
		}
	}
	return len(files), nil
}

package migrate

import (
	"context"
	"errors"

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

package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"

	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/run"
)

// openJournal finds the journal of a database, tells of a run that did not end, and returns the statements on rows that
// it still owes.
func (o *applyOptions) openJournal(ctx context.Context, job *engine.Job) (*run.Journal, []*plan.Step, error) {
	j := run.OpenJournal(job.Session, journalFile(job.Session.Server().Identity))
	left, err := j.Interrupted(ctx)
	if err != nil || left == nil {
		return j, nil, err
	}
	o.tellInterrupted(left)
	return j, left.Again, nil
}

// journalFile is where a journal stands that may not stand in the database; empty when the user has no folder for it.
func journalFile(identity string) string {
	dir, err := cacheDir()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(identity))
	return filepath.Join(dir, "journal", hex.EncodeToString(sum[:8])+".json")
}

// tellInterrupted says what became of the statements of a run that did not end.
func (o *applyOptions) tellInterrupted(left *run.Interrupted) {
	n := o.app.io.Notify
	list := func(title string, steps ...*plan.Step) {
		if len(steps) == 0 {
			return
		}
		n("  %s (%d):", title, len(steps))
		for _, s := range steps {
			n("    %s", s.Comment)
		}
	}
	n("An earlier apply of %s did not end; its journal was last written at %s UTC.", render.Plural(left.Steps(), "statement"), left.At)
	list("done", left.Done...)
	if left.Happened != nil {
		list("had started, and the catalog shows that it is done", left.Happened)
	}
	switch {
	case left.Missed == nil:
	case left.Missed.Data:
		list("had started, and runs again as it changes rows only", left.Missed)
	default:
		list("had started, and the catalog shows that it is not done", left.Missed)
	}
	list("not run", left.Remaining...)
	n("This apply goes on from what is there.")
}

package revision

import (
	"context"
	"errors"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
)

// failed cleans up after an error, writes it into the history where something of the migration stays, and tells what
// does.
func (r *Run) failed(ctx context.Context, m *Migration, err error) *Failure {
	f := &Failure{Migration: m, Err: err, Applied: -1}
	var at *stopped
	if errors.As(err, &at) {
		f.Statement, f.Err = &at.statement, at.err
		var d *diag.Diagnostic
		if errors.As(at.err, &d) && d.Pos.File == "" {
			d.Pos = at.statement.Pos
		}
	}
	if r.History.Lost(err) {
		return f
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	f.Gone = r.History.Gone(clean) // of a database that went, no session can be cleaned up
	if back := r.History.Rollback(clean); back != nil {
		return f // the connection is gone, and takes the transaction with it
	}
	if f.Gone = r.History.Gone(clean); f.Gone || r.reread(clean, m) != nil {
		return f
	}
	f.Applied = m.Revision.Applied
	if f.Statement != nil && ctx.Err() == nil {
		r.record(clean, f)
	}
	return f
}

// record writes the error into the revision of a migration of which something stays. The mark of a statement that was
// started goes with it, unless the statement may have done a part of its work.
func (r *Run) record(ctx context.Context, f *Failure) {
	m, rules := f.Migration, r.rules()
	if m.undo != nil && f.Applied == 0 && !rules.Halves(f.Statement.SQL) {
		r.unmark(ctx, m)
		return
	}
	if f.Applied == 0 && m.Revision.Error == "" {
		return
	}
	row := m.after(f.Applied)
	row.ErrorStmt, row.Error = Shown(*f.Statement), f.Err.Error()
	if witness, started := m.Revision.Started(); started && rules.Halves(f.Statement.SQL) {
		row = row.Starting(Shown(*f.Statement), witness)
		row.Error += " " + f.Err.Error()
	}
	// What stops this is told by the next command that reads the history.
	_ = r.History.Write(ctx, row)
}

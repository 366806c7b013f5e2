package revision

import (
	"context"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// undoing is what a migration is that undoes others.
type undoing struct {
	rows    []dialect.Revision // that go when it is done, the last one first
	planned bool
}

// Undoing makes the migration that undoes a file with its own statements, from where an earlier run stopped.
func Undoing(d dialect.Dialect, dir *migrate.Dir, f *migrate.File, row dialect.Revision) (*Migration, error) {
	statements, framed, err := f.RunnableDown(d)
	if err != nil {
		return nil, err
	}
	m := &Migration{File: f, Statements: statements, Framed: framed, undo: &undoing{rows: []dialect.Revision{row}}}
	if err := m.settleUndo(d); err != nil {
		return nil, err
	}
	m.Revision = row
	m.Revision.Applied, m.Revision.PartialHashes = 0, nil
	done, _, _, begun := row.BeingUndone()
	for i, h := range done {
		if i >= len(m.hashes) || m.hashes[i] != h {
			return nil, diag.Errorf(diag.Pos{File: dir.Path(f.Name)}, "history-changed", "%d statements that undo the file have run, and now it has others", len(done)).
				WithHint("restore them; or give --computed, and what is left is made from the states")
		}
	}
	if begun {
		m.Revision.Applied, m.Revision.PartialHashes = len(done), done
	}
	return m, nil
}

// Part is a stretch of the statements of a plan.
type Part struct {
	From, To int
	Framed   bool // one transaction
}

// UndoingByPlan makes the migration that undoes files with statements that were made from what is there now. Where no
// transaction can hold all of them, one still holds each part that it can.
func UndoingByPlan(d dialect.Dialect, f *migrate.File, statements []dialect.Statement, parts []Part, framed bool, rows []dialect.Revision) (*Migration, error) {
	m := &Migration{File: f, Statements: statements, Framed: framed, parts: parts, undo: &undoing{rows: slices.Clone(rows), planned: true}}
	m.Revision = rows[0]
	m.Revision.Applied, m.Revision.PartialHashes, m.Revision.Error, m.Revision.ErrorStmt = 0, nil, "", ""
	return m, m.settleUndo(d)
}

func (m *Migration) settleUndo(d dialect.Dialect) error {
	m.hashes = partial(m.Statements)
	rules, ok := d.(dialect.Migrating)
	if !ok {
		return nil
	}
	return migrate.CanRun(rules, m.Statements, m.Framed)
}

// mark tells the history before a plan for several migrations starts, unless all is one transaction: each is being undone.
func (r *Run) mark(ctx context.Context, m *Migration) error {
	if m.undo == nil || m.Framed && r.rules().WholeRun() || len(m.undo.rows) < 2 || len(m.Statements) == 0 {
		return nil
	}
	var rows []*dialect.Revision
	for _, row := range m.undo.rows {
		row.Operator = r.Operator
		rows = append(rows, row.Undone(nil, len(m.Statements), m.undo.planned))
	}
	return r.History.Write(ctx, rows...)
}

// unmark takes that back, when nothing was undone: the migrations are what they were.
func (r *Run) unmark(ctx context.Context, m *Migration) {
	var rows []*dialect.Revision
	for i := range m.undo.rows {
		if row := &m.undo.rows[i]; row.Type&dialect.Undoing == 0 {
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		_ = r.History.Write(ctx, rows...) // else status tells that they are being undone, and 0 statements are done
	}
}

// finish writes the end of a migration into the history.
func (r *Run) finish(ctx context.Context, m *Migration, final *dialect.Revision, commit bool) error {
	if m.undo == nil {
		return r.History.Finish(ctx, final, commit)
	}
	return r.History.Forget(ctx, m.undo.versions())
}

// versions are those of the revisions that go.
func (u *undoing) versions() []string {
	var out []string
	for _, row := range u.rows {
		out = append(out, row.Version)
	}
	return out
}

// take reads how far the history says that the migration came.
func (m *Migration) take(row *dialect.Revision) {
	m.Revision.Applied, m.Revision.PartialHashes, m.Revision.Error, m.Revision.ErrorStmt = row.Applied, row.PartialHashes, row.Error, row.ErrorStmt
	if m.undo == nil {
		return
	}
	done, _, _, begun := row.BeingUndone()
	m.Revision.Applied, m.Revision.PartialHashes = len(done), done
	if !begun {
		m.Revision.Error, m.Revision.ErrorStmt = "", ""
	}
}

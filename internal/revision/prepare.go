package revision

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/statement"
)

// Migration is a file that is ready to run.
type Migration struct {
	File       *migrate.File
	Statements []dialect.Statement
	Checks     []Check
	Framed     bool // one transaction
	// Revision is what the history says of it, or will say first.
	Revision dialect.Revision

	fresh  bool     // the history has no entry of it
	hashes []string // of the statements
	undo   *undoing // the migration undoes others
	parts  []Part   // of a migration that is not one transaction
}

// Check is a guard of a migration: queries that must be true.
type Check struct {
	migrate.Check
	Queries []dialect.Statement
}

// Prepare cuts files into statements and sees that all can run as the mode wants it, so that what is wrong with the last
// one is told before the first one runs.
func Prepare(d dialect.Dialect, s *Survey, files []*migrate.File, mode migrate.TxMode) ([]*Migration, error) {
	h, err := hashesOf(s.Dir)
	if err != nil {
		return nil, err
	}
	rules, ok := d.(dialect.Migrating)
	if !ok {
		return nil, errors.New("internal error: the dialect runs no migrations")
	}
	if mode == migrate.TxAll && !rules.WholeRun() {
		return nil, diag.Errorf(diag.Pos{}, "tx-mode", "--tx-mode all cannot be kept: the server commits at every DDL statement").
			WithHint("--tx-mode file goes on at the failed statement")
	}
	var faults diag.List
	var out []*Migration
	for _, f := range files {
		m, err := prepare(d, f, mode)
		if err == nil {
			err = m.resume(s.Of(f), h.of(f), s.Dir)
		}
		if err == nil {
			err = m.recoverable(rules)
		}
		var one *diag.Diagnostic
		switch {
		case errors.As(err, &one):
			faults.Add(one)
		case err != nil:
			return nil, err
		}
		out = append(out, m)
	}
	return out, faults.Err()
}

func prepare(d dialect.Dialect, f *migrate.File, mode migrate.TxMode) (*Migration, error) {
	m := &Migration{File: f}
	var err error
	if m.Statements, m.Framed, err = f.Runnable(d, mode); err != nil {
		return nil, err
	}
	for _, c := range f.Checks {
		queries, err := f.Queries(d, c)
		if err != nil {
			return nil, err
		}
		m.Checks = append(m.Checks, Check{Check: c, Queries: queries})
	}
	m.hashes = partial(m.Statements)
	return m, nil
}

// resume takes over what the history says of the file: statements that are done must be those of the file still.
func (m *Migration) resume(r *dialect.Revision, hash string, d *migrate.Dir) error {
	if r == nil || m.File.Repeatable && !r.Partial() {
		m.Revision = dialect.Revision{Version: m.File.Version, Description: m.File.Desc, Type: dialect.Executed}
	} else {
		m.Revision = *r
		m.Revision.PartialHashes = slices.Clone(r.PartialHashes)
	}
	m.fresh = r == nil
	m.Revision.Total, m.Revision.Hash = len(m.Statements), hash
	n := m.Revision.Applied
	if n > len(m.Statements) {
		return diag.Errorf(diag.Pos{File: d.Path(m.File.Name)}, "history-changed", "%d statements of the file are applied, and it has only %d now", n, len(m.Statements)).
			WithHint("restore those that are applied, or finish the file by hand and say so: schemactl migrate set %s", m.File.Version)
	}
	for i := range n {
		switch {
		case i >= len(m.Revision.PartialHashes):
			return diag.Errorf(m.Statements[i].Pos, "history-changed", "the history says that %d statements of the file are applied, and not which", n).
				WithHint("finish the file by hand and say so: schemactl migrate set %s", m.File.Version)
		case m.Revision.PartialHashes[i] != m.hashes[i]:
			return diag.Errorf(m.Statements[i].Pos, "history-changed", "this statement is applied, and was another when it was").
				WithHint("restore it, and mend only those that are not applied: from statement %d on", n+1)
		}
	}
	m.Revision.PartialHashes = m.Revision.PartialHashes[:n]
	return nil
}

// recoverable sees that what is left of a file needs nothing that ended with the session of what is done.
func (m *Migration) recoverable(rules dialect.Migrating) error {
	for _, done := range m.Statements[:m.Revision.Applied] {
		for _, name := range rules.Leaves(done.SQL) {
			for _, st := range m.SQL() {
				if !mentions(st.SQL, name) {
					continue
				}
				return diag.Errorf(st.Pos, "lost-session", "the statement needs %s, which ended with the session that ran %s", name, done.Pos).
					WithHint("finish the file by hand, from this statement on, and say so: schemactl migrate set %s", m.File.Version)
			}
		}
	}
	return nil
}

// mentions reports whether a statement holds a name.
func mentions(sql, name string) bool {
	word, variable := strings.CutPrefix(name, "@")
	all := statement.Words(sql, 10000)
	for i, w := range all {
		if !w.String && strings.EqualFold(w.Text, word) && (!variable || i > 0 && all[i-1].Is("@")) {
			return true
		}
	}
	return false
}

// after is the revision when n statements are done.
func (m *Migration) after(n int) *dialect.Revision {
	r := m.Revision
	r.Applied, r.PartialHashes, r.Error, r.ErrorStmt = n, m.hashes[:n:n], "", ""
	if m.undo != nil {
		return r.Undone(m.hashes[:n:n], len(m.Statements), m.undo.planned)
	}
	return &r
}

// final is the revision when all is done.
func (m *Migration) final(start time.Time) *dialect.Revision {
	r := m.after(len(m.Statements))
	r.PartialHashes, r.ExecutionTime = nil, m.Revision.ExecutionTime+time.Since(start)
	return r
}

// SQL are the statements that are still to be run.
func (m *Migration) SQL() []dialect.Statement { return m.Statements[m.Revision.Applied:] }

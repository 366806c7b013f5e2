package drift

import (
	"context"
	"errors"
	"fmt"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/source"
)

// History is what a migration directory says that a database should be.
type History struct {
	Scripts []source.Script
	Version string   // where the database says that it is; empty: none is applied
	Notes   []string // what else its history tells
}

// ReadHistory holds a directory against the history of the job's database. Pending files are no part of what it should be.
func ReadHistory(ctx context.Context, job *engine.Job, dir *migrate.Dir, schema string) (*History, error) {
	h, ok := job.Session.(dialect.Historian)
	if !ok {
		return nil, errors.New("a snapshot has no history of migrations: hold it against a file or a snapshot with --to")
	}
	revisions, err := h.History(schema).Read(ctx)
	if err != nil {
		return nil, err
	}
	s, err := revision.Look(dir, revisions)
	if err != nil {
		return nil, err
	}
	at, err := s.Standing()
	if err != nil {
		return nil, err
	}
	out := &History{Scripts: migrate.Scripts(at.Files), Version: at.Version}
	if n := len(s.Pending()); n > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d pending migrations are not applied yet, which is no drift", n))
	}
	for _, f := range s.Edited {
		out.Notes = append(out.Notes, fmt.Sprintf("%s was edited after it was applied: what it says now is what the database is held against", f.Name))
	}
	if at.Half > 0 {
		last := at.Files[len(at.Files)-1]
		out.Notes = append(out.Notes, fmt.Sprintf("%s stopped after %d statements", last.Name, at.Half))
		out.Scripts[len(out.Scripts)-1] = first(out.Scripts[len(out.Scripts)-1], at.Half)
	}
	if out.Scripts == nil {
		out.Scripts = []source.Script{}
	}
	return out, nil
}

// first is the beginning of a script.
func first(s source.Script, n int) source.Script {
	all := s.Cut
	s.Text = fmt.Appendf(nil, "%d of %s", n, s.Text)
	s.Cut = func(d dialect.Dialect) (dialect.Script, error) {
		script, err := all(d)
		script.Statements = script.Statements[:min(n, len(script.Statements))]
		return script, err
	}
	return s
}

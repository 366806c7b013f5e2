package migrate

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Checkpoint drafts a file that makes what all files of the directory make. Rows are not part of it: migrations that
// write some are refused unless the caller allows their loss.
func Checkpoint(ctx context.Context, job *engine.Job, d *Dir, tag string, now time.Time, allowLoss bool) (*Draft, error) {
	if d.Format != Atlas {
		return nil, diag.Errorf(diag.Pos{File: d.Name}, "unsupported", "directories of %s have no checkpoints", d.Format).
			WithHint("schemactl migrate import turns the directory into one of Atlas's format")
	}
	if len(d.Files) == 0 {
		return nil, diag.Errorf(diag.Pos{File: d.Name}, "empty-directory", "there is nothing for a checkpoint to stand for")
	}
	if err := checkRows(job.Dialect, d.Fresh(), "a checkpoint", allowLoss); err != nil {
		return nil, err
	}
	state, err := job.Current(ctx)
	if err != nil {
		return nil, err
	}
	p, err := scriptOf(job, state, "a checkpoint")
	if err != nil {
		return nil, err
	}
	directive := "checkpoint"
	if tag != "" {
		directive += " " + tag
	}
	script := Script{Directives: []string{directive}}
	for _, s := range p.Steps() {
		script.Up = append(script.Up, blockOf(s, ""))
	}
	draft := &Draft{Plan: p, Parts: []Part{{Version: d.NextVersion(now), Name: "checkpoint", Script: script}}}
	return draft, d.proveAlone(ctx, job, draft.Parts, nil, state)
}

// scriptOf plans the way from nothing to a state that must be managed as a whole.
func scriptOf(job *engine.Job, state *object.State, what string) (*plan.Plan, error) {
	for _, e := range state.Ledger {
		if e.Status == object.Unmanaged {
			return nil, diag.Errorf(diag.Pos{}, "unmanaged", "the migrations make the %s %s, which schemactl does not manage: %s would lack it", e.Kind, e.Name, what)
		}
	}
	p, err := job.Script(state)
	if err != nil {
		return nil, err
	}
	return p, checkSecrets(p)
}

// proveAlone replays the parts after some files and compares with the state that they stand for.
func (d *Dir) proveAlone(ctx context.Context, job *engine.Job, parts []Part, before []*File, want *object.State) error {
	files, err := d.preview(parts)
	if err != nil {
		return err
	}
	got, err := job.Replay(ctx, Scripts(append(slices.Clone(before), files...)))
	if err != nil {
		return fmt.Errorf("%s was not written, because it fails when it is replayed: %w", files[0].Name, err)
	}
	rest, err := job.Diff(got, want)
	if err != nil {
		return err
	}
	if !rest.Empty() {
		return unproven(rest)
	}
	return nil
}

// writesRows matches statements that write rows; what they write depends on what is there.
var writesRows = regexp.MustCompile(`(?is)^(?:insert|update|delete|merge|copy|replace|load|truncate|call|do|with\b.*\b(?:insert|update|delete|merge))\b`)

// RowWriters lists the statements of files that may write rows.
func RowWriters(d dialect.Dialect, files []*File) ([]dialect.Statement, error) {
	var out []dialect.Statement
	for _, f := range files {
		statements, err := f.Statements(d)
		if err != nil {
			return nil, err
		}
		for _, s := range statements {
			if writesRows.MatchString(s.SQL) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// checkRows refuses migrations that write rows, which a file made of states would leave out.
func checkRows(d dialect.Dialect, files []*File, what string, allowed bool) error {
	if allowed {
		return nil
	}
	found, err := RowWriters(d, files)
	if err != nil {
		return err
	}
	var faults diag.List
	for _, s := range found {
		faults.Add(diag.Errorf(s.Pos, "rows", "the statement may write rows, and %s holds none", what).
			WithHint("if new databases need no such rows, add --allow-destructive"))
	}
	return faults.Err()
}

// Squash drafts one migration that does what the files from one on do together. It takes the version of the last of
// them: a database that ran all of them has run it.
func Squash(ctx context.Context, open func([]*File) (*engine.Job, error), d *Dir, from *File, name string, allowLoss bool) (_ *Draft, squashed []*File, err error) {
	at := slices.Index(d.Files, from)
	before, squashed := d.Files[:at], d.Files[at:]
	if len(squashed) < 2 {
		return nil, nil, diag.Errorf(d.pos(from.Name), "nothing-to-squash", "no file comes after this one")
	}
	for _, f := range squashed {
		if f.Checkpoint || f.Repeatable {
			return nil, nil, diag.Errorf(d.pos(f.Name), "unsupported", "checkpoints and repeatable migrations cannot be squashed")
		}
	}
	head := &Dir{Files: before}
	job, err := open(head.Fresh())
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = joinClose(err, job) }()
	if err := checkRows(job.Dialect, squashed, "a squashed migration", allowLoss); err != nil {
		return nil, nil, err
	}
	current, err := job.Current(ctx)
	if err != nil {
		return nil, nil, err
	}
	want, err := job.Replay(ctx, Scripts(append(slices.Clone(head.Fresh()), squashed...)))
	if err != nil {
		return nil, nil, err
	}
	p, err := job.Diff(current, want)
	if err != nil {
		return nil, nil, err
	}
	if err := checkSecrets(p); err != nil {
		return nil, nil, err
	}
	parts := d.parts(p, job.Session.Transactional(), DiffOptions{Name: name, Now: time.Unix(0, 0)})
	if len(parts) > len(squashed) {
		return nil, nil, diag.Errorf(d.pos(from.Name), "nothing-to-squash", "the files cannot become fewer: %d transactions are needed", len(parts))
	}
	for i := range parts {
		parts[i].Version = squashed[len(squashed)-len(parts)+i].Version
	}
	draft := &Draft{Plan: p, Parts: parts}
	return draft, squashed, d.proveAlone(ctx, job, parts, head.Fresh(), want)
}

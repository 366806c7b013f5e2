// Package review holds migrations and plans against the rules of lint: it brings statements, the model of the database
// that they are for, and the rules together. It renders nothing and asks nobody.
package review

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/safety"
)

// Directory is a request to lint migration files.
type Directory struct {
	Dialect dialect.Dialect
	Dir     *migrate.Dir
	// From is the index of the first file that is linted; those before it only make the database that it meets.
	From   int
	Config lint.Config
	// Since, if set, tells what the directory has become since a revision: of the linted files only what is new or edited
	// is reported.
	Since *migrate.Since
	// Replay, if set, lets a server run files from nothing and returns the state that they lead to.
	Replay func(ctx context.Context, files []*migrate.File) (*object.State, error)
	Server safety.Server
	Schema string // what names without a schema mean; empty: the dialect's default
	// Sizes, if set, tells the rows and bytes of tables of a live database.
	Sizes func(ctx context.Context, m *safety.Model) error
}

// Lint lints the files, in order.
func (d Directory) Lint(ctx context.Context) ([]lint.Report, error) {
	ex, ok := d.Dialect.(dialect.Examiner)
	if !ok {
		return nil, diag.Errorf(diag.Pos{}, "no-lint", "%s has no lint", d.Dialect.Name())
	}
	files := d.Dir.Fresh()
	before, linted := files[:d.From], files[d.From:]
	m, err := d.model(ctx, ex, before)
	if err != nil {
		return nil, err
	}
	if d.Sizes != nil {
		if err := d.Sizes(ctx, m); err != nil {
			return nil, err
		}
	}
	var out []lint.Report
	for _, f := range linted {
		u, err := d.unit(ex, m, f)
		if err != nil {
			return nil, err
		}
		if d.Since != nil && !d.Since.Changed(f.Name) {
			continue
		}
		u.Breaches = d.breaches(f)
		r, err := lint.Check(ctx, u, d.Config)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	gone, err := d.removed(ctx, m)
	if err != nil {
		return nil, err
	}
	return append(out, gone...), d.run(ctx, files, out)
}

// breaches are what a file does to the order of the directory.
func (d Directory) breaches(f *migrate.File) (out []lint.Breach) {
	if d.Since == nil {
		return nil
	}
	if slices.Contains(d.Since.Edited, f.Name) {
		out = append(out, lint.Breach{Rule: lint.FileEdited, Message: fmt.Sprintf("%s differs from what it is at %s", f.Name, d.Since.Revision)})
	}
	if slices.Contains(d.Since.Inserted, f.Name) {
		out = append(out, lint.Breach{Rule: lint.FileInserted, Message: fmt.Sprintf("%s is new and comes before %s, the last of %s", f.Name, d.Since.Last, d.Since.Revision)})
	}
	return out
}

// removed reports the files that are gone.
func (d Directory) removed(ctx context.Context, m *safety.Model) ([]lint.Report, error) {
	if d.Since == nil {
		return nil, nil
	}
	var out []lint.Report
	for _, name := range d.Since.Removed {
		u := &lint.Unit{
			Name: name, File: d.Dir.Path(name), Dialect: d.Dialect.Name(), Start: m, After: m,
			Breaches: []lint.Breach{{Rule: lint.FileRemoved, Message: fmt.Sprintf("%s is gone, and %s has it", name, d.Since.Revision)}},
		}
		r, err := lint.Check(ctx, u, d.Config)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// model is the database that the first linted file meets: what a server makes of the files before it, or what their
// text says.
func (d Directory) model(ctx context.Context, ex dialect.Examiner, before []*migrate.File) (*safety.Model, error) {
	if d.Replay != nil {
		s, err := d.Replay(ctx, before)
		if err != nil {
			return nil, err
		}
		return ex.Model(s, d.Schema, d.Server), nil
	}
	m := ex.Model(nil, d.Schema, d.Server)
	for _, f := range before {
		statements, err := f.Statements(d.Dialect)
		if err != nil {
			return nil, err
		}
		lint.Examine(ex, m, &lint.Unit{Dialect: d.Dialect.Name()}, sources(statements))
	}
	return m, nil
}

func (d Directory) unit(ex dialect.Examiner, m *safety.Model, f *migrate.File) (*lint.Unit, error) {
	statements, err := f.Statements(d.Dialect)
	if err != nil {
		return nil, err
	}
	u := &lint.Unit{
		Name: f.Name, File: d.Dir.Path(f.Name), Version: f.Version, Dialect: d.Dialect.Name(), Directives: append(f.Directive("nolint"), lint.FileIgnores(string(bytes.ReplaceAll(f.Raw, []byte("\r"), nil)))...),
		Tx: f.Mode("") != migrate.TxNone && transactional(d.Dialect),
	}
	schema, timezone := m.Default, m.Server
	lint.Examine(ex, m, u, sources(statements))
	m.Default, m.Server = schema, timezone // a file's settings end with it
	return u, nil
}

// transactional reports whether migrations of the dialect are transactions.
func transactional(d dialect.Dialect) bool {
	t, ok := d.(interface{ TransactionalDDL() bool })
	return ok && t.TransactionalDDL()
}

func sources(statements []dialect.Statement) []lint.Source {
	out := make([]lint.Source, len(statements))
	for i, s := range statements {
		out[i] = lint.Source{SQL: s.SQL, Pos: s.Pos, Comments: s.Comments}
	}
	return out
}

// run lets the server run the linted files, too: what it refuses is a finding.
func (d Directory) run(ctx context.Context, files []*migrate.File, reports []lint.Report) error {
	if d.Replay == nil || len(reports) == 0 {
		return nil
	}
	_, err := d.Replay(ctx, files)
	if err == nil || ctx.Err() != nil {
		return err
	}
	f := lint.Finding{Rule: "does-not-run", Severity: lint.Error, Message: err.Error(), Fix: "Mend the statement: no database can run it."}
	at := len(reports) - 1
	var fault *diag.Diagnostic
	if errors.As(err, &fault) {
		f.Pos, f.Message = fault.Pos, fault.Message
		for i, r := range reports {
			if slices.ContainsFunc(r.Unit.Statements, func(s *lint.Statement) bool { return s.Pos.File == fault.Pos.File }) {
				at = i
			}
		}
	}
	reports[at].Findings = append(reports[at].Findings, f)
	return nil
}

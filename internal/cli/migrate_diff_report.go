package cli

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/review"
)

// settleFormat tells what --format means: a report on what is written, or, as in Atlas, the layout of the files.
func (o *migrateDiffOptions) settleFormat() error {
	if strings.Contains(o.report.format, "{{") {
		layout := o.report.format
		o.report.format = ""
		if o.report.out != "" {
			return diag.Errorf(diag.Pos{}, "bad-flag", "a template says how files are laid out, and --output where a report goes").WithHint("give --format markdown, or leave --output out")
		}
		return o.settleLayout(layout)
	}
	if err := o.settleLayout(""); err != nil {
		return err
	}
	if o.report.format == "" && o.report.out != "" {
		o.report.format = "text"
	}
	if o.report.format == "" {
		return nil
	}
	if o.dryRun {
		return diag.Errorf(diag.Pos{}, "bad-flag", "--format and --output report on the files that are written, and --dry-run writes none").
			WithHint("leave out one of them")
	}
	return oneOf("--format", o.report.format, slices.Concat(reviewFormats(), migrate.Formats())...)
}

// reportWritten reviews the new files.
func (o *migrateDiffOptions) reportWritten(ctx context.Context, job *engine.Job, draft *migrate.Draft, names []string) error {
	dir, err := o.openDir()
	if err != nil {
		return err
	}
	files := dir.Fresh()
	from := slices.IndexFunc(files, func(f *migrate.File) bool { return slices.Contains(names, f.Name) })
	if from < 0 {
		from = len(files)
	}
	d := review.Directory{
		Dialect: job.Dialect, Dir: dir, From: from, Config: o.settings.Rules, Server: job.Session.Server().Examined(), Schema: boundSchema(job),
		Replay: func(ctx context.Context, files []*migrate.File) (*object.State, error) {
			return job.Replay(ctx, migrate.Scripts(files))
		},
	}
	reports, err := d.Lint(ctx)
	if err != nil {
		return err
	}
	s := review.Subject{Dialect: d.Dialect, Server: d.Server, Schema: d.Schema, Config: d.Config, Script: job.Script}
	if s.Current, err = job.Current(ctx); err != nil {
		return err
	}
	if s.Desired, err = d.Replay(ctx, files); err != nil {
		return err
	}
	r, err := s.Migrations(reports, draft.Plan.Changes)
	if err != nil {
		return err
	}
	return o.report.write(o.app.io, render.ReviewSummary(r), func(w io.Writer, colour bool) error {
		return renderReview(w, r, "schemactl migrate diff", o.report.format, string(lint.Error), colour)
	})
}

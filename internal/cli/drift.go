package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/drift"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/render"
)

type driftOptions struct {
	migrations
	revisionsSchema string
	snapshot        string
	format, out     string
}

// driftFormats are the forms of a report.
func driftFormats() []string { return []string{"text", "json", "markdown", "junit", "sarif"} }

func newDriftCmd(a *app) *cobra.Command {
	o := &driftOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Tell in what a database is not what it should be",
		Long: `drift holds a live database against what it should be, and changes nothing: against files, another database or a
snapshot (--to), or against a migration directory (--dir) as far as the database says that it is; migrations that are still
to come are no drift. It says what the database has, lacks or has otherwise, what that means, which SQL puts it back, and
how files would accept it.

Exit codes: 0 in step, 2 drift, 1 failure.`,
		Example: `  schemactl drift --url "postgres://app@localhost/app" --to file://schema.hcl
  schemactl drift --env prod --dir file://migrations --format markdown
  schemactl drift --env prod --snapshot prod.snapshot.json
  schemactl drift --url file://today.snapshot.json --to file://prod.snapshot.json   # without any server`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runDrift(cmd.Context(), o, args) },
	}
	o.desiredFlags(cmd)
	o.dirFlags(cmd)
	f := cmd.Flags()
	f.Lookup("url").Usage = "`URL` of the live database, or file:// of a snapshot of it"
	f.Lookup("dir").Usage = "`URL` of the migration directory that the database is held against, as far as its history goes"
	f.StringVar(&o.revisionsSchema, "revisions-schema", "", "`schema` (MySQL: database) of the history; default that of the URL, or atlas_schema_revisions")
	f.StringVar(&o.snapshot, "snapshot", "", "snapshot `file` that the database is held against: the same as --to file://")
	f.StringVar(&o.format, "format", "text", "`format` of the report: text, json, markdown, junit or sarif")
	f.StringVarP(&o.out, "output", "o", "", "write the report to this `file`; standard output then has one line")
	completeWords(cmd, "format", driftFormats()...)
	return cmd
}

func runDrift(ctx context.Context, o *driftOptions, args []string) (err error) {
	if err := oneOf("--format", o.format, driftFormats()...); err != nil {
		return err
	}
	if err := o.settle(ctx, args); err != nil {
		return err
	}
	r, err := o.request()
	if err != nil {
		return err
	}
	r.Watched = true
	job, err := o.app.engine(o.noCache).OpenLive(ctx, r)
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	report, err := o.report(ctx, job)
	if err != nil {
		return err
	}
	for _, n := range report.Notes {
		o.app.io.Notify("note: %s", n)
	}
	if err := o.write(report); err != nil {
		return err
	}
	if report.Drifted {
		return errChanges
	}
	return nil
}

// settle fills what the flags leave open, and sees that one desired state is meant.
func (o *driftOptions) settle(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return diag.Errorf(diag.Pos{}, "bad-argument", "drift takes no argument %q", args[0]).WithHint("name the database with --url and the desired state with --to")
	}
	given, dir := len(o.to) > 0, o.dir
	if err := o.resolve(ctx); err != nil {
		return err
	}
	setDefault(&o.revisionsSchema, o.chosen.Migration.RevisionsSchema)
	if o.snapshot != "" {
		if given || dir != "" {
			return diag.Errorf(diag.Pos{}, "two-desired", "--snapshot cannot be combined with --to or --dir").WithHint("leave out one of them")
		}
		o.to, o.dir = []string{"file://" + strings.TrimPrefix(o.snapshot, "file://")}, ""
		return nil
	}
	switch {
	case given && dir != "":
		return diag.Errorf(diag.Pos{}, "two-desired", "--to cannot be combined with --dir").WithHint("leave out one of them")
	case dir != "":
		o.to = nil
	case len(o.to) > 0:
		o.dir = ""
	case o.chosen.Migration.Dir == "":
		return diag.Errorf(diag.Pos{}, "no-source", "nothing is named that the database is held against").
			WithHint("give --to file://schema.hcl, --dir file://migrations or --snapshot file")
	}
	return nil
}

func (o *driftOptions) report(ctx context.Context, job *engine.Job) (*drift.Report, error) {
	desired := strings.Join(engine.RedactSources(o.to), ", ")
	var h *drift.History
	if o.dir != "" {
		dir, err := o.openReady()
		if err != nil {
			return nil, err
		}
		if h, err = drift.ReadHistory(ctx, job, dir, o.revisionsSchema); err != nil {
			return nil, err
		}
		desired = o.dir
		if h.Version != "" {
			desired += " at version " + h.Version
		}
	}
	c, err := compare(ctx, job, h)
	if err != nil {
		return nil, err
	}
	report := drift.Find(c, drift.Accepted{Now: time.Now()})
	report.Desired = desired
	if h != nil {
		report.Notes = append(report.Notes, h.Notes...)
	}
	return report, nil
}

func compare(ctx context.Context, job *engine.Job, h *drift.History) (*engine.Comparison, error) {
	if h == nil {
		return job.Compare(ctx, nil)
	}
	return job.Compare(ctx, h.Scripts)
}

func (o *driftOptions) write(r *drift.Report) error {
	var text bytes.Buffer
	if err := o.render(&text, r); err != nil {
		return err
	}
	if o.out == "" {
		_, err := o.app.io.Out.Write(text.Bytes())
		return err
	}
	if err := os.WriteFile(o.out, text.Bytes(), 0o600); err != nil {
		return err
	}
	_, err := io.WriteString(o.app.io.Out, render.DriftSummary(r)+"\n")
	return err
}

func (o *driftOptions) render(w io.Writer, r *drift.Report) error {
	switch o.format {
	case "json":
		return render.DriftJSON(w, r)
	case "markdown":
		return render.DriftMarkdown(w, r)
	case "junit":
		return render.DriftJUnit(w, r)
	case "sarif":
		return render.DriftSARIF(w, r)
	}
	return render.DriftText(w, r, o.app.io.Colour && o.out == "")
}

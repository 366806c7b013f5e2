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
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/drift"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/render"
)

type driftOptions struct {
	migrations
	revisionsSchema string
	snapshot        string
	format, out     string
	accept          bool
	until, reason   string
	accepted        string
	named           bool // the file of acceptances was named
	patterns        []string
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

--accept changes the HCL files of --to so that they declare what the database is, for the objects named, or all. Those that
shall go away later are accepted until a day with --accept-until, in a file of their own.

Exit codes: 0 in step, 2 drift, 1 failure.`,
		Example: `  schemactl drift --url "postgres://app@localhost/app" --to file://schema.hcl
  schemactl drift --env prod --dir file://migrations --format markdown
  schemactl drift --env prod --snapshot prod.snapshot.json
  schemactl drift --url file://today.snapshot.json --to file://prod.snapshot.json   # without any server
  schemactl drift --env prod --accept 'index public.users.quick'
  schemactl drift --env prod --accept-until 2027-01-31 --reason "sale" 'index public.users.*'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.patterns, o.named = args, cmd.Flags().Changed("accepted")
			return runDrift(cmd.Context(), o)
		},
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
	f.BoolVar(&o.accept, "accept", false, "change the HCL files so that they declare what the database is, for the objects named, or all")
	f.StringVar(&o.until, "accept-until", "", "accept the objects named until this `day` is over, as in 2027-01-31")
	f.StringVar(&o.reason, "reason", "", "`why` they are accepted, with --accept-until")
	f.StringVar(&o.accepted, "accepted", drift.AcceptedFile, "`file` of what is accepted until a day")
	completeWords(cmd, "format", driftFormats()...)
	return cmd
}

func runDrift(ctx context.Context, o *driftOptions) (err error) {
	if err := oneOf("--format", o.format, driftFormats()...); err != nil {
		return err
	}
	if err := o.checkAccept(); err != nil {
		return err
	}
	if err := o.settle(ctx); err != nil {
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
	report, adoption, err := o.report(ctx, job)
	if err != nil {
		return err
	}
	for _, p := range report.Unnamed(o.patterns) {
		o.app.io.Notify("note: nothing differs that is called %s", p)
	}
	if o.accept {
		if report, err = o.take(ctx, r, report, adoption); err != nil {
			return err
		}
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

// checkAccept refuses flags that mean nothing together, and writes down what is accepted until a day.
func (o *driftOptions) checkAccept() error {
	if o.until == "" {
		switch {
		case o.reason != "":
			return diag.Errorf(diag.Pos{}, "bad-flag", "--reason means nothing without --accept-until")
		case len(o.patterns) > 0 && !o.accept:
			return diag.Errorf(diag.Pos{}, "bad-argument", "drift takes no argument %q", o.patterns[0]).
				WithHint("name the database with --url and the desired state with --to; objects are named with --accept and --accept-until")
		}
		return nil
	}
	if o.accept {
		return diag.Errorf(diag.Pos{}, "bad-flag", "--accept cannot be combined with --accept-until").WithHint("what files declare is accepted for good")
	}
	if len(o.patterns) == 0 {
		return diag.Errorf(diag.Pos{}, "bad-flag", "--accept-until needs the objects that it is for").WithHint(`name them as the report does, as in 'index public.users.quick'`)
	}
	day, err := drift.ParseDay(o.until)
	if err != nil {
		return err
	}
	if !time.Now().Before(day.AddDate(0, 0, 1)) {
		return diag.Errorf(diag.Pos{}, "bad-date", "%s has passed", o.until).WithHint("name a day to come")
	}
	var list []drift.Acceptance
	for _, p := range o.patterns {
		list = append(list, drift.Acceptance{Object: p, Until: day, Reason: o.reason})
	}
	return drift.WriteAccepted(o.accepted, list)
}

// take writes the files that accept differences, and compares again.
func (o *driftOptions) take(ctx context.Context, r engine.Request, report *drift.Report, a *drift.Adoption) (_ *drift.Report, err error) {
	for _, f := range a.Files {
		info, err := os.Stat(f.Name)
		if err != nil {
			return nil, err
		}
		if err := disk.Write(f.Name, f.Text, info.Mode().Perm()); err != nil {
			return nil, err
		}
		o.app.io.Notify("changed %s", f.Name)
	}
	for _, e := range a.Edits {
		if e.Cannot != "" {
			o.app.io.Notify("not accepted: %s", e.Cannot)
		}
	}
	if len(a.Files) == 0 {
		return report, nil
	}
	job, err := o.app.engine(o.noCache).OpenLive(ctx, r)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, job.Close)
	report, _, err = o.report(ctx, job)
	return report, err
}

// settle fills what the flags leave open, and sees that one desired state is meant.
func (o *driftOptions) settle(ctx context.Context) error {
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

func (o *driftOptions) report(ctx context.Context, job *engine.Job) (*drift.Report, *drift.Adoption, error) {
	accepted, err := drift.ReadAccepted(o.accepted, o.named, time.Now())
	if err != nil {
		return nil, nil, err
	}
	desired := strings.Join(engine.RedactSources(o.to), ", ")
	var h *drift.History
	if o.dir != "" {
		dir, err := o.openReady()
		if err != nil {
			return nil, nil, err
		}
		if h, err = drift.ReadHistory(ctx, job, dir, o.revisionsSchema); err != nil {
			return nil, nil, err
		}
		desired = o.dir
		if h.Version != "" {
			desired += " at version " + h.Version
		}
	}
	c, err := compare(ctx, job, h)
	if err != nil {
		return nil, nil, err
	}
	report := drift.Find(c, accepted)
	report.Desired = desired
	if h != nil {
		report.Notes = append(report.Notes, h.Notes...)
	}
	adoption, err := o.adoption(ctx, job, c, report)
	return report, adoption, err
}

// adoption is how the files would declare what the database is.
func (o *driftOptions) adoption(ctx context.Context, job *engine.Job, c *engine.Comparison, r *drift.Report) (*drift.Adoption, error) {
	if !r.Drifted || c.Place {
		return &drift.Adoption{}, nil
	}
	files, err := job.Files(ctx)
	if err != nil {
		return nil, err
	}
	a, fault := drift.Adopt(c, r, files, func(d *drift.Difference) bool { return d.Counts() && drift.Named(d, o.patterns) })
	if fault != nil && !o.accept { // the report is worth something without it
		r.Notes = append(r.Notes, "what would accept it in files was not found: "+fault.Error())
		a, fault = &drift.Adoption{}, nil
	}
	if fault != nil {
		return nil, fault
	}
	r.Accept = a.Edits
	return a, nil
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
	if err := disk.Write(o.out, text.Bytes(), 0o600); err != nil {
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

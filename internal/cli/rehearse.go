package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/devdb"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/rehearse"
	"github.com/schemactl/schemactl/internal/render"
)

type rehearseOptions struct {
	target
	on, format string
	synthetic  bool
	template   bool
	rows       int64
	cmd        *cobra.Command
}

func newRehearseCmd(a *app) *cobra.Command {
	o := &rehearseOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "rehearse",
		Short: "Run the plan on a copy, and measure who has to wait",
		Long: `rehearse plans the way to the desired state and runs it on a copy of the database, while probes read and write every
table that the plan locks. It tells of each statement how long it took, which locks it held, the longest that a reader and a
writer waited for it, and what was written anew. The copy is one of three:

  --synthetic   the schema of --url, made again on the dev server, with made-up rows: as many as the live tables are
                estimated to have, and no more than --rows
  --on          a database that you made, by restoring a dump; it is changed for good
  --template    a copy that PostgreSQL makes of --on, or else of --url, and that is dropped afterwards; nobody may be
                connected to the database meanwhile

Nothing runs on the database of --url. It is asked how large its tables are, and rehearse tells how long the work may take
there: what was measured, by how much larger they are, and how fast the server of the copy reads, writes and builds.`,
		Example: `  schemactl rehearse --synthetic --url "postgres://dba@db/app" --to file://schema.hcl
  schemactl rehearse --synthetic --rows 5000000 --url "mysql://dba@db/app" --to file://schema.hcl
  schemactl rehearse --on "postgres://dba@localhost/app_copy" --url "postgres://dba@db/app" --to file://schema.hcl
  schemactl rehearse --template --on "postgres://dba@localhost/restored" --env prod --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRehearse(cmd.Context(), o) },
	}
	o.cmd = cmd
	o.desiredFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.on, "on", "", "`URL` of the copy, which is changed")
	f.BoolVar(&o.synthetic, "synthetic", false, "make the copy on the dev server, with made-up rows")
	f.BoolVar(&o.template, "template", false, "copy --on, or else --url, with CREATE DATABASE … TEMPLATE (PostgreSQL), and drop the copy afterwards")
	f.Int64Var(&o.rows, "rows", rehearse.MaxRows, "`number` of rows that a table gets at most (with --synthetic)")
	f.StringVar(&o.format, "format", "text", "`format` of the report: text or json")
	f.Lookup("url").Usage = "`URL` of the live database, whose sizes are asked for; nothing runs there"
	completeWords(cmd, "format", "text", "json")
	return cmd
}

func runRehearse(ctx context.Context, o *rehearseOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := o.resolve(ctx); err != nil {
		return err
	}
	report, err := o.rehearse(ctx)
	if err != nil {
		return err
	}
	if err := o.renderReport(report); err != nil {
		return err
	}
	if report.Failure != "" {
		return errSilent
	}
	return nil
}

// check sees that one copy is named.
func (o *rehearseOptions) check() error {
	if err := oneOf("--format", o.format, "text", "json"); err != nil {
		return err
	}
	switch {
	case o.synthetic && (o.on != "" || o.template):
		return diag.Errorf(diag.Pos{}, "two-copies", "--synthetic makes the copy itself").WithHint("leave --on and --template out, or --synthetic")
	case !o.synthetic && o.on == "" && !o.template:
		return diag.Errorf(diag.Pos{}, "no-copy", "no copy is named to run the plan on").
			WithHint("give --synthetic for made-up rows, or --template for a copy that PostgreSQL makes, or restore a dump and give --on")
	case o.cmd.Flags().Changed("rows") && !o.synthetic:
		return diag.Errorf(diag.Pos{}, "no-rows", "--rows says how many rows are made up, and none are").WithHint("give --synthetic, too, or leave --rows out")
	case o.rows < 1:
		return diag.Errorf(diag.Pos{}, "no-rows", "--rows %d leaves nothing to measure", o.rows).WithHint("give a number above 0")
	}
	return nil
}

func (o *rehearseOptions) rehearse(ctx context.Context) (_ *rehearse.Report, err error) {
	if o.synthetic {
		return o.rehearseSynthetic(ctx)
	}
	live := o.url
	if o.on != "" {
		o.url = o.on
	}
	r, err := o.request()
	if err != nil {
		return nil, err
	}
	if o.template {
		copied, err := o.copyTemplate(ctx)
		if err != nil {
			return nil, err
		}
		defer closeAll(&err, copied.Close)
		r.At = copied.URL
	}
	job, err := o.app.engine(o.noCache).Open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, job.Close)
	sizer, done, err := o.liveSizes(ctx, live, job)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, done)
	result, err := job.Plan(ctx)
	if err != nil {
		return nil, err
	}
	return rehearse.Run(ctx, rehearse.On(job, sizer), result.Plan)
}

// rehearseSynthetic plans from the live database, and runs the plan on a copy of its schema.
func (o *rehearseOptions) rehearseSynthetic(ctx context.Context) (_ *rehearse.Report, err error) {
	r, err := o.request()
	if err != nil {
		return nil, err
	}
	job, err := o.app.engine(o.noCache).Open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, job.Close)
	result, err := job.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if result.Plan.Empty() {
		return &rehearse.Report{Server: engine.Describe(job.Session.Server()), Steps: []rehearse.Step{}, Probed: []string{}}, nil
	}
	return rehearse.Synthetic(ctx, job, result, o.rows, func(s string) { o.app.io.Notify("rehearsal: %s", s) })
}

// copyTemplate copies the database of --on, or of --url.
func (o *rehearseOptions) copyTemplate(ctx context.Context) (*devdb.Database, error) {
	u, err := o.app.env.Parse(o.url)
	if err != nil {
		return nil, err
	}
	if p := o.chosen.PasswordCommand; len(p) > 0 {
		u = u.WithPasswordCommand(p...)
	}
	return devdb.Copy(ctx, u, func(s string) { o.app.io.Notify("%s", s) })
}

func (o *rehearseOptions) renderReport(r *rehearse.Report) error {
	if o.format == "json" {
		return render.RehearsalJSON(o.app.io.Out, r)
	}
	return render.Rehearsal(o.app.io.Out, r, o.app.io.Colour)
}

// liveSizes connects to the live database, if one is named, and sees that it is not the copy.
func (o *rehearseOptions) liveSizes(ctx context.Context, raw string, job *engine.Job) (dialect.Sizer, func() error, error) {
	nothing := func() error { return nil }
	if raw == "" || !dburl.Is(raw) {
		return nil, nothing, nil
	}
	u, err := dburl.Parse(raw)
	if err != nil {
		return nil, nil, err
	}
	s, err := job.Dialect.Connect(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	if err := rehearse.CheckApart(s, job.Session); err != nil {
		closeAll(&err, s.Close)
		return nil, nil, diag.Errorf(diag.Pos{}, "live-database", "%v: nothing was run", err).WithHint("give --on another database")
	}
	sizer, _ := s.(dialect.Sizer)
	return sizer, s.Close, nil
}

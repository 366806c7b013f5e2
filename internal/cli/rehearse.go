package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/rehearse"
	"github.com/schemactl/schemactl/internal/render"
)

type rehearseOptions struct {
	target
	on, format string
}

func newRehearseCmd(a *app) *cobra.Command {
	o := &rehearseOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "rehearse",
		Short: "Run the plan on a copy, and measure who has to wait",
		Long: `rehearse plans the way from a copy of the database to the desired state and runs it on the copy, while probes read and
write every table that the plan locks. It tells of each statement how long it took, and the longest that a reader and a
writer waited for it. The copy is changed for good: restore it from a dump, or make it with CREATE DATABASE … TEMPLATE.

With --url, the live database, it refuses to run there, and tells how long the work may take on the live tables: what was
measured, by how much larger they are.`,
		Example: `  schemactl rehearse --on "postgres://dba@localhost/app_copy" --url "postgres://dba@db/app" --to file://schema.hcl
  schemactl rehearse --env prod --on "postgres://dba@localhost/app_copy" --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRehearse(cmd.Context(), o) },
	}
	o.desiredFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.on, "on", "", "`URL` of the copy, which is changed")
	f.StringVar(&o.format, "format", "text", "`format` of the report: text or json")
	f.Lookup("url").Usage = "`URL` of the live database, whose sizes are asked for; nothing runs there"
	completeWords(cmd, "format", "text", "json")
	return cmd
}

func runRehearse(ctx context.Context, o *rehearseOptions) (err error) {
	if err := oneOf("--format", o.format, "text", "json"); err != nil {
		return err
	}
	if o.on == "" {
		return diag.Errorf(diag.Pos{}, "no-copy", "no copy is named to run the plan on").
			WithHint("make one (CREATE DATABASE app_copy TEMPLATE app, or restore a dump) and give --on")
	}
	if err := o.resolve(ctx); err != nil {
		return err
	}
	live := o.url
	o.url = o.on
	r, err := o.request()
	if err != nil {
		return err
	}
	job, err := o.app.engine(o.noCache).Open(ctx, r)
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	sizer, done, err := o.liveSizes(ctx, live, job)
	if err != nil {
		return err
	}
	defer closeAll(&err, done)
	result, err := job.Plan(ctx)
	if err != nil {
		return err
	}
	report, err := rehearse.Run(ctx, job, result.Plan, sizer)
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

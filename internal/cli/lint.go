package cli

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/project"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

type lintOptions struct {
	migrations
	latest             int
	base, repo, failOn string
	report             reportFlags
	given              bool    // the format
	out                *output // as it, or the environment, says
}

// lintFormats are the forms of a report of lint.
func lintFormats() []string {
	return []string{"text", "json", "markdown", "github", "gitlab", "sarif", "junit"}
}

func newLintCmd(a *app) *cobra.Command {
	o := &lintOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Find hazards in migrations",
		Long: `lint reads migration files and says what a person should know before they run: what loses data, what breaks programs
that run now, what locks or rewrites a table that is in use, and what is better done another way. Each rule has a page
in docs/rules with the reason and the way out. The lint block of atlas.hcl sets them, and holds rules of your own:
expressions over what statements do, and programs (docs/lint.md).

With a dev database (--dev-url, or dev in the environment) the files are run there as well, so that each statement is
held against the schema that it will meet; without one, the text of the files before says what is there. --url adds the
sizes of the live tables.

A finding is silenced above its statement, or at the top of a file for all of it:
  -- schemactl:ignore drop-table nobody has used it since May
  -- atlas:nolint destructive

Exit codes: 0 nothing as grave as --fail-on says (default error), 1 failure, 2 findings.`,
		Example: `  schemactl lint --dev-url embedded://postgres/18 --latest 1
  schemactl lint --env ci --git-base origin/main
  schemactl lint --dir file://migrations --dialect mysql --fail-on warning
  schemactl lint --env ci --git-base origin/main --format json
  schemactl lint --env ci --git-base origin/main --format sarif --output lint.sarif`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags().Changed("format")
			return runLint(cmd.Context(), o)
		},
	}
	o.historyFlags(cmd)
	o.rangeFlags(cmd, "lint")
	o.report.add(cmd, lintFormats())
	f := cmd.Flags()
	f.StringVar(&o.failOn, "fail-on", "error", "exit with 2 on findings as grave as this `severity`: error, warning, info or never")
	completeWords(cmd, "fail-on", "error", "warning", "info", "never")
	return cmd
}

func runLint(ctx context.Context, o *lintOptions) (err error) {
	if err := oneOf("--fail-on", o.failOn, "error", "warning", "info", "never"); err != nil {
		return err
	}
	if err := o.resolve(ctx); err != nil {
		return err
	}
	if err := o.settleFormat(); err != nil {
		return err
	}
	d, job, err := o.directory(ctx)
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	reports, err := d.Lint(ctx)
	if err != nil {
		return err
	}
	summary := render.FindingsSummary(reports, "file")
	if err := o.report.write(o.app.io, summary, func(w io.Writer, colour bool) error { return o.render(w, reports, colour) }); err != nil {
		return err
	}
	return failing(reports, o.failOn)
}

// settleFormat takes the format of the flag, if it is given, or the environment's.
func (o *lintOptions) settleFormat() (err error) {
	flag := ""
	if o.given {
		flag = o.report.format
	}
	if text := o.settings.Format; text.Text != "" && o.chosen.Formats["migrate.lint"].Text == "" {
		o.chosen.Formats = map[string]project.Template{"migrate.lint": text}
	}
	o.out, err = o.outputOf(flag, "migrate.lint", lintValue{}, o.report.formats...)
	return err
}

// rangeFlags say which files are meant; verb is what is done with them.
func (o *lintOptions) rangeFlags(cmd *cobra.Command, verb string) {
	f := cmd.Flags()
	f.IntVar(&o.latest, "latest", 0, verb+" only the latest `n` files; as latest in the lint block")
	f.StringVar(&o.base, "git-base", "", verb+" only the files that this git `revision` lacks or has otherwise; as git { base } in the lint block")
	f.StringVar(&o.repo, "git-dir", "", "`folder` of the git repository; default the one of the run")
	_ = cmd.MarkFlagDirname("git-dir")
}

// lintValue is a report as templates see it.
type lintValue struct{ Files []lint.Report }

func (v lintValue) form(w io.Writer, name string) error {
	if name != "json" {
		return errNoForm
	}
	return render.LintJSON(w, v.Files)
}

// failing tells by the exit code that there are findings as grave as asked for.
func failing(reports []lint.Report, failOn string) error {
	for _, r := range reports {
		if failOn != "never" && r.Worst().Rank() >= lint.Severity(failOn).Rank() {
			return errChanges
		}
	}
	return nil
}

func (o *lintOptions) render(w io.Writer, reports []lint.Report, colour bool) error {
	switch o.out.name {
	case "":
		return o.out.write(w, lintValue{reports})
	case "json":
		return render.LintJSON(w, reports)
	case "markdown":
		return render.FindingsMarkdown(w, reports)
	}
	if done, err := renderFindings(w, "schemactl lint", o.out.name, reports, o.failOn); done {
		return err
	}
	return render.LintText(w, reports, "file", colour)
}

// selected says which files are meant: those that flags name, or else the project file.
func (o *lintOptions) selected(ctx context.Context, dir *migrate.Dir) (from int, since *migrate.Since, err error) {
	if o.base != "" && o.latest > 0 {
		return 0, nil, diag.Errorf(diag.Pos{}, "two-ranges", "--latest and --git-base both say which files to lint").WithHint("leave out one of them")
	}
	if o.base == "" && o.latest == 0 {
		o.base, o.latest = o.settings.Base, o.settings.Latest
	}
	setDefault(&o.repo, o.settings.Repo)
	files := dir.Fresh()
	switch {
	case o.base != "":
		if since, err = dir.Since(ctx, o.repo, o.base); err != nil {
			return 0, nil, err
		}
		from = slices.IndexFunc(files, func(f *migrate.File) bool { return since.Changed(f.Name) })
		if from < 0 {
			from = len(files)
		}
		return from, since, nil
	case o.latest > 0:
		return max(0, len(files)-o.latest), nil, nil
	}
	return 0, nil, nil
}

// directory brings the files and, where there is one, the dev database together; without one the job is nil.
func (o *lintOptions) directory(ctx context.Context) (review.Directory, *engine.Job, error) {
	out := review.Directory{Config: o.settings.Rules}
	var err error
	if out.Dir, err = o.openDir(); err != nil {
		return out, nil, err
	}
	if out.From, out.Since, err = o.selected(ctx, out.Dir); err != nil {
		return out, nil, err
	}
	if o.dev == "" {
		d, err := o.offline()
		out.Dialect, out.Server = d, newest(d)
		return out, nil, err
	}
	job, err := o.history(ctx, out.Dir.Fresh()[:out.From])
	if err != nil {
		return out, nil, err
	}
	out.Dialect, out.Server, out.Schema = job.Dialect, job.Session.Server().Examined(), boundSchema(job)
	out.Replay = func(ctx context.Context, files []*migrate.File) (*object.State, error) {
		return job.Replay(ctx, migrate.Scripts(files))
	}
	return out, job, nil
}

// boundSchema is the schema that names without one mean, where the connection is bound to one.
func boundSchema(job *engine.Job) string {
	if len(job.Scope.Schemas) == 1 {
		return job.Scope.Schemas[0]
	}
	return ""
}

// offline is the dialect of files that no server reads.
func (o *lintOptions) offline() (dialect.Dialect, error) {
	name, err := engine.DialectName(engine.Request{URL: o.url}, o.dialect)
	if err != nil {
		return nil, err
	}
	return dialectByName(name)
}

// newest is the server that files are for where nothing says which one.
func newest(d dialect.Dialect) safety.Server {
	s := safety.Server{Flavor: "postgres", Version: [3]int{18}}
	if d != nil && d.Name() != "postgres" {
		s = safety.Server{Flavor: "mysql", Version: [3]int{9, 7}}
	}
	return s
}

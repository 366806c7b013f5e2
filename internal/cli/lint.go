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
	live               bool    // --url was given
	out                *output // as it, or the environment, says
	untold             bool    // nothing says which dialect the files are of
}

// lintFormats are the forms of a report of lint.
func lintFormats() []string {
	return []string{"text", "json", "markdown", "github", "gitlab", "sarif", "junit"}
}

const lintLong = `lint reads migration files and says what a person should know before they run: what loses data, what breaks programs
that run now, what locks or rewrites a table that is in use, and what is better done another way. Each rule has a page
in docs/rules with the reason and the way out. The lint block of atlas.hcl sets them, and holds rules of your own:
expressions over what statements do, and programs (docs/lint.md).

With a dev database (--dev-url, or dev in the environment) the files are run there as well, so that each statement is
held against the schema that it will meet; without one, the text of the files before says what is there. --url adds the
sizes of the live tables.

A plan that "plan --out" saved is linted in the same way; it needs no database, and with --url it must still fit that one.

A finding is silenced above its statement, or at the top of a file for all of it:
  -- schemactl:ignore drop-table nobody has used it since May
  -- atlas:nolint destructive

Exit codes: 0 nothing as grave as --fail-on says (default error), 1 failure, 2 findings.`

func newLintCmd(a *app) *cobra.Command {
	o := &lintOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "lint [plan.json]",
		Short: "Find hazards in migrations or a saved plan",
		Long:  lintLong,
		Example: `  schemactl lint --dev-url embedded://postgres/18 --latest 1
  schemactl lint --env ci --git-base origin/main
  schemactl lint --dir file://migrations --dialect mysql --fail-on warning
  schemactl lint plan.json
  schemactl lint --env ci --git-base origin/main --format json
  schemactl lint --env ci --git-base origin/main --format sarif --output lint.sarif`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return runLintPlan(cmd, o, args[0])
			}
			return runLint(cmd, o)
		},
	}
	o.lintFlags(cmd)
	return cmd
}

// newMigrateLintCmd is lint under the name that it has in Atlas.
func newMigrateLintCmd(a *app) *cobra.Command {
	o := &lintOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Find hazards in migrations: the same as schemactl lint",
		Long:  lintLong,
		Example: `  schemactl migrate lint --dev-url embedded://postgres/18 --dir file://migrations --latest 1
  schemactl migrate lint --env ci --git-base origin/main --format '{{ json .Files }}'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLint(cmd, o) },
	}
	o.lintFlags(cmd)
	return cmd
}

func (o *lintOptions) lintFlags(cmd *cobra.Command) {
	o.historyFlags(cmd)
	cmd.Flags().Lookup("url").Usage = "`URL` of the live database: its tables' sizes are told, and it tells the dialect and the schema"
	cmd.Flags().Lookup("dialect").Usage = guessedDialect
	o.rangeFlags(cmd, "lint")
	o.report.add(cmd, lintFormats())
	f := cmd.Flags()
	f.Lookup("format").Usage += ", or a Go template"
	f.StringVar(&o.failOn, "fail-on", "error", "exit with 2 on findings as grave as this `severity`: error, warning, info or never")
	completeWords(cmd, "fail-on", "error", "warning", "info", "never")
}

// settle reads the project file and the flags.
func (o *lintOptions) settle(cmd *cobra.Command) error {
	if err := oneOf("--fail-on", o.failOn, "error", "warning", "info", "never"); err != nil {
		return err
	}
	o.given, o.live = cmd.Flags().Changed("format"), cmd.Flags().Changed("url")
	if err := o.resolve(cmd.Context()); err != nil {
		return err
	}
	return o.settleFormat()
}

func runLint(cmd *cobra.Command, o *lintOptions) (err error) {
	if err := o.settle(cmd); err != nil {
		return err
	}
	d, job, err := o.directory(cmd.Context())
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	reports, err := d.Lint(cmd.Context())
	if err != nil {
		return err
	}
	return o.tell(reports, d, "file")
}

// runLintPlan lints a saved plan.
func runLintPlan(cmd *cobra.Command, o *lintOptions, path string) error {
	if o.dir != "" || o.latest > 0 || o.base != "" || o.repo != "" {
		return diag.Errorf(diag.Pos{}, "two-subjects", "a saved plan cannot be combined with --dir, --latest, --git-base or --git-dir").WithHint("leave out one of them")
	}
	if err := o.settle(cmd); err != nil {
		return err
	}
	r, err := (&reviewOptions{lintOptions: *o}).ofSaved(cmd.Context(), path, o.settings.Rules)
	if err != nil {
		return err
	}
	return o.tell(r.Hazards, review.Directory{}, "plan")
}

// tell writes the reports; noun is what each is of.
func (o *lintOptions) tell(reports []lint.Report, d review.Directory, noun string) error {
	write := func(w io.Writer, colour bool) error {
		if o.out.name == "" {
			return o.out.write(w, lintValueOf(reports, d))
		}
		return o.render(w, reports, noun, colour)
	}
	if err := o.report.write(o.app.io, render.FindingsSummary(reports, noun), write); err != nil {
		return err
	}
	o.tellUntold(reports)
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

// failing tells by the exit code that there are findings as grave as asked for.
func failing(reports []lint.Report, failOn string) error {
	for _, r := range reports {
		if failOn != "never" && r.Worst().Rank() >= lint.Severity(failOn).Rank() {
			return errChanges
		}
	}
	return nil
}

func (o *lintOptions) render(w io.Writer, reports []lint.Report, noun string, colour bool) error {
	switch o.out.name {
	case "json":
		return render.LintJSON(w, reports)
	case "markdown":
		return render.FindingsMarkdown(w, reports, noun)
	}
	if done, err := renderFindings(w, "schemactl lint", o.out.name, reports, o.failOn); done {
		return err
	}
	return render.LintText(w, reports, noun, colour)
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
	if o.live && o.url != "" {
		out.Sizes = func(ctx context.Context, m *safety.Model) error { return o.measure(ctx, out.Dialect, m) }
	}
	if o.dev == "" {
		d, err := o.offline(out.Dir)
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

// measure tells a model how large the tables of the live database are.
func (o *lintOptions) measure(ctx context.Context, d dialect.Dialect, m *safety.Model) (err error) {
	u, err := o.app.env.Parse(o.url)
	if err != nil {
		return err
	}
	s, err := d.Connect(ctx, u)
	if err != nil {
		return err
	}
	defer closeAll(&err, s.Close)
	sizer, ok := s.(dialect.Sizer)
	if !ok {
		return nil
	}
	var names []safety.Name
	for _, t := range m.Tables() {
		names = append(names, t.Name)
	}
	sizes, err := sizer.Sizes(ctx, names)
	if err != nil {
		return err
	}
	for _, t := range m.Tables() {
		if size, known := sizes[t.Name]; known {
			c := t.Clone()
			c.Rows, c.Bytes = size.Rows, size.Bytes
			m.Put(c)
		}
	}
	return nil
}

// boundSchema is the schema that names without one mean, where the connection is bound to one.
func boundSchema(job *engine.Job) string {
	if len(job.Scope.Schemas) == 1 {
		return job.Scope.Schemas[0]
	}
	return ""
}

// newest is the server that files are for where nothing says which one.
func newest(d dialect.Dialect) safety.Server {
	s := safety.Server{Flavor: "postgres", Version: [3]int{18}}
	if d != nil && d.Name() != "postgres" {
		s = safety.Server{Flavor: "mysql", Version: [3]int{9, 7}}
	}
	return s
}

package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

type reviewOptions struct {
	lintOptions
	ofDir   bool // --dir was given: not a plan is meant
	queries queryFlags
}

// reviewFormats are the forms of a review.
func reviewFormats() []string {
	return []string{"text", "json", "sql", "markdown", "html", "github", "gitlab", "sarif", "junit"}
}

func newReviewCmd(a *app) *cobra.Command {
	o := &reviewOptions{lintOptions: lintOptions{migrations: migrations{target: target{app: a}}}}
	cmd := &cobra.Command{
		Use:   "review [plan.json]",
		Short: "Write a plan or migrations down for those who have to say yes",
		Long: `review shows what statements do before they run: their hazards by the rules of lint, what each locks, reads, rewrites and
loses and how it is undone, the changed objects before and afterwards, and a diagram of the changed part. It changes nothing.

It is of the plan that "plan" would make, of one that "plan --out" saved, or with --dir of migration files. A saved plan
needs no database, since it says what its tables are like; with --url it must still fit that one, and the review knows what is there. Files go the same way as with lint.

Exit codes: 0 no hazard as grave as --fail-on says (default error), 1 failure, 2 hazards.`,
		Example: `  schemactl review --env prod --format html --output review.html
  schemactl review plan.json --format markdown
  schemactl review --dir file://migrations --git-base origin/main --dev-url embedded://postgres/18 --format github
  schemactl review --env prod --queries queries.sql --format markdown   # and which queries it breaks
  schemactl review --env prod --format json --fail-on never`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runReview(cmd.Context(), o, args) },
	}
	o.desiredFlags(cmd)
	o.dirFlags(cmd)
	f := cmd.Flags()
	f.Lookup("dir").Usage = "`URL` of a migration directory: review its files, not a plan"
	f.StringVar(&o.dialect, "dialect", "", guessedDialect)
	o.rangeFlags(cmd, "review")
	f.StringVar(&o.failOn, "fail-on", "error", "exit with 2 on hazards as grave as this `severity`: error, warning, info or never")
	o.queries.add(cmd)
	o.report.add(cmd, reviewFormats())
	completeWords(cmd, "dialect", dburl.Postgres, dburl.MySQL)
	completeWords(cmd, "fail-on", "error", "warning", "info", "never")
	return cmd
}

func runReview(ctx context.Context, o *reviewOptions, args []string) error {
	if err := cmp.Or(oneOf("--format", o.report.format, o.report.formats...), oneOf("--fail-on", o.failOn, "error", "warning", "info", "never")); err != nil {
		return err
	}
	o.ofDir = o.dir != ""
	switch {
	case o.ofDir && len(args) == 1:
		return diag.Errorf(diag.Pos{}, "two-subjects", "a saved plan cannot be combined with --dir").WithHint("leave out one of them")
	case !o.ofDir && (o.latest > 0 || o.base != "" || o.repo != ""):
		return diag.Errorf(diag.Pos{}, "bad-flag", "--latest, --git-base and --git-dir say which files of --dir are meant").WithHint("give --dir file://migrations")
	}
	if o.ofDir && len(o.queries.names) > 0 {
		return diag.Errorf(diag.Pos{}, "bad-flag", "--queries are held against a plan, not against migration files").WithHint("leave out --dir, or --queries")
	}
	if err := o.resolve(ctx); err != nil {
		return err
	}
	r, err := o.make(ctx, args)
	if err != nil {
		return err
	}
	write := func(w io.Writer, colour bool) error {
		return renderReview(w, r, "schemactl review", o.report.format, o.failOn, colour)
	}
	if err := o.report.write(o.app.io, render.ReviewSummary(r), write); err != nil {
		return err
	}
	o.tellUntold(r.Hazards)
	return failing(r.Hazards, o.failOn)
}

func (o *reviewOptions) make(ctx context.Context, args []string) (*review.Review, error) {
	config := o.settings.Rules
	switch {
	case o.ofDir:
		return o.ofMigrations(ctx)
	case len(args) == 1:
		return o.ofSaved(ctx, args[0], config)
	}
	return o.ofLive(ctx, config)
}

// ofMigrations reviews files.
func (o *reviewOptions) ofMigrations(ctx context.Context) (_ *review.Review, err error) {
	d, job, err := o.directory(ctx)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, job.Close)
	reports, err := d.Lint(ctx)
	if err != nil {
		return nil, err
	}
	s := review.Subject{Dialect: d.Dialect, Server: d.Server, Schema: d.Schema, Config: d.Config}
	if job == nil {
		return s.Migrations(reports, nil)
	}
	if s.Current, err = job.Current(ctx); err != nil {
		return nil, err
	}
	s.Desired, err = d.Replay(ctx, d.Dir.Fresh())
	if fault := (*diag.Diagnostic)(nil); errors.As(err, &fault) {
		return s.Migrations(reports, nil) // a finding says why the files do not run
	}
	if err != nil {
		return nil, err
	}
	p, err := job.Diff(s.Current, s.Desired)
	if err != nil {
		return nil, err
	}
	s.Script = job.Script
	return s.Migrations(reports, p.Changes)
}

// ofLive plans, and reviews that.
func (o *reviewOptions) ofLive(ctx context.Context, config lint.Config) (_ *review.Review, err error) {
	job, err := o.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, job.Close)
	result, err := job.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if err := result.Sign(job.Dialect); err != nil {
		return nil, err
	}
	s, err := subjectOf(ctx, job, config)
	if err != nil {
		return nil, err
	}
	s.Current, s.Desired = result.Current, result.Desired
	if err := o.askQueries(ctx, o.queries, job, result.Plan, result.Desired); err != nil {
		return nil, err
	}
	return s.Plan(ctx, result.Plan, "plan")
}

// connect opens the job of a request that is resolved.
func (o *reviewOptions) connect(ctx context.Context) (*engine.Job, error) {
	r, err := o.request()
	if err != nil {
		return nil, err
	}
	return o.app.engine(o.noCache).Open(ctx, r)
}

func subjectOf(ctx context.Context, job *engine.Job, config lint.Config) (review.Subject, error) {
	s := review.Subject{
		Dialect: job.Dialect, Server: job.Session.Server().Examined(), Schema: boundSchema(job), Config: config, Script: job.Script,
	}
	m, ok := job.Session.(dialect.Measurer)
	if !ok {
		return s, nil
	}
	var err error
	s.Rows, err = m.Measure(ctx)
	return s, err
}

// ofSaved reviews a saved plan: by itself, or with the database that it is for.
func (o *reviewOptions) ofSaved(ctx context.Context, path string, config lint.Config) (_ *review.Review, err error) {
	p, _, err := o.app.readPlan(path)
	if err != nil {
		return nil, err
	}
	if o.url == "" && len(o.queries.names) > 0 {
		return nil, diag.Errorf(diag.Pos{}, "bad-flag", "--queries are explained on a copy of the database that the plan is for").WithHint("give its --url")
	}
	if o.url == "" {
		d, err := dialectByName(p.Dialect)
		if err != nil {
			return nil, err
		}
		return review.Subject{Dialect: d, Server: plannedFor(d, p.Target), Config: config, Tables: p.Tables}.Plan(ctx, p, path)
	}
	named := len(o.to) > 0
	if !named {
		o.to = p.Sources
	}
	job, err := o.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, job.Close)
	if err := job.CheckSaved(ctx, p, named); err != nil {
		return nil, err
	}
	s, err := subjectOf(ctx, job, config)
	if err != nil {
		return nil, err
	}
	if s.Current, err = job.Current(ctx); err != nil {
		return nil, err
	}
	var note string
	if s.Desired, note = o.wanted(ctx, job, p); note != "" {
		o.app.io.Notify("note: %s", note)
	}
	if err := o.askQueries(ctx, o.queries, job, p, s.Desired); err != nil {
		return nil, err
	}
	return s.Plan(ctx, p, path)
}

// plannedFor is the server that a plan names as its target, as in "MariaDB 10.11.8".
func plannedFor(d dialect.Dialect, target string) safety.Server {
	s := newest(d)
	name, version, _ := strings.Cut(target, " ")
	if strings.EqualFold(name, "mariadb") {
		s.Flavor = "mariadb"
	}
	var found [3]int
	if n, _ := fmt.Sscanf(version, "%d.%d.%d", &found[0], &found[1], &found[2]); n > 0 {
		s.Version = found
	}
	return s
}

// wanted is the state that a saved plan leads to, where its sources are still at hand.
func (o *reviewOptions) wanted(ctx context.Context, job *engine.Job, p *plan.Plan) (*object.State, string) {
	const note = "the desired state of the plan is not at hand, so the review does not show how the objects will be defined"
	now, err := job.Plan(ctx)
	if err != nil {
		return nil, note + ": " + err.Error()
	}
	if found, err := job.Dialect.Kinds().Fingerprint(now.Desired); err != nil || found != p.Desired {
		return nil, note
	}
	return now.Desired, ""
}

// readPlan reads a saved plan, and says when it is another one than was saved. text is the whole file, which signatures
// are of.
func (a *app) readPlan(path string) (*plan.Plan, []byte, error) {
	p, text, err := readSaved(path)
	if err == nil && p.Edited() {
		a.io.Notify("note: %s was changed after it was saved: apply refuses it without --edited-plan", path)
	}
	return p, text, err
}

func readSaved(path string) (p *plan.Plan, text []byte, err error) {
	text, err = disk.Read(path)
	if err != nil {
		return nil, nil, diag.Errorf(diag.Pos{File: path}, "no-such-file", "the plan cannot be opened: %v", errors.Unwrap(err))
	}
	p, err = plan.Read(bytes.NewReader(text))
	if err != nil {
		return nil, nil, diag.Errorf(diag.Pos{File: path}, "bad-plan", "%v", err)
	}
	return p, text, nil
}

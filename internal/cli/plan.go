package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/source"
)

type planOptions struct {
	target
	out             string
	report          reportFlags
	detailed, prove bool
	checks          dataChecks
	queries         queryFlags
}

func newPlanCmd(a *app) *cobra.Command {
	o := &planOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what apply would change",
		Long: `plan compares the database with the desired state and shows the SQL that leads there, in the order in which apply
runs it, grouped by object: + adds, ~ changes, - drops, ± drops and makes again. It changes nothing.

The desired state is read by an empty dev database of the target's version, so that both sides are spelled by a
server; without --dev-url schemactl finds or makes one.`,
		Example: `  schemactl plan --url "postgres://app@localhost/app?sslmode=disable" --to file://schema.hcl
  schemactl plan --env prod --format json
  schemactl plan --env prod --format html --output plan.html   # as review writes it
  schemactl plan --env prod --out plan.json       # then: schemactl apply plan.json
  schemactl plan --env prod --prove               # tries it on a copy with made-up rows
  schemactl plan --env prod --check-data          # asks the rows whether they are in the way
  schemactl plan --env prod --queries queries.sql --queries pg_stat_statements   # which of them break
  schemactl plan --env ci --detailed-exitcode     # exits with 2 when there are changes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), o) },
	}
	o.desiredFlags(cmd)
	cmd.Flags().StringVar(&o.report.format, "format", "", "`format` of the output: text, json, sql or a Go template; or of a review of the plan: markdown, html, github, gitlab, sarif or junit; default text, or the environment's")
	o.report.outputFlag(cmd)
	cmd.Flags().StringVar(&o.out, "out", "", "save the plan to this `file`, for apply")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when there are changes, 0 when there are none")
	o.proveFlag(cmd, &o.prove)
	o.checks.checkFlags(cmd, false)
	o.queries.add(cmd)
	completeWords(cmd, "format", planFormats()...)
	return cmd
}

func runPlan(ctx context.Context, o *planOptions) (err error) {
	job, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	out, err := o.outputOf(o.report.format, "schema.diff", planValue{&plan.Plan{}}, planFormats()...)
	if err != nil {
		return err
	}
	r, err := job.Plan(ctx)
	if err != nil {
		return err
	}
	if r, err = o.askRenames(ctx, job, r, o.checks); err != nil {
		return err
	}
	if o.out != "" || out.name != "text" && out.name != "sql" {
		if err := r.Sign(job.Dialect); err != nil {
			return err
		}
	}
	if o.prove {
		if err := o.proveTo(ctx, job, r.Plan, r.Desired); err != nil {
			return err
		}
	}
	if err := o.askRows(ctx, o.checks, job, r.Plan); err != nil {
		return err
	}
	if err := o.askQueries(ctx, o.queries, job, r.Plan, r.Desired); err != nil {
		return err
	}
	if err := o.save(ctx, job, r); err != nil {
		return err
	}
	if err := o.present(ctx, job, r, out); err != nil {
		return err
	}
	o.tellNotes(job.Dialect, r)
	for _, check := range []func(*plan.Plan) error{o.checkProof, o.checkRows, o.checkQueries, o.checkStrict} {
		if err := check(r.Plan); err != nil {
			return err
		}
	}
	if o.detailed && !r.Plan.Empty() {
		return errChanges
	}
	return nil
}

// planFormats are the forms of a plan: its own, and those of a review of it.
func planFormats() []string {
	out := []string{"text", "json", "sql"}
	for _, f := range reviewFormats() {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// present writes the plan, or a review of it.
func (o *planOptions) present(ctx context.Context, job *engine.Job, r *engine.Result, out *output) error {
	if slices.Contains([]string{"", "text", "json", "sql"}, out.name) {
		return o.report.write(o.app.io, render.Summary(r.Plan), func(w io.Writer, colour bool) error { return o.showTo(w, colour, r.Plan, out) })
	}
	s, err := subjectOf(ctx, job, o.settings.Rules)
	if err != nil {
		return err
	}
	s.Current, s.Desired = r.Current, r.Desired
	reviewed, err := s.Plan(ctx, r.Plan, "plan")
	if err != nil {
		return err
	}
	write := func(w io.Writer, colour bool) error {
		return renderReview(w, reviewed, "schemactl plan", out.name, string(lint.Error), colour)
	}
	return errors.Join(o.report.write(o.app.io, render.ReviewSummary(reviewed), write), o.showProof(o.app.io.Err, r.Plan), o.showChecks(o.app.io.Err, r.Plan))
}

func (t *target) show(p *plan.Plan, out *output) error {
	return t.showTo(t.app.io.Out, t.app.io.Colour, p, out)
}

func (t *target) showTo(w io.Writer, colour bool, p *plan.Plan, out *output) error {
	switch out.name {
	case "":
		return errors.Join(out.write(w, planValue{p}), t.showAsked(t.app.io.Err, p))
	case "json":
		return render.JSON(w, p)
	case "sql":
		return errors.Join(render.SQL(w, p), t.showAsked(t.app.io.Err, p))
	}
	return errors.Join(render.Text(w, p, colour), t.showAsked(w, p))
}

// showAsked writes what the plan was held against.
func (t *target) showAsked(w io.Writer, p *plan.Plan) error {
	return errors.Join(t.showProof(w, p), t.showChecks(w, p), t.showQueries(w, p))
}

func (t *target) tellNotes(d dialect.Dialect, r *engine.Result) {
	for _, n := range slices.Concat(r.Plan.Notes, r.Hints(), r.Notes(d)) {
		t.app.io.Notify("%s", n)
	}
}

// save writes the plan for apply, with the hash of the files that it was made of.
func (o *planOptions) save(ctx context.Context, job *engine.Job, r *engine.Result) (err error) {
	p := r.Plan
	if o.out == "" || disproved(p) || len(p.FailedChecks()) > 0 || p.Queries.Failed() > 0 {
		return nil
	}
	if s := p.Masked(); s != nil {
		return diag.Errorf(s.Pos, "secret-not-saved", "the plan holds a secret, which is never saved: %s", s.Comment).
			WithHint("apply without saving the plan, or make a role without a password first")
	}
	if p.Digest, err = source.Digest(p.Sources, o.data()); err != nil {
		return err
	}
	p.Sources = engine.RedactSources(p.Sources)
	saved := withoutAnswers(p)
	if saved.Tables, err = job.Tables(ctx, p, r.Current); err != nil {
		return err
	}
	f, err := os.OpenFile(o.out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	defer closeAll(&err, f.Close)
	return saved.Write(f)
}

// checkStrict fails when the plan leaves objects alone that nobody manages.
func (t *target) checkStrict(p *plan.Plan) error {
	if !t.strict {
		return nil
	}
	var unmanaged []object.Entry
	for _, e := range p.Ledger {
		if e.Status == object.Unmanaged {
			unmanaged = append(unmanaged, e)
		}
	}
	if len(unmanaged) == 0 {
		return nil
	}
	d := diag.Errorf(diag.Pos{}, "unmanaged", "the database holds %d objects that schemactl does not manage", len(unmanaged))
	for _, l := range render.LedgerLines(unmanaged) {
		d.Message += "\n  " + l
	}
	return d.WithHint("exclude them by name, or leave --strict out")
}

// oneOf refuses a flag's value that is none of the words.
func oneOf(flag, value string, words ...string) error {
	for _, w := range words {
		if w == value {
			return nil
		}
	}
	d := diag.Errorf(diag.Pos{}, "bad-flag", "%s takes one of %v, not %q", flag, words, value)
	if near := diag.Nearest(value, words); near != "" {
		return d.WithHint("did you mean %s?", near)
	}
	return d
}

func completeWords(cmd *cobra.Command, flag string, words ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

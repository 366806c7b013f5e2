package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/online"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/project"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/run"
	"github.com/schemactl/schemactl/internal/visible"
)

type applyOptions struct {
	target
	approve, destructive, edited, dryRun, prove bool
	lockTimeout                                 time.Duration
	checks                                      dataChecks
	patience                                    run.Patience
	required                                    project.Approval
}

func newApplyCmd(a *app) *cobra.Command {
	o := &applyOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "apply [plan.json]",
		Short: "Bring the database to the desired state",
		Long: `apply plans, shows the plan, asks, and runs it; or it runs a plan that "plan --out" saved, if neither the database nor
the desired state changed since.

Steps that lose data are refused without --allow-destructive (or allow_destructive = true in the environment). A saved plan
that somebody changed by hand is refused without --edited-plan, which lints it and has it say what it loses. On
PostgreSQL a plan runs in one transaction; where that is not possible a failure says exactly which statements are
applied and which remain. MySQL and MariaDB cannot roll back: a journal in the database remembers what is done, and the
next apply goes on from there, even if this one is killed. Afterwards the database is read again and must be in the desired state.`,
		Example: `  schemactl apply --url "postgres://app@localhost/app" --to file://schema.hcl
  schemactl apply --env prod --auto-approve
  schemactl apply --env prod --prove              # tries the plan on a copy first
  schemactl apply --env prod plan.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.required.Required != 1 && o.required.Signers == "" {
				return diag.Errorf(diag.Pos{}, "bad-flag", "--approvals says how many must approve, and not who may").WithHint("add --require-approval FILE")
			}
			if o.required.Required < 1 {
				return diag.Errorf(diag.Pos{}, "bad-flag", "--approvals %d is no number of people", o.required.Required)
			}
			if len(args) == 0 && o.required.Signers != "" {
				return diag.Errorf(diag.Pos{}, "bad-flag", "--require-approval is for a saved plan: what is planned only now nobody can have approved").
					WithHint("schemactl plan --out plan.json, schemactl approve plan.json, schemactl apply plan.json")
			}
			if len(args) == 1 {
				return runSaved(cmd.Context(), o, args[0])
			}
			if o.edited {
				return diag.Errorf(diag.Pos{}, "bad-flag", "--edited-plan is for a saved plan").WithHint("name its file: schemactl apply plan.json --edited-plan")
			}
			return runApply(cmd.Context(), o)
		},
	}
	o.desiredFlags(cmd)
	cmd.Flags().BoolVar(&o.approve, "auto-approve", false, "do not ask")
	cmd.Flags().BoolVar(&o.destructive, "allow-destructive", false, "allow steps that lose data")
	cmd.Flags().BoolVar(&o.edited, "edited-plan", false, "run a saved plan that was changed by hand, as lint finds it")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show the plan and stop")
	o.proveFlag(cmd, &o.prove)
	o.checks.checkFlags(cmd, true)
	cmd.Flags().DurationVar(&o.lockTimeout, "lock-timeout", 10*time.Second, "how long to wait for another schemactl on the same database")
	cmd.Flags().DurationVar(&o.patience.Lock, "statement-lock-timeout", 0, "longest time that a statement waits for a lock; default 2s in plans that lock tables in use, else as the server has it")
	cmd.Flags().DurationVar(&o.patience.Statement, "statement-timeout", 0, "longest time for a statement; default as the server has it, and a few seconds for what only writes to the catalog of tables in use")
	cmd.Flags().IntVar(&o.patience.Retries, "retries", 10, "how often a transaction, or a statement outside of any, is tried again after a lock timeout or a deadlock")
	cmd.Flags().StringVar(&o.required.Signers, "require-approval", "", "run a saved plan only if one of the signers that this `file` lists signed it: see approve")
	_ = cmd.MarkFlagFilename("require-approval")
	cmd.Flags().IntVar(&o.required.Required, "approvals", 1, "how many of the signers must have signed it")
	return cmd
}

// runApply plans under the lock, so that nothing of schemactl's changes the database in between.
func runApply(ctx context.Context, o *applyOptions) (err error) {
	job, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	if err := o.unapproved(); err != nil {
		return err
	}
	out, err := o.outputOf("", "schema.apply", planValue{&plan.Plan{}}, "text", "json", "sql")
	if err != nil {
		return err
	}
	if !o.dryRun {
		unlock, err := job.Session.Lock(ctx, run.LockName, o.lockTimeout)
		if err != nil {
			return err
		}
		defer releaseLock(ctx, &err, unlock)
	}
	journal, again, err := o.openJournal(ctx, job)
	if err != nil {
		return err
	}
	r, err := job.Plan(ctx)
	if err != nil {
		return err
	}
	if !o.approve {
		if r, err = o.askRenames(ctx, job, r, o.checks); err != nil {
			return err
		}
	}
	r.Plan.Prepend(again)
	if err := o.askRows(ctx, o.checks, job, r.Plan); err != nil {
		return err
	}
	if err := o.show(r.Plan, out); err != nil {
		return err
	}
	o.tellNotes(job.Dialect, r)
	if err := o.checkStrict(r.Plan); err != nil {
		return err
	}
	if err := o.passed(r.Plan); err != nil {
		return err
	}
	if err := o.proven(ctx, job, r.Plan, r.Desired); err != nil {
		return err
	}
	if o.dryRun {
		return nil
	}
	if r.Plan.Empty() {
		return journal.End(ctx)
	}
	if err := o.settleReview(ctx, job, r.Plan, r.Current); err != nil {
		return err
	}
	if err := o.consent(ctx, r.Plan); err != nil {
		return err
	}
	if err := o.execute(ctx, job, journal, r.Plan); err != nil {
		return err
	}
	return o.verify(ctx, job, r.Desired)
}

// releaseLock gives the lock back even when the context has ended.
func releaseLock(ctx context.Context, err *error, unlock func(context.Context) error) {
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	*err = errors.Join(*err, unlock(clean))
}

// runSaved applies a saved plan, if it still fits.
func runSaved(ctx context.Context, o *applyOptions, path string) (err error) {
	if o.explicit {
		return diag.Errorf(diag.Pos{}, "bad-flag", "--explicit-algorithm changes the statements, and those of a saved plan stand").
			WithHint("give it to schemactl plan --out")
	}
	p, text, err := readSaved(path)
	if err != nil {
		return err
	}
	job, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	if err := o.permitted(path, p, text); err != nil {
		return err
	}
	out, err := o.outputOf("", "schema.apply", planValue{&plan.Plan{}}, "text", "json", "sql")
	if err != nil {
		return err
	}
	unlock, err := job.Session.Lock(ctx, run.LockName, o.lockTimeout)
	if err != nil {
		return err
	}
	defer releaseLock(ctx, &err, unlock)
	journal, again, err := o.openJournal(ctx, job)
	if err != nil {
		return err
	}
	if err := o.nothingElse(again); err != nil {
		return err
	}
	if err := o.stillFits(ctx, job, p); err != nil {
		return err
	}
	p.Prepend(again)
	if err := o.askRows(ctx, o.checks, job, p); err != nil {
		return err
	}
	if err := o.show(p, out); err != nil {
		return err
	}
	if err := o.passed(p); err != nil {
		return err
	}
	if err := o.proven(ctx, job, p, nil); err != nil {
		return err
	}
	if p.Empty() || o.dryRun {
		return nil
	}
	if err := o.settleReview(ctx, job, p, nil); err != nil {
		return err
	}
	if err := o.consent(ctx, p); err != nil {
		return err
	}
	if err := o.execute(ctx, job, journal, p); err != nil {
		return err
	}
	return o.verifySaved(ctx, job, p)
}

// stillFits refuses a saved plan that was made for another database or state, and lints one that was changed.
func (o *applyOptions) stillFits(ctx context.Context, job *engine.Job, p *plan.Plan) error {
	if err := job.CheckSaved(ctx, p, len(o.to) > 0); err != nil {
		return err
	}
	return o.lintEdited(ctx, job, p)
}

// consent gets the user's word: for what is lost by a flag, for the rest by yes.
func (o *applyOptions) consent(ctx context.Context, p *plan.Plan) error {
	if losses := p.Risks(); len(losses) > 0 && !o.destructive && !o.chosen.AllowDestructive {
		return diag.Errorf(diag.Pos{}, "destructive", "refused: the plan loses %s", strings.Join(losses, "; ")).
			WithHint("if that is meant, add --allow-destructive")
	}
	if o.approve {
		return nil
	}
	if !o.app.io.Interactive {
		return diag.Errorf(diag.Pos{}, "not-approved", "nobody is there to approve the plan").
			WithHint("on machines give --auto-approve")
	}
	yes, err := o.app.io.Confirm(ctx, `Apply this plan? Only "yes" does:`, "yes")
	if err != nil {
		return err
	}
	if !yes {
		o.app.io.Notify("Not applied; nothing has changed.")
		return errSilent
	}
	return nil
}

// execute runs the plan and tells how it goes.
func (o *applyOptions) execute(ctx context.Context, job *engine.Job, journal *run.Journal, p *plan.Plan) error {
	start := time.Now()
	err := run.Apply(ctx, job.Session, p, journal, run.Options{
		Progress: o.progress(ctx), Patience: o.patience, Tell: func(s string) { o.app.io.Notify("%s", s) }, Tool: online.Runner{URL: job.URL(), Tell: func(s string) { o.app.io.Notify("runs %s", s) }}.Run,
	})
	var f *run.Failure
	if errors.As(err, &f) {
		o.tellFailure(ctx, f)
		return errSilent
	}
	if err != nil {
		return err
	}
	o.app.io.Notify("Applied %s in %s.", render.Plural(len(p.Steps()), "statement"), time.Since(start).Round(time.Millisecond))
	return nil
}

// progress tells of statements that take long: on a terminal each as it starts, elsewhere those of over a second.
func (o *applyOptions) progress(context.Context) run.Progress {
	return func(done, total int, s *plan.Step, elapsed time.Duration) {
		switch {
		case elapsed > time.Second:
			o.app.io.Notify("[%d/%d] %s: done in %s", done, total, s.Comment, elapsed.Round(100*time.Millisecond))
		case elapsed == 0 && o.app.io.Live:
			o.app.io.Notify("[%d/%d] %s", done+1, total, s.Comment)
		}
	}
}

// tellFailure says which statement failed and why, what is applied, and what remains.
func (o *applyOptions) tellFailure(ctx context.Context, f *run.Failure) {
	n := o.app.io.Notify
	if ctx.Err() != nil {
		n("Interrupted at: %s", f.Step.Comment)
	} else {
		n("Error: %s failed", f.Step.Comment)
		n("%v", f.Err)
	}
	n("  statement: %s", visible.Brief(f.Step.SQL))
	if f.Step.Pos.Line > 0 {
		n("  declared at: %s", f.Step.Pos)
	}
	list := func(title string, steps []*plan.Step) {
		if len(steps) == 0 {
			return
		}
		n("%s", title)
		for _, s := range steps {
			n("  %s", s.Comment)
		}
	}
	list(fmt.Sprintf("Applied (%d):", len(f.Applied)), f.Applied)
	list(fmt.Sprintf("Rolled back (%d):", len(f.Undone)), f.Undone)
	list(fmt.Sprintf("Not run (%d):", len(f.Remaining)), f.Remaining)
	if len(f.Applied) == 0 {
		n("Nothing has changed.")
		return
	}
	n("The database stands between the two states. Mend the cause and run apply again: it plans from what is there.")
}

// verify reads the database again: it must be in the desired state.
func (o *applyOptions) verify(ctx context.Context, job *engine.Job, desired *object.State) error {
	rest, err := job.Remaining(ctx, desired)
	if err != nil || rest.Empty() {
		return err
	}
	o.app.io.Notify("The statements ran, but the database is not in the desired state. These differences remain:")
	if err := render.Text(o.app.io.Err, rest, false); err != nil {
		return err
	}
	name, err := job.WriteRepro(rest)
	if err != nil {
		return err
	}
	o.app.io.Notify("This is a fault of schemactl's. %s describes it with all names replaced; please attach it to a bug report.", name)
	return errSilent
}

// verifySaved compares with the fingerprint that the plan carries.
func (o *applyOptions) verifySaved(ctx context.Context, job *engine.Job, p *plan.Plan) error {
	now, err := job.Current(ctx)
	if err != nil {
		return err
	}
	arrived, err := job.Dialect.Kinds().Fingerprint(now)
	if err != nil {
		return err
	}
	if arrived != p.Desired && !p.Partial {
		return diag.Errorf(diag.Pos{}, "not-converged", "the statements ran, but the database is not in the state that the plan was made for").
			WithHint("run schemactl plan to see what differs")
	}
	return nil
}

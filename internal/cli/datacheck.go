package cli

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/datacheck"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/render"
)

// dataChecks are the flags of commands that ask the rows.
type dataChecks struct {
	on     bool
	budget datacheck.Budget
}

// checkFlags are those of commands that ask the rows; by itself tells whether they do so unasked.
func (d *dataChecks) checkFlags(cmd *cobra.Command, byItself bool) {
	f := cmd.Flags()
	f.BoolVar(&d.on, "check-data", byItself, "ask the rows, which are only read, whether the server will refuse a statement for them")
	f.DurationVar(&d.budget.Time, "check-timeout", 5*time.Second, "how long a query of a data check may take; what takes longer is told as not checked")
	f.Int64Var(&d.budget.Rows, "check-rows", 0, "do not read tables of more than this `number` of rows, as the server estimates; 0: any")
	f.IntVar(&d.budget.Examples, "check-examples", 5, "show the keys of this `number` of rows of each failed check; 0: none, and no value of any row")
}

// askRows runs the data checks of a plan.
func (t *target) askRows(ctx context.Context, d dataChecks, job *engine.Job, p *plan.Plan) error {
	if !d.on || len(p.Checks) == 0 {
		return nil
	}
	return datacheck.Run(ctx, job.Session, p, d.budget)
}

// showChecks writes the answers of the rows, or how many questions there are.
func (t *target) showChecks(w io.Writer, p *plan.Plan) error {
	if len(p.Checks) == 0 {
		return nil
	}
	return render.Checks(w, p, t.app.io.Colour && w == t.app.io.Out)
}

// checkRows fails when the rows show that the plan fails.
func (o *planOptions) checkRows(p *plan.Plan) error {
	if len(p.FailedChecks()) == 0 {
		return nil
	}
	if o.out != "" {
		o.app.io.Notify("%s is not written: the plan would fail.", o.out)
	}
	return errSilent
}

// withoutAnswers is the plan to be saved: answers are true for a moment only, and may hold values of rows.
func withoutAnswers(p *plan.Plan) *plan.Plan {
	saved := *p
	saved.Queries = nil
	saved.Checks = slices.Clone(p.Checks)
	for i := range saved.Checks {
		saved.Checks[i].Result = nil
	}
	return &saved
}

// passed refuses a plan that the rows are in the way of.
func (o *applyOptions) passed(p *plan.Plan) error {
	if len(p.FailedChecks()) == 0 {
		return nil
	}
	o.app.io.Notify("Not applied; nothing has changed. Mend the rows, or give --check-data=false and let the server find out.")
	return errSilent
}

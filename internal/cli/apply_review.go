package cli

import (
	"context"

	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/render"
)

// settleReview does as review in the lint block says: where it names a severity, nobody is asked about a plan without
// findings as grave as that. current is the state that the plan starts from; nil: it is read.
func (o *applyOptions) settleReview(ctx context.Context, job *engine.Job, p *plan.Plan, current *object.State) error {
	policy := o.settings.Review
	if o.approve || policy == "" || policy == "always" {
		return nil
	}
	s, err := subjectOf(ctx, job, o.settings.Rules)
	if err != nil {
		return err
	}
	if s.Current = current; current == nil {
		if s.Current, err = job.Current(ctx); err != nil {
			return err
		}
	}
	s.Script = nil // definitions are not shown
	r, err := s.Plan(ctx, p, "plan")
	if err != nil {
		return err
	}
	for _, h := range r.Hazards {
		if h.Worst().Rank() >= lint.Severity(policy).Rank() {
			o.app.io.Notify("Lint finds what is to be reviewed (review = %s):", policy)
			return render.LintText(o.app.io.Err, r.Hazards, "plan", false)
		}
	}
	o.app.io.Notify("Approved by lint: nothing as grave as review = %s.", policy)
	o.approve = true
	return nil
}

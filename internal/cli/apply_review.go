package cli

import (
	"context"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/online"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/visible"
)

// settleReview does as review in the lint block says: where it names a severity, nobody is asked about a plan without
// findings as grave as that. current is the state that the plan starts from; nil: it is read.
func (o *applyOptions) settleReview(ctx context.Context, job *engine.Job, p *plan.Plan, current *object.State) error {
	policy := o.settings.Review
	if o.approve || policy == "" || policy == "always" {
		return nil
	}
	r, err := o.reviewed(ctx, job, p, current)
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

// reviewed is the review of a plan without definitions. current is the state that the plan starts from; nil: it is read.
func (o *applyOptions) reviewed(ctx context.Context, job *engine.Job, p *plan.Plan, current *object.State) (*review.Review, error) {
	s, err := subjectOf(ctx, job, o.settings.Rules)
	if err != nil {
		return nil, err
	}
	if s.Current = current; current == nil {
		if s.Current, err = job.Current(ctx); err != nil {
			return nil, err
		}
	}
	s.Script = nil
	return s.Plan(ctx, p, "plan")
}

// permitted refuses a saved plan that is not the one that was approved, or saved, or that runs other programs.
func (o *applyOptions) permitted(path string, p *plan.Plan, text []byte) error {
	if err := o.approved(path, text); err != nil {
		return err
	}
	if err := o.unedited(path, p); err != nil {
		return err
	}
	return o.ownTools(path, p)
}

// unedited refuses a saved plan that somebody changed, unless the user says that it is meant.
func (o *applyOptions) unedited(path string, p *plan.Plan) error {
	if o.edited || !p.Edited() {
		return nil
	}
	return diag.Errorf(diag.Pos{File: path}, "edited-plan", "refused: the plan was changed after schemactl saved it").
		WithHint("plan again; or give --edited-plan, and the plan is linted as a migration is, and asks for --allow-destructive where lint finds that it loses data")
}

// ownTools refuses a saved plan that runs programs which the environment does not name.
func (o *applyOptions) ownTools(path string, p *plan.Plan) error {
	for _, step := range p.Steps() {
		if t := step.Tool; t != nil && !online.Config(o.chosen.Online).Permits(t) {
			return diag.Errorf(diag.Pos{File: path}, "online", "refused: the plan runs a program that the online block of this environment does not run so: %s", visible.Line(t.Name)).
				WithHint("plan again in this environment")
		}
	}
	return nil
}

// lintEdited shows what lint finds in a plan that was changed by hand, and has its steps say what they lose: what the file
// says of that is not to be relied on.
func (o *applyOptions) lintEdited(ctx context.Context, job *engine.Job, p *plan.Plan) error {
	if !p.Edited() {
		return nil
	}
	for _, step := range p.Steps() { // what hides behind another statement is not linted
		if found, err := job.Dialect.Split([]byte(step.SQL), ""); err != nil || len(found) != 1 {
			return diag.Errorf(step.Pos, "edited-plan", "refused: a step of the plan is not exactly one statement: %.200s", step.SQL).
				WithHint("give each statement a step of its own")
		}
	}
	r, err := o.reviewed(ctx, job, p, nil)
	if err != nil {
		return err
	}
	for i, step := range p.Steps() {
		lost := r.Statements[i].Loses
		for _, f := range r.Statements[i].Findings {
			if rule, ok := lint.Find(f.Rule); ok && rule.Class == "destructive" && len(lost) == 0 {
				lost = append(lost, "what lint says: it "+f.Message)
			}
		}
		if len(step.Losses()) == 0 {
			step.Loses = strings.Join(lost, "; ")
		}
	}
	o.app.io.Notify("The plan was changed after it was saved. Lint finds of it:")
	return render.LintText(o.app.io.Err, r.Hazards, "plan", false)
}

package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/prove"
	"github.com/schemactl/schemactl/internal/render"
)

func (t *target) proveFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "prove", false, "first try the plan on a copy of the schema with made-up rows, and fail when it does not do what it says")
}

// proveTo tries the plan on a copy and writes down how that went.
func (t *target) proveTo(ctx context.Context, job *engine.Job, p *plan.Plan, desired *object.State) (err error) {
	p.Proof = nil // of a saved plan: another one's
	if p.Empty() {
		return nil
	}
	if p.Proof, err = prove.Plan(ctx, job, p, desired); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the plan cannot be tried: %w", err)
	}
	return err
}

func (t *target) showProof(w io.Writer, p *plan.Plan) error {
	if p.Proof == nil {
		return nil
	}
	return render.Proof(w, p.Proof, t.app.io.Colour && w == t.app.io.Out)
}

func disproved(p *plan.Plan) bool { return p.Proof != nil && !p.Proof.Proven }

// checkProof fails when the plan does not do what it says.
func (o *planOptions) checkProof(p *plan.Plan) error {
	if !disproved(p) {
		return nil
	}
	if o.out != "" {
		o.app.io.Notify("%s is not written: the plan is not proven.", o.out)
	}
	return errSilent
}

// proven tries the plan before it is applied, if the user wants that, and tells how it went.
func (o *applyOptions) proven(ctx context.Context, job *engine.Job, p *plan.Plan, desired *object.State) error {
	if !o.prove {
		return nil
	}
	if err := o.proveTo(ctx, job, p, desired); err != nil {
		return err
	}
	if err := o.showProof(o.app.io.Out, p); err != nil {
		return err
	}
	if disproved(p) {
		o.app.io.Notify("Not applied; nothing has changed.")
		return errSilent
	}
	return nil
}

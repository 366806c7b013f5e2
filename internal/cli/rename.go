package cli

import (
	"context"
	"fmt"

	"github.com/schemactl/schemactl/internal/datacheck"
	"github.com/schemactl/schemactl/internal/engine"
)

// askRenames asks the person at the terminal which drops and adds are renames, and plans again with those that are.
// Where nobody is there to ask, the notes below the plan say how to put it.
func (t *target) askRenames(ctx context.Context, job *engine.Job, r *engine.Result, d dataChecks) (*engine.Result, error) {
	if err := t.sample(ctx, d, job, r); err != nil {
		return nil, err
	}
	refused := map[engine.Asked]bool{}
	for t.app.io.Interactive {
		var agreed []engine.Candidate
		for _, c := range r.Candidates {
			pair := engine.Asked{From: c.From, To: c.To}
			if c.Inherited || refused[pair] {
				continue
			}
			if c.Facts != "" {
				t.app.io.Notify("%s", c.Facts)
			}
			yes, err := t.app.io.Confirm(ctx, fmt.Sprintf("%s would be dropped and %s made new. Is it a rename? (y/N)", c.From, c.To), "y")
			if err != nil {
				return nil, err
			}
			if yes {
				agreed = append(agreed, c)
			} else {
				refused[pair] = true
			}
		}
		if len(agreed) == 0 {
			return r, nil
		}
		var err error
		if r, err = job.Again(ctx, r, agreed); err != nil {
			return nil, err
		}
		if err := t.sample(ctx, d, job, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// sample lets the rows say what speaks for a rename: what would be lost without it, and whether it would do.
func (t *target) sample(ctx context.Context, d dataChecks, job *engine.Job, r *engine.Result) error {
	for i := range r.Candidates {
		c := &r.Candidates[i]
		if !d.on {
			return nil
		}
		if c.Inherited {
			continue
		}
		facts, err := datacheck.Facts(ctx, job.Session, c.From, d.budget)
		if err != nil || facts == "" {
			return err
		}
		supposed, err := job.Suppose(ctx, r, *c)
		if err != nil {
			return err
		}
		demands, err := datacheck.Demands(ctx, job.Session, r.Plan, supposed.Plan, d.budget)
		if err != nil {
			return err
		}
		c.Facts = facts + demands
	}
	return nil
}

package cli

import (
	"context"
	"fmt"

	"github.com/schemactl/schemactl/internal/engine"
)

// askRenames asks the person at the terminal which drops and adds are renames, and plans again with those that are.
// Where nobody is there to ask, the notes below the plan say how to put it.
func (t *target) askRenames(ctx context.Context, job *engine.Job, r *engine.Result) (*engine.Result, error) {
	refused := map[engine.Candidate]bool{}
	for t.app.io.Interactive {
		var agreed []engine.Candidate
		for _, c := range r.Candidates {
			if refused[c] {
				continue
			}
			yes, err := t.app.io.Confirm(ctx, fmt.Sprintf("%s would be dropped and %s made new. Is it a rename? (y/N)", c.From, c.To), "y")
			if err != nil {
				return nil, err
			}
			if yes {
				agreed = append(agreed, c)
			} else {
				refused[c] = true
			}
		}
		if len(agreed) == 0 {
			return r, nil
		}
		var err error
		if r, err = job.Again(ctx, r, agreed); err != nil {
			return nil, err
		}
	}
	return r, nil
}

package engine

import (
	"context"
	"fmt"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/online"
	"github.com/schemactl/schemactl/internal/plan"
)

// options are how the request wants changes planned.
func (j *Job) options() Options {
	o := Options{Skip: j.request.Skip, Policy: j.request.Policy}
	o.Policy.Server = j.server().Planned()
	return o
}

// survey adds to a plan what only the live database tells, and writes into the statements how they are to run if that
// is wanted.
func (j *Job) survey(ctx context.Context, p *plan.Plan) error {
	if s, ok := j.Session.(dialect.Surveyor); ok {
		if err := s.Survey(ctx, p.Steps()); err != nil {
			return fmt.Errorf("survey the tables: %w", err)
		}
	}
	if err := j.handOver(ctx, p); err != nil {
		return err
	}
	if !j.request.Explicit {
		return nil
	}
	e, ok := j.Dialect.(dialect.Explicit)
	if !ok || j.Session.Server().Variant != "" {
		return diag.Errorf(diag.Pos{}, "no-algorithm", "%s has no words for the algorithm of a statement", Describe(j.Session.Server())).
			WithHint("leave out --explicit-algorithm, and explicit_algorithm in the diff block")
	}
	e.Explicit(p.Steps())
	return nil
}

// handOver gives the statements that copy big tables to the tool of the online block.
func (j *Job) handOver(ctx context.Context, p *plan.Plan) error {
	c, ok := j.Session.(dialect.Copier)
	if j.request.Online.Tool == "" {
		return nil
	}
	if !ok {
		return diag.Errorf(diag.Pos{}, "online", "%s alters no tables of %s", j.request.Online.Tool, Describe(j.Session.Server())).
			WithHint("leave the online block out")
	}
	facts := map[object.ID]dialect.CopyFacts{}
	for _, table := range online.Wanted(p, j.request.Online) {
		f, err := c.CopyFacts(ctx, table)
		if err != nil {
			return fmt.Errorf("look at %s: %w", table, err)
		}
		facts[table] = f
	}
	return online.Apply(p, j.request.Online, facts)
}

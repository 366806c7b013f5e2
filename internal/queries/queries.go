// Package queries tells what a plan does to the queries of programs: which of them break, return something else or lose
// their index. On a copy of the schema each is explained, and never run, before the plan and behind it. It knows no dialect.
package queries

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/run"
)

// limit is how long the server may think about one query.
const limit = 10 * time.Second

// Query is a query to be protected.
type Query struct {
	Name   string
	Source string
	Pos    diag.Pos
	Text   string // to be shown
	Calls  int64
	Asked  dialect.Asked
}

// List is what the user wants to be protected.
type List struct {
	Queries []Query
	Sources []plan.QuerySource
}

// outcome is what the server says to a query: how it would run, or why not.
type outcome struct {
	dialect.Explained
	refusal *diag.Diagnostic
}

// Run explains the queries before and behind the plan of a job. desired is nil for a saved plan.
func Run(ctx context.Context, job *engine.Job, p *plan.Plan, desired *object.State, list *List) (_ *plan.Queries, err error) {
	var states []*object.State
	if desired != nil {
		states = []*object.State{dialect.AtHome(job.Dialect, desired)}
	}
	lab, done, err := job.Lab(ctx, states...)
	if err != nil {
		return nil, err
	}
	t := &trial{Lab: lab, states: states, list: list}
	var untried []string
	t.plan, untried = lab.StayAtHome(p)
	err = lab.Lender.Lend(ctx, lab.Trial, t.lead)
	if ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx), done())
	}
	if err := errors.Join(err, done()); err != nil {
		return nil, err
	}
	out := judge(list.Queries, t.before, t.after, newCauses(p, lab.Whole))
	out.Server, out.Sources, out.Untried = engine.Describe(lab.Session.Server()), list.Sources, untried
	return out, nil
}

// trial is one look at the queries of a list.
type trial struct {
	*engine.Lab
	plan          *plan.Plan
	states        []*object.State
	list          *List
	before, after []outcome
}

func (t *trial) lead(ctx context.Context) error {
	creation, _, err := t.Copying(ctx, t.states...)
	if err != nil {
		return err
	}
	if err := t.run(ctx, "the current schema cannot be made again on the dev database", creation); err != nil {
		return err
	}
	if t.before, err = t.explain(ctx); err != nil {
		return err
	}
	if err := t.run(ctx, "a statement of the plan fails on a copy", t.plan); err != nil {
		return err
	}
	t.after, err = t.explain(ctx)
	return err
}

// run carries out a plan in the lab.
func (t *trial) run(ctx context.Context, failure string, p *plan.Plan) error {
	err := run.Apply(ctx, t.Session, p, &run.Journal{}, run.Options{})
	var f *run.Failure
	if !errors.As(err, &f) || ctx.Err() != nil {
		return err
	}
	d := diag.Errorf(f.Step.Pos, "not-tried", "%s: %v", failure, f.Err)
	d.Object = f.Step.ID.String()
	return d
}

// explain asks for all queries.
func (t *trial) explain(ctx context.Context) ([]outcome, error) {
	e, ok := t.Session.(dialect.Explainer)
	if !ok {
		return nil, diag.Errorf(diag.Pos{}, "unsupported", "queries of %s cannot be explained", t.Dialect().Name())
	}
	if err := e.Explaining(ctx, t.Whole); err != nil {
		return nil, err
	}
	out := make([]outcome, len(t.list.Queries))
	for i, q := range t.list.Queries {
		explained, err := e.Explain(ctx, q.Asked, limit)
		if err != nil && (!errors.As(err, &out[i].refusal) || ctx.Err() != nil) {
			return nil, fmt.Errorf("explain %s: %w", q.Name, err)
		}
		out[i].Explained = explained
	}
	return out, nil
}

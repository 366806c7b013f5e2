package engine

import (
	"context"
	"fmt"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/safety"
)

// Tables are what a reviewer without the database needs to know of the tables that a plan touches; nil where nothing is
// known of what statements do. Rows are the server's estimates.
func (j *Job) Tables(ctx context.Context, p *plan.Plan, current *object.State) (*safety.Saved, error) {
	ex, ok := j.Dialect.(dialect.Examiner)
	if !ok || p.Empty() {
		return nil, nil
	}
	m := j.model(ex, current)
	if measurer, ok := j.Session.(dialect.Measurer); ok {
		rows, err := measurer.Measure(ctx)
		if err != nil {
			return nil, fmt.Errorf("measure the tables: %w", err)
		}
		for id, n := range rows {
			if t := m.Table(safety.Name{Schema: id.Schema, Name: id.Name}); t != nil {
				t.Rows = n
			}
		}
	}
	var texts []string
	for _, s := range p.Steps() {
		texts = append(texts, s.SQL)
	}
	return m.Save(texts...), nil
}

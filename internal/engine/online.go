package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// measure asks the live database how large its tables are, where changes of large ones are to be split. Nil: nothing is
// to be asked, or nobody can tell.
func (j *Job) measure(ctx context.Context) func() (map[object.ID]int64, error) {
	m, ok := j.Session.(dialect.Measurer)
	if !ok || !j.request.BySize || j.read != nil {
		return nil
	}
	return func() (map[object.ID]int64, error) {
		rows, err := m.Measure(ctx)
		if err != nil {
			return nil, fmt.Errorf("measure the tables: %w", err)
		}
		return rows, nil
	}
}

// measured completes the policy by what the tables hold, if there is anything to do, under the names that they have once
// the renames are done.
func (o *Options) measured(r *kind.Renaming, changes int) error {
	if o.measure == nil || changes == 0 {
		return nil
	}
	rows, err := o.measure()
	if err != nil {
		return err
	}
	o.Policy.Online.Rows = map[object.ID]int64{}
	for _, k := range []string{"table", "materialized"} {
		for _, t := range r.Current.Kind(k) {
			if n, ok := rows[r.Was(t.ID)]; ok {
				o.Policy.Online.Rows[t.ID] = n
			}
		}
	}
	return nil
}

// checkWays refuses names of ways to split that the dialect does not know.
func checkWays(d dialect.Dialect, names []string) error {
	var known []string
	if s, ok := d.(dialect.Splitter); ok {
		for _, w := range s.Ways() {
			known = append(known, w.Name)
		}
	}
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		f := diag.Errorf(diag.Pos{}, "unknown-way", "%q is no way to split a change on %s", name, d.Name())
		switch near := diag.Nearest(name, known); {
		case len(known) == 0:
			return f.WithHint("take --online-except, or online_except in the diff block of the project file, out")
		case near != "":
			return f.WithHint("did you mean %s?", near)
		}
		return f.WithHint("there is: %s", strings.Join(known, ", "))
	}
	return nil
}

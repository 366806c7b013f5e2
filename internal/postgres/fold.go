package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// tableModel gathers the folded parts of a new table for Atlas; extra lists the constraints that only the server
// can spell.
func tableModel(to *object.State, table object.ID, parts []*plan.Step) (model atlas.Table, extra []string) {
	model = atlas.Table{Schema: table.Schema, Name: table.Name}
	for _, c := range foldedColumns(to, parts) {
		model.Columns = append(model.Columns, c.V.model(c.ID.Name, foldedDefault(to, c.ID, parts)))
	}
	for _, p := range parts {
		k, ok := kind.Get[Constraint](to, p.ID)
		if ok && (!listsAll(model, k) || !k.V.addTo(&model, k.ID)) {
			extra = append(extra, k.V.clause(k.ID.Name))
		}
	}
	return model, extra
}

// listsAll reports whether the model has all columns of a key; those of a parent table are not in it.
func listsAll(model atlas.Table, k kind.Of[Constraint]) bool {
	if len(model.Columns) == 0 {
		return false // Atlas writes no list that begins with a constraint
	}
	if k.ID.Kind != "primary_key" && k.ID.Kind != "unique" {
		return true
	}
	return !slices.ContainsFunc(k.V.Columns, func(name string) bool {
		return !slices.ContainsFunc(model.Columns, func(c atlas.Column) bool { return c.Name == name })
	})
}

// foldedColumns lists the columns among the parts in their order in the table.
func foldedColumns(to *object.State, parts []*plan.Step) []kind.Of[Column] {
	var out []kind.Of[Column]
	for _, p := range parts {
		if c, ok := kind.Get[Column](to, p.ID); ok && p.Op == plan.Create && p.Into.ID == c.Parent {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b kind.Of[Column]) int { return a.V.Position - b.V.Position })
	return out
}

func foldedDefault(to *object.State, column object.ID, parts []*plan.Step) string {
	for _, p := range parts {
		if d, ok := kind.Get[Default](to, p.ID); ok && d.Parent == column {
			return d.V.Expr
		}
	}
	return ""
}

// partitionBody lists what a partition has of its own.
func partitionBody(to *object.State, parts []*plan.Step) string {
	var out []string
	for _, p := range parts {
		if k, ok := kind.Get[Constraint](to, p.ID); ok {
			out = append(out, k.V.clause(k.ID.Name))
		}
	}
	return strings.Join(out, ",\n  ")
}

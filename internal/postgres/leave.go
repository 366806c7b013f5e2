package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A table that leaves a parent keeps what it had from it (PostgreSQL manual, "ALTER TABLE", NO INHERIT and DETACH
// PARTITION): its columns, with their defaults, and its checks.

// ancestors lists the tables that a table inherits from in a state, near and far, but for those that lie behind others
// in without.
func ancestors(s *object.State, table object.ID, without *object.State) []object.ID {
	var out []object.ID
	o := s.Get(table)
	if o == nil {
		return nil
	}
	for _, n := range o.Needs {
		if n.Kind != "table" || slices.Contains(out, n) {
			continue
		}
		if without != nil && slices.Contains(ancestors(without, table, nil), n) {
			continue
		}
		out = append(out, n)
		out = append(out, ancestors(s, n, nil)...)
	}
	return out
}

// leftColumns drop the columns that a table keeps from parents that it left, and is not to have.
func leftColumns(c *kind.Context, table object.ID) []plan.Step {
	columns := kind.Once(c, "current columns by table", func() map[object.ID][]object.ID {
		out := map[object.ID][]object.ID{}
		for _, o := range c.From.Kind("column") {
			out[o.Parent] = append(out[o.Parent], o.ID)
		}
		return out
	})
	var steps []plan.Step
	seen := map[object.ID]bool{}
	for _, parent := range ancestors(c.From, table, c.To) {
		for _, id := range columns[parent] {
			own := columnID(table, id.Name)
			column, had := inheritsColumn(c.From, own, table)
			if _, has := inheritsColumn(c.To, own, table); !had || has || c.To.Has(own) || seen[own] {
				continue
			}
			seen[own] = true
			step := alterTableStep(table, "DROP COLUMN "+ident(own.Name), "", "drop "+own.String()+", which was the parent's")
			if column.V.Generated == "" {
				step.Loses = "the values of " + own.String()
			}
			steps = append(steps, step)
		}
	}
	return steps
}

// leftChecks drop the checks that a table keeps from parents that it left, and is not to have.
func leftChecks(c *kind.Context, table object.ID) []plan.Step {
	var steps []plan.Step
	left, has := ancestors(c.From, table, c.To), ancestors(c.To, table, nil)
	for _, o := range c.From.Kind("check") {
		check, ok := kind.Get[Constraint](c.From, o.ID)
		own := o.ID
		own.Schema, own.Table = table.Schema, table.Name
		if !ok || check.V.NoInherit || !slices.Contains(left, o.Parent) || c.To.Has(own) || c.From.Has(own) {
			continue
		}
		if slices.ContainsFunc(has, func(p object.ID) bool {
			return c.To.Has(object.ID{Kind: "check", Schema: p.Schema, Table: p.Name, Name: own.Name})
		}) {
			continue // it is the new parent's to match
		}
		steps = append(steps, alterTableStep(table, "DROP CONSTRAINT "+ident(own.Name), "ADD CONSTRAINT "+ident(own.Name)+" "+check.V.Def, "drop "+own.String()+", which was the parent's"))
	}
	return steps
}

// keepColumn makes a column of a table's own of one that it had from a parent.
func keepColumn(c *kind.Context, had, col kind.Of[Column]) ([]plan.Step, error) {
	var steps []plan.Step
	expr := parentDefault(c.From, had.ID)
	if o, ok := kind.Get[InheritedColumn](c.From, inheritedID(col.ID)); ok && o.V.OwnDefault {
		expr = o.V.Default
	}
	if want := parentDefault(c.To, col.ID); expr != "" && want == "" && col.V.Generated == "" {
		steps = append(steps, alterColumnStep(col.ID, "DROP DEFAULT", setDefault(expr)))
	}
	if had.V.Type != col.V.Type || had.V.Collation != col.V.Collation {
		had.Object = &object.Object{ID: col.ID, Parent: col.Parent, Value: had.V}
		step, err := typeStep(had, col, "")
		if err != nil {
			return nil, err
		}
		step.Comment = "modify " + col.ID.String()
		steps = append(steps, step)
	}
	if had.V.NotNull != col.V.NotNull {
		steps = append(steps, alterColumnStep(col.ID, toggle(col.V.NotNull, "SET", "DROP")+" NOT NULL", ""))
	}
	return steps, nil
}

package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// keepColumn makes a column of a table's own of one that it had from a parent, which it still has.
func keepColumn(c *kind.Context, had, col kind.Of[Column]) ([]plan.Step, error) {
	var steps []plan.Step
	expr := parentDefault(c.From, had.ID)
	if o, ok := kind.Get[InheritedColumn](c.From, inheritedID(col.ID)); ok && o.V.OwnDefault {
		expr = o.V.Default
	}
	if want := parentDefault(c.To, col.ID); expr != "" && want == "" && col.V.Generated == "" {
		steps = append(steps, alterColumnStep(col.ID, "DROP DEFAULT", setDefault(expr)))
	}
	if !changesWithParent(c, had, col) && (had.V.Type != col.V.Type || had.V.Collation != col.V.Collation) {
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

// changesWithParent reports whether a column gets its type with that of a parent, which is there all the time.
func changesWithParent(c *kind.Context, from, to kind.Of[Column]) bool {
	return slices.ContainsFunc(alwaysAbove(c, to.Parent), func(p object.ID) bool {
		was, had := kind.Get[Column](c.From, columnID(p, to.ID.Name))
		is, has := kind.Get[Column](c.To, columnID(p, to.ID.Name))
		return had && has && was.V.Type == from.V.Type && is.V.Type == to.V.Type && is.V.Collation == to.V.Collation && !c.Goes(is.ID)
	})
}

// alwaysAbove lists the tables that a table inherits from before, all the time and after.
func alwaysAbove(c *kind.Context, table object.ID) []object.ID {
	if _, cut := tiesOf(c)[table]; cut {
		return nil
	}
	after := ancestors(c.To, table, nil)
	return slices.DeleteFunc(ancestors(c.From, table, nil), func(p object.ID) bool { return !slices.Contains(after, p) })
}

// heirs lists the tables that inherit directly from a table all the time.
func heirs(c *kind.Context, table object.ID) []object.ID {
	return kind.Once(c, "heirs", func() map[object.ID][]object.ID {
		out := map[object.ID][]object.ID{}
		for _, o := range c.From.Kind("table") {
			if _, cut := tiesOf(c)[o.ID]; cut || !c.To.Has(o.ID) {
				continue
			}
			for _, p := range o.Value.(*Table).parents() {
				out[p] = append(out[p], o.ID)
			}
		}
		return out
	})[table]
}

// dropFromParent drops a column of a table, but not from tables that inherit it and are to keep it as their own.
func dropFromParent(c *kind.Context, col kind.Of[Column], step plan.Step) []plan.Step {
	var drop []plan.Step
	keeps := false
	for _, h := range heirs(c, col.Parent) {
		own := columnID(h, col.ID.Name)
		switch {
		case c.To.Has(own):
			keeps = true
		case !c.From.Has(own):
			d := alterTableStep(h, "DROP COLUMN "+ident(own.Name), "", "drop "+own.String()+", which was the parent's")
			d.Loses = toggle(col.V.Generated == "", "the values of "+own.String(), "")
			drop = append(drop, d)
		}
	}
	if !keeps {
		return []plan.Step{step}
	}
	step.SQL = "ALTER TABLE ONLY " + tableOf(col.ID) + " DROP COLUMN " + ident(col.ID.Name)
	step.Prefix, step.Clause = "", ""
	return append([]plan.Step{step}, drop...)
}

// dropCheckFromParent drops a check of a table, but not from tables that inherit it and are to keep it as their own: only a
// partitioned table has none without its partitions.
func dropCheckFromParent(c *kind.Context, k kind.Of[Constraint], step plan.Step) []plan.Step {
	if t, ok := kind.Get[Table](c.From, k.Parent); !ok || t.V.PartitionBy != "" || k.V.NoInherit {
		return []plan.Step{step}
	}
	var drop []plan.Step
	keeps := false
	for _, h := range heirs(c, k.Parent) {
		own := k.ID
		own.Schema, own.Table = h.Schema, h.Name
		switch {
		case c.To.Has(own):
			keeps = true
		case !c.From.Has(own):
			drop = append(drop, alterTableStep(h, "DROP CONSTRAINT "+ident(own.Name), "", "drop "+own.String()+", which was the parent's"))
		}
	}
	if !keeps {
		return []plan.Step{step}
	}
	step.SQL = "ALTER TABLE ONLY " + tableOf(k.ID) + " DROP CONSTRAINT " + ident(k.ID.Name)
	return append([]plan.Step{step}, drop...)
}

// defaultsAgain sets the defaults of tables that inherit a column and have another one: a change of the parent's goes over
// them.
func defaultsAgain(c *kind.Context, table object.ID, name string) []plan.Step {
	var steps []plan.Step
	for _, h := range heirs(c, table) {
		own := columnID(h, name)
		special, differs := kind.Get[InheritedColumn](c.To, inheritedID(own))
		switch {
		case differs && special.V.OwnDefault:
			steps = append(steps, alterColumnStep(own, setDefault(special.V.Default), ""))
		case c.To.Has(own):
			steps = append(steps, alterColumnStep(own, setDefault(parentDefault(c.To, own)), ""))
		}
		steps = append(steps, defaultsAgain(c, h, name)...)
	}
	for i := range steps {
		steps[i].Prefix, steps[i].Clause, steps[i].UndoneAlong = "", "", true
		steps[i].Comment = "keep a default that is other than the parent's"
	}
	return steps
}

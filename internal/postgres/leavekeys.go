package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A partition that is detached keeps its parts of the partitioned table's indexes and keys, and its copies of the foreign
// keys (PostgreSQL manual, "ALTER TABLE", DETACH PARTITION).

// keptKeys maps what a former partition keeps, by the ID that it has there, to what it was a part or a copy of.
func keptKeys(c *kind.Context, table object.ID) map[object.ID]*object.Object {
	return kind.Once(c, "keys kept by "+table.String(), func() map[object.ID]*object.Object {
		out := map[object.ID]*object.Object{}
		was, ok := kind.Get[Table](c.From, table)
		if !ok || was.V.PartitionOf == "" {
			return out
		}
		for _, parent := range ancestors(c.From, table, c.To) {
			for _, o := range keysOf(c)[parent] {
				if id, ok := keptAs(o, table); ok && !hasPartOn(c.From, o.ID, table) {
					out[id] = o
				}
			}
		}
		return out
	})
}

// keysOf lists the indexes, keys and foreign keys of each partitioned table in the current state.
func keysOf(c *kind.Context) map[object.ID][]*object.Object {
	return kind.Once(c, "keys by partitioned table", func() map[object.ID][]*object.Object {
		out := map[object.ID][]*object.Object{}
		for _, k := range []string{"primary_key", "unique", "foreign_key", "index"} {
			for _, o := range c.From.Kind(k) {
				if t, ok := kind.Get[Table](c.From, o.Parent); ok && t.V.PartitionBy != "" {
					out[o.Parent] = append(out[o.Parent], o)
				}
			}
		}
		return out
	})
}

// keptAs is what the server calls a partition's part of a key.
func keptAs(o *object.Object, table object.ID) (object.ID, bool) {
	id := object.ID{Kind: o.ID.Kind, Schema: table.Schema, Table: table.Name}
	switch v := o.Value.(type) {
	case *Index:
		if v.Invalid {
			return id, false // which partitions have a part of it is not known
		}
		id.Name = v.automatic(table.Name)
	case *Constraint:
		switch o.ID.Kind {
		case "primary_key":
			id.Name = generatedName(table.Name, "", "pkey")
		case "unique":
			id.Name = generatedName(table.Name, strings.Join(v.Columns, "_"), "key")
		default:
			id.Name = o.ID.Name
		}
	}
	return id, true
}

// hasPartOn reports whether an index has a part on a table that is an object of its own.
func hasPartOn(s *object.State, index, table object.ID) bool {
	return slices.ContainsFunc(partsOf(s, index), func(part object.ID) bool { return tableID(part) == table })
}

// isKept reports whether a key that a table is to have is one that it keeps from the time when it was a partition.
func isKept(c *kind.Context, o *object.Object) bool {
	had := keptKeys(c, o.Parent)[o.ID]
	return had != nil && sameKey(had, o)
}

// sameKey compares two keys on different tables.
func sameKey(a, b *object.Object) bool {
	switch x := a.Value.(type) {
	case *Index:
		y, ok := b.Value.(*Index)
		return ok && afterTable(x.Def) == afterTable(y.Def) && x.Unique == y.Unique
	case *Constraint:
		y, ok := b.Value.(*Constraint)
		return ok && x.Def == y.Def && x.NotValid == y.NotValid
	}
	return false
}

// afterTable is the part of an index's definition that follows the table: USING …
func afterTable(def string) string {
	_, rest, _ := strings.Cut(def, " USING ")
	return rest
}

// leftKeys drop what a former partition keeps and is not to have.
func leftKeys(c *kind.Context, table object.ID) []plan.Step {
	var steps []plan.Step
	kept := keptKeys(c, table)
	for _, parent := range ancestors(c.From, table, c.To) {
		for _, o := range keysOf(c)[parent] {
			if id, ok := keptAs(o, table); ok && kept[id] == o {
				if to := c.To.Get(id); to == nil || !sameKey(o, to) {
					steps = append(steps, dropKept(id))
				}
			}
			for _, part := range partsOf(c.From, o.ID) {
				if tableID(part) == table && !c.To.Has(part) {
					steps = append(steps, dropKept(part))
				}
			}
		}
	}
	return steps
}

func dropKept(id object.ID) plan.Step {
	comment := "drop " + id.String() + ", which was a part of the partitioned table's"
	if id.Kind == "index" {
		return plan.Step{SQL: "DROP INDEX IF EXISTS " + qualified(id.Schema, id.Name), Comment: comment}
	}
	return alterTableStep(tableID(id), "DROP CONSTRAINT IF EXISTS "+ident(id.Name), "", comment)
}

package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// rowsHeldBy finds a column that holds rows of a table, or of one that inherits from it, before and after the plan: PostgreSQL
// changes no column's type then (src/backend/commands/tablecmds.c, find_composite_type_dependencies).
func rowsHeldBy(c *kind.Context, table object.ID) (object.ID, bool) {
	users := kind.Once(c, "row types", func() map[object.ID]object.ID { return rowTypeUsers(c.From, c.To) })
	if len(users) == 0 {
		return object.ID{}, false
	}
	if user, ok := users[table]; ok {
		return user, true
	}
	for used, user := range users {
		if slices.Contains(ancestors(c.From, used, nil), table) {
			return user, true
		}
	}
	return object.ID{}, false
}

// rowTypeUsers maps tables to the first column, by name, that holds rows of theirs and stays.
func rowTypeUsers(from, to *object.State) map[object.ID]object.ID {
	out := map[object.ID]object.ID{}
	for _, o := range from.Kind("column") {
		for _, n := range o.Needs {
			if n.Kind != "table" || n == o.Parent || n == tableID(o.ID) {
				continue
			}
			after, stays := kind.Get[Column](to, o.ID)
			if _, known := out[n]; !known && stays && slices.Contains(after.Needs, n) && after.V.Generated == "" {
				out[n] = o.ID
			}
		}
	}
	return out
}

func rowTypeFault(col kind.Of[Column], user object.ID) error {
	return diag.Errorf(col.Pos, "row-type-in-use", "the type of column %s cannot change while column %s holds rows of %s: PostgreSQL refuses it", col.ID.Path(), user.Path(), col.Parent.Path()).
		WithHint("declare %s as text with one plan, which keeps its rows in their text form, and as %s again with one after this change", user.Path(), col.Parent.Path())
}

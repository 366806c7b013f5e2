package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A table that comes to inherit keeps its own columns and checks beside those of the parent, merged with them (PostgreSQL
// manual, "ALTER TABLE", INHERIT). Nothing but making it anew would take them away, and nothing shows them until it
// leaves the parent.

// mergedColumn reports whether a column is merged with a parent's, and is to be the parent's.
func mergedColumn(c *kind.Context, col kind.Of[Column]) bool {
	parent, stays := inheritsColumn(c.To, col.ID, col.Parent)
	return stays && hasAncestor(c.From, col.Parent, object.ID{Kind: "column", Name: col.ID.Name}) && len(joinColumn(c, col, parent)) == 0
}

// joinColumn makes a column of a table's own no stricter than it is to be as its parent's.
func joinColumn(c *kind.Context, col, parent kind.Of[Column]) []plan.Step {
	special, ok := kind.Get[InheritedColumn](c.To, inheritedID(col.ID))
	if !col.V.NotNull || parent.V.NotNull || ok && special.V.NotNull {
		return nil
	}
	return []plan.Step{alterColumnStep(col.ID, "DROP NOT NULL", "SET NOT NULL")}
}

func mergedDefault(c *kind.Context, d kind.Of[Default]) bool {
	id := columnID(object.ID{Schema: d.ID.Schema, Name: d.ID.Table}, d.ID.Name)
	col, ok := kind.Get[Column](c.From, id)
	if !ok || !mergedColumn(c, col) {
		return false
	}
	parent, _ := inheritsColumn(c.To, id, col.Parent)
	return parentDefault(c.To, parent.ID) == d.V.Expr
}

func mergedCheck(c *kind.Context, k kind.Of[Constraint]) bool {
	return k.ID.Kind == "check" && parentsCheck(c.From, k) && parentsCheck(c.To, k)
}

// hasAncestor reports whether a table inherits from one that has an object of the kind and name.
func hasAncestor(s *object.State, table, what object.ID) bool {
	return slices.ContainsFunc(ancestors(s, table, nil), func(p object.ID) bool {
		what.Schema, what.Table = p.Schema, p.Name
		return s.Has(what)
	})
}

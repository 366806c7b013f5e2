package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// identityIndex is the index by which logical replication identifies the rows of a table, or "".
func identityIndex(t *Table) string {
	name, ok := strings.CutPrefix(t.ReplicaIdentity, "USING INDEX ")
	if !ok {
		return ""
	}
	return unquoteIdent(name)
}

// identitySteps mark an index that is made as the replica identity, if its table asks for it. The table cannot do that
// itself: it is there before the index. Dropping the index takes the mark away.
func identitySteps(c *kind.Context, index object.ID) []plan.Step {
	t, ok := kind.Get[Table](c.To, tableID(index))
	if !ok || identityIndex(t.V) != index.Name {
		return nil
	}
	return []plan.Step{alterTableStep(t.ID, "REPLICA IDENTITY USING INDEX "+ident(index.Name), "REPLICA IDENTITY DEFAULT",
		"identify the rows of "+t.ID.Path()+" by "+index.Name)}
}

// hasIdentityIndex reports whether the index that the table wants as replica identity is there already, and stays: one that
// is made again marks itself.
func hasIdentityIndex(c *kind.Context, t kind.Of[Table]) bool {
	for _, k := range []string{"index", "unique", "primary_key"} {
		id := object.ID{Kind: k, Schema: t.ID.Schema, Table: t.ID.Name, Name: identityIndex(t.V)}
		if from, ok := kind.Get[Index](c.From, id); ok {
			to, stays := kind.Get[Index](c.To, id)
			return stays && from.V.Def == to.V.Def && from.V.Invalid == to.V.Invalid
		}
		if from, ok := kind.Get[Constraint](c.From, id); ok {
			to, stays := kind.Get[Constraint](c.To, id)
			return stays && from.V.Def == to.V.Def
		}
	}
	return false
}

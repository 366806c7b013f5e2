package postgres

import (
	"slices"
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
	return []plan.Step{identityStep(t.ID, index.Name)}
}

func identityStep(table object.ID, index string) plan.Step {
	return alterTableStep(table, "REPLICA IDENTITY USING INDEX "+ident(index), "REPLICA IDENTITY DEFAULT",
		"identify the rows of "+table.Path()+" by "+index)
}

// identityShare is the part of an index or key above a partition by which it identifies its rows.
func identityShare(t *Table) (Share, bool) {
	i := slices.IndexFunc(t.Shares, func(s Share) bool { return s.ID.Name == identityIndex(t) && ownsIndex(s.ID) })
	if i < 0 {
		return Share{}, false
	}
	return t.Shares[i], true
}

// shareIdentity marks the part of an index above as the replica identity of a partition that is made or joins.
func shareIdentity(c *kind.Context, t kind.Of[Table]) []plan.Step {
	name := identityIndex(t.V)
	if name == "" || slices.ContainsFunc([]string{"index", "unique", "primary_key"}, func(k string) bool {
		return c.To.Has(object.ID{Kind: k, Schema: t.ID.Schema, Table: t.ID.Name, Name: name})
	}) {
		return nil // that marks itself
	}
	st := identityStep(t.ID, name)
	if share, ok := identityShare(t.V); ok {
		st.Needs = []object.ID{share.Of}
		return []plan.Step{st}
	}
	above := ancestors(c.To, t.ID, nil)
	for _, k := range []string{"index", "unique", "primary_key"} { // as it is declared, it names none of these
		for _, o := range c.To.Kind(k) {
			if slices.Contains(above, o.Parent) {
				st.Needs = append(st.Needs, o.ID)
			}
		}
	}
	return []plan.Step{st}
}

// hasIdentityIndex reports whether the index that the table wants as replica identity is there already, and stays: one that
// is made again marks itself.
func hasIdentityIndex(c *kind.Context, t kind.Of[Table]) bool {
	if share, ok := identityShare(t.V); ok {
		from, _ := kind.Get[Table](c.From, t.ID)
		was, had := from.V.shareOf(share.Of)
		return had && was.ID.Kind == share.ID.Kind && keyStays(c, share.Of)
	}
	for _, k := range []string{"index", "unique", "primary_key"} {
		id := object.ID{Kind: k, Schema: t.ID.Schema, Table: t.ID.Name, Name: identityIndex(t.V)}
		if c.From.Has(id) {
			return keyStays(c, id)
		}
	}
	return false
}

// keyStays reports whether an index or key is there all the time.
func keyStays(c *kind.Context, id object.ID) bool {
	if from, ok := kind.Get[Index](c.From, id); ok {
		to, stays := kind.Get[Index](c.To, id)
		return stays && from.V.Def == to.V.Def && from.V.Invalid == to.V.Invalid
	}
	from, ok := kind.Get[Constraint](c.From, id)
	to, stays := kind.Get[Constraint](c.To, id)
	return ok && stays && from.V.Def == to.V.Def && slices.Equal(from.V.Options, to.V.Options)
}

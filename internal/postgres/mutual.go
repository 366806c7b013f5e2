package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Partitioned tables whose foreign keys lead back to themselves by way of others can take the keys before their partitions
// join, or have them until these leave, only one at a time: the key of each would wait for the partitions of the other. Their
// keys come when all partitions have joined, and go before any leaves, and so do the partitions' shares of them.

// mutualKeys are such foreign keys of a state.
func mutualKeys(s *object.State) map[object.ID]bool {
	refers := map[object.ID][]*object.Object{} // by table
	partitioned := func(id object.ID) bool {
		t, ok := kind.Get[Table](s, id)
		return ok && t.V.PartitionBy != ""
	}
	for _, o := range s.Kind("foreign_key") {
		if to := o.Value.(*Constraint).references(); to != o.Parent && partitioned(o.Parent) && partitioned(to) {
			refers[o.Parent] = append(refers[o.Parent], o)
		}
	}
	out := map[object.ID]bool{}
	for table, keys := range refers {
		for _, k := range keys {
			if leadsTo(refers, k.Value.(*Constraint).references(), table) {
				out[k.ID] = true
			}
		}
	}
	return out
}

// goesItself reports whether a key is dropped, if only to be made again: its partitions' shares go with it.
func goesItself(from, to *object.State, key *object.Object) bool {
	return !sameKey(key, to.Get(key.ID)) || anew(from, to, key.Parent) != ""
}

func leadsTo(refers map[object.ID][]*object.Object, from, to object.ID) bool {
	seen := map[object.ID]bool{from: true}
	for next := []object.ID{from}; len(next) > 0; next = next[1:] {
		for _, k := range refers[next[0]] {
			ref := k.Value.(*Constraint).references()
			if ref == to {
				return true
			}
			if !seen[ref] {
				seen[ref], next = true, append(next, ref)
			}
		}
	}
	return false
}

// isMutual reports whether a step makes or drops one of them.
func isMutual(c *kind.Context, st *plan.Step) bool {
	if st.ID.Kind != "foreign_key" {
		return false
	}
	if st.Op == plan.Drop {
		return mutualBefore(c)[st.ID]
	}
	return kind.Once(c, "mutual keys after", func() map[object.ID]bool { return mutualKeys(c.To) })[st.ID]
}

func mutualBefore(c *kind.Context) map[object.ID]bool {
	return kind.Once(c, "mutual keys before", func() map[object.ID]bool { return mutualKeys(c.From) })
}

// isMutualShare reports whether a key of a table that leaves was its share of such one, which stays: it can go only then.
func isMutualShare(c *kind.Context, table object.ID, k kind.Of[Constraint]) bool {
	for id := range mutualBefore(c) {
		if of, ok := kind.Get[Constraint](c.From, id); ok && of.V.references() == k.V.references() && slices.Contains(tiesOf(c)[table].left, of.Parent) {
			return true
		}
	}
	return false
}

// settleMutual orders one among the partitions of its table that leave or join.
func settleMutual(st *plan.Step, former, next []object.ID) {
	for _, table := range former {
		st.Frees = append(st.Frees, claimUnheld(table))
	}
	for _, table := range next {
		st.Takes = append(st.Takes, claimJoined(table))
	}
}

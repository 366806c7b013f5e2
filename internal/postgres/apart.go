package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A partitioned table that gets an index or a key takes what its partitions have of the like for parts of it (PostgreSQL
// manual, "Partition Maintenance"). What is to stay apart gives way until the new one is there, and has its own parts.

// apartFrom maps indexes and keys of partitions to the new ones above, of which they would become parts and are to be none.
func apartFrom(from, to *object.State) map[object.ID][]object.ID {
	wholes := map[object.ID][]*object.Object{} // new ones, by their tables
	kinds := []string{"index", "unique", "foreign_key"}
	for _, k := range kinds {
		for _, o := range to.Kind(k) {
			if t, ok := kind.Get[Table](to, o.Parent); !ok || t.V.PartitionBy == "" {
				continue
			}
			if was := from.Get(o.ID); from.Has(o.Parent) && (was == nil || !sameKey(was, o)) {
				wholes[o.Parent] = append(wholes[o.Parent], o)
			}
		}
	}
	if len(wholes) == 0 {
		return nil
	}
	out := map[object.ID][]object.ID{}
	for _, k := range kinds {
		for _, o := range to.Kind(k) {
			if !isPartition(to, o.Parent) || !isPartition(from, o.Parent) {
				continue
			}
			for _, a := range ancestors(to, o.Parent, nil) {
				for _, w := range wholes[a] {
					if sameKey(o, w) && !slices.Contains(partsOf(to, w.ID), o.ID) {
						out[o.ID] = append(out[o.ID], w.ID)
					}
				}
			}
		}
	}
	return out
}

// markApart says of what is there and is to stay apart that it gives way.
func (p *speller) markApart(from *object.State, apart map[object.ID][]object.ID) {
	for id := range apart {
		if p.out[id] != nil || !from.Has(id) {
			continue
		}
		o := *p.s.Get(id)
		switch v := o.Value.(type) {
		case *Index:
			x := *v
			x.Apart, o.Value = true, &x
		case *Constraint:
			k := *v
			k.Apart, o.Value = true, &k
		}
		p.out[id] = &o
	}
}

// apartOf is what a plan keeps apart.
func apartOf(c *kind.Context) map[object.ID][]object.ID {
	return kind.Once(c, "apart", func() map[object.ID][]object.ID { return apartFrom(c.From, c.To) })
}

// keepAside orders what stays apart around the new ones above: it goes before them, and comes again after them.
func keepAside(c *kind.Context, steps []*plan.Step) {
	apart := apartOf(c)
	if len(apart) == 0 {
		return
	}
	over := map[object.ID][]object.ID{}
	for id, wholes := range apart {
		for _, w := range wholes {
			over[w] = append(over[w], id)
		}
	}
	for _, st := range steps {
		for _, w := range apart[st.ID] {
			if st.Op == plan.Drop {
				st.Frees = append(st.Frees, w.String()+" instead of "+st.ID.String())
			} else {
				st.Takes = append(st.Takes, w.String()+" beside "+st.ID.String())
			}
		}
		if st.Op == plan.Drop {
			continue
		}
		for _, id := range over[st.ID] {
			st.Takes = append(st.Takes, st.ID.String()+" instead of "+id.String())
			st.Frees = append(st.Frees, st.ID.String()+" beside "+id.String())
		}
	}
}

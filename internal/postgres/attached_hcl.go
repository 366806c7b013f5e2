package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func partOfAttr() hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "part_of", Takes: hcl.Reference, Refs: []string{"table.index", "partition.index"},
		Doc: "the index of the partitioned table that it is a part of, where it has a name of its own: part_of = table.logs.index.logs_at",
	}
}

// partOf reads which index of a partitioned table one is a part of.
func (d *decoder) partOf(b *hcl.Block, part *object.Object) {
	v, ok := b.Attr("part_of")
	if !ok || v.Ref.Target == nil {
		return
	}
	target := v.Ref.Target
	d.checks = append(d.checks, func() {
		whole := d.state.Get(d.idOf(target))
		if whole == nil || !slices.Contains(ancestors(d.state, part.Parent, nil), whole.Parent) {
			d.faults.Add(b.Errorf("not-a-part", "%s cannot be a part of %s: its table is no partition of the other's", b, target).
				WithHint("part_of names an index of the partitioned table that this table is a partition of"))
			return
		}
		whole.Mentions = append(whole.Mentions, part.ID)
	})
}

// partOf writes which index of a partitioned table one is a part of.
func (e *encoder) partOf(part object.ID, b *hcl.Block) {
	if e.wholes == nil {
		e.wholes = map[object.ID]object.ID{}
		for _, o := range e.state.Kind("index") {
			for _, p := range partsOf(e.state, o.ID) {
				e.wholes[p] = o.ID
			}
		}
	}
	if whole, ok := e.wholes[part]; ok {
		b.Set("part_of", hcl.To(append(e.path(tableID(whole)), "index", whole.Name)...))
	}
}

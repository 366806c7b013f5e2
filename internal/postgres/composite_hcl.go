package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

func compositeHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "composite", Labels: hcl.Qualified, Doc: "a composite type",
				Attrs: []hcl.AttrSpec{schemaAttr()},
				Blocks: []*hcl.BlockSpec{{
					Type: "field", Labels: hcl.OneLabel, Doc: "an attribute of the type",
					Attrs: []hcl.AttrSpec{
						typeAttr("type", "its type", true), collateAttr(),
						{Name: "comment", Takes: hcl.String, Doc: "the comment on the attribute"},
					},
				}},
			},
			decode: decodeComposite,
		}},
		encode: encodeComposite,
	}
}

func decodeComposite(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &Composite{}
	o := &object.Object{ID: id, Value: v, Claims: relationClaims(id)}
	for _, f := range b.Nested("field") {
		typ, _ := f.Attr("type")
		sql, needs := d.typeOf(typ)
		collation, more := d.collation(f)
		o.Needs = append(append(o.Needs, needs...), more...)
		v.Fields = append(v.Fields, Field{Name: f.Labels[0], Type: sql, Collation: collation})
	}
	d.declareType(id)
	if o = d.object(b, o); o == nil {
		return nil
	}
	for _, f := range b.Nested("field") {
		d.columnComment(f, columnID(id, f.Labels[0]), id)
	}
	return o
}

func encodeComposite(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	b := e.top(o)
	for _, f := range o.Value.(*Composite).Fields {
		n := b.Add("field", f.Name)
		n.Set("type", e.typeExpr(f.Type))
		e.setCollation(n, f.Collation)
		e.setColumnComment(n, columnID(o.ID, f.Name))
	}
	return b
}

// columnComment reads the comment on a column that is no object of its own.
func (d *decoder) columnComment(b *hcl.Block, column, owner object.ID) {
	if v, ok := b.Attr("comment"); ok && v.Text != "" {
		d.add(&object.Object{ID: commentID(column), Value: &Comment{Text: v.Text, Target: column}, Parent: owner, Pos: v.Pos}, v.Width)
	}
}

func (e *encoder) setColumnComment(b *hcl.Block, column object.ID) {
	if c, ok := kind.Get[Comment](e.state, commentID(column)); ok {
		e.said[c.ID] = true
		b.Set("comment", hcl.Str(c.V.Text))
	}
}

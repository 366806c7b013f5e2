package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func castHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "cast", Labels: hcl.NoLabel, Doc: "a conversion between two types; without a function or inout the two are stored alike",
				Attrs: []hcl.AttrSpec{
					typeAttr("from", "the type that is converted", true), typeAttr("to", "the type that it becomes", true),
					{Name: "function", Takes: hcl.Expr, Doc: `the function that converts, with its arguments: "public.f(integer)"`},
					{Name: "inout", Takes: hcl.Bool, Doc: "true: by way of the text"},
					{Name: "context", Takes: hcl.Word, Words: []string{"ASSIGNMENT", "IMPLICIT"}, Doc: "where it is done unasked"},
					{Name: "comment", Takes: hcl.String, Doc: "the comment on the object"},
				},
			},
			bare:   true,
			decode: decodeCast,
		}},
		encode: encodeCast,
	}
}

func decodeCast(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	from, _ := b.Attr("from")
	to, _ := b.Attr("to")
	v := &Cast{Function: b.Text("function"), InOut: b.Bool("inout", false), Context: b.Text("context")}
	if v.Function != "" && v.InOut {
		d.faults.Add(b.Errorf("conflict", "the cast has a function and inout").WithHint("keep one of the two"))
	}
	o := &object.Object{Value: v}
	var needs []object.ID
	v.Source, o.Needs = d.typeOf(from)
	v.Target, needs = d.typeOf(to)
	o.Needs = append(o.Needs, needs...)
	o.ID = object.ID{Kind: "cast", Name: signatureType(v.Source) + " as " + signatureType(v.Target)}
	o.Claims = []string{o.ID.String()}
	return d.object(b, o)
}

func encodeCast(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Cast)
	b := &hcl.Block{Type: "cast"}
	b.Set("from", e.typeExpr(v.Source))
	b.Set("to", e.typeExpr(v.Target))
	setRaw(b, "function", v.Function)
	setTrue(b, "inout", v.InOut)
	if v.Context != "" {
		b.Set("context", hcl.Bare(v.Context))
	}
	return b
}

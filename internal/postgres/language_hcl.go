package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func languageHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "language", Labels: hcl.OneLabel, Doc: "a procedural language that no extension brings",
				Attrs: []hcl.AttrSpec{
					{Name: "handler", Takes: hcl.Expr, Required: true, Doc: "the function that calls its routines, as SQL"},
					{Name: "inline", Takes: hcl.Expr, Doc: "the function that runs DO blocks, as SQL"},
					{Name: "validator", Takes: hcl.Expr, Doc: "the function that checks new routines, as SQL"},
					{Name: "trusted", Takes: hcl.Bool, Doc: "true: everybody may use it"},
				},
			},
			id: func(_ *decoder, b *hcl.Block) object.ID { return object.ID{Kind: "language", Name: b.Name()} },
			decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
				id := d.idOf(b)
				return d.object(b, &object.Object{ID: id, Claims: []string{id.String()}, Value: &Language{
					Trusted: b.Bool("trusted", false), Handler: b.Text("handler"), Inline: b.Text("inline"), Validator: b.Text("validator"),
				}})
			},
		}},
		encode: func(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
			v := o.Value.(*Language)
			b := &hcl.Block{Type: "language", Labels: []string{o.ID.Name}}
			setRaw(b, "handler", v.Handler)
			setRaw(b, "inline", v.Inline)
			setRaw(b, "validator", v.Validator)
			setTrue(b, "trusted", v.Trusted)
			return b
		},
	}
}

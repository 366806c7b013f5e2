package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func schemaHCL() hclKind {
	return hclKind{forms: []hclForm{{
		spec:   &hcl.BlockSpec{Type: "schema", Labels: hcl.OneLabel, Doc: "a schema of the database"},
		decode: decodeSchema,
	}}}
}

func decodeSchema(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	o := d.object(b, &object.Object{ID: id, Value: &Schema{}, Claims: []string{"schema " + id.Name}})
	if _, said := b.Attr("comment"); o != nil && !said && id.Name == "public" {
		target := id
		d.add(&object.Object{ID: commentID(target), Value: &Comment{Text: publicComment, Target: target}, Parent: target, Pos: b.Pos}, 0)
	}
	return o
}

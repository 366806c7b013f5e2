package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func extensionHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "extension", Labels: hcl.OneLabel, Doc: "an extension; what it brings belongs to it and is never touched",
				Attrs: []hcl.AttrSpec{
					{Name: "schema", Takes: hcl.Reference, Refs: []string{"schema"}, Doc: "the schema for what it brings; its own or public by default"},
					{Name: "version", Takes: hcl.String, Doc: "its version; the one that the server installs by default"},
				},
			},
			id:     func(_ *decoder, b *hcl.Block) object.ID { return object.ID{Kind: "extension", Name: b.Name()} },
			decode: decodeExtension,
		}},
		encode: encodeExtension,
	}
}

func decodeExtension(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	if id.Name == "plpgsql" {
		return nil // every database has it
	}
	v := &Extension{Schema: d.schemaOf(b), Version: b.Text("version")}
	o := &object.Object{ID: id, Value: v, Claims: []string{"extension " + id.Name}}
	if v.Schema != "" {
		o.Needs = []object.ID{schemaID(v.Schema)}
	}
	return d.object(b, o)
}

func encodeExtension(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Extension)
	b := &hcl.Block{Type: "extension", Labels: []string{o.ID.Name}}
	b.Set("schema", hcl.To("schema", v.Schema))
	setText(b, "version", v.Version)
	return b
}

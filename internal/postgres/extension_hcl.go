package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

func extensionHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "extension", Labels: hcl.OneLabel, Doc: "an extension; what it brings belongs to it and is never touched",
				Attrs: []hcl.AttrSpec{
					{Name: "schema", Takes: hcl.Reference, Refs: []string{"schema"}, Doc: "the schema for what it brings; without it, wherever it is"},
					{Name: "version", Takes: hcl.String, Doc: "its version; without it, any is right"},
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

var _ dialect.HCLNoter = Dialect{}

// openSetting is where a catalog keeps what the declaration of an extension leaves open.
const openSetting = "open: extension "

// NoteHCL notes which extensions are declared without a schema or a version: the server fills in what it likes, which is
// no wish.
func (Dialect) NoteHCL(desired *object.State, c *catalog.Catalog) {
	for _, o := range desired.Kind("extension") {
		v := o.Value.(*Extension)
		var open []string
		if v.Schema == "" {
			open = append(open, "schema")
		}
		if v.Version == "" {
			open = append(open, "version")
		}
		if len(open) > 0 {
			c.Settings[openSetting+o.ID.Name] = strings.Join(open, " ")
		}
	}
}

// sameExtension is the extension with what its declaration leaves open as it is live; nil where that is no difference.
func sameExtension(current, desired *object.State, o *object.Object, v *Extension) *object.Object {
	live, ok := kind.Get[Extension](current, o.ID)
	if !ok {
		return nil
	}
	extension, out := *v, *o
	if slices.Contains(v.Open, "version") {
		extension.Version, extension.Installed = live.V.Version, live.V.Installed
	}
	if here := schemaID(live.V.Schema); slices.Contains(v.Open, "schema") && (desired.Has(here) || !current.Has(here)) {
		extension.Schema = live.V.Schema
	}
	if extension.Version == v.Version && extension.Schema == v.Schema {
		return nil
	}
	out.Value = &extension
	return &out
}

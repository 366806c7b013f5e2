package postgres

import (
	"cmp"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func rangeHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "range", Labels: hcl.Qualified, Doc: "a range type, with its multirange type",
				Attrs: []hcl.AttrSpec{
					schemaAttr(), typeAttr("subtype", "the type of the bounds", true),
					{Name: "multirange", Takes: hcl.String, Doc: "the name of the multirange type, where it is not the server's own choice"},
					{Name: "constructor", Takes: hcl.String, Doc: "the name of the functions that make ranges, where it is not that of the type"},
					{Name: "multirange_constructor", Takes: hcl.String, Doc: "the name of those that make multiranges, where it is not that of the multirange type"},
					{Name: "subtype_opclass", Takes: hcl.Expr, Doc: "the operator class that orders the bounds, as SQL"},
					collateAttr(),
					{Name: "canonical", Takes: hcl.Expr, Doc: "the function that gives equal ranges one form, as SQL"},
					{Name: "subtype_diff", Takes: hcl.Expr, Doc: "the function that measures the distance of two bounds, as SQL"},
				},
			},
			decode: decodeRange,
		}},
		encode: encodeRange,
	}
}

func decodeRange(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &Range{
		OpClass: b.Text("subtype_opclass"), Canonical: b.Text("canonical"), Diff: b.Text("subtype_diff"),
		Multirange: cmp.Or(b.Text("multirange"), multirangeName(id.Name)),
	}
	v.Constructor, v.MultirangeConstructor = unless(b.Text("constructor"), id.Name), unless(b.Text("multirange_constructor"), v.Multirange)
	o := &object.Object{ID: id, Value: v, Claims: []string{typeClaim(id.Schema, id.Name), typeClaim(id.Schema, v.Multirange)}}
	typ, _ := b.Attr("subtype")
	v.Subtype, o.Needs = d.typeOf(typ)
	var needs []object.ID
	v.Collation, needs = d.collation(b)
	o.Needs = append(o.Needs, needs...)
	d.declareType(id)
	d.types[qualified(id.Schema, v.Multirange)], d.types[v.Multirange] = id, id
	return d.object(b, o)
}

// multirangeName is the name that the server gives a multirange type (src/backend/catalog/pg_type.c,
// makeMultirangeTypeName).
func multirangeName(name string) string {
	const most = 63
	if before, after, ok := strings.Cut(name, "range"); ok {
		return strings.ToValidUTF8(firstBytes(before+"multirange"+after, most), "")
	}
	return strings.ToValidUTF8(firstBytes(name, most-len("_multirange")), "") + "_multirange"
}

func firstBytes(s string, n int) string { return s[:min(n, len(s))] }

func encodeRange(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Range)
	b := e.top(o)
	b.Set("subtype", e.typeExpr(v.Subtype))
	if v.Multirange != multirangeName(o.ID.Name) {
		b.Set("multirange", hcl.Str(v.Multirange))
	}
	setText(b, "constructor", v.Constructor)
	setText(b, "multirange_constructor", v.MultirangeConstructor)
	e.setCollation(b, v.Collation)
	setRaw(b, "subtype_opclass", v.OpClass)
	setRaw(b, "canonical", v.Canonical)
	setRaw(b, "subtype_diff", v.Diff)
	return b
}

// setRaw writes a piece of SQL, if there is any.
func setRaw(b *hcl.Block, name, sql string) {
	if sql != "" {
		b.Set(name, hcl.Raw(sql))
	}
}

// setText writes a text, if there is any.
func setText(b *hcl.Block, name, text string) {
	if text != "" {
		b.Set(name, hcl.Str(text))
	}
}

// setTrue writes what is true.
func setTrue(b *hcl.Block, name string, on bool) {
	if on {
		b.Set(name, hcl.Flag(true))
	}
}

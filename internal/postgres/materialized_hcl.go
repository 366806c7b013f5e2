package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// materializedHCL declares materialized views; their indexes stand in the block as in that of a table.
func materializedHCL() hclKind {
	return hclKind{
		forms: []hclForm{
			{
				spec: &hcl.BlockSpec{
					Type: "materialized", Labels: hcl.Qualified, Doc: "a materialized view",
					Attrs: []hcl.AttrSpec{
						schemaAttr(), queryAttr(),
						{Name: "with_no_data", Takes: hcl.Bool, Doc: "true: a new one is left empty until somebody refreshes it"},
						{Name: "access_method", Takes: hcl.Expr, Doc: "the table access method; heap by default"},
						{Name: "tablespace", Takes: hcl.Expr, Doc: "the tablespace; the database's by default"},
					},
					Blocks: []*hcl.BlockSpec{
						{Type: "storage_params", Single: true, Doc: "storage parameters: fillfactor = 70", Any: hcl.Number | hcl.Bool | hcl.String},
					},
				},
				decode: decodeMaterialized,
			},
			viewColumnForm("materialized"),
		},
		encode: encodeMaterialized,
	}
}

func decodeMaterialized(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	m := &Materialized{
		Query: queryOf(b), Unpopulated: b.Bool("with_no_data", false), AccessMethod: unless(b.Text("access_method"), "heap"),
		Tablespace: b.Text("tablespace"), Options: storageParams(b.Only("storage_params")),
	}
	return d.object(b, &object.Object{ID: id, Value: m, Claims: relationClaims(id)})
}

func encodeMaterialized(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	m := o.Value.(*Materialized)
	b := e.top(o)
	if m.AccessMethod != "" {
		b.Set("access_method", hcl.Str(m.AccessMethod))
	}
	if m.Tablespace != "" {
		b.Set("tablespace", hcl.Str(m.Tablespace))
	}
	setFlag(b, "with_no_data", m.Unpopulated)
	b.Set("as", hcl.Code(m.Query))
	e.viewColumns(o, nil, b)
	encodeStorageParams(m.Options, b)
	return b
}

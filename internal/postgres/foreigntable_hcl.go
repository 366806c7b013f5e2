package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func foreignTableHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "foreign_table", Labels: hcl.Qualified, Doc: "a foreign table",
				Attrs: []hcl.AttrSpec{
					schemaAttr(),
					{Name: "server", Takes: hcl.Reference | hcl.String, Refs: []string{"server"}, Required: true, Doc: "the server that holds it: server = server.other"},
					optionsAttr(),
					{Name: "of", Takes: hcl.Reference | hcl.SQL, Refs: []string{"table", "partition"}, Doc: "the table of which it is a partition"},
					{Name: "inherits", Takes: hcl.Reference | hcl.SQL, Refs: []string{"table"}, List: true, Doc: "the tables whose columns it inherits"},
				},
				Blocks: boundBlocks(),
			},
			decode: decodeForeignTable,
		}},
		encode: encodeForeignTable,
	}
}

func decodeForeignTable(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &ForeignTable{Server: b.Text("server")}
	v.Options = d.options(b, &v.Secrets)
	o := &object.Object{ID: id, Value: v, Claims: relationClaims(id)}
	if server, _ := b.Attr("server"); server.Ref.Target != nil {
		of := d.idOf(server.Ref.Target)
		v.Server, o.Needs = of.Name, append(o.Needs, of)
	}
	if of, ok := b.Attr("of"); ok {
		v.PartitionOf, v.Bound = d.tableName(of, o), d.bound(b)
	}
	for _, parent := range b.List("inherits") {
		v.Inherits = append(v.Inherits, d.tableName(parent, o))
	}
	d.declareType(id)
	return d.object(b, o)
}

func encodeForeignTable(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*ForeignTable)
	b := e.top(o)
	b.Set("server", hcl.Str(v.Server))
	if id := (object.ID{Kind: "server", Name: v.Server}); e.state.Has(id) {
		b.Attrs[len(b.Attrs)-1].Value = hcl.To("server", v.Server)
	}
	setOptions(b, v.Options)
	if v.PartitionOf != "" {
		b.Set("of", e.tableRef(v.PartitionOf))
		encodeBound(v.Bound, b)
	}
	if len(v.Inherits) > 0 {
		var parents []hcl.Value
		for _, p := range v.Inherits {
			parents = append(parents, e.tableRef(p))
		}
		b.Set("inherits", hcl.Items(parents...))
	}
	return b
}

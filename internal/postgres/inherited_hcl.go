package postgres

import (
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// inheritedColumnHCL says what a partition or a child has otherwise than its parent.
func inheritedColumnHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "override", Labels: hcl.OneLabel, Doc: "what is otherwise in a column that the parent has too; the label is the column's name",
				Attrs: []hcl.AttrSpec{
					{Name: "null", Takes: hcl.Bool, Doc: "false: it may not be null here"},
					{Name: "default", Takes: hcl.String | hcl.Number | hcl.Bool | hcl.SQL, Doc: "the default here"},
					{Name: "no_default", Takes: hcl.Bool, Doc: "true: it has no default here"},
				},
			},
			in: []string{"table", "partition", "foreign_table"}, id: inheritedColumnID, decode: decodeInheritedColumn,
		}},
		encode: encodeInheritedColumn,
		link: func(d *decoder, o *object.Object) {
			v := o.Value.(*InheritedColumn)
			column := columnID(o.Parent, o.ID.Name)
			if parent, ok := inheritsColumn(d.state, column, o.Parent); ok {
				v.Column = parent.ID
				o.Needs = append(o.Needs, parent.ID)
				return
			}
			d.faults.Add(diag.Errorf(o.Pos, "unknown-column", "the %s has no column %q from a parent", o.Parent, o.ID.Name))
		},
	}
}

func inheritedColumnID(d *decoder, b *hcl.Block) object.ID {
	table := d.idOf(b.Parent)
	return object.ID{Kind: "inherited_column", Schema: table.Schema, Table: table.Name, Name: b.Labels[0]}
}

func decodeInheritedColumn(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	v := &InheritedColumn{NotNull: !b.Bool("null", true)}
	value, given := b.Attr("default")
	switch none := b.Bool("no_default", false); {
	case given && none:
		d.faults.Add(value.Errorf("conflict", "%s has a default and none", b).WithHint("keep one of default and no_default"))
	case given:
		v.Default, v.OwnDefault = defaultExpr(value), true
	case none:
		v.OwnDefault = true
	}
	return d.object(b, &object.Object{ID: d.idOf(b), Value: v, Parent: table.ID})
}

func encodeInheritedColumn(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*InheritedColumn)
	b := &hcl.Block{Type: "override", Labels: []string{o.ID.Name}}
	if v.NotNull {
		b.Set("null", hcl.Flag(false))
	}
	switch {
	case v.Default != "":
		b.Set("default", hcl.Raw(v.Default))
	case v.OwnDefault:
		b.Set("no_default", hcl.Flag(true))
	}
	return b
}

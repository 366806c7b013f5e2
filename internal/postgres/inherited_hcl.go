package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// inheritedColumnHCL says what a partition or a child table has otherwise than its parent in a column that it has from
// there. The block is there too for the comment on such a column, which is no object of its own.
func inheritedColumnHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "override", Labels: hcl.OneLabel, Doc: "what is otherwise in a column that the parent, or the type of a typed table, has too; the label is the column's name",
				Attrs: []hcl.AttrSpec{
					{Name: "null", Takes: hcl.Bool, Doc: "false: it may not be null here, although it may be in the parent"},
					{Name: "default", Takes: hcl.String | hcl.Number | hcl.Bool | hcl.SQL, Doc: "its default here"},
					{Name: "no_default", Takes: hcl.Bool, Doc: "true: it has no default here, although it has one in the parent"},
				},
				Blocks: []*hcl.BlockSpec{notNullBlock()},
			},
			in:     []string{"table", "partition", "foreign_table"},
			id:     inheritedColumnID,
			decode: decodeInheritedColumn,
		}},
		encodeAttrs: encodeInheritedColumns,
	}
}

func inheritedColumnID(d *decoder, b *hcl.Block) object.ID {
	id := columnID(d.idOf(b.Parent), b.Labels[0])
	id.Kind = "inherited_column"
	return id
}

func decodeInheritedColumn(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	if typ := b.Parent.Text("of_type"); typ != "" {
		return decodeTypedColumn(d, b, table, typ)
	}
	if n := b.Only("not_null"); n != nil {
		d.faults.Add(n.Errorf("conflict", "%s has a block %q, which only typed tables take", b, n.Type).WithHint("write null = false"))
	}
	id := d.idOf(b)
	own := columnID(table.ID, id.Name)
	v := &InheritedColumn{NotNull: !b.Bool("null", true)}
	def, hasDefault := b.Attr("default")
	if hasDefault {
		v.Default = defaultExpr(def)
	}
	none, _ := b.Attr("no_default")
	if v.OwnDefault = hasDefault || none.Bool; hasDefault && none.Bool {
		d.faults.Add(none.Errorf("conflict", "%s has a default and none", b).WithHint("keep one of default and no_default"))
	}
	d.columnComment(b, own, table.ID)
	if !v.NotNull && !v.OwnDefault {
		d.checks = append(d.checks, func() { d.parentColumn(b, own, table.ID) })
		return nil
	}
	o := &object.Object{ID: id, Value: v, Parent: table.ID}
	d.checks = append(d.checks, func() {
		if column, ok := d.parentColumn(b, own, table.ID); ok {
			v.Column = column
			o.Needs = append(o.Needs, column)
		}
	})
	d.object(b, o)
	return nil // its comment has been read
}

// parentColumn finds the column of a parent that the table has. Parents that no block declares are taken on trust.
func (d *decoder) parentColumn(b *hcl.Block, own, table object.ID) (object.ID, bool) {
	if d.state.Has(own) {
		d.faults.Add(b.Errorf("conflict", "%s is a column of the table itself", b).WithHint("say it in the block %q", "column"))
		return object.ID{}, false
	}
	if c, ok := inheritsColumn(d.state, own, table); ok {
		return c.ID, true
	}
	o := d.state.Get(table)
	if o == nil || !slices.ContainsFunc(parentsOf(o), func(name string) bool {
		schema, parent, ok := splitQualified(name)
		return !ok || !d.state.Has(object.ID{Kind: "table", Schema: schema, Name: parent})
	}) {
		d.faults.Add(b.Errorf("unknown-column", "the %s has no column %q from a parent", table, own.Name))
	}
	return object.ID{}, false
}

// parentsOf lists the quoted names of the tables that a table has its columns from.
func parentsOf(o *object.Object) []string {
	switch t := o.Value.(type) {
	case *Table:
		return slices.DeleteFunc(append(slices.Clone(t.Inherits), t.PartitionOf), func(name string) bool { return name == "" })
	case *ForeignTable:
		return slices.DeleteFunc(append(slices.Clone(t.Inherits), t.PartitionOf), func(name string) bool { return name == "" })
	}
	return nil
}

func encodeInheritedColumns(e *encoder, of object.ID, b *hcl.Block) {
	if of.Kind != "table" && of.Kind != "foreign_table" {
		return
	}
	blocks := map[string]*hcl.Block{}
	block := func(name string) *hcl.Block {
		if blocks[name] == nil {
			blocks[name] = &hcl.Block{Type: "override", Labels: []string{name}}
		}
		return blocks[name]
	}
	for _, c := range e.children(of) {
		switch v := c.Value.(type) {
		case *InheritedColumn:
			e.said[c.ID] = true
			encodeInheritedColumn(e, v, block(c.ID.Name))
		case *Comment:
			if v.Target.Kind == "column" && !e.state.Has(v.Target) {
				block(v.Target.Name)
			}
		}
	}
	var list []*hcl.Block
	for name, n := range blocks {
		e.setColumnComment(n, columnID(of, name))
		list = append(list, n)
	}
	slices.SortFunc(list, func(x, y *hcl.Block) int { return strings.Compare(x.Labels[0], y.Labels[0]) })
	b.Blocks = append(b.Blocks, list...)
}

func encodeInheritedColumn(e *encoder, v *InheritedColumn, b *hcl.Block) {
	if v.NotNull {
		b.Set("null", hcl.Flag(false))
	}
	switch {
	case !v.OwnDefault:
	case v.Default == "":
		b.Set("no_default", hcl.Flag(true))
	default:
		typ := ""
		if column, ok := kind.Get[Column](e.state, v.Column); ok {
			typ = column.V.Type
		}
		b.Set("default", defaultValue(v.Default, typ))
	}
}

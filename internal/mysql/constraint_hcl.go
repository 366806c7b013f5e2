package mysql

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func checkHCL() hclKind {
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "check", Labels: hcl.OptionalLabel, Doc: "a check constraint",
			Attrs: []hcl.AttrSpec{
				{Name: "expr", Takes: hcl.Expr, Required: true, Doc: "the condition that rows meet"},
				{Name: "enforced", Takes: hcl.Bool, Doc: "false: it is not checked; MySQL"},
			},
		},
		in: "table", decode: decodeCheck, encode: encodeCheck,
	}
}

func decodeCheck(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	k := &Check{Expr: b.Text("expr"), NotEnforced: !b.Bool("enforced", true)}
	id := object.ID{Kind: "check", Schema: table.ID.Schema, Table: table.ID.Name, Name: b.Name()}
	if k.Unnamed = id.Name == ""; k.Unnamed {
		id.Name = d.likelyName(id, "_chk_")
	}
	return d.object(b, &object.Object{ID: id, Value: k, Parent: table.ID})
}

// likelyName is the name that the server will most likely make up. It serves to tell objects apart; the statement
// leaves the choice to the server.
func (d *decoder) likelyName(id object.ID, infix string) string {
	for n := 1; ; n++ {
		if id.Name = fmt.Sprint(id.Table, infix, n); !d.state.Has(id) {
			return id.Name
		}
	}
}

func encodeCheck(_ *encoder, o *object.Object, b *hcl.Block) {
	k := o.Value.(*Check)
	b.Set("expr", hcl.Code(k.Expr))
	if k.NotEnforced {
		b.Set("enforced", hcl.Flag(false))
	}
}

func foreignKeyHCL() hclKind {
	actions := []string{"NO_ACTION", "RESTRICT", "CASCADE", "SET_NULL", "SET_DEFAULT"}
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: foreignKey, Labels: hcl.OptionalLabel, Doc: "a foreign key",
			Attrs: []hcl.AttrSpec{
				columnsAttr("columns", "its columns"),
				columnsAttr("ref_columns", "the columns that it refers to: ref_columns = [table.users.column.id]"),
				{Name: "ref_table", Takes: hcl.Reference, Refs: []string{"table"}, Doc: "the table that it refers to, where its columns are no blocks"},
				{Name: "on_update", Takes: hcl.Word, Words: actions, Doc: "what an update of the referenced key does"},
				{Name: "on_delete", Takes: hcl.Word, Words: actions, Doc: "what a delete of the referenced row does"},
			},
		},
		in: "table", decode: decodeForeignKey, encode: encodeForeignKey,
	}
}

func decodeForeignKey(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	f := &ForeignKey{OnUpdate: actionOf(b.Text("on_update")), OnDelete: actionOf(b.Text("on_delete"))}
	o := &object.Object{Value: f, Parent: table.ID}
	f.Columns, o.Needs = d.columns(b.List("columns"), table.ID)
	var target object.ID
	if v, ok := b.Attr("ref_table"); ok && v.Ref.Target != nil {
		target = d.idOf(v.Ref.Target)
	}
	for _, v := range b.List("ref_columns") {
		if v.Ref.Target == nil {
			f.RefColumns = append(f.RefColumns, v.Text)
			continue
		}
		id := d.idOf(v.Ref.Target)
		owner := tableID(id.Schema, id.Table)
		if target.IsZero() {
			target = owner
		}
		if owner != target {
			d.faults.Add(v.Errorf("wrong-table", "the columns of one foreign key refer to one table, not to %s and %s", target.Name, owner.Name))
		}
		f.RefColumns = append(f.RefColumns, id.Name)
		o.Needs = append(o.Needs, id)
	}
	if target.IsZero() {
		d.faults.Add(b.Errorf("missing-attribute", "%s does not say what it refers to", b).WithHint("write ref_columns = [table.users.column.id]"))
		return nil
	}
	if n, m := len(f.Columns), len(f.RefColumns); n != m {
		d.faults.Add(b.Errorf("wrong-value", "%s has another number of columns (%d) than it refers to (%d)", b, n, m))
	}
	f.RefSchema, f.RefTable = target.Schema, target.Name
	o.Needs = append(o.Needs, target)
	o.ID = object.ID{Kind: foreignKey, Schema: table.ID.Schema, Table: table.ID.Name, Name: b.Name()}
	if f.Unnamed = o.ID.Name == ""; f.Unnamed {
		o.ID.Name = d.likelyName(o.ID, "_ibfk_")
	} else {
		o.Claims = []string{"foreign key " + qualified(o.ID.Schema, o.ID.Name)}
	}
	return d.object(b, o)
}

func actionOf(word string) string { return strings.ReplaceAll(word, "_", " ") }

func encodeForeignKey(e *encoder, o *object.Object, b *hcl.Block) {
	f := o.Value.(*ForeignKey)
	ref := tableID(f.RefSchema, f.RefTable)
	b.Set("columns", e.columnRefs(o.Parent, f.Columns, o.Parent))
	b.Set("ref_columns", e.columnRefs(ref, f.RefColumns, o.Parent))
	for _, a := range []struct{ name, action string }{{"on_update", f.OnUpdate}, {"on_delete", f.OnDelete}} {
		if a.action != "" {
			b.Set(a.name, hcl.Bare(strings.ReplaceAll(a.action, " ", "_")))
		}
	}
}

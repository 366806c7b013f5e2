package mysql

import (
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func partitioningHCL() hclKind {
	types := []string{"RANGE", "RANGE_COLUMNS", "LIST", "LIST_COLUMNS", "HASH", "LINEAR_HASH", "KEY", "LINEAR_KEY"}
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "partition", Single: true, Doc: "how the table is cut into partitions",
			Attrs: []hcl.AttrSpec{
				{Name: "type", Takes: hcl.Word, Words: types, Doc: "how rows are dealt out"},
				columnsAttr("columns", "the columns that tell where a row goes"),
				{Name: "count", Takes: hcl.Number, Doc: "how many partitions there are, where they have no names"},
				definitionAttr("what follows PARTITION BY, in place of type and columns, with SUBPARTITION BY"),
			},
			Blocks: []*hcl.BlockSpec{
				{Type: "by", Doc: "a column or an expression that tells where a row goes", Attrs: []hcl.AttrSpec{
					{Name: "column", Takes: hcl.Reference | hcl.String, Refs: []string{"table.column"}, Doc: "the column"},
					{Name: "expr", Takes: hcl.Expr, Doc: "the expression"},
				}},
				{Type: "partition", Labels: hcl.OneLabel, Doc: "a partition", Attrs: []hcl.AttrSpec{
					{Name: "values_less_than", Takes: hcl.Expr | hcl.Number, List: true, Doc: `the bound: values_less_than = ["10"] or ["MAXVALUE"]`},
					{Name: "values_in", Takes: hcl.Expr | hcl.Number, List: true, Doc: `the values: values_in = ["1", "2"]`},
					commentAttr(),
					definitionAttr("what follows the name, for what no other attribute says"),
				}},
			},
		},
		in: "table", decode: decodePartitioning, encode: encodePartitioning,
	}
}

func decodePartitioning(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	p := &Partitioning{By: b.Text("definition")}
	o := &object.Object{
		ID:    object.ID{Kind: "partitioning", Schema: table.ID.Schema, Table: table.ID.Name, Name: "partitions"},
		Value: p, Parent: table.ID,
	}
	if n, ok := b.Int("count"); ok {
		p.Count = int(n)
	}
	if p.By == "" {
		p.By = d.partitionBy(b, o)
	}
	for _, n := range b.Nested("partition") {
		p.Partitions = append(p.Partitions, Partition{Name: n.Labels[0], Def: partitionDef(n)})
	}
	return d.object(b, o)
}

// partitionBy spells type and key.
func (d *decoder) partitionBy(b *hcl.Block, o *object.Object) string {
	names, needs := d.columns(b.List("columns"), o.Parent)
	o.Needs = append(o.Needs, needs...)
	var keys []string
	for _, n := range names {
		keys = append(keys, ident(n))
	}
	for _, by := range b.Nested("by") {
		if v, ok := by.Attr("column"); ok {
			name, id := d.column(v, o.Parent)
			keys, o.Needs = append(keys, ident(name)), append(o.Needs, id)
		} else {
			keys = append(keys, by.Text("expr"))
		}
	}
	typ := b.Text("type")
	if typ == "" {
		d.faults.Add(b.Errorf("missing-attribute", "%s lacks the attribute %q", b, "type"))
	}
	return strings.ReplaceAll(typ, "_", " ") + " (" + strings.Join(keys, ", ") + ")"
}

func partitionDef(b *hcl.Block) string {
	if def := b.Text("definition"); def != "" {
		return def
	}
	join := func(name string) string {
		var out []string
		for _, v := range b.List(name) {
			out = append(out, v.Text)
		}
		return strings.Join(out, ", ")
	}
	var words []string
	switch less, in := join("values_less_than"), join("values_in"); {
	case less == "MAXVALUE":
		words = append(words, "VALUES LESS THAN (MAXVALUE)")
	case less != "":
		words = append(words, "VALUES LESS THAN ("+less+")")
	case in != "":
		words = append(words, "VALUES IN ("+in+")")
	}
	if c := b.Text("comment"); c != "" {
		words = append(words, "COMMENT = "+literal(c))
	}
	return strings.Join(words, " ")
}

func encodePartitioning(_ *encoder, o *object.Object, b *hcl.Block) {
	p := o.Value.(*Partitioning)
	b.Set("definition", hcl.Code(p.By))
	if p.Count > 0 {
		b.Set("count", hcl.Num(strconv.Itoa(p.Count)))
	}
	for _, x := range p.Partitions {
		n := b.Add("partition", x.Name)
		setCode(n, "definition", x.Def)
	}
}

package postgres

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func statisticsHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "statistics", Labels: hcl.Qualified, Doc: "an extended statistics object: what ANALYZE learns of several columns together",
				Attrs: []hcl.AttrSpec{
					schemaAttr(),
					{Name: "on", Takes: hcl.Reference, Refs: []string{"table", "partition", "materialized", "foreign_table"}, Required: true, Doc: "the table: on = table.users"},
					{Name: "kinds", Takes: hcl.Word, List: true, Words: []string{"ndistinct", "dependencies", "mcv"}, Doc: "what is gathered; all by default"},
					columnsAttr("columns", "the columns", false),
					{Name: "exprs", Takes: hcl.Expr, List: true, Doc: "expressions, after the columns"},
					{Name: "target", Takes: hcl.Number, Doc: "the target of ANALYZE"},
				},
			},
			decode: decodeStatistics,
		}},
		top:    true,
		encode: encodeStatistics,
	}
}

func decodeStatistics(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	on, _ := b.Attr("on")
	if on.Ref.Target == nil {
		return nil
	}
	id, table := d.idOf(b), d.idOf(on.Ref.Target)
	names, needs := d.columns(b.List("columns"), table)
	parts := make([]string, 0, len(names))
	for _, n := range names {
		parts = append(parts, ident(n))
	}
	for _, x := range b.List("exprs") {
		parts = append(parts, "("+x.Text+")")
	}
	if len(parts) == 0 {
		d.faults.Add(b.Errorf("missing-attribute", "%s has neither columns nor exprs", b))
		return nil
	}
	def := "CREATE STATISTICS " + qualified(id.Schema, id.Name)
	if kinds := texts(b.List("kinds")); len(kinds) > 0 {
		def += " (" + strings.Join(kinds, ", ") + ")"
	}
	return d.object(b, &object.Object{
		ID: id, Parent: table, Needs: needs, Claims: []string{id.String()},
		Value: &Statistics{Def: def + " ON " + strings.Join(parts, ", ") + " FROM " + qualified(table.Schema, table.Name), Target: b.Text("target")},
	})
}

// statisticsParts matches what pg_get_statisticsobjdef writes behind the name.
var statisticsParts = regexp.MustCompile(`(?s)^(?:\(([a-z, ]+)\) )?ON (.*) FROM .*$`)

func encodeStatistics(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Statistics)
	_, rest, _ := takeIdent(strings.TrimPrefix(v.Def, "CREATE STATISTICS "))
	if schema, ok := strings.CutPrefix(rest, "."); ok {
		_, rest, _ = takeIdent(schema)
	}
	m := statisticsParts.FindStringSubmatch(rest)
	if m == nil {
		return nil // the ledger names it
	}
	b := &hcl.Block{Type: "statistics", Labels: []string{o.ID.Name}}
	b.Set("schema", hcl.To("schema", o.ID.Schema))
	b.Set("on", hcl.To(e.path(o.Parent)...))
	if m[1] != "" {
		var kinds []hcl.Value
		for _, k := range strings.Split(m[1], ", ") {
			kinds = append(kinds, hcl.Bare(k))
		}
		b.Set("kinds", hcl.Items(kinds...))
	}
	var columns []string
	var exprs []hcl.Value
	for _, part := range splitTop(m[2], ",") {
		if name, ok := wholeIdent(part); ok {
			columns = append(columns, name)
		} else {
			exprs = append(exprs, hcl.Str(unwrapped(part)))
		}
	}
	if len(columns) > 0 {
		b.Set("columns", e.columnRefs(o.Parent, columns, object.ID{}))
	}
	if len(exprs) > 0 {
		b.Set("exprs", hcl.Items(exprs...))
	}
	if v.Target != "" {
		b.Set("target", hcl.Num(v.Target))
	}
	return b
}

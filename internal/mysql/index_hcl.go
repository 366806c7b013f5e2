package mysql

import (
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func indexAttrs() []hcl.AttrSpec {
	return append([]hcl.AttrSpec{
		columnsAttr("columns", "its columns; on blocks say more about each"),
		{Name: "type", Takes: hcl.Word, Words: []string{"BTREE", "HASH", "FULLTEXT", "SPATIAL", "VECTOR"}, Doc: "the type of index; BTREE by default"},
		{Name: "invisible", Takes: hcl.Bool, Doc: "true: queries do not use it; MySQL"},
		{Name: "ignored", Takes: hcl.Bool, Doc: "true: queries do not use it; MariaDB"},
		{Name: "without_overlaps", Takes: hcl.String, Doc: "the period in which rows of equal keys do not overlap; MariaDB"},
		{Name: "key_block_size", Takes: hcl.Number, Doc: "the bytes of its blocks; InnoDB takes no notice of it"},
		commentAttr(),
	}, engineAttrs()...)
}

func indexBlocks() []*hcl.BlockSpec {
	return []*hcl.BlockSpec{{Type: "on", Doc: "a column or an expression of the index", Attrs: []hcl.AttrSpec{
		{Name: "column", Takes: hcl.Reference | hcl.String, Refs: []string{"table.column"}, Doc: "the column"},
		{Name: "expr", Takes: hcl.Expr, Doc: "the expression"},
		{Name: "prefix", Takes: hcl.Number, Doc: "how many characters or bytes of it"},
		{Name: "desc", Takes: hcl.Bool, Doc: "true: from high to low"},
	}}}
}

func primaryKeyHCL() hclKind {
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: primaryKey, Labels: hcl.OptionalLabel, Single: true, Doc: "the primary key", Attrs: indexAttrs(), Blocks: indexBlocks(),
		},
		in: "table", decode: decodeIndex, encode: encodeIndex,
	}
}

func indexHCL() hclKind {
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "index", Labels: hcl.OneLabel, Doc: "an index", Blocks: indexBlocks(),
			Attrs: append(indexAttrs(),
				hcl.AttrSpec{Name: "unique", Takes: hcl.Bool, Doc: "true: no two rows may be equal in it"},
				hcl.AttrSpec{Name: "m", Takes: hcl.Number, Doc: "of a VECTOR index: how many neighbours of each vector it keeps, 3 to 200; MariaDB"},
				hcl.AttrSpec{Name: "distance", Takes: hcl.Word | hcl.String, Words: []string{"cosine", "euclidean"}, Doc: "of a VECTOR index: what it orders by; MariaDB"},
				hcl.AttrSpec{Name: "parser", Takes: hcl.Word | hcl.String, Words: []string{"ngram", "mecab"}, Doc: "the parser of a FULLTEXT index"}),
		},
		in: "table", decode: decodeIndex, encode: encodeIndex,
	}
}

func decodeIndex(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	x := &Index{
		Unique: b.Bool("unique", b.Type == primaryKey), Type: b.Text("type"), Comment: b.Text("comment"), Parser: b.Text("parser"),
		M: b.Text("m"), Distance: strings.ToLower(b.Text("distance")),
		Invisible: b.Bool("invisible", false), Hide: "INVISIBLE",
	}
	if x.Spell = x.Type == "BTREE"; x.Type == "" {
		x.Type = "BTREE"
	}
	if x.Type != "VECTOR" && x.M+x.Distance != "" {
		d.faults.Add(b.Errorf("conflict", "m and distance are of VECTOR indexes").WithHint("write type = VECTOR, or take them out"))
	}
	if b.Bool("ignored", false) {
		x.Invisible, x.Hide = true, "IGNORED"
	}
	x.EngineAttribute, x.SecondaryAttribute = b.Text("engine_attribute"), b.Text("secondary_engine_attribute")
	x.setBlockSize(b.Text("key_block_size"), d.tables[table.ID].table.Engine)
	name := "PRIMARY"
	if b.Type != primaryKey {
		name = b.Labels[0]
	}
	o := &object.Object{ID: indexID(table.ID, name), Value: x, Parent: table.ID}
	columns, needs := d.columns(b.List("columns"), table.ID)
	o.Needs = append(o.Needs, needs...)
	for _, c := range columns {
		x.Parts = append(x.Parts, IndexPart{Column: c})
	}
	on := b.Nested("on")
	for _, n := range on {
		part := IndexPart{Expr: n.Text("expr"), Desc: n.Bool("desc", false)}
		if p, ok := n.Int("prefix"); ok {
			part.Prefix = int(p)
		}
		if v, ok := n.Attr("column"); ok {
			column, id := d.column(v, table.ID)
			part.Column, o.Needs = column, append(o.Needs, id)
		}
		if (part.Column == "") == (part.Expr == "") {
			d.faults.Add(n.Errorf("conflict", "the block %q takes either column or expr", n.Type))
		}
		x.Parts = append(x.Parts, part)
	}
	if (len(on) > 0) == (len(columns) > 0) {
		d.faults.Add(b.Errorf("conflict", "%s takes either columns or blocks on", b).WithHint("write columns = [column.id]"))
	}
	if p := b.Text("without_overlaps"); p != "" {
		x.Parts = append(x.Parts, IndexPart{Period: p})
	}
	t := d.tables[table.ID]
	t.indexes = append(t.indexes, o)
	return d.object(b, o)
}

func encodeIndex(e *encoder, o *object.Object, b *hcl.Block) {
	x := o.Value.(*Index)
	setFlag(b, "unique", x.Unique && o.ID.Kind != primaryKey)
	var columns []string
	plain := true
	period := ""
	for _, p := range x.Parts {
		if p.Period != "" {
			period = p.Period
			continue
		}
		plain = plain && p == IndexPart{Column: p.Column}
		columns = append(columns, p.Column)
	}
	if plain {
		b.Set("columns", e.columnRefs(o.Parent, columns, o.Parent))
	}
	setText(b, "without_overlaps", period)
	if x.Using != "" {
		b.Set("type", hcl.Bare(x.Using))
	} else if x.Type != "BTREE" || x.Spell {
		b.Set("type", hcl.Bare(x.Type))
	}
	if size := x.BlockSize + x.Unheeded; size != "" {
		b.Set("key_block_size", hcl.Num(size))
	}
	setText(b, "engine_attribute", x.EngineAttribute)
	setText(b, "secondary_engine_attribute", x.SecondaryAttribute)
	setText(b, "parser", x.Parser)
	if x.M != "" {
		b.Set("m", hcl.Num(x.M))
	}
	if x.Distance != "" {
		b.Set("distance", hcl.Bare(x.Distance))
	}
	setText(b, "comment", x.Comment)
	setFlag(b, map[bool]string{true: "ignored", false: "invisible"}[x.Hide == "IGNORED"], x.Invisible)
	if plain {
		return
	}
	for _, p := range x.Parts {
		if p.Period != "" {
			continue
		}
		on := b.Add("on")
		if p.Column != "" {
			on.Set("column", e.columnRef(o.Parent, p.Column, o.Parent))
		} else {
			on.Set("expr", hcl.Code(p.Expr))
		}
		if p.Prefix > 0 {
			on.Set("prefix", hcl.Num(strconv.Itoa(p.Prefix)))
		}
		setFlag(on, "desc", p.Desc)
	}
}

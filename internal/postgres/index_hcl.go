package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

func indexHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "index", Labels: hcl.OneLabel, Doc: "an index",
				Attrs: []hcl.AttrSpec{
					{Name: "unique", Takes: hcl.Bool, Doc: "true: no two rows may be equal in it"},
					columnsAttr("columns", "its columns; on blocks say more about each", false),
					{Name: "type", Takes: hcl.Word | hcl.String, Words: indexMethods(), Doc: "the index method; BTREE by default"},
					{Name: "where", Takes: hcl.Expr, Doc: "the rows that it holds"},
					columnsAttr("include", "columns that it carries along", false),
					{Name: "nulls_distinct", Takes: hcl.Bool, Doc: "false: nulls count as equal; from PostgreSQL 15 on"},
					{Name: "tablespace", Takes: hcl.Expr, Doc: "the tablespace; the database's by default"},
					{Name: "page_per_range", Takes: hcl.Number, Doc: "the pages in a range of a BRIN index"},
					{Name: "only", Takes: hcl.Bool, Doc: "true: only on the partitioned table; partitions have no part of it but those that say part_of"},
					{Name: "clustered", Takes: hcl.Bool, Doc: "true: CLUSTER orders the table by it"},
					partOfAttr(),
					definitionAttr(),
				},
				Blocks: []*hcl.BlockSpec{
					{Type: "on", Doc: "a column or an expression of the index", Attrs: partAttrs()},
					{Type: "storage_params", Single: true, Doc: "storage parameters: fillfactor = 70", Any: hcl.Number | hcl.Bool | hcl.String},
				},
			},
			in:     []string{"table", "partition", "materialized"},
			decode: decodeIndex,
		}},
		encode: encodeIndex,
	}
}

func indexMethods() []string {
	return []string{"BTREE", "HASH", "GIN", "GIST", "GiST", "SPGIST", "SPGiST", "BRIN"}
}

// partAttrs describe one key of an index.
func partAttrs() []hcl.AttrSpec {
	return []hcl.AttrSpec{
		{Name: "column", Takes: hcl.Reference | hcl.String, Refs: []string{"table.column", "materialized.column"}, Doc: "a column"},
		{Name: "expr", Takes: hcl.Expr, Doc: "an expression"},
		{Name: "desc", Takes: hcl.Bool, Doc: "true: descending"},
		{Name: "nulls_first", Takes: hcl.Bool, Doc: "true: nulls come first"},
		{Name: "nulls_last", Takes: hcl.Bool, Doc: "true: nulls come last"},
		{Name: "ops", Takes: hcl.Expr | hcl.Word, Words: operatorClasses(), Open: true, Doc: "the operator class"},
		{Name: "collate", Takes: hcl.Expr, Doc: "the collation"},
	}
}

// operatorClasses are those that people choose, for completion; extensions bring others.
func operatorClasses() []string {
	return []string{
		"text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops", "jsonb_ops", "jsonb_path_ops", "inet_ops",
		"array_ops", "tsvector_ops", "range_ops", "gin_trgm_ops", "gist_trgm_ops", "int4_ops", "int8_ops", "text_ops",
		"uuid_ops", "timestamp_ops", "timestamptz_ops", "date_ops", "numeric_ops", "int2_ops", "quad_point_ops",
		"kd_point_ops", "box_ops", "point_ops", "polygon_ops", "circle_ops", "record_ops", "varchar_ops", "bool_ops",
		"int4_minmax_ops", "int8_minmax_ops", "timestamptz_minmax_ops", "timestamp_minmax_ops", "date_minmax_ops",
		"int4_bloom_ops", "int8_bloom_ops", "text_bloom_ops", "uuid_bloom_ops", "int4_minmax_multi_ops",
		"int8_minmax_multi_ops", "timestamptz_minmax_multi_ops",
	}
}

// methodOf is the index method that a block names, quoted.
func methodOf(b *hcl.Block) string {
	if m := b.Text("type"); m != "" {
		return ident(strings.ToLower(m))
	}
	return ident("btree")
}

func decodeIndex(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	id := object.ID{Kind: "index", Schema: table.ID.Schema, Table: table.ID.Name, Name: b.Name()}
	x := &Index{
		Unique: b.Bool("unique", false), Method: unquoteIdent(methodOf(b)), Where: b.Text("where"),
		NullsNotDistinct: !b.Bool("nulls_distinct", true), Options: storageParams(b.Only("storage_params")),
		Tablespace: b.Text("tablespace"), Clustered: b.Bool("clustered", false),
	}
	if v, ok := b.Attr("page_per_range"); ok {
		x.Options = append(x.Options, "pages_per_range="+v.Text)
	}
	o := &object.Object{ID: id, Value: x, Parent: table.ID, Claims: []string{relationClaim(id.Schema, id.Name)}}
	d.partOf(b, o)
	var needs []object.ID
	x.Include, needs = d.columns(b.List("include"), table.ID)
	o.Needs = append(o.Needs, needs...)
	if v, ok := b.Attr("definition"); ok {
		x.Def, x.Options = v.Text, append(x.Options, "") // not for Atlas to spell
		for _, a := range b.Attrs {
			if !slices.Contains([]string{"definition", "comment", "clustered", "part_of", "only"}, a.Name) {
				d.faults.Add(b.Errorf("conflict", "%s has a definition and %q", b, a.Name).WithHint("a definition is the whole index"))
			}
		}
		d.onlyOn(b, x, table)
		return d.object(b, o)
	}
	d.indexParts(b, x, o)
	x.Def = x.spell(id)
	d.onlyOn(b, x, table)
	if x.Unique && x.Where == "" {
		if columns, plain := x.columns(); plain {
			d.keys[table.ID] = append(d.keys[table.ID], key{id, columns})
		}
	}
	return d.object(b, o)
}

// onlyOn reads that an index is on a partitioned table alone.
func (d *decoder) onlyOn(b *hcl.Block, x *Index, table *object.Object) {
	if !b.Bool("only", false) {
		return
	}
	if t, ok := table.Value.(*Table); !ok || t.PartitionBy == "" {
		d.faults.Add(b.Errorf("conflict", "%s says only, and its table has no partitions", b).WithHint("take it out"))
		return
	}
	head, rest := cutAtOn(x.Def)
	x.Invalid, x.Def = true, head+" ON ONLY "+strings.TrimPrefix(rest, " ON ")
}

// columns lists the columns of an index that is on columns only.
func (x *Index) columns() (names []string, plain bool) {
	for _, p := range x.Parts {
		if p.Column == "" {
			return nil, false
		}
		names = append(names, p.Column)
	}
	return names, true
}

func (d *decoder) indexParts(b *hcl.Block, x *Index, o *object.Object) {
	columns, on := b.List("columns"), b.Nested("on")
	switch {
	case len(columns) > 0 && len(on) > 0:
		d.faults.Add(on[0].Errorf("conflict", "%s has the attribute %q and blocks %q", b, "columns", "on").WithHint("keep one of them"))
	case len(columns) == 0 && len(on) == 0:
		d.faults.Add(b.Errorf("missing-attribute", "%s names no column", b).WithHint("write columns = [column.id] or blocks on { … }"))
	}
	names, needs := d.columns(columns, o.Parent)
	o.Needs = append(o.Needs, needs...)
	for _, n := range names {
		x.Parts = append(x.Parts, IndexPart{Column: n})
	}
	for _, n := range on {
		part, _ := d.indexPart(n, o.Parent, o)
		x.Parts = append(x.Parts, part)
	}
}

// indexPart reads a block on.
func (d *decoder) indexPart(b *hcl.Block, table object.ID, o *object.Object) (IndexPart, bool) {
	p := IndexPart{Desc: b.Bool("desc", false)}
	p.NullsFirst = b.Bool("nulls_first", p.Desc) && !b.Bool("nulls_last", false)
	if b.Bool("nulls_first", false) && b.Bool("nulls_last", false) {
		d.faults.Add(b.Errorf("conflict", "nulls come first or last, not both"))
	}
	column, hasColumn := b.Attr("column")
	expr, hasExpr := b.Attr("expr")
	switch {
	case hasColumn == hasExpr:
		d.faults.Add(b.Errorf("conflict", "the block %q takes either column or expr", b.Type))
		return p, false
	case hasColumn:
		var id object.ID
		p.Column, id = d.column(column, table)
		o.Needs = append(o.Needs, id)
	default:
		p.Expr = wrapped(expr.Text)
	}
	if v, ok := b.Attr("ops"); ok {
		p.OpClass = opsOf(v)
	}
	if v, ok := b.Attr("collate"); ok {
		p.Collation = nameOf(v)
	}
	return p, true
}

// sql spells a key as CREATE INDEX takes it.
func (p IndexPart) sql() string {
	out := p.Expr
	if p.Column != "" {
		out = ident(p.Column)
	}
	if p.Collation != "" {
		out += " COLLATE " + p.Collation
	}
	if p.OpClass != "" {
		out += " " + p.OpClass
	}
	if p.Desc {
		out += " DESC"
	}
	if p.NullsFirst != p.Desc {
		out += toggle(p.NullsFirst, " NULLS FIRST", " NULLS LAST")
	}
	return out
}

// spell writes the statement that creates the index, in the server's order of clauses
// (src/backend/utils/adt/ruleutils.c, pg_get_indexdef_worker).
func (x *Index) spell(id object.ID) string {
	parts := make([]string, len(x.Parts))
	for i, p := range x.Parts {
		parts[i] = p.sql()
	}
	out := "CREATE" + toggle(x.Unique, " UNIQUE", "") + " INDEX " + ident(id.Name) + " ON " + tableOf(id) +
		" USING " + ident(x.Method) + " (" + strings.Join(parts, ", ") + ")"
	if len(x.Include) > 0 {
		out += " INCLUDE (" + idents(x.Include) + ")"
	}
	if x.NullsNotDistinct {
		out += " NULLS NOT DISTINCT"
	}
	if len(x.Options) > 0 {
		out += " WITH (" + strings.Join(optionList(x.Options), ", ") + ")"
	}
	if x.Tablespace != "" {
		out += " TABLESPACE " + ident(x.Tablespace)
	}
	if x.Where != "" {
		out += " WHERE (" + x.Where + ")"
	}
	return out
}

func encodeIndex(e *encoder, o *object.Object, in *hcl.Block) *hcl.Block {
	x := o.Value.(*Index)
	b := &hcl.Block{Type: "index", Labels: []string{o.ID.Name}}
	if in == nil {
		return nil
	}
	def := strings.Replace(x.Def, " ON ONLY ", " ON ", 1)
	without := *x
	without.Tablespace = "" // the server leaves it out of the definition
	if sameSQL(without.spell(o.ID), def) {
		e.indexAttrs(x, o.ID, b)
	} else {
		b.Set("definition", hcl.Code(def))
	}
	if x.Clustered {
		b.Set("clustered", hcl.Flag(true))
	}
	if t, ok := kind.Get[Table](e.state, tableID(o.ID)); ok && x.Invalid && t.V.PartitionBy != "" {
		b.Set("only", hcl.Flag(true))
	}
	e.partOf(o.ID, b)
	return b
}

func (e *encoder) indexAttrs(x *Index, id object.ID, b *hcl.Block) {
	table := object.ID{Kind: "table", Schema: id.Schema, Name: id.Table}
	if x.Unique {
		b.Set("unique", hcl.Flag(true))
	}
	columns, plain := x.columns()
	for _, p := range x.Parts {
		plain = plain && p == IndexPart{Column: p.Column}
	}
	if plain {
		b.Set("columns", e.keyColumns(table, columns))
	}
	if x.Method != "btree" {
		b.Set("type", methodValue(x.Method))
	}
	if len(x.Include) > 0 {
		b.Set("include", e.keyColumns(table, x.Include))
	}
	if x.NullsNotDistinct {
		b.Set("nulls_distinct", hcl.Flag(false))
	}
	if x.Where != "" {
		b.Set("where", hcl.Code(unwrapped(x.Where)))
	}
	if x.Tablespace != "" {
		b.Set("tablespace", hcl.Str(x.Tablespace))
	}
	if !plain {
		for _, p := range x.Parts {
			e.encodePart(p, table, b.Add("on"))
		}
	}
	encodeStorageParams(x.Options, b)
}

func (e *encoder) encodePart(p IndexPart, table object.ID, b *hcl.Block) {
	if p.Column != "" {
		b.Set("column", e.columnRef(e.columnOwner(table), p.Column, table))
	} else {
		b.Set("expr", hcl.Code(unwrapped(p.Expr)))
	}
	if p.Desc {
		b.Set("desc", hcl.Flag(true))
	}
	if p.NullsFirst != p.Desc {
		b.Set(toggle(p.NullsFirst, "nulls_first", "nulls_last"), hcl.Flag(true))
	}
	if p.OpClass != "" {
		value := opsValue(p.OpClass)
		if value.Kind == hcl.String && slices.Contains(operatorClasses(), value.Text) {
			value = hcl.Bare(value.Text)
		}
		b.Set("ops", value)
	}
	if p.Collation != "" {
		if name, ok := wholeIdent(strings.TrimPrefix(p.Collation, "pg_catalog.")); ok {
			b.Set("collate", hcl.Str(name))
		} else {
			b.Set("collate", hcl.Raw(p.Collation))
		}
	}
}

// methodValue is an index method in HCL: a word where Atlas has one.
func methodValue(method string) hcl.Value {
	if word := strings.ToUpper(method); slices.Contains(indexMethods(), word) {
		return hcl.Bare(word)
	}
	return hcl.Str(method)
}

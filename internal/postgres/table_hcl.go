package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func tableHCL() hclKind {
	return hclKind{
		forms: []hclForm{
			{
				spec: &hcl.BlockSpec{
					Type: "table", Labels: hcl.Qualified, Doc: "a table",
					Attrs: slices.Concat([]hcl.AttrSpec{schemaAttr()}, tableAttrs(), []hcl.AttrSpec{
						{Name: "inherits", Takes: hcl.Reference | hcl.SQL, Refs: []string{"table"}, List: true, Doc: "the tables whose columns it inherits"},
						{Name: "of_type", Takes: hcl.Expr, Doc: "the composite type of a typed table"},
					}),
					Blocks: tableBlocks(),
				},
				decode: decodeTable,
			},
			{
				spec: &hcl.BlockSpec{
					Type: "partition", Labels: hcl.Qualified, Doc: "a partition of a table; without bounds the default partition",
					Attrs: slices.Concat([]hcl.AttrSpec{
						schemaAttr(),
						{Name: "of", Takes: hcl.Reference | hcl.SQL, Refs: []string{"table", "partition"}, Required: true, Doc: "the partitioned table: of = table.events"},
					}, tableAttrs()),
					Blocks: append(append(tableBlocks(), boundBlocks()...), firesBlock(), partBlock()),
				},
				id:     partitionID,
				decode: decodePartition,
			},
		},
		encode: encodeTable,
		link:   linkTable,
	}
}

func partitionID(d *decoder, b *hcl.Block) object.ID {
	return object.ID{Kind: "table", Schema: d.schemaOf(b), Name: b.Name()}
}

func linkTable(d *decoder, o *object.Object) {
	t := o.Value.(*Table)
	if (t.PartitionOf != "" || len(t.Inherits) > 0) && d.descends(o.ID, o.ID) {
		d.faults.Add(diag.Errorf(o.Pos, "cycle", "the %s descends from itself", o.ID))
	}
	o.Needs = append(o.Needs, d.typeNeeds(t.OfType)...)
}

// tableAttrs are the attributes that tables and partitions share.
func tableAttrs() []hcl.AttrSpec {
	return []hcl.AttrSpec{
		{Name: "unlogged", Takes: hcl.Bool, Doc: "true: not written to the log, empty after a crash"},
		{Name: "access_method", Takes: hcl.Expr, Doc: "the table access method; heap by default"},
		{Name: "tablespace", Takes: hcl.Expr, Doc: "the tablespace; the database's by default"},
		{Name: "replica_identity", Takes: hcl.Word | hcl.Reference | hcl.SQL, Words: []string{"DEFAULT", "FULL", "NOTHING"},
			Refs: []string{"table.index", "table.unique", "table.primary_key", "partition.index", "partition.unique", "partition.primary_key"},
			Doc:  "what logical replication identifies rows by: FULL, NOTHING, a unique index, or sql(\"USING INDEX …\") for a partition's part of one above"},
	}
}

func tableBlocks() []*hcl.BlockSpec {
	return []*hcl.BlockSpec{
		{Type: "partition", Single: true, Doc: "how the table is partitioned", Attrs: []hcl.AttrSpec{
			{Name: "type", Takes: hcl.Word, Words: []string{"RANGE", "LIST", "HASH"}, Required: true, Doc: "RANGE, LIST or HASH"},
			columnsAttr("columns", "the columns of the key", false),
		}, Blocks: []*hcl.BlockSpec{{Type: "by", Doc: "a part of the key", Attrs: []hcl.AttrSpec{
			{Name: "column", Takes: hcl.Reference | hcl.String, Refs: []string{"table.column"}, Doc: "a column"},
			{Name: "expr", Takes: hcl.Expr, Doc: "an expression"},
			{Name: "collate", Takes: hcl.Expr, Doc: "the collation"},
			{Name: "ops", Takes: hcl.Expr, Doc: "the operator class"},
		}}}},
		{Type: "row_security", Single: true, Doc: "row level security", Attrs: []hcl.AttrSpec{
			{Name: "enabled", Takes: hcl.Bool, Doc: "true: policies hold"},
			{Name: "enforced", Takes: hcl.Bool, Doc: "true: policies hold for the owner too"},
		}},
		{Type: "storage_params", Single: true, Doc: "storage parameters: fillfactor = 70", Any: hcl.Number | hcl.Bool | hcl.String},
	}
}

func boundBlocks() []*hcl.BlockSpec {
	values := func(name, doc string) hcl.AttrSpec {
		return hcl.AttrSpec{
			Name: name, Doc: doc, Takes: hcl.Expr | hcl.Number | hcl.Word, Words: []string{"MINVALUE", "MAXVALUE"},
			List: true, Required: true,
		}
	}
	return []*hcl.BlockSpec{
		{Type: "range", Single: true, Doc: "the bounds of a range partition", Attrs: []hcl.AttrSpec{
			values("from", `the lower bound, as SQL: from = ["'2025-01-01'"]`), values("to", "the upper bound, which is not part of it"),
		}},
		{Type: "list", Single: true, Doc: "the values of a list partition", Attrs: []hcl.AttrSpec{values("in", `the values, as SQL: in = ["'de'"]`)}},
		{Type: "hash", Single: true, Doc: "the share of a hash partition", Attrs: []hcl.AttrSpec{
			{Name: "modulus", Takes: hcl.Number, Required: true, Doc: "the number of partitions"},
			{Name: "remainder", Takes: hcl.Number, Required: true, Doc: "which of them it is"},
		}},
	}
}

func decodeTable(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	o, t := d.tableObject(b)
	t.OfType = b.Text("of_type")
	for _, v := range b.List("inherits") {
		t.Inherits = append(t.Inherits, d.tableName(v, o))
	}
	return d.object(b, o)
}

func decodePartition(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	o, t := d.tableObject(b)
	of, _ := b.Attr("of")
	t.PartitionOf, t.Bound, t.Fires, t.Parts = d.tableName(of, o), d.bound(b), decodeFires(b), decodeParts(b)
	return d.object(b, o)
}

// bound reads the bounds of a partition; without any it is the default partition.
func (d *decoder) bound(b *hcl.Block) string {
	var bounds []*hcl.Block
	for _, typ := range []string{"range", "list", "hash"} {
		bounds = append(bounds, b.Nested(typ)...)
	}
	if len(bounds) > 1 {
		d.faults.Add(bounds[1].Errorf("conflict", "%s has two kinds of bounds", b).WithHint("keep one of range, list and hash"))
	}
	if len(bounds) == 0 {
		return "DEFAULT"
	}
	return "FOR VALUES " + boundSQL(bounds[0])
}

// tableName is the quoted name of a table that the object needs.
func (d *decoder) tableName(v hcl.Value, o *object.Object) string {
	if v.Ref.Target == nil {
		return v.Text
	}
	id := d.idOf(v.Ref.Target)
	o.Needs = append(o.Needs, id)
	return qualified(id.Schema, id.Name)
}

func boundSQL(b *hcl.Block) string {
	list := func(name string) string {
		var out []string
		for _, v := range b.List(name) {
			out = append(out, v.Text)
		}
		return "(" + strings.Join(out, ", ") + ")"
	}
	switch b.Type {
	case "range":
		return "FROM " + list("from") + " TO " + list("to")
	case "list":
		return "IN " + list("in")
	}
	return "WITH (modulus " + b.Text("modulus") + ", remainder " + b.Text("remainder") + ")"
}

// tableObject reads what tables and partitions share.
func (d *decoder) tableObject(b *hcl.Block) (*object.Object, *Table) {
	id := d.idOf(b)
	t := &Table{
		Unlogged: b.Bool("unlogged", false), AccessMethod: b.Text("access_method"), Tablespace: b.Text("tablespace"),
		Options: storageParams(b.Only("storage_params")),
	}
	if t.AccessMethod == "heap" {
		t.AccessMethod = ""
	}
	if p := b.Only("partition"); p != nil {
		t.PartitionBy = d.partitionKey(p, id)
	}
	if s := b.Only("row_security"); s != nil {
		t.RowSecurity, t.ForceSecurity = s.Bool("enabled", false), s.Bool("enforced", false)
	}
	if v, ok := b.Attr("replica_identity"); ok {
		switch {
		case v.Ref.Target != nil:
			name := v.Ref.Target.Name()
			if name == "" {
				name = generatedName(id.Name, "", "pkey")
			}
			t.ReplicaIdentity = "USING INDEX " + ident(name)
		case v.Text != "DEFAULT":
			t.ReplicaIdentity = v.Text
		}
	}
	return &object.Object{
		ID: id, Value: t, Claims: []string{relationClaim(id.Schema, id.Name), typeClaim(id.Schema, id.Name)},
	}, t
}

// storageParams reads a storage_params block as the catalog holds it: name=value, ordered.
func storageParams(b *hcl.Block) []string {
	if b == nil {
		return nil
	}
	var out []string
	for _, a := range b.Attrs {
		out = append(out, a.Name+"="+a.Value.Text)
	}
	return out
}

// partitionKey reads how a table is partitioned.
func (d *decoder) partitionKey(b *hcl.Block, table object.ID) string {
	var parts []string
	for _, v := range b.List("columns") {
		name, _ := d.column(v, table)
		parts = append(parts, ident(name))
	}
	by := b.Nested("by")
	switch {
	case len(parts) > 0 && len(by) > 0:
		d.faults.Add(by[0].Errorf("conflict", "the partition key is given by %q and by blocks %q", "columns", "by").WithHint("keep one of them"))
	case len(parts) == 0 && len(by) == 0:
		d.faults.Add(b.Errorf("missing-attribute", "the partition block names no column").WithHint("write columns = [column.created_at] or blocks by { … }"))
	}
	for _, p := range by {
		parts = append(parts, d.keyPart(p, table, nil))
	}
	return b.Text("type") + " (" + strings.Join(parts, ", ") + ")"
}

// keyPart reads a column or an expression with the collation and the operator class that follow it.
func (d *decoder) keyPart(b *hcl.Block, table object.ID, o *object.Object) string {
	column, hasColumn := b.Attr("column")
	expr, hasExpr := b.Attr("expr")
	out := ""
	switch {
	case hasColumn == hasExpr:
		d.faults.Add(b.Errorf("conflict", "the block %q takes either column or expr", b.Type))
	case hasColumn:
		name, id := d.column(column, table)
		if out = ident(name); o != nil {
			o.Needs = append(o.Needs, id)
		}
	default:
		out = wrapped(expr.Text)
	}
	if v, ok := b.Attr("collate"); ok {
		out += " COLLATE " + nameOf(v)
	}
	if v, ok := b.Attr("ops"); ok {
		out += " " + opsOf(v)
	}
	return out
}

// nameOf is a name as SQL: a string is quoted, an expression taken as it is.
func nameOf(v hcl.Value) string {
	if v.Kind == hcl.SQL {
		return v.Text
	}
	return ident(v.Text)
}

// opsOf is an operator class as SQL; one with a schema or options is taken as it is.
func opsOf(v hcl.Value) string {
	if name, ok := wholeIdent(v.Text); ok && v.Kind != hcl.SQL {
		return ident(name)
	}
	return v.Text
}

func encodeTable(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	t := o.Value.(*Table)
	b := e.top(o)
	if t.PartitionOf != "" {
		b.Set("of", e.tableRef(t.PartitionOf))
	}
	if t.OfType != "" {
		b.Set("of_type", hcl.Str(t.OfType))
	}
	if len(t.Inherits) > 0 {
		var parents []hcl.Value
		for _, p := range t.Inherits {
			parents = append(parents, e.tableRef(p))
		}
		b.Set("inherits", hcl.Items(parents...))
	}
	if t.Unlogged {
		b.Set("unlogged", hcl.Flag(true))
	}
	if t.AccessMethod != "" {
		b.Set("access_method", hcl.Str(t.AccessMethod))
	}
	if t.Tablespace != "" {
		b.Set("tablespace", hcl.Str(t.Tablespace))
	}
	e.replicaIdentity(t, o.ID, b)
	encodeBound(t.Bound, b)
	e.encodePartitionKey(t, o.ID, b)
	if t.RowSecurity || t.ForceSecurity {
		s := b.Add("row_security")
		s.Set("enabled", hcl.Flag(t.RowSecurity))
		if t.ForceSecurity {
			s.Set("enforced", hcl.Flag(true))
		}
	}
	encodeStorageParams(t.Options, b)
	encodeFires(t.Fires, b)
	encodeParts(t.Parts, b)
	return b
}

// tableRef refers to a table by its quoted name; one that no block declares is written as SQL.
func (e *encoder) tableRef(name string) hcl.Value {
	schema, table, ok := splitQualified(name)
	if id := (object.ID{Kind: "table", Schema: schema, Name: table}); ok && e.state.Has(id) {
		return hcl.To(e.path(id)...)
	}
	return hcl.Raw(name)
}

func (e *encoder) replicaIdentity(t *Table, id object.ID, b *hcl.Block) {
	quoted, isIndex := strings.CutPrefix(t.ReplicaIdentity, "USING INDEX ")
	if !isIndex {
		if t.ReplicaIdentity != "" {
			b.Set("replica_identity", hcl.Bare(t.ReplicaIdentity))
		}
		return
	}
	name := unquoteIdent(quoted)
	if share, ok := identityShare(t); ok && !e.state.Has(share.ID) {
		b.Set("replica_identity", hcl.Raw(t.ReplicaIdentity))
	}
	for _, kind := range []string{"index", "unique", "primary_key"} {
		if !e.state.Has(object.ID{Kind: kind, Schema: id.Schema, Table: id.Name, Name: name}) {
			continue
		}
		if kind == "primary_key" && name == generatedName(id.Name, "", "pkey") {
			b.Set("replica_identity", hcl.To(kind))
		} else {
			b.Set("replica_identity", hcl.To(kind, name))
		}
	}
}

func encodeStorageParams(options []string, b *hcl.Block) {
	if len(options) == 0 {
		return
	}
	s := b.Add("storage_params")
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		switch {
		case value == "true" || value == "false":
			s.Set(name, hcl.Flag(value == "true"))
		case plainNumber.MatchString(value):
			s.Set(name, hcl.Num(value))
		default:
			s.Set(name, hcl.Str(value))
		}
	}
}

// encodePartitionKey reads pg_get_partkeydef: RANGE (a, lower(b) COLLATE "C" text_ops).
func (e *encoder) encodePartitionKey(t *Table, id object.ID, b *hcl.Block) {
	typ, list, ok := strings.Cut(t.PartitionBy, " ")
	if !ok {
		return
	}
	p := b.Add("partition")
	p.Set("type", hcl.Bare(typ))
	inside, _, _ := bracketed(strings.TrimSpace(list))
	owner := id
	if schema, parent, ok := splitQualified(t.PartitionOf); ok && t.PartitionOf != "" {
		owner = object.ID{Kind: "table", Schema: schema, Name: parent}
	}
	parts := splitTop(inside, ",")
	var columns []string
	for _, part := range parts {
		if name, ok := wholeIdent(part); ok {
			columns = append(columns, name)
		}
	}
	if len(columns) == len(parts) {
		p.Set("columns", e.columnRefs(owner, columns, id))
		return
	}
	for _, part := range parts {
		e.encodeKeyPart(part, owner, id, p)
	}
}

// encodeKeyPart writes a part of a key as a block by: a column or an expression, and what follows it.
func (e *encoder) encodeKeyPart(part string, owner, here object.ID, in *hcl.Block) {
	b := in.Add("by")
	rest := ""
	if inside, after, ok := bracketed(part); ok {
		b.Set("expr", hcl.Code(unwrapped(inside)))
		rest = after
	} else if name, after, ok := takeIdent(part); ok && !strings.HasPrefix(after, "(") && !strings.HasPrefix(after, ".") {
		b.Set("column", e.columnRef(owner, name, here))
		rest = after
	} else {
		words := splitTop(part, " ")
		b.Set("expr", hcl.Code(words[0]))
		rest = strings.Join(words[1:], " ")
	}
	if collation, ok := strings.CutPrefix(rest, "COLLATE "); ok {
		words := splitTop(collation, " ")
		if name, ok := wholeIdent(strings.TrimPrefix(words[0], "pg_catalog.")); ok {
			b.Set("collate", hcl.Str(name))
		} else {
			b.Set("collate", hcl.Raw(words[0]))
		}
		rest = strings.Join(words[1:], " ")
	}
	if rest != "" {
		b.Set("ops", opsValue(rest))
	}
}

func opsValue(ops string) hcl.Value {
	if name, ok := wholeIdent(strings.TrimPrefix(ops, "pg_catalog.")); ok {
		return hcl.Str(name)
	}
	return hcl.Raw(ops)
}

// encodeBound reads what pg_get_expr makes of relpartbound.
func encodeBound(bound string, b *hcl.Block) {
	values, ok := strings.CutPrefix(bound, "FOR VALUES ")
	if !ok {
		return // DEFAULT, or no partition
	}
	list := func(text string) hcl.Value {
		inside, _, _ := bracketed(strings.TrimSpace(text))
		var items []hcl.Value
		for _, v := range splitTop(inside, ",") {
			switch {
			case v == "MINVALUE" || v == "MAXVALUE":
				items = append(items, hcl.Bare(v))
			case plainNumber.MatchString(v):
				items = append(items, hcl.Num(v))
			default:
				items = append(items, hcl.Str(v))
			}
		}
		return hcl.Items(items...)
	}
	switch {
	case strings.HasPrefix(values, "FROM "):
		_, rest, _ := bracketed(strings.TrimPrefix(values, "FROM "))
		r := b.Add("range")
		r.Set("from", list(strings.TrimPrefix(values, "FROM ")))
		r.Set("to", list(strings.TrimPrefix(rest, "TO ")))
	case strings.HasPrefix(values, "IN "):
		b.Add("list").Set("in", list(strings.TrimPrefix(values, "IN ")))
	default: // WITH (modulus 4, remainder 0)
		h := b.Add("hash")
		inside, _, _ := bracketed(strings.TrimPrefix(values, "WITH "))
		for _, part := range splitTop(inside, ",") {
			name, value, _ := strings.Cut(part, " ")
			h.Set(name, hcl.Num(value))
		}
	}
}

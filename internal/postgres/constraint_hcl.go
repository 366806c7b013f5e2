package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// constraintHCL is how a kind of constraint stands in a table's block.
func constraintHCL(name string) hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: constraintSpec(name), in: constraintHosts(name),
			decode: decodeConstraint,
		}},
		encode: encodeConstraint,
		link:   linkConstraint,
	}
}

// constraintHosts are the blocks that a kind of constraint stands in: foreign tables have checks only.
func constraintHosts(name string) []string {
	if name == "check" {
		return []string{"table", "partition", "foreign_table"}
	}
	return []string{"table", "partition"}
}

func linkConstraint(d *decoder, o *object.Object) {
	if c := o.Value.(*Constraint); o.ID.Kind == "foreign_key" {
		o.Needs = append(o.Needs, d.keyOf(object.ID{Kind: "table", Schema: c.RefSchema, Name: c.RefTable}, c.RefColumns)...)
	}
}

func constraintSpec(name string) *hcl.BlockSpec {
	deferrable := hcl.AttrSpec{
		Name: "deferrable", Takes: hcl.Word, Words: []string{"INITIALLY_IMMEDIATE", "INITIALLY_DEFERRED"},
		Doc: "it can be checked at the end of the transaction",
	}
	notValid := hcl.AttrSpec{Name: "not_valid", Takes: hcl.Bool, Doc: "true: rows that were there before are not checked"}
	enforced := hcl.AttrSpec{Name: "enforced", Takes: hcl.Bool, Doc: "false: no row is checked; from PostgreSQL 18 on"}
	overlaps := hcl.AttrSpec{Name: "without_overlaps", Takes: hcl.Bool, Doc: "true: the last column is a range, and equal keys have ranges that do not overlap; from PostgreSQL 18 on"}
	include := columnsAttr("include", "columns that its index carries along", false)
	nulls := hcl.AttrSpec{Name: "nulls_distinct", Takes: hcl.Bool, Doc: "false: nulls count as equal; from PostgreSQL 15 on"}
	spec := &hcl.BlockSpec{Type: name, Labels: hcl.OptionalLabel}
	switch name {
	case "primary_key":
		spec.Doc, spec.Single = "the primary key", true
		spec.Attrs = []hcl.AttrSpec{columnsAttr("columns", "its columns", false), include, overlaps, deferrable, partOfAttr()}
	case "unique":
		spec.Doc = "a unique constraint"
		spec.Attrs = []hcl.AttrSpec{columnsAttr("columns", "its columns", false), include, nulls, overlaps, deferrable, partOfAttr()}
	case "check":
		spec.Doc = "a check constraint"
		spec.Attrs = []hcl.AttrSpec{
			{Name: "expr", Takes: hcl.Expr, Doc: "the condition that rows meet"},
			{Name: "no_inherit", Takes: hcl.Bool, Doc: "true: it does not hold for tables that inherit"},
			notValid, enforced,
		}
	case "foreign_key":
		actions := []string{"NO_ACTION", "RESTRICT", "CASCADE", "SET_NULL", "SET_DEFAULT"}
		spec.Doc = "a foreign key"
		spec.Attrs = []hcl.AttrSpec{
			columnsAttr("columns", "its columns", false),
			columnsAttr("ref_columns", "the columns that it refers to: ref_columns = [table.users.column.id]", false),
			{Name: "ref_table", Takes: hcl.Reference | hcl.Expr, Refs: []string{"table", "partition"}, Doc: "the table that it refers to, where its columns are no blocks"},
			{Name: "on_update", Takes: hcl.Word, Words: actions, Doc: "what an update of the referenced key does"},
			{Name: "on_delete", Takes: hcl.Word, Words: actions, Doc: "what a delete of the referenced row does"},
			columnsAttr("on_delete_columns", "which columns SET_NULL or SET_DEFAULT sets, where not all; from PostgreSQL 15 on", false),
			{Name: "match", Takes: hcl.Word, Words: []string{"SIMPLE", "FULL"}, Doc: "FULL: all columns are null or none is"},
			{Name: "period", Takes: hcl.Bool, Doc: "true: the last column is a range, which the ranges of the rows referred to cover; from PostgreSQL 18 on"},
			deferrable, notValid, enforced,
		}
	case "exclude":
		spec.Doc = "an exclusion constraint"
		spec.Attrs = []hcl.AttrSpec{
			{Name: "type", Takes: hcl.Word | hcl.String, Words: indexMethods(), Doc: "the index method; BTREE by default"},
			{Name: "where", Takes: hcl.Expr, Doc: "the rows that it holds for"}, include, deferrable,
		}
		spec.Blocks = []*hcl.BlockSpec{{Type: "on", Doc: "a column or an expression, and the operator that no two rows may meet", Attrs: append(partAttrs(),
			hcl.AttrSpec{Name: "op", Takes: hcl.Expr, Required: true, Doc: `the operator: op = "&&"`})}}
	}
	spec.Attrs = append(spec.Attrs, definitionAttr())
	return spec
}

func decodeConstraint(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	c := &Constraint{NotValid: b.Bool("not_valid", false), Unnamed: b.Name() == ""}
	o := &object.Object{Value: c, Parent: table.ID}
	c.Deferrable = strings.ReplaceAll(b.Text("deferrable"), "_", " ")
	var needs []object.ID
	c.Columns, needs = d.columns(b.List("columns"), table.ID)
	o.Needs = append(o.Needs, needs...)
	c.Include, needs = d.columns(b.List("include"), table.ID)
	o.Needs = append(o.Needs, needs...)
	c.NullsNotDistinct = !b.Bool("nulls_distinct", true)
	c.Temporal = b.Bool("without_overlaps", false) || b.Bool("period", false)
	c.NotEnforced = !b.Bool("enforced", true)
	if v, ok := b.Attr("definition"); ok {
		c.Def = v.Text
		if target, columns, ok := referred(c.Def); ok && b.Type == "foreign_key" {
			c.RefSchema, c.RefTable, c.RefColumns = target.Schema, target.Name, columns
			o.Needs = append(o.Needs, target)
		}
		for _, a := range b.Attrs {
			if !slices.Contains([]string{"definition", "comment", "not_valid", "part_of"}, a.Name) {
				d.faults.Add(b.Errorf("conflict", "%s has a definition and %q", b, a.Name).WithHint("a definition is the whole constraint"))
			}
		}
	} else {
		d.define(b, c, o)
	}
	o.ID = object.ID{Kind: b.Type, Schema: table.ID.Schema, Table: table.ID.Name, Name: b.Name()}
	if c.Unnamed {
		o.ID.Name = d.likelyName(o.ID, c)
	} else {
		o.Claims = []string{"constraint " + tableOf(o.ID) + "." + ident(o.ID.Name)}
		if b.Type == "primary_key" || b.Type == "unique" || b.Type == "exclude" {
			o.Claims = append(o.Claims, relationClaim(o.ID.Schema, o.ID.Name))
		}
	}
	d.partOf(b, o)
	if b.Type == "primary_key" || b.Type == "unique" {
		d.keys[table.ID] = append(d.keys[table.ID], key{o.ID, c.Columns})
	}
	return d.object(b, o)
}

// define spells the constraint from its attributes.
func (d *decoder) define(b *hcl.Block, c *Constraint, o *object.Object) {
	required := "columns"
	switch b.Type {
	case "check":
		required, c.Expr, c.NoInherit = "expr", b.Text("expr"), b.Bool("no_inherit", false)
		c.Def = c.checkDef()
	case "foreign_key":
		d.reference(b, c, o)
		spelled := *c
		if list, ok := b.Attr("on_delete_columns"); ok {
			if !strings.HasPrefix(c.OnDelete, "SET ") {
				d.faults.Add(list.Errorf("conflict", "%s sets no columns", b).WithHint("write on_delete = SET_NULL or SET_DEFAULT too"))
			}
			names, _ := d.columns(b.List("on_delete_columns"), o.Parent)
			spelled.OnDelete += " (" + idents(names) + ")"
		}
		c.Def = spelled.foreignKeyDef(b.Text("match"))
	case "exclude":
		required = ""
		d.exclusion(b, c, o)
	default:
		c.Def = c.keyDef(b.Type)
	}
	if _, ok := b.Attr(required); required != "" && !ok {
		d.faults.Add(b.Errorf("missing-attribute", "%s lacks the attribute %q", b, required))
	}
}

// reference reads what a foreign key refers to.
func (d *decoder) reference(b *hcl.Block, c *Constraint, o *object.Object) {
	var target object.ID
	refs := b.List("ref_columns")
	if v, ok := b.Attr("ref_table"); ok {
		if v.Ref.Target != nil {
			target = d.idOf(v.Ref.Target)
		} else if schema, name, ok := splitQualified(v.Text); ok {
			target = object.ID{Kind: "table", Schema: schema, Name: name}
		} else {
			d.faults.Add(v.Errorf("wrong-value", "%q is no name of a table", v.Text))
		}
	} else if len(refs) > 0 && refs[0].Ref.Target != nil {
		column := d.idOf(refs[0].Ref.Target)
		target = object.ID{Kind: "table", Schema: column.Schema, Name: column.Table}
	} else {
		d.faults.Add(b.Errorf("missing-attribute", "%s does not say what it refers to", b).
			WithHint("write ref_columns = [table.users.column.id]"))
		return
	}
	c.RefSchema, c.RefTable = target.Schema, target.Name
	for _, v := range refs {
		if v.Ref.Target == nil {
			c.RefColumns = append(c.RefColumns, v.Text)
			continue
		}
		column := d.idOf(v.Ref.Target)
		c.RefColumns = append(c.RefColumns, column.Name)
		o.Needs = append(o.Needs, column)
		if _, explicit := b.Attr("ref_table"); !explicit && (column.Schema != target.Schema || column.Table != target.Name) {
			d.faults.Add(v.Errorf("wrong-table", "the columns of one foreign key refer to one table, not to %s and %s", target.Name, column.Table))
		}
	}
	if n, m := len(c.Columns), len(c.RefColumns); n != m && m > 0 {
		list, _ := b.Attr("ref_columns")
		d.faults.Add(list.Errorf("wrong-value", "%s has another number of columns (%d) than it refers to (%d)", b, n, m))
	}
	o.Needs = append(o.Needs, target)
	c.OnUpdate, c.OnDelete = actionOf(b.Text("on_update")), actionOf(b.Text("on_delete"))
}

// referred finds what a foreign key refers to in its definition.
func referred(def string) (target object.ID, columns []string, ok bool) {
	_, rest, _ := strings.Cut(def, " REFERENCES ")
	first, rest, ok := takeIdent(rest)
	if !ok || !strings.HasPrefix(rest, ".") {
		return target, nil, false
	}
	second, rest, ok := takeIdent(rest[1:])
	inside, _, listed := bracketed(rest)
	for _, part := range splitTop(inside, ",") {
		if listed {
			columns = append(columns, unquoteIdent(strings.TrimPrefix(part, "PERIOD ")))
		}
	}
	return object.ID{Kind: "table", Schema: first, Name: second}, columns, ok
}

func actionOf(word string) string {
	if word == "NO_ACTION" {
		return ""
	}
	return strings.ReplaceAll(word, "_", " ")
}

// exclusion spells an exclusion constraint; its blocks are kept in the definition only.
func (d *decoder) exclusion(b *hcl.Block, c *Constraint, o *object.Object) {
	var parts []string
	for _, on := range b.Nested("on") {
		part, _ := d.indexPart(on, o.Parent, o)
		parts = append(parts, part.sql()+" WITH "+on.Text("op"))
	}
	if len(parts) == 0 {
		d.faults.Add(b.Errorf("missing-block", "%s has no block %q", b, "on").WithHint("write on { column = column.id, op = \"=\" }, one attribute a line"))
	}
	c.Def = "EXCLUDE USING " + methodOf(b) + " (" + strings.Join(parts, ", ") + ")" + c.includeSQL()
	if v, ok := b.Attr("where"); ok {
		c.Def += " WHERE (" + v.Text + ")"
	}
	c.Def += c.deferrableSQL()
}

// The definitions that the attributes amount to, in the server's order of clauses (src/backend/utils/adt/ruleutils.c,
// pg_get_constraintdef_worker).

func (c *Constraint) checkDef() string {
	return "CHECK (" + c.Expr + ")" + toggle(c.NoInherit, " NO INHERIT", "") + toggle(c.NotEnforced, " NOT ENFORCED", "")
}

func (c *Constraint) keyDef(kind string) string {
	word := toggle(kind == "primary_key", "PRIMARY KEY", "UNIQUE") + toggle(c.NullsNotDistinct, " NULLS NOT DISTINCT", "")
	return word + " (" + idents(c.Columns) + toggle(c.Temporal, " WITHOUT OVERLAPS", "") + ")" + c.includeSQL() + c.deferrableSQL()
}

func (c *Constraint) foreignKeyDef(match string) string {
	out := "FOREIGN KEY (" + c.periodSQL(c.Columns) + ") REFERENCES " + qualified(c.RefSchema, c.RefTable)
	if len(c.RefColumns) > 0 {
		out += "(" + c.periodSQL(c.RefColumns) + ")"
	}
	if match == "FULL" {
		out += " MATCH FULL"
	}
	if c.OnUpdate != "" {
		out += " ON UPDATE " + c.OnUpdate
	}
	if c.OnDelete != "" {
		out += " ON DELETE " + c.OnDelete
	}
	return out + c.deferrableSQL() + toggle(c.NotEnforced, " NOT ENFORCED", "")
}

// periodSQL lists the columns of a foreign key; the last one may be a period.
func (c *Constraint) periodSQL(columns []string) string {
	last := len(columns) - 1
	if !c.Temporal || last < 1 {
		return idents(columns)
	}
	return idents(columns[:last]) + ", PERIOD " + ident(columns[last])
}

func (c *Constraint) includeSQL() string {
	if len(c.Include) == 0 {
		return ""
	}
	return " INCLUDE (" + idents(c.Include) + ")"
}

func (c *Constraint) deferrableSQL() string {
	switch c.Deferrable {
	case "INITIALLY DEFERRED":
		return " DEFERRABLE INITIALLY DEFERRED"
	case "INITIALLY IMMEDIATE":
		return " DEFERRABLE"
	}
	return ""
}

// likelyName is the name that the server will most likely make up. It serves to tell objects apart and to find their
// declarations; the statement leaves the choice to the server.
func (d *decoder) likelyName(id object.ID, c *Constraint) string {
	label, columns := "check", ""
	switch id.Kind {
	case "primary_key":
		label = "pkey"
	case "unique":
		label, columns = "key", strings.Join(c.Columns, "_")
	case "foreign_key":
		label, columns = "fkey", strings.Join(c.Columns, "_")
	case "exclude":
		label = "excl"
	}
	for n, suffix := 0, ""; ; n++ {
		if n > 0 {
			suffix = strings.Repeat("1", n) // unique is enough: a second one is rare
		}
		id.Name = generatedName(id.Table, columns, label+suffix)
		if !d.state.Has(id) {
			return id.Name
		}
	}
}

func encodeConstraint(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	c := o.Value.(*Constraint)
	b := &hcl.Block{Type: o.ID.Kind, Labels: []string{o.ID.Name}}
	if o.ID.Kind == "primary_key" && o.ID.Name == generatedName(o.ID.Table, "", "pkey") {
		b.Labels = nil
	}
	if !e.constraintAttrs(c, o.ID, b) {
		b.Attrs, b.Blocks = nil, nil
		b.Set("definition", hcl.Code(c.Def))
	}
	if c.NotValid {
		b.Set("not_valid", hcl.Flag(true))
	}
	e.partOf(o.ID, b)
	return b
}

// constraintAttrs writes the constraint as attributes. It reports false when they do not amount to its definition.
func (e *encoder) constraintAttrs(c *Constraint, id object.ID, b *hcl.Block) bool {
	table := object.ID{Kind: "table", Schema: id.Schema, Name: id.Table}
	def := ""
	switch id.Kind {
	case "check":
		b.Set("expr", hcl.Code(unwrapped(c.Expr)))
		setFlag(b, "no_inherit", c.NoInherit)
		def = c.checkDef()
	case "foreign_key":
		b.Set("columns", e.keyColumns(table, c.Columns))
		setFlag(b, "period", c.Temporal)
		def = e.encodeReference(c, table, b)
	case "exclude":
		return e.encodeExclude(c, table, b)
	default:
		b.Set("columns", e.keyColumns(table, c.Columns))
		if len(c.Include) > 0 {
			b.Set("include", e.keyColumns(table, c.Include))
		}
		if c.NullsNotDistinct {
			b.Set("nulls_distinct", hcl.Flag(false))
		}
		setFlag(b, "without_overlaps", c.Temporal)
		def = c.keyDef(id.Kind)
	}
	if c.NotEnforced {
		b.Set("enforced", hcl.Flag(false))
	}
	encodeDeferrable(c, b)
	return sameSQL(def, c.Def)
}

// keyColumns refers to columns from inside their table, or from a partition to those of the partitioned table.
func (e *encoder) keyColumns(table object.ID, names []string) hcl.Value {
	return e.columnRefs(e.columnOwner(table), names, table)
}

// columnOwner is the table whose block declares the columns: a partition's are those of the partitioned table.
func (e *encoder) columnOwner(table object.ID) object.ID {
	for range 64 { // deeper than partitions go
		t, ok := kind.Get[Table](e.state, table)
		if !ok || t.V.PartitionOf == "" {
			break
		}
		schema, name, _ := splitQualified(t.V.PartitionOf)
		table = object.ID{Kind: "table", Schema: schema, Name: name}
	}
	return table
}

func encodeDeferrable(c *Constraint, b *hcl.Block) {
	if c.Deferrable != "" {
		b.Set("deferrable", hcl.Bare(strings.ReplaceAll(c.Deferrable, " ", "_")))
	}
}

func (e *encoder) encodeReference(c *Constraint, table object.ID, b *hcl.Block) string {
	target := object.ID{Kind: "table", Schema: c.RefSchema, Name: c.RefTable}
	owner := e.columnOwner(target)
	refs := e.columnRefs(owner, c.RefColumns, table)
	direct := owner == target
	for _, r := range refs.List {
		direct = direct && r.Kind == hcl.Reference
	}
	if !direct {
		b.Set("ref_table", e.tableRef(qualified(c.RefSchema, c.RefTable)))
	}
	b.Set("ref_columns", refs)
	spelled := *c
	for _, a := range []struct{ name, action string }{{"on_update", c.OnUpdate}, {"on_delete", c.OnDelete}} {
		if a.action != "" {
			b.Set(a.name, hcl.Bare(strings.ReplaceAll(a.action, " ", "_")))
		}
	}
	if _, rest, ok := strings.Cut(c.Def, " ON DELETE "+c.OnDelete+" ("); ok && strings.HasPrefix(c.OnDelete, "SET ") {
		inside, _, _ := bracketed("(" + rest)
		var names []string
		for _, part := range splitTop(inside, ",") {
			names = append(names, unquoteIdent(part))
		}
		b.Set("on_delete_columns", e.keyColumns(table, names))
		spelled.OnDelete += " (" + idents(names) + ")"
	}
	if strings.Contains(c.Def, " MATCH FULL") {
		b.Set("match", hcl.Bare("FULL"))
		return spelled.foreignKeyDef("FULL")
	}
	return spelled.foreignKeyDef("")
}

// encodeExclude reads EXCLUDE USING gist (room WITH =, tsrange(a, b) WITH &&) WHERE (…).
func (e *encoder) encodeExclude(c *Constraint, table object.ID, b *hcl.Block) bool {
	method, rest, ok := takeIdent(strings.TrimPrefix(c.Def, "EXCLUDE USING "))
	inside, rest, isList := bracketed(rest)
	if !ok || !isList {
		return false
	}
	if method != "btree" {
		b.Set("type", methodValue(method))
	}
	var parts []string
	for _, p := range splitTop(inside, ",") {
		halves := splitTop(p, " WITH ")
		if len(halves) != 2 {
			return false
		}
		on := b.Add("on")
		if name, ok := wholeIdent(halves[0]); ok {
			on.Set("column", e.columnRef(e.columnOwner(table), name, table))
		} else if wrapped(halves[0]) != halves[0] {
			return false // it carries an operator class or an order
		} else {
			on.Set("expr", hcl.Code(unwrapped(halves[0])))
		}
		on.Set("op", hcl.Str(halves[1]))
		parts = append(parts, p)
	}
	if len(c.Include) > 0 {
		b.Set("include", e.keyColumns(table, c.Include))
	}
	where := ""
	if _, after, ok := strings.Cut(rest, "WHERE "); ok {
		if inside, _, ok := bracketed(after); ok {
			where = inside
			b.Set("where", hcl.Code(unwrapped(where)))
		}
	}
	encodeDeferrable(c, b)
	def := "EXCLUDE USING " + ident(method) + " (" + strings.Join(parts, ", ") + ")" + c.includeSQL()
	if where != "" {
		def += " WHERE (" + where + ")"
	}
	return sameSQL(def+c.deferrableSQL(), c.Def)
}

package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func columnHCL() hclKind {
	attrs := []hcl.AttrSpec{
		{Name: "type", Takes: hcl.Type | hcl.String | hcl.SQL, Required: true, Doc: `its type: type = varchar(255), or type = sql("int(6) zerofill")`},
		{Name: "null", Takes: hcl.Bool, Doc: "true: it may be null"},
		{Name: "default", Takes: hcl.String | hcl.Number | hcl.Bool | hcl.SQL, Doc: `its default: a text, a number, true, false or an expression: default = sql("(uuid())")`},
		{Name: "unsigned", Takes: hcl.Bool, Doc: "true: numbers are not negative"},
		{Name: "auto_increment", Takes: hcl.Bool, Doc: "true: new rows are numbered"},
		{Name: "on_update", Takes: hcl.SQL | hcl.String, Doc: `what an update of the row sets it to: on_update = sql("CURRENT_TIMESTAMP")`},
		{Name: "as", Takes: hcl.Expr, Doc: "the expression of a virtual generated column"},
		{Name: "invisible", Takes: hcl.Bool, Doc: "true: SELECT * leaves it out"},
		{Name: "srid", Takes: hcl.Number, Doc: "the spatial reference system of its values"},
		{Name: "check", Takes: hcl.Expr, Doc: "a check of the column's own; MariaDB"},
		{Name: "unversioned", Takes: hcl.Bool, Doc: "true: system versioning leaves it out; MariaDB"},
		{Name: "column_format", Takes: hcl.Word, Words: []string{"FIXED", "DYNAMIC"}, Doc: "how NDB keeps it; InnoDB only remembers that it was written; MySQL"},
		{Name: "storage", Takes: hcl.Word, Words: []string{"DISK", "MEMORY"}, Doc: "where NDB keeps it; InnoDB only remembers that it was written; MySQL"},
		commentAttr(),
	}
	attrs = append(attrs, engineAttrs()...)
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "column", Labels: hcl.OneLabel, Doc: "a column of the table", Attrs: append(attrs, charsetAttrs("the column")...),
			Blocks: []*hcl.BlockSpec{{Type: "as", Single: true, Doc: "a generated column", Attrs: []hcl.AttrSpec{
				{Name: "expr", Takes: hcl.Expr, Required: true, Doc: "the expression of the generated column"},
				{Name: "type", Takes: hcl.Word, Words: []string{"VIRTUAL", "STORED", "PERSISTENT"}, Doc: "VIRTUAL by default; PERSISTENT is MariaDB's word for STORED"},
			}}},
		},
		in: "table", decode: decodeColumn, encode: encodeColumn,
	}
}

func engineAttrs() []hcl.AttrSpec {
	return []hcl.AttrSpec{
		{Name: "engine_attribute", Takes: hcl.String, Doc: "JSON for the storage engine; MySQL"},
		{Name: "secondary_engine_attribute", Takes: hcl.String, Doc: "JSON for the secondary engine; MySQL"},
	}
}

func decodeColumn(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	t := d.tables[table.ID]
	c := &Column{
		Type: b.Text("type"), NotNull: !b.Bool("null", false), AutoIncrement: b.Bool("auto_increment", false),
		OnUpdate: b.Text("on_update"), Generated: b.Text("as"), Comment: b.Text("comment"), Invisible: b.Bool("invisible", false),
		SRID: b.Text("srid"), Check: b.Text("check"), Unversioned: b.Bool("unversioned", false),
	}
	if b.Bool("unsigned", false) && !strings.Contains(c.Type, "unsigned") {
		c.Type += " unsigned"
	}
	c.EngineAttribute, c.SecondaryAttribute = b.Text("engine_attribute"), b.Text("secondary_engine_attribute")
	var storage []string
	for _, clause := range []string{"storage", "column_format"} {
		if word := b.Text(clause); word != "" {
			storage = append(storage, strings.ToUpper(clause)+" "+word)
		}
	}
	c.setStorage(storage, t.table.Engine)
	c.Charset, c.Collation = collationOf(b)
	c.Inherits = c.Charset == ""
	if v, ok := b.Attr("default"); ok {
		c.Default = defaultOf(v)
	}
	if as := b.Only("as"); as != nil {
		if c.Generated != "" {
			d.faults.Add(as.Errorf("conflict", "%s has the attribute and the block %q", b, "as").WithHint("keep one of them"))
		}
		c.Generated, c.Stored = as.Text("expr"), as.Text("type") == "STORED" || as.Text("type") == "PERSISTENT"
	}
	if c.Generated != "" && c.Default != "" {
		d.faults.Add(b.Errorf("conflict", "%s has an expression that generates it and a default", b).WithHint("keep one of the two"))
	}
	// Neither is spelled for generated columns unless it says something: MariaDB has no place for it.
	c.MariaDB = c.Generated != "" && !c.NotNull || strings.HasPrefix(c.Generated, "ROW ")
	if n := len(t.table.Columns); n > 0 {
		c.After = t.table.Columns[n-1]
	}
	name := b.Labels[0]
	t.table.Columns = append(t.table.Columns, name)
	t.columns[name] = c
	c.Position = len(t.table.Columns)
	o := &object.Object{ID: columnID(table.ID, name), Value: c, Parent: table.ID}
	for _, names := range namesIn(c.Default) {
		o.Needs = append(o.Needs, object.ID{Kind: "sequence", Schema: table.ID.Schema, Name: names[len(names)-1]})
	}
	return d.object(b, o)
}

// defaultOf is the SQL of a default.
func defaultOf(v hcl.Value) string {
	switch v.Kind {
	case hcl.String:
		return literal(v.Text)
	case hcl.Bool:
		return map[bool]string{true: "1", false: "0"}[v.Bool]
	}
	return v.Text
}

func encodeColumn(e *encoder, o *object.Object, b *hcl.Block) {
	c := o.Value.(*Column)
	typ, unsigned := c.Type, false
	if !c.oddWidth() {
		typ, unsigned = strings.CutSuffix(c.Type, " unsigned")
	}
	b.Set("type", e.typeValue(typ, c))
	if !c.NotNull {
		b.Set("null", hcl.Flag(true))
	}
	setFlag(b, "unsigned", unsigned)
	setFlag(b, "auto_increment", c.AutoIncrement)
	if c.Default != "" {
		b.Set("default", defaultValue(c))
	}
	if c.OnUpdate != "" {
		b.Set("on_update", hcl.Raw(c.OnUpdate))
	}
	if !c.Inherits || c.Named {
		setCollation(b, c.Charset, c.Collation)
	}
	setText(b, "comment", c.Comment)
	setFlag(b, "invisible", c.Invisible)
	if c.SRID != "" {
		b.Set("srid", hcl.Num(c.SRID))
	}
	setCode(b, "check", c.Check)
	setFlag(b, "unversioned", c.Unversioned)
	for _, clause := range append(slices.Clone(c.Storage), c.Unheeded...) {
		name, word, _ := strings.Cut(clause, " ")
		b.Set(strings.ToLower(name), hcl.Bare(word))
	}
	setText(b, "engine_attribute", c.EngineAttribute)
	setText(b, "secondary_engine_attribute", c.SecondaryAttribute)
	if c.Generated != "" {
		as := b.Add("as")
		as.Set("expr", hcl.Code(c.Generated))
		as.Set("type", hcl.Bare(map[bool]string{true: "STORED", false: "VIRTUAL"}[c.Stored]))
	}
}

// displayWidth is the width that MariaDB adds to an integer type by itself.
var displayWidth = regexp.MustCompile(`^(tinyint\([34]\)|smallint\([56]\)|mediumint\([89]\)|int\(1[01]\)|bigint\(20\)|year\(4\))$`)

// oddWidth reports whether an integer has another width than MariaDB adds to its type.
func (c *Column) oddWidth() bool {
	name, rest, has := strings.Cut(c.Type, "(")
	width, integer := widths()[name]
	if !c.MariaDB || !has || !integer {
		return false
	}
	return rest != width[0]+")" && rest != width[1]+") unsigned" && c.Type != "tinyint(1)"
}

// typeValue spells a type: as a word or function of Atlas's, or as sql("…").
func (e *encoder) typeValue(sql string, c *Column) hcl.Value {
	switch {
	case c.oddWidth():
		return hcl.Raw(sql)
	case c.MariaDB && displayWidth.MatchString(sql):
		sql, _, _ = strings.Cut(sql, "(")
	}
	text, known := e.typeHCL[sql]
	if !known {
		text, _ = e.types.HCL(sql)
		e.typeHCL[sql] = text
	}
	if text == "" {
		return hcl.Raw(sql)
	}
	return hcl.Bare(text)
}

var plainNumber = regexp.MustCompile(`^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?$`)

// defaultValue spells a default as a plain value where the server reads that back as the same.
func defaultValue(c *Column) hcl.Value {
	switch {
	case plainNumber.MatchString(c.Default):
		return hcl.Num(c.Default)
	case strings.HasPrefix(c.Default, "'") && tokenEnd(c.Default, 0) == len(c.Default):
		return hcl.Str(unquoteLiteral(c.Default))
	}
	return hcl.Raw(c.Default)
}

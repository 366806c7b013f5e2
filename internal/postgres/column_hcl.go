package postgres

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

func columnHCL() hclKind {
	foreign := columnSpec()
	foreign.Attrs = append(foreign.Attrs, optionsAttr())
	return hclKind{
		forms: []hclForm{
			{spec: columnSpec(), in: []string{"table"}, decode: decodeColumn},
			{spec: foreign, in: []string{"foreign_table"}, decode: decodeColumn},
		},
		encode: encodeColumn,
		link: func(d *decoder, o *object.Object) {
			o.Needs = append(o.Needs, d.typeNeeds(o.Value.(*Column).Type)...)
		},
	}
}

func columnSpec() *hcl.BlockSpec {
	return &hcl.BlockSpec{
		Type: "column", Labels: hcl.OneLabel, Doc: "a column of the table",
		Attrs: []hcl.AttrSpec{
			{Name: "type", Takes: hcl.Type | hcl.String | hcl.SQL | hcl.Reference, Refs: typeRefs(), Required: true,
				Doc: `its type: type = varchar(255), type = enum.mood or type = sql("text[]")`},
			{Name: "null", Takes: hcl.Bool, Doc: "true: it may be null"},
			{Name: "as", Takes: hcl.Expr, Doc: "the expression of a stored generated column"},
			collateAttr(),
			{Name: "storage", Takes: hcl.Word, Words: []string{"PLAIN", "EXTERNAL", "EXTENDED", "MAIN"}, Doc: "how long values are stored"},
			{Name: "compression", Takes: hcl.Word, Words: []string{"pglz", "lz4"}, Doc: "how long values are compressed"},
			{Name: "statistics", Takes: hcl.Number, Doc: "the target of ANALYZE"},
		},
		Blocks: []*hcl.BlockSpec{
			notNullBlock(),
			{Type: "as", Single: true, Doc: "a generated column", Attrs: []hcl.AttrSpec{
				{Name: "expr", Takes: hcl.Expr, Required: true, Doc: "the expression of the generated column"},
				{Name: "type", Takes: hcl.Word, Words: []string{"STORED", "VIRTUAL"}, Doc: "STORED (the default), or VIRTUAL from PostgreSQL 18 on"},
			}},
			{Type: "identity", Single: true, Doc: "an identity column", Attrs: append([]hcl.AttrSpec{
				{Name: "generated", Takes: hcl.Word, Words: []string{"ALWAYS", "BY_DEFAULT"}, Doc: "BY_DEFAULT by default"},
				{Name: "sequence", Takes: hcl.String, Doc: "the name of its sequence, where it is not table_column_seq"},
			}, sequenceAttrs()...)},
		},
	}
}

func decodeColumn(d *decoder, b *hcl.Block, table *object.Object) *object.Object {
	id := columnID(table.ID, b.Labels[0])
	if b.Parent.Text("of_type") != "" {
		d.faults.Add(b.Errorf("conflict", "%s has the columns of its type", table.ID).WithHint("declare them there, and say what is otherwise here in a block \"override\""))
	}
	c := &Column{
		NotNull: !b.Bool("null", false), Storage: b.Text("storage"), Compression: b.Text("compression"),
		Statistics: b.Text("statistics"), Position: position(b),
	}
	o := &object.Object{ID: id, Value: c, Parent: table.ID}
	typ, _ := b.Attr("type")
	var needs []object.ID
	c.Type, o.Needs = d.typeOf(typ)
	c.IsEnum = typ.Ref.Target != nil && d.idOf(typ.Ref.Target).Kind == "enum"
	c.Collation, needs = d.collation(b)
	o.Needs = append(o.Needs, needs...)
	c.Options = d.options(b, nil)
	d.decodeGenerated(b, c)
	d.decodeNotNull(b, c, id)
	if i := b.Only("identity"); i != nil {
		s := d.decodeSequenceOptions(i, canonicalInteger(c.Type))
		c.Identity = Identity{
			Generated: strings.ReplaceAll(i.Text("generated"), "_", " "),
			Start:     s.Start, Increment: s.Increment, Min: s.Min, Max: s.Max, Cache: s.Cache, Cycle: s.Cycle,
		}
		if name := i.Text("sequence"); name != identitySequence(id) {
			c.Identity.Sequence = name
		}
		o.Claims = []string{relationClaim(id.Schema, cmp.Or(c.Identity.Sequence, identitySequence(id)))}
		if c.Identity.Generated == "" {
			c.Identity.Generated = "BY DEFAULT"
		}
		if v, ok := b.Attr("null"); ok && v.Bool {
			d.faults.Add(v.Errorf("wrong-value", "the identity column %q cannot be null", id.Name))
		}
	}
	d.checkColumn(b)
	return d.object(b, o)
}

// position is the place of a column among those of its table.
func position(b *hcl.Block) int {
	n := 0
	for _, c := range b.Parent.Blocks {
		if c.Type == b.Type {
			n++
		}
		if c == b {
			break
		}
	}
	return n
}

func (d *decoder) decodeGenerated(b *hcl.Block, c *Column) {
	as := b.Only("as")
	if v, ok := b.Attr("as"); ok {
		c.Generated = v.Text
		if as != nil {
			d.faults.Add(as.Errorf("conflict", "%s has the attribute and the block %q", b, "as").WithHint("keep one of them"))
		}
	}
	if as != nil {
		c.Generated, c.Virtual = as.Text("expr"), as.Text("type") == "VIRTUAL"
	}
}

// checkColumn refuses what no column can be at once.
func (d *decoder) checkColumn(b *hcl.Block) {
	_, hasDefault := b.Attr("default")
	_, generated := b.Attr("as")
	generated = generated || b.Only("as") != nil
	identity := b.Only("identity") != nil
	for _, c := range []struct {
		both bool
		a, b string
	}{
		{generated && hasDefault, "an expression that generates it", "a default"},
		{generated && identity, "an expression that generates it", "an identity"},
		{identity && hasDefault, "an identity", "a default"},
	} {
		if c.both {
			d.faults.Add(b.Errorf("conflict", "%s has %s and %s", b, c.a, c.b).WithHint("keep one of the two"))
		}
	}
}

func encodeColumn(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	c := o.Value.(*Column)
	if isTyped(e.state, o.Parent) {
		return encodeTypedColumn(e, o, c)
	}
	b := &hcl.Block{Type: "column", Labels: []string{o.ID.Name}}
	serial := e.serials[o.ID]
	if serial != "" {
		b.Set("type", hcl.Bare(serial))
	} else {
		b.Set("type", e.typeExpr(c.Type))
	}
	if !c.NotNull {
		b.Set("null", hcl.Flag(true))
	}
	e.setCollation(b, c.Collation)
	setOptions(b, c.Options)
	for _, a := range []struct{ name, text string }{{"storage", c.Storage}, {"compression", c.Compression}, {"statistics", c.Statistics}} {
		if a.text != "" {
			b.Set(a.name, hcl.Bare(a.text))
		}
	}
	if c.Generated != "" {
		as := b.Add("as")
		as.Set("expr", hcl.Code(unwrapped(c.Generated)))
		as.Set("type", hcl.Bare(map[bool]string{true: "VIRTUAL", false: "STORED"}[c.Virtual]))
	}
	encodeNotNull(c.NotNullAs, b)
	if i := c.Identity; i.Generated != "" {
		n := b.Add("identity")
		n.Set("generated", hcl.Bare(strings.ReplaceAll(i.Generated, " ", "_")))
		if i.Sequence != "" {
			n.Set("sequence", hcl.Str(i.Sequence))
		}
		s := i.sequence()
		s.Type = c.Type
		encodeSequenceOptions(n, s)
	}
	return b
}

// defaultHCL makes the default an attribute of the column's block.
func defaultHCL() hclKind {
	return hclKind{
		attrs:       map[string][]hcl.AttrSpec{"table.column": {defaultAttr()}, "foreign_table.column": {defaultAttr()}},
		decodeAttrs: decodeDefault,
		encodeAttrs: encodeDefault,
	}
}

func defaultAttr() hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "default", Takes: hcl.String | hcl.Number | hcl.Bool | hcl.SQL,
		Doc: `its default: a text, a number, true, false or an expression: default = sql("now()")`,
	}
}

func defaultID(column object.ID) object.ID {
	return object.ID{Kind: "default", Schema: column.Schema, Table: column.Table, Name: column.Name}
}

func decodeDefault(d *decoder, b *hcl.Block, of *object.Object) {
	v, ok := b.Attr("default")
	if !ok || of.ID.Kind != "column" {
		return
	}
	d.add(&object.Object{ID: defaultID(of.ID), Value: &Default{Expr: defaultExpr(v)}, Parent: of.ID, Pos: v.Pos}, v.Width)
}

func encodeDefault(e *encoder, of object.ID, b *hcl.Block) {
	value, ok := kind.Get[Default](e.state, defaultID(of))
	if !ok || of.Kind != "column" {
		return
	}
	e.said[value.ID] = true
	if e.serials[of] == "" {
		column, _ := kind.Get[Column](e.state, of)
		b.Set("default", defaultValue(value.V.Expr, column.V.Type))
	}
}

var (
	plainNumber   = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,17})(?:\.[0-9]*[1-9])?$`)
	castedLiteral = regexp.MustCompile(`^('(?:[^']|'')*')(?:::(.+))?$`)
	negative      = regexp.MustCompile(`^-(?:[1-9][0-9]{0,17})$`)
)

// defaultValue spells a default as a plain value where the server would read that back as the same expression: a
// literal that it casts to the column's own type, or a number.
func defaultValue(expr, typ string) hcl.Value {
	switch {
	case expr == "true" || expr == "false":
		return hcl.Flag(expr == "true")
	case plainNumber.MatchString(expr) && isNumeric(typ):
		return hcl.Num(expr)
	}
	m := castedLiteral.FindStringSubmatch(expr)
	if m == nil {
		return hcl.Raw(expr)
	}
	text := strings.ReplaceAll(m[1][1:len(m[1])-1], "''", "'")
	if n, err := strconv.ParseInt(text, 10, 32); err == nil && m[2] == "integer" && negative.MatchString(text) && n < 0 && isNumeric(typ) {
		return hcl.Num(text)
	}
	if m[2] == baseType(typ) && !strings.Contains(text, `\`) {
		return hcl.Str(text)
	}
	return hcl.Raw(expr)
}

func isNumeric(typ string) bool {
	switch baseType(typ) {
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		return true
	}
	return false
}

package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func schemaHCL() hclKind {
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "schema", Labels: hcl.OneLabel, Doc: "a database",
			Attrs: append(charsetAttrs("new tables"), commentAttr(),
				hcl.AttrSpec{Name: "encrypted", Takes: hcl.Bool, Doc: "true: new tables are encrypted"}),
		},
		decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
			if d.scope.Bound {
				return nil // the connection names it
			}
			s := &Schema{Comment: b.Text("comment"), Encrypted: b.Bool("encrypted", false)}
			s.Charset, s.Collation = collationOf(b)
			id := d.idOf(b)
			return d.object(b, &object.Object{ID: id, Value: s, Claims: []string{"schema " + id.Name}})
		},
		encode: func(_ *encoder, o *object.Object, b *hcl.Block) {
			s := o.Value.(*Schema)
			setCollation(b, s.Charset, s.Collation)
			setText(b, "comment", s.Comment)
			setFlag(b, "encrypted", s.Encrypted)
		},
	}
}

func engines() []string { return []string{"InnoDB", "MyISAM", "Memory", "CSV", "NDB"} }

func tableHCL() hclKind {
	attrs := []hcl.AttrSpec{
		schemaAttr(),
		{Name: "engine", Takes: hcl.Word | hcl.String, Words: engines(), Doc: "the storage engine; InnoDB by default"},
		{Name: "auto_increment", Takes: hcl.Number, Doc: "where the counter of a new table starts; that of an existing one is raised only with manage { auto_increment = true }"},
		{Name: "system_versioned", Takes: hcl.Bool, Doc: "true: old versions of rows are kept; MariaDB"},
		{Name: "periods", Takes: hcl.Expr, List: true, Doc: `its periods as SQL; MariaDB: periods = ["PERIOD FOR p (a, b)"]`},
		{Name: "engine_options", Takes: hcl.String, List: true, Doc: "options whose names are no words of HCL, as SQL; MariaDB: engine_options = [\"`1st`='x'\"]"},
		{Name: "depends_on", Takes: hcl.Reference, List: true, Refs: []string{"table", "view", "function", "procedure", "sequence"}, Doc: "what must be there before"},
		commentAttr(),
	}
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "table", Labels: hcl.Qualified, Doc: "a table", Attrs: append(attrs, charsetAttrs("the table and new columns")...),
			Blocks: []*hcl.BlockSpec{{
				Type: "options", Single: true, Any: hcl.String | hcl.Number | hcl.Word,
				Doc: `other table options: options { row_format = "COMPRESSED" }`,
			}},
		},
		decode: decodeTable, encode: encodeTable,
	}
}

func decodeTable(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	t := &Table{
		Engine: b.Text("engine"), Comment: b.Text("comment"), Versioned: b.Bool("system_versioned", false), Start: b.Text("auto_increment"),
	}
	if t.Charset, t.Collation = collationOf(b); t.Charset == "" && d.scope.Bound {
		t.Charset, t.Collation = d.charset.Charset, d.charset.Collation
	}
	for _, p := range b.List("periods") {
		t.Periods = append(t.Periods, p.Text)
	}
	if o := b.Only("options"); o != nil {
		for _, a := range o.Attrs {
			t.Options = append(t.Options, optionName(a.Name)+"="+optionValue(a.Value))
		}
	}
	for _, o := range b.List("engine_options") {
		t.Options = append(t.Options, tableOptions(o.Text)...)
	}
	slices.Sort(t.Options)
	o := &object.Object{ID: id, Value: t, Claims: []string{relationClaim(id.Schema, id.Name)}, Needs: d.dependsOn(b)}
	d.tables[id] = &tableEntry{Object: o, table: t, columns: map[string]*Column{}}
	if o = d.object(b, o); o != nil && t.Start != "" && d.scope.Has(counterKind) {
		n := counterOf(id, t.Start)
		n.Pos, n.Needs = b.Pos, []object.ID{id}
		_ = d.state.Add(n) // the table is new
	}
	return o
}

// dependsOn reads what must be there before the object.
func (d *decoder) dependsOn(b *hcl.Block) []object.ID {
	var out []object.ID
	for _, v := range b.List("depends_on") {
		if v.Ref.Target != nil {
			out = append(out, d.idOf(v.Ref.Target))
		}
	}
	return out
}

var plainOption = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)

// optionName quotes the options of MariaDB's engines, as the catalog does: their names may be words of SQL.
func optionName(name string) string {
	name = strings.ToUpper(name)
	if slices.Contains(ownOptions(), name) {
		return name
	}
	return ident(name)
}

// ownOptions are those that the servers have words for (MySQL manual and MariaDB documentation, CREATE TABLE).
func ownOptions() []string {
	return []string{
		"AUTOEXTEND_SIZE", "AVG_ROW_LENGTH", "CHECKSUM", "COMPRESSION", "CONNECTION", "DELAY_KEY_WRITE", "ENCRYPTION", "ENGINE_ATTRIBUTE",
		"INSERT_METHOD", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PAGE_CHECKSUM", "ROW_FORMAT", "SECONDARY_ENGINE",
		"SECONDARY_ENGINE_ATTRIBUTE", "SEQUENCE", "STATS_AUTO_RECALC", "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLE_CHECKSUM", "TABLESPACE",
		"TRANSACTIONAL", "UNION",
	}
}

// optionValue is a number or word as it is, and any other text quoted.
func optionValue(v hcl.Value) string {
	if plainOption.MatchString(v.Text) && !strings.EqualFold(v.Text, "Y") && !strings.EqualFold(v.Text, "N") && !strings.EqualFold(v.Text, "zlib") && !strings.EqualFold(v.Text, "lz4") {
		return v.Text
	}
	return literal(v.Text)
}

func encodeTable(e *encoder, o *object.Object, b *hcl.Block) {
	t := o.Value.(*Table)
	if i := slices.IndexFunc(engines(), func(n string) bool { return strings.EqualFold(n, t.Engine) }); i >= 0 && i > 0 {
		b.Set("engine", hcl.Bare(engines()[i]))
	} else if i < 0 {
		b.Set("engine", hcl.Str(t.Engine))
	}
	default1 := e.charset
	if s, ok := e.state.Get(schemaID(o.ID.Schema)), o.ID.Schema != ""; ok && s != nil {
		default1 = Table{Charset: s.Value.(*Schema).Charset, Collation: s.Value.(*Schema).Collation}
	}
	if t.Collation != default1.Collation || o.ID.Schema != "" {
		setCollation(b, t.Charset, t.Collation)
	}
	setText(b, "comment", t.Comment)
	setFlag(b, "system_versioned", t.Versioned)
	if len(t.Periods) > 0 {
		list := make([]hcl.Value, len(t.Periods))
		for i, p := range t.Periods {
			list[i] = hcl.Str(p)
		}
		b.Set("periods", hcl.Items(list...))
	}
	encodeOptions(t.Options, b)
}

var wordOfHCL = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func encodeOptions(options []string, b *hcl.Block) {
	var n *hcl.Block
	var others []hcl.Value
	for _, x := range options {
		name, value, _ := strings.Cut(x, "=")
		if name = strings.ToLower(strings.Trim(name, "`")); !wordOfHCL.MatchString(name) {
			others = append(others, hcl.Str(x))
			continue
		}
		if n == nil {
			n = b.Add("options")
		}
		n.Set(name, hcl.Str(unquoteLiteral(value)))
	}
	if len(others) > 0 {
		b.Set("engine_options", hcl.Items(others...))
	}
}

// unquoteLiteral is the text of a quoted string, or of anything else as it is.
func unquoteLiteral(s string) string {
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		switch {
		case s[i] == '\'' && s[i+1] == '\'':
			i++
		case s[i] == '\\' && i+1 < len(s)-1:
			i++
			if r, ok := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '0': 0, 'Z': 26}[s[i]]; ok {
				b.WriteByte(r)
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

package postgres_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

// facts are what an inspection says, a line each: "public.users column email type" → "character varying(255)". They
// are the common ground on which two inspections are compared.
type facts map[string]string

func (f facts) set(value string, path ...string) {
	if value != "" {
		f[strings.Join(path, " ")] = value
	}
}

// realmFacts are the facts of Atlas's inspection.
func realmFacts(r *schema.Realm) facts {
	f := facts{}
	for _, s := range r.Schemas {
		f.set("there", "schema", s.Name)
		f.set(commentOf(s.Attrs), "schema", s.Name, "comment")
		for _, o := range s.Objects {
			if e, ok := o.(*schema.EnumType); ok {
				f.set(fmt.Sprintf("%q", e.Values), "enum", s.Name+"."+e.T)
			}
		}
		for _, t := range s.Tables {
			f.atlasTable(s.Name+"."+t.Name, t)
		}
	}
	return f
}

func (f facts) atlasTable(name string, t *schema.Table) {
	f.set("there", name, "table")
	f.set(commentOf(t.Attrs), name, "table comment")
	for _, c := range t.Columns {
		f.atlasColumn(name+" column "+c.Name, c)
	}
	if t.PrimaryKey != nil {
		f.atlasIndex(name+" primary_key "+t.PrimaryKey.Name, t.PrimaryKey)
	}
	for _, i := range t.Indexes {
		kind := "index"
		for _, a := range i.Attrs {
			switch c, ok := a.(*atlas.Constraint); {
			case ok && c.IsUnique():
				kind = "unique"
			case ok && c.IsExclude():
				kind = "exclude"
			}
		}
		f.atlasIndex(name+" "+kind+" "+i.Name, i)
	}
	for _, k := range t.ForeignKeys {
		path := name + " foreign_key " + k.Symbol
		f.set(columnNames(k.Columns), path, "columns")
		f.set(k.RefTable.Schema.Name+"."+k.RefTable.Name+" "+columnNames(k.RefColumns), path, "references")
		f.set(actionFact(string(k.OnUpdate)), path, "on update")
		f.set(actionFact(string(k.OnDelete)), path, "on delete")
	}
	for _, a := range t.Attrs {
		if c, ok := a.(*schema.Check); ok {
			f.set(bare(c.Expr), name, "check", c.Name)
			if slices.ContainsFunc(c.Attrs, is[*atlas.NoInherit]) {
				f.set("yes", name, "check", c.Name, "no inherit")
			}
		}
	}
}

func is[T schema.Attr](a schema.Attr) bool { _, ok := a.(T); return ok }

func (f facts) atlasColumn(path string, c *schema.Column) {
	f.set(nullFact(c.Type.Null), path, "null")
	f.set(commentOf(c.Attrs), path, "comment")
	typ := c.Type.Type
	if s, ok := typ.(*atlas.SerialType); ok {
		typ = s.IntegerType()
		f.set("nextval "+s.SequenceName, path, "default")
	}
	f.set(typeFact(typ, c.Type.Raw), path, "type")
	switch d := c.Default.(type) {
	case *schema.Literal:
		f.set(literalFact(d.V), path, "default")
	case *schema.RawExpr:
		f.set(literalFact(d.X), path, "default")
	}
	for _, a := range c.Attrs {
		switch a := a.(type) {
		case *atlas.Identity:
			f.set(fmt.Sprint(a.Generation, a.Sequence.Start, a.Sequence.Increment), path, "identity")
		case *schema.GeneratedExpr:
			f.set(bare(a.Expr), path, "generated")
		case *schema.Collation:
			f.set(a.V, path, "collation")
		}
	}
}

func (f facts) atlasIndex(path string, i *schema.Index) {
	var parts []string
	var operators []string
	for _, p := range i.Parts {
		var x postgres.IndexPart
		if p.C != nil {
			x.Column = p.C.Name
		} else {
			x.Expr = p.X.(*schema.RawExpr).X
		}
		x.Desc, x.NullsFirst = p.Desc, false
		for _, a := range p.Attrs {
			switch a := a.(type) {
			case *atlas.IndexColumnProperty:
				x.NullsFirst = a.NullsFirst
			case *atlas.IndexOpClass:
				x.OpClass = a.Name
			case *atlas.Operator:
				operators = append(operators, a.Name)
			}
		}
		parts = append(parts, partFact(x))
	}
	f.set(strings.Join(parts, ", "), path, "parts")
	f.set(strings.Join(operators, ", "), path, "operators")
	if strings.Contains(path, " index ") {
		f.set(fmt.Sprint(i.Unique), path, "unique")
	}
	f.set(commentOf(i.Attrs), path, "comment")
	for _, a := range i.Attrs {
		switch a := a.(type) {
		case *atlas.IndexType:
			if strings.Contains(path, " index ") {
				f.set(a.T, path, "method")
			}
		case *atlas.IndexPredicate:
			f.set(bare(a.P), path, "where")
		case *atlas.IndexInclude:
			f.set(columnNames(a.Columns), path, "include")
		case *atlas.IndexNullsDistinct:
			f.set(fmt.Sprint(!a.V), path, "nulls not distinct")
		case *atlas.IndexStorageParams:
			if a.PagesPerRange != 0 {
				f.set(fmt.Sprint(a.PagesPerRange), path, "pages per range")
			}
		}
	}
}

// stateFacts are the facts of our inspection.
func stateFacts(s *object.State) facts {
	f := facts{}
	for _, o := range s.All() {
		name := o.ID.Schema + "." + o.ID.Table
		path := name + " " + o.ID.Kind + " " + o.ID.Name
		switch v := o.Value.(type) {
		case *postgres.Schema:
			f.set("there", "schema", o.ID.Name)
		case *postgres.Enum:
			f.set(fmt.Sprintf("%q", v.Values), "enum", o.ID.Schema+"."+o.ID.Name)
		case *postgres.Table:
			f.set("there", o.ID.Schema+"."+o.ID.Name, "table")
		case *postgres.Column:
			f.ourColumn(path, v)
		case *postgres.Default:
			f.set(defaultFact(v.Expr), name, "column", o.ID.Name, "default")
		case *postgres.Constraint:
			f.ourConstraint(path, o.ID.Kind, v)
		case *postgres.Index:
			f.ourIndex(path, v)
		case *postgres.Comment:
			f.ourComment(v)
		}
	}
	return f
}

func (f facts) ourColumn(path string, c *postgres.Column) {
	f.set(nullFact(!c.NotNull), path, "null")
	t, err := atlas.ParseType(c.Type)
	if err != nil {
		t = &atlas.UserDefinedType{T: c.Type}
	}
	f.set(typeFact(t, c.Type), path, "type")
	if i := c.Identity; i.Generated != "" {
		f.set(fmt.Sprint(i.Generated, i.Start, i.Increment), path, "identity")
	}
	f.set(bare(c.Generated), path, "generated")
	if c.Collation != "" {
		f.set(unquoted(c.Collation[strings.LastIndexByte(c.Collation, '.')+1:]), path, "collation")
	}
}

func (f facts) ourConstraint(path, kind string, c *postgres.Constraint) {
	switch kind {
	case "primary_key", "unique":
		var parts []string
		for _, name := range c.Columns {
			parts = append(parts, partFact(postgres.IndexPart{Column: name}))
		}
		f.set(strings.Join(parts, ", "), path, "parts")
		f.set(strings.Join(c.Include, ", "), path, "include")
		if c.NullsNotDistinct {
			f.set("true", path, "nulls not distinct")
		}
	case "exclude":
		f.set(c.Def, path, "parts")
	case "foreign_key":
		f.set(strings.Join(c.Columns, ", "), path, "columns")
		f.set(c.RefSchema+"."+c.RefTable+" "+strings.Join(c.RefColumns, ", "), path, "references")
		f.set(actionFact(c.OnUpdate), path, "on update")
		f.set(actionFact(c.OnDelete), path, "on delete")
	case "check":
		f.set(bare(c.Expr), path)
		if c.NoInherit {
			f.set("yes", path, "no inherit")
		}
	}
}

func (f facts) ourIndex(path string, x *postgres.Index) {
	var parts []string
	for _, p := range x.Parts {
		parts = append(parts, partFact(p))
	}
	f.set(strings.Join(parts, ", "), path, "parts")
	f.set(fmt.Sprint(x.Unique), path, "unique")
	f.set(x.Method, path, "method")
	f.set(bare(x.Where), path, "where")
	f.set(strings.Join(x.Include, ", "), path, "include")
	if x.NullsNotDistinct {
		f.set("true", path, "nulls not distinct")
	}
	for _, o := range x.Options {
		if value, ok := strings.CutPrefix(o, "pages_per_range="); ok {
			f.set(value, path, "pages per range")
		}
	}
}

func (f facts) ourComment(c *postgres.Comment) {
	switch id := c.Target; id.Kind {
	case "schema":
		f.set(c.Text, "schema", id.Name, "comment")
	case "table":
		f.set(c.Text, id.Schema+"."+id.Name, "table comment")
	case "column", "index":
		f.set(c.Text, id.Schema+"."+id.Table, id.Kind, id.Name, "comment")
	}
}

// The functions below spell what both inspections know in different words.

func nullFact(null bool) string { return map[bool]string{true: "null", false: "not null"}[null] }

// typeFact spells a type as Atlas formats it, with the schemas of user-defined types and without quotes.
func typeFact(t schema.Type, raw string) string {
	switch t := t.(type) {
	case *schema.EnumType:
		return t.Schema.Name + "." + t.T
	case *atlas.UserDefinedType:
		return unquoted(t.T)
	case *atlas.ArrayType:
		return unquoted(t.T)
	}
	text, err := atlas.FormatType(t)
	if err != nil {
		return raw
	}
	return unquoted(text)
}

func unquoted(name string) string { return strings.ReplaceAll(name, `"`, "") }

func actionFact(action string) string {
	if action == "" {
		return "NO ACTION"
	}
	return action
}

// bare is an expression without parentheses around the whole.
func bare(expr string) string {
	for strings.HasPrefix(expr, "(") && strings.HasSuffix(expr, ")") && balanced(expr[1:len(expr)-1]) {
		expr = expr[1 : len(expr)-1]
	}
	return expr
}

func balanced(text string) bool {
	depth, quoted := 0, false
	for _, r := range text {
		switch {
		case r == '\'':
			quoted = !quoted
		case r == '(' && !quoted:
			depth++
		case r == ')' && !quoted:
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

var (
	castLiteral = regexp.MustCompile(`(?s)^'(.*)'(?:::[\w\s".,()]+(?:\[\])*)?$`)
	serial      = regexp.MustCompile(`^nextval\('(?:"?[\w$]+"?\.)?"?([\w$]+_[\w$]+_seq)"?'::regclass\)$`)
)

// literalFact is a default without the quotes and the cast, which Atlas takes off where it knows the type.
func literalFact(expr string) string {
	if m := castLiteral.FindStringSubmatch(expr); m != nil {
		return "literal " + m[1]
	}
	if strings.Trim(expr, "-0123456789.") == "" || expr == "true" || expr == "false" {
		return "literal " + expr
	}
	return bare(expr)
}

func defaultFact(expr string) string {
	if m := serial.FindStringSubmatch(expr); m != nil {
		return "nextval " + m[1]
	}
	return literalFact(expr)
}

func partFact(p postgres.IndexPart) string {
	text := p.Column
	if p.Column == "" {
		text = "(" + bare(p.Expr) + ")"
	}
	if p.OpClass != "" {
		text += " " + strings.TrimPrefix(p.OpClass, "pg_catalog.")
	}
	if p.Desc {
		text += " desc"
	}
	if p.NullsFirst != p.Desc {
		text += map[bool]string{true: " nulls first", false: " nulls last"}[p.NullsFirst]
	}
	return text
}

func commentOf(attrs []schema.Attr) string {
	for _, a := range attrs {
		if c, ok := a.(*schema.Comment); ok {
			return c.Text
		}
	}
	return ""
}

func columnNames(columns []*schema.Column) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

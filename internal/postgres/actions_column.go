package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

func tokensOf(text string) []statement.Token { return statement.Tokens(text, statement.Flavour{}) }

// column reads a column definition with the constraints written at it.
func (r *reader) column() (safety.Column, []safety.Constraint) {
	c := safety.Column{Name: r.word()}
	c.Type, c.Serial = r.typeName()
	if c.Serial {
		c.NotNull, c.Default = true, "nextval(serial)"
	}
	var out []safety.Constraint
	for !r.Done() && !r.Peek().Is(",", ")") {
		if found, ok := r.columnPart(&c); ok {
			out = append(out, found)
		}
	}
	return c, out
}

// columnPart reads one part of a column definition: an attribute, or a constraint, which is returned.
func (r *reader) columnPart(c *safety.Column) (safety.Constraint, bool) {
	k := safety.Constraint{Columns: []string{c.Name}, Inline: true}
	if r.Take("constraint") {
		k.Name = r.word()
	}
	switch {
	case r.Take("not", "null"):
		c.NotNull = true
		r.Take("no", "inherit")
		return k, false
	case r.Take("null"):
	case r.Take("default"):
		c.Default = r.expression()
	case r.Take("collate"):
		c.Collation = r.name().Name
	case r.Take("storage"), r.Take("compression"):
		r.Next()
	case r.Take("generated"):
		r.generated(c)
	case r.Take("primary", "key"):
		k.Type, c.NotNull = safety.Primary, true
		r.constraintEnd(&k)
		return k, true
	case r.Take("unique"):
		k.Type = safety.Unique
		if r.Take("nulls") {
			r.Take("not")
			r.Take("distinct")
		}
		r.constraintEnd(&k)
		return k, true
	case r.Take("check"):
		k.Type, k.Expr = safety.Check, r.Group()
		r.constraintEnd(&k)
		return k, true
	case r.Take("references"):
		k.Type = safety.Foreign
		k.RefTable, k.RefColumns = r.name(), r.list()
		r.constraintEnd(&k)
		return k, true
	case r.Peek().Is("("):
		r.Group()
	default:
		r.Next()
	}
	return k, false
}

// generated reads what follows GENERATED.
func (r *reader) generated(c *safety.Column) {
	always := r.Take("always")
	if !always {
		r.Take("by", "default")
	}
	r.Take("as")
	if r.Take("identity") {
		c.Identity, c.NotNull = "by default", true
		if always {
			c.Identity = "always"
		}
		if r.Peek().Is("(") {
			r.Group()
		}
		return
	}
	c.Default = r.Group()
	c.Generated = "virtual" // since 18, where it is not said
	if r.Take("stored") {
		c.Generated = "stored"
	}
	r.Take("virtual")
}

// expression reads a default up to where the next part of the column begins.
func (r *reader) expression() string {
	start, end := r.Peek().Start, r.Peek().Start
	for first := true; !r.Done() && !r.Peek().Is(",", ")"); first = false {
		if !first && (r.Peek().Is("constraint", "check", "unique", "references", "primary", "generated", "collate", "storage", "compression", "null") || r.Peek().Is("not") && r.PeekAt(1).Is("null") || r.Peek().Is("default")) {
			break
		}
		if r.Peek().Is("(", "[") {
			r.Group()
		} else {
			r.Next()
		}
		end = r.Tokens[r.Pos-1].End
	}
	return strings.TrimSpace(r.Text[start:end])
}

// aliases are what PostgreSQL's format_type calls the types that have short names.
//
//nolint:gochecknoglobals // a constant
var aliases = map[string]string{
	"int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean", "decimal": "numeric",
	"varchar": "character varying", "char": "character", "nchar": "character", "bpchar": "character", "float8": "double precision", "float4": "real",
	"float": "double precision", "timestamptz": "timestamp with time zone", "timetz": "time with time zone", "varbit": "bit varying",
	"timestamp": "timestamp without time zone", "time": "time without time zone", "dec": "numeric",
}

//nolint:gochecknoglobals // a constant
var serials = map[string]string{
	"serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint", "smallserial": "smallint", "serial2": "smallint",
}

// typeName reads a type as format_type spells it, and tells whether it was written as serial.
func (r *reader) typeName() (name string, serial bool) {
	if !r.Peek().Name() {
		return "", false
	}
	quoted := r.Peek().Kind == statement.Quoted
	n := r.name()
	if n.Schema == "pg_catalog" {
		n.Schema = ""
	}
	name = n.String()
	modifier := ""
	if !quoted && n.Schema == "" {
		if base, ok := serials[name]; ok {
			return base, true
		}
		name, modifier = r.longType(name)
	}
	if r.Peek().Is("(") {
		modifier = "(" + strings.ReplaceAll(r.Group(), " ", "") + ")"
	}
	name = r.typeEnd(name, modifier)
	for {
		switch {
		case r.Peek().Is("["):
			r.Group()
			name = strings.TrimSuffix(name, "[]") + "[]"
		case r.Take("array"):
			name += "[]"
		default:
			return name, false
		}
	}
}

// longType reads the further words of a type's name.
func (r *reader) longType(name string) (string, string) {
	switch name {
	case "double":
		r.Take("precision")
		return "double precision", ""
	case "character", "char", "nchar", "national":
		if name == "national" {
			r.TakeAny("character", "char")
		}
		if r.Take("varying") {
			return "character varying", ""
		}
		return "character", ""
	case "bit":
		if r.Take("varying") {
			return "bit varying", ""
		}
	}
	if long, ok := aliases[name]; ok {
		return long, ""
	}
	return name, ""
}

// typeEnd puts a type together whose modifier stands within its name, as in timestamp(3) with time zone.
func (r *reader) typeEnd(name, modifier string) string {
	base, zone, timed := strings.Cut(name, " with")
	if timed && (base == "timestamp" || base == "time") {
		zone = "with" + zone
		switch {
		case r.Take("with", "time", "zone"):
			zone = "with time zone"
		case r.Take("without", "time", "zone"):
			zone = "without time zone"
		}
		return base + modifier + " " + zone
	}
	if name == "interval" {
		for r.TakeAny("year", "month", "day", "hour", "minute", "second", "to") != "" {
			modifier += " fields"
		}
		if r.Peek().Is("(") {
			modifier += "(" + r.Group() + ")"
		}
	}
	if name == "character" && modifier == "" {
		modifier = "(1)"
	}
	if name == "numeric" && modifier != "" && !strings.Contains(modifier, ",") {
		modifier = strings.TrimSuffix(modifier, ")") + ",0)"
	}
	return name + modifier
}

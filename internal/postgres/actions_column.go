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
	for !r.done() && !r.peek().Is(",", ")") {
		if found, ok := r.columnPart(&c); ok {
			out = append(out, found)
		}
	}
	return c, out
}

// columnPart reads one part of a column definition: an attribute, or a constraint, which is returned.
func (r *reader) columnPart(c *safety.Column) (safety.Constraint, bool) {
	k := safety.Constraint{Columns: []string{c.Name}, Inline: true}
	if r.take("constraint") {
		k.Name = r.word()
	}
	switch {
	case r.take("not", "null"):
		c.NotNull = true
		r.take("no", "inherit")
		return k, false
	case r.take("null"):
	case r.take("default"):
		c.Default = r.expression()
	case r.take("collate"):
		c.Collation = r.name().Name
	case r.take("storage"), r.take("compression"):
		r.next()
	case r.take("generated"):
		r.generated(c)
	case r.take("primary", "key"):
		k.Type, c.NotNull = safety.Primary, true
		r.constraintEnd(&k)
		return k, true
	case r.take("unique"):
		k.Type = safety.Unique
		if r.take("nulls") {
			r.take("not")
			r.take("distinct")
		}
		r.constraintEnd(&k)
		return k, true
	case r.take("check"):
		k.Type, k.Expr = safety.Check, r.skipGroup()
		r.constraintEnd(&k)
		return k, true
	case r.take("references"):
		k.Type = safety.Foreign
		k.RefTable, k.RefColumns = r.name(), r.list()
		r.constraintEnd(&k)
		return k, true
	case r.peek().Is("("):
		r.skipGroup()
	default:
		r.next()
	}
	return k, false
}

// generated reads what follows GENERATED.
func (r *reader) generated(c *safety.Column) {
	always := r.take("always")
	if !always {
		r.take("by", "default")
	}
	r.take("as")
	if r.take("identity") {
		c.Identity, c.NotNull = "by default", true
		if always {
			c.Identity = "always"
		}
		if r.peek().Is("(") {
			r.skipGroup()
		}
		return
	}
	c.Default = r.skipGroup()
	c.Generated = "virtual" // since 18, where it is not said
	if r.take("stored") {
		c.Generated = "stored"
	}
	r.take("virtual")
}

// expression reads a default up to where the next part of the column begins.
func (r *reader) expression() string {
	start, end := r.peek().Start, r.peek().Start
	for first := true; !r.done() && !r.peek().Is(",", ")"); first = false {
		if !first && (r.peek().Is("constraint", "check", "unique", "references", "primary", "generated", "collate", "storage", "compression", "null") || r.peek().Is("not") && r.peekAt(1).Is("null") || r.peek().Is("default")) {
			break
		}
		if r.peek().Is("(", "[") {
			r.skipGroup()
		} else {
			r.next()
		}
		end = r.tokens[r.pos-1].End
	}
	return strings.TrimSpace(r.text[start:end])
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
	if !r.peek().Name() {
		return "", false
	}
	quoted := r.peek().Kind == statement.Quoted
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
	if r.peek().Is("(") {
		modifier = "(" + strings.ReplaceAll(r.skipGroup(), " ", "") + ")"
	}
	name = r.typeEnd(name, modifier)
	for {
		switch {
		case r.peek().Is("["):
			r.skipGroup()
			name = strings.TrimSuffix(name, "[]") + "[]"
		case r.take("array"):
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
		r.take("precision")
		return "double precision", ""
	case "character", "char", "nchar", "national":
		if name == "national" {
			r.takeAny("character", "char")
		}
		if r.take("varying") {
			return "character varying", ""
		}
		return "character", ""
	case "bit":
		if r.take("varying") {
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
		case r.take("with", "time", "zone"):
			zone = "with time zone"
		case r.take("without", "time", "zone"):
			zone = "without time zone"
		}
		return base + modifier + " " + zone
	}
	if name == "interval" {
		for r.takeAny("year", "month", "day", "hour", "minute", "second", "to") != "" {
			modifier += " fields"
		}
		if r.peek().Is("(") {
			modifier += "(" + r.skipGroup() + ")"
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

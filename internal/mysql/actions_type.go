package mysql

import (
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

// typeAliases are the names of types that the servers turn into others (MySQL manual, "Using Data Types from Other
// Database Engines").
//
//nolint:gochecknoglobals // a constant
var typeAliases = map[string]string{
	"integer": "int", "int1": "tinyint", "int2": "smallint", "int3": "mediumint", "int4": "int", "int8": "bigint", "middleint": "mediumint",
	"bool": "tinyint(1)", "boolean": "tinyint(1)", "dec": "decimal", "fixed": "decimal", "numeric": "decimal", "number": "decimal",
	"float4": "float", "float8": "double", "real": "double", "character": "char", "varcharacter": "varchar", "varchar2": "varchar",
	"nchar": "char", "nvarchar": "varchar", "raw": "varbinary", "clob": "longtext",
}

// typeOnce are the arguments that types have where none are written.
//
//nolint:gochecknoglobals // a constant
var typeOnce = map[string]string{"decimal": "(10,0)", "char": "(1)", "binary": "(1)", "bit": "(1)"}

// typeName reads a type as the servers spell it, with what may stand within it.
func (r *reader) typeName(c *safety.Column) {
	base := r.typeWords(c)
	if base == "" {
		return
	}
	args := ""
	if base == "enum" || base == "set" {
		args = r.members()
	} else if r.Peek().Is("(") {
		args = "(" + strings.ReplaceAll(r.Group(), " ", "") + ")"
	}
	unsigned := r.typeMarks(c)
	base, args = spelledArgs(c, base, args, unsigned)
	if c.Type = base + args; unsigned {
		c.Type += " unsigned"
	}
	if c.Zerofill {
		c.Type += " zerofill"
	}
}

// spelledArgs are the name and the arguments of a type as the server keeps them.
func spelledArgs(c *safety.Column, base, args string, unsigned bool) (string, string) {
	switch {
	case integerBytes(base) > 0 || base == "tinyint(1)":
		c.Width = strings.Trim(args, "()")
		if args = ""; base == "tinyint" && c.Width == "1" && !unsigned {
			args = "(1)"
		}
	case base == "decimal" && args != "" && !strings.Contains(args, ","):
		args = strings.TrimSuffix(args, ")") + ",0)"
	case base == "float" && args != "" && !strings.Contains(args, ","):
		if n, _ := strconv.Atoi(strings.Trim(args, "()")); n > 24 {
			base = "double"
		}
		args = ""
	case base == "year", base == "text" && args != "", args == "(0)":
		args = ""
	case args == "":
		args = typeOnce[base]
	}
	return base, args
}

func integerBytes(base string) int {
	return map[string]int{"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}[base]
}

// typeWords reads the words of a type's name.
func (r *reader) typeWords(c *safety.Column) string {
	t := r.Peek()
	if t.Kind != statement.Plain {
		return ""
	}
	r.Next()
	switch t.Text {
	case "double":
		r.Take("precision")
	case "national":
		c.Charset = "utf8mb3"
		if r.Take("varchar") || r.Take("varcharacter") || r.TakeAny("char", "character") != "" && r.Take("varying") {
			return "varchar"
		}
		return "char"
	case "nchar", "nvarchar":
		c.Charset = "utf8mb3"
		if r.TakeAny("varying", "varchar") != "" {
			return "varchar"
		}
	case "char", "character":
		if r.Take("varying") {
			return "varchar"
		}
	case "long":
		if r.Take("varbinary") {
			return "mediumblob"
		}
		r.TakeAny("varchar", "varcharacter")
		return "mediumtext"
	case "serial":
		c.NotNull, c.AutoIncrement, c.Serial = true, true, true
		return "bigint unsigned"
	}
	if full := typeAliases[t.Text]; full != "" {
		return full
	}
	return t.Text
}

// members reads the values of an ENUM or SET.
func (r *reader) members() string {
	if !r.Take("(") {
		return ""
	}
	var out []string
	for !r.Done() && !r.Take(")") {
		if t := r.Next(); t.Kind == statement.String {
			out = append(out, "'"+strings.ReplaceAll(strings.TrimRight(t.Text, " "), "'", "''")+"'")
		}
	}
	return "(" + strings.Join(out, ",") + ")"
}

// typeMarks reads what may follow a type: its sign and its character set.
func (r *reader) typeMarks(c *safety.Column) (unsigned bool) {
	for {
		switch {
		case r.Take("unsigned"):
			unsigned = true
		case r.Take("signed"):
		case r.Take("zerofill"):
			unsigned, c.Zerofill = true, true
		case r.Take("ascii"):
			c.Charset = "latin1"
		case r.Take("unicode"):
			c.Charset = "ucs2"
		case r.Take("byte"):
			c.Charset = "binary"
		case r.Peek().Is("binary") && !r.PeekAt(1).Is("("):
			r.Next()
			c.Collation = "binary of the character set"
		case r.charset(&c.Charset):
		default:
			return unsigned
		}
	}
}

// charset reads CHARACTER SET name.
func (r *reader) charset(into *string) bool {
	if !r.Take("character", "set") && !r.Take("charset") && !r.Take("char", "set") {
		return false
	}
	*into = plainCharset(r.value())
	return true
}

// plainCharset is the name of a character set in small letters; utf8 stands for utf8mb3.
func plainCharset(name string) string {
	if name = strings.ToLower(name); name == "utf8" {
		return "utf8mb3"
	}
	return name
}

// plainCollation is the same of a collation.
func plainCollation(name string) string {
	name = strings.ToLower(name)
	if rest, ok := strings.CutPrefix(name, "utf8_"); ok {
		return "utf8mb3_" + rest
	}
	return name
}

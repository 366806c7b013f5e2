package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// class groups types by how their defaults and collations are spelled.
type class int

const (
	unknownClass class = iota
	integerClass
	decimalClass
	floatClass
	charClass // char, varchar
	textClass
	enumClass
	dateClass
	datetimeClass
	bitClass
	otherClass // no collation, and defaults only as the live column has them
)

// spelledType is a type as the server reports it.
type spelledType struct {
	text  string
	class class
	args  string
	check bool // MariaDB's JSON, which is a text with a check
}

var (
	typeSyntax = regexp.MustCompile(`^([a-z0-9]+)(?:\((.*)\))?( unsigned)?$`)
	size       = regexp.MustCompile(`^[1-9][0-9]*$`)
	scaled     = regexp.MustCompile(`^[1-9][0-9]*,[0-9]+$`)
	fractional = regexp.MustCompile(`^[1-6]$`)
	plainList  = regexp.MustCompile(`^` + plainItem + `(?:,` + plainItem + `)*$`)
)

// plainItem is a value of an ENUM or SET that the server keeps as it is: it strips spaces at the end.
const plainItem = `'(?:[A-Za-z0-9_.:/@#+-]+(?: +[A-Za-z0-9_.:/@#+-]+)*)?'`

// widths are the display widths that MariaDB adds to integers: signed and unsigned.
func widths() map[string][2]string {
	return map[string][2]string{
		"tinyint": {"4", "3"}, "smallint": {"6", "5"}, "mediumint": {"9", "8"}, "int": {"11", "10"}, "bigint": {"20", "20"},
	}
}

// typ spells a type.
func (s *speller) typ(text string) spelledType {
	m := typeSyntax.FindStringSubmatch(text)
	if m == nil {
		return spelledType{}
	}
	name, args, unsigned := m[1], m[2], m[3] != ""
	if strings.Contains(text, "()") {
		return spelledType{}
	}
	out := spelledType{text: text, args: args}
	if width, integer := widths()[name]; integer {
		return s.integer(out, name, width, unsigned)
	}
	if number, is := fractionType(out, name, m[3]); is || unsigned {
		return number
	}
	if name == "json" && s.mariadb {
		out.text, out.check = "longtext", true
	}
	for _, known := range s.otherTypes() {
		if slices.Contains(strings.Fields(known.names), name) && known.args(args) {
			out.class = known.class
			return out
		}
	}
	return spelledType{}
}

// fractionType spells the numbers that are not whole, unsigned or not.
func fractionType(out spelledType, name, unsigned string) (_ spelledType, is bool) {
	switch name {
	case "float", "double":
		if out.args != "" {
			return spelledType{}, true
		}
		out.class = floatClass
		return out, true
	case "decimal":
		if out.args == "" {
			out.args = "10"
		}
		if size.MatchString(out.args) {
			out.args += ",0"
		}
		if !scaled.MatchString(out.args) {
			return spelledType{}, true
		}
		out.text, out.class = "decimal("+out.args+")"+unsigned, decimalClass
		return out, true
	}
	return spelledType{}, false
}

// typeRule says which types are reported as they are written, with what arguments.
type typeRule struct {
	names string
	args  func(string) bool
	class class
}

func (s *speller) otherTypes() []typeRule {
	none := func(args string) bool { return args == "" }
	digits := func(args string) bool { return args == "" || fractional.MatchString(args) }
	out := []typeRule{
		{"char varchar", size.MatchString, charClass},
		{"tinytext text mediumtext longtext", none, textClass},
		{"enum set", plainList.MatchString, enumClass},
		{"date", none, dateClass},
		{"datetime timestamp", digits, datetimeClass},
		{"time", digits, otherClass},
		{"bit", size.MatchString, bitClass},
		{"binary varbinary", size.MatchString, otherClass},
		{"tinyblob blob mediumblob longblob", none, otherClass},
	}
	if s.mariadb {
		return append(out, typeRule{"json", none, textClass}, typeRule{"uuid inet4 inet6", none, otherClass})
	}
	return append(out, typeRule{"json", none, otherClass})
}

// integer spells integers: MySQL drops the display width but for tinyint(1), and MariaDB adds one.
func (s *speller) integer(out spelledType, name string, width [2]string, unsigned bool) spelledType {
	plain := out.args == ""
	if !plain && !size.MatchString(out.args) {
		return spelledType{}
	}
	switch {
	case s.mariadb && plain && unsigned:
		out.text = name + "(" + width[1] + ") unsigned"
	case s.mariadb && plain:
		out.text = name + "(" + width[0] + ")"
	case !s.mariadb && !plain && out.text != "tinyint(1)":
		return spelledType{}
	}
	out.class = integerClass
	return out
}

// column spells a column of a table that is spelled already.
func (s *speller) column(id object.ID, c *Column, table *Table) (*Column, bool) {
	live, _ := valueOf[Column](s.live, id)
	typ := s.typ(c.Type)
	if typ.class == unknownClass && live != nil && live.Type == c.Type { // as a server spelled it
		typ = spelledType{text: c.Type, class: otherClass}
		if live.Collation != "" {
			typ.class = textClass
		}
	}
	if typ.class == unknownClass || strings.HasPrefix(c.Generated, "ROW ") || c.Unversioned || !c.NotNull && s.inPrimaryKey(id) {
		return nil, false
	}
	if c.EngineAttribute+c.SecondaryAttribute != "" && (live == nil || live.EngineAttribute != c.EngineAttribute || live.SecondaryAttribute != c.SecondaryAttribute) {
		return nil, false // the server writes JSON in its own way
	}
	out := *c
	out.Type, out.MariaDB = typ.text, s.mariadb
	if typ.check {
		if out.Check != "" || out.Charset != "" {
			return nil, false
		}
		out.Check, out.Charset, out.Collation = "json_valid("+ident(id.Name)+")", "utf8mb4", "utf8mb4_bin"
	}
	if !s.columnCollation(&out, typ, table) || !s.columnTexts(&out, c, live, typ) {
		return nil, false
	}
	return &out, true
}

// inPrimaryKey reports whether a column is part of the primary key, where no NULL can be.
func (s *speller) inPrimaryKey(id object.ID) bool {
	x, ok := valueOf[Index](s.desired, indexID(tableID(id.Schema, id.Table), "PRIMARY"))
	return ok && slices.ContainsFunc(x.Parts, func(p IndexPart) bool { return p.Column == id.Name })
}

// columnCollation fills in the character set and collation.
func (s *speller) columnCollation(out *Column, typ spelledType, table *Table) bool {
	switch typ.class {
	case charClass, textClass, enumClass:
		var ok bool
		out.Charset, out.Collation, ok = s.collate(out.Charset, out.Collation, table.Collation)
		out.Inherits = out.Collation == table.Collation
		return ok
	}
	out.Inherits = false
	return out.Charset == "" && out.Collation == ""
}

// columnTexts spells what is SQL in a column: as the live column has it, or in the few ways that are certain.
func (s *speller) columnTexts(out, c, live *Column, typ spelledType) bool {
	if live == nil || live.Type != out.Type {
		live = &Column{}
	}
	timestamp := strings.HasPrefix(out.Type, "timestamp")
	if timestamp && !slices.Contains([]string{"1", "ON"}, s.settings["explicit_defaults_for_timestamp"]) {
		return false
	}
	if c.OnUpdate != "" && c.Default == "" && c.NotNull { // MariaDB makes it the zero date
		return false
	}
	if c.Generated != live.Generated || !typ.check && c.Check != live.Check {
		return false
	}
	if c.Default != "" && (c.Default != live.Default || len(namesIn(c.Default)) > 0) {
		var ok bool
		if out.Default, ok = s.defaultOf(c.Default, typ, timestamp); !ok {
			return false
		}
	}
	if c.OnUpdate != "" && c.OnUpdate != live.OnUpdate {
		var ok bool
		out.OnUpdate, ok = s.now(c.OnUpdate, typ)
		return ok
	}
	return true
}

var (
	wholeNumber   = regexp.MustCompile(`^(?:0|-?[1-9][0-9]{0,17})$`)
	decimalNumber = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$`)
	bits          = regexp.MustCompile(`^b'(?:0|1[01]*)'$`)
	plainText     = regexp.MustCompile(`^'[ !#-&(-\[\]-~]*'$`) // ASCII without quotes and backslashes
	plainDate     = regexp.MustCompile(`^'[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])'$`)
	plainDatetime = regexp.MustCompile(`^'[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d'$`)
	nowWord       = regexp.MustCompile(`(?i)^(?:current_timestamp|now)(?:\(([0-6]?)\))?$`)
)

// defaultOf spells a default.
func (s *speller) defaultOf(text string, typ spelledType, timestamp bool) (string, bool) {
	switch typ.class {
	case integerClass:
		return text, wholeNumber.MatchString(text)
	case floatClass:
		return text, wholeNumber.MatchString(text) && len(text) < 6
	case decimalClass:
		return decimalDefault(text, typ.args)
	case bitClass:
		return text, bits.MatchString(text)
	case charClass:
		inner := strings.Trim(text, "'")
		return text, plainText.MatchString(text) && len(inner) <= atoi(typ.args) && !strings.HasSuffix(inner, " ")
	case enumClass:
		return text, plainText.MatchString(text) && strings.Contains(","+typ.args+",", ","+text+",")
	case dateClass:
		return text, plainDate.MatchString(text)
	case datetimeClass:
		if !timestamp && typ.args == "" && plainDatetime.MatchString(text) {
			return text, true
		}
		return s.now(text, typ)
	}
	return "", false
}

// decimalDefault gives the number the type's digits after the point.
func decimalDefault(text, args string) (string, bool) {
	if !decimalNumber.MatchString(text) {
		return "", false
	}
	_, want, _ := strings.Cut(args, ",")
	whole, fraction, _ := strings.Cut(text, ".")
	missing := atoi(want) - len(fraction)
	if missing < 0 || strings.HasPrefix(text, "-") && strings.Trim(text, "-0.") == "" {
		return "", false
	}
	if fraction += strings.Repeat("0", missing); fraction != "" {
		whole += "." + fraction
	}
	return whole, true
}

// now spells the current time with the precision of its column; the server refuses another one. What localtimestamp
// becomes depends on the version (MariaDB keeps it since 11.7).
func (s *speller) now(text string, typ spelledType) (string, bool) {
	m := nowWord.FindStringSubmatch(text)
	if m == nil || typ.class != datetimeClass || strings.EqualFold(text, "now") || strings.TrimPrefix(m[1], "0") != typ.args {
		return "", false
	}
	word := "CURRENT_TIMESTAMP"
	switch {
	case s.mariadb:
		word = "current_timestamp(" + typ.args + ")"
	case typ.args != "":
		word += "(" + typ.args + ")"
	}
	return word, true
}

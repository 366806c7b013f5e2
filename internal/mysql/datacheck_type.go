package mysql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// typeChecks ask whether all values of a column fit its new type, and stay different where they must.
func typeChecks(c *kind.Checking, from, to kind.Of[Column]) []plan.Check {
	same := from.V.Charset == to.V.Charset && from.V.Collation == to.V.Collation
	if from.V.Type == to.V.Type && same || to.V.Generated != "" {
		return nil
	}
	im, ok := imageOf(c, to.Parent)
	if !ok {
		return nil
	}
	var out []plan.Check
	name := ident(c.Was(from.ID).Name)
	demand := "the values of " + to.ID.String() + " must fit " + strings.TrimSpace(to.V.Type+" "+charsetWords(from.V, to.V))
	switch cond, known := misfit(c.Policy.Server, name, from.V, to.V); {
	case !known:
		out = append(out, im.check("type", demand, ""))
	case cond != "":
		sql := "SELECT " + strings.Join(keysNow(c, im, from), ", ") + " FROM " + im.liveTable() + " WHERE " + cond
		out = append(out, im.check("type", demand, sql, "UPDATE "+im.liveTable()+" SET "+name+" = "+dots+" WHERE "+cond))
	}
	if l := lossIn(from.V, to.V); l.What != "" {
		if cond := l.Rows(name); cond != "" {
			out = append(out, im.lossy(to.ID, l.What, "SELECT "+strings.Join(keysNow(c, im, from), ", ")+" FROM "+im.liveTable()+" WHERE "+cond))
		}
	}
	if !same || merges(from.V, to.V) {
		out = append(out, keyChecks(c, to)...)
	}
	return out
}

func charsetWords(from, to *Column) string {
	if from.Charset == to.Charset {
		return ""
	}
	return "in " + to.Charset
}

// keysNow are the key columns, or the column itself, under the names that they have.
func keysNow(c *kind.Checking, im image, col kind.Of[Column]) []string {
	var out []string
	for _, name := range keyColumns(c, im.table) {
		out = append(out, ident(c.Was(columnID(im.table, name)).Name))
	}
	if len(out) == 0 {
		out = append(out, ident(c.Was(col.ID).Name))
	}
	return out
}

// merges reports whether different values may become equal.
func merges(from, to *Column) bool {
	a, b := parseType(from.Type), parseType(to.Type)
	alike := a.name == b.name || a.isWhole() && b.isWhole() || a.isText() && b.isText()
	return !alike || a.name == "decimal" && b.arg(1, 0) < a.arg(1, 0) ||
		len(b.args) > 0 && b.arg(0, 0) < a.arg(0, 0)
}

func (t columnType) isWhole() bool { return wholeBits(t.name) > 0 }

func (t columnType) isFraction() bool {
	return t.name == "decimal" || t.name == "float" || t.name == "double"
}

func (t columnType) isText() bool { return t.bytes() > 0 && !t.isBinary() }

func (t columnType) isBinary() bool {
	return strings.HasSuffix(t.name, "blob") || strings.HasSuffix(t.name, "binary")
}

func (t columnType) isTime() bool {
	return slices.Contains([]string{"date", "datetime", "timestamp", "time"}, t.name)
}

func wholeBits(name string) int {
	return map[string]int{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}[name]
}

// bytes is how much a type of strings holds, in characters where it has a length; 0 for other types.
func (t columnType) bytes() int {
	switch t.name {
	case "char", "binary":
		return t.arg(0, 1)
	case "varchar", "varbinary":
		return t.arg(0, 1)
	case "tinytext", "tinyblob":
		return 1<<8 - 1
	case "text", "blob":
		return 1<<16 - 1
	case "mediumtext", "mediumblob":
		return 1<<24 - 1
	case "longtext", "longblob":
		return 1<<32 - 1
	}
	return 0
}

// wholeRange is what a type of whole numbers holds.
func (t columnType) wholeRange() (low, high string) {
	bits := wholeBits(t.name)
	if !t.signed {
		return "0", fmt.Sprint(^uint64(0) >> (64 - bits))
	}
	top := uint64(1) << (bits - 1)
	return fmt.Sprintf("-%d", top), fmt.Sprint(top - 1)
}

// misfit is the condition under which the server refuses to convert the value x, "" when it never does. known is false
// where only the server can tell.
func misfit(server kind.Server, x string, from, to *Column) (cond string, known bool) {
	a, b := parseType(from.Type), parseType(to.Type)
	switch {
	case b.bytes() > 0:
		return misfitString(x, from, to)
	case b.isWhole() || b.isFraction():
		return misfitNumber(x, a, b)
	case b.name == "enum" || b.name == "set":
		return misfitList(x, from, to)
	case a.isTime() && b.isTime() || b.isTime() && a.isText():
		return misfitTime(server, x, a, b)
	case b.name == "json" && a.isText():
		return "NOT JSON_VALID(" + x + ")", true
	}
	return misfitOther(x, a, b)
}

func misfitOther(x string, a, b columnType) (cond string, known bool) {
	switch {
	case b.name == "bit" && a.name == "bit":
		return either(b.arg(0, 1) < a.arg(0, 1), fmt.Sprintf("%s + 0 > %d", x, uint64(1)<<b.arg(0, 1)-1), ""), true
	case b.name == "year" && (a.isWhole() || a.name == "year"):
		return either(a.name == "year", "", x+" NOT BETWEEN 1901 AND 2155 AND "+x+" NOT BETWEEN 0 AND 99"), true
	case b.name == "vector" && a.name == "vector": // four bytes a number
		return either(b.arg(0, 0) < a.arg(0, 0), fmt.Sprintf("LENGTH(%s) > %d", x, 4*b.arg(0, 0)), ""), true
	case a.name == "inet6" && b.name == "inet4": // not even ::ffff:10.0.0.1 is taken
		return x + " IS NOT NULL", true
	case isShape(a.name) && isShape(b.name):
		if b.name == "geometry" || a.name == b.name {
			return "", true
		}
		return "ST_GeometryType(" + x + ") <> " + literal(strings.ToUpper(b.name)), true
	}
	return "", false
}

func isShape(name string) bool {
	return slices.Contains([]string{"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection"}, name)
}

// misfitString is about length and character set.
func misfitString(x string, from, to *Column) (string, bool) {
	a, b := parseType(from.Type), parseType(to.Type)
	var conds []string
	if cond := missingCharacters(x, from, to); cond != "" {
		conds = append(conds, cond)
	}
	counted := b.name == "char" || b.name == "varchar"
	switch {
	case b.isBinary() && a.isText(): // bytes of the old character set
		conds = append(conds, fmt.Sprintf("LENGTH(%s) > %d", x, b.bytes()))
	case counted && (a.bytes() > b.bytes() || a.bytes() == 0 || !a.isText()):
		conds = append(conds, fmt.Sprintf("CHAR_LENGTH(%s) > %d", trimmed(x, b), b.bytes()))
	case !counted && (a.bytes() > b.bytes() || a.bytes() == 0 || from.Charset != to.Charset || a.name == "varchar" || a.name == "char"):
		text := x
		if to.Charset != "" && a.bytes() > 0 && from.Charset != to.Charset {
			text = "CONVERT(" + x + " USING " + to.Charset + ")"
		}
		conds = append(conds, fmt.Sprintf("LENGTH(%s) > %d", text, b.bytes()))
	}
	return strings.Join(conds, " OR "), true
}

// trimmed takes off the blanks that the server cuts without a word: those at the end of a CHAR.
func trimmed(x string, t columnType) string {
	if t.name != "char" {
		return x
	}
	return "TRIM(TRAILING ' ' FROM " + x + ")"
}

// missingCharacters finds text that another character set cannot hold, and bytes that are no text.
func missingCharacters(x string, from, to *Column) string {
	if from.Charset == to.Charset || to.Charset == "" || to.Charset == "utf8mb4" && from.Charset != "" || !parseType(from.Type).isText() && !parseType(from.Type).isBinary() {
		return ""
	}
	if from.Charset == "" {
		return x + " IS NOT NULL AND NOT (HEX(CONVERT(" + x + " USING " + to.Charset + ")) <=> HEX(" + x + "))"
	}
	return "HEX(CONVERT(CONVERT(" + x + " USING " + to.Charset + ") USING " + from.Charset + ")) <> HEX(" + x + ")"
}

// numeral is what the server takes for a number.
const numeral = `^[[:space:]]*[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?[[:space:]]*$`

func misfitNumber(x string, a, b columnType) (string, bool) {
	var conds []string
	value := x
	switch {
	case a.isText():
		conds = append(conds, "NOT ("+x+" REGEXP "+literal(numeral)+")")
		value = "CAST(" + x + " AS DECIMAL(65,10))"
	case a.isTime() || a.name == "bit" || a.name == "year" || a.name == "enum" || a.name == "set":
		value = x + " + 0"
	case !a.isWhole() && !a.isFraction():
		return "", false
	}
	if limit := misfitRange(value, a, b); limit != "" {
		conds = append(conds, limit)
	}
	if !b.signed && !b.isWhole() && a.signed {
		conds = append(conds, value+" < 0")
	}
	return strings.Join(conds, " OR "), true
}

// misfitRange is about numbers that are too large.
func misfitRange(value string, a, b columnType) string {
	switch {
	case b.isWhole() && a.isWhole() && holdsAll(b, a):
		return ""
	case b.isWhole():
		low, high := b.wholeRange()
		return fmt.Sprintf("ROUND(%s) NOT BETWEEN %s AND %s", value, low, high)
	case b.name == "decimal":
		return misfitDecimal(value, a, b)
	case b.name == "float" && a.name != "float" && !a.isWhole():
		return "ABS(" + value + ") > 3.4028235e38"
	}
	return ""
}

// holdsAll reports whether a type of whole numbers holds all of another one.
func holdsAll(b, a columnType) bool {
	m, n := wholeBits(a.name), wholeBits(b.name)
	if a.signed == b.signed {
		return m <= n
	}
	return !a.signed && m < n
}

func misfitDecimal(value string, a, b columnType) string {
	p, s := b.arg(0, 10), b.arg(1, 0)
	if m, n := a.arg(0, 10), a.arg(1, 0); a.name == "decimal" && (p-s > m-n || p-s == m-n && s >= n) {
		return ""
	}
	return fmt.Sprintf("ABS(ROUND(%s, %d)) >= 1%s", value, s, strings.Repeat("0", p-s))
}

// misfitList is about values that an ENUM or SET does not have.
func misfitList(x string, from, to *Column) (string, bool) {
	a, b := parseType(from.Type), parseType(to.Type)
	var values, gone, patterns []string
	for _, v := range b.args {
		values = append(values, literal(v))
		patterns = append(patterns, regexp.QuoteMeta(v))
	}
	switch {
	case b.name == "enum" && (a.isText() || a.name == "enum"):
		if a.name == "enum" && !slices.ContainsFunc(a.args, func(v string) bool { return !slices.Contains(b.args, v) }) {
			return "", true
		}
		return x + " NOT IN (" + strings.Join(values, ", ") + ")", true
	case b.name == "set" && a.name == "set":
		for _, v := range a.args {
			if !slices.Contains(b.args, v) {
				gone = append(gone, "FIND_IN_SET("+literal(v)+", "+x+") > 0")
			}
		}
		return strings.Join(gone, " OR "), true
	case b.name == "set" && (a.isText() || a.name == "enum"):
		one := "(" + strings.Join(patterns, "|") + ")"
		return x + " <> '' AND NOT (" + x + " REGEXP " + literal("^"+one+"(,"+one+")*$") + ")", true
	}
	return "", false
}

// misfitTime is about text that is no time, and about the years of TIMESTAMP.
func misfitTime(server kind.Server, x string, a, b columnType) (string, bool) {
	var conds []string
	value := x
	if a.isText() {
		value = "CAST(" + x + " AS " + map[string]string{"date": "DATE", "time": "TIME(6)", "datetime": "DATETIME(6)", "timestamp": "DATETIME(6)"}[b.name] + ")"
		conds = append(conds, x+" IS NOT NULL AND "+value+" IS NULL")
	}
	if b.name == "timestamp" && a.name != "timestamp" && a.name != "time" {
		last := "2147483647.999999"
		if server.Flavor == "mariadb" && server.AtLeast([3]int{11, 5}) {
			last = "4294967295.999999"
		}
		conds = append(conds, value+" < FROM_UNIXTIME(1) OR "+value+" > FROM_UNIXTIME("+last+")")
	}
	return strings.Join(conds, " OR "), true
}

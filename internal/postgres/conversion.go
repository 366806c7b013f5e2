package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
)

// lossIn is the table. Between sorts of types that it does not name values are read in another way, which may lose.
func lossIn(from, to *Column) kind.Loss {
	if from.Type == to.Type {
		return kind.Loss{}
	}
	if x, y, ok := elements(from, to); ok {
		l := lossIn(x, y)
		return kind.Loss{What: l.What, Mild: l.Mild, Rows: kind.Untold}
	}
	if strings.HasSuffix(from.Type, "[]") != strings.HasSuffix(to.Type, "[]") && !isString(baseType(to.Type)) {
		return kind.Loss{What: "what is not alike in " + from.Type + " and " + to.Type, Rows: kind.Untold}
	}
	a, b := typeOf(from.Type), typeOf(to.Type)
	for _, known := range []func(a, b measured) (kind.Loss, bool){lossOfDigits, lossOfTime, lossOfText} {
		if l, ok := known(a, b); ok {
			return l
		}
	}
	switch {
	case keeps(from, to, a.base, b.base):
		return kind.Loss{}
	case isString(a.base): // a type of an extension reads text
		return lossOfSpelling(b)
	case b.base == "boolean" && wholeBytes[a.base] > 0:
		return kind.Loss{What: "all but whether they are zero", Mild: true, Rows: func(x string) string { return x + " NOT IN (0, 1)" }}
	}
	return kind.Loss{What: "what is not alike in " + a.base + " and " + b.base, Rows: kind.Untold}
}

// measured is a type with its modifiers.
type measured struct {
	base          string
	first, second int
	limited       bool
}

func typeOf(t string) measured {
	out := measured{base: baseType(t)}
	out.first, out.second, out.limited = typeModifiers(t)
	return out
}

// keeps reports whether all values that are taken come through, for pairs of types that nothing more is to be said of.
func keeps(from, to *Column, a, b string) bool {
	switch {
	case a == b, from.IsEnum && to.IsEnum, isString(a) && to.IsEnum, isString(b), isString(a) && (b == "json" || b == "xml"):
		return true
	}
	return slices.Contains([]string{
		"jsonb json", "cidr inet", "macaddr macaddr8", "macaddr8 macaddr", "bit " + "bit varying", "bit varying bit", "boolean integer", "integer money", "bigint money",
		"json xml",
	}, a+" "+b) || rangeSets[a] == b
}

// rangeSets are the types of sets of ranges, which hold each range.
//
//nolint:gochecknoglobals // a constant
var rangeSets = map[string]string{
	"int4range": "int4multirange", "int8range": "int8multirange", "numrange": "nummultirange", "tsrange": "tsmultirange",
	"tstzrange": "tstzmultirange", "daterange": "datemultirange",
}

// lossOfDigits is about numbers. What is too large is refused.
func lossOfDigits(a, b measured) (kind.Loss, bool) { //nolint:gocyclo // a table: a case is a row
	fractions := kind.Loss{What: "the fractions", Rows: func(x string) string { return x + " <> round(" + x + ")" }}
	switch {
	case a.base == "numeric" && b.base == "money" && (!a.limited || a.second > 2):
		return kind.Loss{What: "digits after the point beyond 2", Rows: func(x string) string { return x + " <> round(" + x + ", 2)" }}, true
	case a.base == "numeric" && b.base == "money":
		return kind.Loss{}, true
	case a.base == "money" && b.base == "numeric":
		return lossOfScale(measured{base: "numeric", second: 2, limited: true}, b), true
	case !isNumber(a.base) || !isNumber(b.base):
		return kind.Loss{}, false
	case wholeBytes[b.base] > 0 && (wholeBytes[a.base] > 0 || a.base == "numeric" && a.limited && a.second <= 0):
		return kind.Loss{}, true
	case wholeBytes[b.base] > 0:
		return fractions, true
	case b.base == "numeric":
		return lossOfScale(a, b), true
	case a.base == "double precision" && b.base == "real":
		return kind.Loss{What: "precision", Rows: func(x string) string {
			return "CASE WHEN abs(" + x + ") BETWEEN 1e-37 AND 3.4e38 THEN " + x + " <> " + x + "::real::double precision END"
		}}, true
	case a.base == b.base || a.base == "real":
		return kind.Loss{}, true
	}
	return lossOfPrecision(a, b), true
}

//nolint:gochecknoglobals // a constant
var wholeBytes = map[string]int{"smallint": 2, "integer": 4, "bigint": 8}

// lossOfScale is about numbers that become NUMERIC.
func lossOfScale(a, b measured) kind.Loss {
	beyond := kind.Loss{What: fmt.Sprintf("digits after the point beyond %d", b.second), Rows: func(x string) string { return fmt.Sprintf("%s::numeric <> round(%s::numeric, %d)", x, x, b.second) }}
	if b.second < 0 {
		beyond.What = fmt.Sprintf("the last %d digits before the point", -b.second)
	}
	switch {
	case a.base == "real" || a.base == "double precision":
		digits := map[string]int{"real": 6, "double precision": 15}[a.base]
		return kind.Loss{What: fmt.Sprintf("digits beyond %d", digits), Rows: kind.Untold}
	case !b.limited, a.base == "numeric" && a.limited && a.second <= b.second, wholeBytes[a.base] > 0 && b.second >= 0:
		return kind.Loss{}
	}
	return beyond
}

// lossOfPrecision is about exact numbers that become approximate ones.
func lossOfPrecision(a, b measured) kind.Loss {
	bytes, digits := 4, 15
	if b.base == "real" {
		bytes, digits = 2, 6
	}
	if wholeBytes[a.base] > 0 && wholeBytes[a.base] <= bytes || a.base == "numeric" && a.limited && max(a.first, a.second) <= digits {
		return kind.Loss{}
	}
	return kind.Loss{What: fmt.Sprintf("digits beyond %d", digits), Rows: func(x string) string {
		return fmt.Sprintf("%s::numeric <> 'NaN' AND %s::%s::text::numeric <> %s::numeric", x, x, b.base, x)
	}}
}

// fields are those of INTERVAL from small to large, by the word that ends the type.
//
//nolint:gochecknoglobals // a constant
var fields = []string{"second", "minute", "hour", "day", "month", "year"}

// lowestField is the place of the smallest field that an INTERVAL keeps.
func lowestField(base string) int {
	return max(slices.Index(fields, base[strings.LastIndexByte(base, ' ')+1:]), 0)
}

// lossOfTime is about moments, days, times of day and spans.
func lossOfTime(a, b measured) (kind.Loss, bool) { //nolint:gocyclo // a table: a case is a row
	moment := func(t measured) bool { return strings.HasPrefix(t.base, "timestamp") }
	clock := func(t measured) bool { return strings.HasPrefix(t.base, "time ") }
	span := func(t measured) bool { return strings.HasPrefix(t.base, "interval") }
	times := func(t measured) bool { return moment(t) || clock(t) || span(t) || t.base == "date" }
	zoned := func(t measured) bool { return strings.HasSuffix(t.base, "with time zone") }
	switch {
	case !times(a) || !times(b):
		return kind.Loss{}, false
	case moment(a) && b.base == "date":
		if zoned(a) {
			return kind.Loss{What: "the time of day and the time zone", Rows: kind.Untold}, true
		}
		return kind.Loss{What: "the time of day", Rows: func(x string) string { return x + " <> date_trunc('day', " + x + ")" }}, true
	case moment(a) && clock(b), a.base == "date" && clock(b):
		return kind.Loss{What: "the date", Rows: kind.Untold}, true
	case span(a) && !span(b):
		return kind.Loss{What: "the days", Rows: kind.Untold}, true
	case clock(a) && moment(b):
		return kind.Loss{What: "the time as it is", Rows: kind.Untold}, true
	case span(b) && !span(a) && !clock(a):
		return kind.Loss{}, true // only as text, which is refused
	case span(b) && (clock(a) && lowestField(b.base) > 0 || lowestField(b.base) > lowestField(a.base)):
		return kind.Loss{What: "what is smaller than a " + fields[lowestField(b.base)], Rows: kind.Untold}, true
	case zoned(a) && !zoned(b) && !span(b):
		return kind.Loss{What: "the time zone", Rows: kind.Untold}, true
	}
	had, has := 6, 6
	if a.limited {
		had = a.first
	}
	if b.limited {
		has = b.first
	}
	if a.base == "date" || has >= had || span(a) && lowestField(a.base) > 0 || span(b) && lowestField(b.base) > 0 {
		return kind.Loss{}, true
	}
	what := "fractional seconds"
	if has > 0 {
		what += fmt.Sprintf(" beyond %d digits", has)
	}
	return kind.Loss{What: what, Rows: func(x string) string {
		return fmt.Sprintf("extract(microseconds from %s)::bigint %% 1%s <> 0", x, strings.Repeat("0", 6-has))
	}}, true
}

// lossOfText is about what becomes text and what was text. What is too long is refused, but for blanks at the end.
func lossOfText(a, b measured) (kind.Loss, bool) { //nolint:gocyclo // a table: a case is a row
	blanks := func(n int) func(string) string {
		return func(x string) string { return fmt.Sprintf("length(%s) > %d AND %s::text LIKE '%% '", x, n, x) }
	}
	short := b.limited && (!a.limited || a.first > b.first)
	switch {
	case b.base == `"char"` && a.base != b.base && a.base != "boolean":
		return kind.Loss{What: "all but the first byte", Rows: func(x string) string { return "octet_length(" + x + "::text) > 1" }}, true
	case b.base == "name" && (isString(a.base) || strings.HasPrefix(a.base, "json") || strings.HasSuffix(a.base, "[]")) && a.base != "name" && a.base != `"char"` && (!a.limited || a.first > 15):
		return kind.Loss{What: "what is beyond 63 bytes", Rows: func(x string) string { return "octet_length(" + x + "::text) > 63" }}, true
	case !isString(a.base):
		if b.base == "jsonb" && a.base == "json" {
			return kind.Loss{What: "the order of keys, blanks and repeated keys", Mild: true, Rows: repeatedKeys}, true
		}
		if b.base == "cidr" && a.base == "inet" {
			return kind.Loss{What: "the host's part of the addresses", Rows: func(x string) string { return "host(" + x + ") <> host(network(" + x + "))" }}, true
		}
		return kind.Loss{}, false
	case b.base == "character" && a.base != "character" && a.base != "name" && a.base != `"char"`:
		return kind.Loss{What: "blanks at the end", Mild: true, Rows: blanks(0)}, true
	case b.base == "character varying" && short && a.base != "character" && a.base != "name" && a.base != `"char"`:
		return kind.Loss{What: fmt.Sprintf("blanks at the end beyond %d characters", b.first), Mild: true, Rows: blanks(b.first)}, true
	case writes(b.base):
		return lossOfSpelling(b), true
	}
	return kind.Loss{}, false
}

// repeatedKeys finds JSON that names a key twice; JSONB keeps the last.
func repeatedKeys(x string) string {
	return "CASE WHEN json_typeof(" + x + ") = 'object' THEN (SELECT count(*) FROM json_object_keys(" + x + ")) <> (SELECT count(*) FROM jsonb_object_keys(" + x + "::jsonb)) END"
}

// writes reports whether a type has one way to write what text may write in several.
func writes(base string) bool {
	switch base {
	case "json", "xml":
		return false
	case "jsonb", "boolean", "uuid", "bytea", "inet", "cidr", "money", "date", "macaddr", "macaddr8":
		return true
	}
	return isNumber(base) || strings.HasPrefix(base, "time") || strings.HasPrefix(base, "interval")
}

// lossOfSpelling is about text that becomes what it says, which may be written in another way then.
func lossOfSpelling(b measured) kind.Loss {
	out := kind.Loss{What: "how the values are written (leading zeros, digits, blanks)", Mild: true, Rows: kind.Untold}
	digits := func(most int) string {
		if b.limited {
			most = b.first
		}
		return fmt.Sprintf(`(\.[0-9]{1,%d})?`, max(most, 1))
	}
	day, clock := `[0-9]{4,}-[0-9]{2}-[0-9]{2}`, `[0-9]{2}:[0-9]{2}:[0-9]{2}`
	like := ""
	switch {
	case wholeBytes[b.base] > 0:
		like = `0|-?[1-9][0-9]*`
	case b.base == "numeric" && b.limited:
		like = fmt.Sprintf(`-?(0|[1-9][0-9]*)(\.[0-9]{0,%d})?`, max(b.second, 0))
	case b.base == "date":
		like = day
	case strings.HasPrefix(b.base, "timestamp"):
		like = day + "( " + clock + digits(6) + ")?"
		if strings.HasSuffix(b.base, "with time zone") {
			like += "([+-][0-9:]+|Z)?"
		}
	case b.base == "time without time zone":
		like = clock + digits(6)
	default:
		return out
	}
	out.Rows = func(x string) string { return x + " !~ '^(" + like + ")$'" }
	return out
}

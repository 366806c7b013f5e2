package safety

import (
	"slices"
	"strconv"
	"strings"
)

// Members are the values of MySQL's ENUM and SET types; ok is false for other types.
func Members(typ string) (values []string, ok bool) {
	lower := strings.ToLower(typ)
	if !strings.HasPrefix(lower, "enum(") && !strings.HasPrefix(lower, "set(") {
		return nil, false
	}
	rest := typ[strings.IndexByte(typ, '(')+1:]
	for {
		start := strings.IndexByte(rest, '\'')
		if start < 0 {
			return values, true
		}
		rest = rest[start+1:]
		var b strings.Builder
		for rest != "" {
			if rest[0] != '\'' {
				b.WriteByte(rest[0])
				rest = rest[1:]
				continue
			}
			if !strings.HasPrefix(rest, "''") {
				rest = rest[1:]
				break
			}
			b.WriteByte('\'')
			rest = rest[2:]
		}
		values = append(values, b.String())
	}
}

// SplitType parts a type into its name, without its modifiers, and these.
func SplitType(typ string) (base string, modifiers []int) {
	base, rest, found := strings.Cut(typ, "(")
	if !found {
		return typ, nil
	}
	inner, after, _ := strings.Cut(rest, ")")
	for _, m := range strings.Split(inner, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(m))
		if err != nil {
			return typ, nil
		}
		modifiers = append(modifiers, n)
	}
	return strings.TrimSpace(base) + after, modifiers
}

// integers are the sizes of integer types in bytes.
//
//nolint:gochecknoglobals // a constant
var integers = map[string]int{"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "integer": 4, "bigint": 8}

// integerDigits are the decimal digits of integers, signed or not.
//
//nolint:gochecknoglobals // a constant
var integerDigits = map[string]int{"tinyint": 3, "smallint": 5, "mediumint": 8, "int": 10, "integer": 10, "bigint": 20}

//nolint:gochecknoglobals // a constant
var texts = map[string]int{
	"tinytext": 255, "text": 65535, "mediumtext": 1 << 24, "longtext": 1 << 32, "tinyblob": 255, "blob": 65535, "mediumblob": 1 << 24, "longblob": 1 << 32,
}

// Narrows reports whether a type surely, or for some values, holds less than another. Both are spelled by the same
// dialect.
func Narrows(from, to string) bool {
	if from == to {
		return false
	}
	f, fm := SplitType(from)
	t, tm := SplitType(to)
	fi, fu := integerSize(f)
	ti, tu := integerSize(t)
	switch {
	case fi > 0 && ti > 0:
		return ti < fi || fu != tu && (ti == fi || tu) || fu && !tu && ti <= fi
	case f == t:
		return narrowsModifier(f, fm, tm)
	}
	return narrowsFamily(f, t, fm, tm)
}

func integerSize(base string) (size int, unsigned bool) {
	name, rest, _ := strings.Cut(base, " ")
	return integers[name], strings.Contains(rest, "unsigned")
}

func narrowsModifier(base string, from, to []int) bool {
	switch {
	case len(to) == 0:
		return slices.Contains([]string{"datetime", "timestamp", "time"}, base) && len(from) > 0 && from[0] > 0 // no fractions
	case len(from) == 0:
		return base != "interval" && !slices.Contains([]string{"datetime", "timestamp", "time"}, base) || base == "interval" && to[0] < 6
	case base == "numeric" || base == "decimal" || strings.HasPrefix(base, "decimal "):
		return digitsBefore(to) < digitsBefore(from) || scale(to) < scale(from)
	}
	return to[0] < from[0]
}

func scale(m []int) int {
	if len(m) > 1 {
		return m[1]
	}
	return 0
}

func digitsBefore(m []int) int { return m[0] - scale(m) }

//nolint:gochecknoglobals // a constant
var characterTypes = []string{
	"character varying", "character", "text", "varchar", "char", "tinytext", "mediumtext", "longtext", "citext", "varbinary", "binary",
	"tinyblob", "blob", "mediumblob", "longblob",
}

// narrowsFamily compares types of different names.
func narrowsFamily(from, to string, fm, tm []int) bool {
	if slices.Contains(characterTypes, to) {
		if texts[from] > 0 && texts[to] > 0 {
			return texts[to] < texts[from]
		}
		return slices.Contains(characterTypes, from) && textSize(to, tm) < textSize(from, fm)
	}
	if slices.Contains(characterTypes, from) {
		return true // text to a type with rules
	}
	wide := map[string][]string{
		"smallint": {"numeric", "real", "double precision", "decimal", "float", "double"}, "integer": {"numeric", "double precision", "decimal", "double"},
		"int": {"decimal", "double"}, "bigint": {"numeric", "decimal"}, "tinyint": {"decimal", "float", "double"}, "mediumint": {"decimal", "double"},
		"real": {"double precision", "numeric"}, "float": {"double"}, "double precision": {"numeric"}, "date": {"timestamp without time zone", "timestamp with time zone", "datetime"},
		"timestamp without time zone": {"timestamp with time zone"}, "timestamp with time zone": {"timestamp without time zone"}, "timestamp": {"datetime"},
		"json": {"jsonb"}, "jsonb": {"json"}, "cidr": {"inet"},
	}
	base, _, _ := strings.Cut(from, " unsigned")
	to, negative := strings.CutSuffix(to, " unsigned")
	if slices.Contains(wide[base], to) {
		fewer := (to == "numeric" || to == "decimal") && len(tm) > 0 && (integers[base] == 0 || digitsBefore(tm) < integerDigits[base])
		return fewer || negative && base == from
	}
	numbers := []string{"smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "tinyint", "mediumint", "int", "decimal", "float", "double"}
	return slices.Contains(numbers, base) && slices.Contains(numbers, to) || losesTime(from, to)
}

// losesTime reports whether a moment loses its day or its time.
func losesTime(from, to string) bool {
	return strings.HasPrefix(from, "timestamp") && (to == "date" || strings.HasPrefix(to, "time ")) || from == "datetime" && (to == "date" || to == "timestamp" || to == "time")
}

func textSize(base string, m []int) int {
	if len(m) > 0 {
		return m[0]
	}
	if n := texts[base]; n > 0 && base != "text" {
		return n
	}
	if base == "character" || base == "char" {
		return 1
	}
	return 1 << 30
}

package safety

import "strings"

// families are the short names of types that have several.
//
//nolint:gochecknoglobals // a constant
var families = map[string]string{
	"character varying": "varchar", "character": "char", "bpchar": "char", "nchar": "char", "nvarchar": "varchar",
	"integer": "int", "int4": "int", "int2": "smallint", "int8": "bigint", "decimal": "numeric", "dec": "numeric",
	"double precision": "double", "float8": "double", "float4": "real", "boolean": "bool", "bit varying": "varbit",
	"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", "time without time zone": "time",
	"time with time zone": "timetz",
}

// Type is a type in its parts.
type Type struct {
	Family string // its short name, without sizes and attributes: varchar, int, timestamptz
	Sizes  []int  // what stands in parentheses: the length, or precision and scale
	Array  bool
	// Unsigned is MySQL's.
	Unsigned bool
}

// ParseType reads a type as a dialect spells it.
func ParseType(spelled string) Type {
	s := strings.ToLower(strings.TrimSpace(spelled))
	var t Type
	for strings.HasSuffix(s, "[]") {
		s, t.Array = strings.TrimSuffix(s, "[]"), true
	}
	if base, values, ok := strings.Cut(s, "("); ok && strings.Contains(values, "'") {
		return Type{Family: base, Array: t.Array} // an enum or set with its values
	}
	base, sizes := SplitType(s)
	t.Sizes = sizes
	var words []string
	for _, w := range strings.Fields(base) {
		switch w {
		case "unsigned":
			t.Unsigned = true
		case "signed", "zerofill":
		default:
			words = append(words, w)
		}
	}
	t.Family = strings.Join(words, " ")
	if short := families[t.Family]; short != "" {
		t.Family = short
	}
	return t
}

package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// The families of types between which PostgreSQL converts on assignment, without USING (pg_cast, castcontext 'a' and 'i').
func assignmentFamilies() [][]string {
	return [][]string{
		{"smallint", "integer", "bigint", "numeric", "real", "double precision"},
		{"timestamp without time zone", "timestamp with time zone", "date"},
		{"time without time zone", "time with time zone"},
		{"json", "jsonb"},
		{"inet", "cidr"},
		{"bit", "bit varying"},
	}
}

var typeModifier = regexp.MustCompile(`("(?:[^"]|"")*")|\([^)]*\)`)

// baseType is the type without its modifier: "character varying" of "character varying(20)".
func baseType(t string) string { return typeModifier.ReplaceAllString(t, "$1") }

func isString(base string) bool {
	switch base {
	case "text", "character varying", "character", `"char"`, "name", "bpchar":
		return true
	}
	return false
}

// conversion is the USING expression that a change of type needs, or "". Where an assignment cast exists none is
// written: an explicit cast to varchar(n) would cut longer values silently, an assignment refuses them.
func conversion(from, to *Column, column string) string {
	return convert(from, to, ident(column), to.Type)
}

// conversionBetween is the conversion where a type may be a domain: a cast to one would cut longer values silently, too.
func conversionBetween(before, after *object.State, from, to kind.Of[Column], column string) string {
	return convert(plainly(before, from), plainly(after, to), ident(column), to.V.Type)
}

func convert(from, to *Column, value, target string) string {
	a, b := baseType(from.Type), baseType(to.Type)
	text := isString(a) && a != `"char"` // which has few casts
	if a == b || isString(b) && (b != `"char"` || text && a != "name") {
		return ""
	}
	if x, y, ok := elements(from, to); ok && convert(x, y, value, target) == "" {
		return "" // a cast of the list would cut its strings
	}
	for _, family := range assignmentFamilies() {
		if slices.Contains(family, a) && slices.Contains(family, b) {
			return ""
		}
	}
	if to.IsEnum && !text || from.IsEnum || b == `"char"` {
		return value + "::text::" + target
	}
	return casted(value, a, b, target)
}

// elements are columns of the elements of two lists.
func elements(from, to *Column) (a, b *Column, ok bool) {
	x, y := strings.TrimSuffix(from.Type, "[]"), strings.TrimSuffix(to.Type, "[]")
	return &Column{Type: x}, &Column{Type: y}, x != from.Type && y != to.Type
}

// plainly is the column with the type below the domain that it has.
func plainly(s *object.State, col kind.Of[Column]) *Column {
	if d, ok := domainOf(s, col); ok {
		return &Column{Type: typeBelow(s, d)}
	}
	return col.V
}

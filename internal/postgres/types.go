package postgres

import (
	"regexp"
	"slices"
	"strings"
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
	a, b := baseType(from.Type), baseType(to.Type)
	if a == b || isString(b) {
		return ""
	}
	for _, family := range assignmentFamilies() {
		if slices.Contains(family, a) && slices.Contains(family, b) {
			return ""
		}
	}
	if to.IsEnum && !isString(a) || from.IsEnum {
		return ident(column) + "::text::" + to.Type
	}
	return casted(ident(column), a, b, to.Type)
}

// lossOf says what a conversion throws away without an error; "" when it either keeps all or fails.
func lossOf(from, to, column string) string {
	a, b := baseType(from), baseType(to)
	exact := []string{"smallint", "integer", "bigint"}
	switch {
	case slices.Contains([]string{"numeric", "real", "double precision"}, a) && slices.Contains(exact, b):
		return "the fractions of column " + column
	case strings.HasPrefix(a, "timestamp") && b == "date":
		return "the time of day in column " + column
	case a == "timestamp with time zone" && b == "timestamp without time zone":
		return "the time zone of column " + column
	case a == "double precision" && b == "real":
		return "precision of column " + column
	case a == "numeric" && b == "numeric" && scale(to) >= 0 && (scale(from) < 0 || scale(to) < scale(from)):
		return "decimals of column " + column
	}
	return ""
}

var numericScale = regexp.MustCompile(`^numeric\((\d+)(?:,(\d+))?\)`)

// scale is the number of decimals of a numeric type; -1 when it is not limited.
func scale(t string) int {
	m := numericScale.FindStringSubmatch(t)
	if m == nil {
		return -1
	}
	n := 0
	for _, d := range m[2] {
		n = n*10 + int(d-'0')
	}
	return n
}

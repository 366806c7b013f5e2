package postgres

import (
	"slices"
	"strings"
)

// builtinCasts lists the types that values of a built-in type can be cast to on every server (pg_cast of PostgreSQL 14),
// but for strings: all types become text and are read from it.
func builtinCasts() map[string][]string {
	numbers := []string{"smallint", "integer", "bigint", "numeric", "real", "double precision"}
	return map[string][]string{
		"smallint":         append(numbers, "oid"),
		"integer":          append(numbers, "oid", "boolean", "money", "bit", `"char"`),
		"bigint":           append(numbers, "oid", "money", "bit"),
		"numeric":          append(numbers, "money"),
		"real":             numbers,
		"double precision": numbers,
		"oid":              {"integer", "bigint"},
		"boolean":          {"integer"},
		"money":            {"numeric"},
		`"char"`:           {"integer"},
		"bit":              {"integer", "bigint", "bit varying"},
		"bit varying":      {"bit"},
		"json":             {"jsonb"},
		"jsonb":            append(numbers, "boolean", "json"),
		"inet":             {"cidr"},
		"cidr":             {"inet"},
		"macaddr":          {"macaddr8"},
		"macaddr8":         {"macaddr"},

		"date":                        {"timestamp without time zone", "timestamp with time zone"},
		"timestamp without time zone": {"date", "time without time zone", "timestamp with time zone"},
		"timestamp with time zone":    {"date", "time without time zone", "time with time zone", "timestamp without time zone"},
		"time without time zone":      {"interval", "time with time zone"},
		"time with time zone":         {"time without time zone"},
		"interval":                    {"time without time zone"},

		"box":     {"circle", "lseg", "point", "polygon"},
		"circle":  {"box", "point", "polygon"},
		"lseg":    {"point"},
		"path":    {"polygon"},
		"point":   {"box"},
		"polygon": {"box", "circle", "path", "point"},

		"int4range": {"int4multirange"}, "int8range": {"int8multirange"}, "numrange": {"nummultirange"},
		"daterange": {"datemultirange"}, "tsrange": {"tsmultirange"}, "tstzrange": {"tstzmultirange"},
	}
}

// isBuiltin tells types of pg_catalog from others, which an empty search_path makes the server qualify.
func isBuiltin(base string) bool {
	return !strings.Contains(strings.TrimSuffix(base, "[]"), ".")
}

// casted spells how values of a column get from one type to another by casts: one, or two where the server has none of its
// own. Where it has no such way either they travel as text, and what the new type cannot read makes the statement fail.
func casted(column, a, b, to string) string { //nolint:gocyclo // a table: a case is a row
	if !isBuiltin(a) && !isBuiltin(b) {
		return column + "::text::" + to
	}
	x, inLists := strings.CutSuffix(a, "[]")
	y, toLists := strings.CutSuffix(b, "[]")
	if inLists && !toLists && (y == "json" || y == "jsonb") {
		return "pg_catalog.to_" + y + "(" + column + ")"
	}
	lists := strings.TrimPrefix(a, x)
	switch casts := builtinCasts(); {
	case a == "\"char\"" && b != "integer" && !isString(b) || inLists != toLists && !isString(a) && isBuiltin(x) && isBuiltin(y):
		return column + "::text::" + to
	case !isBuiltin(a) || !isBuiltin(b) || isString(x) || isString(y) || slices.Contains(casts[x], y):
		return column + "::" + to
	case slices.Contains(casts["real"], x) && y == "boolean", x == "boolean" && slices.Contains(casts["integer"], y):
		return column + "::integer" + lists + "::" + to
	case x == "money" && slices.Contains(casts["numeric"], y), y == "money" && slices.Contains(casts["numeric"], x):
		return column + "::numeric" + lists + "::" + to
	case (y == "json" || y == "jsonb") && !inLists:
		return "pg_catalog.to_" + y + "(" + column + ")"
	}
	return column + "::text::" + to
}

// comparesWith reports whether values of two types compare without a cast by the operators of an index (pg_amop, operator
// families of btree), as a foreign key wants it.
func comparesWith(a, b string) bool {
	families := [][]string{
		{"smallint", "integer", "bigint"}, {"real", "double precision"}, {"text", "character varying", "name"},
		{"date", "timestamp without time zone", "timestamp with time zone"}, {"inet", "cidr"},
	}
	return a == b || slices.ContainsFunc(families, func(f []string) bool { return slices.Contains(f, a) && slices.Contains(f, b) })
}

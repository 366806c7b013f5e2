package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// typeRefs are the blocks that declare what can be the type of an argument or a result: types, and tables for their rows.
func typeRefs() []string {
	return []string{"enum", "domain", "composite", "range", "table", "partition", "view", "materialized", "foreign_table"}
}

// pseudoTypes are what only functions take and return (PostgreSQL manual, "Pseudo-Types").
func pseudoTypes() []string {
	return []string{
		"trigger", "event_trigger", "void", "record", "any", "anyelement", "anyarray", "anynonarray", "anyenum", "anyrange",
		"anymultirange", "anycompatible", "anycompatiblearray", "anycompatiblenonarray", "anycompatiblerange",
		"anycompatiblemultirange", "cstring", "internal", "language_handler", "fdw_handler", "table_am_handler",
		"index_am_handler", "tsm_handler",
	}
}

// typeAttr takes a type of any sort.
func typeAttr(name, doc string, required bool) hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: name, Doc: doc, Required: required, Refs: typeRefs(), Words: pseudoTypes(),
		Takes: hcl.Type | hcl.String | hcl.SQL | hcl.Reference | hcl.Word,
	}
}

// typeOf is a type as SQL, and what it needs if a block declares it.
func (d *decoder) typeOf(v hcl.Value) (sql string, needs []object.ID) {
	switch {
	case v.Ref.Target != nil:
		id := d.idOf(v.Ref.Target)
		return qualified(id.Schema, id.Name), []object.ID{id}
	case v.Kind == hcl.Word && v.Text == "any":
		return ident(v.Text), nil
	}
	return v.Text, d.typeNeeds(v.Text)
}

// typeExpr spells a type for HCL: as a reference, as a word or function of Atlas's, or as sql("…").
func (e *encoder) typeExpr(sql string) hcl.Value {
	if word := unquoteIdent(sql); slices.Contains(pseudoTypes(), word) {
		return hcl.Bare(word)
	}
	if schema, name, ok := splitQualified(sql); ok && schema != "" {
		for _, kind := range typeRefs() {
			if id := (object.ID{Kind: kind, Schema: schema, Name: name}); e.state.Has(id) && e.declared(kind) {
				return hcl.To(e.path(id)...)
			}
		}
	}
	return e.typeValue(sql)
}

// declared reports whether HCL has blocks for a kind.
func (e *encoder) declared(name string) bool {
	return slices.ContainsFunc(e.kinds, func(k objectKind) bool { return k.Name == name && k.hcl.encode != nil })
}

var plainIdent = regexp.MustCompile(`^[a-z_][a-z0-9_$]*$`)

// spaceOfTypes matches quoted names, which stay, and white space.
var spaceOfTypes = regexp.MustCompile(`"(?:[^"]|"")*"|\s+`)

// signatureType spells a type as format_type does without a modifier, so far as that can be told without the server: it
// tells overloaded routines apart, and finds their declarations.
func signatureType(sql string) string {
	sql = strings.TrimSpace(spaceOfTypes.ReplaceAllStringFunc(baseType(sql), func(found string) string {
		if found[0] == '"' {
			return found
		}
		return " "
	}))
	array := ""
	for strings.HasSuffix(sql, "[]") {
		sql, array = strings.TrimSpace(strings.TrimSuffix(sql, "[]")), "[]"
	}
	if schema, name, ok := splitQualified(sql); ok && schema != "" {
		return asNeeded(schema) + "." + asNeeded(name) + array
	}
	lower := strings.ToLower(sql)
	if long, ok := map[string]string{
		"int": "integer", "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double precision",
		"float": "double precision", "bool": "boolean", "varchar": "character varying", "char": "character", "decimal": "numeric",
		"timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
		"timetz": "time with time zone", "time": "time without time zone", "varbit": "bit varying",
	}[lower]; ok {
		return long + array
	}
	if strings.Contains(sql, `"`) {
		return sql + array
	}
	return lower + array
}

// asNeeded quotes an identifier as quote_ident does: unless it is plain.
func asNeeded(name string) string {
	if plainIdent.MatchString(name) && !isKeyword(name) {
		return name
	}
	return ident(name)
}

// isKeyword reports whether a word is one that quote_ident quotes: a key word that is not unreserved (PostgreSQL manual,
// "SQL Key Words"; pg_get_keywords of version 18).
func isKeyword(word string) bool {
	const words = " all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both " +
		"case cast char character check coalesce collate collation column concurrently constraint create cross " +
		"current_catalog current_date current_role current_schema current_time current_timestamp current_user dec " +
		"decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign " +
		"freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect " +
		"interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg " +
		"json_query json_scalar json_serialize json_table json_value lateral leading least left like limit localtime " +
		"localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on " +
		"only or order out outer overlaps overlay placing position precision primary real references returning right " +
		"row select session_user setof similar smallint some substring symmetric system_user table tablesample then " +
		"time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when " +
		"where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi " +
		"xmlroot xmlserialize xmltable "
	return strings.Contains(words, " "+word+" ")
}

package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Range is a range type with its multirange type.
type Range struct {
	Subtype    string `json:"subtype"`
	OpClass    string `json:"opclass,omitempty"`   // quoted; empty: the subtype's default
	Collation  string `json:"collation,omitempty"` // quoted; empty: the subtype's own
	Canonical  string `json:"canonical,omitempty"` // quoted
	Diff       string `json:"subtype_diff,omitempty"`
	Multirange string `json:"multirange"` // unquoted; in the same schema
}

func (*Range) address(id object.ID) string { return typeAddress(id) }

func rangeKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Range]{
			Name: "range", Weight: weightType,
			Create: createRange, Alter: unchangeable[Range], Drop: dropRange, Aside: rangeAside,
		}),
		queries: []catalog.Query{{Name: "ranges", SQL: `
SELECT t.oid, t.typarray AS array, m.oid AS multirange, m.typarray AS multirange_array, n.nspname AS schema, t.typname AS name,
  m.typname AS multirange_name, pg_catalog.format_type(r.rngsubtype, NULL) AS subtype,
  CASE WHEN NOT oc.opcdefault OR oc.opcintype <> r.rngsubtype AND oc.oid >= 16384 THEN pg_catalog.quote_ident(ocn.nspname) || '.' || pg_catalog.quote_ident(oc.opcname) END AS opclass,
  CASE WHEN r.rngcollation <> st.typcollation AND r.rngcollation <> 0 THEN pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) END AS collation,
  CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical END AS canonical, CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff END AS diff
FROM pg_catalog.pg_range r
JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_type m ON m.oid = r.rngmultitypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type st ON st.oid = r.rngsubtype
JOIN pg_catalog.pg_opclass oc ON oc.oid = r.rngsubopc
JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
LEFT JOIN pg_catalog.pg_collation co ON co.oid = r.rngcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
WHERE t.oid >= 16384 AND ` + userSchemas + `
ORDER BY 5, 6`}},
		build: buildRanges,
		hcl:   rangeHCL(),
	}
}

func buildRanges(b *builder) error {
	return b.rows("ranges", func(r catalog.Row) error {
		id := object.ID{Kind: "range", Schema: r.Str("schema"), Name: r.Str("name")}
		v := &Range{
			Subtype: r.Str("subtype"), OpClass: r.Str("opclass"), Collation: r.Str("collation"),
			Canonical: r.Str("canonical"), Diff: r.Str("diff"), Multirange: r.Str("multirange_name"),
		}
		err := b.add(ref{classType, r.Str("oid"), "0"}, &object.Object{
			ID: id, Value: v, Claims: []string{typeClaim(id.Schema, id.Name), typeClaim(id.Schema, v.Multirange)},
		})
		for _, column := range []string{"array", "multirange", "multirange_array"} {
			b.alias(ref{classType, r.Str(column), "0"}, id)
		}
		return err
	})
}

func (v *Range) definition(id object.ID) string {
	options := []string{"SUBTYPE = " + v.Subtype}
	add := func(name, value string) {
		if value != "" {
			options = append(options, name+" = "+value)
		}
	}
	add("SUBTYPE_OPCLASS", v.OpClass)
	add("COLLATION", v.Collation)
	add("CANONICAL", v.Canonical)
	add("SUBTYPE_DIFF", v.Diff)
	add("MULTIRANGE_TYPE_NAME", qualified(id.Schema, v.Multirange))
	return "CREATE TYPE " + qualified(id.Schema, id.Name) + " AS RANGE (" + strings.Join(options, ", ") + ")"
}

func createRange(_ *kind.Context, t kind.Of[Range]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     t.V.definition(t.ID),
		Comment: "create " + t.ID.String(),
		Reverse: []string{"DROP " + t.V.address(t.ID)},
	}}, nil
}

func dropRange(_ *kind.Context, t kind.Of[Range]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP " + t.V.address(t.ID),
		Comment: "drop " + t.ID.String(),
		Reverse: []string{t.V.definition(t.ID)},
	}}, nil
}

// rangeAside frees the name of the multirange type too.
func rangeAside(_ *kind.Context, t kind.Of[Range]) (rename, remove plan.Step) {
	rename, remove = setAside("TYPE", t.ID)
	rename.SQL += ";\nALTER TYPE " + qualified(t.ID.Schema, t.V.Multirange) + " RENAME TO " + ident(aside(t.V.Multirange))
	return rename, remove
}

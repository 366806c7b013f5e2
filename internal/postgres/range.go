package postgres

import (
	"cmp"
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
	// Constructor and MultirangeConstructor are the names of the functions that make values, where they are not those of
	// the types: the server leaves them as they are when a type is renamed.
	Constructor           string `json:"constructor,omitempty"`
	MultirangeConstructor string `json:"multirange_constructor,omitempty"`
}

func (*Range) address(id object.ID) string { return typeAddress(id) }

func rangeKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Range]{
			Name: "range", Weight: weightType,
			Create: createRange, Alter: alterRange, Drop: dropRange, Aside: rangeAside,
		}),
		queries: []catalog.Query{{Name: "ranges", SQL: `
SELECT t.oid, t.typarray AS array, m.oid AS multirange, m.typarray AS multirange_array, n.nspname AS schema, t.typname AS name,
  m.typname AS multirange_name, pg_catalog.format_type(r.rngsubtype, NULL) AS subtype,
  CASE WHEN NOT oc.opcdefault OR oc.opcintype <> r.rngsubtype AND oc.oid >= 16384 THEN pg_catalog.quote_ident(ocn.nspname) || '.' || pg_catalog.quote_ident(oc.opcname) END AS opclass,
  CASE WHEN r.rngcollation <> st.typcollation AND r.rngcollation <> 0 THEN pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) END AS collation,
  CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical END AS canonical, CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff END AS diff,
  (SELECT pg_catalog.string_agg(p.oid::text || ' ' || CASE WHEN d.refobjid = t.oid THEN 'r' ELSE 'm' END || ' ' || p.proname, E'\x1f' ORDER BY p.oid)
   FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.objid
   WHERE d.classid = 1255 AND d.refclassid = 1247 AND d.refobjid IN (t.oid, m.oid) AND d.deptype = 'i') AS constructors
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
		for _, f := range r.List("constructors") {
			if part := strings.SplitN(f, " ", 3); len(part) == 3 {
				b.alias(ref{classProc, part[0], "0"}, id)
				v.noteConstructor(id.Name, part[1] == "m", part[2])
			}
		}
		return err
	})
}

func (v *Range) noteConstructor(name string, ofMultirange bool, constructor string) {
	switch {
	case ofMultirange:
		v.MultirangeConstructor = unless(constructor, v.Multirange)
	default:
		v.Constructor = unless(constructor, name)
	}
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
	usual := Range{Multirange: t.V.Multirange}
	named := t.V.renames(t.ID.Schema, usual.names(t.ID), t.V.names(t.ID)) // by itself the constructors are called like the types
	return []plan.Step{{
		SQL:     strings.Join(append([]string{t.V.definition(t.ID)}, named...), ";\n"),
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

// rangeNames are the four names that a range type takes in its schema.
type rangeNames struct{ typ, multirange, constructor, multirangeConstructor string }

func (v *Range) names(id object.ID) rangeNames {
	return rangeNames{id.Name, v.Multirange, cmp.Or(v.Constructor, id.Name), cmp.Or(v.MultirangeConstructor, v.Multirange)}
}

// renames are the statements that give a range type other names. The server renames no function along with a type
// (src/backend/commands/typecmds.c, RenameType), and types of equal bounds cannot share their constructors' names.
func (v *Range) renames(schema string, from, to rangeNames) []string {
	var out []string
	rename := func(word, from, args, to string) {
		if from != to {
			out = append(out, "ALTER "+word+" "+qualified(schema, from)+args+" RENAME TO "+ident(to))
		}
	}
	bounds, self := v.Subtype+", "+v.Subtype, qualified(schema, from.typ)
	rename("FUNCTION", from.constructor, "("+bounds+")", to.constructor)
	rename("FUNCTION", from.constructor, "("+bounds+", text)", to.constructor)
	rename("FUNCTION", from.multirangeConstructor, "()", to.multirangeConstructor)
	rename("FUNCTION", from.multirangeConstructor, "("+self+")", to.multirangeConstructor)
	rename("FUNCTION", from.multirangeConstructor, "(VARIADIC "+self+"[])", to.multirangeConstructor)
	rename("TYPE", from.typ, "", to.typ)
	rename("TYPE", from.multirange, "", to.multirange)
	return out
}

// alterRange gives the multirange type and the constructors other names; all else of a range type is fixed.
func alterRange(_ *kind.Context, from, to kind.Of[Range], a *kind.Attrs) (plan.Edit, error) {
	a.Take("multirange", "constructor", "multirange_constructor")
	if left := a.Left(); len(left) > 0 {
		a.Take(left...)
		return plan.Replace("PostgreSQL cannot change it in place"), nil
	}
	f, t := from.V.names(from.ID), to.V.names(to.ID)
	return plan.InPlace(plan.Step{
		SQL:     strings.Join(from.V.renames(to.ID.Schema, f, t), ";\n"),
		Comment: "give " + to.ID.String() + " the names of its multirange type and constructors",
		Reverse: from.V.renames(to.ID.Schema, t, f),
	}), nil
}

// renameRange takes the constructors along that are called like the type.
func renameRange(at *object.Object, name string) []plan.Step {
	v := at.Value.(*Range)
	from := v.names(at.ID)
	to := from
	to.typ = name
	if v.Constructor == "" {
		to.constructor = name
	}
	return []plan.Step{{SQL: strings.Join(v.renames(at.ID.Schema, from, to), ";\n"), Reverse: v.renames(at.ID.Schema, to, from)}}
}

// rangeAside frees the names of the multirange type and of the constructors too.
func rangeAside(_ *kind.Context, t kind.Of[Range]) (rename, remove plan.Step) {
	rename, remove = setAside("TYPE", t.ID)
	n := t.V.names(t.ID)
	free := rangeNames{aside(n.typ), aside(n.multirange), aside(n.constructor), aside(n.multirangeConstructor)}
	rename.SQL = strings.Join(t.V.renames(t.ID.Schema, n, free), ";\n")
	return rename, remove
}

package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Collation is a collation. The version of the library that it was made with is not part of its definition.
type Collation struct {
	Provider         string `json:"provider"` // libc, icu or builtin
	Locale           string `json:"locale,omitempty"`
	Collate          string `json:"collate,omitempty"` // of libc
	Ctype            string `json:"ctype,omitempty"`   // of libc
	Nondeterministic bool   `json:"nondeterministic,omitempty"`
	Rules            string `json:"rules,omitempty"` // of ICU; PostgreSQL 16
}

// collationKind reads the locale of ICU where each version keeps it: in colliculocale from 15 on, in colllocale from
// 17 on, and in collcollate before.
func collationKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Collation]{
			Name: "collation", Weight: weightCollation,
			Create: createCollation, Alter: unchangeable[Collation], Drop: dropCollation, Aside: collationAside,
		}),
		queries: []catalog.Query{{Name: "collations", SQL: `
SELECT c.oid, n.nspname AS schema, c.collname AS name, NOT c.collisdeterministic AS nondeterministic,
  CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
  coalesce(pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale', CASE WHEN c.collprovider = 'i' THEN c.collcollate END) AS locale,
  CASE WHEN c.collprovider = 'c' THEN c.collcollate END AS collate, CASE WHEN c.collprovider = 'c' THEN c.collctype END AS ctype,
  pg_catalog.to_jsonb(c) ->> 'collicurules' AS rules
FROM pg_catalog.pg_collation c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE c.oid >= 16384 AND ` + userSchemas + `
ORDER BY 2, 3`}},
		build: buildCollations,
		hcl:   collationHCL(),
	}
}

func buildCollations(b *builder) error {
	return b.rows("collations", func(r catalog.Row) error {
		id := object.ID{Kind: "collation", Schema: r.Str("schema"), Name: r.Str("name")}
		return b.add(ref{classCollation, r.Str("oid"), "0"}, &object.Object{
			ID: id, Claims: []string{id.String()},
			Value: &Collation{
				Provider: r.Str("provider"), Locale: r.Str("locale"), Collate: r.Str("collate"), Ctype: r.Str("ctype"),
				Nondeterministic: r.Bool("nondeterministic"), Rules: r.Str("rules"),
			},
		})
	})
}

func (v *Collation) definition(id object.ID) string {
	options := []string{"provider = " + v.Provider}
	add := func(name, value string) {
		if value != "" {
			options = append(options, name+" = "+literal(value))
		}
	}
	add("locale", v.Locale)
	add("lc_collate", v.Collate)
	add("lc_ctype", v.Ctype)
	if v.Nondeterministic {
		options = append(options, "deterministic = false")
	}
	add("rules", v.Rules)
	return "CREATE COLLATION " + qualified(id.Schema, id.Name) + " (" + strings.Join(options, ", ") + ")"
}

func createCollation(_ *kind.Context, v kind.Of[Collation]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     v.V.definition(v.ID),
		Comment: "create " + v.ID.String(),
		Reverse: []string{"DROP COLLATION " + qualified(v.ID.Schema, v.ID.Name)},
	}}, nil
}

func dropCollation(_ *kind.Context, v kind.Of[Collation]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP COLLATION " + qualified(v.ID.Schema, v.ID.Name),
		Comment: "drop " + v.ID.String(),
		Reverse: []string{v.V.definition(v.ID)},
	}}, nil
}

func collationAside(_ *kind.Context, v kind.Of[Collation]) (rename, remove plan.Step) {
	return setAside("COLLATION", v.ID)
}

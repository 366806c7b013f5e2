package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Enum is an enumerated type.
type Enum struct {
	Values []string `json:"values"`
}

func enumKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Enum]{
			Name: "enum", Weight: weightType,
			Create: createEnum, Alter: alterEnum, Drop: dropEnum, Aside: enumAside,
		}),
		queries: []catalog.Query{{Name: "enums", SQL: `
SELECT t.oid, t.typarray AS array, n.nspname AS schema, t.typname AS name,
  (SELECT pg_catalog.string_agg(e.enumlabel, E'\x1f' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS values
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND ` + userSchemas + `
ORDER BY 3, 4`}},
		build: buildEnums,
		hcl:   enumHCL(),
	}
}

func buildEnums(b *builder) error {
	return b.rows("enums", func(r catalog.Row) error {
		id := object.ID{Kind: "enum", Schema: r.Str("schema"), Name: r.Str("name")}
		values := r.List("values")
		if len(values) == 0 && !r.Null("values") {
			values = []string{""} // a value may be empty, and this one is alone
		}
		err := b.add(ref{classType, r.Str("oid"), "0"}, &object.Object{
			ID: id, Value: &Enum{Values: values}, Claims: []string{typeClaim(id.Schema, id.Name)},
		})
		b.alias(ref{classType, r.Str("array"), "0"}, id)
		return err
	})
}

func createEnum(_ *kind.Context, e kind.Of[Enum]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     e.V.definition(e.ID),
		Comment: "create " + e.ID.String(),
		Reverse: []string{"DROP TYPE " + qualified(e.ID.Schema, e.ID.Name)},
	}}, nil
}

func (e *Enum) definition(id object.ID) string {
	return "CREATE TYPE " + qualified(id.Schema, id.Name) + " AS ENUM (" + strings.Join(literals(e.Values), ", ") + ")"
}

// enumAside can be undone, unlike what holds other types, which would then be of the wrong versions.
func enumAside(_ *kind.Context, e kind.Of[Enum]) (rename, remove plan.Step) {
	rename, remove = setAside("TYPE", e.ID)
	old := e.ID
	old.Name = aside(e.ID.Name)
	rename.Reverse = []string{"ALTER TYPE " + qualified(old.Schema, old.Name) + " RENAME TO " + ident(e.ID.Name)}
	remove.Reverse = []string{e.V.definition(old)}
	return rename, remove
}

// alterEnum adds labels in place. PostgreSQL can neither remove nor reorder one.
func alterEnum(_ *kind.Context, from, to kind.Of[Enum], a *kind.Attrs) (plan.Edit, error) {
	a.Take("values")
	if !isSubsequence(from.V.Values, to.V.Values) {
		return plan.Replace("PostgreSQL can neither remove nor reorder the values of an enum"), nil
	}
	var steps []plan.Step
	for i, v := range to.V.Values {
		if slices.Contains(from.V.Values, v) {
			continue
		}
		steps = append(steps, plan.Step{
			SQL:     "ALTER TYPE " + qualified(to.ID.Schema, to.ID.Name) + " ADD VALUE " + literal(v) + labelPlace(from.V.Values, to.V.Values, i),
			Comment: "add the value " + v + " to " + to.ID.String(),
			// A new label can be used only after a commit (PostgreSQL manual, "ALTER TYPE").
			CommitAfter: true,
		})
	}
	return plan.InPlace(steps...), nil
}

func isSubsequence(part, whole []string) bool {
	for _, v := range whole {
		if len(part) > 0 && part[0] == v {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// labelPlace says where a label goes: after its predecessor, or before the first old label; at the end, nothing.
func labelPlace(from, to []string, i int) string {
	last := true
	for _, v := range to[i+1:] {
		last = last && !slices.Contains(from, v)
	}
	switch {
	case last:
		return ""
	case i > 0:
		return " AFTER " + literal(to[i-1])
	}
	return " BEFORE " + literal(from[0])
}

func dropEnum(c *kind.Context, e kind.Of[Enum]) ([]plan.Step, error) {
	create, err := createEnum(c, e)
	if err != nil {
		return nil, err
	}
	return []plan.Step{{
		SQL: create[0].Reverse[0], Comment: "drop " + e.ID.String(), Reverse: []string{create[0].SQL},
	}}, nil
}

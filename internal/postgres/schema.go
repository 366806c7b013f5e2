package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Schema is a namespace. It has no attributes of its own; its comment, owner and privileges are objects beside it.
type Schema struct{}

func schemaID(name string) object.ID { return object.ID{Kind: "schema", Name: name} }

func schemaKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Schema]{
			Name: "schema", Weight: weightSchema,
			Create: createSchema, Alter: unchangeable[Schema], Drop: dropSchema,
		}),
		queries: []catalog.Query{{Name: "schemas", SQL: `
SELECT n.oid, n.nspname AS name FROM pg_catalog.pg_namespace n WHERE ` + userSchemas + ` ORDER BY 2`}},
		build: buildSchemas,
		hcl:   schemaHCL(),
	}
}

func buildSchemas(b *builder) error {
	return b.rows("schemas", func(r catalog.Row) error {
		name := r.Str("name")
		if !b.inScope(name) {
			return nil
		}
		return b.add(ref{classNamespace, r.Str("oid"), "0"}, &object.Object{
			ID: schemaID(name), Value: &Schema{}, Claims: []string{"schema " + name},
		})
	})
}

func createSchema(_ *kind.Context, s kind.Of[Schema]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "CREATE SCHEMA " + ident(s.ID.Name),
		Comment: "create schema " + s.ID.Name,
		Reverse: []string{"DROP SCHEMA " + ident(s.ID.Name)},
	}}, nil
}

func dropSchema(_ *kind.Context, s kind.Of[Schema]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP SCHEMA " + ident(s.ID.Name),
		Comment: "drop schema " + s.ID.Name,
		Reverse: []string{"CREATE SCHEMA " + ident(s.ID.Name)},
	}}, nil
}

// unchangeable is the Alter of kinds whose every change is a replacement.
func unchangeable[T any](_ *kind.Context, _, _ kind.Of[T], a *kind.Attrs) (plan.Edit, error) {
	left := a.Left()
	a.Take(left...)
	return plan.Replace("PostgreSQL cannot change it in place"), nil
}

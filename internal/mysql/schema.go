package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Schema is a database of the server. The database that a URL names is not an object: only what is in it is managed.
type Schema struct {
	Charset   string `json:"charset,omitempty"`
	Collation string `json:"collation,omitempty"`
	Comment   string `json:"comment,omitempty"`   // MariaDB
	Encrypted bool   `json:"encrypted,omitempty"` // new tables are encrypted by default; MySQL
}

func schemaID(name string) object.ID { return object.ID{Kind: "schema", Name: name} }

func schemaKind() objectKind {
	return objectKind{
		hcl: schemaHCL(),
		Kind: kind.Define(kind.Def[Schema]{
			Name: "schema", Weight: weightSchema,
			Create: createSchema, Alter: alterSchema, Drop: dropSchema,
		}),
		queries: func(s server, in within) []catalog.Query {
			extra := "'' AS comment, DEFAULT_ENCRYPTION AS encrypted"
			if s.mariadb {
				extra = "SCHEMA_COMMENT AS comment, 'NO' AS encrypted"
			}
			return []catalog.Query{{Name: "schemas", SQL: `
SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation, ` + extra + `
FROM information_schema.SCHEMATA WHERE ` + in("SCHEMA_NAME") + ` ORDER BY 1`}}
		},
		build: buildSchemas,
	}
}

func buildSchemas(b *builder) error {
	return b.rows("schemas", func(r catalog.Row) error {
		name := r.Str("name")
		if b.schema(name) == "" || name == journalName {
			return nil
		}
		return b.add(&object.Object{
			ID: schemaID(name), Claims: []string{"schema " + name},
			Value: &Schema{
				Charset: r.Str("charset"), Collation: r.Str("collation"), Comment: r.Str("comment"),
				Encrypted: r.Bool("encrypted"),
			},
		})
	})
}

// clauses spell the attributes of a database that differ from another's.
func (s *Schema) clauses(from *Schema) string {
	var out []string
	if s.Charset != from.Charset || s.Collation != from.Collation {
		if s.Charset != "" {
			out = append(out, "CHARACTER SET "+s.Charset)
		}
		if s.Collation != "" {
			out = append(out, "COLLATE "+s.Collation)
		}
	}
	if s.Comment != from.Comment {
		out = append(out, "COMMENT "+literal(s.Comment))
	}
	if s.Encrypted != from.Encrypted {
		out = append(out, "ENCRYPTION "+literal(map[bool]string{true: "Y", false: "N"}[s.Encrypted]))
	}
	return strings.Join(out, " ")
}

func createSchema(_ *kind.Context, s kind.Of[Schema]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     strings.TrimRight("CREATE DATABASE "+ident(s.ID.Name)+" "+s.V.clauses(&Schema{}), " "),
		Comment: "create database " + s.ID.Name,
		Reverse: []string{"DROP DATABASE " + ident(s.ID.Name)},
	}}, nil
}

func alterSchema(_ *kind.Context, from, to kind.Of[Schema], a *kind.Attrs) (plan.Edit, error) {
	a.Take("charset", "collation", "comment", "encrypted")
	head := "ALTER DATABASE " + ident(to.ID.Name) + " "
	return plan.InPlace(plan.Step{
		SQL: head + to.V.clauses(from.V), Reverse: []string{head + from.V.clauses(to.V)},
		Comment: "modify database " + to.ID.Name,
	}), nil
}

func dropSchema(_ *kind.Context, s kind.Of[Schema]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP DATABASE " + ident(s.ID.Name),
		Comment: "drop database " + s.ID.Name,
		Loses:   "everything in database " + s.ID.Name,
	}}, nil
}

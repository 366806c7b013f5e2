package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// ident quotes an identifier. It always quotes, so that no keyword of any version needs to be known.
func ident(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// idents quotes a list of identifiers, separated by commas.
func idents(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = ident(n)
	}
	return strings.Join(quoted, ", ")
}

// literal quotes a string. Backslashes need the E form, whatever standard_conforming_strings says.
func literal(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

// qualified quotes a name with its schema.
func qualified(schema, name string) string {
	if schema == "" {
		return ident(name)
	}
	return ident(schema) + "." + ident(name)
}

// tableOf quotes the relation that an object belongs to.
func tableOf(id object.ID) string { return qualified(id.Schema, id.Table) }

package revision

import (
	"regexp"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// secrets are strings that stand where servers take a password, or a connection string.
var secrets = regexp.MustCompile(`(?is)(\bpassword\b(?:\s+for\b[^=;']*(?:'[^']*'[^=;']*)*=)?[\s(=]*|\bidentified\b[^';]{0,200}?\b(?:by|as|using)\b\s*(?:password\s*)?|\bconnection\s+|\bpasswd\s*=?\s*)[en]?'(?:[^'\\]|\\.|'')*'`)

// Shown is a statement for messages and for the history: without passwords, and without anything of one that is marked
// with "-- atlas:sensitive".
func Shown(st dialect.Statement) string {
	for _, d := range migrate.DirectivesOf(st) {
		if d.Name == "sensitive" {
			return "-- atlas:sensitive"
		}
	}
	return secrets.ReplaceAllString(st.SQL, "$1'***'")
}

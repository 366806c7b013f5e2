package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/statement"
)

// ForClient spells a statement as a line of a script for the servers' own clients, which cut at every semicolon, those of
// bodies too, unless DELIMITER names another mark.
func (Dialect) ForClient(sql string) string {
	if !semicolons(sql) {
		return sql + ";\n"
	}
	mark := "//"
	for strings.Contains(sql, mark) {
		mark += ";"
	}
	return "DELIMITER " + mark + "\n" + sql + "\n" + mark + "\nDELIMITER ;\n"
}

// semicolons tells whether there is one outside strings and names; in comments the clients are not agreed.
func semicolons(sql string) bool {
	n := strings.Count(sql, ";")
	for _, t := range statement.Tokens(sql, statement.Flavour{MySQL: true}) {
		if t.Kind == statement.String || t.Kind == statement.Quoted {
			n -= strings.Count(sql[t.Start:t.End], ";")
		}
	}
	return n > 0
}

package atlas

import (
	"strings"

	"ariga.io/atlas/schemahcl"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// MySQLTypes are the types of MySQL and MariaDB.
func MySQLTypes() *Types {
	return newTypes(mysql.TypeRegistry, parseMySQL, formatMySQL)
}

// parseMySQL reads a type as the server spells it. Atlas leaves the backslashes in the values of enum and set that escape others.
func parseMySQL(s string) (schema.Type, error) {
	t, err := mysql.ParseType(s)
	if err != nil {
		return nil, err
	}
	plain := func(list []string) []string {
		out := make([]string, len(list))
		for i, v := range list {
			out[i] = strings.ReplaceAll(v, `\\`, `\`)
		}
		return out
	}
	switch t := t.(type) {
	case *schema.EnumType:
		t.Values = plain(t.Values)
	case *mysql.SetType:
		t.Values = plain(t.Values)
	}
	return t, nil
}

// formatMySQL spells a type as the server does. Atlas has bool for what the server calls tinyint(1), leaves out the
// size of bit(1), and quotes the values of enum and set with double quotes.
func formatMySQL(written *schemahcl.Type, t schema.Type) (string, error) {
	values := func(list []string) string {
		quoted := make([]string, len(list))
		for i, v := range list {
			quoted[i] = "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(v) + "'"
		}
		return "(" + strings.Join(quoted, ",") + ")"
	}
	switch t := t.(type) {
	case *schema.BoolType:
		return "tinyint(1)", nil
	case *schema.EnumType:
		return "enum" + values(t.Values), nil
	case *mysql.SetType:
		return "set" + values(t.Values), nil
	case *mysql.BitType:
		if t.Size <= 1 {
			return "bit(1)", nil
		}
	case *schema.DecimalType:
		if t.Precision > 0 && t.Scale == 0 && len(written.Attrs) > 0 {
			s, err := mysql.FormatType(t)
			return strings.Replace(s, ")", ",0)", 1), err
		}
	}
	return mysql.FormatType(t)
}

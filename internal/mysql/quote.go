package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// ident quotes an identifier. It always quotes, so that no keyword of any version needs to be known.
func ident(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// idents quotes a list of identifiers, separated by commas.
func idents(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = ident(n)
	}
	return strings.Join(quoted, ", ")
}

// literal quotes a string for every sql_mode but NO_BACKSLASH_ESCAPES, which sessions of schemactl leave out.
func literal(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`, "\x00", `\0`).Replace(s) + "'"
}

// qualified quotes a name with its database; an empty one is the database that the connection has selected.
func qualified(schema, name string) string {
	if schema == "" {
		return ident(name)
	}
	return ident(schema) + "." + ident(name)
}

// tableOf quotes the table that an object belongs to.
func tableOf(id object.ID) string { return qualified(id.Schema, id.Table) }

// unescape undoes the escapes in the expressions of MySQL's information_schema, which quotes them once more than
// SHOW CREATE TABLE does (MySQL manual, "The INFORMATION_SCHEMA CHECK_CONSTRAINTS Table"; sql/dd/info_schema).
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i == len(s)-1 {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case '0':
			b.WriteByte(0)
		case 'Z':
			b.WriteByte(26)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// cutQualifier takes the qualifier of one database out of an expression as the server spells it: `db`.`t` becomes `t`.
// Strings are left alone.
func cutQualifier(expr, schema string) string {
	if schema == "" {
		return expr
	}
	q := ident(schema) + "."
	if !strings.Contains(expr, q) {
		return expr
	}
	var b strings.Builder
	for i := 0; i < len(expr); {
		end := tokenEnd(expr, i)
		if strings.HasPrefix(expr[i:], q) && (i == 0 || expr[i-1] != '.') {
			i += len(q)
			continue
		}
		b.WriteString(expr[i:end])
		i = end
	}
	return b.String()
}

// tokenEnd is where the token at i ends: a quoted name or string as a whole, anything else as one byte.
func tokenEnd(s string, i int) int {
	q := s[i]
	if q != '\'' && q != '"' && q != '`' {
		return i + 1
	}
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '\\' && q != '`':
			j++
		case s[j] != q:
		case j+1 < len(s) && s[j+1] == q:
			j++
		default:
			return j + 1
		}
	}
	return len(s)
}

// namesIn lists the quoted names of an expression as the server spells it, each with its qualifiers.
func namesIn(expr string) [][]string {
	var out [][]string
	var chain []string
	flush := func() {
		if len(chain) > 0 {
			out, chain = append(out, chain), nil
		}
	}
	for i := 0; i < len(expr); {
		end := tokenEnd(expr, i)
		switch {
		case expr[i] == '`':
			if i == 0 || expr[i-1] != '.' {
				flush()
			}
			chain = append(chain, strings.ReplaceAll(expr[i+1:max(i+1, end-1)], "``", "`"))
		case expr[i] != '.':
			flush()
		}
		i = end
	}
	flush()
	return out
}

// account quotes a user@host as information_schema spells it. The host is after the last @.
func account(definer string) string {
	i := strings.LastIndexByte(definer, '@')
	if i < 0 {
		return ""
	}
	return ident(definer[:i]) + "@" + ident(definer[i+1:])
}

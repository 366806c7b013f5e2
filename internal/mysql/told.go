package mysql

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/schemactl/schemactl/internal/catalog"
)

// information_schema tells expressions, defaults and the bodies of programs as utf8mb3, and what that cannot hold is
// lost there. This file says how to tell that something may be lost, and finds what is there.

// toldExpr reads an expression in MySQL's information_schema. The server takes the bytes of the expression for
// characters of one byte each, which loses none, and quotes it once more (sql/dd/dd_table.cc keeps it as a binary string).
func toldExpr(s string) string {
	return spellBytes(unescape(bytesOf(s)))
}

// bytesOf turns characters that each stand for a byte back into bytes. A text that is none of that kind stays.
func bytesOf(s string) string {
	if isASCII(s) {
		return s
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return s
		}
		out = append(out, byte(r))
	}
	return string(out)
}

// spellBytes writes strings that are no UTF-8, such as _latin1 and _binary ones, as numbers in base 16, which stand for the
// same bytes in every session.
func spellBytes(expr string) string {
	if utf8.ValidString(expr) {
		return expr
	}
	var out strings.Builder
	for i := 0; i < len(expr); {
		end := tokenEnd(expr, i)
		if token := expr[i:end]; expr[i] == '\'' && !utf8.ValidString(token) {
			if i > 0 && isNameByte(expr[i-1]) {
				out.WriteByte(' ') // after its character set
			}
			out.WriteString("x'" + hex.EncodeToString([]byte(unquote(token))) + "'")
		} else {
			out.WriteString(token)
		}
		i = end
	}
	return out.String()
}

// unquote reads a string as the server spells it.
func unquote(token string) string {
	body := strings.TrimSuffix(strings.TrimPrefix(token, "'"), "'")
	return unescape(strings.ReplaceAll(body, "''", `\'`))
}

// lossy reports whether characters may be lost of a text that is told as utf8mb3: each stands there as a question mark.
func lossy(text string) bool { return strings.Contains(text, "?") }

var lostRun = regexp.MustCompile(`\?+`)

// found looks behind some words in a definition that loses nothing for a text that is told with question marks; the text
// as it is told where the definition does not have it.
func found(words, told, definition string) string {
	if !lossy(told) || definition == "" {
		return told
	}
	pattern, last := "(?s)"+regexp.QuoteMeta(words)+"(", 0
	for _, at := range lostRun.FindAllStringIndex(told, -1) {
		pattern += regexp.QuoteMeta(told[last:at[0]]) + `(?:\?|[^\x00-\x7F])+?`
		last = at[1]
	}
	re, err := regexp.Compile(pattern + regexp.QuoteMeta(told[last:]) + ")")
	if err != nil {
		return told
	}
	if m := re.FindStringSubmatch(definition); m != nil {
		return m[1]
	}
	return told
}

// lineOf is the line of a column or constraint in the definition of a table that was read; start is how it begins.
func (b *builder) lineOf(t *tableEntry, start string) string {
	if t.starts == nil {
		t.starts = map[string]string{}
		for line := range strings.Lines(b.definition("table", t.ID)) {
			line = strings.TrimSpace(line)
			if rest, ok := strings.CutPrefix(line, "CONSTRAINT "); ok && rest != "" {
				t.starts["CONSTRAINT "+rest[:tokenEnd(rest, 0)]] = line
			} else if strings.HasPrefix(line, "`") {
				t.starts[line[:tokenEnd(line, 0)]] = line
			}
		}
	}
	return t.starts[start]
}

// exactDefaults is the name under which a Catalog keeps defaults of which the catalogs tell only a part.
const exactDefaults = "exact_defaults"

// partlyTold reports whether the default of a column's row is a value of which a part may be lost: bytes behind a zero,
// and characters beyond utf8mb3.
func partlyTold(c *catalog.Catalog, r catalog.Row) bool {
	value, typ := r.Str("dflt"), r.Str("type")
	if r.Null("dflt") || strings.Contains(r.Str("extra"), "DEFAULT_GENERATED") || isMembers(typ) && !membersLost(r) {
		return false
	}
	if c.Settings["flavor"] == "mariadb" {
		return plainValue.MatchString(value) && lossy(value)
	}
	return binaryType.MatchString(typ) && strings.HasPrefix(value, "0x") || !numericType.MatchString(typ) && lossy(value)
}

// partDefault is such a default: its column, and how its value is written out.
type partDefault struct {
	db, table, column string
	value             func(column string) string // HEX of the value, of a default or of a column that has it
	notNull           bool
}

func partDefaults(c *catalog.Catalog) []partDefault {
	var out []partDefault
	_ = c.Tables["columns"].Each(func(r catalog.Row) error {
		if !partlyTold(c, r) {
			return nil
		}
		hex := "HEX(%s)"
		if r.Str("collation") != "" {
			hex = "HEX(CONVERT(%s USING utf8mb4))"
		}
		out = append(out, partDefault{
			db: r.Str("db"), table: r.Str("tab"), column: r.Str("name"), notNull: !r.Bool("nullable"),
			value: func(of string) string { return fmt.Sprintf(hex, of) + " AS value" },
		})
		return nil
	})
	return out
}

// first reads the default from the table itself. Of a column that takes NULL that works whatever rows there are; of another
// one DEFAULT is NULL where no row is (sql/field.h, Field::is_null).
func (p partDefault) first() string {
	value := "SELECT " + p.value("DEFAULT(t."+ident(p.column)+")")
	if p.notNull {
		return value + " FROM " + qualified(p.db, p.table) + " t LIMIT 1"
	}
	return value + " FROM (SELECT 1) one LEFT JOIN " + qualified(p.db, p.table) + " t ON FALSE"
}

// ofEmpty reads it from an empty table: MySQL keeps it beside an aggregate, MariaDB in a table made of the column.
func (p partDefault) ofEmpty(mariadb bool) string {
	if !mariadb {
		return "SELECT " + p.value("DEFAULT(t."+ident(p.column)+")") + ", COUNT(*) FROM " + qualified(p.db, p.table) + " t"
	}
	made := qualified(p.db, "schemactl_default")
	return "DROP TEMPORARY TABLE IF EXISTS " + made + ";\nCREATE TEMPORARY TABLE " + made + " AS SELECT " + ident(p.column) + " FROM " + qualified(p.db, p.table) + " WHERE FALSE;\n" +
		"INSERT INTO " + made + " () VALUES ();\nSELECT " + p.value(ident(p.column)) + " FROM " + made + ";\nDROP TEMPORARY TABLE " + made
}

// exactDefault spells a default that was read from its table.
func exactDefault(typ, collation, digits string) string {
	value, err := hex.DecodeString(digits)
	if err != nil {
		return ""
	}
	if strings.HasPrefix(typ, "binary") {
		value = bytes.TrimRight(value, "\x00") // which fill it up
	}
	if collation == "" && len(value) > 0 {
		return "0x" + strings.ToUpper(hex.EncodeToString(value))
	}
	return literal(string(value))
}

// readDefaults reads defaults that the catalogs tell in part. Where a table cannot be read, what is told stands.
func (d definitionReader) readDefaults(ctx context.Context, conn *sql.Conn, c *catalog.Catalog) error {
	all := partDefaults(c)
	if len(all) == 0 {
		return nil
	}
	out := catalog.NewRows("db", "tab", "name", "value")
	left, err := d.readParts(ctx, conn, all, partDefault.first, out)
	if err != nil {
		return err
	}
	left = slices.DeleteFunc(left, func(p partDefault) bool { return !p.notNull })
	if _, err = d.readParts(ctx, conn, left, func(p partDefault) string { return p.ofEmpty(d.mariadb) }, out); err != nil {
		return err
	}
	c.Tables[exactDefaults] = out
	return nil
}

// readParts reads defaults, and returns those of which no value came.
func (d definitionReader) readParts(ctx context.Context, conn *sql.Conn, all []partDefault, query func(partDefault) string, out *catalog.Rows) (left []partDefault, err error) {
	for part := range slices.Chunk(all, chunk) {
		var queries []catalog.Query
		for i, p := range part {
			queries = append(queries, catalog.Query{Name: fmt.Sprint(i), SQL: query(p)})
		}
		rows, err := catalog.Read(ctx, conn, nil, queries)
		if err != nil && ctx.Err() == nil {
			rows, err = d.readReadable(ctx, conn, queries)
		}
		if err != nil {
			return nil, fmt.Errorf("read defaults: %w", err)
		}
		for i, p := range part {
			read := false
			if r := rows[queries[i].Name]; r != nil {
				_ = r.Each(func(r catalog.Row) error {
					if read = !r.Null("value"); read {
						out.Add(p.db, p.table, p.column, r.Str("value"))
					}
					return nil
				})
			}
			if !read {
				left = append(left, p)
			}
		}
	}
	return left, nil
}

// readReadable reads the defaults one by one, and leaves out those that cannot be read.
func (d definitionReader) readReadable(ctx context.Context, conn *sql.Conn, queries []catalog.Query) (map[string]*catalog.Rows, error) {
	out := map[string]*catalog.Rows{}
	for _, q := range queries {
		rows, err := catalog.Read(ctx, conn, nil, []catalog.Query{q})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			out[q.Name] = rows[q.Name]
		}
	}
	return out, nil
}

// exact is the whole default of a column of which only a part is told; false: it is told whole, or could not be read.
func (b *builder) exact(r catalog.Row) (string, bool) {
	if !partlyTold(b.catalog, r) {
		return "", false
	}
	if b.defaults == nil {
		b.defaults = map[[3]string]string{}
		_ = b.rows(exactDefaults, func(r catalog.Row) error {
			b.defaults[[3]string{r.Str("db"), r.Str("tab"), r.Str("name")}] = r.Str("value")
			return nil
		})
	}
	digits, read := b.defaults[[3]string{r.Str("db"), r.Str("tab"), r.Str("name")}]
	return exactDefault(r.Str("type"), r.Str("collation"), digits), read
}

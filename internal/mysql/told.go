package mysql

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"regexp"
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
	if r.Null("dflt") || strings.Contains(r.Str("extra"), "DEFAULT_GENERATED") || strings.HasPrefix(typ, "enum") || strings.HasPrefix(typ, "set") {
		return false
	}
	if c.Settings["flavor"] == "mariadb" {
		return plainValue.MatchString(value) && lossy(value)
	}
	return binaryType.MatchString(typ) && strings.HasPrefix(value, "0x") || !numericType.MatchString(typ) && lossy(value)
}

// defaultQueries read such defaults from the tables themselves, whatever rows there are.
func defaultQueries(c *catalog.Catalog) (at [][3]string, queries []catalog.Query) {
	_ = c.Tables["columns"].Each(func(r catalog.Row) error {
		if !partlyTold(c, r) {
			return nil
		}
		place := [3]string{r.Str("db"), r.Str("tab"), r.Str("name")}
		value := "DEFAULT(t." + ident(place[2]) + ")"
		if r.Str("collation") != "" {
			value = "CONVERT(" + value + " USING utf8mb4)"
		}
		queries = append(queries, catalog.Query{Name: strings.Join(place[:], "."), SQL: "SELECT HEX(" + value + ") AS value FROM (SELECT 1) one LEFT JOIN " +
			qualified(place[0], place[1]) + " t ON FALSE"})
		at = append(at, place)
		return nil
	})
	return at, queries
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
	out := catalog.NewRows("db", "tab", "name", "value")
	at, queries := defaultQueries(c)
	if len(queries) == 0 {
		return nil
	}
	for len(queries) > 0 {
		n := min(chunk, len(queries))
		rows, err := catalog.Read(ctx, conn, nil, queries[:n])
		if err != nil && ctx.Err() == nil {
			rows, err = d.readReadable(ctx, conn, queries[:n])
		}
		if err != nil {
			return fmt.Errorf("read defaults: %w", err)
		}
		for i, q := range queries[:n] {
			value := ""
			if r := rows[q.Name]; r != nil {
				_ = r.Each(func(r catalog.Row) error {
					value = r.Str("value")
					return nil
				})
				out.Add(at[i][0], at[i][1], at[i][2], value)
			}
		}
		at, queries = at[n:], queries[n:]
	}
	c.Tables[exactDefaults] = out
	return nil
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

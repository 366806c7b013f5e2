package mysql

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
)

// The catalogs tell the members of an ENUM or SET in utf8mb3: a character beyond it is a question mark there, although the
// column has it. Which characters these are, a temporary table of the column's type tells, with a row for each member.

// exactMembers is the name under which a Catalog keeps members of which the catalogs tell only a part.
const exactMembers = "exact_members"

func isMembers(typ string) bool {
	return strings.HasPrefix(typ, "enum(") || strings.HasPrefix(typ, "set(")
}

// membersLost reports whether characters may be lost of the members of a column's row.
func membersLost(r catalog.Row) bool {
	charset := charsetOf(r.Str("collation"))
	return isMembers(r.Str("type")) && lossy(r.Str("type")) && slices.Contains([]string{"utf8mb4", "utf16", "utf16le", "utf32", "gb18030"}, charset)
}

// membersIn lists the quoted members in a type.
func membersIn(typ string) []string {
	var out []string
	for i := strings.IndexByte(typ, '(') + 1; i > 0 && i < len(typ); {
		end := tokenEnd(typ, i)
		if typ[i] == '\'' {
			out = append(out, typ[i:end])
		}
		i = end
	}
	return out
}

// membersQuery reads the members in their order.
func membersQuery(r catalog.Row) string {
	made, column := qualified(r.Str("db"), "schemactl_members"), ident(r.Str("name"))
	var numbers []string
	for i := range membersIn(r.Str("type")) {
		number := fmt.Sprint(i + 1)
		if strings.HasPrefix(r.Str("type"), "set(") {
			number = fmt.Sprint(uint64(1) << i)
		}
		numbers = append(numbers, "("+number+")")
	}
	return "DROP TEMPORARY TABLE IF EXISTS " + made + ";\nCREATE TEMPORARY TABLE " + made + " AS SELECT " + column + " FROM " + qualified(r.Str("db"), r.Str("tab")) +
		" WHERE FALSE;\nINSERT INTO " + made + " (" + column + ") VALUES " + strings.Join(numbers, ", ") + ";\nSELECT HEX(CONVERT(" + column + " USING utf8mb4)) AS value FROM " +
		made + " ORDER BY " + column + " + 0;\nDROP TEMPORARY TABLE " + made
}

// readMembers reads members that the catalogs tell in part. Where that cannot be done, what is told stands.
func (d definitionReader) readMembers(ctx context.Context, conn *sql.Conn, c *catalog.Catalog) error {
	var queries []catalog.Query
	var at [][3]string
	_ = c.Tables["columns"].Each(func(r catalog.Row) error {
		if membersLost(r) {
			at = append(at, [3]string{r.Str("db"), r.Str("tab"), r.Str("name")})
			queries = append(queries, catalog.Query{Name: fmt.Sprint(len(at)), SQL: membersQuery(r)})
		}
		return nil
	})
	if len(queries) == 0 {
		return nil
	}
	read, err := d.readReadable(ctx, conn, queries)
	if err != nil {
		return fmt.Errorf("read the members of columns: %w", err)
	}
	out := catalog.NewRows("db", "tab", "name", "value")
	for i, q := range queries {
		if rows := read[q.Name]; rows != nil {
			_ = rows.Each(func(r catalog.Row) error {
				out.Add(at[i][0], at[i][1], at[i][2], r.Str("value"))
				return nil
			})
		}
	}
	c.Tables[exactMembers] = out
	return nil
}

// typeOf is the type of a column, with its members as they are.
func (b *builder) typeOf(r catalog.Row) string {
	if !membersLost(r) {
		return r.Str("type")
	}
	if b.members == nil {
		b.readExactMembers()
	}
	members, told := b.members[[3]string{r.Str("db"), r.Str("tab"), r.Str("name")}], membersIn(r.Str("type"))
	if len(members) != len(told) {
		b.tellUnread(r)
		return r.Str("type")
	}
	for i, m := range told {
		if !lossy(m) {
			members[i] = m
		}
	}
	word, _, _ := strings.Cut(r.Str("type"), "(")
	return word + "(" + strings.Join(members, ",") + ")"
}

func (b *builder) readExactMembers() {
	b.members = map[[3]string][]string{}
	_ = b.rows(exactMembers, func(r catalog.Row) error {
		at := [3]string{r.Str("db"), r.Str("tab"), r.Str("name")}
		if text, err := hex.DecodeString(r.Str("value")); err == nil {
			b.members[at] = append(b.members[at], strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(literal(string(text))))
		}
		return nil
	})
}

// tellUnread says that what is told of a column's members may not be what they are.
func (b *builder) tellUnread(r catalog.Row) {
	b.state.Notes = append(b.state.Notes, fmt.Sprintf("note: column %s.%s.%s: its members have a question mark, which may stand for a character that the catalogs cannot tell, "+
		"and no temporary table could be made to read it (CREATE TEMPORARY TABLES)", r.Str("db"), r.Str("tab"), r.Str("name")))
}

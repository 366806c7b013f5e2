package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/object"
)

// unseen is the setting of a catalog that tells that the user may not see where InnoDB keeps tables.
const unseen = "schemactl_files_unseen"

// heeds reports whether an engine takes notice of clauses that InnoDB reads and forgets: KEY_BLOCK_SIZE of an index,
// COLUMN_FORMAT and STORAGE of a column.
func heeds(engine string) bool { return engine != "" && !strings.EqualFold(engine, "InnoDB") }

// files finds the tables of InnoDB that are not in a file of their own below their database, or have a size by which it
// grows: only SHOW CREATE TABLE tells which. That takes the PROCESS privilege.
func (d definitionReader) files(ctx context.Context, conn *sql.Conn, c *catalog.Catalog) (func(catalog.Row) bool, error) {
	nowhere := func(catalog.Row) bool { return false }
	if !d.extended || d.tables {
		return nowhere, nil
	}
	rows, err := catalog.Read(ctx, conn, nil, []catalog.Query{{Name: unseen, SQL: `
SELECT t.NAME AS name FROM information_schema.INNODB_TABLESPACES t JOIN information_schema.INNODB_DATAFILES d ON d.SPACE = t.SPACE
WHERE t.AUTOEXTEND_SIZE = 0 AND d.PATH LIKE './%/%'`}})
	switch err = d.fault(err, ""); {
	case isDenied(err) || hasNumber(err, 1227, 1109, 1054):
		c.Settings[unseen] = "1"
		return nowhere, nil
	case err != nil:
		return nil, err
	}
	usual := map[string]bool{}
	_ = rows[unseen].Each(func(r catalog.Row) error {
		file, _, _ := strings.Cut(strings.ToLower(r.Str("name")), "#p#")
		usual[file] = true
		return nil
	})
	return func(r catalog.Row) bool {
		file := strings.ToLower(fileName(r.Str("db")) + "/" + fileName(r.Str("name")))
		return strings.EqualFold(r.Str("engine"), "InnoDB") && !usual[file]
	}, nil
}

var connection = regexp.MustCompile(`( CONNECTION=)'(?:[^'\\]|''|\\.)*'`)

// hideConnection takes out where a table's rows are elsewhere: there may be a password in it.
func hideConnection(kind, text string) string {
	if kind != "table" {
		return text
	}
	return connection.ReplaceAllString(text, "$1'…'")
}

// spelling is what only the definition of a table tells of it.
type spelling struct {
	columns map[string]string // by quoted name: the definition, without texts
	keys    map[string]string // likewise; PRIMARY: the primary key
	end     string            // what follows the columns and keys
}

var (
	keyLine      = regexp.MustCompile("^(?:UNIQUE |FULLTEXT |SPATIAL |VECTOR )?KEY (`(?:[^`]|``)*`) ")
	columnFormat = regexp.MustCompile(`\bCOLUMN_FORMAT (FIXED|DYNAMIC)\b`)
	columnStore  = regexp.MustCompile(`\bSTORAGE (DISK|MEMORY)\b`)
	usingType    = regexp.MustCompile(`\) USING (BTREE|HASH)\b`)
	blockSize    = regexp.MustCompile(`\bKEY_BLOCK_SIZE=(\d+)`)
	autoextend   = regexp.MustCompile(`\bAUTOEXTEND_SIZE=(\d+)`)
	tablespace   = regexp.MustCompile("\\bTABLESPACE (`(?:[^`]|``)*`)")
	directory    = regexp.MustCompile(`\bDATA DIRECTORY='`)
)

// spellingOf cuts a definition as SHOW CREATE TABLE writes it: a line for each column and key.
func spellingOf(text string) *spelling {
	s := &spelling{columns: map[string]string{}, keys: map[string]string{}}
	text = withoutTexts(text)
	body, end, _ := strings.Cut(text, "\n)")
	s.end = end
	for _, line := range strings.Split(body, "\n") {
		line = strings.TrimSpace(line)
		switch m := keyLine.FindStringSubmatch(line); {
		case m != nil:
			s.keys[m[1]] = line
		case strings.HasPrefix(line, "PRIMARY KEY "):
			s.keys[ident("PRIMARY")] = line
		case strings.HasPrefix(line, "`"):
			s.columns[line[:tokenEnd(line, 0)]] = line
		}
	}
	return s
}

// withoutTexts empties the strings.
func withoutTexts(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		end := tokenEnd(text, i)
		if text[i] == '\'' {
			b.WriteString("''")
		} else {
			b.WriteString(text[i:end])
		}
		i = end
	}
	return b.String()
}

// spelling is the table's definition, cut; nil where it was not read.
func (b *builder) spelling(t *tableEntry) *spelling {
	if t.spelled == nil {
		if text := b.definition("table", t.ID); text != "" {
			t.spelled = spellingOf(text)
		}
	}
	return t.spelled
}

// readSpelling reads what stands only in the definition of a column.
func (c *Column) readSpelling(s *spelling, name, engine string) {
	if s == nil {
		return
	}
	line := s.columns[ident(name)]
	var out []string
	if m := columnStore.FindStringSubmatch(line); m != nil {
		out = append(out, "STORAGE "+m[1])
	}
	if m := columnFormat.FindStringSubmatch(line); m != nil {
		out = append(out, "COLUMN_FORMAT "+m[1])
	}
	c.setStorage(out, engine)
}

// setStorage keeps the clauses of an engine that heeds them apart from those that mean nothing.
func (c *Column) setStorage(clauses []string, engine string) {
	if heeds(engine) {
		c.Storage = clauses
	} else {
		c.Unheeded = clauses
	}
}

// readSpelling reads what stands only in the definition of an index.
func (x *Index) readSpelling(s *spelling, name, engine string) {
	if s == nil {
		return
	}
	line := s.keys[ident(name)]
	if m := usingType.FindStringSubmatch(line); m != nil && m[1] != x.Type || m != nil && !heeds(engine) {
		x.Using = m[1]
	}
	if m := blockSize.FindStringSubmatch(line); m != nil {
		x.setBlockSize(m[1], engine)
	}
}

func (x *Index) setBlockSize(size, engine string) {
	if heeds(engine) {
		x.BlockSize = size
	} else {
		x.Unheeded = size
	}
}

// readEnd reads what stands only at the end of a table's definition, and reports what is not managed of it.
func (b *builder) readEnd(t *tableEntry) {
	s := b.spelling(t)
	if s == nil {
		return
	}
	if m := autoextend.FindStringSubmatch(s.end); m != nil {
		t.table.Options = append(t.table.Options, "AUTOEXTEND_SIZE="+m[1])
		slices.Sort(t.table.Options)
	}
	if m := tablespace.FindStringSubmatch(s.end); m != nil {
		b.unreadable("tablespace", t.ID, m[1]+": where rows are kept is not managed")
	}
	if directory.MatchString(s.end) && !slices.ContainsFunc(b.state.Ledger, func(e object.Entry) bool {
		return e.Kind == "data directory" && e.Name == t.ID.Path()
	}) {
		b.unreadable("data directory", t.ID, "where files are kept is not managed")
	}
	if strings.Contains(s.end, " CONNECTION='") {
		b.unreadable("connection", t.ID, "CONNECTION, which may hold a password, is not managed")
	}
}

var engineOption = regexp.MustCompile("(`(?:[^`]|``)+`)=''")

// readPartOptions reports the options that MariaDB keeps for the engine at columns and indexes (MariaDB manual, "Engine-Defined New
// Table/Field/Index Attributes"), by their names: what they are set to may be anything.
func (b *builder) readPartOptions(t *tableEntry) {
	s := b.spelling(t)
	if s == nil || !b.mariadb {
		return
	}
	for _, part := range []struct {
		kind  string
		lines map[string]string
		id    func(name string) object.ID
	}{
		{"column", s.columns, func(name string) object.ID { return columnID(t.ID, name) }},
		{"index", s.keys, func(name string) object.ID { return indexID(t.ID, name) }},
	} {
		for _, quoted := range slices.Sorted(maps.Keys(part.lines)) {
			var names []string
			for _, m := range engineOption.FindAllStringSubmatch(outside(part.lines[quoted]), -1) {
				if name := strings.ToLower(m[1]); strings.HasPrefix(part.lines[quoted], "VECTOR ") && (name == "`m`" || name == "`distance`") {
					continue
				}
				names = append(names, m[1])
			}
			if len(names) > 0 {
				b.unreadable("engine option", part.id(strings.ReplaceAll(quoted[1:len(quoted)-1], "``", "`")), fmt.Sprintf("%s: what engines define for the %s is not managed; a change of it takes them away",
					strings.Join(names, ", "), part.kind))
			}
		}
	}
}

// outside is a text without what stands in parentheses.
func outside(text string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(text); {
		end := tokenEnd(text, i)
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		default:
			if depth == 0 {
				b.WriteString(text[i:end])
			}
		}
		i = end
	}
	return b.String()
}

// withoutAutoextend leaves out the option that not every user may see.
func withoutAutoextend(options []string) []string {
	return slices.DeleteFunc(slices.Clone(options), func(o string) bool { return strings.HasPrefix(o, "AUTOEXTEND_SIZE=") })
}

// engineAttributes are the options of a table, or the clauses of a part of it, that only its engine understands.
type engineAttributes struct{ own, secondary string }

// attributesQuery reads them from one of the tables that extend the catalog's; within limits it to databases.
func attributesQuery(name, table, schema, part string, in within) catalog.Query {
	return catalog.Query{Name: name, SQL: `
SELECT ` + schema + ` AS db, TABLE_NAME AS tab, ` + part + ` AS part, ENGINE_ATTRIBUTE AS own, SECONDARY_ENGINE_ATTRIBUTE AS secondary
FROM information_schema.` + table + `
WHERE (ENGINE_ATTRIBUTE IS NOT NULL OR SECONDARY_ENGINE_ATTRIBUTE IS NOT NULL) AND ` + in(schema) + ` ORDER BY 1, 2, 3`}
}

// attributes are the engine attributes that a query read, by table and part.
func (b *builder) attributes(query string) map[[3]string]engineAttributes {
	out := map[[3]string]engineAttributes{}
	_ = b.rows(query, func(r catalog.Row) error {
		out[[3]string{b.schema(r.Str("db")), r.Str("tab"), r.Str("part")}] = engineAttributes{r.Str("own"), r.Str("secondary")}
		return nil
	})
	return out
}

// options spell them as options of a table.
func (a engineAttributes) options() []string {
	var out []string
	if a.own != "" {
		out = append(out, "ENGINE_ATTRIBUTE="+literal(a.own))
	}
	if a.secondary != "" {
		out = append(out, "SECONDARY_ENGINE_ATTRIBUTE="+literal(a.secondary))
	}
	return out
}

// clauses spell them after the definition of a column or an index.
func (a engineAttributes) clauses() []string {
	var out []string
	if a.own != "" {
		out = append(out, "ENGINE_ATTRIBUTE "+literal(a.own))
	}
	if a.secondary != "" {
		out = append(out, "SECONDARY_ENGINE_ATTRIBUTE "+literal(a.secondary))
	}
	return out
}

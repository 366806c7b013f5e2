package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/object"
)

// definitions is the name under which a Catalog keeps the results of SHOW CREATE.
const definitions = "definitions"

// wanted is an object whose definition information_schema has only in part.
type wanted struct{ kind, db, name string }

// show is the statement that tells the definition, and the column that holds it.
func (w wanted) show() (statement, column string) {
	word := strings.ToUpper(w.kind)
	title := map[string]string{
		"table": "Create Table", "view": "Create View", "function": "Create Function", "procedure": "Create Procedure",
		"sequence": "Create Table", "trigger": "SQL Original Statement", "event": "Create Event",
	}
	return "SHOW CREATE " + word + " " + qualified(w.db, w.name), title[w.kind]
}

// definitionReader reads what SHOW CREATE tells.
type definitionReader struct {
	server
	tables bool // of every table, for what no server heeds but was written
}

// wanted lists the objects that need SHOW CREATE: the parser of a FULLTEXT index, the options of a VECTOR one, partitions, periods, files elsewhere,
// what engines other than InnoDB heed, and the full text of views, routines, sequences and MariaDB's triggers stand
// nowhere else.
func (d definitionReader) wanted(c *catalog.Catalog, elsewhere func(catalog.Row) bool) []wanted {
	var out []wanted
	seen := map[wanted]bool{}
	want := func(kind, db, name string) {
		if w := (wanted{kind, db, name}); !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	partitioned := partitionedTables(c)
	_ = c.Tables["tables"].Each(func(r catalog.Row) error {
		switch t := r.Str("type"); {
		case t == "VIEW":
			want("view", r.Str("db"), r.Str("name"))
		case t == "SEQUENCE":
			want("sequence", r.Str("db"), r.Str("name"))
		case d.tables && t == "BASE TABLE", t == "SYSTEM VERSIONED", partitioned(r), heeds(r.Str("engine")) && t == "BASE TABLE", elsewhere(r):
			want("table", r.Str("db"), r.Str("name"))
		}
		return nil
	})
	_ = c.Tables["indexes"].Each(func(r catalog.Row) error {
		if t := r.Str("type"); t == "FULLTEXT" || t == "VECTOR" {
			want("table", r.Str("db"), r.Str("tab"))
		}
		return nil
	})
	_ = c.Tables["routines"].Each(func(r catalog.Row) error {
		if kind := strings.ToLower(r.Str("type")); kind == "function" || kind == "procedure" {
			want(kind, r.Str("db"), r.Str("name"))
		}
		return nil
	})
	_ = c.Tables["events"].Each(func(r catalog.Row) error {
		if maybeChanged(r.Str("body")) {
			want("event", r.Str("db"), r.Str("name"))
		}
		return nil
	})
	_ = c.Tables["triggers"].Each(func(r catalog.Row) error {
		if c.Settings["flavor"] == "mariadb" || maybeChanged(r.Str("body")) { // MariaDB keeps the spelling of the head
			want("trigger", r.Str("db"), r.Str("name"))
		}
		return nil
	})
	if c.Settings["flavor"] == "mariadb" {
		wantMariaDB(c, want)
	}
	return out
}

// wantMariaDB adds what only MariaDB hides: what is lost of expressions, and the periods of tables, which may be on any two
// columns of one type with times (MariaDB manual, "Application-Time Periods").
func wantMariaDB(c *catalog.Catalog, want func(kind, db, name string)) {
	_ = c.Tables["checks"].Each(func(r catalog.Row) error {
		if lossy(r.Str("expr")) {
			want("table", r.Str("db"), r.Str("tab"))
		}
		return nil
	})
	isTable := map[[2]string]bool{}
	_ = c.Tables["tables"].Each(func(r catalog.Row) error {
		isTable[[2]string{r.Str("db"), r.Str("name")}] = r.Str("type") != "VIEW"
		return nil
	})
	seen := map[[3]string]bool{}
	_ = c.Tables["columns"].Each(func(r catalog.Row) error {
		typ := r.Str("type")
		if lossy(r.Str("expr")) || lossy(r.Str("dflt")) && !plainValue.MatchString(r.Str("dflt")) {
			want("table", r.Str("db"), r.Str("tab"))
		}
		if r.Bool("nullable") || !strings.HasPrefix(typ, "date") && !strings.HasPrefix(typ, "timestamp") {
			return nil
		}
		at := [3]string{r.Str("db"), r.Str("tab"), typ}
		if seen[at] && isTable[[2]string{at[0], at[1]}] {
			want("table", at[0], at[1])
		}
		seen[at] = true
		return nil
	})
}

// chunk bounds the length of one text of statements.
const chunk = 500

// read reads the wanted definitions into the catalog.
func (d definitionReader) read(ctx context.Context, conn *sql.Conn, c *catalog.Catalog) error {
	elsewhere, err := d.files(ctx, conn, c)
	if err != nil {
		return err
	}
	out := catalog.NewRows("kind", "db", "name", "text")
	all := d.wanted(c, elsewhere)
	for len(all) > 0 {
		part := all[:min(chunk, len(all))]
		all = all[len(part):]
		queries := make([]catalog.Query, len(part))
		for i, w := range part {
			statement, _ := w.show()
			queries[i] = catalog.Query{Name: fmt.Sprint(i), SQL: statement}
		}
		rows, err := catalog.Read(ctx, conn, nil, queries)
		if isDenied(d.fault(err, "")) {
			rows, err = d.readAllowed(ctx, conn, queries)
		}
		if err != nil {
			return fmt.Errorf("read definitions: %w", err)
		}
		for i, w := range part {
			_, column := w.show()
			err := rows[fmt.Sprint(i)].Each(func(r catalog.Row) error {
				out.Add(w.kind, w.db, w.name, spellBytes(hideConnection(w.kind, r.Str(column))))
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	c.Tables[definitions] = out
	if err := d.readMembers(ctx, conn, c); err != nil {
		return err
	}
	return d.readDefaults(ctx, conn, c)
}

// readAllowed reads one definition at a time and leaves out those that the user may not see.
func (d definitionReader) readAllowed(ctx context.Context, conn *sql.Conn, queries []catalog.Query) (map[string]*catalog.Rows, error) {
	out := map[string]*catalog.Rows{}
	for _, q := range queries {
		rows, err := catalog.Read(ctx, conn, nil, []catalog.Query{q})
		if isDenied(d.fault(err, "")) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[q.Name] = rows[q.Name]
	}
	return out, nil
}

// definition is the text that SHOW CREATE told of an object; empty: it was not read, or not shown for lack of a
// privilege.
func (b *builder) definition(kind string, id object.ID) string {
	if b.texts == nil {
		b.texts = map[object.ID]string{}
		_ = b.rows(definitions, func(r catalog.Row) error {
			b.texts[object.ID{Kind: r.Str("kind"), Schema: b.schema(r.Str("db")), Name: r.Str("name")}] = r.Str("text")
			return nil
		})
	}
	return b.texts[object.ID{Kind: kind, Schema: id.Schema, Name: id.Name}]
}

var withParser = regexp.MustCompile("WITH PARSER `([^`]+)`")

// parserOf finds the parser of a FULLTEXT index in its table's definition, where each key has a line of its own.
func parserOf(text, index string) string {
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "FULLTEXT KEY "+ident(index)+" ") {
			continue
		}
		if m := withParser.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

var vectorOption = regexp.MustCompile("(?i)`(m|distance)`='(\\w+)'")

// vectorOptions finds the options of a VECTOR index there, and how they are written.
func vectorOptions(text, index string) (m, distance string, written []string) {
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "VECTOR KEY "+ident(index)+" ") {
			continue
		}
		for _, option := range vectorOption.FindAllStringSubmatch(line, -1) {
			written = append(written, option[1]+"="+option[2])
			if strings.EqualFold(option[1], "m") {
				m = option[2]
			} else {
				distance = strings.ToLower(option[2])
			}
		}
	}
	return m, distance, written
}

// namesCollation reports whether the table's definition names the character set of a column; where it could do without,
// somebody wrote it (MySQL: sql/sql_show.cc, column_has_explicit_collation).
func (b *builder) namesCollation(t *tableEntry, column string) bool {
	text := b.definition("table", t.ID)
	if text == "" || b.mariadb {
		return false
	}
	if t.lines == nil {
		t.lines = map[string]bool{}
		for _, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "`") && strings.Contains(line, " CHARACTER SET ") {
				t.lines[line[:tokenEnd(line, 0)]] = true
			}
		}
	}
	return t.lines[ident(column)]
}

var counter = regexp.MustCompile(`(?m)^\).* AUTO_INCREMENT=(\d+)`)

// startOf is where the counter of a new table starts, if its definition says so.
func startOf(text string) string {
	if m := counter.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

var period = regexp.MustCompile("(?m)^  (PERIOD FOR .*?),?$")

// periodsOf lists the periods of a MariaDB table.
func periodsOf(text string) []string {
	var out []string
	for _, m := range period.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// hasPeriod reports whether a period of that name stands on the table.
func (t *tableEntry) hasPeriod(name string) bool {
	for _, p := range t.table.Periods {
		if strings.HasPrefix(p, "PERIOD FOR "+ident(name)+" ") {
			return true
		}
	}
	return false
}

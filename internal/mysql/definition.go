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
		"sequence": "Create Table",
	}
	if w.kind == "sequence" {
		word = "SEQUENCE"
	}
	return "SHOW CREATE " + word + " " + qualified(w.db, w.name), title[w.kind]
}

// wantedDefinitions lists the objects that need SHOW CREATE: the parser of a FULLTEXT index, partitions, periods,
// and the full text of views, routines and sequences stand nowhere else.
func wantedDefinitions(c *catalog.Catalog) []wanted {
	var out []wanted
	seen := map[wanted]bool{}
	want := func(kind, db, name string) {
		if w := (wanted{kind, db, name}); !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	_ = c.Tables["tables"].Each(func(r catalog.Row) error {
		switch t := r.Str("type"); {
		case t == "VIEW":
			want("view", r.Str("db"), r.Str("name"))
		case t == "SEQUENCE":
			want("sequence", r.Str("db"), r.Str("name"))
		case t == "SYSTEM VERSIONED", strings.Contains(r.Str("options"), "partitioned"):
			want("table", r.Str("db"), r.Str("name"))
		}
		return nil
	})
	_ = c.Tables["indexes"].Each(func(r catalog.Row) error {
		if r.Str("type") == "FULLTEXT" {
			want("table", r.Str("db"), r.Str("tab"))
		}
		return nil
	})
	_ = c.Tables["routines"].Each(func(r catalog.Row) error {
		want(strings.ToLower(r.Str("type")), r.Str("db"), r.Str("name"))
		return nil
	})
	return out
}

// chunk bounds the length of one text of statements.
const chunk = 500

// readDefinitions reads the wanted definitions into the catalog.
func readDefinitions(ctx context.Context, conn *sql.Conn, c *catalog.Catalog) error {
	out := &catalog.Rows{Columns: []string{"kind", "db", "name", "text"}}
	all := wantedDefinitions(c)
	for len(all) > 0 {
		part := all[:min(chunk, len(all))]
		all = all[len(part):]
		queries := make([]catalog.Query, len(part))
		for i, w := range part {
			statement, _ := w.show()
			queries[i] = catalog.Query{Name: fmt.Sprint(i), SQL: statement}
		}
		rows, err := catalog.Read(ctx, conn, nil, queries)
		if err != nil {
			return fmt.Errorf("read definitions: %w", err)
		}
		for i, w := range part {
			_, column := w.show()
			err := rows[fmt.Sprint(i)].Each(func(r catalog.Row) error {
				out.Data = append(out.Data, []string{w.kind, w.db, w.name, r.Str(column)})
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	c.Tables[definitions] = out
	return nil
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

// Package catalog holds the rows that were read from a server's catalogs, before anything is made of them: a value
// that can be saved, replayed in a test and attached to a bug report. It knows no dialect.
package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// Separator joins the elements of a list in one column of a catalog query. It cannot occur in identifiers that a
// server accepts.
const Separator = "\x1f"

// null stands for SQL NULL; no server's text can hold a NUL byte.
const null = "\x00"

// Catalog is what one inspection read, in one consistent snapshot.
type Catalog struct {
	Version  string            // the server's version, as it reports it
	Settings map[string]string // server settings that change what rows mean
	Tables   map[string]*Rows  // by the name of the query
}

// Rows is the result of one query, as text.
type Rows struct {
	Columns []string
	Data    [][]string
	index   map[string]int
}

// Query is a named catalog query.
type Query struct {
	Name string
	SQL  string
}

// Querier runs the queries of an inspection.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Read runs the queries in one round trip, as one text of several statements, after the statements of prelude, whose
// results are passed over. The driver must support several result sets.
func Read(ctx context.Context, db Querier, prelude []string, queries []Query) (map[string]*Rows, error) {
	var text strings.Builder
	for _, s := range prelude {
		text.WriteString(s + ";\n")
	}
	for _, q := range queries {
		text.WriteString(q.SQL + ";\n")
	}
	rows, err := db.QueryContext(ctx, text.String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := make(map[string]*Rows, len(queries))
	for i := range queries {
		if err := nextResult(rows, i == 0); err != nil {
			return nil, fmt.Errorf("catalog query %s: %w", queries[i].Name, err)
		}
		r, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("catalog query %s: %w", queries[i].Name, err)
		}
		out[queries[i].Name] = r
	}
	return out, rows.Err()
}

// nextResult moves on to the next result set with columns; statements such as SET have none.
func nextResult(rows *sql.Rows, first bool) error {
	for {
		if !first && !rows.NextResultSet() {
			if err := rows.Err(); err != nil {
				return err
			}
			return fmt.Errorf("the server sent fewer results than queries")
		}
		first = false
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		if len(columns) > 0 {
			return nil
		}
	}
}

func scan(rows *sql.Rows) (*Rows, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out := &Rows{Columns: columns}
	raw := make([]sql.RawBytes, len(columns))
	dest := make([]any, len(columns))
	for i := range raw {
		dest[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		line := make([]string, len(raw))
		for i, b := range raw {
			if b == nil {
				line[i] = null
			} else {
				line[i] = string(b)
			}
		}
		out.Data = append(out.Data, line)
	}
	return out, rows.Err()
}

// Each calls f for every row and stops at its first error.
func (r *Rows) Each(f func(Row) error) error {
	if r == nil {
		return nil
	}
	if r.index == nil {
		r.index = make(map[string]int, len(r.Columns))
		for i, c := range r.Columns {
			r.index[c] = i
		}
	}
	for _, line := range r.Data {
		if err := f(Row{r.index, line}); err != nil {
			return err
		}
	}
	return nil
}

// Row is one row; columns are read by name. Reading a column that the query does not select is a broken invariant
// of the program and panics.
type Row struct {
	index map[string]int
	line  []string
}

func (r Row) raw(column string) string {
	i, ok := r.index[column]
	if !ok {
		panic("catalog: no column " + column)
	}
	return r.line[i]
}

// Null reports whether the column is NULL.
func (r Row) Null(column string) bool { return r.raw(column) == null }

// Str is the column as text; NULL is "".
func (r Row) Str(column string) string {
	if s := r.raw(column); s != null {
		return s
	}
	return ""
}

// Bool is the column as a truth value; NULL is false.
func (r Row) Bool(column string) bool {
	switch r.raw(column) {
	case "t", "true", "1", "YES":
		return true
	}
	return false
}

// Int is the column as a number; NULL and anything else is 0.
func (r Row) Int(column string) int64 {
	n, err := strconv.ParseInt(r.raw(column), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// List is a column whose elements the query joined with Separator; NULL and "" are empty.
func (r Row) List(column string) []string {
	s := r.Str(column)
	if s == "" {
		return nil
	}
	return strings.Split(s, Separator)
}

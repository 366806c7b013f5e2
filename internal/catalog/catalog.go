// Package catalog holds the rows that were read from a server's catalogs, before anything is made of them: a value
// that can be saved, replayed in a test and attached to a bug report. It knows no dialect.
package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Separator joins the elements of a list in one column of a catalog query. It cannot occur in identifiers that a
// server accepts.
const Separator = "\x1f"

// Catalog is what one inspection read, in one consistent snapshot.
type Catalog struct {
	Version  string            // the server's version, as it reports it
	Settings map[string]string // server settings that change what rows mean
	Tables   map[string]*Rows  // by the name of the query
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
	out := NewRows(columns...)
	raw := make([]sql.RawBytes, len(columns))
	dest := make([]any, len(columns))
	for i := range raw {
		dest[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		for _, b := range raw {
			out.cell(b, b == nil)
		}
		out.end()
	}
	out.flush()
	return out, rows.Err()
}

package dialect

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/schemactl/schemactl/internal/object"
)

// Reader is a session that reads rows and cannot change any.
type Reader interface {
	// Read runs a query in a read-only transaction of its own and hands out its rows as text, in which nil is NULL. Where
	// the server would leave out rows that the user may not see, it is an error. What a server says against a query is an
	// error for which errors.As finds a *diag.Diagnostic; ErrCut, ErrValues and ErrUnreadable tell some apart.
	Read(ctx context.Context, limit time.Duration, query string, row func(columns []string, values []*string) error) error
	// Estimate tells about how many rows a table has, if the server knows, without reading them.
	Estimate(ctx context.Context, table object.ID) (rows int64, known bool, err error)
	// Values spells the table of an object that holds data and, for a column, its values as text. ok is false for others.
	Values(id object.ID) (table, value string, ok bool)
}

// ErrCut is what errors of Read are when the time was not enough, ErrValues when the server refused a value, and
// ErrUnreadable when it did so because the text of one says nothing to it: one that stands in a row, or in the query.
var (
	ErrCut    = errors.New("the time was not enough")
	ErrValues = errors.New("the server refused a value")

	ErrUnreadable = errors.New("the server cannot read a value")
)

// EachRow runs a query and hands out its rows as text.
func EachRow(ctx context.Context, conn *sql.Conn, query string, row func([]string, []*string) error) (err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values := make([]*string, len(columns))
		dest := make([]any, len(columns))
		for i := range dest {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if err := row(columns, values); err != nil {
			return err
		}
	}
	return rows.Err()
}

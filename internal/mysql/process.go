package mysql

import (
	"context"
	"database/sql"
	"errors"
)

// processDatabase tells which database a connection has selected, as far as this user may see it, and whether it is there at
// all. The table information_schema.PROCESSLIST cannot be read while any session runs a statement with characters beyond
// utf8mb3 (MySQL error 3854), and newer servers may not have it.
func processDatabase(ctx context.Context, conn *sql.Conn, id int64) (database string, there bool, err error) {
	rows, err := conn.QueryContext(ctx, "SHOW PROCESSLIST")
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return "", false, err
	}
	cells, dest := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	var thread int64
	for i := range dest {
		dest[i] = &cells[i]
	}
	dest[0] = &thread
	const ofDatabase = 3 // Id, User, Host, db (MySQL manual, "SHOW PROCESSLIST Statement")
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return "", false, err
		}
		if thread == id {
			database, there = string(cells[ofDatabase]), true
		}
	}
	return database, there, rows.Err()
}

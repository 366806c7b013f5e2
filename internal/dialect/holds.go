package dialect

import (
	"database/sql"
	"errors"
	"strings"
)

// ErrNoAnswer is what a check fails with whose query does not return one value.
var ErrNoAnswer = errors.New("a check must return one row with one column")

// OneTrue reads the answer of a check: true, a number other than zero, or a word for it.
func OneTrue(rows *sql.Rows) (bool, error) {
	columns, err := rows.Columns()
	if err != nil {
		return false, err
	}
	if !rows.Next() {
		return false, errors.Join(rows.Err(), ErrNoAnswer)
	}
	if len(columns) != 1 {
		return false, ErrNoAnswer
	}
	var v sql.NullString
	if err := rows.Scan(&v); err != nil {
		return false, err
	}
	if rows.Next() {
		return false, ErrNoAnswer
	}
	switch strings.ToLower(v.String) {
	case "", "0", "f", "false", "n", "no", "off", "\x00":
		return false, rows.Err()
	}
	return true, rows.Err()
}

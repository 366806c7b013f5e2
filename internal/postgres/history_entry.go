package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
)

// A new entry is the same statement for every file: prepared once, the server need not read and plan it a thousand times.

// entryName is the prepared statement of a session that writes an entry.
const entryName = "schemactl_entry"

// preparing says whether the session has that statement.
type preparing int

const (
	unprepared preparing = iota
	prepared
	neverPrepare // a pooler stands between, or something threw it away
)

// brief returns a new entry as a call of the prepared statement. It prepares that outside of transactions only.
// behind is the entry of the file before it in the same message; nil: there is none.
func (h *history) brief(ctx context.Context, w *dialect.Whole, behind *dialect.Revision) (string, bool) {
	if len(w.Forget) > 0 || !w.New || h.open && h.lead == "" || h.entries == neverPrepare {
		return "", false
	}
	if h.left.prepared {
		return "", false
	}
	if h.entries == unprepared {
		h.entries = prepared
		if err := h.Exec(ctx, h.preparedEntry()); err != nil {
			h.entries = neverPrepare
			return "", false
		}
	}
	r := w.Entry
	hashes, _ := json.Marshal(r.PartialHashes) // strings always marshal
	previous := "NULL"
	if behind != nil {
		previous = literal(behind.Version)
	}
	return fmt.Sprintf("EXECUTE %s (%s, %s, %d, %d, %d, %s, %d, %s, %s, %s, %s, %s, %s)", entryName,
		literal(r.Version), literal(r.Description), r.Type, r.Applied, r.Total,
		literal(r.ExecutedAt.UTC().Format("2006-01-02 15:04:05.999999Z07:00")), int64(r.ExecutionTime),
		literal(clean(r.Error)), literal(clean(r.ErrorStmt)), literal(r.Hash), literal(string(hashes)), literal(r.Operator), previous), true
}

// tookColumn is what the statement returns: the nanoseconds that the file took.
const tookColumn = "schemactl_took"

// preparedEntry makes the statement. It has the parameters of entries in the order of their columns, and the version of the
// file before it in the same message, at whose end this one began: of the message the server knows only when it arrived.
func (h *history) preparedEntry() string {
	types := []string{"varchar", "varchar", "int8", "int8", "int8", "timestamptz", "int8", "text", "text", "varchar", "jsonb", "varchar", "varchar"}
	return "PREPARE " + entryName + " (" + strings.Join(types, ", ") + ") AS INSERT INTO " + h.table() +
		" (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version)" +
		" SELECT $1, $2, $3, $4, $5, began, $7" + took + " - (pg_catalog.date_part('epoch', began - $6) * 1e9)::pg_catalog.int8, $8, $9, $10, $11, $12" +
		" FROM (SELECT coalesce((SELECT executed_at + execution_time / 1e9 * interval '1 second' FROM " + h.table() + " WHERE version = $13), $6) AS began) AS message" +
		" RETURNING execution_time AS " + tookColumn
}

// lostEntry reports whether a message failed only because the session no longer has the statement.
func lostEntry(err error) bool {
	var f *serverFault
	return errors.As(err, &f) && f.code == "26000" && strings.Contains(f.Message, entryName)
}

package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
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

// dropsPrepared finds statements that throw prepared statements away.
var dropsPrepared = regexp.MustCompile(`(?i)\bdeallocate\b|\bdiscard\b`)

// brief returns a new entry as a call of the prepared statement. It prepares that outside of transactions only.
func (h *history) brief(ctx context.Context, w *dialect.Whole) (string, bool) {
	if len(w.Forget) > 0 || !w.New || h.lead == "" || h.entries == neverPrepare {
		return "", false
	}
	for _, st := range w.Statements {
		if dropsPrepared.MatchString(st.SQL) {
			h.entries = neverPrepare
			return "", false
		}
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
	return fmt.Sprintf("EXECUTE %s (%s, %s, %d, %d, %d, %s, %d, %s, %s, %s, %s, %s)", entryName,
		literal(r.Version), literal(r.Description), r.Type, r.Applied, r.Total,
		literal(r.ExecutedAt.UTC().Format("2006-01-02 15:04:05.999999Z07:00")), int64(r.ExecutionTime),
		literal(clean(r.Error)), literal(clean(r.ErrorStmt)), literal(r.Hash), literal(string(hashes)), literal(r.Operator)), true
}

// preparedEntry makes the statement. It has the parameters of entries in the order of their columns.
func (h *history) preparedEntry() string {
	return "PREPARE " + entryName + " AS INSERT INTO " + h.table() +
		" (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version)" +
		" VALUES ($1, $2, $3, $4, $5, $6, $7" + took + ", $8, $9, $10, $11, $12)"
}

// lostEntry reports whether a message failed only because the session no longer has the statement.
func lostEntry(err error) bool {
	var f *serverFault
	return errors.As(err, &f) && f.code == "26000" && strings.Contains(f.Message, entryName)
}

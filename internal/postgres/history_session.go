package postgres

import (
	"context"
	"database/sql"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// leftover is what a file may have left in its session that is no transaction's, and that the run, or others behind the
// same pooler, have some of, too. Their own is not to end with the file.
type leftover struct {
	prepared bool // statements
	locked   bool // advisory locks, or given back those of the run
}

var (
	touchesPrepared = regexp.MustCompile(`(?i)\bprepare\b|\bdeallocate\b|\bdiscard\b`)
	touchesLocks    = regexp.MustCompile(`(?i)advisory|\bdiscard\b`)
)

// leavesMore reports whether a statement may leave what the end of a file in a message does not end.
func leavesMore(st dialect.Statement) bool {
	return touchesPrepared.MatchString(st.SQL) || touchesLocks.MatchString(st.SQL)
}

// watch notes what a statement may leave.
func (h *history) watch(st dialect.Statement) {
	h.left.prepared = h.left.prepared || touchesPrepared.MatchString(st.SQL)
	h.left.locked = h.left.locked || touchesLocks.MatchString(st.SQL)
}

// leavings ends what a file left.
func (h *history) leavings() string {
	if h.left.prepared {
		return endSession + "; DEALLOCATE ALL"
	}
	return endSession
}

// settle follows the end of a file.
func (h *history) settle(ctx context.Context) error {
	left := h.left
	h.left = leftover{}
	if left.prepared && h.entries == prepared {
		h.entries = unprepared
	}
	if !left.locked {
		return nil
	}
	return h.unlock(ctx)
}

// unlock gives the advisory locks back that a file left in the session, and takes those of the run again if the file gave
// them back.
func (h *history) unlock(ctx context.Context) error {
	if h.held == nil { // they are on another connection, or there are none
		return h.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock_all()")
	}
	keys := make([]string, len(h.held))
	for i, l := range h.held {
		keys[i] = l.key
	}
	// A lock that was taken several times is to be given back as often.
	for n := 1; n > 0; {
		err := h.conn.QueryRowContext(ctx, `
SELECT count(CASE
  WHEN objsubid = 2 AND mode = 'ShareLock' THEN pg_catalog.pg_advisory_unlock_shared(classid::int8::bit(32)::int4, objid::int8::bit(32)::int4)
  WHEN objsubid = 2 THEN pg_catalog.pg_advisory_unlock(classid::int8::bit(32)::int4, objid::int8::bit(32)::int4)
  WHEN mode = 'ShareLock' THEN pg_catalog.pg_advisory_unlock_shared(key)
  ELSE pg_catalog.pg_advisory_unlock(key) END)
FROM (SELECT *, (classid::int8 << 32) | objid::int8 AS key FROM pg_catalog.pg_locks
  WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid() AND granted) l
WHERE NOT (objsubid = 1 AND mode = 'ExclusiveLock' AND key IN (`+strings.Join(keys, ", ")+`))`).Scan(&n)
		if err != nil {
			return fault(err, "")
		}
	}
	for _, l := range h.held {
		if err := h.keep(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// keep sees that the session holds a lock of the run.
func (h *history) keep(ctx context.Context, l lock) error {
	var got sql.NullBool
	err := h.conn.QueryRowContext(ctx, `
SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid() AND granted
  AND objsubid = 1 AND mode = 'ExclusiveLock' AND (classid::int8 << 32) | objid::int8 = `+l.key+`) THEN pg_catalog.pg_try_advisory_lock(`+l.key+`) END`).Scan(&got)
	switch {
	case err != nil:
		return fault(err, "")
	case got.Valid && !got.Bool: // the file is done; the next one is not to begin
		h.lost = diag.Errorf(diag.Pos{}, "locked", "the migration gave the lock %q of its own run back, and another run holds it now", l.name).
			WithHint("take pg_advisory_unlock_all() and DISCARD ALL out of migrations; apply again when the other run is done")
	}
	return nil
}

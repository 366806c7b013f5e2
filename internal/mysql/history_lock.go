package mysql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// Lock takes the locks on a connection of its own, since the working one is replaced when a file has changed its session.
// That one holds one more: a server works on at a statement whose client is gone, and keeps it as long.
func (h *history) Lock(ctx context.Context, name string, timeout time.Duration, _ func(string)) (func(context.Context) error, error) {
	deadline := time.Now().Add(timeout)
	keeper, err := h.db.Conn(ctx)
	if err != nil {
		return nil, h.flavor.fault(err, "")
	}
	if err := h.lockOut(ctx, keeper, name, deadline); err != nil {
		return nil, errors.Join(err, freeing(ctx, keeper))
	}
	h.lock = name + "_work"
	if err := h.work(ctx, max(0, time.Until(deadline))); err != nil {
		return nil, errors.Join(err, freeing(ctx, keeper))
	}
	return func(ctx context.Context) error { return freeing(ctx, keeper) }, nil
}

// lockOut keeps other runs out, those of schemactl and those of Atlas.
func (h *history) lockOut(ctx context.Context, keeper *sql.Conn, name string, deadline time.Time) error {
	if _, err := h.lockOn(ctx, keeper, name, time.Until(deadline)); err != nil {
		return err
	}
	return h.lockAtlas(ctx, keeper, deadline)
}

// freeing gives all locks of a connection back, and the connection.
func freeing(ctx context.Context, keeper *sql.Conn) error {
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := keeper.ExecContext(clean, "DO RELEASE_ALL_LOCKS()")
	return errors.Join(err, keeper.Close())
}

// lockAtlas takes the lock of Atlas's migrate apply. It is one for the whole server: a run on another database is
// not waited for, and its lock keeps Atlas out of this one until it ends.
func (h *history) lockAtlas(ctx context.Context, keeper *sql.Conn, deadline time.Time) error {
	for wait := time.Duration(0); ; wait = time.Second {
		_, err := h.lockNamed(ctx, keeper, dialect.AtlasLock, max(0, min(wait, time.Until(deadline))))
		if !errors.Is(err, errLocked) {
			return err
		}
		elsewhere, err := h.heldElsewhere(ctx, keeper)
		if elsewhere || err != nil {
			return err
		}
		if !time.Now().Before(deadline) {
			return diag.Errorf(diag.Pos{}, "locked", "another run holds the lock %q on this server: Atlas's migrate apply, or a run that is bound to no database", dialect.AtlasLock).
				WithHint("wait until it is done, or give --lock-timeout more time%s", holder(ctx, keeper, dialect.AtlasLock))
		}
	}
}

// heldElsewhere reports whether Atlas's lock is held by a run on another database, as far as this user may see it.
func (h *history) heldElsewhere(ctx context.Context, keeper *sql.Conn) (bool, error) {
	if h.database == "" {
		return false, nil
	}
	var holder sql.NullInt64
	if err := keeper.QueryRowContext(ctx, "SELECT IS_USED_LOCK("+literal(dialect.AtlasLock)+")").Scan(&holder); err != nil || !holder.Valid {
		return false, h.flavor.fault(err, "")
	}
	database, _, err := processDatabase(ctx, keeper, holder.Int64)
	return database != "" && database != h.database, h.flavor.fault(err, "")
}

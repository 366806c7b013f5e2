package mysql

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// work sets the working connection up: nothing commits by itself but what the server commits anyway.
func (h *history) work(ctx context.Context, timeout time.Duration) error {
	if err := h.conn.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&h.thread); err != nil {
		return h.flavor.fault(err, "")
	}
	h.changed, h.inserted, h.users = false, false, false
	if h.lock != "" {
		if _, err := h.lockOn(ctx, h.conn, h.lock, timeout); err != nil {
			var d *diag.Diagnostic
			if errors.As(err, &d) && d.Code == "locked" {
				return diag.Errorf(diag.Pos{}, "locked", "the server still works at a statement of a run whose schemactl is gone").
					WithHint("wait until it is done (SHOW PROCESSLIST), or give --lock-timeout more time")
			}
			return err
		}
	}
	return h.Exec(ctx, "SET SESSION autocommit = 0"+h.limits)
}

// ready sets the connection up once.
func (h *history) ready(ctx context.Context) error {
	if h.thread != 0 {
		return nil
	}
	return h.work(ctx, 0)
}

// fresh replaces the working connection, for what a file set in its session ends with it.
func (h *history) fresh(ctx context.Context) error {
	_ = h.conn.Raw(func(any) error { return sqldriver.ErrBadConn }) // so that it is thrown away, not kept for later
	if err := h.conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return h.flavor.fault(err, "")
	}
	h.conn = conn
	if err := h.prepare(ctx); err != nil {
		return err
	}
	return h.work(ctx, 30*time.Second)
}

// Begin has nothing to open: with autocommit off a transaction begins by itself.
func (h *history) Begin(ctx context.Context) error { return h.ready(ctx) }

// Run runs a statement. One that changes rows only is part of the transaction that its entry is in. For all others the
// history says first that it has started: the server commits that together with all before it, exactly when it commits
// by itself (MySQL manual, "Statements That Cause an Implicit Commit"); else it is part of the transaction, too.
func (h *history) Run(ctx context.Context, p *dialect.Progress) error {
	if err := h.ready(ctx); err != nil {
		return err
	}
	text := p.Statement.SQL
	h.inserted = h.inserted || numbersRows(text)
	h.changed = h.changed || leavesSession(text)
	rows, frame := changesRows(text), (Dialect{}).Frames(text)
	if !rows && frame == "" {
		witness, err := h.witness(ctx, text)
		if err != nil {
			return locate(err, p.Statement)
		}
		if err := h.Exec(ctx, h.upsert(p.Before.Starting(p.Shown, witness))); err != nil {
			return err
		}
	}
	if err := h.runOne(ctx, text, p.Tell); err != nil {
		return locate(err, p.Statement)
	}
	if frame != "" {
		h.users = frame == "START TRANSACTION"
	}
	if rows && p.Framed || p.Last && !h.users {
		return nil
	}
	entry := h.upsert(p.After)
	if !h.users {
		entry += "; COMMIT"
	}
	return h.Exec(context.WithoutCancel(ctx), entry)
}

// runOne runs a statement, in batches if it asks for that and is in no transaction of the migration's own.
func (h *history) runOne(ctx context.Context, text string, tell func(string)) error {
	if !h.users {
		if ran, err := h.Batch(ctx, text, tell); ran || err != nil {
			return err
		}
	}
	return h.exec(ctx, text)
}

// exec runs a statement that may take long. Cutting the connection would leave the server at work on it, so that one
// that is to end is killed, and its end awaited. Success is then no proof for what evaluates expressions: SLEEP returns
// early as if nothing were wrong (MySQL manual, "Miscellaneous Functions"). Such a statement counts as failed, for its
// rows are rolled back, and a CALL keeps its mark; DDL either is done or says that it was ended.
func (h *history) exec(ctx context.Context, text string) error {
	whole, cancel := ctx, func() {}
	if h.limit > 0 {
		whole, cancel = context.WithTimeout(ctx, h.limit)
	}
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- h.Exec(context.WithoutCancel(ctx), text) }()
	select {
	case err := <-ended:
		return err
	case <-whole.Done():
	}
	_, killErr := h.db.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("KILL QUERY %d", h.thread))
	var err error
	select {
	case err = <-ended:
	case <-time.After(10 * time.Second):
		err = errors.Join(errors.New("the server does not end the statement"), killErr)
	}
	switch {
	case err == nil && !changesRows(text) && !(Dialect{}).Halves(text):
		return nil // it was done first
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), err)
	}
	return diag.Errorf(diag.Pos{}, "statement-timeout", "the statement took longer than %s, and was ended", h.limit).
		WithHint("give --statement-timeout more time")
}

// RunSeveral does nothing, as RunWhole.
func (h *history) RunSeveral(context.Context, []*dialect.Whole) (took []time.Duration, done int, err error) {
	return nil, 0, nil
}

// RunWhole does nothing: the server commits midway, and the history must know where.
func (h *history) RunWhole(context.Context, *dialect.Whole) (done int, ok bool, err error) {
	return 0, false, nil
}

func (h *history) Finish(ctx context.Context, r *dialect.Revision, commit bool) error {
	return h.finish(ctx, h.upsert(r), commit)
}

func (h *history) Forget(ctx context.Context, versions []string) error {
	return h.finish(ctx, h.without(versions), true)
}

func (h *history) finish(ctx context.Context, text string, commit bool) error {
	if err := h.ready(ctx); err != nil {
		return err
	}
	if commit {
		text += "; COMMIT"
	}
	if h.inserted && !h.changed {
		text += "; " + forgetKey
	}
	if err := h.Exec(ctx, text); err != nil {
		return err
	}
	if h.changed && commit {
		return h.fresh(ctx)
	}
	h.inserted = false
	return nil
}

func (h *history) Rollback(ctx context.Context) error {
	err := h.Exec(ctx, "ROLLBACK")
	if err == nil && h.changed {
		return h.fresh(ctx)
	}
	h.users = false
	return err
}

// Hear has nothing to tell: warnings are asked for, with SHOW WARNINGS, at the cost of a message for each statement.
func (h *history) Hear(func(string)) {}

// Missing errors name a table or a database that is not there.
func (h *history) Missing(err error) bool { return hasNumber(err, 1146, 1049) }

// Gone asks for the table.
func (h *history) Gone(ctx context.Context) bool {
	return h.Missing(h.Exec(ctx, "DO (SELECT COUNT(*) FROM "+h.table()+" WHERE FALSE)"))
}

// Lost errors come without an answer of the server, or with its word that it ends the connection.
func (h *history) Lost(err error) bool {
	var n net.Error
	return hasNumber(err, 1053, 1079, 1152, 1927, 4031) || errors.Is(err, driver.ErrInvalidConn) || errors.Is(err, sqldriver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &n)
}

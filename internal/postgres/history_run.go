package postgres

import (
	"context"
	"errors"
	"net"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
)

// Begin opens a transaction. Unlike those of plans it checks the bodies of functions: a file of users is to fail where
// they would see it fail.
func (h *history) Begin(context.Context) error {
	h.open, h.lead = true, begin()
	return h.lost
}

// begin ends with its line, so that places in what follows only shift by one. What pins settings holds for the transaction
// only: behind a pooler the session is not ours.
func begin() string { return "BEGIN; " + pinned("LOCAL ", making()) + ";\n" }

// first runs a statement with the BEGIN that it still needs.
func (h *history) first(ctx context.Context, lead, text string) error {
	h.lead = ""
	err := h.Exec(ctx, lead+text)
	var f *serverFault
	if lead != "" && errors.As(err, &f) && f.Pos.Line > 1 {
		f.Pos.Line--
	}
	return err
}

// Run runs a statement. In a transaction of the file all is written down at its end. Otherwise the statement gets one of
// its own together with its entry; a statement that the server refuses there runs alone, and is marked before.
func (h *history) Run(ctx context.Context, p *dialect.Progress) error {
	text := p.Statement.SQL
	h.watch(p.Statement)
	if h.lost != nil {
		return h.lost
	}
	if p.Framed {
		return h.at(h.first(ctx, h.lead, text), p)
	}
	if frame := (Dialect{}).Frames(text); frame != "" || h.users {
		return h.runWithin(ctx, p, frame)
	}
	if _, _, batches := readBatch(text); batches {
		return h.runAlone(ctx, p)
	}
	err := h.first(ctx, begin(), text)
	if err == nil {
		return h.entry(ctx, p.After, "; COMMIT")
	}
	if !refusesTransaction(err) {
		return h.at(err, p)
	}
	if err := h.Exec(ctx, "ROLLBACK"); err != nil {
		return err
	}
	return h.runAlone(ctx, p)
}

// refusesTransaction reports whether the statement cannot be part of a transaction, or ends it (PostgreSQL manual,
// "PostgreSQL Error Codes": active_sql_transaction, invalid_transaction_termination).
func refusesTransaction(err error) bool {
	var f *serverFault
	return errors.As(err, &f) && slices.Contains([]string{"25001", "2D000"}, f.code)
}

// runWithin runs a statement of a transaction that the migration began itself; the entries are part of it.
func (h *history) runWithin(ctx context.Context, p *dialect.Progress, frame string) error {
	text := p.Statement.SQL
	if frame == "BEGIN" {
		text += "\n;" + pinned("LOCAL ", making())
	}
	if err := h.Exec(ctx, text); err != nil {
		return h.at(err, p)
	}
	if frame != "" {
		h.users = frame == "BEGIN"
	}
	if h.users {
		return h.entry(ctx, p.After, "")
	}
	return h.alone(ctx, p.After)
}

// runAlone runs a statement outside of transactions.
func (h *history) runAlone(ctx context.Context, p *dialect.Progress) error {
	if err := h.clearInvalid(ctx, p); err != nil {
		return err
	}
	known, err := h.unnamed(ctx, p)
	if err != nil {
		return err
	}
	if err := h.alone(ctx, p.Before.Starting(p.Shown, "")); err != nil {
		return err
	}
	if err := h.Exec(ctx, pinned("", making())); err != nil { // up to the end of the file
		return err
	}
	ran, err := h.Batch(ctx, p.Statement.SQL, p.Tell)
	if !ran && err == nil {
		err = h.Exec(ctx, p.Statement.SQL)
	}
	if err != nil {
		h.dropUnnamed(ctx, p, known)
		return h.at(err, p)
	}
	return h.alone(ctx, p.After)
}

// asUser undoes, up to the end of the transaction, what the migration set that could keep the entry from being written.
const asUser = "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; "

func (h *history) entry(ctx context.Context, r *dialect.Revision, end string) error {
	return h.Exec(ctx, asUser+h.upsert(r)+end)
}

func (h *history) alone(ctx context.Context, r *dialect.Revision) error {
	return h.Exec(ctx, "BEGIN; "+asUser+h.upsert(r)+"; COMMIT")
}

const resetAll = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"

// endSession ends what a file can leave in its session beside settings: a temporary table would take the rows of later
// files whose table it shadows. It is DISCARD ALL (PostgreSQL manual, "DISCARD") without what a message of several
// statements cannot hold, and what others behind the same pooler may have prepared or locked; that ends where a file
// seems to leave it.
const endSession = "; CLOSE ALL; UNLISTEN *; DISCARD SEQUENCES; DISCARD TEMP"

func (h *history) Finish(ctx context.Context, r *dialect.Revision, commit bool) error {
	return h.finish(ctx, h.upsert(r), commit)
}

func (h *history) Forget(ctx context.Context, versions []string) error {
	return h.finish(ctx, h.without(versions), true)
}

func (h *history) finish(ctx context.Context, entry string, commit bool) error {
	text := h.lead + h.end(entry, commit)
	if !h.open {
		text = begin() + text
	}
	if err := h.Exec(ctx, text); err != nil {
		return err
	}
	return h.ended(ctx, commit)
}

// end ends what a file set, writes its entry, and commits.
func (h *history) end(entry string, commit bool) string {
	text := resetAll + h.lexing + h.limits
	if commit { // temporary tables go behind it: before, deferred checks of their rows could hold them
		return text + "; " + entry + "; COMMIT" + h.leavings()
	}
	return text + h.leavings() + "; " + entry
}

func (h *history) ended(ctx context.Context, commit bool) error {
	h.open, h.users, h.lead = h.open && !commit, false, ""
	return h.settle(ctx)
}

func (h *history) Rollback(ctx context.Context) error {
	h.open, h.users, h.lead = false, false, ""
	if err := h.Exec(ctx, "ROLLBACK; "+resetAll+h.lexing+h.limits+h.leavings()); err != nil {
		return err
	}
	return h.settle(ctx)
}

func (h *history) at(err error, p *dialect.Progress) error { return locate(err, p.Statement) }

// Missing errors name a table or a schema that is not there.
func (h *history) Missing(err error) bool {
	var f *serverFault
	return errors.As(err, &f) && (f.code == "42P01" || f.code == "3F000")
}

// Gone asks for the table.
func (h *history) Gone(ctx context.Context) bool {
	return h.Missing(h.exec(ctx, "SELECT FROM "+h.table()+" LIMIT 0"))
}

// Lost errors are those without an answer of the server, or with its word that it ends the session.
func (h *history) Lost(err error) bool {
	var f *serverFault
	if errors.As(err, &f) {
		return f.code[:2] == "08" || slices.Contains([]string{"57P01", "57P02", "57P03", "57P05"}, f.code)
	}
	var n net.Error
	return errors.As(err, &n) || lostConnection(err)
}

package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dialect"
)

// One message holds a whole file, its entry and its COMMIT, so that a small file costs one round trip. The server cuts a
// message into statements before it runs the first (PostgreSQL manual, "Multiple Statements in a Simple Query").

// milestone stands behind each statement. Its result tells that the statement is done. It is one that takes no snapshot,
// so that LOCK and SET TRANSACTION can come behind it, and that migrations have no use for.
const (
	milestone      = "max_index_keys"
	afterStatement = "\n;\nSHOW " + milestone + ";\n"
)

// longestWhole bounds the text of a message: the server shows it as the query that runs.
const longestWhole = 64 << 10

// oneByOne finds statements that change how the server cuts what comes behind them, and COPY, whose answer is a stream.
var oneByOne = regexp.MustCompile(`(?i)standard_conforming_strings|backslash_quote|client_encoding|\bset\s+names\b|\bcopy\b|\b` + milestone + `\b`)

// took adds the time since the message arrived.
const took = " + (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()) * 1e9)::pg_catalog.int8"

func (h *history) RunWhole(ctx context.Context, w *dialect.Whole) (done int, ok bool, err error) {
	if !h.open {
		return 0, false, nil
	}
	var text strings.Builder
	_, _ = text.WriteString(h.lead)
	starts := make([]int, len(w.Statements))
	for i, st := range w.Statements {
		if text.Len()+len(st.SQL) > longestWhole || oneByOne.MatchString(st.SQL) {
			return 0, false, nil
		}
		h.watch(st)
		starts[i] = text.Len()
		_, _ = text.WriteString(st.SQL + after(w.Statements))
	}
	entry, brief := h.brief(ctx, w, nil)
	if !brief {
		entry = h.entryOf(w)
	}
	_, _ = text.WriteString(h.end(entry, w.Commit))
	answer, err := h.listen(ctx, text.String())
	done = len(answer)
	if len(w.Statements) == 1 && (err == nil || ofHistory(err)) {
		done = 1
	}
	if brief && lostEntry(fault(err, "")) {
		return h.withoutBrief(ctx, w)
	}
	if err != nil {
		return h.blame(err, text.String(), w.Statements, starts, done)
	}
	return done, true, h.ended(ctx, w.Commit)
}

// after is what stands behind each statement. One alone needs no milestone: what fails is it, or its entry.
func after(statements []dialect.Statement) string {
	if len(statements) == 1 {
		return "\n;\n"
	}
	return afterStatement
}

// ofHistory reports whether a fault is one of the table of revisions.
func ofHistory(err error) bool {
	var pe *pq.Error
	return errors.As(err, &pe) && pe.Table == dialect.RevisionsTable
}

// withoutBrief runs a message again whose entry came to nothing with all before it.
func (h *history) withoutBrief(ctx context.Context, w *dialect.Whole) (done int, ok bool, err error) {
	if err := h.Rollback(ctx); err != nil {
		return 0, true, err
	}
	h.entries = neverPrepare
	if err := h.Begin(ctx); err != nil {
		return 0, true, err
	}
	return h.RunWhole(ctx, w)
}

// entryOf is what a file leaves in the history. That a new entry meets no other makes it cheaper, and another run that
// wrote one meanwhile is an error, whatever became of the lock.
func (h *history) entryOf(w *dialect.Whole) string {
	switch {
	case len(w.Forget) > 0:
		return h.without(w.Forget)
	case w.New:
		return h.insert(took, w.Entry)
	case w.Entry.Partial(): // one that is being undone took as long as it did
		return h.upsert(w.Entry)
	}
	return h.insert(took, w.Entry) + orUpdate()
}

// answer is what the results of a message tell: for each milestone what the last entry before it says that a file took.
type answer []time.Duration

// listen runs a message to its end or its first fault.
func (h *history) listen(ctx context.Context, text string) (a answer, err error) {
	err = h.conn.Raw(func(conn any) (err error) {
		q, ok := conn.(driver.QueryerContext)
		if !ok {
			return errors.New("internal error: the driver runs no queries")
		}
		rows, err := q.QueryContext(ctx, text, nil)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		results, ok := rows.(driver.RowsNextResultSet)
		if !ok {
			return errors.New("internal error: the driver tells only of one result")
		}
		return a.read(results)
	})
	return a, err
}

// read goes through all results. What statements of migrations return nobody reads.
func (a *answer) read(results driver.RowsNextResultSet) error {
	var took time.Duration
	for {
		var cells []driver.Value
		switch c := results.Columns(); {
		case len(c) != 1:
		case c[0] == milestone:
			*a = append(*a, took)
		case c[0] == tookColumn:
			cells = make([]driver.Value, 1)
		}
		var err error
		for err == nil {
			if err = results.Next(cells); err == nil && cells != nil {
				n, _ := cells[0].(int64)
				took = time.Duration(n)
			}
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		if err = results.NextResultSet(); errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// blame finds the statement of a fault, and its place. What cannot be cut stops a message before it begins; then the
// place tells.
func (h *history) blame(err error, text string, statements []dialect.Statement, starts []int, done int) (int, bool, error) {
	var pe *pq.Error
	if !errors.As(err, &pe) {
		return done, true, fault(err, "")
	}
	at, _ := strconv.Atoi(pe.Position)
	pe.Position = ""
	for i := len(starts) - 1; i >= done && at > 0; i-- {
		before := utf8.RuneCountInString(text[:starts[i]])
		if at > before {
			done, pe.Position = i, strconv.Itoa(min(at-before, utf8.RuneCountInString(statements[i].SQL)+1))
			break
		}
	}
	if done == len(statements) {
		return done, true, h.denied(fault(err, ""))
	}
	return done, true, locate(h.denied(fault(err, statements[done].SQL)), statements[done])
}

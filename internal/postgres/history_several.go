package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dialect"
)

// Small files go to the server several in a message, each with its own BEGIN, entry and COMMIT: what waits between them is
// the network. What fails ends the message; the files before it are committed, and those behind it have not begun.

// several is a message of files and where each begins.
type several struct {
	text  strings.Builder
	files []*sent
}

// sent is a file of a message.
type sent struct {
	statements []dialect.Statement
	begins     int   // where its text begins, in bytes
	starts     []int // where each of its statements begins
	marks      int   // how many milestones stand in it
}

func (h *history) RunSeveral(ctx context.Context, files []*dialect.Whole) (took []time.Duration, done int, err error) {
	message, ok := h.message(ctx, files)
	if !ok {
		return nil, 0, nil
	}
	answer, err := h.listen(ctx, message.text.String())
	took, done = message.reached(answer)
	ran := len(took)
	if err == nil {
		return took, 0, nil
	}
	at := message.files[ran]
	if len(at.statements) == 1 && ofHistory(err) {
		done = 1
	}
	if lostEntry(fault(err, "")) {
		h.entries = neverPrepare
		return took, 0, h.Rollback(ctx)
	}
	if message.behind(err, ran) {
		return took, 0, h.Rollback(ctx)
	}
	done, _, err = h.blame(err, message.text.String(), at.statements, at.starts, done)
	return took, done, err
}

// message writes as many of the first files as belong into one; not one alone.
func (h *history) message(ctx context.Context, files []*dialect.Whole) (*several, bool) {
	m := &several{}
	if h.lost != nil {
		return m, false
	}
	for i, w := range files {
		f := &sent{statements: w.Statements, begins: m.text.Len(), starts: make([]int, len(w.Statements)), marks: 1}
		if len(w.Statements) > 1 {
			f.marks += len(w.Statements)
		}
		text, fits := begin(), true
		for k, st := range w.Statements {
			fits = fits && m.text.Len()+len(text)+len(st.SQL) <= longestWhole && !oneByOne.MatchString(st.SQL) && !leavesMore(st)
			f.starts[k] = m.text.Len() + len(text)
			text += st.SQL + after(w.Statements)
		}
		if !fits {
			break
		}
		var previous *dialect.Revision
		if i > 0 {
			previous = files[i-1].Entry
		}
		entry, brief := h.brief(ctx, w, previous)
		if !brief {
			break
		}
		_, _ = m.text.WriteString(text + h.end(entry, true) + "; SHOW " + milestone + ";\n")
		m.files = append(m.files, f)
	}
	return m, len(m.files) > 1
}

// reached tells what the files took that are done, and how many statements of the next one are.
func (m *several) reached(a answer) (took []time.Duration, statements int) {
	for _, f := range m.files {
		if len(a) < f.marks {
			return took, len(a)
		}
		took, a = append(took, a[f.marks-1]), a[f.marks:]
	}
	return took, 0
}

// behind reports whether a fault stands in a file behind the one that ran: then the server could not cut the message, and
// nothing of it has run.
func (m *several) behind(err error, ran int) bool {
	var pe *pq.Error
	if ran+1 >= len(m.files) || !errors.As(err, &pe) {
		return false
	}
	at, _ := strconv.Atoi(pe.Position)
	return at > utf8.RuneCountInString(m.text.String()[:m.files[ran+1].begins])
}

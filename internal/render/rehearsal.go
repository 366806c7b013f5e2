package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/rehearse"
)

// RehearsalJSON writes a rehearsal for programs; docs/rehearse.md describes it.
func RehearsalJSON(w io.Writer, r *rehearse.Report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// Rehearsal writes it for people: what each statement took, and who waited for it.
func Rehearsal(w io.Writer, r *rehearse.Report, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour}
	for _, m := range r.Made {
		t.line("made up: %s", madeUp(m))
	}
	for _, s := range r.Steps {
		t.line("%s;", s.SQL)
		t.line("  took %s; readers waited %s, writers %s%s", seconds(s.Seconds), waited(s.Read), waited(s.Write), locked(s))
		if seen := rewritten(s); seen != "" {
			t.line("  %s", seen)
		}
		if s.Live != nil {
			t.line("  live: %s to %s (%s)", seconds(s.Live.Low), seconds(s.Live.High), s.Live.Basis)
		}
	}
	rehearsalNotes(t, r)
	t.line("Rehearsed on %s: %s in %s, %s probed.", r.Server, Plural(len(r.Steps), "statement"), seconds(r.Seconds), Plural(len(r.Probed), "table"))
	return t.err
}

// rehearsalNotes writes what holds of the whole rehearsal, and what it could not do.
func rehearsalNotes(t *text, r *rehearse.Report) {
	for _, l := range r.Left {
		t.line("not probed: %s", l)
	}
	for _, u := range r.Untried {
		t.line("not run, because it reaches out to other servers: %s", u)
	}
	for _, u := range r.Unseen {
		t.line("not seen: %s", u)
	}
	if m := r.Machine; m != nil {
		t.line("this server reads %s, writes %s and builds %s, measured on %d MB of %s; a small, busy one %d, %d and %d MB/s",
			rate(m.Scan), rate(m.Rewrite), rate(m.Build), (m.Bytes+1<<19)>>20, m.Table, m.Usual.Scan>>20, m.Usual.Rewrite>>20, m.Usual.Build>>20)
	}
	if r.Unmeasured != "" {
		t.line("how fast this server is was not measured: %s", r.Unmeasured)
	}
	if r.Failure != "" {
		t.line("%s", t.red("failed: "+r.Failure))
	}
}

func rate(bytes int64) string { return fmt.Sprintf("%d MB/s", (bytes+1<<19)>>20) }

func madeUp(m rehearse.Made) string {
	out := fmt.Sprintf("%d rows of %s, of which there are about %d live", m.Rows, m.Table, m.Live)
	if m.Reason != "" {
		out += ": " + m.Reason
	}
	return out
}

func rewritten(s rehearse.Step) string {
	var out []string
	if len(s.Rewritten) > 0 {
		how := "seen to write anew "
		if s.Copied {
			how = "seen to copy row by row "
		}
		out = append(out, how+strings.Join(s.Rewritten, ", "))
	}
	if len(s.Built) > 0 {
		out = append(out, "seen to build "+strings.Join(s.Built, ", "))
	}
	return strings.Join(out, "; ")
}

func seconds(s float64) string {
	if s < 1 {
		return fmt.Sprintf("%.0f ms", s*1000)
	}
	return fmt.Sprintf("%.1f s", s)
}

func waited(w rehearse.Wait) string {
	if w.Table == "" {
		return "not at all"
	}
	return "up to " + seconds(w.Seconds)
}

// locked tells the locks that were seen; else those that the table of costs knows.
func locked(s rehearse.Step) string {
	var out []string
	for _, h := range s.Held {
		l := fmt.Sprintf("%s on %s for %s", h.Mode, h.Table, seconds(h.Seconds))
		switch {
		case h.Before:
			l += " (taken before)"
		case h.Unforeseen:
			l += " (more than foreseen)"
		}
		out = append(out, l)
	}
	if len(out) > 0 {
		return "; held " + strings.Join(out, ", ")
	}
	if s.Facts == nil {
		return ""
	}
	for _, l := range s.Facts.Locks {
		out = append(out, fmt.Sprintf("%s on %s", l.Mode, l.Table))
	}
	if len(out) == 0 {
		return ""
	}
	return "; locks (not seen) " + strings.Join(out, ", ")
}

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
	for _, s := range r.Steps {
		t.line("%s;", s.SQL)
		t.line("  took %s; readers waited %s, writers %s%s", seconds(s.Seconds), waited(s.Read), waited(s.Write), locked(s))
		if s.Live != nil {
			t.line("  live: %s to %s (%s)", seconds(s.Live.Low), seconds(s.Live.High), s.Live.Basis)
		}
	}
	for _, l := range r.Left {
		t.line("not probed: %s", l)
	}
	if r.Failure != "" {
		t.line("%s", t.red("failed: "+r.Failure))
	}
	t.line("Rehearsed on %s: %s in %s, %s probed.", r.Server, Plural(len(r.Steps), "statement"), seconds(r.Seconds), Plural(len(r.Probed), "table"))
	return t.err
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

func locked(s rehearse.Step) string {
	if s.Facts == nil {
		return ""
	}
	var out []string
	for _, l := range s.Facts.Locks {
		out = append(out, fmt.Sprintf("%s on %s", l.Mode, l.Table))
	}
	if len(out) == 0 {
		return ""
	}
	return "; locks " + strings.Join(out, ", ")
}

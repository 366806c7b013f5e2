package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/review"
)

// ReviewJSON writes a review for programs; docs/review-json.md describes it.
func ReviewJSON(w io.Writer, r *review.Review) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// ReviewText writes a review for people: the hazards first, the gravest before the others, then each statement with what
// it costs.
func ReviewText(w io.Writer, r *review.Review, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour}
	t.line("%s", t.bold(r.Title))
	if found := gravestFirst(place(r.Hazards, false)); len(found) > 0 {
		t.line("\nHazards")
		for _, f := range found {
			t.line("  %s: %s [%s]", t.severity(f.Severity), f.Message, f.Rule)
			if n := statementOf(r, f); n > 0 {
				t.line("    %s", t.dim(strings.TrimSuffix("statement "+itoa(n)+", "+f.Pos.String(), ", ")))
			} else if place := f.Pos.String(); place != "" {
				t.line("    %s", t.dim(place))
			}
			if f.Fix != "" {
				t.line("    %s", t.dim(f.Fix))
			}
		}
	}
	for _, p := range r.Parts {
		t.line("\n%s", p.Title)
		for i := range p.Count {
			t.reviewed(&r.Statements[p.First-1+i])
		}
	}
	if r.Queries != nil {
		t.line("")
		t.queries(r.Queries, false)
	}
	for _, n := range r.Notes {
		t.line("\nnote: %s", n)
	}
	t.line("\n%s", ReviewSummary(r))
	return t.err
}

func (t *text) reviewed(s *review.Statement) {
	t.line("  %d. %s;", s.Number, strings.ReplaceAll(s.SQL, "\n", "\n     "))
	for _, f := range factsOf(s) {
		line := strings.ToLower(f.Name) + ": " + f.Text
		if f.Grave {
			t.line("     %s", t.yellow(line))
		} else {
			t.line("     %s", t.dim(line))
		}
	}
	for _, u := range s.Reverse {
		t.line("     %s", t.dim("undo: "+squeeze(u)))
	}
}

// ReviewSQL writes the statements of a review, each below what is to be known of it.
func ReviewSQL(w io.Writer, r *review.Review) error {
	out := &writer{w: w}
	out.comment(squeeze(ReviewSummary(r)))
	for _, p := range r.Parts {
		out.line("")
		out.comment(squeeze(p.Title))
		if p.Transactional {
			out.line("BEGIN;")
		}
		for i := range p.Count {
			out.reviewed(&r.Statements[p.First-1+i])
		}
		if p.Transactional {
			out.line("COMMIT;")
		}
	}
	return out.err
}

func (w *writer) reviewed(s *review.Statement) {
	w.line("")
	if s.Comment != "" {
		w.comment(squeeze(s.Comment))
	}
	for _, f := range s.Findings {
		w.comment(fmt.Sprintf("%s: %s [%s]", f.Severity, squeeze(f.Message), f.Rule))
	}
	for _, f := range factsOf(s) {
		w.comment(strings.ToLower(f.Name) + ": " + squeeze(f.Text))
	}
	if s.Tool != nil {
		w.instead(s.Tool, s.SQL)
		return
	}
	w.line("%s;", strings.TrimSuffix(strings.TrimSpace(s.SQL), ";"))
}

// Package render turns plans and reports into what people and programs read. It computes nothing.
package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/visible"
)

// SQL writes the statements of a plan, ready for a client.
func SQL(w io.Writer, p *plan.Plan) error {
	out := &writer{w: w}
	for i, seg := range p.Segments {
		framed := seg.Transactional && len(p.Segments) > 1
		if framed {
			out.line("-- segment %d of %d: one transaction", i+1, len(p.Segments))
			out.line("BEGIN;")
		}
		for _, s := range seg.Steps {
			if s.Comment != "" {
				out.comment(s.Comment)
			}
			if s.Why != "" {
				out.comment("split: " + s.Why)
			}
			if runs := cmp.Or(s.Runs.String(), s.Facts.Line()); runs != "" {
				out.comment("runs: " + runs)
			}
			for _, l := range s.Losses() {
				out.comment("LOSES " + l)
			}
			for _, l := range s.MayChanges() {
				out.comment("may change " + l)
			}
			if s.Tool != nil {
				out.instead(s.Tool, s.SQL)
				continue
			}
			out.line("%s;", s.SQL)
		}
		if framed {
			out.line("COMMIT;")
		}
	}
	return out.err
}

// JSON writes the plan for programs; docs/plan-json.md describes it.
func JSON(w io.Writer, p *plan.Plan) error {
	type summary struct {
		Add         int            `json:"add"`
		Change      int            `json:"change"`
		Drop        int            `json:"drop"`
		Replace     int            `json:"replace"`
		Rename      int            `json:"rename"`
		Statements  int            `json:"statements"`
		Destructive int            `json:"destructive"`
		Checks      int            `json:"checks,omitempty"`
		Failed      int            `json:"failed_checks,omitempty"`
		Queries     int            `json:"failed_queries,omitempty"`
		Ledger      map[string]int `json:"ledger,omitempty"`
	}
	n := count(p)
	s := summary{n["add"], n["alter"], n["drop"], n["replace"], n["rename"], len(p.Steps()), len(p.Losses()), len(p.Checks), len(p.FailedChecks()), p.Queries.Failed(), map[string]int{}}
	for _, e := range p.Ledger {
		s.Ledger[string(e.Status)]++
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(struct {
		Summary summary `json:"summary"`
		*plan.Plan
	}{s, p})
}

// Text writes the plan for people: the changes grouped by object, the SQL under each, a summary at the end.
func Text(w io.Writer, p *plan.Plan, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour, changes: map[object.ID]plan.Change{}}
	for _, c := range p.Changes {
		t.changes[c.ID] = c
	}
	group, titled := "", segmented(p)
	for i, seg := range p.Segments {
		if titled {
			if i > 0 {
				t.line("")
			}
			t.line("%s", t.dim(segmentTitle(i, len(p.Segments), seg)))
			t.line("")
			group = ""
		}
		for _, s := range seg.Steps {
			if g := s.Owner.String(); g != group {
				if group != "" {
					t.line("")
				}
				group = g
				t.heading(s)
			}
			t.step(s)
		}
	}
	if !p.Empty() {
		t.line("")
	}
	t.ledger(p.Ledger)
	t.line("%s", Summary(p))
	return t.err
}

// Summary is the plan in one line.
func Summary(p *plan.Plan) string {
	if p.Empty() {
		return "No changes: the database is in the desired state."
	}
	n := count(p)
	parts := []string{
		fmt.Sprintf("%d to add", n["add"]), fmt.Sprintf("%d to change", n["alter"]), fmt.Sprintf("%d to drop", n["drop"]),
	}
	if n["replace"] > 0 {
		parts = append(parts, fmt.Sprintf("%d to replace", n["replace"]))
	}
	if n["rename"] > 0 {
		parts = append(parts, fmt.Sprintf("%d to rename", n["rename"]))
	}
	out := fmt.Sprintf("Plan: %s; %s", strings.Join(parts, ", "), Plural(len(p.Steps()), "statement"))
	if segmented(p) {
		out += " in " + Plural(len(p.Segments), "segment")
	}
	if losses := p.Losses(); len(losses) > 0 {
		out += fmt.Sprintf("; %s data for good", verb(len(losses), "loses", "lose"))
	}
	return out + "."
}

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Plural counts things in words.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func count(p *plan.Plan) map[string]int {
	n := map[string]int{}
	for _, c := range p.Changes {
		n[c.Action]++
	}
	return n
}

// segmented reports whether the plan runs in several pieces of which some are transactions; where no DDL can be rolled
// back every statement stands for itself, and nobody needs to be told.
func segmented(p *plan.Plan) bool {
	return len(p.Segments) > 1 && slices.ContainsFunc(p.Segments, func(s plan.Segment) bool { return s.Transactional })
}

func segmentTitle(i, n int, seg plan.Segment) string {
	title := fmt.Sprintf("segment %d of %d: ", i+1, n)
	if seg.Transactional {
		return title + "one transaction"
	}
	return title + "outside a transaction"
}

// writer remembers the first error, so that the rest of the rendering need not look.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format+"\n", args...)
	}
}

// comment writes a line of a SQL comment.
func (w *writer) comment(s string) { w.line("%s", visible.Comment(s)) }

// instead writes the command lines of the tool that runs in place of a statement.
func (w *writer) instead(t *plan.Tool, sql string) {
	for _, words := range t.Runs {
		w.comment(plan.CommandLine(words))
	}
	w.line("%s", visible.Comments("instead of "+sql+";"))
}

func (t *text) heading(s *plan.Step) {
	id := s.Owner
	sign, place := "~", s.Pos
	if c, ok := t.changes[id]; ok {
		sign = signOf(c.Action)
		if !c.Pos.IsZero() {
			place = c.Pos
		}
	}
	line := t.format("%s %s", t.sign(sign), t.bold(id.String()))
	if was := t.changes[id].RenamedFrom; !was.IsZero() {
		line += t.format("  (renamed from %s)", was.Path())
	}
	if p := place.String(); p != "" && place.Line > 0 {
		line += t.format("  %s", t.dim(fmt.Sprintf("%s:%d", place.File, place.Line)))
	}
	t.line("%s", line)
}

func signOf(action string) string {
	switch action {
	case "add":
		return "+"
	case "drop":
		return "-"
	case "replace":
		return "±"
	}
	return "~"
}

func (t *text) step(s *plan.Step) {
	t.change(s.ID, s.Comment)
	for _, p := range s.Parts {
		t.change(p.ID, p.Comment)
	}
	switch {
	case s.Why != "":
		t.line("      %s", t.dim(fmt.Sprintf("-- split (%s): %s", s.Online, s.Why)))
	case s.Online != "":
		t.line("      %s", t.dim("-- "+s.Comment))
	}
	line := t.format("%s;", strings.ReplaceAll(s.SQL, "\n", "\n      "))
	if runs := cmp.Or(s.Runs.String(), s.Facts.Line()); runs != "" {
		line += t.dim("  -- " + runs)
	}
	t.line("      %s", line)
	if s.Tool != nil {
		t.line("      by %s:", s.Tool.Name)
		for _, words := range s.Tool.Runs {
			t.line("        %s", plan.CommandLine(words))
		}
	}
	for _, l := range s.Losses() {
		t.line("    %s", t.red("! loses "+l))
	}
	for _, l := range s.MayChanges() {
		t.line("    ! may change %s", l)
	}
}

// change writes the line of an object under its group; the group's own heading has said it already for the owner.
func (t *text) change(id object.ID, comment string) {
	c, ok := t.changes[id]
	if !ok {
		t.line("    %s %s", t.sign("~"), comment)
		return
	}
	if id == c.Owner && len(c.Attrs) == 0 && c.Reason == "" {
		return // the heading has said it
	}
	if whole, ok := t.changes[c.Parent]; ok && c.Parent != c.Owner && whole.Action == c.Action {
		return // comes and goes with a part that has its own line
	}
	name := strings.ReplaceAll(id.Kind, "_", " ") + " " + id.Name
	switch {
	case id == c.Owner && c.Action == "replace":
		name = "taken down and put back"
	case id == c.Owner:
		name = "attributes"
	}
	line := t.format("    %s %s", t.sign(signOf(c.Action)), name)
	if !c.RenamedFrom.IsZero() && id != c.Owner {
		line += t.format(" (renamed from %s)", c.RenamedFrom.Name)
	}
	if (c.Action == "alter" || c.Action == "rename") && len(c.Attrs) > 0 {
		var attrs []string
		for _, a := range c.Attrs {
			attrs = append(attrs, fmt.Sprintf("%s %s → %s", strings.ReplaceAll(a.Name, "_", " "), value(a.From), value(a.To)))
		}
		line += t.format(": %s", strings.Join(attrs, ", "))
	}
	if c.Reason != "" {
		line += t.dim(" (" + c.Reason + ")")
	}
	t.line("%s", line)
}

// value shows an attribute on one short line.
func value(v any) string {
	var s string
	switch x := v.(type) {
	case string:
		s = x
		if s == "" {
			return "none"
		}
	case bool:
		return fmt.Sprint(x)
	default:
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		s = string(data)
	}
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		s = string(r[:57]) + "…"
	}
	return s
}

// ledger says what is there and will not be touched, by kind, with names while they are few.
func (t *text) ledger(entries []object.Entry) {
	if len(entries) == 0 {
		return
	}
	t.line("%s", t.dim("Left alone:"))
	for _, l := range LedgerLines(entries) {
		t.line("%s", t.dim("  "+l))
	}
	t.line("")
}

// LedgerLines sums the ledger up: a line for each kind and reason.
func LedgerLines(entries []object.Entry) []string {
	type group struct{ status, kind, reason string }
	var order []group
	names := map[group][]string{}
	for _, e := range entries {
		g := group{string(e.Status), e.Kind, e.Reason}
		if names[g] == nil {
			order = append(order, g)
		}
		names[g] = append(names[g], e.Name)
	}
	var out []string
	for _, g := range order {
		list := names[g]
		shown := strings.Join(list[:min(3, len(list))], ", ")
		if len(list) > 3 {
			shown += fmt.Sprintf(" and %d more", len(list)-3)
		}
		word := "ignored by " + g.reason
		if g.status == string(object.Unmanaged) {
			word = "not managed yet"
			if g.reason != "" {
				word += " (" + g.reason + ")"
			}
		}
		out = append(out, fmt.Sprintf("%s: %s, %s", Plural(len(list), strings.ReplaceAll(g.kind, "_", " ")), shown, word))
	}
	return out
}

package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/drift"
)

// DriftText writes a report on drift for people.
func DriftText(w io.Writer, r *drift.Report, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour}
	for i := range r.Differences {
		t.deviation(&r.Differences[i])
	}
	t.wayBack(r)
	for _, e := range r.Accept {
		t.edit(e)
	}
	for _, x := range r.Ignored {
		t.line("ignored: %s by %s (%s)", Plural(x.Count, "object"), x.Rule, listed(x.Objects, 5))
	}
	t.line("%s", DriftSummary(r))
	return t.err
}

// DriftSummary is the report in one line.
func DriftSummary(r *drift.Report) string {
	var parts []string
	for _, c := range drift.Classes() {
		if n := r.Count(c); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
		}
	}
	held, expired := 0, 0
	for i := range r.Differences {
		switch d := &r.Differences[i]; {
		case d.Accepted == nil:
		case d.Expired:
			expired++
		default:
			held++
		}
	}
	ends := ""
	if held > 0 {
		ends += fmt.Sprintf("; %d accepted", held)
	}
	if expired > 0 {
		ends += fmt.Sprintf("; %d accepted until a day that has passed", expired)
	}
	switch {
	case len(r.Differences) == 0:
		return fmt.Sprintf("In step: %s is what %s says.", r.Target, r.Desired)
	case !r.Drifted:
		return fmt.Sprintf("In step with %s, but for %s (%s)%s.", r.Desired, Plural(len(r.Differences), "difference"), strings.Join(parts, ", "), ends)
	}
	return fmt.Sprintf("Drift: %s from %s (%s)%s.", Plural(len(r.Differences), "difference"), r.Desired, strings.Join(parts, ", "), ends)
}

func (t *text) deviation(d *drift.Difference) {
	head := t.format("%s %s  [%s]", t.sign(driftSign(d.Direction)), t.bold(d.ID.String()), d.Class)
	if d.Class == drift.Dangerous {
		head = t.format("%s %s  %s", t.sign(driftSign(d.Direction)), t.bold(d.ID.String()), t.red("["+string(d.Class)+"]"))
	}
	if d.Pos.Line > 0 {
		head += t.format("  %s", t.dim(fmt.Sprintf("%s:%d", d.Pos.File, d.Pos.Line)))
	}
	t.line("%s", head)
	t.line("    the database %s", Deviation(d))
	for _, a := range d.Attrs {
		t.line("    %s: %s → %s", spacedName(a.Name), value(a.Desired), value(a.Live))
	}
	if d.Why != "" {
		t.line("    %s", t.dim(d.Why))
	}
	if d.Accepted != nil {
		t.line("    %s", acceptance(d))
	}
	t.line("")
}

// Deviation says in words which side has what.
func Deviation(d *drift.Difference) string {
	along := ""
	if len(d.Parts) > 0 {
		along = ", with " + Plural(len(d.Parts), "part") + " of it"
	}
	switch d.Direction {
	case drift.Missing:
		return "lacks it" + along
	case drift.Extra:
		return "has it, and should not" + along
	}
	return "has it otherwise (as it should be → as it is)"
}

func acceptance(d *drift.Difference) string {
	out := fmt.Sprintf("accepted as %q", d.Accepted.Object)
	switch {
	case d.Expired:
		out = fmt.Sprintf("was accepted as %q until %s, which has passed", d.Accepted.Object, d.Accepted.Until.Format(time.DateOnly))
	case !d.Accepted.Until.IsZero():
		out += " until " + d.Accepted.Until.Format(time.DateOnly)
	}
	if d.Accepted.Reason != "" {
		out += ": " + d.Accepted.Reason
	}
	return out
}

func (t *text) wayBack(r *drift.Report) {
	if len(r.Back) == 0 {
		return
	}
	t.line("To put the database back:")
	t.line("")
	for _, s := range r.Back {
		t.statement(s)
	}
	t.line("")
}

func (t *text) statement(s drift.Statement) {
	if s.Loses != "" {
		t.line("  %s", t.red("-- ! loses "+s.Loses))
	}
	t.line("  %s;", strings.ReplaceAll(s.SQL, "\n", "\n  "))
}

func (t *text) edit(e drift.Edit) {
	if e.Patch != "" {
		t.line("To accept it in %s:", e.File)
		t.line("")
		for l := range strings.Lines(e.Patch) {
			t.line("  %s", strings.TrimRight(l, "\n"))
		}
		t.line("")
	}
	if e.Cannot != "" {
		t.line("Not to be accepted in a file: %s", e.Cannot)
		for _, s := range e.SQL {
			t.statement(s)
		}
		t.line("")
	}
}

func driftSign(d drift.Direction) string {
	switch d {
	case drift.Missing:
		return "-"
	case drift.Extra:
		return "+"
	}
	return "~"
}

func spacedName(s string) string { return strings.ReplaceAll(s, "_", " ") }

// listed names the first few of a list.
func listed(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + fmt.Sprintf(" and %d more", len(names)-n)
}

// DriftJSON writes the report for programs; docs/drift.md describes it.
func DriftJSON(w io.Writer, r *drift.Report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/drift"
)

// DriftMarkdown writes a report on drift for a comment in a review, the long parts folded.
func DriftMarkdown(w io.Writer, r *drift.Report) error {
	out := &writer{w: w}
	out.line("### Schema drift\n")
	out.line("%s\n", cell(DriftSummary(r)))
	if len(r.Differences) > 0 {
		out.line("| | object | class | as it should be → as it is |")
		out.line("| --- | --- | --- | --- |")
	}
	for i := range r.Differences {
		d := &r.Differences[i]
		out.line("| `%s` | %s | %s | %s |", driftSign(d.Direction), code(d.ID.String()), d.Class, deviationCell(d))
	}
	if len(r.Back) > 0 {
		out.line("\n%s", fold("SQL that puts the database back", fenced("sql", backSQL(r.Back))))
	}
	for _, e := range r.Accept {
		if e.Patch != "" {
			out.line("\n%s", fold("Change of "+e.File+" that accepts it", fenced("diff", e.Patch)))
		}
	}
	for _, x := range r.Ignored {
		out.line("\nIgnored: %s by %s.", Plural(x.Count, "object"), cell(x.Rule))
	}
	return out.err
}

func deviationCell(d *drift.Difference) string {
	parts := []string{}
	for _, a := range d.Attrs {
		parts = append(parts, fmt.Sprintf("%s: %s → %s", cell(spacedName(a.Name)), code(value(a.Desired)), code(value(a.Live))))
	}
	if len(parts) == 0 {
		parts = append(parts, "the database "+Deviation(d))
	}
	if d.Why != "" {
		parts = append(parts, cell(d.Why))
	}
	if d.Accepted != nil {
		parts = append(parts, cell(acceptance(d)))
	}
	return strings.Join(parts, "<br>")
}

func backSQL(list []drift.Statement) string {
	var b strings.Builder
	out := &writer{w: &b}
	for _, s := range list {
		if s.Loses != "" {
			out.comment("! loses " + s.Loses)
		}
		out.line("%s;", s.SQL)
	}
	return b.String()
}

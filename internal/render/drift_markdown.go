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
		out.line("\n<details><summary>SQL that puts the database back</summary>\n")
		fence := fenceOf(r.Back)
		out.line("%ssql", fence)
		for _, s := range r.Back {
			if s.Loses != "" {
				out.line("-- ! loses %s", strings.ReplaceAll(s.Loses, "\n", " "))
			}
			out.line("%s;", s.SQL)
		}
		out.line("%s\n\n</details>", fence)
	}
	for _, e := range r.Accept {
		if e.Patch != "" {
			out.line("\n<details><summary>Change of %s that accepts it</summary>\n\n~~~~diff\n%s~~~~\n\n</details>", cell(e.File), e.Patch)
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

// cell spells a text so that Markdown takes nothing in it for its own.
func cell(s string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "@", "@\u200b").Replace(s)
}

// code is a text between enough backticks, in a table.
func code(s string) string {
	s = strings.NewReplacer("\n", " ", "|", `\|`).Replace(s)
	ticks := "`"
	for strings.Contains(s, ticks) {
		ticks += "`"
	}
	if len(ticks) > 1 {
		return ticks + " " + s + " " + ticks
	}
	return ticks + s + ticks
}

// fenceOf is a fence that none of the statements ends.
func fenceOf(list []drift.Statement) string {
	fence := "```"
	for _, s := range list {
		for strings.Contains(s.SQL, fence) {
			fence += "`"
		}
	}
	return fence
}

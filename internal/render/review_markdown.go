package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/review"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ReviewMarkdown writes a review for a comment in a pull request: summary and hazards first, the rest folded.
func ReviewMarkdown(w io.Writer, r *review.Review) error {
	c := &comment{}
	c.line("### Schema review: %s\n", cell(r.Title))
	c.line("%s\n", cell(ReviewSummary(r)))
	found := gravestFirst(place(r.Hazards, false))
	c.table(found)
	c.fixes(found)
	if len(r.Diagram.Tables) > 0 {
		c.part(fold("Diagram of the changed part", mermaid(r.Diagram)))
	}
	for _, p := range r.Parts {
		c.part(fold(fmt.Sprintf("%s: %s", p.Title, Plural(p.Count, "statement")), statementsOf(r, p)))
	}
	if r.Queries != nil {
		c.part(fold(QueriesLine(r.Queries), queriesPart(r.Queries)))
	}
	for i := range r.Objects {
		o := &r.Objects[i]
		if o.Before == "" && o.After == "" {
			continue
		}
		c.part(fold(fmt.Sprintf("%s %s", signOf(o.Action), o.ID), fenced("diff", diffOf(o.Before, o.After))))
	}
	for _, n := range r.Notes {
		c.part("\nNote: " + cell(n) + "\n")
	}
	return c.write(w)
}

func statementsOf(r *review.Review, p review.Part) string {
	var b strings.Builder
	out := &writer{w: &b}
	for i := range p.Count {
		out.reviewed(&r.Statements[p.First-1+i])
	}
	return fenced("sql", strings.TrimLeft(b.String(), "\n"))
}

// diffOf shows what differs between two texts in one column.
func diffOf(before, after string) string {
	var b strings.Builder
	for _, l := range review.SideBySide(before, after) {
		switch l.Op {
		case ' ':
			fmt.Fprintf(&b, "  %s\n", l.Before)
		case '~':
			fmt.Fprintf(&b, "- %s\n+ %s\n", l.Before, l.After)
		case '-':
			fmt.Fprintf(&b, "- %s\n", l.Before)
		default:
			fmt.Fprintf(&b, "+ %s\n", l.After)
		}
	}
	return b.String()
}

// mermaid writes a diagram in the language that GitHub and GitLab draw.
func mermaid(d review.Diagram) string {
	var b strings.Builder
	b.WriteString("erDiagram\n")
	for _, t := range d.Tables {
		fmt.Fprintf(&b, "  %s {\n", quotedWord(titleOf(t)))
		for _, c := range t.Columns {
			line := "    " + plainWords(c.Type) + " " + plainWords(c.Name)
			if c.Key != "" {
				line += " " + strings.ReplaceAll(c.Key, ",", ", ")
			}
			if note := noteOf(c); note != "" && t.State == review.Altered {
				line += " " + quotedWord(note)
			}
			b.WriteString(line + "\n")
		}
		b.WriteString("  }\n")
	}
	titles := map[string]string{}
	for _, t := range d.Tables {
		titles[t.Name] = titleOf(t)
	}
	for _, j := range d.Joins {
		label := strings.Join(j.Columns, ", ")
		if j.State != review.Same {
			label += " (" + string(j.State) + ")"
		}
		fmt.Fprintf(&b, "  %s }o--|| %s : %s\n", quotedWord(titles[j.From]), quotedWord(titles[j.To]), quotedWord(label))
	}
	out := fenced("mermaid", b.String())
	if d.Left > 0 {
		out += fmt.Sprintf("\n%s not drawn.\n", isOrAre(d.Left, "changed table"))
	}
	return out
}

// titleOf is the name of a table with what happens to it.
func titleOf(t review.Entity) string {
	if t.State == review.Same {
		return t.Name
	}
	return t.Name + " (" + string(t.State) + ")"
}

func noteOf(c review.Column) string {
	switch {
	case c.Was != "":
		return "was " + c.Was
	case c.State != review.Same:
		return string(c.State)
	}
	return ""
}

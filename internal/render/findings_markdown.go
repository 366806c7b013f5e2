package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/lint"
)

// commentLimit is how long a comment in a pull request may be, with some room; longer ones are refused whole.
const commentLimit = 60_000

// FindingsMarkdown writes findings for a comment in a review: a table with the gravest first, the long parts folded. noun
// is what each report is of.
func FindingsMarkdown(w io.Writer, reports []lint.Report, noun string) error {
	c := &comment{}
	title := "Migration lint"
	if noun == "plan" {
		title = "Lint of a plan"
	}
	c.line("### %s\n", title)
	c.line("%s\n", cell(FindingsSummary(reports, noun)))
	found := gravestFirst(place(reports, false))
	c.table(found)
	c.fixes(found)
	c.statements(found)
	return c.write(w)
}

// comment is Markdown that stops where a comment would be too long, and says so.
type comment struct {
	b    strings.Builder
	left int // parts that found no room
}

func (c *comment) line(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

// part adds a text that may be left out.
func (c *comment) part(text string) {
	if c.left > 0 || c.b.Len()+len(text) > commentLimit {
		c.left++
		return
	}
	c.b.WriteString(text)
}

func (c *comment) write(w io.Writer) error {
	if c.left > 0 {
		c.line("\n%s left out here: the comment would be too long.", isOrAre(c.left, "part"))
	}
	_, err := io.WriteString(w, c.b.String())
	return err
}

func isOrAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return fmt.Sprintf("%d %ss are", n, noun)
}

// table lists findings.
func (c *comment) table(list []placed) {
	if len(list) == 0 {
		return
	}
	c.line("| | rule | what | where |")
	c.line("| --- | --- | --- | --- |")
	for _, f := range list {
		c.part(fmt.Sprintf("| %s | %s | %s | %s |\n", sign(f.Severity), ruleLink(f.Finding), cell(f.Message), code(f.where())))
	}
	c.line("")
}

// fixes says once for each rule what to do.
func (c *comment) fixes(list []placed) {
	seen := map[string]bool{}
	var b strings.Builder
	for _, f := range list {
		if f.Fix == "" || seen[f.Rule] {
			continue
		}
		seen[f.Rule] = true
		fmt.Fprintf(&b, "- %s: %s\n", ruleLink(f.Finding), cell(f.Fix))
	}
	if b.Len() > 0 {
		c.part(fold("What to do instead", b.String()))
	}
}

// statements shows each statement with findings once.
func (c *comment) statements(list []placed) {
	seen := map[string]bool{}
	for _, f := range list {
		if key := f.where() + f.SQL; f.SQL != "" && !seen[key] {
			seen[key] = true
			c.part(fold(f.where()+": "+short(f.SQL), fenced("sql", f.SQL)))
		}
	}
}

// ruleLink is the name of a rule, with its page.
func ruleLink(f lint.Finding) string {
	if url := docURL(f); url != "" {
		return fmt.Sprintf("[%s](%s)", f.Rule, url)
	}
	return cell(f.Rule)
}

// sign marks a severity by a shape and a word, for those who see no colours.
func sign(s lint.Severity) string {
	switch s {
	case lint.Error:
		return "🛑 error"
	case lint.Warning:
		return "⚠️ warning"
	}
	return "ℹ️ info"
}

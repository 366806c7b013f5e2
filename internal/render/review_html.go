package render

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/review"
)

//go:embed page
var pages embed.FS

// page is what the template shows. All that it needs is in it: it asks nobody for anything.
type page struct {
	Title, Summary, Policy string
	Style                  template.CSS
	Script                 template.JS
	Badges                 []pageBadge
	Hazards                []pageHazard
	Parts                  []pagePart
	Objects                []pageObject
	Queries                *pageQueries
	Drawing                *drawing
	Notes                  []string
	Current, Desired       string
}

type pageBadge struct{ Class, Text string }

type pageHazard struct {
	Severity, Message, Rule, URL, Fix, Where string
	Statement                                int
}

type pagePart struct {
	Title      string
	Statements []pageStatement
}

type pageStatement struct {
	Number         int
	Comment, Worst string
	SQL            template.HTML
	Undo           string
	Facts          []fact
	Findings       []string
}

// pageQueries tells of known queries.
type pageQueries struct {
	Summary string
	List    []pageQuery
	Left    []string
}

type pageQuery struct {
	Severity, Said, Name, Message, Hint string
	SQL                                 template.HTML
	Causes                              []plan.QueryCause
}

type pageObject struct {
	Name, Action string
	Runs         []pageRun
	Attrs        []string
}

// pageRun is lines of one class beside each other.
type pageRun struct {
	Class         string
	Before, After template.HTML
}

// ReviewHTML writes a review as one page that needs nothing else: it works from a file, without a network.
func ReviewHTML(w io.Writer, r *review.Review) error {
	text := func(name string) (string, error) {
		b, err := pages.ReadFile("page/" + name)
		return string(b), err
	}
	layout, err := text("review.html")
	if err != nil {
		return err
	}
	style, err := text("review.css")
	if err != nil {
		return err
	}
	script, err := text("review.js")
	if err != nil {
		return err
	}
	t, err := template.New("review").Parse(layout)
	if err != nil {
		return err
	}
	p := pageOf(r)
	p.Style, p.Script = template.CSS(style), template.JS(script) //nolint:gosec // our own files
	// The browser runs and fetches nothing but these two, whatever a name in the schema holds.
	p.Policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'", digest(style), digest(script))
	return t.Execute(w, p)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func pageOf(r *review.Review) *page {
	p := &page{Title: r.Title, Summary: ReviewSummary(r), Notes: r.Notes, Current: r.Current, Desired: r.Desired}
	p.Badges = badges(r.Summary)
	numbers := map[string]int{}
	for _, s := range r.Statements {
		numbers[s.SQL+"\x00"+s.Pos.String()] = s.Number
	}
	for _, f := range gravestFirst(place(r.Hazards, false)) {
		p.Hazards = append(p.Hazards, pageHazard{
			Severity: string(f.Severity), Message: f.Message, Rule: f.Rule, URL: docURL(f.Finding), Fix: f.Fix,
			Where: f.Pos.String(), Statement: numbers[f.SQL+"\x00"+f.Pos.String()],
		})
	}
	for _, part := range r.Parts {
		out := pagePart{Title: part.Title}
		for i := range part.Count {
			out.Statements = append(out.Statements, pageStatementOf(&r.Statements[part.First-1+i]))
		}
		p.Parts = append(p.Parts, out)
	}
	attrs := attrsOf(r.Changes)
	for i := range r.Objects {
		o := &r.Objects[i]
		p.Objects = append(p.Objects, pageObjectOf(o, attrs[o.ID.String()]))
	}
	if r.Queries != nil {
		p.Queries = pageQueriesOf(r.Queries)
	}
	if len(r.Diagram.Tables) > 0 {
		p.Drawing = draw(r.Diagram)
	}
	return p
}

func pageQueriesOf(q *plan.Queries) *pageQueries {
	out := &pageQueries{Summary: QueriesLine(q), Left: leftLines(q)}
	for i := range q.Affected {
		a := &q.Affected[i]
		out.List = append(out.List, pageQuery{
			Severity: severityOf(a.Verdict), Said: strings.TrimSuffix(saidOf(a.Verdict), ":"), Name: nameOfQuery(a), Message: a.Message,
			Hint: a.Hint, SQL: highlight(a.SQL), Causes: a.Causes,
		})
	}
	return out
}

// severityOf is how grave a verdict is, for the filter of the page.
func severityOf(v plan.Verdict) string {
	switch v {
	case plan.Breaks:
		return string(lint.Error)
	case plan.LosesIndex, plan.OtherResult:
		return string(lint.Warning)
	}
	return string(lint.Info)
}

func badges(s review.Summary) []pageBadge {
	out := []pageBadge{{"", Plural(s.Statements, "statement")}}
	for _, b := range []struct {
		n           int
		class, noun string
	}{{s.Errors, "error", "error"}, {s.Warnings, "warning", "warning"}, {s.Infos, "info", "info"}} {
		if b.n > 0 {
			out = append(out, pageBadge{b.class, Plural(b.n, b.noun)})
		}
	}
	if s.Losses > 0 {
		out = append(out, pageBadge{"error", verb(s.Losses, "loses", "lose") + " data for good"})
	}
	return out
}

func pageStatementOf(s *review.Statement) pageStatement {
	out := pageStatement{Number: s.Number, Comment: s.Comment, SQL: highlight(strings.TrimSuffix(strings.TrimSpace(s.SQL), ";") + ";"), Facts: factsOf(s)}
	if s.Tool != nil {
		var lines []string
		for _, words := range s.Tool.Runs {
			lines = append(lines, plan.CommandLine(words))
		}
		out.Facts = append(out.Facts, fact{Name: "Run by", Text: s.Tool.Name + ": " + strings.Join(lines, "; ")})
	}
	worst := lint.Off
	for _, f := range s.Findings {
		if f.Severity.Rank() > worst.Rank() {
			worst = f.Severity
		}
		out.Findings = append(out.Findings, fmt.Sprintf("%s: %s [%s]", f.Severity, f.Message, f.Rule))
	}
	if worst != lint.Off {
		out.Worst = string(worst)
	}
	if len(s.Reverse) > 0 {
		out.Undo = strings.Join(s.Reverse, ";\n") + ";"
	}
	return out
}

func pageObjectOf(o *review.Object, attrs []string) pageObject {
	out := pageObject{Name: o.ID.String(), Action: o.Action, Attrs: attrs}
	if !o.RenamedFrom.IsZero() {
		out.Name += " (renamed from " + o.RenamedFrom.Path() + ")"
	}
	if o.Before == "" && o.After == "" {
		return out
	}
	out.Runs = runsOf(review.SideBySide(o.Before, o.After))
	return out
}

// runsOf joins lines of one class to one row of the page: there may be many. Only what differs is marked up, and has a sign
// for those who see no colours.
func runsOf(lines []review.Line) []pageRun {
	var out []pageRun
	for i := 0; i < len(lines); {
		op := lines[i].Op
		var before, after []string
		for ; i < len(lines) && lines[i].Op == op; i++ {
			before, after = append(before, lines[i].Before), append(after, lines[i].After)
			if op == '~' { // one to one
				i++
				break
			}
		}
		switch op {
		case ' ':
			same := template.HTML(html.EscapeString("  " + strings.Join(before, "\n  "))) //nolint:gosec // escaped
			out = append(out, pageRun{"", same, same})
		case '-':
			out = append(out, pageRun{"del", highlight("- " + strings.Join(before, "\n- ")), ""})
		case '+':
			out = append(out, pageRun{"add", "", highlight("+ " + strings.Join(after, "\n+ "))})
		default:
			out = append(out, pageRun{"chg", highlight("- " + before[0]), highlight("+ " + after[0])})
		}
	}
	return out
}

// attrsOf tells what differs of each object, for those without a definition.
func attrsOf(changes []plan.Change) map[string][]string {
	out := map[string][]string{}
	for _, c := range changes {
		owner := c.Owner.String()
		if len(c.Attrs) == 0 {
			out[owner] = append(out[owner], c.Action+" "+c.ID.String())
		}
		for _, a := range c.Attrs {
			out[owner] = append(out[owner], fmt.Sprintf("%s: %s %s → %s", c.ID, spacedName(a.Name), value(a.From), value(a.To)))
		}
	}
	return out
}

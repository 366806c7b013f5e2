package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	markdownhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"github.com/schemactl/schemactl/internal/drift"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/review"
)

// hostile are names and comments that try to leave the place where they stand.
var hostile = []string{
	"v\n\\! touch /tmp/broken\n--", "v\r\\! touch /tmp/broken\r--", "v\u2028\\! x\u0085\v\f", "\x1b[2J\x1b]0;t\a\u009b2J", "\u202eyletelpmoc efas",
	"\n::error::broken", "x\n##[error]broken", "-->", "--></details><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]>",
	"a | b", `a \| b`, "`a` | ``b``", "a`", "`", "\\", "[x](http://e.example)", "![x](http://e.example)", "<http://e.example>", "http://e.example www.e.example",
	"a@b.example", "# title", "1. one", "2) two", "- item", "+ item", "> quote", "***", "===", "```\nx", "~~~", "&lt;b&gt;", "a\n\nb", "  two", "%%{init: {}}%%", "*a* _b_ ~~c~~", "",
}

// The elements that our Markdown may become; no other means that nothing broke out.
var ours = map[string]bool{
	"html": true, "head": true, "body": true, "h3": true, "p": true, "table": true, "thead": true, "tbody": true, "tr": true, "th": true, "td": true,
	"details": true, "summary": true, "code": true, "pre": true, "ul": true, "li": true, "br": true, "strong": true, "a": true,
}

func asHTML(t *testing.T, markdown string) *html.Node {
	t.Helper()
	var b bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(markdownhtml.WithUnsafe()))
	if err := md.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func elements(n *html.Node, name string) []*html.Node {
	var out []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == name {
			out = append(out, c)
		}
	}
	return out
}

// A text in a cell, as code in a cell, and in a line of its own, shows as it is.
func FuzzMarkdown(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.TrimSpace(strings.Join(strings.Fields(onLine(s)), " "))
		seen := func(n *html.Node) string {
			return strings.Join(strings.Fields(strings.ReplaceAll(textOf(n), "@\u200b", "@")), " ")
		}
		want = strings.ReplaceAll(want, "@\u200b", "@")
		text := "| a | b | c |\n| --- | --- | --- |\n| x | " + cell(s) + " | " + code(s) + " |\n\n" + cell(s) + "\n\n" + fold(s, fenced("sql", s+"x"))
		root := asHTML(t, text)
		for n := range root.Descendants() {
			if n.Type == html.ElementNode && (!ours[n.Data] || n.Data == "a" || n.Data == "ul") || n.Type == html.CommentNode {
				t.Fatalf("%q became <%s> in\n%s", s, n.Data, text)
			}
		}
		cells := elements(root, "td")
		if len(cells) != 3 {
			t.Fatalf("%q: %d cells in\n%s", s, len(cells), text)
		}
		for _, c := range cells[1:] {
			if got := seen(c); got != want {
				t.Fatalf("a cell shows %q, want %q in\n%s", got, want, text)
			}
		}
		if p := elements(root, "p"); len(p) > 0 && seen(p[0]) != want {
			t.Fatalf("a line shows %q, want %q in\n%s", seen(p[0]), want, text)
		}
	})
}

// hostilePlan, hostileReports and hostileDrift hold a name or comment wherever one can stand.
func hostilePlan(s string) *plan.Plan {
	id := object.ID{Kind: "view", Schema: "public", Name: s}
	step := &plan.Step{ID: id, Owner: id, SQL: "SELECT 1", Comment: "drop view " + s, Loses: "all of " + s, Why: s}
	return &plan.Plan{
		Segments: []plan.Segment{{Transactional: true, Steps: []*plan.Step{step}}},
		Changes:  []plan.Change{{ID: id, Owner: id, Action: "drop", Reason: s, Attrs: []plan.Attr{{Name: "comment", From: s, To: "x"}}}},
		Ledger:   []object.Entry{{Kind: "view", Name: s, Status: object.Unmanaged, Reason: s}},
	}
}

func hostileReports(s string) []lint.Report {
	return []lint.Report{{Name: s, Findings: []lint.Finding{{Rule: "own-" + s, Severity: lint.Error, Message: s, Fix: s, SQL: "SELECT 1 -- " + s, Object: s}}}}
}

func hostileDrift(s string) *drift.Report {
	id := object.ID{Kind: "view", Name: s}
	return &drift.Report{
		Target: s, Desired: s, Drifted: true, Back: []drift.Statement{{SQL: "SELECT 1 -- " + s, Loses: s}},
		Differences: []drift.Difference{{ID: id, Class: drift.Dangerous, Why: s, Attrs: []drift.Attr{{Name: "comment", Desired: s, Live: "x"}}}},
		Accept:      []drift.Edit{{File: s, Patch: "+ " + s}}, Ignored: []drift.Ignored{{Rule: s, Count: 1, Objects: []string{s}}},
	}
}

func hostileReview(s string) *review.Review {
	return &review.Review{
		Title: s, Hazards: hostileReports(s), Notes: []string{s},
		Parts:      []review.Part{{Title: s, First: 1, Count: 1}},
		Statements: []review.Statement{{Number: 1, SQL: "SELECT 1", Comment: s}},
		Objects:    []review.Object{{ID: object.ID{Kind: "view", Name: s}, Before: s, After: "x"}},
		Diagram: review.Diagram{
			Tables: []review.Entity{{Name: s, Columns: []review.Column{{Name: s, Type: s, Was: s}}, State: review.Altered}, {Name: "b"}},
			Joins:  []review.Join{{From: s, To: "b", Columns: []string{s}}},
		},
	}
}

func TestHostileMarkdown(t *testing.T) {
	for _, s := range hostile {
		for name, write := range map[string]func(io.Writer) error{
			"lint":   func(w io.Writer) error { return FindingsMarkdown(w, hostileReports(s), "file") },
			"review": func(w io.Writer) error { return ReviewMarkdown(w, hostileReview(s)) },
			"drift":  func(w io.Writer) error { return DriftMarkdown(w, hostileDrift(s)) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			for n := range asHTML(t, b.String()).Descendants() {
				if n.Type == html.ElementNode && (!ours[n.Data] || n.Data == "a") || n.Type == html.CommentNode {
					t.Errorf("%s of %q became <%s> in\n%s", name, s, n.Data, b.String())
				}
			}
		}
	}
}

// What people read on a terminal or in a log holds nothing that either obeys.
func TestHostileText(t *testing.T) {
	for _, s := range hostile {
		for name, write := range map[string]func(io.Writer) error{
			"plan":   func(w io.Writer) error { return Text(w, hostilePlan(s), false) },
			"lint":   func(w io.Writer) error { return LintText(w, hostileReports(s), "file", false) },
			"review": func(w io.Writer) error { return ReviewText(w, hostileReview(s), false) },
			"drift":  func(w io.Writer) error { return DriftText(w, hostileDrift(s), false) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(b.String()) {
				if i := strings.IndexFunc(strings.TrimSuffix(l, "\n"), func(r rune) bool { return unicode.IsControl(r) && r != '\t' || r == 0x2028 || r == 0x202e }); i >= 0 {
					t.Errorf("%s of %q holds a control character: %q", name, s, l)
				}
				if strings.HasPrefix(strings.TrimSpace(l), "::") || strings.Contains(l, "##[") {
					t.Errorf("%s of %q holds a workflow command: %q", name, s, l)
				}
			}
		}
	}
}

// In SQL for a client a name stands in comments and within the statements only.
func TestHostileComments(t *testing.T) {
	for _, s := range hostile {
		for name, write := range map[string]func(io.Writer) error{
			"plan":   func(w io.Writer) error { return SQL(w, hostilePlan(s)) },
			"review": func(w io.Writer) error { return ReviewSQL(w, hostileReview(s)) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(b.String()) {
				l = strings.TrimSuffix(l, "\n")
				if l != "" && l != "SELECT 1;" && !strings.HasPrefix(l, "--") || strings.ContainsFunc(l, func(r rune) bool { return unicode.IsControl(r) || r == 0x2028 }) {
					t.Errorf("%s of %q: %q", name, s, l)
				}
			}
		}
	}
}

// An annotation is one line, and its message comes back as it was.
func TestHostileAnnotations(t *testing.T) {
	for _, s := range hostile {
		var b bytes.Buffer
		if err := FindingsGitHub(&b, hostileReports(s)); err != nil {
			t.Fatal(err)
		}
		line := strings.TrimSuffix(b.String(), "\n")
		if strings.ContainsAny(line, "\r\n") {
			t.Fatalf("%q is more than a line", line)
		}
		head, message, ok := strings.Cut(strings.TrimPrefix(line, "::"), "::")
		back := strings.NewReplacer("%0A", "\n", "%0D", "\r", "%25", "%").Replace(message)
		if want := fmt.Sprintf("%s\n%s", s, s); !ok || !strings.HasPrefix(head, "error ") || s != "" && back != want {
			t.Errorf("%q reads %q %q, want %q", line, head, back, want)
		}
	}
}

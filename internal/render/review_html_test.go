package render

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

// reviewed makes a review of n changed tables; the first has a name that would be a script, if it were let.
func reviewed(n int) *review.Review {
	r := &review.Review{Title: "Plan for PostgreSQL 18.4", Dialect: "postgres", Current: "a1", Desired: "b2", Notes: []string{"a note"}}
	report := lint.Report{Name: "plan"}
	for i := range n {
		name := fmt.Sprintf("table_%d", i)
		if i == 0 {
			name = `<script>window.broken=1</script>`
		}
		id, pos := object.ID{Kind: "table", Schema: "public", Name: name}, diag.Pos{File: "schema.hcl", Line: i + 1, Column: 1}
		sql := fmt.Sprintf("ALTER TABLE \"public\".%q\n  ADD COLUMN \"note\" text NOT NULL DEFAULT 'none'", name)
		f := lint.Finding{Rule: "drop-column", Severity: lint.Warning, Message: "hazard of " + name, SQL: sql, Pos: pos, Fix: "Mend it.", Doc: "docs/rules/drop-column.md"}
		if i == n-1 {
			f.Severity = lint.Error
		}
		report.Findings = append(report.Findings, f)
		lock := safety.Lock{Table: safety.Name{Schema: "public", Name: name}, Mode: "ACCESS EXCLUSIVE", Hold: safety.HoldAll}
		r.Statements = append(r.Statements, review.Statement{
			Number: i + 1, SQL: sql, Pos: pos, Comment: "add column note", Findings: []lint.Finding{f}, Reverse: []string{"ALTER TABLE x DROP COLUMN note"},
			Facts: safety.Facts{Locks: []safety.Lock{lock}, Rewrites: i%2 == 0}, Tables: []review.Size{{Table: "public." + name, Rows: 1000}},
		})
		r.Changes = append(r.Changes, plan.Change{Action: "alter", ID: id, Owner: id})
		before := fmt.Sprintf("CREATE TABLE \"public\".%q (\n  \"id\" bigint NOT NULL,\n  \"a\" text NULL,\n  \"b\" text NULL,\n  PRIMARY KEY (\"id\")\n);", name)
		r.Objects = append(r.Objects, review.Object{ID: id, Action: "alter", Before: before, After: strings.Replace(before, "  \"b\" text NULL,\n", "  \"b\" text NULL,\n  \"note\" text NOT NULL DEFAULT 'none',\n", 1)})
		if i < 8 {
			e := review.Entity{Name: "public." + name, State: []review.State{review.Added, review.Altered, review.Dropped, review.Same}[i%4]}
			e.Columns = []review.Column{{Name: "id", Type: "bigint", Key: "PK", State: review.Same}, {Name: "note", Type: "text", State: review.Added}}
			r.Diagram.Tables = append(r.Diagram.Tables, e)
			if i > 1 {
				r.Diagram.Joins = append(r.Diagram.Joins, review.Join{Name: "k", From: "public." + name, To: "public.table_1", Columns: []string{"id"}, State: review.Added})
			}
		}
	}
	r.Queries = &plan.Queries{
		Server: "PostgreSQL 18.4", Fine: 7, Sources: []plan.QuerySource{{Name: "q.sql", Queries: 9, Left: []plan.QueryLeftOut{{Reason: "not a query", Count: 1, Places: []string{"q.sql:9"}}}}},
		Affected: []plan.AffectedQuery{
			{Name: "<script>window.broken=2</script>", Source: "q.sql", Pos: diag.Pos{File: "q.sql", Line: 1, Column: 1}, SQL: "SELECT '<script>window.broken=3</script>'", Verdict: plan.Breaks, Message: "column is gone", Causes: []plan.QueryCause{{Number: 1, Object: "column public.t.c", SQL: "ALTER TABLE t DROP COLUMN c"}}},
			{Name: "Mine", Source: "q.sql", SQL: "SELECT 1", Verdict: plan.OtherIndex, Message: "another index"},
		},
	}
	r.Hazards = []lint.Report{report}
	r.Parts = []review.Part{{Title: "Segment 1 of 1: one transaction", Transactional: true, First: 1, Count: n}}
	r.Summary = review.Summary{Statements: n, Change: n, Warnings: n - 1, Errors: 1}
	return r
}

// tab is a page that is open in a browser.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // that of the browser
}

// browse opens a review from a file in a browser that has no network.
func browse(t *testing.T, r *review.Review) tab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "review.html")
	var b bytes.Buffer
	if err := ReviewHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	program := os.Getenv("SCHEMACTL_TEST_CHROMIUM")
	if program == "" {
		t.Fatal("SCHEMACTL_TEST_CHROMIUM is not set: run the tests with make test")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1200, 900),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := tab{t, ctx}
	p.do(chromedp.Navigate("file://" + path))
	return p
}

func (p tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// ask evaluates an expression in the page, and waits for its promise.
func ask[T any](p tab, expression string) T {
	p.t.Helper()
	out, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.200s: %v", expression, err)
	}
	return out
}

func TestReviewPageInABrowser(t *testing.T) {
	p := browse(t, reviewed(12))
	title, broken := ask[string](p, `document.title`), ask[bool](p, `window.broken !== undefined`)
	requests := ask[int](p, `performance.getEntriesByType("resource").length`)
	sections := ask[int](p, `document.querySelectorAll("main section[aria-labelledby]").length`)
	queries, query := ask[string](p, `document.getElementById("queries").textContent`), ask[string](p, `document.querySelector("#queries [data-severity=error] summary").textContent.split(": ").pop()`)
	first, code := ask[string](p, `document.querySelector(".hazards > li").textContent`), ask[string](p, `document.getElementById("c2").textContent`)
	shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	// By keyboard alone: the filter, nothing of it, an object.
	p.do(chromedp.KeyEvent("/"))
	ask[string](p, `document.activeElement.value = ""`) // a key that is simulated types in any case
	p.do(chromedp.KeyEvent("table_3"))
	visible, filtered := ask[int](p, `[...document.querySelectorAll(".item")].filter((e) => !e.hidden).length`), ask[string](p, `document.getElementById("filtered").textContent`)
	p.do(chromedp.KeyEvent(kb.Escape))
	hidden := ask[int](p, `document.activeElement.id === "filter" ? [...document.querySelectorAll(".item")].filter((e) => e.hidden).length : -1`)
	ask[bool](p, `document.querySelector("#objects summary").focus(), true`)
	p.do(chromedp.KeyEvent(kb.Enter))
	opened := ask[bool](p, `document.querySelector("#objects details").open`)
	p.do(chromedp.Click("#theme"))
	theme := ask[string](p, `document.documentElement.dataset.theme`)
	copied := ask[string](p, `new Promise((done) => {
		navigator.clipboard.writeText = (s) => { done(s); return Promise.resolve(); };
		document.querySelector("[data-copy=c2]").click();
	})`)
	if title != "Plan for PostgreSQL 18.4 – schema review" || sections < 5 {
		t.Errorf("title %q, %d sections", title, sections)
	}
	if broken {
		t.Error("the name of a table ran as a script")
	}
	if !strings.Contains(queries, "Queries, explained on PostgreSQL 18.4: 1 breaks, 1 uses another index, 7 as before.") || !strings.Contains(queries, "left out of q.sql") || query != "column is gone" {
		t.Errorf("of queries the page shows %q", queries)
	}
	if requests != 0 {
		t.Errorf("the page asks for %d other files", requests)
	}
	if !strings.Contains(first, "error") || !strings.Contains(first, "table_11") {
		t.Errorf("the gravest hazard is not first: %s", first)
	}
	if want := "ALTER TABLE \"public\".\"table_1\"\n  ADD COLUMN \"note\" text NOT NULL DEFAULT 'none';"; code != want || strings.TrimSpace(copied) != want {
		t.Errorf("statement 2 shows\n%s\nand copies\n%s", code, copied)
	}
	if visible != 3 || filtered != "3 of 38 shown" || hidden != 0 {
		t.Errorf("filter: %d visible, %q, %d hidden after Escape", visible, filtered, hidden)
	}
	if !opened || theme != "dark" && theme != "light" {
		t.Errorf("opened %v, theme %q", opened, theme)
	}
	image, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[any]bool{}
	for y := 0; y < image.Bounds().Dy(); y += 3 {
		for x := 0; x < image.Bounds().Dx(); x += 3 {
			colours[image.At(x, y)] = true
		}
	}
	if len(colours) < 20 || image.Bounds().Dy() < 1500 {
		t.Errorf("the screenshot is empty: %d colours, %v", len(colours), image.Bounds())
	}
}

// TestReviewPageKeepsNobodyOut asks axe-core, light and dark, with all that can be unfolded.
func TestReviewPageKeepsNobodyOut(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("SCHEMACTL_TEST_AXE"))
	if err != nil {
		t.Fatalf("SCHEMACTL_TEST_AXE: %v: run the tests with make test", err)
	}
	run := `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then((r) =>
		r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html + " " + n.failureSummary).join(" | ")))`
	for _, theme := range []string{"light", "dark"} {
		p := browse(t, reviewed(6))
		p.do(chromedp.Click("#unfold"))
		ask[string](p, `document.documentElement.dataset.theme = "`+theme+`"`)
		ask[int](p, string(axe)+"; 0")
		violations, passes := ask[[]string](p, run), ask[int](p, `axe.run(document).then((r) => r.passes.length)`)
		for _, v := range violations {
			t.Errorf("%s: %s", theme, v)
		}
		if passes < 15 {
			t.Errorf("%s: only %d checks of axe passed: did it run?", theme, passes)
		}
	}
}

// TestLargeReviewOpensAtOnce measures the time that the browser computes for the page: how long that takes by the clock
// depends on who else uses the machine.
func TestLargeReviewOpensAtOnce(t *testing.T) {
	p := browse(t, reviewed(1000))
	metrics, err := chromedp.Run(p.ctx, func(ctx context.Context, g *chromedp.Target) (m performance.GetMetricsResult, err error) {
		// Counted is what comes behind this: the page is opened once more.
		if _, err := cdp.Call(ctx, g, performance.Enable, performance.EnableParams{TimeDomain: "threadTicks"}); err != nil {
			return m, err
		}
		if _, err := chromedp.Reload()(ctx, g); err != nil {
			return m, err
		}
		const shown = `new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))`
		ms, err := chromedp.Evaluate[float64](shown, chromedp.EvalAwaitPromise)(ctx, g)
		if err != nil {
			return m, err
		}
		t.Logf("shown after %.0f ms", ms)
		return cdp.Call(ctx, g, performance.GetMetrics, cdp.Empty{})
	})
	if err != nil {
		t.Fatal(err)
	}
	busy := -1.0
	for _, m := range metrics.Metrics {
		if m.Name == "ThreadTime" {
			busy = m.Value
		}
	}
	t.Logf("1,000 changes: %.0f ms of computing", 1000*busy)
	if busy < 0.01 || busy > 1 {
		t.Errorf("1,000 changes take %.0f ms of computing", 1000*busy)
	}
}

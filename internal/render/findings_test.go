package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/drift"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
)

// found are reports with what the formats could stumble over: characters of their own, the same finding twice, a finding
// without a place, a rule of the user's, a silenced one.
func found() []lint.Report {
	at := func(line int) diag.Pos { return diag.Pos{File: "migrations/2 a,b:c.sql", Line: line, Column: 3} }
	drop := lint.Finding{
		Rule: "drop-column", Severity: lint.Error, Message: "drops column a.b with its | values, 100%\n<b>", Pos: at(2), Object: "a",
		SQL: "ALTER TABLE a\n  DROP COLUMN b", Fix: "Deploy first.", Doc: "docs/rules/drop-column.md",
	}
	return []lint.Report{
		{
			Name: "1_start.sql", Unit: &lint.Unit{Statements: []*lint.Statement{{Source: lint.Source{SQL: "SELECT 1", Pos: at(1)}}}},
		}, {
			Name:       "2 a,b:c.sql",
			Findings:   []lint.Finding{{Rule: "prefer-type", Severity: lint.Info, Message: "jsonb", Pos: at(1)}, drop, drop, {Rule: "mine", Severity: lint.Warning, Message: "no place"}},
			Suppressed: []lint.Finding{{Rule: "drop-table", Severity: lint.Error, Message: "hidden", Pos: at(9)}},
		},
	}
}

func TestGitHubAnnotations(t *testing.T) {
	var b bytes.Buffer
	if err := FindingsGitHub(&b, found()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines, want 4:\n%s", len(lines), b.String())
	}
	want := "::error file=migrations/2 a%2Cb%3Ac.sql,line=2,endLine=3,title=drop-column::drops column a.b with its | values, 100%25%0A<b>%0ADeploy first.%0Ahttps://"
	if !strings.HasPrefix(lines[0], want) {
		t.Errorf("first line\n got %s\nwant %s…", lines[0], want)
	}
	if want := "::warning title=mine::no place"; lines[2] != want {
		t.Errorf("without a place\n got %s\nwant %s", lines[2], want)
	}
	if !strings.HasPrefix(lines[3], "::notice file=migrations/2 a%2Cb%3Ac.sql,line=1,endLine=1,col=3,title=prefer-type::") {
		t.Errorf("info: %s", lines[3])
	}
}

// TestGitLabReport holds the report to what GitLab reads: https://docs.gitlab.com/ci/testing/code_quality/.
func TestGitLabReport(t *testing.T) {
	var b bytes.Buffer
	if err := FindingsGitLab(&b, found()); err != nil {
		t.Fatal(err)
	}
	var issues []gitlabIssue
	if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, i := range issues {
		if i.Description == "" || i.CheckName == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 {
			t.Errorf("incomplete: %+v", i)
		}
		if seen[i.Fingerprint] {
			t.Errorf("the fingerprint %s is there twice", i.Fingerprint)
		}
		seen[i.Fingerprint] = true
	}
	if len(issues) != 4 || issues[1].Severity != "critical" || issues[1].Location.Lines != (gitlabLines{2, 3}) {
		t.Errorf("issues: %+v", issues)
	}
	b.Reset()
	if err := FindingsGitLab(&b, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("nothing found: %q, %v", b.String(), err)
	}
}

func TestFingerprintsStayWhenLinesMove(t *testing.T) {
	before, after := found(), found()
	for i := range after[1].Findings {
		if after[1].Findings[i].Pos.Line > 0 {
			after[1].Findings[i].Pos.Line += 10
		}
	}
	b, a := place(before, true), place(after, true)
	for i := range b {
		if b[i].Fingerprint != a[i].Fingerprint {
			t.Errorf("%s: %s, then %s", b[i].Rule, b[i].Fingerprint, a[i].Fingerprint)
		}
	}
}

func TestSARIFIsValid(t *testing.T) {
	schema := sarifSchema(t)
	differences := &drift.Report{Differences: []drift.Difference{
		{ID: object.ID{Kind: "table", Schema: "public", Name: "t"}, Class: drift.Classes()[0], Pos: diag.Pos{File: "/srv/a b.hcl", Line: 3}},
	}}
	reports := map[string]func(*bytes.Buffer) error{
		"findings": func(b *bytes.Buffer) error { return FindingsSARIF(b, "schemactl lint", found()) },
		"own rules": func(b *bytes.Buffer) error {
			return FindingsSARIF(b, "schemactl lint", []lint.Report{{
				Name: "1.sql", Findings: []lint.Finding{{Rule: "mine", Severity: lint.Error, Message: "of the whole file", Pos: diag.Pos{File: "migrations/1.sql"}}},
				Rules: []lint.Rule{{ID: "mine", Severity: lint.Error, Class: "custom", Short: "Mine", Custom: true, URL: "https://example.org/mine"}, {ID: "bare", Severity: lint.Info, Short: "Bare", Custom: true}},
			}})
		},
		"nothing": func(b *bytes.Buffer) error { return FindingsSARIF(b, "schemactl lint", nil) },
		"drift":   func(b *bytes.Buffer) error { return DriftSARIF(b, differences) },
	}
	for name, write := range reports {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s is not SARIF: %v\n%s", name, err, b.String())
		}
	}
}

// sarifSchema is the official schema. The linter's own linter for security has it among its tests, so it is at hand
// wherever make lint runs.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-modfile=tools/go.mod", "-json", "github.com/securego/gosec/v2")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "report/sarif/testdata/sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSARIFSaysWhatIsFound(t *testing.T) {
	var b bytes.Buffer
	if err := FindingsSARIF(&b, "schemactl lint", found()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Runs []struct {
			Tool    struct{ Driver sarifDriver }
			Results []sarifResult
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	run := got.Runs[0]
	if got, want := len(run.Tool.Driver.Rules), len(lint.Rules())+1; got != want {
		t.Errorf("%d rules, want schemactl's and the user's: %d", got, want)
	}
	for _, r := range run.Results {
		if rule := run.Tool.Driver.Rules[*r.RuleIndex]; rule.ID != r.RuleID {
			t.Errorf("the index of %s leads to %s", r.RuleID, rule.ID)
		}
	}
	at := run.Results[1].Locations[0].Physical
	if at.Artifact.URI != "migrations/2%20a,b:c.sql" || at.Region.StartLine != 2 || at.Region.EndLine != 3 || at.Region.Snippet == nil {
		t.Errorf("place: %+v", at)
	}
	last := run.Results[len(run.Results)-1]
	if last.RuleID != "drop-table" || len(last.Suppressions) != 1 || last.Suppressions[0].Kind != "inSource" {
		t.Errorf("silenced: %+v", last)
	}
}

func TestJUnitFailsAsAskedFor(t *testing.T) {
	for failOn, want := range map[lint.Severity]int{lint.Error: 2, lint.Warning: 3, lint.Info: 4, "never": 0} {
		var b bytes.Buffer
		if err := FindingsJUnit(&b, "schemactl lint", found(), failOn); err != nil {
			t.Fatal(err)
		}
		var got junitSuites
		if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Failures != want || got.Tests != 6 {
			t.Errorf("--fail-on %s: %d of %d fail, want %d of 6", failOn, got.Failures, got.Tests, want)
		}
	}
}

func TestMarkdownComment(t *testing.T) {
	var b bytes.Buffer
	if err := FindingsMarkdown(&b, found(), "file"); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"2 files linted: 2 errors, 1 warning, 1 info; 1 silenced.",
		`| 🛑 error | [drop-column](https://github.com/schemactl/schemactl/blob/main/docs/rules/drop-column.md) | drops column a.b with its &#124; values, 100% \<b\> |`,
		"```sql\nALTER TABLE a\n  DROP COLUMN b\n```",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Index(text, "drop-column") > strings.Index(text, "prefer-type") {
		t.Errorf("the gravest is not first:\n%s", text)
	}
}

func TestMarkdownFitsIntoAComment(t *testing.T) {
	r := lint.Report{Name: "big.sql"}
	for range 2000 {
		r.Findings = append(r.Findings, lint.Finding{Rule: "x", Severity: lint.Error, Message: strings.Repeat("long ", 20)})
	}
	var b bytes.Buffer
	if err := FindingsMarkdown(&b, []lint.Report{r}, "file"); err != nil {
		t.Fatal(err)
	}
	if n := b.Len(); n > 65_536 || !strings.Contains(b.String(), "left out here") {
		t.Errorf("%d bytes", n)
	}
}

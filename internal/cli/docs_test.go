package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/policy"
)

// TestManualsAreCurrent holds docs/hcl-<dialect>.md to what the program reads. UPDATE_DOCS=1 writes them.
func TestManualsAreCurrent(t *testing.T) {
	for name, d := range dialects() {
		codec, ok := d.(dialect.HCLCodec)
		if !ok {
			t.Errorf("%s has no HCL", name)
			continue
		}
		path, want := "../../docs/hcl-"+name+".md", hcl.Manual(codec.Vocabulary())
		if os.Getenv("UPDATE_DOCS") != "" {
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not current (%v): run UPDATE_DOCS=1 go test ./internal/cli -run Manuals", path, err)
		}
	}
}

// TestRulePagesAreCurrent holds docs/rules to the rules of lint. UPDATE_DOCS=1 writes them.
func TestRulePagesAreCurrent(t *testing.T) {
	const folder = "../../docs/rules/"
	want := map[string][]byte{"README.md": lint.Index()}
	for _, r := range lint.Rules() {
		want[r.ID+".md"] = r.Page()
	}
	if os.Getenv("UPDATE_DOCS") != "" {
		for name, text := range want {
			if err := os.WriteFile(folder+name, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if want[f.Name()] == nil {
			t.Errorf("%s is the page of no rule: remove it", f.Name())
		}
	}
	for name, text := range want {
		if got, err := os.ReadFile(folder + name); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s is not current (%v): run UPDATE_DOCS=1 go test ./internal/cli -run RulePages", name, err)
		}
	}
}

// TestLintObjectsAreCurrent holds docs/lint-objects.md to what rules of the project see. UPDATE_DOCS=1 writes it.
func TestLintObjectsAreCurrent(t *testing.T) {
	const path = "../../docs/lint-objects.md"
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(path, policy.Page(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, policy.Page()) {
		t.Errorf("%s is not current (%v): run UPDATE_DOCS=1 go test ./internal/cli -run LintObjects", path, err)
	}
}

// TestLintExampleHolds runs the example of docs/lint.md: the rules, the migration, and what is said of it.
func TestLintExampleHolds(t *testing.T) {
	text, err := os.ReadFile("../../docs/lint.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Rules of your own\n")
	block := func(language string) string {
		_, rest, found := strings.Cut(section, "```"+language+"\n")
		if !found {
			t.Fatalf("no block of %s", language)
		}
		out, _, _ := strings.Cut(rest, "```")
		return out
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"atlas.hcl": block("hcl"), "migrations/1_orders.sql": block("sql"), "ticket.sh": block("sh")} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out, errs bytes.Buffer
	code := Main([]string{"lint"}, strings.NewReader(""), &out, &errs)
	if code != 2 {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	own := regexp.MustCompile(`(?m)^.*\[(ticket|no-wide-varchar|money-is-numeric|schema-of-a-team|no-long-locks)\]\n(  Use text.*\n)?`)
	if got := strings.Join(own.FindAllString(out.String(), -1), ""); got != block("text") {
		t.Errorf("the manual says:\n%s\nlint says:\n%s", block("text"), got)
	}
}

// TestWaysAreDocumented holds docs/online.md to the ways of splitting that dialects know.
func TestWaysAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/online.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range dialects() {
		s, ok := d.(dialect.Splitter)
		if !ok {
			continue
		}
		for _, w := range s.Ways() {
			if !bytes.Contains(text, []byte("| `"+w.Name+"` |")) {
				t.Errorf("%s: the way %s is not in docs/online.md", name, w.Name)
			}
			if w.Why == "" {
				t.Errorf("%s: the way %s does not say what it is good for", name, w.Name)
			}
		}
	}
}

package review_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/project"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

// configure reads a lint block as the commands do.
func configure(t *testing.T, text string) (review.Settings, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "atlas.hcl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Load(t.Context(), project.Options{Path: file})
	if err != nil {
		return review.Settings{}, err
	}
	return review.Configure(p.Lint, review.Programs{})
}

// TestLintBlockFaults holds that what the lint block says has an effect or is refused at its place.
func TestLintBlockFaults(t *testing.T) {
	for _, x := range []struct {
		name, text string
		want       []string
	}{
		{"unknown rule", `rule "drop-colum" { severity = off }`, []string{":2:3: ", "did you mean drop-column?"}},
		{"empty rule", `rule "drop-column" {}`, []string{":2:3: ", "says nothing"}},
		{"unknown severity", `rule "drop-column" { severity = "fatal" }`, []string{":2:35: ", "it takes off, info, warning, error"}},
		{"rule of Atlas's language", `rule "hcl" "x" { src = ["a.rule.hcl"] }`, []string{":2:20: ", "custom \"name\""}},
		{"two labels", `rule "a" "b" { severity = off }`, []string{":2:3: ", "takes one label"}},
		{"unknown code", `check "PG999" { error = true }`, []string{":2:3: ", "no rule has the code"}},
		{"empty check", `check "DS102" {}`, []string{":2:3: ", "says nothing"}},
		{"no truth", `destructive { error = "yes" }`, []string{":2:25: ", "not true or false"}},
		{"allow nothing", "destructive {\n allow_table {}\n}", []string{":3:2: ", "which names may go"}},
		{"bad pattern", "destructive {\n allow_table { match = \"(\" }\n}", []string{":3:24: ", "not a regular expression"}},
		{"naming of nothing", `naming { error = true }`, []string{":2:3: ", "how names look"}},
		{"naming of a kind of nothing", "naming {\n table { message = \"x\" }\n}", []string{":3:2: ", "how names look"}},
		{"base missing", `git { dir = "." }`, []string{":2:3: ", "which revision"}},
		{"two ranges", "latest = 1\n git { base = \"main\" }", []string{":2:12: ", "both say"}},
		{"latest is no number", `latest = "1"`, []string{":2:12: ", "no number of files"}},
		{"review of nothing", `review = SOMETIMES`, []string{":2:12: ", "SOMETIMES"}},
		{"on_edit", `non_linear { on_edit = DENY }`, []string{":2:26: ", "DENY"}},
		{"ownership", `ownership "github" { default = true }`, []string{":2:3: ", "code owners"}},
		{"nestedtx", `nestedtx { error = true }`, []string{":2:3: ", "data-change-in-ddl-tx"}},
		{"message of nothing known", "incompatible {\n drop_column { message = \"${self.tabel.name}\" }\n}", []string{":3:33: ", "did you mean table?"}},
		{"rule without when", "custom \"x\" {\n message = \"m\"\n}", []string{":2:3: ", "does not say when"}},
		{"rule without message", "custom \"x\" {\n when = true\n}", []string{":2:3: ", "no message"}},
		{"rule of a taken name", "custom \"drop-column\" {\n when = true\n message = \"m\"\n}", []string{":2:3: ", "already"}},
		{"rule of no name", "custom \"a b\" {\n when = true\n message = \"m\"\n}", []string{":2:3: ", "no name of a rule"}},
		{"unknown variable", "custom \"x\" {\n when = colum.name == \"a\"\n message = \"m\"\n}", []string{":3:9: ", `Did you mean "column"?`}},
		{"unknown attribute", "custom \"x\" {\n when = column.siz > 5\n message = \"m\"\n}", []string{":3:15: ", "did you mean size?"}},
		{"unknown attribute behind and", "custom \"x\" {\n when = false && table.row > 5\n message = \"m\"\n}", []string{":3:23: ", "did you mean rows?"}},
		{"unknown attribute in a loop", "custom \"x\" {\n when = anytrue([for c in table.columns : c.siz > 5 if c.array])\n message = \"m\"\n}", []string{":3:44: ", "did you mean size?"}},
		{"unknown attribute in a message", "custom \"x\" {\n when = true\n message = \"${table.nam}\"\n}", []string{":4:20: ", "did you mean name?"}},
		{"unknown attribute in a fix", "custom \"x\" {\n when = true\n message = \"m\"\n fix = statement.text\n}", []string{":5:17: ", "text"}},
		{"text and number", "custom \"x\" {\n when = column.size == \"5\"\n message = \"m\"\n}", []string{":3:9: ", "never equal"}},
		{"no truth in when", "custom \"x\" {\n when = column.name\n message = \"m\"\n}", []string{":3:9: ", "a string, not a bool"}},
		{"object as message", "custom \"x\" {\n when = true\n message = column\n}", []string{":4:12: ", "not a string"}},
		{"unknown function", "custom \"x\" {\n when = match(column.name, \"a\")\n message = \"m\"\n}", []string{":3:9: ", "matches"}},
		{"bad pattern in a rule", "custom \"x\" {\n when = matches(column.name, \"(\")\n message = \"m\"\n}", []string{":3:31: ", "parsing regexp"}},
		{"unknown verb", "custom \"x\" {\n on = [add_colum]\n when = true\n message = \"m\"\n}", []string{":3:8: ", `Did you mean "add_column"?`}},
		{"unknown verb in quotes", "custom \"x\" {\n on = [\"add_colum\"]\n when = true\n message = \"m\"\n}", []string{":3:7: ", "did you mean add_column?"}},
		{"no verbs", "custom \"x\" {\n on = []\n when = true\n message = \"m\"\n}", []string{":3:7: ", "no list of verbs"}},
		{"unknown local", "custom \"x\" {\n when = local.x == 1\n message = \"m\"\n}", []string{":3:", "x"}},
		{"program missing", `external "x" {}`, []string{":2:3: ", "names no program"}},
		{"program no list", `external "x" { command = "a b" }`, []string{":2:28: ", "no list of strings"}},
		{"program timeout", "external \"x\" {\n command = [\"a\"]\n timeout = \"soon\"\n}", []string{":4:12: ", "no duration"}},
		{"message missing", "incompatible {\n drop_column {}\n}", []string{":3:2: ", "says nothing"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := configure(t, "lint {\n  "+x.text+"\n}\n")
			if err == nil {
				t.Fatal("no fault")
			}
			for _, part := range x.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v\nlacks %s", err, part)
				}
			}
		})
	}
}

// TestLintBlock holds what the parts of the block do to the rules.
func TestLintBlock(t *testing.T) {
	s, err := configure(t, `lint {
  latest = 3
  review = ERROR
  format = "{{ json . }}"
  data_depend { error = true }
  condrop { error = true }
  concurrent_index {
    check_create = false
    check_drop   = false
    check_txmode = false
  }
  non_linear {
    error   = true
    on_edit = WARN
  }
  check "DS102" { skip = true }
  check "PG110" { skip = true }
  rule "narrow-type" { severity = info }
}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Latest != 3 || s.Review != "error" || s.Format.Text != "{{ json . }}" {
		t.Errorf("%+v", s)
	}
	for rule, want := range map[string]lint.Severity{
		"unique-may-fail": lint.Error, "drop-constraint": lint.Error, "index-not-concurrent": lint.Off, "drop-index-not-concurrent": lint.Off,
		"concurrent-in-transaction": lint.Off, "file-inserted": lint.Error, "file-edited": lint.Warning, "drop-table": lint.Off, "narrow-type": lint.Info,
	} {
		if got := s.Rules.Severities[rule]; got != want {
			t.Errorf("%s is %q, not %q", rule, got, want)
		}
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0].Error(), "PG110") {
		t.Errorf("warnings: %v", s.Warnings)
	}
}

// TestPredicatesSeeMeasures holds that what is measured on live tables is told to the rules of the project.
func TestPredicatesSeeMeasures(t *testing.T) {
	s, err := configure(t, `lint {
  custom "mine" {
    when    = facts.takes == "hours"
    message = "${table.name}"
  }
}`)
	if err != nil {
		t.Fatal(err)
	}
	slow := step("ALTER TABLE users ALTER COLUMN id TYPE bigint", plan.Alter, "users")
	slow.Facts = &safety.Facts{Takes: safety.Hours}
	quick := step("ALTER TABLE users ADD COLUMN a int", plan.Alter, "users")
	of := subject()
	of.Config = s.Rules
	r, err := of.Plan(t.Context(), &plan.Plan{Segments: []plan.Segment{{Transactional: true, Steps: []*plan.Step{slow, quick}}}}, "plan")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range r.Hazards[0].Findings {
		if f.Rule == "mine" {
			found = append(found, f.SQL)
		}
	}
	if len(found) != 1 || found[0] != slow.SQL {
		t.Errorf("%q", found)
	}
}

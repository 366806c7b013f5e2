package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/review"
)

// lintValue is a report as templates see it. Names and shape are those of Atlas, with what it does not tell added.
type lintValue struct {
	Env   lintEnv
	Steps []lintStep
	Files []lintFile
}

type lintEnv struct {
	Driver string
	Dir    string
}

type lintStep struct {
	Name   string
	Text   string
	Error  string    `json:",omitempty"`
	Result *lintFile `json:",omitempty"`
}

type lintFile struct {
	Name     string
	Text     string
	Error    string `json:",omitempty"`
	Reports  []lintReport
	Findings []lint.Finding // as --format json has them
}

type lintReport struct {
	Text        string
	Diagnostics []lintDiagnostic
}

type lintDiagnostic struct {
	Pos  int // in bytes, from the start of the file
	Text string
	Code string
}

// lintValueOf is what templates see of reports. dir is nil where a plan is linted.
func lintValueOf(reports []lint.Report, d review.Directory) lintValue {
	out := lintValue{Steps: []lintStep{}, Files: []lintFile{}}
	if d.Dir != nil {
		out.Env = lintEnv{d.Dialect.Name(), d.Dir.Name}
		out.Steps = append(out.Steps, lintStep{Name: "Detect New Migration Files", Text: fmt.Sprintf("Found %d new migration files (from %d total)", len(reports), len(d.Dir.Files))})
		if d.Replay != nil {
			out.Steps = append(out.Steps, lintStep{Name: "Replay Migration Files", Text: fmt.Sprintf("Loaded %d changes on dev database", len(reports))})
		}
	}
	for _, r := range reports {
		f := lintFileOf(r, d.Dir)
		out.Files = append(out.Files, f)
		text := fmt.Sprintf("%d reports were found in analysis", len(f.Reports))
		out.Steps = append(out.Steps, lintStep{Name: "Analyze " + r.Name, Text: text, Error: f.Error, Result: &f})
	}
	return out
}

func lintFileOf(r lint.Report, dir *migrate.Dir) lintFile {
	out := lintFile{Name: r.Name, Reports: []lintReport{}, Findings: r.Findings}
	if dir != nil {
		if i := slices.IndexFunc(dir.Files, func(f *migrate.File) bool { return f.Name == r.Name }); i >= 0 {
			out.Text = string(dir.Files[i].Raw)
		}
	}
	at := map[string]int{}
	var grave []string
	for _, f := range r.Findings {
		rule := ruleOf(r, f)
		title := analysis(rule.Class)
		i, known := at[title]
		if !known {
			i = len(out.Reports)
			at[title] = i
			out.Reports = append(out.Reports, lintReport{Text: title})
		}
		out.Reports[i].Diagnostics = append(out.Reports[i].Diagnostics, lintDiagnostic{offset(out.Text, f), f.Message, codeOf(rule)})
		if f.Severity == lint.Error && !slices.Contains(grave, title) {
			grave = append(grave, title)
		}
	}
	out.Error = strings.Join(grave, ", ")
	return out
}

// ruleOf is the rule that a finding is of.
func ruleOf(r lint.Report, f lint.Finding) lint.Rule {
	if rule, ok := lint.Find(f.Rule); ok {
		return rule
	}
	if i := slices.IndexFunc(r.Rules, func(x lint.Rule) bool { return x.ID == f.Rule }); i >= 0 {
		return r.Rules[i]
	}
	return lint.Rule{ID: f.Rule, Class: "replay"}
}

// analysis is what Atlas calls the findings of a class.
func analysis(class string) string {
	switch class {
	case "destructive":
		return "destructive changes detected"
	case "data_depend":
		return "data dependent changes detected"
	case "incompatible":
		return "backward incompatible changes detected"
	case "condrop":
		return "constraint deletion detected"
	case "concurrent_index":
		return "concurrent index violations detected"
	case "naming":
		return "naming violations detected"
	case "non_linear":
		return "non-linear changes detected"
	}
	return class + " findings"
}

// atlasCode is what Atlas's codes look like.
var atlasCode = regexp.MustCompile(`^[A-Z]{2}[0-9]{3}$`)

// codeOf is Atlas's code of a rule, where it has one alone; else its id.
func codeOf(r lint.Rule) string {
	var codes []string
	for _, c := range r.Codes {
		if atlasCode.MatchString(c) {
			codes = append(codes, c)
		}
	}
	if len(codes) == 1 {
		return codes[0]
	}
	return r.ID
}

// offset is where a finding is, in bytes.
func offset(text string, f lint.Finding) int {
	at := 0
	for range f.Pos.Line - 1 {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return 0
		}
		at += i + 1
	}
	return min(len(text), at+max(0, f.Pos.Column-1))
}

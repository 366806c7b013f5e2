package render

import (
	"io"

	"github.com/schemactl/schemactl/internal/lint"
)

// FindingsSARIF writes findings as SARIF 2.1.0, with the rules that were asked and what is silenced. tool is the command.
func FindingsSARIF(w io.Writer, tool string, reports []lint.Report) error {
	rules, index := []sarifRule{}, map[string]int{}
	for _, r := range append(lint.Rules(), ownRules(reports)...) {
		index[r.ID] = len(rules)
		rules = append(rules, sarifRuleOf(r))
	}
	results := []sarifResult{}
	for _, f := range place(reports, true) {
		i, known := index[f.Rule]
		if !known { // what a server says
			i = len(rules)
			index[f.Rule] = i
			rules = append(rules, sarifRule{ID: f.Rule, ShortDescription: sarifText{f.Rule}, Default: sarifLevel{sarifSeverity(f.Severity)}})
		}
		results = append(results, sarifFinding(f, i))
	}
	return writeSARIF(w, sarifDriver{Name: tool, InformationURI: rulePages + "docs/lint.md", Rules: rules}, results)
}

// ownRules are the project's own rules that the reports name, each once.
func ownRules(reports []lint.Report) []lint.Rule {
	var out []lint.Rule
	seen := map[string]bool{}
	for _, report := range reports {
		for _, r := range report.Rules {
			if !seen[r.ID] {
				seen[r.ID] = true
				out = append(out, r)
			}
		}
	}
	return out
}

func sarifRuleOf(r lint.Rule) sarifRule {
	out := sarifRule{
		ID: r.ID, ShortDescription: sarifText{r.Short}, HelpURI: pageURL(r.Doc()), Default: sarifLevel{sarifSeverity(r.Severity)}, Properties: map[string]any{"tags": []string{r.Class}},
	}
	if r.Why != "" {
		out.FullDescription = &sarifText{r.Why}
	}
	if r.Fix != "" {
		out.Help = &sarifText{r.Fix}
	}
	return out
}

func sarifFinding(f placed, rule int) sarifResult {
	message := f.Message
	if f.Fix != "" {
		message += "\n" + f.Fix
	}
	out := sarifResult{
		RuleID: f.Rule, RuleIndex: &rule, Level: sarifSeverity(f.Severity), Message: sarifText{message},
		Fingerprints: map[string]string{"finding/v1": f.Fingerprint},
	}
	at := sarifLocation{Physical: physical(f.Pos, f.SQL)}
	if f.Object != "" {
		at.Logical = []sarifLogical{{f.Object, "resource"}}
	}
	if at.Physical != nil || at.Logical != nil {
		out.Locations = []sarifLocation{at}
	}
	if f.Silenced {
		out.Suppressions = []sarifSuppression{{Kind: "inSource", Status: "accepted"}}
	}
	return out
}

func sarifSeverity(s lint.Severity) string {
	switch s {
	case lint.Error, lint.Warning:
		return string(s)
	case lint.Off:
		return "none"
	}
	return "note"
}

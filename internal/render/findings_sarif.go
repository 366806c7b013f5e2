package render

import (
	"io"

	"github.com/schemactl/schemactl/internal/lint"
)

// FindingsSARIF writes findings as SARIF 2.1.0, with the rules that were asked and what is silenced. tool is the command.
func FindingsSARIF(w io.Writer, tool string, reports []lint.Report) error {
	rules, index := []sarifRule{}, map[string]int{}
	for _, r := range lint.Rules() {
		index[r.ID] = len(rules)
		rules = append(rules, sarifRule{
			ID: r.ID, ShortDescription: sarifText{r.Short}, FullDescription: &sarifText{r.Why}, Help: &sarifText{r.Fix},
			HelpURI: rulePages + "docs/rules/" + r.ID + ".md", Default: sarifLevel{sarifSeverity(r.Severity)},
			Properties: map[string]any{"tags": []string{r.Class}},
		})
	}
	results := []sarifResult{}
	for _, f := range place(reports, true) {
		i, known := index[f.Rule]
		if !known { // of the user's, or what a server says
			i = len(rules)
			index[f.Rule] = i
			rules = append(rules, sarifRule{ID: f.Rule, ShortDescription: sarifText{f.Rule}, Default: sarifLevel{sarifSeverity(f.Severity)}})
		}
		results = append(results, sarifFinding(f, i))
	}
	return writeSARIF(w, sarifDriver{Name: tool, InformationURI: rulePages + "docs/lint.md", Rules: rules}, results)
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

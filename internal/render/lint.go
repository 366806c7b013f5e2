package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/lint"
)

// LintJSON writes findings for programs; docs/lint.md describes it.
func LintJSON(w io.Writer, reports []lint.Report) error {
	type summary struct {
		Errors     int `json:"errors"`
		Warnings   int `json:"warnings"`
		Infos      int `json:"infos"`
		Suppressed int `json:"suppressed"`
	}
	var s summary
	for _, r := range reports {
		s.Suppressed += len(r.Suppressed)
		for _, f := range r.Findings {
			switch f.Severity {
			case lint.Error:
				s.Errors++
			case lint.Warning:
				s.Warnings++
			default:
				s.Infos++
			}
		}
	}
	if reports == nil {
		reports = []lint.Report{}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(struct {
		Format  string        `json:"format"`
		Summary summary       `json:"summary"`
		Files   []lint.Report `json:"files"`
	}{"schemactl-lint-1", s, reports})
}

// LintText writes findings for people, as compilers do: the place first. noun is what each report is of.
func LintText(w io.Writer, reports []lint.Report, noun string, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour}
	for _, r := range reports {
		for _, f := range r.Findings {
			place := f.Pos.String()
			if place == "" {
				place = r.Name
			}
			t.line("%s: %s: %s [%s]", place, t.severity(f.Severity), f.Message, f.Rule)
			if f.Fix != "" {
				t.line("  %s", t.dim(f.Fix))
			}
		}
	}
	t.line("%s", FindingsSummary(reports, noun))
	return t.err
}

// FindingsSummary is reports in one line; noun is what each is of.
func FindingsSummary(reports []lint.Report, noun string) string {
	counts, suppressed := map[lint.Severity]int{}, 0
	for _, r := range reports {
		suppressed += len(r.Suppressed)
		for _, f := range r.Findings {
			counts[f.Severity]++
		}
	}
	parts := []string{}
	for _, s := range []lint.Severity{lint.Error, lint.Warning, lint.Info} {
		if n := counts[s]; n > 0 {
			parts = append(parts, Plural(n, string(s)))
		}
	}
	out := fmt.Sprintf("%s linted: nothing found", Plural(len(reports), noun))
	if len(parts) > 0 {
		out = fmt.Sprintf("%s linted: %s", Plural(len(reports), noun), strings.Join(parts, ", "))
	}
	if suppressed > 0 {
		out += fmt.Sprintf("; %d silenced", suppressed)
	}
	return out + "."
}

func (t *text) severity(s lint.Severity) painted {
	switch s {
	case lint.Error:
		return t.red(string(s))
	case lint.Warning:
		return t.yellow(string(s))
	}
	return painted(s)
}

package render

import (
	"cmp"
	"fmt"
	"io"

	"github.com/schemactl/schemactl/internal/lint"
)

// FindingsJUnit writes findings as JUnit's XML: a suite for each file, in it a case for each statement without findings and
// one for each finding. A finding as grave as failOn fails; others are skipped, with their text.
func FindingsJUnit(w io.Writer, tool string, reports []lint.Report, failOn lint.Severity) error {
	all := junitSuites{Name: tool}
	for _, r := range reports {
		suite := junitSuite{Name: r.Name}
		found := map[string]bool{}
		for _, f := range place([]lint.Report{r}, true) {
			found[f.Pos.String()+f.SQL] = true
			suite.add(f, failOn)
		}
		if r.Unit != nil {
			for i, s := range r.Unit.Statements {
				if !found[s.Pos.String()+s.SQL] {
					suite.Cases = append(suite.Cases, junitCase{Name: fmt.Sprintf("%s: %s", cmp.Or(s.Pos.String(), fmt.Sprintf("statement %d", i+1)), short(s.SQL)), Class: r.Name})
				}
			}
		}
		if len(suite.Cases) == 0 {
			suite.Cases = []junitCase{{Name: "no statement", Class: r.Name}}
		}
		suite.Tests = len(suite.Cases)
		all.Tests, all.Failures = all.Tests+suite.Tests, all.Failures+suite.Failures
		all.Suites = append(all.Suites, suite)
	}
	return writeJUnit(w, all)
}

func (s *junitSuite) add(f placed, failOn lint.Severity) {
	c := junitCase{Name: f.where() + ": " + f.Message, Class: "lint." + f.Rule}
	text := f.Fix
	for _, more := range []string{docURL(f.Finding), f.SQL} {
		if more != "" {
			text += "\n\n" + more
		}
	}
	m := &junitMessage{Message: string(f.Severity) + ": " + f.Message, Text: text}
	if failOn.Rank() > 0 && !f.Silenced && f.Severity.Rank() >= failOn.Rank() {
		m.Type = f.Rule
		c.Failure = m
		s.Failures++
	} else {
		if f.Silenced {
			m.Message = "silenced: " + f.Message
		}
		c.Skipped = m
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// short is a statement on one line of bounded length.
func short(sql string) string {
	s := squeeze(sql)
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/drift"
	"github.com/schemactl/schemactl/internal/visible"
)

// DriftJUnit writes a report on drift as JUnit's XML: a case for each difference, which fails unless it is accepted, and one
// that passes where there is none.
func DriftJUnit(w io.Writer, r *drift.Report) error {
	suite := junitSuite{Name: "drift from " + r.Desired}
	for i := range r.Differences {
		d := &r.Differences[i]
		c := junitCase{Name: d.ID.String(), Class: "drift." + string(d.Class)}
		m := &junitMessage{Message: "the database " + Deviation(d), Type: string(d.Class), Text: plainDeviation(d)}
		if d.Counts() {
			suite.Failures++
			c.Failure = m
		} else {
			suite.Skipped++
			m.Type, m.Message = "", "not counted: "+m.Message
			c.Skipped = m
		}
		suite.Cases = append(suite.Cases, c)
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Name: "in step", Class: "drift"}}
	}
	suite.Tests = len(suite.Cases)
	return writeJUnit(w, junitSuites{Name: "schemactl drift", Tests: suite.Tests, Failures: suite.Failures, Suites: []junitSuite{suite}})
}

// plainDeviation is all of a difference in lines, with the way back.
func plainDeviation(d *drift.Difference) string {
	var b strings.Builder
	for _, a := range d.Attrs {
		fmt.Fprintf(&b, "%s: %s → %s\n", spacedName(a.Name), value(a.Desired), value(a.Live))
	}
	if d.Why != "" {
		fmt.Fprintln(&b, d.Why)
	}
	if d.Accepted != nil {
		fmt.Fprintln(&b, acceptance(d))
	}
	for _, s := range d.Fix {
		if s.Loses != "" {
			b.WriteString(visible.Comment("! loses "+s.Loses) + "\n")
		}
		fmt.Fprintf(&b, "%s;\n", s.SQL)
	}
	return b.String()
}

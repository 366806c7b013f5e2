package review

import (
	"fmt"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/plan"
)

// queryPage is where the findings of queries are explained.
const queryPage = "docs/queries.md"

// protect makes findings of what becomes of known queries.
func (r *Review) protect(q *plan.Queries) {
	if q == nil {
		return
	}
	r.Queries = q
	reports := map[string]*lint.Report{}
	var order []string
	for i := range q.Affected {
		a := &q.Affected[i]
		rule, severity := hazardOf(a.Verdict)
		if rule == "" {
			continue
		}
		if reports[a.Source] == nil {
			reports[a.Source] = &lint.Report{Name: a.Source}
			order = append(order, a.Source)
		}
		f := lint.Finding{Rule: rule, Severity: severity, Message: fmt.Sprintf("query %s: %s", a.Name, a.Message), Pos: a.Pos, Object: a.Table, SQL: a.SQL, Fix: a.Hint, Doc: queryPage}
		for _, c := range a.Causes {
			if f.Fix != "" {
				f.Fix += "; "
			}
			f.Fix += fmt.Sprintf("statement %d does it (%s)", c.Number, c.Object)
			if f.Object == "" {
				f.Object = c.Object
			}
		}
		reports[a.Source].Findings = append(reports[a.Source].Findings, f)
	}
	for _, source := range order {
		r.Hazards = append(r.Hazards, *reports[source])
	}
}

// hazardOf is the rule that a verdict is a finding of; empty for those that only inform.
func hazardOf(v plan.Verdict) (rule string, severity lint.Severity) {
	switch v {
	case plan.Breaks:
		return "query-breaks", lint.Error
	case plan.LosesIndex:
		return "query-loses-index", lint.Warning
	case plan.OtherResult:
		return "query-changes-result", lint.Warning
	}
	return "", lint.Off
}

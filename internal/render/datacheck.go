package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/plan"
)

// Checks writes what the rows answered.
func Checks(w io.Writer, p *plan.Plan, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour}
	if !p.Checked() {
		t.line("%s", t.dim(Plural(len(p.Checks), "data check")+" not asked: --check-data asks the rows."))
		return t.err
	}
	failed, lossy, unchecked := 0, 0, 0
	for i := range p.Checks {
		switch c := &p.Checks[i]; {
		case c.Failed():
			failed++
		case c.Result.Failed():
			lossy++
		case c.Result != nil && c.Result.NotChecked != "":
			unchecked++
		}
	}
	title := t.format("Data checks: %d passed", len(p.Checks)-failed-lossy-unchecked)
	if failed > 0 {
		title += t.format(", %s", t.red(fmt.Sprintf("%d failed", failed)))
	}
	if lossy > 0 {
		title += t.format(", %s", t.red(fmt.Sprintf("%d lossy", lossy)))
	}
	if unchecked > 0 {
		title += t.format(", %d not checked", unchecked)
	}
	t.line("%s.", title)
	for i := range p.Checks {
		t.check(&p.Checks[i])
	}
	return t.err
}

func (t *text) check(c *plan.Check) {
	r, word := c.Result, "failed:"
	if c.Lossy != "" {
		word = "loses:"
	}
	switch {
	case r.Failed():
		t.line("  %s %s: %s", t.red(word), c.Demand, Found(c))
	case r != nil && r.NotChecked != "":
		t.line("  not checked: %s (%s)", c.Demand, r.NotChecked)
		return
	default:
		return
	}
	for _, e := range r.Examples {
		t.line("    %s", exampleLine(r.Columns, e))
	}
	if more := r.Found - int64(len(r.Examples)); more > 0 && len(r.Examples) > 0 {
		t.line("    %s", t.dim("…"))
	}
	for _, sql := range c.Repair {
		t.line("    repair, perhaps: %s;", strings.ReplaceAll(sql, "\n", "\n      "))
	}
}

// Found says how much a check found.
func Found(c *plan.Check) string {
	r := c.Result
	if r.Refusal != "" {
		return r.Refusal
	}
	one, many := "row", "rows"
	if c.Groups {
		one, many = "group of equal rows", "groups of equal rows"
	}
	out := verb(int(r.Found), one, many)
	if r.AtLeast {
		out += " or more"
	}
	return out
}

func exampleLine(columns []string, values []*string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = columns[i] + " = " + exampleValue(v)
	}
	return strings.Join(parts, ", ")
}

// exampleValue shows a value on one line, cut where it is long.
func exampleValue(v *string) string {
	if v == nil {
		return "NULL"
	}
	const most = 60
	s := *v
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0xfffd || r == 0x7f }) {
		return strconv.Quote(s)
	}
	return s
}

package review

import (
	"cmp"
	"slices"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/policy"
	"github.com/schemactl/schemactl/internal/project"
)

// Programs is what rules that are programs get of the world.
type Programs struct {
	Environ []string
	Tell    func(line string)
}

// programTimeout is how long a program may take for a file, unless the rule says otherwise.
const programTimeout = 30 * time.Second

// custom reads custom "name" { when = … message = … }.
func (c *configuration) custom(b *project.Block) {
	head, ok := c.head(b)
	if !ok {
		return
	}
	s := policy.Source{Head: head, On: b.Attrs["on"].Expr, When: b.Attrs["when"].Expr, Message: b.Attrs["message"].Expr, Fix: b.Attrs["fix"].Expr}
	switch {
	case s.When == nil:
		c.faults.Add(b.Fault("missing-attribute", "custom %q does not say when it is raised", head.Name).WithHint("write when = column.type_family == \"money\": docs/lint.md"))
		return
	case s.Message == nil:
		c.faults.Add(b.Fault("missing-attribute", "custom %q has no message", head.Name).WithHint(`write message = "…${column.name}…"`))
		return
	}
	p, faults := policy.Compile(s)
	c.faults.Add(faults...)
	c.Rules.Custom = append(c.Rules.Custom, p)
}

// external reads external "name" { command = ["./check.sh"] }.
func (c *configuration) external(b *project.Block) {
	head, ok := c.head(b)
	if !ok {
		return
	}
	e := policy.External{Head: head, Timeout: programTimeout, Environ: c.programs.Environ, Tell: c.programs.Tell, Fault: b.Fault}
	if e.Command = c.words(b, "command"); len(e.Command) == 0 {
		c.faults.Add(b.Fault("missing-attribute", "external %q names no program", head.Name).WithHint(`write command = ["./check.sh"]`))
		return
	}
	e.Dir, _ = c.text(b, "working_dir")
	if text, ok := c.text(b, "timeout"); ok {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			c.faults.Add(b.Attrs["timeout"].Fault("attribute-value", "timeout is no duration").WithHint(`durations are written "10s", "500ms" or "2m"`))
			return
		}
		e.Timeout = d
	}
	c.Rules.Custom = append(c.Rules.Custom, e)
}

// head reads what the rules of the project have in common.
func (c *configuration) head(b *project.Block) (policy.Head, bool) {
	h := policy.Head{Name: b.Labels[0], Severity: lint.Warning}
	s, _ := c.text(b, "severity")
	h.Severity = lint.Severity(cmp.Or(s, string(lint.Warning)))
	h.Short, _ = c.text(b, "description")
	h.URL, _ = c.text(b, "url")
	_, taken := lint.Find(h.Name)
	if !taken {
		taken = slices.ContainsFunc(c.Rules.Custom, func(x lint.Custom) bool { return x.Rule().ID == h.Name })
	}
	var d *diag.Diagnostic
	switch {
	case !policy.GoodName(h.Name):
		d = b.Fault("rule-name", "%q is no name of a rule", h.Name).WithHint("names are words of letters, digits, dashes, dots and underscores: comments list them")
	case taken:
		d = b.Fault("rule-name", "there is a rule %q already", h.Name).WithHint("give it another name")
	default:
		return h, true
	}
	c.faults.Add(d)
	return h, false
}

// words is a list of strings.
func (c *configuration) words(b *project.Block, name string) []string {
	a, ok := given(b, name)
	if !ok {
		return nil
	}
	if v := a.Value; v.CanIterateElements() && !v.Type().IsObjectType() && !v.Type().IsMapType() {
		var out []string
		for _, e := range v.AsValueSlice() {
			if e.IsNull() || e.Type() != cty.String {
				out = nil
				break
			}
			out = append(out, e.AsString())
		}
		if len(out) > 0 && out[0] != "" {
			return out
		}
	}
	c.faults.Add(a.Fault("attribute-value", "%s is no list of strings", name).WithHint(`write %s = ["…", "…"]`, name))
	return nil
}

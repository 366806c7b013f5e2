package review

import (
	"cmp"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/project"
)

// rule reads rule "id" { severity = "off" }.
func (c *configuration) rule(b *project.Block) {
	name := b.Labels[0]
	if len(b.Labels) > 1 {
		c.faults.Add(b.Fault("block-labels", "rule takes one label").WithHint(`write rule "id" { severity = … }; a rule of your own is custom "name" { when = … }`))
		return
	}
	id, ok := c.known(name)
	if !ok {
		d := b.Fault("unknown-rule", "there is no rule %q", name)
		if near := diag.Nearest(name, c.ruleNames()); near != "" {
			c.faults.Add(d.WithHint("did you mean %s?", near))
			return
		}
		c.faults.Add(d.WithHint("docs/rules lists them"))
		return
	}
	s, ok := c.text(b, "severity")
	if !ok {
		c.faults.Add(b.Fault("no-severity", "rule %q says nothing", name).WithHint("write severity = error, warning, info or off"))
		return
	}
	c.Rules.Severities[id] = lint.Severity(s)
}

// known is the id of a rule of schemactl's or of the file's.
func (c *configuration) known(name string) (string, bool) {
	if r, ok := lint.Find(name); ok {
		return r.ID, true
	}
	return name, slices.ContainsFunc(c.Rules.Custom, func(x lint.Custom) bool { return x.Rule().ID == name })
}

func (c *configuration) ruleNames() []string {
	var out []string
	for _, r := range lint.Rules() {
		out = append(out, r.ID)
	}
	for _, r := range c.Rules.Custom {
		out = append(out, r.Rule().ID)
	}
	return out
}

// check reads check "CODE" { skip = true } of a code of Atlas's.
func (c *configuration) check(b *project.Block) {
	code := b.Labels[0]
	skip, said := c.truth(b, "skip")
	asError, alsoSaid := c.truth(b, "error")
	if !said && !alsoSaid {
		c.faults.Add(b.Fault("no-severity", "check %q says nothing", code).WithHint("write skip = true, error = true or error = false"))
		return
	}
	severity := severityOf(asError)
	if skip {
		severity = lint.Off
	}
	found := false
	for _, r := range slices.Concat(lint.Rules(), c.customRules()) {
		if r.ID == code || slices.Contains(r.Codes, code) {
			found = true
			if skip || alsoSaid {
				c.Rules.Severities[r.ID] = severity
			}
		}
	}
	switch {
	case found:
	case skip:
		c.Warnings.Add(warning(b.Fault("ignored", "check %q has no effect", code).WithHint("no rule of schemactl's has that code, so there is nothing to skip")))
	default:
		c.faults.Add(b.Fault("unknown-rule", "no rule has the code %q", code).WithHint("docs/rules lists the rules with their codes"))
	}
}

func (c *configuration) customRules() []lint.Rule {
	var out []lint.Rule
	for _, r := range c.Rules.Custom {
		out = append(out, r.Rule())
	}
	return out
}

func warning(d *diag.Diagnostic) *diag.Diagnostic {
	d.Severity = diag.Warning
	return d
}

func severityOf(asError bool) lint.Severity {
	if asError {
		return lint.Error
	}
	return lint.Warning
}

// analyzer reads one of Atlas's analyzers, such as destructive { error = true }: its rules become errors, or warnings.
func (c *configuration) analyzer(b *project.Block) {
	if asError, said := c.truth(b, "error"); said {
		for _, r := range lint.Rules() {
			if r.Class == b.Type && r.Severity != lint.Info {
				c.Rules.Severities[r.ID] = severityOf(asError)
			}
		}
	}
	switch b.Type {
	case "destructive":
		c.destructive(b)
	case "concurrent_index":
		c.concurrentIndex(b)
	case "non_linear":
		if s, ok := c.text(b, "on_edit"); ok {
			c.Rules.Severities[lint.FileEdited] = map[string]lint.Severity{"ignore": lint.Off, "warn": lint.Warning, "error": lint.Error}[s]
		}
	case "incompatible":
		c.dropColumn(b.Select("drop_column"))
	}
}

// destructive reads what may be dropped, and whether comments silence the rules.
func (c *configuration) destructive(b *project.Block) {
	if force, _ := c.truth(b, "force"); force {
		c.Rules.Forced = append(c.Rules.Forced, b.Type)
	}
	for _, allow := range b.Blocks {
		if _, ok := given(allow, "match"); !ok {
			c.faults.Add(allow.Fault("bad-pattern", "%s does not say which names may go", allow.Type).WithHint(`write match = "^drop_"`))
			continue
		}
		if re := c.pattern(allow, "match"); re != nil {
			c.Rules.Allowed = append(c.Rules.Allowed, lint.Allowance{Column: allow.Type == "allow_column", Match: re})
		}
	}
}

// concurrentIndex turns off what the policy does not want to be checked.
func (c *configuration) concurrentIndex(b *project.Block) {
	for _, x := range []struct {
		attr  string
		rules []string
	}{
		{"check_create", []string{"index-not-concurrent", "reindex-not-concurrent"}}, {"check_drop", []string{"drop-index-not-concurrent"}}, {"check_txmode", []string{"concurrent-in-transaction"}},
	} {
		if wanted, said := c.truth(b, x.attr); said && !wanted {
			for _, id := range x.rules {
				c.Rules.Severities[id] = lint.Off
			}
		}
	}
}

// dropColumn gives the finding of a dropped column the project's own advice.
func (c *configuration) dropColumn(b *project.Block) {
	if b == nil {
		return
	}
	a, ok := b.Attrs["message"]
	if !ok {
		c.faults.Add(b.Fault("no-message", "drop_column says nothing").WithHint(`write message = "…"`))
		return
	}
	if _, faults := advice(a.Expr, "t", "c", "s"); len(faults) > 0 {
		c.faults.Add(faults...)
		return
	}
	c.Rules.Advice["drop-column"] = func(act *lint.Act) string {
		text, _ := advice(a.Expr, act.Table.Name, act.Name, act.Table.Schema) // it went well when it was tried
		return text
	}
}

// advice evaluates a message of Atlas's, in which self is a column.
func advice(e *project.Expr, table, column, schema string) (string, diag.List) {
	s := cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(schema)})
	t := cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(table), "schema": s})
	v, faults := e.Value(map[string]cty.Value{"self": cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(column), "table": t})}, nil)
	if len(faults) > 0 {
		return "", faults
	}
	if v.IsNull() || v.Type() != cty.String {
		return "", diag.List{e.Fault("attribute-value", "the message is no string").WithHint(`write it in quotes`)}
	}
	return v.AsString(), nil
}

// naming reads naming { match = "^[a-z]+$" table { … } }.
func (c *configuration) naming(b *project.Block) {
	before := len(c.Rules.Custom)
	asError, _ := c.truth(b, "error")
	message, _ := c.text(b, "message")
	for _, part := range slices.Concat([]*project.Block{b}, b.Blocks) {
		re := c.pattern(part, "match")
		if re == nil {
			if part != b {
				c.faults.Add(part.Fault("bad-pattern", "%s does not say how names look", part.Type).WithHint(`write match = "^[a-z_]+$"`))
			}
			continue
		}
		n := lint.Naming{Match: re, Severity: severityOf(asError)}
		own := ""
		if part == b {
			for _, kind := range b.Blocks {
				n.Except = append(n.Except, kind.Type)
			}
		}
		if part != b {
			n.Kind = part.Type
			own, _ = c.text(part, "message")
			if e, said := c.truth(part, "error"); said {
				n.Severity = severityOf(e)
			}
		}
		n.Message = cmp.Or(own, message, "Choose a name that fits.")
		c.Rules.Custom = append(c.Rules.Custom, n)
	}
	if len(c.Rules.Custom) == before && len(b.Blocks) == 0 && !b.Has("match") {
		c.faults.Add(b.Fault("bad-pattern", "naming does not say how names look").WithHint(`write match = "^[a-z_]+$"`))
	}
}

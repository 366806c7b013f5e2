package review

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/project"
)

// Config reads what the lint block of a project file says of rules. Nil means that there is none.
func Config(b *project.Block) (lint.Config, error) {
	c := lint.Config{Severities: map[string]lint.Severity{}}
	if b == nil {
		return c, nil
	}
	var faults diag.List
	for _, part := range b.Blocks {
		var err *diag.Diagnostic
		switch part.Type {
		case "rule":
			err = ruleSeverity(&c, part)
		case "naming":
			err = naming(&c, part)
		default:
			analyzer(&c, part)
		}
		if err != nil {
			faults.Add(err)
		}
	}
	return c, faults.Err()
}

// ruleSeverity reads rule "id" { severity = "off" }.
func ruleSeverity(c *lint.Config, b *project.Block) *diag.Diagnostic {
	name := b.Labels[0]
	r, ok := lint.Find(name)
	if !ok {
		d := diag.Errorf(b.Pos, "unknown-rule", "there is no rule %q", name)
		if near := diag.Nearest(name, ruleNames()); near != "" {
			return d.WithHint("did you mean %s?", near)
		}
		return d.WithHint("docs/rules lists them")
	}
	if s, ok := text(b, "severity"); ok {
		c.Severities[r.ID] = lint.Severity(s)
	}
	return nil
}

func ruleNames() []string {
	var out []string
	for _, r := range lint.Rules() {
		out = append(out, r.ID)
	}
	return out
}

func text(b *project.Block, name string) (string, bool) {
	a, ok := b.Attrs[name]
	if !ok || a.Value.IsNull() || a.Value.Type() != cty.String {
		return "", false
	}
	return a.Value.AsString(), true
}

func truth(b *project.Block, name string) (value, said bool) {
	a, ok := b.Attrs[name]
	if !ok || a.Value.IsNull() || a.Value.Type() != cty.Bool {
		return false, false
	}
	return a.Value.True(), true
}

// analyzer reads one of Atlas's analyzers, such as destructive { error = true }: its rules become errors, or warnings.
func analyzer(c *lint.Config, b *project.Block) {
	asError, said := truth(b, "error")
	if !said {
		return
	}
	severity := lint.Warning
	if asError {
		severity = lint.Error
	}
	for _, r := range lint.Rules() {
		if _, given := c.Severities[r.ID]; r.Class == b.Type && !given && r.Severity != lint.Info {
			c.Severities[r.ID] = severity
		}
	}
}

// naming reads naming { match = "^[a-z]+$" table { … } }.
func naming(c *lint.Config, b *project.Block) *diag.Diagnostic {
	severity := lint.Warning
	if asError, _ := truth(b, "error"); asError {
		severity = lint.Error
	}
	for _, part := range slices.Concat([]*project.Block{b}, b.Blocks) {
		match, ok := text(part, "match")
		if !ok {
			continue
		}
		re, err := regexp.Compile(match)
		if err != nil {
			return diag.Errorf(part.Attrs["match"].Pos, "bad-pattern", "%q is not a regular expression: %v", match, err)
		}
		message, _ := text(part, "message")
		n := lint.Naming{Match: re, Message: cmp.Or(message, "Choose a name that fits."), Severity: severity}
		if part != b {
			n.Kind = part.Type
		}
		c.Custom = append(c.Custom, n)
	}
	return nil
}

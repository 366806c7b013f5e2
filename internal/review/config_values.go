package review

import (
	"math/big"
	"regexp"

	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/project"
)

// given is an attribute that is there and not null.
func given(b *project.Block, name string) (project.Attr, bool) {
	a, ok := b.Attrs[name]
	return a, ok && !a.Value.IsNull()
}

func (c *configuration) text(b *project.Block, name string) (string, bool) {
	a, ok := given(b, name)
	if !ok {
		return "", false
	}
	if a.Value.Type() != cty.String {
		c.faults.Add(a.Fault("attribute-value", "%s is a %s, not a string", name, a.Value.Type().FriendlyName()).WithHint(`write it in quotes, as in %s = "…"`, name))
		return "", false
	}
	return a.Value.AsString(), true
}

func (c *configuration) truth(b *project.Block, name string) (value, said bool) {
	a, ok := given(b, name)
	if !ok {
		return false, false
	}
	if a.Value.Type() != cty.Bool {
		c.faults.Add(a.Fault("attribute-value", "%s is a %s, not true or false", name, a.Value.Type().FriendlyName()).WithHint("write %s = true or %s = false", name, name))
		return false, false
	}
	return a.Value.True(), true
}

func (c *configuration) count(b *project.Block, name string) int {
	a, ok := given(b, name)
	if !ok {
		return 0
	}
	if a.Value.Type() == cty.Number {
		if n, exact := a.Value.AsBigFloat().Int64(); exact == big.Exact && n >= 0 {
			return int(n)
		}
	}
	c.faults.Add(a.Fault("attribute-value", "%s is no number of files", name).WithHint("write %s = 1", name))
	return 0
}

func (c *configuration) pattern(b *project.Block, name string) *regexp.Regexp {
	text, ok := c.text(b, name)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		c.faults.Add(b.Attrs[name].Fault("bad-pattern", "%q is not a regular expression: %v", text, err).WithHint("patterns are those of Go: https://pkg.go.dev/regexp/syntax"))
	}
	return re
}

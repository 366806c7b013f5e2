package hcl

import (
	"bytes"
	"fmt"
	"strings"
)

// Manual writes the reference of a vocabulary as Markdown: every block with its attributes, in the vocabulary's order.
func Manual(v Vocabulary) []byte {
	var b bytes.Buffer
	_, _ = fmt.Fprintf(&b, "# HCL of %s\n\nGenerated from the program. [hcl.md](hcl.md) tells of the language itself.\n", v.Dialect)
	for _, s := range v.Blocks {
		manualBlock(&b, s, "")
	}
	return b.Bytes()
}

func manualBlock(b *bytes.Buffer, s *BlockSpec, in string) {
	path := strings.TrimPrefix(in+"."+s.Type, ".")
	_, _ = fmt.Fprintf(b, "\n## %s\n\n`%s%s { … }`", path, s.Type, labelForms(s.Labels))
	if s.Doc != "" {
		_, _ = fmt.Fprintf(b, " declares %s", s.Doc)
	}
	if s.Single {
		b.WriteString("; at most one")
	}
	b.WriteString(".\n")
	if len(s.Attrs) > 0 {
		b.WriteString("\n| attribute | takes | |\n| --- | --- | --- |\n")
		for _, a := range s.Attrs {
			doc := a.Doc
			if a.Required {
				doc = strings.TrimPrefix(doc+"; required", "; ")
			}
			_, _ = fmt.Fprintf(b, "| `%s` | %s | %s |\n", a.Name, cell(a.takes()), cell(doc))
		}
	}
	if s.Any != 0 {
		_, _ = fmt.Fprintf(b, "\nAttributes of any name; each takes %s.\n", s.Any)
	}
	for _, n := range s.Blocks {
		manualBlock(b, n, path)
	}
}

func labelForms(l Labels) string {
	switch l {
	case OptionalLabel:
		return ` ["name"]`
	case OneLabel:
		return ` "name"`
	case Qualified:
		return ` ["schema"] "name"`
	}
	return ""
}

// takes says what values an attribute has.
func (a AttrSpec) takes() string {
	var out string
	switch {
	case len(a.Words) > 0:
		out = "`" + strings.Join(a.Words, "` `") + "`"
	case len(a.Refs) > 0 && a.Takes == Reference:
		out = "`" + strings.Join(a.Refs, "` `") + "`"
	default:
		out = a.Takes.String()
	}
	if a.List {
		return "a list of: " + out
	}
	return out
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", `\|`), "\n", " ")
}

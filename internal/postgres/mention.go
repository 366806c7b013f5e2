package postgres

import (
	"strings"
	"unicode"

	"github.com/schemactl/schemactl/internal/object"
)

// mentioning is implemented by the values that hold a text in which objects are named without the server's knowing:
// the server records no dependencies of function bodies that are strings.
type mentioning interface {
	mentionText() string
}

// findMentions notes which objects those texts name. A false find does no harm: mentions only prefer an order.
func findMentions(objects []*object.Object) {
	byName := map[string][]object.ID{}
	for _, o := range objects {
		switch id := o.ID; id.Kind {
		case "table", "view", "materialized", "foreign_table", "sequence", "enum", "domain", "composite", "range":
			byName[strings.ToLower(id.Name)] = append(byName[strings.ToLower(id.Name)], id)
		case "function", "procedure", "aggregate":
			name, _, _ := strings.Cut(id.Name, "(")
			byName[strings.ToLower(name)] = append(byName[strings.ToLower(name)], id)
		}
	}
	for _, o := range objects {
		m, ok := o.Value.(mentioning)
		if !ok {
			continue
		}
		seen := map[string]bool{}
		for _, word := range strings.FieldsFunc(m.mentionText(), notInName) {
			word = strings.ToLower(word)
			if !seen[word] {
				seen[word] = true
				o.Mentions = append(o.Mentions, byName[word]...)
			}
		}
	}
}

func notInName(r rune) bool {
	return r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

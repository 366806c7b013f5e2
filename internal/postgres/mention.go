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

// mentionedIn is the text of an object in which others may be named without the server's knowing.
func mentionedIn(o *object.Object) string {
	if m, ok := o.Value.(mentioning); ok {
		return m.mentionText()
	}
	return ""
}

// declaredText is the text of a declared object in which others may be named. The server has not read it yet, so that
// nothing else tells what the object needs.
func declaredText(o *object.Object) string {
	switch v := o.Value.(type) {
	case *Routine:
		return v.mentionText() + " " + v.SQLBody + " " + argList(v.Args)
	case *View:
		return v.Query
	case *Materialized:
		return v.Query
	case *Trigger:
		return v.When + " " + v.Function
	case *Rule:
		return v.Def
	case *Policy:
		return v.Using + " " + v.Check
	case *Default:
		return v.Expr
	case *Constraint:
		return v.Expr
	case *Column:
		return v.Generated
	case *Index:
		return v.Def
	case *EventTrigger:
		return v.Function
	}
	return mentionedIn(o)
}

// findMentions notes which objects the texts name. A false find does no harm: mentions only prefer an order.
func findMentions(objects []*object.Object, text func(*object.Object) string) {
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
		seen := map[string]bool{}
		for _, word := range strings.FieldsFunc(text(o), notInName) {
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

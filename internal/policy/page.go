package policy

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

// Page is the manual of the objects that rules see, as Markdown.
func Page() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# What rules of the project see

[Rules of your own](lint.md#rules-of-your-own) are asked of each action of each statement: a clause of ALTER TABLE, a CREATE INDEX, one
table of DROP TABLE. This is version %q of what they see: attributes may be added to it; where one changes its meaning
or goes, the version changes.

What there is not, or nobody knows, is null; texts are never empty, and lists are never null.

## The values

| name | is | |
| --- | --- | --- |
`, Format)
	t := reflect.TypeOf(subject{})
	rows(&b, t)
	for _, o := range objectsOf(t) {
		fmt.Fprintf(&b, "\n## %s\n\n| attribute | is | |\n| --- | --- | --- |\n", title(o.Name()))
		rows(&b, o)
	}
	fmt.Fprintf(&b, `
## Verbs

A verb that is in this list can be named in on = […]. Where a dialect has no such thing, it has no such action; other is a
statement of which nothing is known.

%s
## As JSON

A program gets a unit whole, with each action as above:

%s
`, verbList(), "```json\n"+documentSketch+"```")
	return b.Bytes()
}

const documentSketch = `{
  "format": "` + Format + `",
  "unit": {"name": "2_users.sql", "version": "2", "transaction": true},
  "dialect": "postgres",
  "server": {"flavor": "postgres", "version": "18.4.0", "major": 18, "minor": 4, "patch": 0},
  "statements": [
    {
      "number": 1, "sql": "ALTER TABLE users ADD COLUMN name text", "comments": [], "file": "migrations/2_users.sql", "line": 1,
      "transaction": 1, "bounded": false,
      "actions": [
        {
          "verb": "add_column", "action": {…}, "table": {…}, "column": {…}, "column_before": null, "index": null,
          "constraint": null, "facts": {…}
        }
      ]
    }
  ]
}
`

func rows(b *bytes.Buffer, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Tag.Get("cty"), typeName(f.Type), f.Tag.Get("doc"))
	}
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		return "list of " + typeName(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "truth"
	case reflect.Struct:
		return fmt.Sprintf("[%s](#%s)", title(t.Name()), title(t.Name()))
	}
	return "number"
}

// title is what an object is called in the manual.
func title(name string) string {
	if name == "constrain" {
		return "constraint"
	}
	return name
}

// objectsOf are the objects within one, each once, as they come.
func objectsOf(t reflect.Type) []reflect.Type {
	var out []reflect.Type
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i).Type
			for f.Kind() == reflect.Pointer || f.Kind() == reflect.Slice {
				f = f.Elem()
			}
			if f.Kind() == reflect.Struct && !slices.Contains(out, f) {
				out = append(out, f)
				walk(f)
			}
		}
	}
	walk(t)
	return out
}

func verbList() string {
	var words []string
	for _, v := range safety.Verbs() {
		words = append(words, "`"+v.Word()+"`")
	}
	var b strings.Builder
	line := 0
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		}
		if line+len(w) > 120 {
			b.WriteString("\n")
			line = 0
		} else if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString(w)
		line += len(w) + 1
	}
	return b.String() + "\n"
}

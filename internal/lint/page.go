package lint

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Page is the manual page of the rule, as Markdown.
func (r Rule) Page() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n", r.ID, r.Short)
	fmt.Fprintf(&b, "| | |\n| --- | --- |\n| severity | %s |\n| class | %s |\n| databases | %s |\n", r.Severity, r.Class, r.databases())
	if len(r.Codes) > 0 {
		fmt.Fprintf(&b, "| also known as | %s |\n", strings.Join(r.Codes, ", "))
	}
	fmt.Fprintf(&b, "\n## Why\n\n%s\n\n## What to do\n\n%s\n", r.Why, r.Fix)
	if r.Bad != "" {
		fmt.Fprintf(&b, "\n## Example\n\nRaised by:\n\n```sql\n%s\n```\n", statementLines(r.Bad))
	}
	if r.Good != "" {
		fmt.Fprintf(&b, "\nNot raised by:\n\n```sql\n%s\n```\n", statementLines(r.Good))
	}
	if r.MySQL.Bad != "" {
		fmt.Fprintf(&b, "\nOn MySQL and MariaDB, raised by:\n\n```sql\n%s\n```\n", statementLines(r.MySQL.Bad))
	}
	if r.MySQL.Good != "" {
		fmt.Fprintf(&b, "\nOn MySQL and MariaDB, not raised by:\n\n```sql\n%s\n```\n", statementLines(r.MySQL.Good))
	}
	fmt.Fprintf(&b, `
## To silence it

Above the statement, or at the top of a file before a blank line for all of it:

`+"```sql\n-- schemactl:ignore %s the reason\n```"+`

In atlas.hcl, for all files:

`+"```hcl\nlint {\n  rule \"%s\" {\n    severity = \"off\" # or error, warning, info\n  }\n}\n```\n", r.ID, r.ID)
	return b.Bytes()
}

func statementLines(sql string) string {
	return strings.ReplaceAll(sql, "; ", ";\n") + ";"
}

func (r Rule) databases() string {
	names := map[string]string{pg: "PostgreSQL", my: "MySQL, MariaDB"}
	if len(r.Dialects) == 0 {
		return "PostgreSQL, MySQL, MariaDB"
	}
	var out []string
	for _, d := range r.Dialects {
		out = append(out, names[d])
	}
	return strings.Join(out, ", ")
}

// Index is the list of all rules, as Markdown.
func Index() []byte {
	rules := Rules()
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The rules of lint\n\n| rule | severity | databases | raised when |\n| --- | --- | --- | --- |\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s |\n", r.ID, r.ID, r.Severity, r.databases(), r.Short)
	}
	return b.Bytes()
}

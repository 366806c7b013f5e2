package render

import (
	"strings"

	"github.com/schemactl/schemactl/internal/visible"
)

// cell is a text on one line in which Markdown finds nothing of its own, in a table or outside: CommonMark lets a
// backslash take the meaning from any punctuation; the bar of tables, which is looked for before anything else, becomes an
// entity. Nobody is notified by a name that begins with @.
func cell(s string) string {
	var b strings.Builder
	s = strings.Trim(onLine(s), " ")
	for i, r := range s {
		switch {
		case r == '|':
			b.WriteString("&#124;")
		case r == '@':
			b.WriteString("@\u200b")
		case strings.ContainsRune("\\`*_{}[]<>&~#!", r), r == ':' && strings.HasPrefix(s[i:], "://"), i == 0 && strings.ContainsRune("+-=", r):
			b.WriteString(`\` + string(r))
		case r == '.' && (orderedList(s[:i]) || strings.HasSuffix(s[:i], "www")), r == ')' && orderedList(s[:i]):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// onLine is a text on one line: with spaces for line breaks and all else made visible.
func onLine(s string) string {
	return visible.Line(strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(s))
}

// orderedList reports whether a text is a number, which with a dot behind it begins a list.
func orderedList(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// code is a text as code on one line, in a table or outside.
func code(s string) string {
	s = strings.Trim(onLine(s), " ")
	if strings.Contains(s, "|") {
		return "<code>" + cell(s) + "</code>" // between backticks nothing takes the meaning from a bar safely
	}
	ticks := longerThanAny(s, "`")
	if len(ticks) > 1 || strings.Trim(s, " ") != s || s == "" {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

// fenced is a block of code within a fence that nothing in it ends.
func fenced(language, text string) string {
	if text == "" {
		return ""
	}
	text = visible.Text(text)
	fence := longerThanAny(text, "```")
	return fence + language + "\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}

// longerThanAny is a row of backticks that stands nowhere in a text.
func longerThanAny(text, ticks string) string {
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	return ticks
}

// fold hides a text below a title.
func fold(title, text string) string {
	return "<details><summary>" + htmlText(title) + "</summary>\n\n" + strings.TrimRight(text, "\n") + "\n\n</details>\n"
}

// htmlText is a text within an element of HTML in Markdown.
func htmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "@", "@\u200b").Replace(onLine(s))
}

// quotedWord is a text in the quotes of Mermaid, which knows no escapes: what could end them, begin HTML or be taken for
// a directive gives way to what looks like it.
func quotedWord(s string) string {
	return `"` + strings.NewReplacer(`"`, "'", "`", "'", "<", "‹", ">", "›", "%%", "% %").Replace(onLine(s)) + `"`
}

// plainWords makes one word of letters, digits, underscores and brackets, as Mermaid has types and names of columns.
func plainWords(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("_-()[]", r):
			return r
		}
		return '_'
	}, s)
	if s == "" || s[0] < 'A' || s[0] == '_' || s[0] == '[' {
		return "x" + s
	}
	return s
}

package mysql

import (
	"regexp"
	"strings"
)

// changes marks bodies that information_schema may tell otherwise than they were written: it reads the strings in them,
// drops their character sets and what utf8mb3 cannot hold, and puts what it read there without its quotes' escapes.
var changes = regexp.MustCompile(`['"\\?]|0[xXbB]|[^\x00-\x7F]`)

func maybeChanged(body string) bool { return changes.MatchString(body) }

// behind finds what follows some words in the definition of a program, outside strings, names and comments.
func behind(text string, words ...string) (rest string, ok bool) {
	seen := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' || c == '"' || c == '`':
			i, seen = tokenEnd(text, i), 0
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i:], "*/")
			if end < 0 {
				return "", false
			}
			i += end + 2
		case isNameByte(c):
			start := i
			for i < len(text) && isNameByte(text[i]) {
				i++
			}
			if !strings.EqualFold(text[start:i], words[seen]) {
				seen = 0
			} else if seen++; seen == len(words) {
				return strings.TrimLeft(text[i:], " \t\r\n"), true
			}
		default:
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
				seen = 0
			}
			i++
		}
	}
	return "", false
}

// body is the body of a trigger or an event as it was written: that of its definition, where the catalog may tell
// another.
func (b *builder) body(kind, definition, told string) (body string, ok bool) {
	if !maybeChanged(told) {
		return withoutEnd(told), true
	}
	words := []string{"DO"}
	if kind == "trigger" {
		words = []string{"FOR", "EACH", "ROW"}
	}
	body, ok = behind(definition, words...)
	return withoutEnd(body), ok
}

// withoutEnd takes off what ended a statement, which MySQL keeps where several came in one text.
func withoutEnd(body string) string { return strings.TrimRight(body, "; \t\r\n") }

package postgres

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// sqlTokens cuts SQL as the server spells it into words, literals and operators. A quoted identifier becomes the bare
// name where that means the same to a reader of tokens: sqlTokens(`"id"`) equals sqlTokens(`id`).
func sqlTokens(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case unicode.IsSpace(rune(c)):
			i++
		case c == '"' || c == '\'':
			end := quotedEnd(text, i)
			token := text[i:end]
			if c == '"' {
				token = unquoteIdent(token)
			}
			out = append(out, token)
			i = end
		case wordByte(c):
			start := i
			for i < len(text) && wordByte(text[i]) {
				i++
			}
			out = append(out, text[start:i])
		default:
			out = append(out, text[i:i+1])
			i++
		}
	}
	return out
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quotedEnd is where a quoted piece that starts at i ends; a doubled quote does not end it.
func quotedEnd(text string, i int) int {
	q := text[i]
	for j := i + 1; j < len(text); j++ {
		if text[j] != q {
			continue
		}
		if j+1 < len(text) && text[j+1] == q {
			j++
			continue
		}
		return j + 1
	}
	return len(text)
}

// sameSQL reports whether two spellings differ only in quotes, parentheses, spaces and the schema of built-in names.
// It is for texts whose expressions are known to be equal: it only has to notice a clause that one of them lacks.
func sameSQL(a, b string) bool { return slices.Equal(clauses(a), clauses(b)) }

func clauses(text string) []string {
	var out []string
	tokens := sqlTokens(text)
	for i := 0; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t == "(" || t == ")":
		case t == "pg_catalog" && i+1 < len(tokens) && tokens[i+1] == ".":
			i++
		case simpleLiteral.MatchString(t):
			out = append(out, strings.Trim(t, "'"))
		default:
			out = append(out, t)
		}
	}
	return out
}

// simpleLiteral matches values that the server writes without quotes in lists of storage parameters, and with them
// elsewhere.
var simpleLiteral = regexp.MustCompile(`^'[a-z0-9_.]+'$`)

// splitTop cuts at a separator outside of quotes and brackets, and trims the pieces.
func splitTop(text string, sep string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"' || c == '\'':
			i = quotedEnd(text, i)
			continue
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], sep):
			out = append(out, strings.TrimSpace(text[start:i]))
			i += len(sep)
			start = i
			continue
		}
		i++
	}
	return append(out, strings.TrimSpace(text[start:]))
}

// bracketed returns what stands between the parenthesis that text begins with and its counterpart, and what follows.
func bracketed(text string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(text, "(") {
		return "", text, false
	}
	depth := 0
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '"', '\'':
			i = quotedEnd(text, i)
			continue
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[1:i], strings.TrimSpace(text[i+1:]), true
			}
		}
		i++
	}
	return "", text, false
}

// unwrapped takes off the parentheses around a whole expression.
func unwrapped(expr string) string {
	for {
		inside, rest, ok := bracketed(expr)
		if !ok || rest != "" {
			return expr
		}
		expr = inside
	}
}

// wrapped puts an expression into the parentheses that the grammar asks for around all but function calls
// (PostgreSQL manual, "CREATE INDEX").
func wrapped(expr string) string {
	expr = strings.TrimSpace(expr)
	if inside, rest, ok := bracketed(expr); ok && rest == "" && inside != "" {
		return expr
	}
	if _, rest, ok := takeIdent(expr); ok {
		for strings.HasPrefix(rest, ".") {
			if _, rest, ok = takeIdent(rest[1:]); !ok {
				return "(" + expr + ")"
			}
		}
		if _, after, ok := bracketed(rest); ok && after == "" {
			return expr
		}
	}
	return "(" + expr + ")"
}

// takeIdent reads an identifier, quoted or not, at the start of text.
func takeIdent(text string) (name, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		end := quotedEnd(text, 0)
		return unquoteIdent(text[:end]), strings.TrimSpace(text[end:]), true
	}
	end := 0
	for end < len(text) && wordByte(text[end]) {
		end++
	}
	if end == 0 || text[0] >= '0' && text[0] <= '9' || text[0] == '$' {
		return "", text, false
	}
	return text[:end], strings.TrimSpace(text[end:]), true
}

// wholeIdent reads text that is one identifier and nothing else.
func wholeIdent(text string) (string, bool) {
	name, rest, ok := takeIdent(text)
	return name, ok && rest == ""
}

// unquoteIdent takes the quotes off an identifier.
func unquoteIdent(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
	}
	return s
}

// splitQualified reads schema.name, quoted or not.
func splitQualified(text string) (schema, name string, ok bool) {
	first, rest, ok := takeIdent(text)
	if !ok || rest == "" {
		return "", first, ok
	}
	if !strings.HasPrefix(rest, ".") {
		return "", "", false
	}
	name, rest, ok = takeIdent(rest[1:])
	return first, name, ok && rest == ""
}

// generatedName is the name that the server makes up for a constraint, an index or a sequence: the parts joined by
// underscores, the longer one cut until 63 bytes are enough (src/backend/commands/indexcmds.c, makeObjectName).
func generatedName(table, column, label string) string {
	const most = 63
	over := len(label) + 1
	if column != "" {
		over++
	}
	a, b := len(table), len(column)
	for a+b > most-over {
		if a > b {
			a--
		} else {
			b--
		}
	}
	name := strings.ToValidUTF8(table[:a], "")
	if column != "" {
		name += "_" + strings.ToValidUTF8(column[:b], "")
	}
	return name + "_" + label
}

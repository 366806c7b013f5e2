package kind

import "strings"

// The sorts of tokens that the comparison of two spellings tells apart.
const (
	nameToken = iota
	stringToken
	otherToken
)

// token is a piece of a text as a server spells it.
type token struct {
	kind       int
	text       string // without quotes
	quote      byte   // of a quoted name
	start, end int    // in the text
}

// is reports whether the token is that keyword: a name that needs no quotes.
func (t token) is(word string) bool {
	return t.kind == nameToken && t.quote == 0 && strings.EqualFold(t.text, word)
}

func (t token) isAny(words ...string) bool {
	for _, w := range words {
		if t.is(w) {
			return true
		}
	}
	return false
}

// spell quotes another name like this one; what needs quotes gets them.
func (t token) spell(name string) string {
	if t.quote == 0 && plainWord(name) {
		return name
	}
	q := t.quote
	if q == 0 {
		q = '"'
	}
	s := string(q)
	return s + strings.ReplaceAll(name, s, s+s) + s
}

// plainWord reports whether a name can stand without quotes, keywords aside.
func plainWord(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// tokenize cuts a text into names, strings and single characters, without white space.
func tokenize(text string) []token {
	var out []token
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
			continue
		case c == '"' || c == '`':
			content, end := quoted(text, i)
			out = append(out, token{nameToken, content, c, start, end})
			i = end
		case c == '\'':
			content, end := quoted(text, i)
			out = append(out, token{stringToken, content, 0, start, end})
			i = end
		case isWord(c):
			for i < len(text) && isWord(text[i]) {
				i++
			}
			kind := nameToken
			if c >= '0' && c <= '9' {
				kind = otherToken
			}
			out = append(out, token{kind, text[start:i], 0, start, i})
		default:
			i++
			out = append(out, token{otherToken, text[start:i], 0, start, i})
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// quoted reads what stands in quotes from i on, in which a doubled quote stands for one.
func quoted(text string, i int) (content string, end int) {
	q := text[i]
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] != q {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == q {
			b.WriteByte(q)
			i++
			continue
		}
		return b.String(), i + 1
	}
	return b.String(), len(text)
}

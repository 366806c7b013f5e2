package statement

import "strings"

// Kind tells the pieces of a statement apart.
type Kind byte

// The kinds of tokens.
const (
	End    Kind = iota // after the last token
	Plain              // a word that is not quoted, in lower case
	Quoted             // a name in quotes, without them
	String             // a string, without its quotes
	Number
	Mark // one character, or :: and the like
)

// Token is a piece of a statement, and where it stands in the text.
type Token struct {
	Kind       Kind
	Text       string
	Start, End int // bytes of the text
}

// Is reports whether the token is one of these plain words or marks.
func (t Token) Is(words ...string) bool {
	if t.Kind != Plain && t.Kind != Mark {
		return false
	}
	for _, w := range words {
		if t.Text == w {
			return true
		}
	}
	return false
}

// Name reports whether the token can be a name.
func (t Token) Name() bool { return t.Kind == Plain || t.Kind == Quoted }

// Flavour tells the lexers of the dialects apart.
type Flavour struct {
	MySQL      bool // backticks, backslashes in strings, # comments, /*! … */ is SQL; else PostgreSQL
	AnsiQuotes bool // of MySQL: "x" is a name
}

// Tokens cuts a statement into its pieces, without white space and comments. Text that no server would take gives some
// tokens, never a fault.
func Tokens(sql string, f Flavour) []Token {
	l := &lexer{text: sql, Flavour: f}
	var out []Token
	for l.gap(); l.pos < len(sql); l.gap() {
		start := l.pos
		k, text := l.next()
		out = append(out, Token{Kind: k, Text: text, Start: start, End: l.pos})
	}
	return out
}

type lexer struct {
	Flavour
	text string
	pos  int
}

func (l *lexer) rest() string { return l.text[l.pos:] }

// gap passes over white space and comments.
func (l *lexer) gap() {
	for l.pos < len(l.text) {
		rest := l.rest()
		switch {
		case strings.ContainsRune(" \t\r\n\f\v", rune(rest[0])):
			l.pos++
		case strings.HasPrefix(rest, "--"), l.MySQL && rest[0] == '#':
			l.pos += lineEnd(rest)
		case l.MySQL && (strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!")):
			inner := rest[strings.IndexByte(rest, '!')+1:]
			l.pos = len(l.text) - len(strings.TrimLeft(inner, "0123456789"))
		case l.MySQL && strings.HasPrefix(rest, "*/"):
			l.pos += 2
		case strings.HasPrefix(rest, "/*"):
			l.pos = len(l.text) - len(skipComment(rest))
		default:
			return
		}
	}
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i + 1
	}
	return len(s)
}

func (l *lexer) next() (Kind, string) {
	rest := l.rest()
	c := rest[0]
	switch {
	case c == '\'', l.MySQL && c == '"' && !l.AnsiQuotes:
		return String, l.quoted(c, l.MySQL)
	case c == '"', l.MySQL && c == '`':
		return Quoted, l.quoted(c, false)
	case !l.MySQL && (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		l.pos++
		return String, l.quoted('\'', true)
	case !l.MySQL && c == '$':
		if text, ok := l.dollar(); ok {
			return String, text
		}
	case '0' <= c && c <= '9':
		return Number, l.take(func(r byte) bool { return r == '.' || isWord(rune(r)) })
	case isWord(rune(c)):
		return Plain, strings.ToLower(l.take(inWord))
	}
	return l.mark()
}

func (l *lexer) mark() (Kind, string) {
	rest := l.rest()
	c := rest[0]
	for _, m := range []string{"::", "<=", ">=", "<>", "!=", "||", "->>", "->"} {
		if strings.HasPrefix(rest, m) {
			l.pos += len(m)
			return Mark, m
		}
	}
	if c >= 0x80 {
		return Plain, strings.ToLower(l.take(inWord))
	}
	l.pos++
	return Mark, rest[:1]
}

func inWord(b byte) bool { return b >= 0x80 || isWord(rune(b)) }

func (l *lexer) take(in func(byte) bool) string {
	start := l.pos
	for l.pos < len(l.text) && in(l.text[l.pos]) {
		l.pos++
	}
	return l.text[start:l.pos]
}

// quoted reads a name or a string; a doubled quote stands for one.
func (l *lexer) quoted(q byte, backslash bool) string {
	var b strings.Builder
	for l.pos++; l.pos < len(l.text); l.pos++ {
		c, more := l.text[l.pos], l.pos+1 < len(l.text)
		switch {
		case backslash && c == '\\' && more:
			l.pos++
			c = l.text[l.pos]
		case c == q && more && l.text[l.pos+1] == q:
			l.pos++
		case c == q:
			l.pos++
			return b.String()
		}
		b.WriteByte(c)
	}
	return b.String()
}

// dollar reads $tag$ … $tag$.
func (l *lexer) dollar() (string, bool) {
	rest := l.rest()
	end := strings.IndexByte(rest[1:], '$')
	if end < 0 || strings.ContainsFunc(rest[1:end+1], func(r rune) bool { return !isWord(r) || r == '$' }) {
		return "", false
	}
	tag := rest[:end+2]
	if len(tag) > 2 && '0' <= tag[1] && tag[1] <= '9' {
		return "", false // a parameter
	}
	body, _, found := strings.Cut(rest[len(tag):], tag)
	if !found {
		l.pos = len(l.text)
		return body, true
	}
	l.pos += 2*len(tag) + len(body)
	return body, true
}

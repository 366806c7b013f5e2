package statement

import "strings"

// Cursor goes through the tokens of a statement. It passes over what nobody asks for, and never fails.
type Cursor struct {
	Text   string
	Tokens []Token
	Pos    int // the next token
}

// NewCursor stands before the first token of a statement, whose end mark is left out.
func NewCursor(sql string, f Flavour) Cursor {
	c := Cursor{Text: sql, Tokens: Tokens(sql, f)}
	for n := len(c.Tokens); n > 0 && c.Tokens[n-1].Is(";"); n-- {
		c.Tokens = c.Tokens[:n-1]
	}
	return c
}

// Peek is the next token.
func (c *Cursor) Peek() Token { return c.PeekAt(0) }

// PeekAt is the token n after the next one; behind the last one it has the kind End.
func (c *Cursor) PeekAt(n int) Token {
	if i := c.Pos + n; i >= 0 && i < len(c.Tokens) {
		return c.Tokens[i]
	}
	return Token{Start: len(c.Text), End: len(c.Text)}
}

// Done reports whether no token is left.
func (c *Cursor) Done() bool { return c.Pos >= len(c.Tokens) }

// Next goes past a token.
func (c *Cursor) Next() Token {
	t := c.Peek()
	c.Pos++
	return t
}

// Take goes past the words if they all come next.
func (c *Cursor) Take(words ...string) bool {
	for i, w := range words {
		if !c.PeekAt(i).Is(w) {
			return false
		}
	}
	c.Pos += len(words)
	return true
}

// TakeAny goes past one of the words and returns it.
func (c *Cursor) TakeAny(words ...string) string {
	if t := c.Peek(); t.Is(words...) {
		c.Pos++
		return t.Text
	}
	return ""
}

// Group goes past a parenthesis or bracket and all within it, and returns the text within.
func (c *Cursor) Group() string {
	if !c.Peek().Is("(", "[") {
		return ""
	}
	start := c.Next().End
	for depth := 1; !c.Done(); {
		switch t := c.Next(); {
		case t.Is("(", "["):
			depth++
		case t.Is(")", "]"):
			if depth--; depth == 0 {
				return strings.TrimSpace(c.Text[start:t.Start])
			}
		}
	}
	return strings.TrimSpace(c.Text[start:])
}

// Until goes up to one of the words or marks, outside of parentheses, and returns the text up to there.
func (c *Cursor) Until(words ...string) string {
	start := c.Peek().Start
	end := start
	for !c.Done() && !c.Peek().Is(words...) {
		if c.Peek().Is("(", "[") {
			c.Group()
		} else {
			c.Next()
		}
		end = c.Tokens[min(c.Pos, len(c.Tokens))-1].End
	}
	return strings.TrimSpace(c.Text[start:max(start, end)])
}

// Rest goes to the end and returns the text up to there.
func (c *Cursor) Rest() string { return c.Until() }

// Source is how a token was written.
func (c *Cursor) Source(t Token) string { return c.Text[t.Start:t.End] }

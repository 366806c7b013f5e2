package statement

import (
	"slices"
	"strings"
)

// Parameter is a place in a statement where a program puts a value: ?, :name, @name, %s, %(name)s and sqlc.arg(name). Those
// of the server's own, such as $1, are not among them.
type Parameter struct {
	Start, End int    // bytes of the text
	Name       string // parameters of one name have one value; empty: a value of its own
	// All names the table of sqlc.embed(table), which stands for its columns.
	All string
}

// Parameters finds the parameters of a statement.
func Parameters(sql string, f Flavour) []Parameter {
	p := &parameters{Cursor: NewCursor(sql, f), mysql: f.MySQL}
	p.numbered = !f.MySQL && slices.ContainsFunc(p.Tokens, func(t Token) bool { return t.Is("$") })
	for !p.Done() {
		start := p.Peek().Start
		if found, ok := p.parameter(); ok {
			found.Start, found.End = start, p.Tokens[p.Pos-1].End
			p.out = append(p.out, found)
			continue
		}
		t := p.Next()
		switch {
		case t.Is("["):
			p.brackets++
		case t.Is("]"):
			p.brackets--
		}
	}
	return p.out
}

type parameters struct {
	Cursor
	mysql    bool
	numbered bool // the statement has $1, so that other marks are operators
	brackets int
	out      []Parameter
}

// parameter goes past one, if it comes next.
func (p *parameters) parameter() (Parameter, bool) {
	t, next := p.Peek(), p.PeekAt(1)
	adjacent := next.Start == t.End
	switch {
	case t.Is("sqlc") && next.Is("."):
		return p.sqlc()
	case p.numbered:
		return Parameter{}, false
	case t.Is("?") && !p.isOperator():
		p.Pos++
		return Parameter{}, true
	case t.Is(":") && adjacent && next.Kind == Plain && p.brackets == 0 && !p.glued(":"):
		return p.named()
	case t.Is("@") && adjacent && next.Kind == Plain && !p.glued(p.beforeAt()) && !p.assigned():
		return p.named()
	case t.Is("%") && adjacent && !p.afterOperand():
		return p.python()
	}
	return Parameter{}, false
}

func (p *parameters) named() (Parameter, bool) {
	p.Pos += 2
	return Parameter{Name: p.Tokens[p.Pos-1].Text}, true
}

// sqlc reads a macro of sqlc: arg, narg and slice are values, embed stands for columns.
func (p *parameters) sqlc() (Parameter, bool) {
	macro, arg := p.PeekAt(2), p.PeekAt(4)
	if !p.PeekAt(3).Is("(") || !p.PeekAt(5).Is(")") {
		return Parameter{}, false
	}
	switch {
	case macro.Is("arg", "narg", "slice"):
		p.Pos += 6
		return Parameter{Name: strings.ToLower(arg.Text)}, true
	case macro.Is("embed"):
		p.Pos += 6
		return Parameter{All: p.Source(arg)}, true
	}
	return Parameter{}, false
}

// python reads %s and %(name)s.
func (p *parameters) python() (Parameter, bool) {
	if p.PeekAt(1).Is("s") {
		p.Pos += 2
		return Parameter{}, true
	}
	if p.PeekAt(1).Is("(") && p.PeekAt(2).Name() && p.PeekAt(3).Is(")") && p.PeekAt(4).Is("s") {
		name := p.PeekAt(2).Text
		p.Pos += 5
		return Parameter{Name: name}, true
	}
	return Parameter{}, false
}

// glued reports whether the mark is a part of an operator that begins before it, with one of the characters.
func (p *parameters) glued(characters string) bool {
	last, t := p.PeekAt(-1), p.Peek()
	return p.Pos > 0 && last.Kind == Mark && last.End == t.Start && strings.Contains(characters, last.Text[len(last.Text)-1:])
}

// beforeAt are the characters that stand before @ in operators: @@ of MySQL, and PostgreSQL's <@ and the like.
func (p *parameters) beforeAt() string {
	if p.mysql {
		return "@"
	}
	return "<>@#&|!~*+-/%^?"
}

// assigned reports whether a variable of MySQL gets a value: @x := 1.
func (p *parameters) assigned() bool {
	return p.PeekAt(2).Is(":") && p.PeekAt(3).Is("=") || p.PeekAt(1).Text == "@"
}

// isOperator reports whether a question mark is one of PostgreSQL's operators for JSON: ?, ?| and ?&.
func (p *parameters) isOperator() bool {
	if p.mysql {
		return false
	}
	t, next := p.Peek(), p.PeekAt(1)
	if next.Start == t.End && next.Is("|", "&", "?") {
		return true
	}
	return p.glued("@?") || p.afterOperand()
}

// afterOperand reports whether a value ends before, so that an operator must follow.
func (p *parameters) afterOperand() bool {
	if p.Pos == 0 {
		return false
	}
	last := p.PeekAt(-1)
	if n := len(p.out); n > 0 && p.out[n-1].End == last.End {
		return true
	}
	switch last.Kind {
	case Quoted, String, Number:
		return true
	case Plain:
		return !slices.Contains(beforeValues(), last.Text)
	}
	return last.Is(")", "]")
}

// beforeValues are the key words that a value may follow.
func beforeValues() []string {
	return []string{"select", "where", "and", "or", "not", "limit", "offset", "in", "like", "ilike", "rlike", "regexp", "between", "then",
		"else", "when", "case", "set", "values", "on", "having", "by", "any", "all", "some", "interval", "returning", "is", "from", "as",
		"distinct", "first", "next", "escape", "div", "mod", "xor", "to", "similar", "using", "over", "union", "date", "time", "timestamp", "binary"}
}

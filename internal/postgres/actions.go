package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

// Actions tells what a statement does, as far as its text says: clause by clause, table by table. What it does not know
// is an action of verb Other (PostgreSQL manual, "SQL Commands").
func (Dialect) Actions(sql string) []safety.Action {
	r := &reader{text: sql, tokens: statement.Tokens(sql, statement.Flavour{})}
	if n := len(r.tokens); n > 0 && r.tokens[n-1].Is(";") {
		r.tokens = r.tokens[:n-1]
	}
	r.statement()
	return r.out
}

// reader is at work on one statement. It reads what it knows and passes over the rest; it never fails.
type reader struct {
	text   string
	tokens []statement.Token
	pos    int
	out    []safety.Action
}

func (r *reader) peek() statement.Token { return r.peekAt(0) }

func (r *reader) peekAt(n int) statement.Token {
	if i := r.pos + n; i >= 0 && i < len(r.tokens) {
		return r.tokens[r.pos+n]
	}
	return statement.Token{Start: len(r.text), End: len(r.text)}
}

func (r *reader) done() bool { return r.pos >= len(r.tokens) }

func (r *reader) next() statement.Token {
	t := r.peek()
	r.pos++
	return t
}

// take goes past the words if they all come next.
func (r *reader) take(words ...string) bool {
	for i, w := range words {
		if !r.peekAt(i).Is(w) {
			return false
		}
	}
	r.pos += len(words)
	return true
}

// takeAny goes past one of the words and returns it.
func (r *reader) takeAny(words ...string) string {
	if t := r.peek(); t.Is(words...) {
		r.pos++
		return t.Text
	}
	return ""
}

// name reads a name with its schema; a database before that is left out.
func (r *reader) name() safety.Name {
	var parts []string
	for r.peek().Name() {
		parts = append(parts, r.next().Text)
		if !r.take(".") {
			break
		}
	}
	switch len(parts) {
	case 0:
		return safety.Name{}
	case 1:
		return safety.Name{Name: parts[0]}
	}
	return safety.Name{Schema: parts[len(parts)-2], Name: parts[len(parts)-1]}
}

// word reads a name without a schema.
func (r *reader) word() string {
	if r.peek().Name() {
		return r.next().Text
	}
	return ""
}

// skipGroup goes past a parenthesis and all within it, and returns the text within.
func (r *reader) skipGroup() string {
	if !r.peek().Is("(", "[") {
		return ""
	}
	start := r.next().End
	for depth := 1; !r.done(); {
		switch t := r.next(); {
		case t.Is("(", "["):
			depth++
		case t.Is(")", "]"):
			if depth--; depth == 0 {
				return strings.TrimSpace(r.text[start:t.Start])
			}
		}
	}
	return strings.TrimSpace(r.text[start:])
}

// list reads a parenthesised list of names; anything else in it is an expression in parentheses.
func (r *reader) list() []string {
	if !r.take("(") {
		return nil
	}
	var out []string
	for !r.done() && !r.take(")") {
		start, quoted := r.pos, r.peek()
		r.until(",", ")")
		if r.pos == start+1 && quoted.Name() {
			out = append(out, quoted.Text)
		} else if r.pos > start {
			out = append(out, r.element(start))
		}
		r.take(",")
	}
	return out
}

// element is an entry of an index: a column with what follows it, or an expression.
func (r *reader) element(start int) string {
	first, second := r.tokens[start], statement.Token{}
	if start+1 < r.pos {
		second = r.tokens[start+1]
	}
	if first.Name() && !second.Is("(", ".", "::", "[") {
		return first.Text
	}
	return "(" + strings.TrimSpace(r.text[first.Start:r.tokens[r.pos-1].End]) + ")"
}

// until goes up to one of the marks, or words, outside of parentheses, and returns the text up to there.
func (r *reader) until(words ...string) string {
	start := r.peek().Start
	end := start
	for !r.done() && !r.peek().Is(words...) {
		if r.peek().Is("(", "[") {
			r.skipGroup()
		} else {
			r.next()
		}
		end = r.tokens[min(r.pos, len(r.tokens))-1].End
	}
	return strings.TrimSpace(r.text[start:max(start, end)])
}

func (r *reader) rest() string { return r.until() }

func (r *reader) add(a safety.Action) { r.out = append(r.out, a) }

func (r *reader) ifExists() bool    { return r.take("if", "exists") }
func (r *reader) ifNotExists() bool { return r.take("if", "not", "exists") }

// cascade reads the end of a drop.
func (r *reader) cascade() bool {
	if r.take("cascade") {
		return true
	}
	r.take("restrict")
	return false
}

func (r *reader) statement() {
	switch first := r.next(); {
	case first.Is("create"):
		r.create()
	case first.Is("alter"):
		r.alter()
	case first.Is("drop"):
		r.drop()
	case first.Is("truncate"):
		r.truncate()
	case first.Is("set", "reset"):
		r.set(first.Text)
	case first.Is("begin", "start"):
		r.add(safety.Action{Verb: safety.Begin})
	case first.Is("commit", "end"):
		r.add(safety.Action{Verb: safety.Commit})
	case first.Is("rollback", "abort"):
		if !r.take("to") {
			r.add(safety.Action{Verb: safety.Rollback})
		}
	case first.Is("insert", "update", "delete", "merge", "copy", "with", "select", "table", "values"):
		r.rows(first.Text)
	case first.Is("do", "call"):
		r.add(safety.Action{Verb: safety.Call, Expr: r.rest()})
	case first.Is("grant", "revoke"):
		r.grant(first.Text)
	case first.Is("comment"):
		r.add(safety.Action{Verb: safety.Comment})
	case first.Is("security"):
		r.add(safety.Action{Verb: safety.Comment, Kind: "security label"})
	default:
		r.maintenance(first)
	}
}

// set reads SET and RESET: the settings of the session.
func (r *reader) set(first string) {
	a := safety.Action{Verb: safety.SetVariable, Local: r.take("local")}
	r.take("session")
	a.Name = strings.ToLower(r.word())
	for r.take(".") {
		a.Name += "." + r.word()
	}
	if first == "reset" {
		a.Expr = "default"
	} else {
		r.takeAny("to", "=")
		a.Expr = strings.Trim(r.rest(), "'")
	}
	r.add(a)
}

// rows reads what changes and reads rows.
func (r *reader) rows(first string) {
	switch first {
	case "insert":
		r.take("into")
		a := safety.Action{Verb: safety.Insert, Table: r.name()}
		r.until("select", "values")
		a.Whole = r.peek().Is("select")
		r.add(a)
	case "merge":
		r.take("into")
		r.take("only")
		r.add(safety.Action{Verb: safety.Update, Table: r.name()})
	case "update":
		r.take("only")
		a := safety.Action{Verb: safety.Update, Table: r.name()}
		r.until("where")
		a.Whole = r.done()
		r.add(a)
	case "delete":
		r.take("from")
		r.take("only")
		a := safety.Action{Verb: safety.Delete, Table: r.name()}
		r.until("where")
		a.Whole = r.done()
		r.add(a)
	case "copy":
		a := safety.Action{Verb: safety.Query, Table: r.name()}
		if r.until("from", "to"); r.take("from") {
			a.Verb = safety.Insert
		}
		r.add(a)
	case "with":
		r.with()
	default:
		r.query()
	}
}

// with finds what a statement with common table expressions does in the end, and within them.
func (r *reader) with() {
	start := r.pos
	for depth := 0; !r.done(); {
		switch t := r.peek(); {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case t.Is("insert", "update", "delete", "merge") && (depth == 0 || r.peekAt(-1).Is("(")):
			at := r.pos
			r.next()
			r.rows(t.Text)
			r.pos = at
		}
		r.next()
	}
	if len(r.out) == 0 {
		r.pos = start
		r.query()
	}
}

// query reads SELECT. SELECT INTO makes a table.
func (r *reader) query() {
	start := r.pos
	if r.until("into", "from"); r.take("into") {
		temporary := r.takeAny("temporary", "temp") != ""
		r.take("unlogged")
		r.take("table")
		n := r.name()
		r.add(safety.Action{Verb: safety.CreateTable, Table: n, New: &safety.Table{Name: n, Kind: "table", Opaque: true, Temporary: temporary, Rows: -1, Bytes: -1}})
		return
	}
	r.pos = start
	a := safety.Action{Verb: safety.Query}
	if r.until("from"); r.take("from") {
		r.take("only")
		a.Table = r.name()
	}
	r.add(a)
}

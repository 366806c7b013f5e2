package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

// Actions tells what a statement does, as far as its text says: clause by clause, table by table. What it does not know
// is an action of verb Other (PostgreSQL manual, "SQL Commands").
func (Dialect) Actions(sql string) []safety.Action {
	r := readerOf(sql)
	r.statement()
	return r.out
}

// reader is at work on one statement. It reads what it knows and passes over the rest; it never fails.
type reader struct {
	statement.Cursor
	out []safety.Action
}

func readerOf(sql string) *reader {
	return &reader{Cursor: statement.NewCursor(sql, statement.Flavour{})}
}

// name reads a name with its schema; a database before that is left out.
func (r *reader) name() safety.Name {
	var parts []string
	for r.Peek().Name() {
		parts = append(parts, r.Next().Text)
		if !r.Take(".") {
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
	if r.Peek().Name() {
		return r.Next().Text
	}
	return ""
}

// list reads a parenthesised list of names; anything else in it is an expression in parentheses.
func (r *reader) list() []string {
	if !r.Take("(") {
		return nil
	}
	var out []string
	for !r.Done() && !r.Take(")") {
		start, quoted := r.Pos, r.Peek()
		r.Until(",", ")")
		if r.Pos == start+1 && quoted.Name() {
			out = append(out, quoted.Text)
		} else if r.Pos > start {
			out = append(out, r.element(start))
		}
		r.Take(",")
	}
	return out
}

// element is an entry of an index: a column with what follows it, or an expression.
func (r *reader) element(start int) string {
	first, second := r.Tokens[start], statement.Token{}
	if start+1 < r.Pos {
		second = r.Tokens[start+1]
	}
	if first.Name() && !second.Is("(", ".", "::", "[") {
		return first.Text
	}
	return "(" + strings.TrimSpace(r.Text[first.Start:r.Tokens[r.Pos-1].End]) + ")"
}

func (r *reader) add(a safety.Action) { r.out = append(r.out, a) }

func (r *reader) ifExists() bool    { return r.Take("if", "exists") }
func (r *reader) ifNotExists() bool { return r.Take("if", "not", "exists") }

// cascade reads the end of a drop.
func (r *reader) cascade() bool {
	if r.Take("cascade") {
		return true
	}
	r.Take("restrict")
	return false
}

func (r *reader) statement() {
	switch first := r.Next(); {
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
		if !r.Take("to") {
			r.add(safety.Action{Verb: safety.Rollback})
		}
	case first.Is("insert", "update", "delete", "merge", "copy", "with", "select", "table", "values"):
		r.rows(first.Text)
	case first.Is("do", "call"):
		r.add(safety.Action{Verb: safety.Call, Expr: r.Rest()})
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
	a := safety.Action{Verb: safety.SetVariable, Local: r.Take("local")}
	r.Take("session")
	a.Name = strings.ToLower(r.word())
	for r.Take(".") {
		a.Name += "." + r.word()
	}
	if first == "reset" {
		a.Expr = "default"
	} else {
		r.TakeAny("to", "=")
		a.Expr = strings.Trim(r.Rest(), "'")
	}
	r.add(a)
}

// rows reads what changes and reads rows.
func (r *reader) rows(first string) {
	switch first {
	case "insert":
		r.Take("into")
		a := safety.Action{Verb: safety.Insert, Table: r.name()}
		r.Until("select", "values")
		a.Whole = r.Peek().Is("select")
		r.add(a)
	case "merge":
		r.Take("into")
		r.Take("only")
		r.add(safety.Action{Verb: safety.Update, Table: r.name()})
	case "update":
		r.Take("only")
		a := safety.Action{Verb: safety.Update, Table: r.name()}
		r.Until("where")
		a.Whole = r.Done()
		r.add(a)
	case "delete":
		r.Take("from")
		r.Take("only")
		a := safety.Action{Verb: safety.Delete, Table: r.name()}
		r.Until("where")
		a.Whole = r.Done()
		r.add(a)
	case "copy":
		a := safety.Action{Verb: safety.Query, Table: r.name()}
		if r.Until("from", "to"); r.Take("from") {
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
	start := r.Pos
	for depth := 0; !r.Done(); {
		switch t := r.Peek(); {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case t.Is("insert", "update", "delete", "merge") && (depth == 0 || r.PeekAt(-1).Is("(")):
			at := r.Pos
			r.Next()
			r.rows(t.Text)
			r.Pos = at
		}
		r.Next()
	}
	if len(r.out) == 0 {
		r.Pos = start
		r.query()
	}
}

// query reads SELECT. SELECT INTO makes a table.
func (r *reader) query() {
	start := r.Pos
	if r.Until("into", "from"); r.Take("into") {
		temporary := r.TakeAny("temporary", "temp") != ""
		r.Take("unlogged")
		r.Take("table")
		n := r.name()
		r.add(safety.Action{Verb: safety.CreateTable, Table: n, New: &safety.Table{Name: n, Kind: "table", Opaque: true, Temporary: temporary, Rows: -1, Bytes: -1}})
		return
	}
	r.Pos = start
	a := safety.Action{Verb: safety.Query}
	if r.Until("from"); r.Take("from") {
		r.Take("only")
		a.Table = r.name()
	}
	r.add(a)
}

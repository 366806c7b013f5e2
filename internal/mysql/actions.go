package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

var _ dialect.Examiner = Dialect{}

// Actions tells what a statement does, as far as its text says: clause by clause, table by table. What it does not know
// is an action of verb Other (MySQL manual, "SQL Statements"; MariaDB manual, "SQL Statements & Structure").
func (Dialect) Actions(sql string) []safety.Action {
	r := &reader{Cursor: statement.NewCursor(sql, statement.Flavour{MySQL: true})}
	r.statement()
	return r.out
}

// reader is at work on one statement. It reads what it knows and passes over the rest.
type reader struct {
	statement.Cursor
	out []safety.Action
}

func (r *reader) add(a safety.Action) { r.out = append(r.out, a) }

// isName reports whether a token can be a name: with ANSI_QUOTES also one in double quotes, and one that begins with a
// digit.
func (r *reader) isName(t statement.Token) bool {
	switch t.Kind {
	case statement.String:
		return r.Text[t.Start] == '"'
	case statement.Number:
		return strings.ContainsFunc(t.Text, func(c rune) bool { return c > '9' }) && !strings.HasPrefix(t.Text, "0x")
	}
	return t.Name()
}

// nameOf is a name as it was written: tables are told apart by the case of their letters.
func (r *reader) nameOf(t statement.Token) string {
	if t.Kind == statement.Plain {
		return r.Source(t)
	}
	return t.Text
}

// word reads a name without a database.
func (r *reader) word() string {
	if t := r.Peek(); r.isName(t) {
		r.Next()
		return r.nameOf(t)
	}
	return ""
}

// name reads a name with its database.
func (r *reader) name() safety.Name {
	first := r.word()
	if first == "" || !r.Peek().Is(".") {
		return safety.Name{Name: first}
	}
	r.Next()
	return safety.Name{Schema: first, Name: r.word()}
}

// names reads names with commas in between.
func (r *reader) names() []safety.Name {
	var out []safety.Name
	for {
		if n := r.name(); !n.IsZero() {
			out = append(out, n)
		}
		if !r.Take(",") {
			return out
		}
	}
}

func (r *reader) ifExists() bool    { return r.Take("if", "exists") }
func (r *reader) ifNotExists() bool { return r.Take("if", "not", "exists") }

// value reads the value of an option, with or without the equals sign.
func (r *reader) value() string {
	r.Take("=")
	t := r.Next()
	if t.Kind == statement.End {
		return ""
	}
	return r.nameOf(t)
}

func (r *reader) statement() {
	for r.Take("(") { // (SELECT …) UNION …
		continue
	}
	switch first := r.Next(); {
	case first.Is("create"):
		r.create()
	case first.Is("alter"):
		r.alter()
	case first.Is("drop"):
		r.drop()
	case first.Is("rename"):
		r.rename()
	case first.Is("truncate"):
		r.Take("table")
		r.add(safety.Action{Verb: safety.TruncateTable, Table: r.name()})
	case first.Is("set"):
		r.set()
	case first.Is("use"):
		r.add(safety.Action{Verb: safety.SetVariable, Name: "database", Expr: r.word()})
	case first.Is("begin", "start"):
		r.begin()
	case first.Is("commit"):
		r.add(safety.Action{Verb: safety.Commit})
	case first.Is("rollback"):
		if !r.Take("to") {
			r.add(safety.Action{Verb: safety.Rollback})
		}
	case first.Is("insert", "replace", "update", "delete", "load", "with", "select", "table", "values"):
		r.rows(first.Text)
	case first.Is("call", "do", "prepare", "execute", "handler"):
		r.add(safety.Action{Verb: safety.Call, Expr: r.Rest()})
	case first.Is("grant", "revoke"):
		r.grant(first.Text)
	default:
		r.maintenance(first)
	}
}

// begin reads START TRANSACTION; START REPLICA and the like are nothing that is known.
func (r *reader) begin() {
	if r.PeekAt(-1).Is("start") && !r.Peek().Is("transaction") {
		r.add(safety.Action{Verb: safety.Other})
		return
	}
	r.add(safety.Action{Verb: safety.Begin})
}

// set reads SET: the settings of the session, one after the other. MariaDB's SET STATEMENT … FOR sets them for one
// statement.
func (r *reader) set() {
	switch {
	case r.Take("statement"):
		r.setStatement()
		return
	case r.Peek().Is("password", "role") || r.Peek().Is("default") && r.PeekAt(1).Is("role"):
		r.add(safety.Action{Verb: safety.Alter, Kind: "user"})
		return
	case r.Peek().Is("names", "transaction", "character", "charset") || r.Peek().Is("session", "global") && r.PeekAt(1).Is("transaction"):
		r.add(safety.Action{Verb: safety.SetVariable, Name: r.Peek().Text, Expr: r.Rest()})
		return
	}
	for !r.Done() {
		r.variable(",")
		r.Take(",")
	}
}

func (r *reader) setStatement() {
	for !r.Done() && !r.Take("for") {
		r.variable(",", "for")
		r.Take(",")
	}
	timed := false
	for i := range r.out {
		r.out[i].Local = true
		timed = timed || r.out[i].Name == "lock_wait_timeout"
	}
	settings := len(r.out)
	r.statement()
	for i := settings; i < len(r.out); i++ {
		r.out[i].Bounded = r.out[i].Bounded || timed
	}
	r.out = r.out[min(settings, len(r.out)):] // a SET STATEMENT within has left out its own already
}

// variable reads name = value. A variable of the user's own has its @.
func (r *reader) variable(ends ...string) {
	a := safety.Action{Verb: safety.SetVariable, Local: r.TakeAny("local") != ""}
	global := r.TakeAny("global", "persist", "persist_only") != ""
	r.Take("session")
	own := false
	if r.Take("@") {
		own = !r.Take("@")
	}
	a.Name = strings.ToLower(r.word())
	if r.Take(".") {
		global = global || a.Name == "global" || strings.HasPrefix(a.Name, "persist")
		a.Name = strings.ToLower(r.word())
	}
	if own {
		a.Name = "@" + a.Name
	}
	if !r.Take("=") {
		r.Take(":")
		r.Take("=")
	}
	at := r.Pos
	a.Expr = strings.Trim(r.Until(ends...), "'\"")
	if r.Pos == at && !r.Done() && !r.Peek().Is(ends...) {
		r.Next()
	}
	if global { // of sessions that begin later
		a.Name = "global " + a.Name
	}
	r.add(a)
}

// rows reads what changes and reads rows.
func (r *reader) rows(first string) {
	modifiers := []string{"low_priority", "high_priority", "delayed", "ignore", "quick", "concurrent", "local"}
	switch first {
	case "insert", "replace":
		for r.TakeAny(modifiers...) != "" {
			continue
		}
		r.Take("into")
		a := safety.Action{Verb: safety.Insert, Table: r.name()}
		r.Until("select", "values", "value", "set", "table", "with")
		a.Whole = r.Peek().Is("select", "table", "with")
		r.add(a)
	case "update":
		for r.TakeAny(modifiers...) != "" {
			continue
		}
		a := safety.Action{Verb: safety.Update, Table: r.name()}
		r.Until("where", "limit")
		a.Whole = r.Done()
		r.add(a)
	case "delete":
		r.deleteRows(modifiers)
	case "load":
		r.Until("into")
		r.Take("into", "table")
		r.add(safety.Action{Verb: safety.Insert, Table: r.name(), Whole: true})
	case "with":
		r.with()
	default:
		a := safety.Action{Verb: safety.Query}
		if r.Until("from"); r.Take("from") {
			a.Table = r.name()
		}
		r.add(a)
	}
}

// deleteRows reads DELETE after that word, with FROM before or behind the tables whose rows go.
func (r *reader) deleteRows(modifiers []string) {
	for r.TakeAny(modifiers...) != "" {
		continue
	}
	from := r.Take("from")
	tables := r.names()
	whole := from && !r.Peek().Is("using") // else their join with others chooses the rows
	if whole {
		r.Until("where", "limit")
		whole = r.Done()
	}
	for _, n := range tables {
		r.add(safety.Action{Verb: safety.Delete, Table: n, Whole: whole})
	}
	if len(tables) == 0 {
		r.add(safety.Action{Verb: safety.Delete, Whole: whole})
	}
}

// with finds what a statement with common table expressions does in the end.
func (r *reader) with() {
	r.Until("select", "update", "delete", "insert", "table", "values")
	r.rows(r.Next().Text)
}

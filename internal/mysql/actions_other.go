package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

// create reads what follows CREATE.
func (r *reader) create() {
	a := safety.Action{Verb: safety.Create, OrReplace: r.Take("or", "replace")}
	temporary := r.Take("temporary")
	for {
		switch {
		case r.Take("definer"):
			a.Change = "definer " + r.account()
		case r.Take("algorithm"):
			r.value()
		case r.Take("sql", "security"):
			r.Next()
		case r.TakeAny("aggregate", "online", "offline") != "":
		default:
			r.created(a, temporary)
			return
		}
	}
}

// account reads the name of a user: 'u'@'h', CURRENT_USER, or a role.
func (r *reader) account() string {
	r.Take("=")
	t := r.Next()
	text := t.Text
	if r.Peek().Is("(") {
		r.Group()
	}
	if r.Take("@") {
		host := r.Next()
		for r.Peek().Kind != statement.End && r.Peek().Start == r.PeekAt(-1).End && !r.Peek().Is(",", ";") {
			r.Next() // of a host without quotes
		}
		text += "@" + host.Text
	}
	return text
}

func (r *reader) created(a safety.Action, temporary bool) {
	switch {
	case r.Take("table"):
		r.createTable(a, temporary)
		return
	case r.Peek().Is("unique", "index", "fulltext", "spatial", "vector"):
		r.createIndex(a)
		return
	case r.TakeAny("database", "schema") != "":
		a.Kind = "database"
	case r.Take("spatial", "reference", "system"), r.Take("undo"), r.Take("logfile"), r.Take("tablespace"), r.Take("server"), r.Take("resource", "group"):
		a.Kind = r.PeekAt(-1).Text
	default:
		a.Kind = r.Next().Text
	}
	a.IfNotExists = r.ifNotExists()
	switch a.Kind {
	case "trigger":
		r.createTrigger(a)
		return
	case "user", "role":
		r.accounts(a)
		return
	case "procedure", "function":
		a.Expr = "volatile"
	case "view", "event", "sequence", "database", "tablespace", "server", "system", "undo", "logfile", "group":
	default:
		r.add(safety.Action{Verb: safety.Other})
		return
	}
	if a.Kind == "database" { // it is in no other
		a.Of = safety.Name{Schema: r.word()}
		a.Of.Name = a.Of.Schema
	} else {
		a.Of = r.name()
	}
	r.add(a)
}

// accounts reads users and roles.
func (r *reader) accounts(a safety.Action) {
	for !r.Done() {
		a.Of = safety.Name{Name: r.account()}
		r.add(a)
		r.Until(",")
		if !r.Take(",") || !r.Peek().Name() && r.Peek().Kind != statement.String {
			return
		}
	}
}

func (r *reader) createTrigger(a safety.Action) {
	n := r.name()
	a.Verb, a.Name, a.Kind = safety.CreateTrigger, n.Name, "trigger"
	r.Until("on")
	r.Take("on")
	a.Table = r.name()
	r.add(a)
}

// createIndex reads CREATE … INDEX.
func (r *reader) createIndex(a safety.Action) {
	unique := r.Take("unique")
	x := r.indexOn(&a)
	x.Unique = unique
	a.Verb, a.Name, a.Index = safety.CreateIndex, x.Name, x
	r.endOfIndex(&a)
	r.add(a)
}

func (r *reader) indexOn(a *safety.Action) *safety.Index {
	x := &safety.Index{Type: r.TakeAny("fulltext", "spatial", "vector")}
	r.TakeAny("index", "key")
	a.IfNotExists = r.ifNotExists()
	x.Name = r.keyName()
	r.Take("on")
	a.Table = r.name()
	a.Bounded = r.wait()
	x.Columns, x.Prefix = r.keyParts()
	r.indexEnd(x)
	return x
}

// endOfIndex reads ALGORITHM and LOCK behind CREATE and DROP INDEX.
func (r *reader) endOfIndex(a *safety.Action) {
	for !r.Done() {
		switch {
		case r.Take("algorithm"):
			a.Algorithm = strings.ToUpper(r.value())
		case r.Take("lock"):
			a.LockClause = strings.ToUpper(r.value())
		default:
			a.Bounded = a.Bounded || r.wait()
			r.Next()
		}
	}
}

// alter reads what follows ALTER.
func (r *reader) alter() {
	for r.TakeAny("online", "offline", "ignore") != "" {
		continue
	}
	if r.Take("table") {
		r.alterTable()
		return
	}
	a := safety.Action{Verb: safety.Alter}
	for {
		switch {
		case r.Take("definer"):
			a.Change = "definer " + r.account()
			continue
		case r.Take("algorithm"):
			r.value()
			continue
		case r.Take("sql", "security"):
			r.Next()
			continue
		}
		break
	}
	switch a.Kind = r.Next().Text; a.Kind {
	case "database", "schema":
		a.Kind, a.Of = "database", safety.Name{}
	case "user", "role":
		a.IfExists = r.ifExists()
		r.accounts(a)
		return
	case "view", "function", "procedure", "event", "sequence", "server", "tablespace":
		a.IfExists = r.ifExists()
		a.Of = r.name()
		if r.Until("rename"); a.Kind == "event" && r.Take("rename", "to") {
			to := r.name()
			a.Verb, a.To, a.ToIn = safety.Rename, to.Name, to.Schema
		}
	default:
		a = safety.Action{Verb: safety.Other}
	}
	r.add(a)
}

// drop reads what follows DROP.
func (r *reader) drop() {
	temporary := r.Take("temporary")
	kind := r.Next().Text
	switch kind {
	case "table", "tables":
		a := safety.Action{Verb: safety.DropTable, IfExists: r.ifExists()}
		if temporary {
			a.Kind = "temporary table"
		}
		r.each(a, func(a *safety.Action, n safety.Name) { a.Table = n })
	case "index":
		a := safety.Action{Verb: safety.DropIndex, IfExists: r.ifExists()}
		a.Name = r.word()
		r.Take("on")
		a.Table = r.name()
		a.Bounded = r.wait()
		r.endOfIndex(&a)
		r.add(a)
	case "trigger":
		a := safety.Action{Verb: safety.DropTrigger, Kind: "trigger", IfExists: r.ifExists()}
		a.Of = r.name()
		a.Name = a.Of.Name
		r.add(a)
	case "user", "role":
		r.accounts(safety.Action{Verb: safety.Drop, Kind: kind, IfExists: r.ifExists()})
	case "database", "schema":
		a := safety.Action{Verb: safety.Drop, Kind: "database", IfExists: r.ifExists()}
		n := r.word()
		a.Of = safety.Name{Schema: n, Name: n}
		r.add(a)
	case "view", "function", "procedure", "event", "sequence", "server", "tablespace", "undo", "spatial":
		r.each(safety.Action{Verb: safety.Drop, Kind: kind, IfExists: r.ifExists()}, func(a *safety.Action, n safety.Name) { a.Of = n })
	case "prepare":
		r.add(safety.Action{Verb: safety.Call})
	default:
		r.add(safety.Action{Verb: safety.Other})
	}
}

// each adds an action for each of the names that come next.
func (r *reader) each(a safety.Action, set func(*safety.Action, safety.Name)) {
	begin := len(r.out)
	for _, n := range r.names() {
		set(&a, n)
		r.add(a)
	}
	if r.wait() {
		for i := begin; i < len(r.out); i++ {
			r.out[i].Bounded = true
		}
	}
}

// rename reads RENAME TABLE and RENAME USER.
func (r *reader) rename() {
	if r.Take("user") {
		r.add(safety.Action{Verb: safety.Alter, Kind: "user"})
		return
	}
	r.TakeAny("table", "tables")
	r.ifExists()
	for !r.Done() {
		at := r.Pos
		a := safety.Action{Verb: safety.RenameTable, Table: r.name(), Bounded: r.wait()}
		r.Take("to")
		to := r.name()
		a.To, a.ToIn = to.Name, to.Schema
		r.add(a)
		if !r.Take(",") || r.Pos == at {
			return
		}
	}
}

// grant reads GRANT and REVOKE after that word.
func (r *reader) grant(first string) {
	a := safety.Action{Verb: safety.Grant, Kind: "role"}
	if first == "revoke" {
		a.Verb = safety.Revoke
	}
	a.Name = r.Until("on", "to", "from")
	if r.Take("on") {
		a.Kind = "table"
		if kind := r.TakeAny("table", "function", "procedure", "package"); kind != "" {
			a.Kind = kind
		}
		switch {
		case r.Peek().Is("*"):
			a.Kind = "everything"
		case r.PeekAt(1).Is(".") && r.PeekAt(2).Is("*"):
			a.Kind, a.Of = "database", safety.Name{Schema: r.nameOf(r.Peek()), Name: r.nameOf(r.Peek())}
		case a.Kind == "table":
			a.Table = r.name()
		default:
			a.Of = r.name()
		}
	}
	if r.Until("to", "from"); r.TakeAny("to", "from") != "" {
		a.To = r.account()
	}
	r.add(a)
}

// maintenance reads what changes no schema, and knows the rest not at all.
func (r *reader) maintenance(first statement.Token) {
	switch first.Text {
	case "analyze", "check", "checksum", "repair":
		r.TakeAny("no_write_to_binlog", "local")
		if r.TakeAny("table", "tables") == "" { // ANALYZE SELECT …
			r.add(safety.Action{Verb: safety.Query})
			return
		}
		r.each(safety.Action{Verb: safety.Analyze}, func(a *safety.Action, n safety.Name) { a.Table = n })
	case "optimize":
		r.TakeAny("no_write_to_binlog", "local")
		r.TakeAny("table", "tables")
		r.each(safety.Action{Verb: safety.OptimizeTable, Change: string(rowFormat)}, func(a *safety.Action, n safety.Name) { a.Table = n })
	case "lock":
		r.lockTables()
	case "unlock", "savepoint", "release", "flush", "explain", "describe", "desc", "show", "kill", "reset", "purge", "xa", "help", "binlog", "cache", "get", "signal", "resignal":
		r.add(safety.Action{Verb: safety.Query})
	case "deallocate":
		r.add(safety.Action{Verb: safety.Call})
	case "":
		if !r.Done() || first.Kind != statement.End {
			r.add(safety.Action{Verb: safety.Other})
		}
	default:
		r.add(safety.Action{Verb: safety.Other})
	}
}

// lockTables reads LOCK TABLES t [AS a] READ | WRITE, …
func (r *reader) lockTables() {
	r.TakeAny("table", "tables")
	for !r.Done() {
		at := r.Pos
		a := safety.Action{Verb: safety.LockTable, Table: r.name()}
		r.Until("read", "write", ",")
		a.Expr = "READ"
		if r.Until("write", "read", ","); r.Take("write") {
			a.Expr = "WRITE"
		}
		a.Bounded = r.wait()
		r.add(a)
		r.Until(",")
		if !r.Take(",") || r.Pos == at {
			return
		}
	}
}

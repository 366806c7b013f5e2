package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

func isCascade(t statement.Token) bool { return t.Is("cascade") }

// create reads CREATE after that word.
func (r *reader) create() {
	replace := r.take("or", "replace")
	r.takeAny("global", "local")
	temporary := r.takeAny("temporary", "temp") != ""
	unlogged := r.take("unlogged")
	switch {
	case r.take("table"):
		r.createTable(safety.Table{Temporary: temporary, Unlogged: unlogged})
	case r.take("foreign", "table"):
		r.createTable(safety.Table{Kind: "foreign table"})
	case r.take("materialized", "view"):
		r.createTable(safety.Table{Kind: "materialized view", Opaque: true})
	case r.take("unique", "index"):
		r.createIndex(true)
	case r.take("index"):
		r.createIndex(false)
	case r.take("constraint", "trigger"), r.take("trigger"):
		r.createTrigger(replace)
	case r.take("policy"):
		a := safety.Action{Verb: safety.CreatePolicy, Name: r.word()}
		if r.take("on") {
			a.Table = r.name()
		}
		r.add(a)
	case r.take("recursive", "view"), r.take("view"):
		r.add(safety.Action{Verb: safety.Create, Kind: "view", Of: r.name(), OrReplace: replace})
	default:
		r.createOther(replace)
	}
}

// createOther reads CREATE of a kind that has no rows.
func (r *reader) createOther(replace bool) {
	a := safety.Action{Verb: safety.Create, Kind: r.kind(), OrReplace: replace, IfNotExists: r.ifNotExists()}
	switch a.Kind {
	case "user mapping":
		r.until("server")
		r.take("server")
		a.Of = r.name()
	case "cast", "operator":
		a.Of = safety.Name{Name: strings.TrimSpace(r.until("procedure", "function", "with", "without"))}
	default:
		a.Of = r.name()
	}
	switch a.Kind {
	case "type":
		if r.take("as", "enum") {
			a.Columns = r.strings()
		}
	case "function", "procedure":
		r.createFunction(&a)
	case "domain":
		r.take("as")
		a.Columns = []string{""}
		a.Columns[0], _ = r.typeName()
		if a.Expr = r.rest(); strings.Contains(strings.ToLower(a.Expr), "check") || strings.Contains(strings.ToLower(a.Expr), "not null") {
			a.Change = "constrained"
		}
	default:
		a.Expr = r.rest()
	}
	r.add(a)
}

// createFunction reads how a function behaves: how volatile it is, and whose rights it has.
func (r *reader) createFunction(a *safety.Action) {
	a.Kind, a.Expr = "function", "volatile"
	for !r.done() {
		switch {
		case r.peek().Is("("):
			r.skipGroup()
		case r.peek().Is("immutable", "stable", "volatile"):
			a.Expr = r.next().Text
		case r.take("security", "definer"):
			a.Change = strings.TrimSpace(a.Change + " security definer")
		case r.take("set", "search_path"):
			a.Change = strings.TrimSpace(a.Change + " search_path")
		case r.take("language"):
			a.Name = strings.ToLower(r.next().Text)
		default:
			r.next()
		}
	}
}

// strings reads a parenthesised list of strings.
func (r *reader) strings() []string {
	out := []string{}
	r.take("(")
	for !r.done() && !r.take(")") {
		if t := r.next(); t.Kind == statement.String {
			out = append(out, t.Text)
		}
	}
	return out
}

func (r *reader) createIndex(unique bool) {
	a := safety.Action{Verb: safety.CreateIndex, Concurrently: r.take("concurrently"), IfNotExists: r.ifNotExists()}
	i := safety.Index{Unique: unique}
	if !r.peek().Is("on") {
		i.Name = r.word()
	}
	r.take("on")
	i.Only = r.take("only")
	a.Table = r.name()
	if r.take("using") {
		i.Method = r.word()
	}
	i.Columns = r.list()
	for !r.done() {
		switch {
		case r.take("include"):
			i.Include = r.list()
		case r.take("nulls", "not", "distinct"):
			i.NullsNotDistinct = true
		case r.take("where"):
			i.Where = r.rest()
		default:
			r.next()
		}
	}
	if i.Name == "" {
		i.Name = a.Table.Name + "_" + strings.Join(i.Columns, "_") + "_idx"
	}
	a.Index, a.Name = &i, i.Name
	r.add(a)
}

func (r *reader) createTrigger(replace bool) {
	a := safety.Action{Verb: safety.CreateTrigger, Name: r.word(), OrReplace: replace}
	r.until("on")
	if r.take("on") {
		a.Table = r.name()
	}
	r.add(a)
}

// drop reads DROP after that word.
func (r *reader) drop() {
	switch {
	case r.take("table"), r.take("foreign", "table"):
		r.dropEach(safety.Action{Verb: safety.DropTable, Kind: "table"})
	case r.take("materialized", "view"):
		r.dropEach(safety.Action{Verb: safety.DropTable, Kind: "materialized view"})
	case r.take("index"):
		r.dropEach(safety.Action{Verb: safety.DropIndex, Concurrently: r.take("concurrently")})
	case r.take("trigger"):
		r.dropOn(safety.Action{Verb: safety.DropTrigger})
	case r.take("policy"):
		r.dropOn(safety.Action{Verb: safety.DropPolicy})
	case r.take("rule"):
		r.dropOn(safety.Action{Verb: safety.Drop, Kind: "rule"})
	default:
		kind := r.kind()
		if kind == "procedure" || kind == "aggregate" || kind == "routine" {
			kind = "function"
		}
		r.dropEach(safety.Action{Verb: safety.Drop, Kind: kind})
	}
}

// dropEach reads a list of names.
func (r *reader) dropEach(a safety.Action) {
	a.IfExists = r.ifExists()
	from := len(r.out)
	for !r.done() {
		n := r.name()
		if r.peek().Is("(") {
			r.skipGroup()
		}
		if a.Verb == safety.DropTable {
			a.Table = n
		} else {
			a.Of = n
		}
		r.add(a)
		if !r.take(",") {
			break
		}
	}
	if r.until("cascade"); r.cascade() {
		for i := range r.out[from:] {
			r.out[from+i].Cascade = true
		}
	}
}

// dropOn reads the drop of what belongs to a table.
func (r *reader) dropOn(a safety.Action) {
	a.IfExists = r.ifExists()
	a.Name = r.word()
	if r.take("on") {
		a.Table = r.name()
	}
	a.Cascade = r.cascade()
	r.add(a)
}

func (r *reader) truncate() {
	r.take("table")
	a := safety.Action{Verb: safety.TruncateTable}
	from := len(r.out)
	for !r.done() {
		r.take("only")
		a.Table = r.name()
		r.take("*")
		r.add(a)
		if !r.take(",") {
			break
		}
	}
	if r.until("cascade"); r.cascade() {
		for i := range r.out[from:] {
			r.out[from+i].Cascade = true
		}
	}
}

// grant reads GRANT and REVOKE.
func (r *reader) grant(word string) {
	a := safety.Action{Verb: safety.Grant}
	if word == "revoke" {
		a.Verb = safety.Revoke
	}
	a.Name = r.until("on", "to", "from")
	if r.take("on") {
		a.Kind = "table"
		switch {
		case r.take("all"):
			a.Kind = "all " + r.word()
			r.take("in", "schema")
			a.Of = r.name()
		case r.peek().Name() && r.peekAt(1).Name() && !r.peekAt(1).Is("to", "from"):
			a.Kind = r.kind()
			r.take("table")
			a.Of = r.name()
		default:
			a.Of = r.name()
		}
		if a.Kind == "table" {
			a.Table = a.Of
		}
		r.until("to", "from")
	} else {
		a.Kind = "role"
	}
	r.takeAny("to", "from")
	r.take("group")
	a.To = r.word()
	r.add(a)
}

// maintenance reads the commands that look after tables.
func (r *reader) maintenance(first statement.Token) {
	switch {
	case first.Is("vacuum"):
		r.vacuum()
	case first.Is("analyze", "analyse"):
		r.take("verbose")
		r.add(safety.Action{Verb: safety.Analyze, Table: r.name()})
	case first.Is("cluster"):
		options := r.options("verbose")
		_ = options
		r.add(safety.Action{Verb: safety.Cluster, Table: r.name()})
	case first.Is("reindex"):
		r.reindex()
	case first.Is("refresh"):
		r.take("materialized", "view")
		a := safety.Action{Verb: safety.RefreshView, Concurrently: r.take("concurrently")}
		a.Table = r.name()
		a.Expr = r.rest()
		r.add(a)
	case first.Is("lock"):
		r.take("table")
		r.take("only")
		a := safety.Action{Verb: safety.LockTable, Table: r.name(), Expr: "access exclusive"}
		if r.until("in"); r.take("in") {
			a.Expr = strings.ToLower(r.until("mode"))
		}
		r.add(a)
	default:
		r.pos = 0
		r.add(safety.Action{Verb: safety.Other, Kind: first.Text, Expr: r.rest()})
	}
}

// options reads (NAME, NAME VALUE, …) and tells which of them are on.
func (r *reader) options(bare ...string) map[string]bool {
	on := map[string]bool{}
	if !r.peek().Is("(") {
		for word := r.takeAny(bare...); word != ""; word = r.takeAny(bare...) {
			on[word] = true
		}
		return on
	}
	for _, o := range strings.Split(strings.ToLower(r.skipGroup()), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(o), " ")
		value = strings.Trim(strings.TrimSpace(value), "'")
		on[name] = value != "false" && value != "off" && value != "0"
	}
	return on
}

func (r *reader) vacuum() {
	on := r.options("full", "freeze", "verbose", "analyze")
	a := safety.Action{Verb: safety.Vacuum}
	if on["full"] {
		a.Verb = safety.VacuumFull
	}
	a.Table = r.name()
	r.add(a)
}

func (r *reader) reindex() {
	on := r.options("verbose")
	a := safety.Action{Verb: safety.Reindex, Kind: r.takeAny("index", "table", "schema", "database", "system")}
	a.Concurrently = r.take("concurrently") || on["concurrently"]
	if n := r.name(); a.Kind == "table" {
		a.Table = n
	} else {
		a.Of = n
	}
	r.add(a)
}

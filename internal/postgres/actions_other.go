package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

func isCascade(t statement.Token) bool { return t.Is("cascade") }

// create reads CREATE after that word.
func (r *reader) create() {
	replace := r.Take("or", "replace")
	r.TakeAny("global", "local")
	temporary := r.TakeAny("temporary", "temp") != ""
	unlogged := r.Take("unlogged")
	switch {
	case r.Take("table"):
		r.createTable(safety.Table{Temporary: temporary, Unlogged: unlogged})
	case r.Take("foreign", "table"):
		r.createTable(safety.Table{Kind: "foreign table"})
	case r.Take("materialized", "view"):
		r.createTable(safety.Table{Kind: "materialized view", Opaque: true})
	case r.Take("unique", "index"):
		r.createIndex(true)
	case r.Take("index"):
		r.createIndex(false)
	case r.Take("constraint", "trigger"), r.Take("trigger"):
		r.createTrigger(replace)
	case r.Take("policy"):
		a := safety.Action{Verb: safety.CreatePolicy, Name: r.word()}
		if r.Take("on") {
			a.Table = r.name()
		}
		r.add(a)
	case r.Take("recursive", "view"), r.Take("view"):
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
		r.Until("server")
		r.Take("server")
		a.Of = r.name()
	case "cast", "operator":
		a.Of = safety.Name{Name: strings.TrimSpace(r.Until("procedure", "function", "with", "without"))}
	default:
		a.Of = r.name()
	}
	switch a.Kind {
	case "type":
		if r.Take("as", "enum") {
			a.Columns = r.strings()
		}
	case "function", "procedure":
		r.createFunction(&a)
	case "domain":
		r.Take("as")
		a.Columns = []string{""}
		a.Columns[0], _ = r.typeName()
		if a.Expr = r.Rest(); strings.Contains(strings.ToLower(a.Expr), "check") || strings.Contains(strings.ToLower(a.Expr), "not null") {
			a.Change = "constrained"
		}
	default:
		a.Expr = r.Rest()
	}
	r.add(a)
}

// createFunction reads how a function behaves: how volatile it is, and whose rights it has.
func (r *reader) createFunction(a *safety.Action) {
	a.Kind, a.Expr = "function", "volatile"
	for !r.Done() {
		switch {
		case r.Peek().Is("("):
			r.Group()
		case r.Peek().Is("immutable", "stable", "volatile"):
			a.Expr = r.Next().Text
		case r.Take("security", "definer"):
			a.Change = strings.TrimSpace(a.Change + " security definer")
		case r.Take("set", "search_path"):
			a.Change = strings.TrimSpace(a.Change + " search_path")
		case r.Take("language"):
			a.Name = strings.ToLower(r.Next().Text)
		default:
			r.Next()
		}
	}
}

// strings reads a parenthesised list of strings.
func (r *reader) strings() []string {
	out := []string{}
	r.Take("(")
	for !r.Done() && !r.Take(")") {
		if t := r.Next(); t.Kind == statement.String {
			out = append(out, t.Text)
		}
	}
	return out
}

func (r *reader) createIndex(unique bool) {
	a := safety.Action{Verb: safety.CreateIndex, Concurrently: r.Take("concurrently"), IfNotExists: r.ifNotExists()}
	i := safety.Index{Unique: unique}
	if !r.Peek().Is("on") {
		i.Name = r.word()
	}
	r.Take("on")
	i.Only = r.Take("only")
	a.Table = r.name()
	if r.Take("using") {
		i.Method = r.word()
	}
	i.Columns = r.list()
	for !r.Done() {
		switch {
		case r.Take("include"):
			i.Include = r.list()
		case r.Take("nulls", "not", "distinct"):
			i.NullsNotDistinct = true
		case r.Take("where"):
			i.Where = r.Rest()
		default:
			r.Next()
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
	r.Until("on")
	if r.Take("on") {
		a.Table = r.name()
	}
	r.add(a)
}

// drop reads DROP after that word.
func (r *reader) drop() {
	switch {
	case r.Take("table"), r.Take("foreign", "table"):
		r.dropEach(safety.Action{Verb: safety.DropTable, Kind: "table"})
	case r.Take("materialized", "view"):
		r.dropEach(safety.Action{Verb: safety.DropTable, Kind: "materialized view"})
	case r.Take("index"):
		r.dropEach(safety.Action{Verb: safety.DropIndex, Concurrently: r.Take("concurrently")})
	case r.Take("trigger"):
		r.dropOn(safety.Action{Verb: safety.DropTrigger})
	case r.Take("policy"):
		r.dropOn(safety.Action{Verb: safety.DropPolicy})
	case r.Take("rule"):
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
	for !r.Done() {
		n := r.name()
		if r.Peek().Is("(") {
			r.Group()
		}
		if a.Verb == safety.DropTable {
			a.Table = n
		} else {
			a.Of = n
		}
		r.add(a)
		if !r.Take(",") {
			break
		}
	}
	if r.Until("cascade"); r.cascade() {
		for i := range r.out[from:] {
			r.out[from+i].Cascade = true
		}
	}
}

// dropOn reads the drop of what belongs to a table.
func (r *reader) dropOn(a safety.Action) {
	a.IfExists = r.ifExists()
	a.Name = r.word()
	if r.Take("on") {
		a.Table = r.name()
	}
	a.Cascade = r.cascade()
	r.add(a)
}

func (r *reader) truncate() {
	r.Take("table")
	a := safety.Action{Verb: safety.TruncateTable}
	from := len(r.out)
	for !r.Done() {
		r.Take("only")
		a.Table = r.name()
		r.Take("*")
		r.add(a)
		if !r.Take(",") {
			break
		}
	}
	if r.Until("cascade"); r.cascade() {
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
	a.Name = r.Until("on", "to", "from")
	if r.Take("on") {
		a.Kind = "table"
		switch {
		case r.Take("all"):
			a.Kind = "all " + r.word()
			r.Take("in", "schema")
			a.Of = r.name()
		case r.Peek().Name() && r.PeekAt(1).Name() && !r.PeekAt(1).Is("to", "from"):
			a.Kind = r.kind()
			r.Take("table")
			a.Of = r.name()
		default:
			a.Of = r.name()
		}
		if a.Kind == "table" {
			a.Table = a.Of
		}
		r.Until("to", "from")
	} else {
		a.Kind = "role"
	}
	r.TakeAny("to", "from")
	r.Take("group")
	a.To = r.word()
	r.add(a)
}

// maintenance reads the commands that look after tables.
func (r *reader) maintenance(first statement.Token) {
	switch {
	case first.Is("vacuum"):
		r.vacuum()
	case first.Is("analyze", "analyse"):
		r.Take("verbose")
		r.add(safety.Action{Verb: safety.Analyze, Table: r.name()})
	case first.Is("cluster"):
		options := r.options("verbose")
		_ = options
		r.add(safety.Action{Verb: safety.Cluster, Table: r.name()})
	case first.Is("reindex"):
		r.reindex()
	case first.Is("refresh"):
		r.Take("materialized", "view")
		a := safety.Action{Verb: safety.RefreshView, Concurrently: r.Take("concurrently")}
		a.Table = r.name()
		a.Expr = r.Rest()
		r.add(a)
	case first.Is("lock"):
		r.Take("table")
		r.Take("only")
		a := safety.Action{Verb: safety.LockTable, Table: r.name(), Expr: "access exclusive"}
		if r.Until("in"); r.Take("in") {
			a.Expr = strings.ToLower(r.Until("mode"))
		}
		r.add(a)
	default:
		r.Pos = 0
		r.add(safety.Action{Verb: safety.Other, Kind: first.Text, Expr: r.Rest()})
	}
}

// options reads (NAME, NAME VALUE, …) and tells which of them are on.
func (r *reader) options(bare ...string) map[string]bool {
	on := map[string]bool{}
	if !r.Peek().Is("(") {
		for word := r.TakeAny(bare...); word != ""; word = r.TakeAny(bare...) {
			on[word] = true
		}
		return on
	}
	for _, o := range strings.Split(strings.ToLower(r.Group()), ",") {
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
	a := safety.Action{Verb: safety.Reindex, Kind: r.TakeAny("index", "table", "schema", "database", "system")}
	a.Concurrently = r.Take("concurrently") || on["concurrently"]
	if n := r.name(); a.Kind == "table" {
		a.Table = n
	} else {
		a.Of = n
	}
	r.add(a)
}

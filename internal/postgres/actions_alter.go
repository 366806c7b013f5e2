package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/safety"
)

// alter reads ALTER after that word.
func (r *reader) alter() {
	switch {
	case r.Take("table"), r.Take("foreign", "table"):
		r.alterTable("table")
	case r.Take("materialized", "view"):
		r.alterTable("materialized view")
	case r.Take("view"):
		r.alterTable("view")
	case r.Take("index"):
		r.alterIndex()
	case r.Take("type"):
		r.alterType()
	case r.Take("policy"):
		a := safety.Action{Verb: safety.AlterPolicy, Name: r.word()}
		if r.Take("on") {
			a.Table = r.name()
		}
		r.add(a)
	case r.Take("trigger"):
		a := safety.Action{Verb: safety.SetTrigger, Name: r.word()}
		if r.Take("on") {
			a.Table = r.name()
		}
		r.add(a)
	default:
		r.alterOther()
	}
}

// alterOther reads ALTER of a kind that has no rows.
func (r *reader) alterOther() {
	a := safety.Action{Verb: safety.Alter, Kind: r.kind()}
	a.Of = r.name()
	if r.Peek().Is("(") {
		r.Group()
	}
	switch {
	case r.Take("rename"):
		a.Verb = safety.Rename
		r.Take("to")
		a.To = r.word()
	case r.Take("owner", "to"):
		a.Verb = safety.SetOwner
		a.To = r.word()
	case r.Take("set", "schema"):
		a.ToIn = r.word()
	default:
		a.Expr = r.Rest()
	}
	r.add(a)
}

// kind reads the words that name a kind of object.
func (r *reader) kind() string {
	for _, k := range longKinds() {
		if r.Take(k...) {
			return join(k)
		}
	}
	return r.word()
}

// longKinds are the kinds of objects whose names are several words, longest first.
func longKinds() [][]string {
	return [][]string{
		{"text", "search", "configuration"}, {"text", "search", "dictionary"}, {"text", "search", "parser"},
		{"text", "search", "template"}, {"foreign", "data", "wrapper"}, {"default", "privileges"}, {"event", "trigger"},
		{"operator", "class"}, {"operator", "family"}, {"user", "mapping"}, {"access", "method"}, {"foreign", "table"},
		{"materialized", "view"}, {"procedural", "language"}, {"large", "object"}, {"trusted", "language"},
	}
}

func join(words []string) string {
	out := words[0]
	for _, w := range words[1:] {
		out += " " + w
	}
	return out
}

// alterTable reads the clauses of ALTER TABLE and its likes.
func (r *reader) alterTable(kind string) {
	if r.Take("all", "in", "tablespace") {
		r.add(safety.Action{Verb: safety.SetTablespace, Name: r.word()})
		return
	}
	base := safety.Action{IfExists: r.ifExists(), Only: r.Take("only"), Kind: kind}
	base.Table = r.name()
	r.Take("*")
	for !r.Done() {
		for _, a := range r.clause(base) {
			r.add(a)
		}
		r.Until(",")
		r.Take(",")
	}
}

// clause reads one clause. It may be several actions: a column with constraints.
func (r *reader) clause(a safety.Action) []safety.Action {
	switch {
	case r.Take("add"):
		return r.addClause(a)
	case r.Take("drop"):
		return r.dropClause(a)
	case r.Take("alter"):
		return r.alterClause(a)
	case r.Take("rename"):
		return r.renameClause(a)
	case r.Take("set"):
		return r.setClause(a)
	case r.Take("reset"):
		a.Verb = safety.SetOptions
	case r.Take("validate", "constraint"):
		a.Verb, a.Name = safety.ValidateConstraint, r.word()
	case r.Take("attach", "partition"):
		a.Verb, a.Of = safety.AttachPartition, r.name()
		a.Expr = r.Until(",")
	case r.Take("detach", "partition"):
		a.Verb, a.Of = safety.DetachPartition, r.name()
		a.Concurrently = r.TakeAny("concurrently", "finalize") != ""
	case r.Take("owner", "to"):
		a.Verb, a.To = safety.SetOwner, r.word()
	case r.Take("cluster"):
		a.Verb = safety.SetOptions
	case r.Take("inherit"):
		a.Verb, a.Of = safety.Inherit, r.name()
	case r.Take("no", "inherit"):
		a.Verb, a.Of, a.Change = safety.Inherit, r.name(), "no"
	case r.Take("no", "force"):
		a.Verb, a.Change = safety.ForceRLS, "no"
	case r.Take("force"):
		a.Verb = safety.ForceRLS
	case r.Take("replica", "identity"):
		a.Verb, a.Name = safety.SetOptions, "replica identity"
	case r.Peek().Is("enable", "disable"):
		return r.switchClause(a, r.Next().Text)
	default:
		a.Verb = safety.Other
	}
	return []safety.Action{a}
}

func (r *reader) switchClause(a safety.Action, word string) []safety.Action {
	r.TakeAny("replica", "always")
	switch {
	case r.Take("row"):
		a.Verb = safety.EnableRLS
		if word == "disable" {
			a.Verb = safety.DisableRLS
		}
	default:
		a.Kind = r.TakeAny("trigger", "rule")
		a.Verb, a.Name, a.Change = safety.SetTrigger, r.word(), word
	}
	return []safety.Action{a}
}

func (r *reader) addClause(a safety.Action) []safety.Action {
	start := r.Pos
	if r.Peek().Is("constraint", "primary", "unique", "check", "foreign", "exclude", "not") && !r.isColumn() {
		if c, ok := r.tableConstraint(); ok {
			if c.Name == "" {
				c.Name = chosenName(a.Table.Name, c)
			}
			a.Verb, a.Constraint, a.Name = safety.AddConstraint, &c, c.Name
			return []safety.Action{a}
		}
		r.Pos = start
	}
	r.Take("column")
	a.Verb, a.IfNotExists = safety.AddColumn, r.ifNotExists()
	c, constraints := r.column()
	a.Column, a.Name = &c, c.Name
	out := []safety.Action{a}
	for _, k := range constraints {
		if k.Name == "" {
			k.Name = chosenName(a.Table.Name, k)
		}
		out = append(out, safety.Action{Verb: safety.AddConstraint, Table: a.Table, Constraint: &k, Name: k.Name, Column: &c, Kind: a.Kind, IfNotExists: a.IfNotExists})
	}
	return out
}

func (r *reader) dropClause(a safety.Action) []safety.Action {
	if r.Take("constraint") {
		a.Verb = safety.DropConstraint
	} else {
		r.Take("column")
		a.Verb = safety.DropColumn
	}
	a.IfExists = r.ifExists() || a.IfExists
	a.Name = r.word()
	a.Cascade = r.cascade()
	return []safety.Action{a}
}

func (r *reader) renameClause(a safety.Action) []safety.Action {
	switch {
	case r.Take("to"):
		a.Verb, a.To = safety.RenameTable, r.word()
		if a.Kind == "view" {
			a.Verb, a.Of = safety.Rename, a.Table
		}
	case r.Take("constraint"):
		a.Verb, a.Name = safety.RenameConstraint, r.word()
		r.Take("to")
		a.To = r.word()
	default:
		r.Take("column")
		a.Verb, a.Name = safety.RenameColumn, r.word()
		r.Take("to")
		a.To = r.word()
	}
	return []safety.Action{a}
}

func (r *reader) setClause(a safety.Action) []safety.Action {
	switch {
	case r.Take("schema"):
		a.Verb, a.ToIn = safety.MoveTable, r.word()
	case r.Take("tablespace"):
		a.Verb, a.Name = safety.SetTablespace, r.word()
	case r.Take("logged"):
		a.Verb = safety.SetLogged
	case r.Take("unlogged"):
		a.Verb, a.Change = safety.SetLogged, "unlogged"
	case r.Take("access", "method"):
		a.Verb, a.Name = safety.SetAccessMethod, r.word()
	case r.Take("without"):
		a.Verb = safety.SetOptions
	default:
		a.Verb, a.Expr = safety.SetOptions, r.Group()
	}
	return []safety.Action{a}
}

// alterClause reads ALTER COLUMN and ALTER CONSTRAINT.
func (r *reader) alterClause(a safety.Action) []safety.Action {
	if r.Take("constraint") {
		a.Verb, a.Name = safety.AlterConstraint, r.word()
		a.Expr = r.Until(",")
		return []safety.Action{a}
	}
	r.Take("column")
	a.Name = r.word()
	switch {
	case r.Take("set", "data", "type"), r.Take("type"):
		return r.typeClause(a)
	case r.Take("set", "default"):
		a.Verb, a.Expr = safety.SetDefault, r.Until(",")
	case r.Take("drop", "default"):
		a.Verb = safety.DropDefault
	case r.Take("set", "not", "null"):
		a.Verb = safety.SetNotNull
	case r.Take("drop", "not", "null"):
		a.Verb = safety.DropNotNull
	case r.Take("set", "expression"):
		a.Verb = safety.SetExpression
		r.Take("as")
		a.Expr = r.Group()
	case r.Take("drop", "expression"):
		a.Verb = safety.DropExpression
	case r.Take("add", "generated"):
		a.Verb = safety.AddIdentity
	case r.Take("drop", "identity"):
		a.Verb = safety.DropIdentity
	case r.Take("set", "statistics"), r.Take("set") && r.Peek().Is("("), r.Take("reset"):
		a.Verb = safety.SetStatistics
	case r.TakeAny("storage", "compression") != "":
		a.Verb = safety.SetStorage
	default:
		a.Verb = safety.AlterIdentity // SET GENERATED, SET of an option of the sequence, RESTART
		if r.Peek().Is("statistics") {
			a.Verb = safety.SetStatistics
		}
	}
	return []safety.Action{a}
}

func (r *reader) typeClause(a safety.Action) []safety.Action {
	a.Verb = safety.AlterType
	c := safety.Column{Name: a.Name}
	c.Type, _ = r.typeName()
	if r.Take("collate") {
		c.Collation = r.name().Name
	}
	if r.Take("using") {
		a.Expr = r.Until(",")
	}
	a.Column = &c
	return []safety.Action{a}
}

// alterIndex reads ALTER INDEX.
func (r *reader) alterIndex() {
	a := safety.Action{Verb: safety.AlterIndex, IfExists: r.ifExists()}
	a.Of = r.name()
	switch {
	case r.Take("rename", "to"):
		a.Verb, a.To = safety.RenameIndex, r.word()
	case r.Take("attach", "partition"):
		a.Verb, a.Name = safety.AttachIndex, r.name().String()
	case r.Take("set", "tablespace"):
		a.Verb, a.Kind = safety.SetTablespace, "index"
	}
	r.add(a)
}

// alterType reads ALTER TYPE.
func (r *reader) alterType() {
	a := safety.Action{Verb: safety.Alter, Kind: "type", Of: r.name()}
	switch {
	case r.Take("add", "value"):
		a.Verb, a.IfNotExists = safety.AddEnumValue, r.ifNotExists()
		a.Name, a.Last = r.Next().Text, true
		if r.TakeAny("before", "after") != "" {
			a.Before, a.Last = r.Next().Text, false
		}
	case r.Take("rename", "value"):
		a.Verb, a.Name = safety.RenameEnumValue, r.Next().Text
		r.Take("to")
		a.To = r.Next().Text
	case r.Take("rename", "to"):
		a.Verb, a.To = safety.Rename, r.word()
	case r.Take("owner", "to"):
		a.Verb, a.To = safety.SetOwner, r.word()
	case r.Take("set", "schema"):
		a.ToIn = r.word()
	case r.Take("drop", "attribute"):
		a.Change, a.Cascade = "drop attribute", slices.ContainsFunc(r.Tokens, isCascade)
	default:
		a.Cascade = slices.ContainsFunc(r.Tokens, isCascade)
	}
	r.add(a)
}

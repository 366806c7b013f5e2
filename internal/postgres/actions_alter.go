package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/safety"
)

// alter reads ALTER after that word.
func (r *reader) alter() {
	switch {
	case r.take("table"), r.take("foreign", "table"):
		r.alterTable("table")
	case r.take("materialized", "view"):
		r.alterTable("materialized view")
	case r.take("view"):
		r.alterTable("view")
	case r.take("index"):
		r.alterIndex()
	case r.take("type"):
		r.alterType()
	case r.take("policy"):
		a := safety.Action{Verb: safety.AlterPolicy, Name: r.word()}
		if r.take("on") {
			a.Table = r.name()
		}
		r.add(a)
	case r.take("trigger"):
		a := safety.Action{Verb: safety.SetTrigger, Name: r.word()}
		if r.take("on") {
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
	if r.peek().Is("(") {
		r.skipGroup()
	}
	switch {
	case r.take("rename"):
		a.Verb = safety.Rename
		r.take("to")
		a.To = r.word()
	case r.take("owner", "to"):
		a.Verb = safety.SetOwner
		a.To = r.word()
	case r.take("set", "schema"):
		a.ToIn = r.word()
	default:
		a.Expr = r.rest()
	}
	r.add(a)
}

// kind reads the words that name a kind of object.
func (r *reader) kind() string {
	for _, k := range longKinds() {
		if r.take(k...) {
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
	if r.take("all", "in", "tablespace") {
		r.add(safety.Action{Verb: safety.SetTablespace, Name: r.word()})
		return
	}
	base := safety.Action{IfExists: r.ifExists(), Only: r.take("only"), Kind: kind}
	base.Table = r.name()
	r.take("*")
	for !r.done() {
		for _, a := range r.clause(base) {
			r.add(a)
		}
		r.until(",")
		r.take(",")
	}
}

// clause reads one clause. It may be several actions: a column with constraints.
func (r *reader) clause(a safety.Action) []safety.Action {
	switch {
	case r.take("add"):
		return r.addClause(a)
	case r.take("drop"):
		return r.dropClause(a)
	case r.take("alter"):
		return r.alterClause(a)
	case r.take("rename"):
		return r.renameClause(a)
	case r.take("set"):
		return r.setClause(a)
	case r.take("reset"):
		a.Verb = safety.SetOptions
	case r.take("validate", "constraint"):
		a.Verb, a.Name = safety.ValidateConstraint, r.word()
	case r.take("attach", "partition"):
		a.Verb, a.Of = safety.AttachPartition, r.name()
		a.Expr = r.until(",")
	case r.take("detach", "partition"):
		a.Verb, a.Of = safety.DetachPartition, r.name()
		a.Concurrently = r.takeAny("concurrently", "finalize") != ""
	case r.take("owner", "to"):
		a.Verb, a.To = safety.SetOwner, r.word()
	case r.take("cluster"):
		a.Verb = safety.SetOptions
	case r.take("inherit"):
		a.Verb, a.Of = safety.Inherit, r.name()
	case r.take("no", "inherit"):
		a.Verb, a.Of, a.Change = safety.Inherit, r.name(), "no"
	case r.take("no", "force"):
		a.Verb, a.Change = safety.ForceRLS, "no"
	case r.take("force"):
		a.Verb = safety.ForceRLS
	case r.take("replica", "identity"):
		a.Verb, a.Name = safety.SetOptions, "replica identity"
	case r.peek().Is("enable", "disable"):
		return r.switchClause(a, r.next().Text)
	default:
		a.Verb = safety.Other
	}
	return []safety.Action{a}
}

func (r *reader) switchClause(a safety.Action, word string) []safety.Action {
	r.takeAny("replica", "always")
	switch {
	case r.take("row"):
		a.Verb = safety.EnableRLS
		if word == "disable" {
			a.Verb = safety.DisableRLS
		}
	default:
		a.Kind = r.takeAny("trigger", "rule")
		a.Verb, a.Name, a.Change = safety.SetTrigger, r.word(), word
	}
	return []safety.Action{a}
}

func (r *reader) addClause(a safety.Action) []safety.Action {
	start := r.pos
	if r.peek().Is("constraint", "primary", "unique", "check", "foreign", "exclude", "not") && !r.isColumn() {
		if c, ok := r.tableConstraint(); ok {
			if c.Name == "" {
				c.Name = chosenName(a.Table.Name, c)
			}
			a.Verb, a.Constraint, a.Name = safety.AddConstraint, &c, c.Name
			return []safety.Action{a}
		}
		r.pos = start
	}
	r.take("column")
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
	if r.take("constraint") {
		a.Verb = safety.DropConstraint
	} else {
		r.take("column")
		a.Verb = safety.DropColumn
	}
	a.IfExists = r.ifExists() || a.IfExists
	a.Name = r.word()
	a.Cascade = r.cascade()
	return []safety.Action{a}
}

func (r *reader) renameClause(a safety.Action) []safety.Action {
	switch {
	case r.take("to"):
		a.Verb, a.To = safety.RenameTable, r.word()
		if a.Kind == "view" {
			a.Verb, a.Of = safety.Rename, a.Table
		}
	case r.take("constraint"):
		a.Verb, a.Name = safety.RenameConstraint, r.word()
		r.take("to")
		a.To = r.word()
	default:
		r.take("column")
		a.Verb, a.Name = safety.RenameColumn, r.word()
		r.take("to")
		a.To = r.word()
	}
	return []safety.Action{a}
}

func (r *reader) setClause(a safety.Action) []safety.Action {
	switch {
	case r.take("schema"):
		a.Verb, a.ToIn = safety.MoveTable, r.word()
	case r.take("tablespace"):
		a.Verb, a.Name = safety.SetTablespace, r.word()
	case r.take("logged"):
		a.Verb = safety.SetLogged
	case r.take("unlogged"):
		a.Verb, a.Change = safety.SetLogged, "unlogged"
	case r.take("access", "method"):
		a.Verb, a.Name = safety.SetAccessMethod, r.word()
	case r.take("without"):
		a.Verb = safety.SetOptions
	default:
		a.Verb, a.Expr = safety.SetOptions, r.skipGroup()
	}
	return []safety.Action{a}
}

// alterClause reads ALTER COLUMN and ALTER CONSTRAINT.
func (r *reader) alterClause(a safety.Action) []safety.Action {
	if r.take("constraint") {
		a.Verb, a.Name = safety.AlterConstraint, r.word()
		a.Expr = r.until(",")
		return []safety.Action{a}
	}
	r.take("column")
	a.Name = r.word()
	switch {
	case r.take("set", "data", "type"), r.take("type"):
		return r.typeClause(a)
	case r.take("set", "default"):
		a.Verb, a.Expr = safety.SetDefault, r.until(",")
	case r.take("drop", "default"):
		a.Verb = safety.DropDefault
	case r.take("set", "not", "null"):
		a.Verb = safety.SetNotNull
	case r.take("drop", "not", "null"):
		a.Verb = safety.DropNotNull
	case r.take("set", "expression"):
		a.Verb = safety.SetExpression
		r.take("as")
		a.Expr = r.skipGroup()
	case r.take("drop", "expression"):
		a.Verb = safety.DropExpression
	case r.take("add", "generated"):
		a.Verb = safety.AddIdentity
	case r.take("drop", "identity"):
		a.Verb = safety.DropIdentity
	case r.take("set", "statistics"), r.take("set") && r.peek().Is("("), r.take("reset"):
		a.Verb = safety.SetStatistics
	case r.takeAny("storage", "compression") != "":
		a.Verb = safety.SetStorage
	default:
		a.Verb = safety.AlterIdentity // SET GENERATED, SET of an option of the sequence, RESTART
		if r.peek().Is("statistics") {
			a.Verb = safety.SetStatistics
		}
	}
	return []safety.Action{a}
}

func (r *reader) typeClause(a safety.Action) []safety.Action {
	a.Verb = safety.AlterType
	c := safety.Column{Name: a.Name}
	c.Type, _ = r.typeName()
	if r.take("collate") {
		c.Collation = r.name().Name
	}
	if r.take("using") {
		a.Expr = r.until(",")
	}
	a.Column = &c
	return []safety.Action{a}
}

// alterIndex reads ALTER INDEX.
func (r *reader) alterIndex() {
	a := safety.Action{Verb: safety.AlterIndex, IfExists: r.ifExists()}
	a.Of = r.name()
	switch {
	case r.take("rename", "to"):
		a.Verb, a.To = safety.RenameIndex, r.word()
	case r.take("attach", "partition"):
		a.Verb, a.Name = safety.AttachIndex, r.name().String()
	case r.take("set", "tablespace"):
		a.Verb, a.Kind = safety.SetTablespace, "index"
	}
	r.add(a)
}

// alterType reads ALTER TYPE.
func (r *reader) alterType() {
	a := safety.Action{Verb: safety.Alter, Kind: "type", Of: r.name()}
	switch {
	case r.take("add", "value"):
		a.Verb, a.IfNotExists = safety.AddEnumValue, r.ifNotExists()
		a.Name, a.Last = r.next().Text, true
		if r.takeAny("before", "after") != "" {
			a.Before, a.Last = r.next().Text, false
		}
	case r.take("rename", "value"):
		a.Verb, a.Name = safety.RenameEnumValue, r.next().Text
		r.take("to")
		a.To = r.next().Text
	case r.take("rename", "to"):
		a.Verb, a.To = safety.Rename, r.word()
	case r.take("owner", "to"):
		a.Verb, a.To = safety.SetOwner, r.word()
	case r.take("set", "schema"):
		a.ToIn = r.word()
	case r.take("drop", "attribute"):
		a.Change, a.Cascade = "drop attribute", slices.ContainsFunc(r.tokens, isCascade)
	default:
		a.Cascade = slices.ContainsFunc(r.tokens, isCascade)
	}
	r.add(a)
}

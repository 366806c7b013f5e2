package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

// Examine reads the statements of a unit against the model and leaves the model as it is behind them.
func Examine(ex dialect.Examiner, m *safety.Model, u *Unit, sources []Source) {
	u.Server, u.Start, u.After = m.Server, m.Clone(), m
	u.fresh, u.aside = map[safety.Name]bool{}, map[safety.Name]safety.Name{}
	e := &examiner{ex: ex, model: m, unit: u, tx: 1, timeout: u.Timeout}
	for _, s := range sources {
		e.statement(s)
	}
}

type examiner struct {
	ex      dialect.Examiner
	model   *safety.Model
	unit    *Unit
	tx      int  // the number of the next transaction
	open    bool // BEGIN was seen
	timeout bool
}

func (e *examiner) statement(src Source) {
	st := &Statement{Source: src, Timeout: e.timeout}
	e.unit.Statements = append(e.unit.Statements, st)
	if e.unit.Tx || e.open {
		st.Tx = e.tx
	}
	for i, action := range e.ex.Actions(src.SQL) {
		st.Timeout = st.Timeout || action.Bounded
		a := e.act(st, action)
		if i == 0 {
			st.Facts = a.Facts
		} else {
			st.Facts = st.Facts.Join(a.Facts)
		}
		st.Acts = append(st.Acts, a)
		e.model.Apply(a.Action)
		a.After = e.after(a.Action)
		e.session(a.Action)
	}
}

func (e *examiner) act(st *Statement, action safety.Action) *Act {
	action = e.model.Resolve(action)
	a := &Act{Action: action, Statement: st, Model: e.model, unit: e.unit}
	if !action.Table.IsZero() {
		a.Before = e.model.Table(action.Table)
	}
	a.fresh = e.unit.fresh[action.Table]
	if action.Constraint != nil && !action.Constraint.RefTable.IsZero() {
		a.Ref = e.model.Table(action.Constraint.RefTable)
	}
	if action.Kind == "function" || action.Kind == "procedure" {
		a.Known = e.model.HasRoutine(action.Of)
	}
	a.Lost = lostValues(a)
	a.Facts = e.ex.Facts(e.model, action)
	e.freshen(action)
	return a
}

// after is the table behind an action.
func (e *examiner) after(a safety.Action) *safety.Table {
	n := a.Table
	if n.IsZero() {
		return nil
	}
	if a.Verb == safety.RenameTable && a.To != "" {
		n.Name = a.To
	}
	if a.Verb == safety.MoveTable && a.ToIn != "" {
		n.Schema = a.ToIn
	}
	return e.model.Table(n)
}

// freshen keeps track of what the unit makes.
func (e *examiner) freshen(a safety.Action) {
	fresh := e.unit.fresh
	switch a.Verb {
	case safety.CreateTable:
		if !a.IfNotExists || e.model.Table(a.Table) == nil {
			fresh[a.Table] = true
		}
	case safety.Create:
		if !a.OrReplace {
			fresh[a.Of] = true
		}
	case safety.Rename:
		e.unit.aside[safety.Name{Schema: a.Of.Schema, Name: a.To}] = a.Of
	case safety.RenameTable, safety.MoveTable:
		if to := a.Table; fresh[a.Table] {
			if a.To != "" {
				to.Name = a.To
			}
			if a.ToIn != "" {
				to.Schema = a.ToIn
			}
			fresh[to] = true
		}
	}
}

// session keeps track of the transaction and of what is set in it.
func (e *examiner) session(a safety.Action) {
	switch a.Verb {
	case safety.Begin:
		e.open = true
		e.tx++
	case safety.Commit, safety.Rollback:
		e.open = false
		e.tx++
	case safety.SetVariable:
		switch a.Name {
		case "lock_timeout", "lock_wait_timeout", "innodb_lock_wait_timeout":
			if a.Name != "innodb_lock_wait_timeout" {
				e.timeout = bounded(a.Expr)
			}
		case "search_path", "database":
			if first := strings.Trim(strings.TrimSpace(strings.Split(a.Expr, ",")[0]), `"' `); first != "" && first != "default" {
				e.model.Default = first
			}
		case "timezone", "foreign_key_checks":
			settings := maps.Clone(e.model.Server.Settings)
			if settings == nil {
				settings = map[string]string{}
			}
			settings[a.Name] = strings.ToLower(a.Expr)
			e.model.Server.Settings = settings
		}
	}
}

// bounded reports whether a timeout is one.
func bounded(value string) bool {
	digits := strings.TrimLeft(strings.Trim(value, "'\" "), "0")
	return digits != "" && digits[0] >= '1' && digits[0] <= '9'
}

// Examined are the acts of the statement: one that nothing is known of, where there are none.
func (s *Statement) Examined() []*Act {
	if len(s.Acts) > 0 {
		return s.Acts
	}
	return []*Act{{Action: safety.Action{Verb: safety.Other}, Statement: s}}
}

// acts calls a function for each act of the unit, in order.
func (u *Unit) acts(do func(*Act)) {
	for _, s := range u.Statements {
		for _, a := range s.Acts {
			do(a)
		}
	}
}

// each makes the check of a rule that looks at one act at a time. An empty message is no finding.
func each(message func(*Act) string) func(*Unit, func(*Act, string)) {
	return func(u *Unit, report func(*Act, string)) {
		u.acts(func(a *Act) {
			if m := message(a); m != "" {
				report(a, m)
			}
		})
	}
}

// on limits a check to verbs.
func on(message func(*Act) string, verbs ...safety.Verb) func(*Unit, func(*Act, string)) {
	return each(func(a *Act) string {
		if !slices.Contains(verbs, a.Verb) {
			return ""
		}
		return message(a)
	})
}

// onOld limits a check to verbs, on tables that were there before.
func onOld(message func(*Act) string, verbs ...safety.Verb) func(*Unit, func(*Act, string)) {
	return on(func(a *Act) string {
		if !a.Old() {
			return ""
		}
		return message(a)
	}, verbs...)
}

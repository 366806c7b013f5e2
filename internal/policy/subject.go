package policy

import (
	"cmp"
	"fmt"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/safety"
)

// subjects makes what rules see of the acts of a unit.
type subjects struct {
	unit   *lint.Unit
	server server
}

func subjectsOf(u *lint.Unit) subjects {
	v := u.Server.Version
	return subjects{u, server{Flavor: u.Server.Flavor, Version: fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]), Major: v[0], Minor: v[1], Patch: v[2]}}
}

// of is an act; number counts its statement from 1.
func (s subjects) of(a *lint.Act, number int) subject {
	st := a.Statement
	out := subject{
		Verb: a.Verb.Word(), Action: actionOf(a.Action), Table: tableOf(a), Facts: factsOf(a),
		Statement: statement{SQL: st.SQL, Comments: st.Comments, Number: number, Bounded: st.Timeout, Transaction: positive(st.Tx)},
		File:      cmp.Or(st.Pos.File, s.unit.Name), Line: positive(st.Pos.Line),
		Unit: unit{s.unit.Name, s.unit.Version}, Dialect: s.unit.Dialect, Server: s.server, Version: s.server.Version,
	}
	out.Before, out.Column = columnsOf(a)
	if i := indexOf(a); i != nil {
		x := describeIndex(*i)
		out.Index = &x
	}
	if c := constraintOf(a); c != nil {
		x := describeConstraint(*c)
		out.Constraint = &x
	}
	return out
}

func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

func actionOf(a safety.Action) action {
	out := action{
		Name: a.Name, To: a.To, ToSchema: a.ToIn, Kind: a.Kind, Object: nameOf(a.Of), Expression: a.Expr, Columns: a.Columns, IfExists: a.IfExists, IfNotExists: a.IfNotExists,
		OrReplace: a.OrReplace, Cascade: a.Cascade, Concurrently: a.Concurrently, WithoutWhere: a.Whole, Algorithm: a.Algorithm, Lock: a.LockClause,
	}
	if out.Name == "" && a.Column != nil {
		out.Name = a.Column.Name
	}
	return out
}

func nameOf(n safety.Name) *name {
	if n.IsZero() {
		return nil
	}
	return &name{n.Schema, n.Name}
}

// made is the table that an action makes, as it is made.
func made(a *lint.Act) *safety.Table {
	if a.Verb != safety.CreateTable || a.New == nil {
		return nil
	}
	if a.After != nil && a.Before == nil {
		return a.After
	}
	return a.New
}

func tableOf(a *lint.Act) *table {
	if a.Table.IsZero() {
		return nil
	}
	out := &table{Schema: a.Table.Schema, Name: a.Table.Name, ExistsBefore: a.Verb != safety.CreateTable && a.Old()}
	t := a.Before
	if m := made(a); m != nil {
		t = m
	}
	if t == nil {
		return out
	}
	out.Known, out.Kind, out.Parent = !t.Opaque, t.Kind, nameOf(t.Parent)
	if out.ExistsBefore {
		out.Rows, out.Bytes = known(t.Rows), known(t.Bytes)
	}
	out.Triggers, out.Policies, out.RowSecurity, out.Temporary, out.Unlogged = t.Triggers, t.Policies, t.RLS, t.Temporary, t.Unlogged
	out.Engine, out.Charset, out.Collation = t.Engine, t.Charset, t.Collation
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, describeColumn(c))
	}
	for _, i := range t.Indexes {
		out.Indexes = append(out.Indexes, describeIndex(i))
	}
	for _, c := range t.Constraints {
		out.Constraints = append(out.Constraints, describeConstraint(c))
		if c.Type == safety.Primary {
			out.PrimaryKey = c.Columns
		}
	}
	return out
}

// known is an estimate; the server's zero for a table that was there is that it never looked.
func known(n int64) *int64 {
	if n <= 0 {
		return nil
	}
	return &n
}

// columnsOf are the column of an act before and afterwards.
func columnsOf(a *lint.Act) (before, column *column) {
	name := a.Name
	if a.Column != nil && name == "" {
		name = a.Column.Name
	}
	switch a.Verb {
	case safety.AddColumn, safety.DropColumn, safety.RenameColumn, safety.AlterType, safety.SetDefault, safety.DropDefault, safety.SetNotNull, safety.DropNotNull,
		safety.SetExpression, safety.DropExpression, safety.AddIdentity, safety.AlterIdentity, safety.DropIdentity, safety.SetStatistics, safety.SetStorage, safety.ChangeColumn:
	default:
		return nil, nil
	}
	if a.Before != nil && a.Verb != safety.AddColumn {
		before = describe(a.Before.Column(name))
	}
	if a.Verb == safety.DropColumn {
		if before == nil {
			before = named(name)
		}
		return before, before
	}
	if a.After != nil {
		now := name
		switch {
		case a.Verb == safety.RenameColumn && a.To != "":
			now = a.To
		case a.Verb == safety.ChangeColumn && a.Column != nil:
			now = a.Column.Name
		}
		column = describe(a.After.Column(now))
	}
	if column == nil {
		column = describe(a.Column)
	}
	if column == nil {
		column = named(cmp.Or(a.To, name))
	}
	return before, column
}

// named is a column of which nothing else is known.
func named(name string) *column { return &column{Name: name} }

func describe(c *safety.Column) *column {
	if c == nil {
		return nil
	}
	x := describeColumn(*c)
	return &x
}

func describeColumn(c safety.Column) column {
	t := safety.ParseType(c.Type)
	out := column{
		Name: c.Name, Type: c.Type, TypeFamily: t.Family, Array: t.Array, Unsigned: t.Unsigned, NotNull: c.NotNull, Default: c.Default, Identity: c.Identity, Generated: c.Generated,
		AutoIncrement: c.AutoIncrement || c.Serial || c.Identity != "", Charset: c.Charset, Collation: c.Collation, Comment: c.Comment,
	}
	if len(t.Sizes) > 0 {
		out.Size = &t.Sizes[0]
	}
	if len(t.Sizes) > 1 {
		out.Scale = &t.Sizes[1]
	}
	return out
}

func indexOf(a *lint.Act) *safety.Index {
	switch a.Verb {
	case safety.DropIndex, safety.RenameIndex, safety.AlterIndex, safety.Reindex, safety.AttachIndex:
		if i := a.Before.Index(a.Name); i != nil {
			return i
		}
		return &safety.Index{Name: a.Name}
	}
	return a.Index
}

func constraintOf(a *lint.Act) *safety.Constraint {
	switch a.Verb {
	case safety.DropConstraint, safety.RenameConstraint, safety.ValidateConstraint, safety.AlterConstraint:
		if c := a.Before.Constraint(a.Name); c != nil {
			return c
		}
		if a.Constraint == nil {
			return &safety.Constraint{Name: a.Name}
		}
	}
	return a.Constraint
}

func describeIndex(i safety.Index) index {
	return index{Name: i.Name, Unique: i.Unique, Columns: i.Columns, Include: i.Include, Where: i.Where, Method: i.Method, Type: i.Type, Constraint: i.Constraint}
}

func describeConstraint(c safety.Constraint) constrain {
	return constrain{Name: c.Name, Type: string(c.Type), Columns: c.Columns, Expression: c.Expr, RefTable: nameOf(c.RefTable), RefColumns: c.RefColumns, NotValid: c.NotValid, Deferrable: c.Deferrable}
}

func factsOf(a *lint.Act) facts {
	f := a.Facts
	strongest := f.Strongest()
	out := facts{
		BlocksReads: strongest >= safety.HoldAll, BlocksWrites: strongest >= safety.HoldWrites, Rewrites: f.Rewrites, Scans: f.Scans, BuildsIndexes: f.Builds, NoTransaction: f.NoTx,
		Online: f.Online, Algorithm: f.Algorithm, Loses: f.Loses, Takes: string(cmp.Or(f.Takes, a.Statement.Facts.Takes)),
	}
	for _, l := range f.Locks {
		out.Locks = append(out.Locks, lock{l.Table.Schema, l.Table.Name, l.Mode, l.Hold >= safety.HoldAll, l.Hold >= safety.HoldWrites, l.Brief})
	}
	return out
}

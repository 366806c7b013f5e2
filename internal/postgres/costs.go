package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/safety"
)

// mode is a lock on a table (PostgreSQL manual, "Table-Level Locks").
type mode string

// The modes that DDL takes, the weakest first.
const (
	noLock      mode = ""
	accessShare mode = "ACCESS SHARE"
	rowShare    mode = "ROW SHARE"
	rowExcl     mode = "ROW EXCLUSIVE"
	shareUpdate mode = "SHARE UPDATE EXCLUSIVE"
	share       mode = "SHARE"
	shareRow    mode = "SHARE ROW EXCLUSIVE"
	exclusive   mode = "EXCLUSIVE"
	accessExcl  mode = "ACCESS EXCLUSIVE"
)

func (m mode) hold() safety.Hold {
	switch m {
	case share, shareRow, exclusive:
		return safety.HoldWrites
	case accessExcl:
		return safety.HoldAll
	}
	return safety.HoldNothing
}

// cost is a row of the table of facts: what a change does to the table, and to the other table that it names. The
// changes are the words of change; TestCosts holds every row against the servers.
type cost struct {
	change   string
	lock     mode
	other    mode
	rewrites bool // every row is written anew, with all indexes
	scans    bool // every row is read
	looks    bool // every row of the other table is read
	builds   string
	noTx     bool
	since    int // the first major version that it holds for
}

const all = "*"

// costs are the facts (PostgreSQL manual, ALTER TABLE, "Notes", and the commands' own pages).
//
//nolint:gochecknoglobals // a constant
var costs = []cost{
	{change: "create table"},
	{change: "create table with foreign keys", other: shareRow},
	{change: "create partition", other: accessExcl},
	{change: "create partition beside a default", other: accessExcl, looks: true},
	{change: "create child table", other: shareUpdate},
	{change: "drop table", lock: accessExcl},
	{change: "drop table with foreign keys", lock: accessExcl, other: accessExcl},
	{change: "truncate", lock: accessExcl, rewrites: true},
	{change: "rename table", lock: accessExcl},
	{change: "set schema", lock: accessExcl},

	{change: "add column", lock: accessExcl},
	{change: "add column, required", lock: accessExcl, scans: true},
	{change: "add column, volatile default", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "add column, serial or identity", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "add column, stored", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "add column, virtual", lock: accessExcl, since: 18},
	{change: "add column, constrained domain", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "drop column", lock: accessExcl},
	{change: "drop column with a foreign key", lock: accessExcl, other: accessExcl},
	{change: "rename column", lock: accessExcl},
	{change: "set or drop default", lock: accessExcl},
	{change: "drop not null", lock: accessExcl},
	{change: "change identity", lock: accessExcl},
	{change: "drop expression", lock: accessExcl},
	{change: "set expression, stored", lock: accessExcl, rewrites: true, scans: true, builds: all, since: 17},
	{change: "set expression, virtual", lock: accessExcl, since: 18},
	{change: "set statistics", lock: shareUpdate},
	{change: "set storage", lock: accessExcl},

	{change: "change type, same bytes", lock: accessExcl},
	{change: "change type, same bytes and indexes", lock: accessExcl, scans: true, builds: "of the column"},
	{change: "change type, same bytes and checks", lock: accessExcl, scans: true},
	{change: "change type", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "change type of a key that is referred to", lock: accessExcl, other: accessExcl, rewrites: true, scans: true, looks: true, builds: all},

	{change: "set not null", lock: accessExcl, scans: true},
	{change: "set not null, proven", lock: accessExcl},
	{change: "add not null", lock: accessExcl, scans: true, since: 18},
	{change: "add not null, not valid", lock: accessExcl, since: 18},
	{change: "add check", lock: accessExcl, scans: true},
	{change: "add check, not valid", lock: accessExcl},
	{change: "add foreign key", lock: shareRow, other: shareRow, scans: true, looks: true},
	{change: "add foreign key, not valid", lock: shareRow, other: shareRow},
	{change: "validate", lock: shareUpdate, scans: true},
	{change: "validate foreign key", lock: shareUpdate, other: rowShare, scans: true, looks: true},
	{change: "alter constraint", lock: accessExcl},
	{change: "drop constraint", lock: accessExcl},
	{change: "drop foreign key", lock: accessExcl, other: accessExcl},
	{change: "rename constraint", lock: accessExcl},
	{change: "add key", lock: accessExcl, scans: true, builds: "its own"},
	{change: "add key, using an index", lock: accessExcl},
	{change: "add key, using an index, nullable", lock: accessExcl, scans: true},

	{change: "create index", lock: share, scans: true, builds: "its own"},
	{change: "create index on an empty parent", lock: share},
	{change: "create index concurrently", lock: shareUpdate, scans: true, builds: "its own", noTx: true},
	{change: "drop index", lock: accessExcl},
	{change: "drop index concurrently", lock: shareUpdate, noTx: true},
	{change: "rename index"},
	{change: "alter index"},
	{change: "attach index"},
	{change: "reindex", lock: share, scans: true, builds: all},
	{change: "reindex concurrently", lock: shareUpdate, scans: true, builds: all, noTx: true},

	{change: "set logged", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "set tablespace", lock: accessExcl, rewrites: true},
	{change: "set access method", lock: accessExcl, rewrites: true, scans: true, builds: all, since: 15},
	{change: "set options", lock: shareUpdate},
	{change: "replica identity", lock: accessExcl},
	{change: "cluster", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "vacuum full", lock: accessExcl, rewrites: true, scans: true, builds: all, noTx: true},
	{change: "vacuum", lock: shareUpdate, noTx: true},
	{change: "analyze", lock: shareUpdate},

	{change: "attach partition", lock: shareUpdate, other: accessExcl, looks: true},
	{change: "attach partition, proven", lock: shareUpdate, other: accessExcl},
	{change: "detach partition", lock: accessExcl, other: accessExcl},
	{change: "detach partition concurrently", lock: shareUpdate, other: accessExcl, noTx: true},
	{change: "inherit", lock: accessExcl, other: shareUpdate},

	{change: "row security", lock: accessExcl},
	{change: "policy", lock: accessExcl},
	{change: "create trigger", lock: shareRow},
	{change: "drop trigger", lock: accessExcl},
	{change: "enable or disable trigger", lock: shareRow},
	{change: "owner", lock: accessExcl},
	{change: "refresh", lock: accessExcl, rewrites: true, scans: true, builds: all},
	{change: "refresh concurrently", lock: exclusive, scans: true},
	{change: "write rows", lock: rowExcl},
	{change: "read rows", lock: accessShare},
}

// Facts tells what an action costs on the tables of a model. What it does not know costs nothing that it can name.
func (Dialect) Facts(m *safety.Model, a safety.Action) safety.Facts {
	change := changeOf(m, a)
	if a.Verb == safety.LockTable {
		mode := mode(upper(a.Expr))
		return safety.Facts{Locks: []safety.Lock{{Table: a.Table, Mode: string(mode), Hold: mode.hold()}}}
	}
	i := slices.IndexFunc(costs, func(c cost) bool { return c.change == change })
	if i < 0 {
		return safety.Facts{NoTx: outsideOnly(a)}
	}
	c := costs[i]
	f := safety.Facts{Rewrites: c.rewrites, Scans: c.scans, NoTx: c.noTx}
	if c.lock != noLock {
		f.Locks = append(f.Locks, safety.Lock{Table: a.Table, Mode: string(c.lock), Hold: c.lock.hold()})
	}
	for _, n := range otherTables(m, a) {
		if c.other != noLock && n != a.Table {
			f.Locks = append(f.Locks, safety.Lock{Table: n, Mode: string(c.other), Hold: c.other.hold()})
		}
		if c.looks && n != a.Table && (a.Verb != safety.CreateTable || !isParent(m, n)) {
			f.ScansOther = append(f.ScansOther, n)
		}
	}
	switch c.builds {
	case all:
		f.Builds = []string{all}
	case "its own":
		f.Builds = []string{a.Name}
	case "of the column":
		f.Builds = indexesOf(m.Table(a.Table), a.Name)
	}
	if a.Verb == safety.AttachPartition {
		f.Builds = missingIndexes(m, a)
	}
	f.Online = f.Heavy() && f.Strongest() == safety.HoldNothing
	f.Loses = losesRows(m, a)
	return f
}

// missingIndexes are the indexes of a parent that a partition has to get.
func missingIndexes(m *safety.Model, a safety.Action) []string {
	p, t := m.Table(a.Table), m.Table(a.Of)
	if p == nil || t == nil {
		return nil
	}
	var out []string
	for _, i := range p.Indexes {
		if !slices.ContainsFunc(t.Indexes, func(x safety.Index) bool {
			return slices.Equal(x.Columns, i.Columns) && x.Unique == i.Unique && x.Where == i.Where
		}) {
			out = append(out, i.Name)
		}
	}
	return out
}

// outsideOnly are statements on no table that no transaction block may hold.
func outsideOnly(a safety.Action) bool {
	switch a.Kind {
	case "database", "tablespace", "subscription":
		return a.Verb == safety.Create || a.Verb == safety.Drop
	}
	return a.Verb == safety.Alter && a.Kind == "system"
}

func isParent(m *safety.Model, n safety.Name) bool {
	t := m.Table(n)
	return t != nil && t.Kind == "partitioned table"
}

// losesRows says what data is gone for good.
func losesRows(m *safety.Model, a safety.Action) string {
	switch a.Verb {
	case safety.DropTable:
		if a.Kind == "table" {
			return "the rows of " + a.Table.String()
		}
	case safety.TruncateTable:
		return "the rows of " + a.Table.String()
	case safety.DropColumn:
		if c := m.Table(a.Table).Column(a.Name); c == nil || c.Generated != "virtual" {
			return "the values of " + a.Table.String() + "." + a.Name
		}
	}
	return ""
}

// otherTables are the tables that an action locks besides its own.
func otherTables(m *safety.Model, a safety.Action) []safety.Name {
	t := m.Table(a.Table)
	switch a.Verb {
	case safety.CreateTable:
		return createdBeside(m, a)
	case safety.AddConstraint:
		return []safety.Name{a.Constraint.RefTable}
	case safety.ValidateConstraint, safety.DropConstraint:
		if c := t.Constraint(a.Name); c != nil && c.Type == safety.Foreign {
			return []safety.Name{m.Full(c.RefTable)}
		}
		return nil
	case safety.DropTable:
		return append(parents(m, t, ""), children(m, a.Table)...)
	case safety.DropColumn:
		return append(parents(m, t, a.Name), referring(m, a)...)
	case safety.AlterType:
		return append(parents(m, t, a.Name), children(m, a.Table)...)
	case safety.AttachPartition, safety.DetachPartition, safety.Inherit:
		return []safety.Name{a.Of}
	}
	return nil
}

func createdBeside(m *safety.Model, a safety.Action) []safety.Name {
	if !a.New.Parent.IsZero() {
		out := []safety.Name{m.Full(a.New.Parent)}
		if d := defaultPartition(m, a.New.Parent); d != nil {
			out = append(out, d.Name)
		}
		return out
	}
	var out []safety.Name
	for _, c := range a.New.Constraints {
		if c.Type == safety.Foreign {
			out = append(out, m.Full(c.RefTable))
		}
	}
	return out
}

// parents are the tables that the foreign keys of a table refer to; of a column, where one is named.
func parents(m *safety.Model, t *safety.Table, column string) []safety.Name {
	if t == nil {
		return nil
	}
	var out []safety.Name
	for _, c := range t.Constraints {
		if c.Type == safety.Foreign && (column == "" || slices.Contains(c.Columns, column)) {
			out = append(out, m.Full(c.RefTable))
		}
	}
	return out
}

// referring are the tables whose foreign keys go along with a column that is dropped with all that depends on it.
func referring(m *safety.Model, a safety.Action) []safety.Name {
	var out []safety.Name
	if !a.Cascade {
		return nil
	}
	for _, t := range m.Children(a.Table) {
		if slices.ContainsFunc(t.Constraints, func(c safety.Constraint) bool {
			return c.Type == safety.Foreign && m.Full(c.RefTable) == a.Table && slices.Contains(c.RefColumns, a.Name)
		}) {
			out = append(out, t.Name)
		}
	}
	return out
}

func children(m *safety.Model, n safety.Name) []safety.Name {
	var out []safety.Name
	for _, t := range m.Children(n) {
		out = append(out, t.Name)
	}
	return out
}

func indexesOf(t *safety.Table, column string) []string {
	var out []string
	if t == nil {
		return nil
	}
	for _, i := range t.Indexes {
		if mentionsColumn(i, column) {
			out = append(out, i.Name)
		}
	}
	return out
}

func mentionsColumn(i safety.Index, column string) bool {
	if slices.Contains(i.Columns, column) || slices.Contains(columnsOf(i.Where), column) {
		return true
	}
	return slices.ContainsFunc(i.Columns, func(e string) bool { return e[:1] == "(" && slices.Contains(columnsOf(e), column) })
}

// TransactionalDDL reports that changes of the schema can be rolled back.
func (Dialect) TransactionalDDL() bool { return true }

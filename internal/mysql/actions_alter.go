package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

// alterTable reads ALTER TABLE after these words.
func (r *reader) alterTable() {
	ifExists := r.ifExists()
	table := r.name()
	bounded := r.wait()
	begin := len(r.out)
	a := &alteration{reader: r, table: table}
	for !r.Done() {
		at := r.Pos
		a.clause()
		if r.Pos == at {
			r.Next()
		}
		r.Take(",")
	}
	if a.renames != nil { // whatever stands behind it is of the table under its old name
		a.put(*a.renames)
	}
	a.joinKeys(begin)
	for i := begin; i < len(r.out); i++ {
		o := &r.out[i]
		o.Algorithm, o.LockClause, o.Bounded, o.IfExists = a.algorithm, a.lock, bounded, o.IfExists || ifExists
	}
	if len(r.out) == begin {
		r.add(safety.Action{Verb: safety.TableOption, Table: table, Bounded: bounded, Change: string(columnDetail)})
	}
}

// wait reads MariaDB's WAIT n and NOWAIT.
func (r *reader) wait() bool {
	if r.Take("nowait") {
		return true
	}
	if r.Take("wait") {
		r.Next()
		return true
	}
	return false
}

// alteration is an ALTER TABLE at work.
type alteration struct {
	*reader
	table           safety.Name
	algorithm, lock string
	renames         *safety.Action
}

func (r *alteration) put(a safety.Action) {
	a.Table = r.table
	r.add(a)
}

func (r *alteration) clause() {
	switch {
	case r.Take("add"):
		r.addClause()
	case r.Take("drop"):
		r.dropClause()
	case r.Take("modify"):
		r.Take("column")
		r.change(r.ifExists(), "")
	case r.Take("change"):
		r.Take("column")
		ifExists := r.ifExists()
		r.change(ifExists, r.word())
	case r.Take("alter"):
		r.alterClause()
	case r.Take("rename"):
		r.renameClause()
	case r.Take("algorithm"):
		r.algorithm = strings.ToUpper(r.value())
	case r.Take("lock"):
		r.lock = strings.ToUpper(r.value())
	default:
		r.wholeClause()
	}
}

// addClause reads what follows ADD: columns, keys, partitions.
func (r *alteration) addClause() {
	switch {
	case r.Take("partition"):
		r.addPartition()
		return
	case r.Take("system", "versioning"):
		r.put(safety.Action{Verb: safety.TableOption, Name: "versioning", Change: string(addVersioning)})
		return
	case r.Take("period", "for"):
		r.word()
		r.Group()
		r.put(safety.Action{Verb: safety.TableOption, Name: "period", Change: string(addPeriod)})
		return
	}
	if k, ok := r.key(); ok {
		r.addKey(k)
		return
	}
	r.Take("column")
	ifNotExists := r.ifNotExists()
	if !r.Take("(") {
		r.addColumn(ifNotExists)
		return
	}
	for !r.Done() && !r.Take(")") {
		if k, ok := r.key(); ok {
			r.addKey(k)
		} else {
			r.addColumn(ifNotExists)
		}
		r.Until(",", ")")
		r.Take(",")
	}
}

func (r *alteration) addKey(k safety.Action) {
	switch {
	case k.Constraint != nil:
		k.Verb, k.Name = safety.AddConstraint, k.Constraint.Name
	case k.Index != nil:
		k.Verb, k.Name = safety.CreateIndex, k.Index.Name
	default:
		return
	}
	r.put(k)
}

func (r *alteration) addColumn(ifNotExists bool) {
	c, inline := r.column()
	a := safety.Action{Verb: safety.AddColumn, Name: c.Name, Column: &c, IfNotExists: ifNotExists}
	r.place(&a)
	r.put(a)
	r.inlineKeys(&c, inline)
}

// inlineKeys are the keys and checks that are written at a column.
func (r *alteration) inlineKeys(c *safety.Column, inline []safety.Constraint) {
	for i := range inline {
		r.put(safety.Action{Verb: safety.AddConstraint, Name: inline[i].Name, Constraint: &inline[i], Column: c})
	}
}

// place reads FIRST and AFTER.
func (r *reader) place(a *safety.Action) {
	switch {
	case r.Take("first"):
		a.Placed = true
	case r.Take("after"):
		a.Placed, a.After = true, r.word()
	}
}

// change reads the new definition of a column; of MODIFY it begins with the name that stays.
func (r *alteration) change(ifExists bool, from string) {
	c, inline := r.column()
	a := safety.Action{Verb: safety.ChangeColumn, Name: orName(from, c.Name), Column: &c, IfExists: ifExists}
	r.place(&a)
	r.put(a)
	r.inlineKeys(&c, inline)
}

// dropClause reads what follows DROP.
func (r *alteration) dropClause() {
	switch {
	case r.Take("primary", "key"):
		r.put(safety.Action{Verb: safety.DropConstraint, Name: primaryName, Kind: "primary key"})
	case r.Take("foreign", "key"):
		a := safety.Action{Verb: safety.DropConstraint, Kind: "foreign key", IfExists: r.ifExists()}
		a.Name = r.word()
		r.put(a)
	case r.Take("check"):
		r.put(safety.Action{Verb: safety.DropConstraint, Kind: "check", Name: r.word()})
	case r.Take("constraint"):
		a := safety.Action{Verb: safety.DropConstraint, IfExists: r.ifExists()}
		a.Name = r.word()
		r.put(a)
	case r.TakeAny("index", "key") != "":
		a := safety.Action{Verb: safety.DropIndex, IfExists: r.ifExists()}
		a.Name = r.word()
		r.put(a)
	case r.Take("partition"):
		r.ifExists()
		for _, n := range r.names() {
			r.put(safety.Action{Verb: safety.DropPartition, Name: n.Name, Change: string(dropPartition)})
		}
	case r.Take("system", "versioning"):
		r.put(safety.Action{Verb: safety.TableOption, Name: "versioning", Change: string(dropVersioning)})
	case r.Take("period", "for"):
		r.word()
		r.put(safety.Action{Verb: safety.TableOption, Name: "period", Change: string(dropPeriod)})
	default:
		r.Take("column")
		a := safety.Action{Verb: safety.DropColumn, IfExists: r.ifExists()}
		a.Name = r.word()
		r.TakeAny("cascade", "restrict")
		r.put(a)
	}
}

// alterClause reads what follows ALTER within ALTER TABLE.
func (r *alteration) alterClause() {
	switch {
	case r.TakeAny("index", "key") != "":
		r.ifExists()
		a := safety.Action{Verb: safety.AlterIndex, Name: r.word()}
		r.Take("not")
		r.Next()
		r.put(a)
	case r.TakeAny("check", "constraint") != "":
		a := safety.Action{Verb: safety.AlterConstraint, Name: r.word(), Change: string(enforceCheck)}
		if r.notEnforced() {
			a.Change = string(idleCheck)
		}
		r.put(a)
	default:
		r.Take("column")
		r.ifExists()
		a := safety.Action{Name: r.word(), Change: string(columnDetail)}
		switch {
		case r.Take("set", "default"):
			a.Verb, a.Expr = safety.SetDefault, r.expression()
		case r.Take("drop", "default"):
			a.Verb = safety.DropDefault
		default:
			a.Verb = safety.SetStorage
			r.Take("set")
			r.Next()
		}
		r.put(a)
	}
}

func (r *alteration) renameClause() {
	switch {
	case r.Take("column"):
		r.ifExists()
		a := safety.Action{Verb: safety.RenameColumn, Name: r.word()}
		r.Take("to")
		a.To = r.word()
		r.put(a)
	case r.TakeAny("index", "key") != "":
		r.ifExists()
		a := safety.Action{Verb: safety.RenameIndex, Name: r.word()}
		r.Take("to")
		a.To = r.word()
		r.put(a)
	default:
		r.TakeAny("to", "as", "=")
		to := r.name()
		r.renames = &safety.Action{Verb: safety.RenameTable, To: to.Name, ToIn: to.Schema}
	}
}

// wholeClause reads what is done to the table as a whole.
func (r *alteration) wholeClause() {
	switch {
	case r.Take("convert", "to"):
		a := safety.Action{Verb: safety.ConvertTo}
		if !r.charset(&a.Expr) {
			return
		}
		if r.Take("collate") {
			a.To = plainCollation(r.value())
		}
		r.put(a)
	case r.Take("order", "by"):
		r.Until(",")
		r.put(safety.Action{Verb: safety.OrderBy, Change: string(changeEngine)})
	case r.Take("force"):
		r.put(safety.Action{Verb: safety.RowFormat, Name: "force", Change: string(rowFormat)})
	case r.TakeAny("enable", "disable") != "":
		r.Take("keys")
		r.put(safety.Action{Verb: safety.TableOption, Name: "keys", Change: string(tableDetail)})
	case r.TakeAny("discard", "import") != "":
		if r.Take("partition") {
			r.Until("tablespace")
		}
		r.Take("tablespace")
		r.put(safety.Action{Verb: safety.TruncateTable, Kind: "tablespace"})
	case r.TakeAny("with", "without") != "":
		r.Take("validation")
	default:
		if !r.partitions() {
			r.option(r.put)
		}
	}
}

// joinKeys tells the actions of one statement of each other: a primary key that is dropped and added is replaced, and
// what comes with an index is done at the pace of that.
func (r *alteration) joinKeys(begin int) {
	acts := r.out[begin:]
	primary := slices.ContainsFunc(acts, func(a safety.Action) bool {
		return a.Verb == safety.AddConstraint && a.Constraint.Type == safety.Primary
	})
	beside := besides(acts)
	for i := range acts {
		a := &acts[i]
		switch {
		case primary && a.Verb == safety.DropConstraint && a.Name == primaryName:
			a.Change = string(addPrimary)
		case a.Verb == safety.AddColumn || a.Verb == safety.DropColumn:
			a.Beside = beside
		}
	}
}

// besides tells whether some of the actions cannot be done instantly.
func besides(acts []safety.Action) safety.Verb {
	var out safety.Verb
	for _, a := range acts {
		switch a.Verb {
		case safety.CreateIndex:
			return safety.NewKey
		case safety.AddConstraint:
			if a.Constraint.Type == safety.Unique || a.Constraint.Type == safety.Primary {
				return safety.NewKey
			}
		case safety.DropIndex, safety.RenameIndex, safety.TableOption:
			out = safety.Other
		case safety.DropConstraint:
			if a.Kind == "foreign key" {
				out = safety.Other
			}
		}
	}
	return out
}

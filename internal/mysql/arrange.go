package mysql

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// The classes of clauses, by what they may share a statement with. What only changes the dictionary would be done the
// long way beside a clause that rebuilds the table; clauses that each go through all rows do so together.
const (
	classInstant = "instant" // changes the dictionary only
	classOnline  = "online"  // in place, without a rebuild, while others write
	classShared  = "shared"  // in place, without a rebuild, while others only read
	classPass    = "pass"    // goes through all rows
	classWhole   = "whole"   // the server takes the clauses only together
	classVirtual = "virtual" // virtual columns, which INSTANT takes beside no others
	classTable   = "table"   // MariaDB's own attributes of a table, beside which it does not widen columns at once
	classHidden  = "hidden"  // functional indexes, which are indexes on hidden virtual columns
	classUnhide  = "unhide"  // and the end of such
	classItself  = "itself"  // foreign keys of a table to itself, held against its rows as they were: errors 1452 and, on MariaDB, 1005
	classText    = "text "   // with its name: a FULLTEXT index beside others, which are made one at a time: error 1795
	classRefers  = "refers"  // columns of foreign keys that become NOT NULL, which MySQL does in place and never as a copy
)

// arrange gives the clauses of each table's ALTERs their classes.
func arrange(c *kind.Context, steps []*plan.Step) {
	letZeroDates(c, steps)
	defer arrangeGently(c, steps)
	if c.Policy.Server.Flavor == "" || c.Policy.Server.Variant != "" {
		return
	}
	tables := map[string][]*plan.Step{}
	var parts []*plan.Step
	for _, s := range steps {
		switch {
		case s.Prefix != "":
			tables[s.Prefix] = append(tables[s.Prefix], s)
		case s.ID.Kind == partitioning && s.Op == plan.Alter:
			parts = append(parts, s)
		}
	}
	for _, clauses := range tables {
		classify(c, clauses)
	}
	for _, s := range parts {
		table := tableID(s.ID.Schema, s.ID.Table)
		joinPartitioning(c, s, tables[alterHead(table)])
	}
}

func classify(c *kind.Context, clauses []*plan.Step) {
	setTextsApart(c, clauses)
	if mustStayWhole(c, clauses) {
		joinWhole(c, clauses)
		return
	}
	copies := false
	for _, s := range clauses {
		s.Class = either(s.Class != "", s.Class, classOf(s.Runs))
		copies = copies || s.Runs != nil && s.Runs.Algorithm == "COPY"
	}
	if copies && c.Policy.Server.Flavor == "mysql" {
		setReferringApart(c, clauses)
	}
	rebuilds := slices.ContainsFunc(clauses, func(s *plan.Step) bool { return s.Class == classPass })
	for _, s := range clauses {
		switch {
		case !rebuilds:
		case setApart(s):
		case s.Class == classOnline && !copies && !blocks(clauses): // a rebuild makes all indexes anyway
			s.Class = classPass
		case s.Class == classShared && copies:
			s.Class = classPass
		}
	}
	joinNeeded(c, ownerTable(clauses[0]), clauses)
}

// setTextsApart gives each FULLTEXT index a statement of its own where InnoDB makes several. The first of a table rebuilds it,
// the others do not. A copy of the table would take all of them, but to make them on the copy takes as long.
func setTextsApart(c *kind.Context, clauses []*plan.Step) {
	var texts []*plan.Step
	for _, s := range clauses {
		if x, ok := kind.Get[Index](c.To, s.ID); ok && s.Op == plan.Create && x.V.Type == "FULLTEXT" && isInnoDB(c, x.Parent) {
			texts = append(texts, s)
		}
	}
	if len(texts) < 2 {
		return
	}
	slices.SortFunc(texts, func(a, b *plan.Step) int { return object.Compare(a.ID, b.ID) })
	for _, s := range texts[1:] {
		s.Class, s.Runs = classText+s.ID.Name, runs(c, ownerTable(s), addMoreFulltext)
	}
}

// setApart reports whether a clause has a statement of its own whatever the others are.
func setApart(s *plan.Step) bool {
	return s.Class == classItself || strings.HasPrefix(s.Class, classText)
}

// ownerTable is the table that a clause is about.
func ownerTable(s *plan.Step) object.ID {
	if s.ID.Table == "" {
		return s.ID
	}
	return tableID(s.ID.Schema, s.ID.Table)
}

// blocks reports whether a clause that goes through all rows keeps writers out.
func blocks(clauses []*plan.Step) bool {
	return slices.ContainsFunc(clauses, func(s *plan.Step) bool { return s.Class == classPass && s.Runs != nil && s.Runs.Lock != "NONE" })
}

// setReferringApart keeps columns that become NOT NULL out of a copy where they are in a foreign key that stays (error 1832;
// sql_table.cc, fk_check_changes).
func setReferringApart(c *kind.Context, clauses []*plan.Step) {
	for _, s := range clauses {
		from, was := kind.Get[Column](c.From, s.ID)
		to, is := kind.Get[Column](c.To, s.ID)
		if was && is && !from.V.NotNull && to.V.NotNull && s.Runs != nil && s.Runs.Algorithm != "COPY" && referring(c)[s.ID] {
			s.Class = classRefers
		}
	}
}

// referring are the columns on both sides of the foreign keys that stay as they are.
func referring(c *kind.Context) map[object.ID]bool {
	return kind.Once(c, "mysql columns of foreign keys", func() map[object.ID]bool {
		out := map[object.ID]bool{}
		for _, o := range c.To.Kind(foreignKey) {
			fk, ok := o.Value.(*ForeignKey)
			if !ok || !c.From.Has(o.ID) || c.Goes(o.ID) {
				continue
			}
			for _, name := range fk.Columns {
				out[columnID(o.Parent, name)] = true
			}
			for _, name := range fk.RefColumns {
				out[columnID(tableID(cmp.Or(fk.RefSchema, o.ID.Schema), fk.RefTable), name)] = true
			}
		}
		return out
	})
}

func classOf(r *plan.Runs) string {
	switch {
	case r == nil:
		return classWhole
	case r.Rebuild:
		return classPass
	case r.Algorithm == "INSTANT":
		return classInstant
	case r.Lock == "NONE":
		return classOnline
	}
	return classShared
}

// mustStayWhole reports whether the server takes the clauses only in one statement: an AUTO_INCREMENT column and its
// key come and go together (error 1075), an engine may refuse what is to go, a period its columns and the versioning of its table (errors 4125, 4134), and a
// table is never without a column (error 1090).
func mustStayWhole(c *kind.Context, clauses []*plan.Step) bool {
	table := object.ID{}
	for _, s := range clauses {
		switch s.ID.Kind {
		case "column":
			table = tableID(s.ID.Schema, s.ID.Table)
			from, was := kind.Get[Column](c.From, s.ID)
			to, is := kind.Get[Column](c.To, s.ID)
			if was && from.V.bound() || is && to.V.bound() {
				if !was || !is || from.V.AutoIncrement != to.V.AutoIncrement || from.V.isPeriod() != to.V.isPeriod() {
					return true
				}
			}
		case "table":
			from, was := kind.Get[Table](c.From, s.ID)
			to, is := kind.Get[Table](c.To, s.ID)
			if was && is && (from.V.Engine != to.V.Engine || from.V.Versioned != to.V.Versioned || !slices.Equal(from.V.Periods, to.V.Periods)) {
				return true
			}
		}
	}
	return !table.IsZero() && len(keptColumns(c, table)) == 0
}

// bound reports whether the column depends on other parts of its table.
func (c *Column) bound() bool { return c.AutoIncrement || c.isPeriod() }

// joinWhole makes one class of all clauses. Beside others that are done in place, adding, moving or dropping a column
// rebuilds the table on MySQL.
func joinWhole(c *kind.Context, clauses []*plan.Step) {
	mixed, virtual := false, false
	for _, s := range clauses {
		mixed = mixed || s.Runs != nil && s.Runs.Algorithm != "INSTANT"
		virtual = virtual || s.Class == classVirtual || s.Class == classHidden || s.Class == classUnhide
		if !setApart(s) {
			s.Class, s.Bound = classWhole, true
		}
	}
	if virtual && len(clauses) > 1 { // copied: error 1846
		clauses[0].Runs = clauses[0].Runs.Join(runsAs("C"))
	}
	for _, s := range clauses {
		if mixed && s.Runs != nil && s.Runs.Algorithm == "INSTANT" && s.ID.Kind == "column" && c.Policy.Server.Flavor == "mysql" {
			s.Runs = s.Runs.Join(runsAs("Nr"))
		}
	}
}

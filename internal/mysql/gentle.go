package mysql

import (
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Every statement commits, so a plan stops where one fails, and programs see the database between any two. What loses rows or
// values comes behind all that may fail, and views let go of columns before these go.

// arrangeGently orders so.
func arrangeGently(c *kind.Context, steps []*plan.Step) {
	for _, s := range steps {
		from, was := kind.Get[View](c.From, s.ID)
		to, is := kind.Get[View](c.To, s.ID)
		if s.Op == plan.Alter && was && is {
			replaceEarly(c, s, from, to, steps)
		}
	}
	lossesLast(steps)
	shapesBeforePartitions(c, steps)
	keysBesidePartitions(c, steps)
}

// keysBesidePartitions lets foreign keys go before one of their tables is partitioned, and come when it no longer is: no
// table has both (MySQL manual, "Partitioning Limitations Relating to Storage Engines"; errors 1506 and 1217).
func keysBesidePartitions(c *kind.Context, steps []*plan.Step) {
	cut := map[object.ID][]*plan.Step{}
	for _, s := range steps {
		if s.ID.Kind == partitioning {
			cut[ownerTable(s)] = append(cut[ownerTable(s)], s)
		}
	}
	for _, s := range steps {
		state, op := c.From, plan.Create
		if s.Op == plan.Create {
			state, op = c.To, plan.Drop
		}
		k, ok := kind.Get[ForeignKey](state, s.ID)
		if !ok {
			continue
		}
		for _, p := range slices.Concat(cut[k.Parent], cut[k.V.referenced(k.Parent)]) {
			if first, then := s, p; p.Op == op {
				if op == plan.Drop {
					first, then = p, s
				}
				done := first.ID.String() + " " + string(first.Op)
				first.Frees, then.Takes = append(first.Frees, done), append(then.Takes, done)
			}
		}
	}
}

// shapesBeforePartitions lets spatial columns go before their table is partitioned: no table is both (error 1178).
func shapesBeforePartitions(c *kind.Context, steps []*plan.Step) {
	goes := map[object.ID][]*plan.Step{}
	for _, s := range steps {
		if col, ok := kind.Get[Column](c.From, s.ID); ok && s.Op != plan.Create && isShape(parseType(col.V.Type).name) {
			if to, stays := kind.Get[Column](c.To, s.ID); !stays || !isShape(parseType(to.V.Type).name) {
				goes[ownerTable(s)] = append(goes[ownerTable(s)], s)
			}
		}
	}
	for _, s := range steps {
		if s.ID.Kind != partitioning || s.Op == plan.Drop {
			continue
		}
		for _, column := range goes[ownerTable(s)] {
			done := column.ID.String() + " is spatial"
			column.Frees, s.Takes = append(column.Frees, done), append(s.Takes, done)
		}
	}
}

// readsOf are the columns that a view may read: those of its tables whose names stand in its query. The server lists only
// the tables.
func readsOf(s *object.State, v kind.Of[View]) map[object.ID]bool {
	names := map[string]bool{}
	for _, chain := range namesIn(v.V.Query) {
		names[strings.ToLower(chain[len(chain)-1])] = true
	}
	out := map[object.ID]bool{}
	for _, id := range v.Needs {
		if id.Kind != "table" {
			continue
		}
		for _, column := range tableColumns(s, id) {
			if names[strings.ToLower(column)] {
				out[columnID(id, column)] = true
			}
		}
	}
	return out
}

// belowOf are the views that a view reads, at any depth.
func belowOf(s *object.State, v *object.Object) []object.ID {
	var out []object.ID
	for next := []*object.Object{v}; len(next) > 0; next = next[1:] {
		for _, id := range next[0].Needs {
			if id.Kind == v.ID.Kind && !slices.Contains(out, id) {
				out, next = append(out, id), append(next, s.Get(id))
			}
		}
	}
	return out
}

// replaceEarly puts the new definition of a view right behind the columns that it is to read, and before those go that the old
// one reads. Where the server takes both in one statement only, or would write all rows twice otherwise, it comes right behind.
func replaceEarly(c *kind.Context, view *plan.Step, from, to kind.Of[View], steps []*plan.Step) {
	had, has := readsOf(c.From, from), readsOf(c.To, to)
	for _, id := range belowOf(c.To, to.Object) {
		if below, ok := kind.Get[View](c.To, id); ok {
			maps.Copy(has, readsOf(c.To, below))
		}
	}
	view.Weight = weightSchema
	brought := broughtColumns(steps)
	waitForColumns(c, view, has, brought)
	needed := map[[2]string]bool{} // statements that the new definition waits for
	for _, s := range steps {
		if s.ID.Kind == "column" && s.Op != plan.Drop && has[s.ID] && s.Prefix != "" {
			needed[[2]string{s.Prefix, s.Class}] = true
		}
	}
	for _, s := range steps {
		if s.ID.Kind != "column" || s.Op != plan.Drop || !had[s.ID] || c.To.Has(s.ID) || s.Into.Op == plan.Drop {
			continue
		}
		if table := ownerTable(s); changesItself(table, steps) && slices.ContainsFunc(brought, func(id object.ID) bool { return has[id] && tableOf(id) == tableOf(s.ID) }) {
			continue // what changes the table stands between the columns that go and those that come
		}
		if needed[[2]string{s.Prefix, s.Class}] {
			if s.Class != classInstant {
				continue
			}
			s.Class = classInstant + ", behind views"
		}
		done := view.ID.String() + " lets go of " + s.ID.String()
		view.Frees, s.Takes = append(view.Frees, done), append(s.Takes, done)
	}
}

// broughtColumns are the columns that the plan makes.
func broughtColumns(steps []*plan.Step) []object.ID {
	var out []object.ID
	for _, s := range steps {
		if s.ID.Kind == "column" && s.Op == plan.Create {
			out = append(out, s.ID)
		}
	}
	return out
}

// waitForColumns has a view that is replaced wait for the columns that it is to read, and not for its tables, which are there: a
// change of a table itself waits for columns that go, and these for the view.
func waitForColumns(c *kind.Context, view *plan.Step, has map[object.ID]bool, brought []object.ID) {
	view.Needs = slices.DeleteFunc(view.Needs, func(id object.ID) bool { return id.Kind == "table" && c.From.Has(id) })
	for id := range has {
		if slices.Contains(brought, id) || !c.From.Has(id) {
			view.Needs = append(view.Needs, id)
		}
	}
	slices.SortFunc(view.Needs, object.Compare)
}

// changesItself reports whether a table is changed by more than its parts.
func changesItself(table object.ID, steps []*plan.Step) bool {
	return slices.ContainsFunc(steps, func(s *plan.Step) bool { return s.Op == plan.Alter && s.ID == table })
}

// lossesLast sets the statements that lose rows or values behind the others: those that do nothing else, as views, triggers
// and routines may rest on what a statement brings, and the server does not tell on what.
func lossesLast(steps []*plan.Step) {
	late, brings := map[[2]string]bool{}, map[[2]string]bool{}
	for _, s := range steps {
		key := [2]string{s.Prefix, s.Class}
		late[key] = late[key] || s.Loses != "" && s.Prefix != ""
		brings[key] = brings[key] || s.Loses == "" && s.Op != plan.Drop
	}
	for _, s := range steps {
		key := [2]string{s.Prefix, s.Class}
		holds := s.ID.Kind == "table" || s.ID.Kind == "schema" || s.ID.Kind == partitioning || s.ID.Kind == "column"
		s.Late = s.Late || late[key] && !brings[key] || s.Loses != "" && s.Prefix == "" && holds && s.Into == (plan.Ref{})
	}
}

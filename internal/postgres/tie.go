package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A table leaves its parents and joins others in two steps, between which it stands alone: it has as its own what it had
// from the former (PostgreSQL manual, "ALTER TABLE", NO INHERIT and DETACH PARTITION), and gets what the next ones demand.

// tie tells which parents a table leaves and which it joins; those that it has all the time are in neither. It tells the same
// of the type that a typed table is made after.
type tie struct {
	left, joined []object.ID
	retyped      bool
}

// parents lists the tables that a table inherits from, in order.
func (t *Table) parents() []object.ID {
	names := t.Inherits
	if t.PartitionOf != "" {
		names = []string{t.PartitionOf}
	}
	var out []object.ID
	for _, n := range names {
		if schema, name, ok := splitQualified(n); ok {
			out = append(out, object.ID{Kind: "table", Schema: schema, Name: name})
		}
	}
	return out
}

// ties lists the tables that leave or join parents between two states.
func ties(from, to *object.State) map[object.ID]tie {
	var out map[object.ID]tie
	typed := typedTables(from, to)
	for _, o := range from.Kind("table") {
		a := kind.Of[Table]{Object: o, V: o.Value.(*Table)}
		b, stays := kind.Get[Table](to, o.ID)
		retyped := typed.retyped(o.ID)
		if !stays || len(a.V.parents()) == 0 && len(b.V.parents()) == 0 && !retyped || anew(from, to, o.ID) != "" {
			continue
		}
		left, joined := movesBetween(from, to, a, b)
		if len(left) == 0 && len(joined) == 0 && !retyped {
			continue
		}
		if out == nil {
			out = map[object.ID]tie{}
		}
		out[o.ID] = tie{left, joined, retyped}
	}
	return out
}

// movesBetween lists the parents that a table leaves and those that it joins.
func movesBetween(from, to *object.State, a, b kind.Of[Table]) (left, joined []object.ID) {
	before, after := a.V.parents(), b.V.parents()
	n := 0
	if a.V.PartitionOf == "" && b.V.PartitionOf == "" || a.V.PartitionOf == b.V.PartitionOf && a.V.Bound == b.V.Bound {
		for n < len(before) && n < len(after) && before[n] == after[n] && anew(from, to, before[n]) == "" {
			n++
		}
	}
	if n > 1 && shareRetyped(from, to, before[:n]) {
		n = 0
	}
	if n == len(before) && n == len(after) {
		return nil, nil
	}
	// One that stays must not take away what the table is to have from another.
	if slices.ContainsFunc(before[:n], func(p object.ID) bool { return !givesTheSame(from, to, p) }) {
		n = 0
	}
	return before[n:], after[n:]
}

// shareRetyped reports whether tables have a column of one name, each from elsewhere, that changes its type. No ALTER of one of
// them may change a child's that is another's too (src/backend/commands/tablecmds.c, ATPrepAlterColumnType).
func shareRetyped(from, to *object.State, tables []object.ID) bool {
	before, after := newSpeller(from), newSpeller(to)
	origin, retyped := map[string]object.ID{}, map[string]bool{}
	for _, t := range tables {
		for _, c := range before.columnsOf(t) {
			if i := slices.IndexFunc(after.columnsOf(t), func(x inherited) bool { return x.name == c.name }); i >= 0 && after.columnsOf(t)[i].v.Type != c.v.Type {
				retyped[c.name] = true
			}
			if first, seen := origin[c.name]; seen && first != c.id && retyped[c.name] {
				return true
			}
			if _, seen := origin[c.name]; !seen {
				origin[c.name] = c.id
			}
		}
	}
	return false
}

// givesTheSame reports whether a table has columns and checks of the same names in both states.
func givesTheSame(from, to *object.State, table object.ID) bool {
	names := func(s *object.State) []string {
		var out []string
		tables := append(ancestors(s, table, nil), table)
		for _, k := range []string{"column", "check"} {
			for _, o := range s.Kind(k) {
				if slices.Contains(tables, o.Parent) {
					out = append(out, k+" "+o.ID.Name)
				}
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(names(from), names(to))
}

// ancestors lists the tables that a table inherits from in a state, near and far, but for those that lie behind others
// in without.
func ancestors(s *object.State, table object.ID, without *object.State) []object.ID {
	var out []object.ID
	o := s.Get(table)
	if o == nil {
		return nil
	}
	for _, n := range o.Needs {
		if n.Kind != "table" || slices.Contains(out, n) {
			continue
		}
		if without != nil && slices.Contains(ancestors(without, table, nil), n) {
			continue
		}
		out = append(out, n)
		out = append(out, ancestors(s, n, nil)...)
	}
	return out
}

// tiesOf are the ties that a plan cuts and makes.
func tiesOf(c *kind.Context) map[object.ID]tie {
	return kind.Once(c, "ties", func() map[object.ID]tie { return ties(c.From, c.To) })
}

// The classes by which the steps of a table that leave and join are known.
const (
	leaving = "leave"
	joining = "join"
	// restarting is the class of the steps after all have joined.
	restarting = "restart"
)

func leaveSteps(c *kind.Context, from, to kind.Of[Table]) []plan.Step {
	steps := leaveType(c, from, to)
	left := tiesOf(c)[to.ID].left
	switch {
	case len(left) == 0:
	case from.V.PartitionOf != "":
		steps = append(steps, splitDetach(c, from, to, detachStep(c, from))...)
	default:
		for _, p := range left {
			name := qualified(p.Schema, p.Name)
			steps = append(steps, alterTableStep(to.ID, "NO INHERIT "+name, "INHERIT "+name, "take "+to.ID.String()+" out of "+p.Path()))
		}
	}
	for i := range steps {
		steps[i].Class = leaving
		steps[i].Releases = append(steps[i].Releases, left...)
	}
	return steps
}

func joinSteps(c *kind.Context, from, to kind.Of[Table]) []plan.Step {
	var steps []plan.Step
	joined := tiesOf(c)[to.ID].joined
	switch {
	case len(joined) == 0:
	case to.V.PartitionOf != "":
		join := plan.Step{SQL: attachClause(to), Reverse: []string{detachClause(to)}, Comment: "attach partition " + to.ID.Path()}
		steps = splitAttach(c, from, to, join)
	default:
		for _, p := range joined {
			name := qualified(p.Schema, p.Name)
			steps = append(steps, alterTableStep(to.ID, "INHERIT "+name, "NO INHERIT "+name, "let "+to.ID.String()+" inherit from "+p.Path()))
		}
	}
	steps = append(steps, joinType(c, from, to)...)
	for i := range steps {
		steps[i].Class = joining
	}
	return steps
}

func attachClause(t kind.Of[Table]) string {
	return "ALTER TABLE " + t.V.PartitionOf + " ATTACH PARTITION " + qualified(t.ID.Schema, t.ID.Name) + " " + t.V.Bound
}

func detachClause(t kind.Of[Table]) string {
	return "ALTER TABLE " + t.V.PartitionOf + " DETACH PARTITION " + qualified(t.ID.Schema, t.ID.Name)
}

func detachStep(_ *kind.Context, t kind.Of[Table]) plan.Step {
	return plan.Step{SQL: detachClause(t), Reverse: []string{attachClause(t)}, Comment: "detach partition " + t.ID.Path()}
}

// isReferenced reports whether a foreign key refers to a table that a partition is a part of: the server has it depend on
// the partition.
func isReferenced(c *kind.Context, partition object.ID) bool {
	above := ancestors(c.From, partition, nil)
	return slices.ContainsFunc(c.From.Kind("foreign_key"), func(o *object.Object) bool {
		return slices.Contains(above, o.Value.(*Constraint).references())
	})
}

// heldUp reports whether a foreign key refers to rows of a table that leaves and comes back, which it must not miss in
// between.
func heldUp(c *kind.Context, table object.ID, dep *object.Object) bool {
	k, ok := dep.Value.(*Constraint)
	return ok && dep.ID.Kind == "foreign_key" && slices.Contains(ancestors(c.To, table, nil), k.references()) &&
		slices.Contains(ancestors(c.From, table, nil), k.references())
}

// settle orders what a plan does around the tables that leave and join parents: a table leaves before anything changes,
// on it or its former parents, and joins when it and the next ones are as they are to be.
func settle(c *kind.Context, steps []*plan.Step) {
	parentsFirst(c, steps)
	likeParents(c, steps)
	keepAside(c, steps)
	makeRoom(c, steps)
	reachFor(c, steps)
	former, next := moving(c)
	if len(former) == 0 && len(next) == 0 {
		return
	}
	for _, st := range steps {
		settleStep(c, st, former, next)
	}
}

// moving lists, by parent, the tables that leave it and those that join it.
func moving(c *kind.Context) (former, next map[object.ID][]object.ID) {
	former, next = map[object.ID][]object.ID{}, map[object.ID][]object.ID{}
	for _, o := range c.To.Kind("table") { // a partitioned table that is made anew leaves and joins so, too
		if v := o.Value.(*Table); v.PartitionOf != "" && c.Goes(o.ID) && c.From.Has(o.ID) {
			for _, p := range ancestors(c.From, o.ID, nil) {
				former[p] = append(former[p], o.ID)
			}
			for _, p := range ancestors(c.To, o.ID, nil) {
				next[p] = append(next[p], o.ID)
			}
		}
	}
	formerTypes(c, former)
	for table, t := range tiesOf(c) {
		for _, p := range reach(c.From, t.left) {
			former[p] = append(former[p], table)
		}
		for _, p := range reach(c.To, t.joined) {
			next[p] = append(next[p], table)
		}
	}
	return former, next
}

// settleStep orders one step among those.
func settleStep(c *kind.Context, st *plan.Step, former, next map[object.ID][]object.ID) {
	cut, on := tiesOf(c), tableID(st.ID)
	if st.ID.Table == "" {
		on = st.ID
	}
	if st.ID.Kind == "table" && c.Goes(st.ID) {
		st.Frees, st.Takes = append(st.Frees, remadeFrees(st)...), append(st.Takes, remadeTakes(st)...)
	}
	switch t, moves := cut[st.ID]; {
	case moves && st.Class == leaving:
		st.Makes, st.Needs = nil, nil
		st.Takes, st.Frees = append(st.Takes, claimUnheld(st.ID)), append(st.Frees, claimLeft(st.ID))
		return
	case moves && st.Class == joining:
		st.Makes, st.Needs = nil, append(st.Needs, t.joined...)
		st.Takes, st.Frees = append(st.Takes, claimReady(st.ID), claimLeft(st.ID)), append(st.Frees, claimJoined(st.ID))
		return
	case st.ID.Kind == "composite":
		for _, table := range former[st.ID] {
			st.Takes = append(st.Takes, claimLeft(table))
		}
		return
	case !passesDown(st.ID.Kind):
		return
	case st.Class == restarting:
		for _, table := range next[on] {
			st.Takes = append(st.Takes, claimJoined(table))
		}
		return
	}
	if isMutual(c, st) {
		settleMutual(st, former[on], next[on])
		settleReference(c, on, st, former, next)
		return
	}
	if _, moves := cut[on]; moves && st.ID.Kind != "table" {
		settleOwn(c, on, st)
	}
	for _, table := range former[on] {
		st.Takes = append(st.Takes, claimLeft(table))
	}
	for _, table := range next[on] {
		if isApart(c, st) {
			st.Takes = append(st.Takes, claimJoined(table))
		} else if st.ID.Kind != "trigger" {
			st.Frees = append(st.Frees, claimReady(table))
		}
	}
	settleReference(c, on, st, former, next)
}

// isApart reports whether a step is about an index that partitions have no part of but those that are attached to it.
func isApart(c *kind.Context, st *plan.Step) bool {
	x, ok := kind.Get[Index](c.To, st.ID)
	return ok && x.V.Invalid && st.Op != plan.Drop
}

// passesDown reports whether objects of a kind make up a table, so that those that inherit from it have them too.
func passesDown(name string) bool {
	return slices.Contains([]string{
		"table", "column", "default", "inherited_column", "check", "primary_key", "unique", "exclude", "foreign_key", "index", "trigger",
	}, name)
}

// settleOwn orders a step on a table that leaves or joins: its shape changes while it stands alone. Keys and indexes that
// are not its share of the next parent's come last, or they would become that.
func settleOwn(c *kind.Context, table object.ID, st *plan.Step) {
	st.Takes = append(st.Takes, claimLeft(table))
	switch st.ID.Kind {
	case "trigger":
	case "column", "default", "inherited_column", "check":
		st.Frees = append(st.Frees, claimReady(table))
	default:
		to, ok := kind.Get[Table](c.To, table)
		share := ok && slices.ContainsFunc(to.V.Shares, func(s Share) bool { return s.ID == st.ID })
		if st.Op == plan.Drop || share {
			st.Frees = append(st.Frees, claimReady(table))
		} else {
			st.Takes = append(st.Takes, claimJoined(table))
		}
	}
}

// settleReference orders a foreign key that refers to a table which a part of leaves, or that a part joins.
func settleReference(c *kind.Context, on object.ID, st *plan.Step, former, next map[object.ID][]object.ID) {
	if st.ID.Kind != "foreign_key" {
		return
	}
	s, tables := c.To, next
	if st.Op == plan.Drop {
		s, tables = c.From, former
	}
	k, ok := kind.Get[Constraint](s, st.ID)
	if !ok {
		return
	}
	for _, table := range append(slices.Clone(tables[k.V.references()]), k.V.references()) {
		if _, moves := tiesOf(c)[table]; !moves || table == on || slices.Contains(tables[on], table) {
			continue
		}
		if st.Op == plan.Drop {
			if !isMutualShare(c, on, k) {
				st.Frees = append(st.Frees, claimUnheld(table))
			}
		} else {
			st.Takes = append(st.Takes, claimJoined(table))
		}
	}
}

// reach lists tables with all that they inherit from.
func reach(s *object.State, tables []object.ID) []object.ID {
	var out []object.ID
	for _, t := range tables {
		out = append(append(out, t), ancestors(s, t, nil)...)
	}
	slices.SortFunc(out, object.Compare)
	return slices.Compact(out)
}

func claimLeft(t object.ID) string   { return t.String() + ", out of its former parents" }
func claimReady(t object.ID) string  { return t.String() + ", like its next parents" }
func claimJoined(t object.ID) string { return t.String() + ", in its next parents" }
func claimUnheld(t object.ID) string { return t.String() + ", referred to by none" }

// remadeFrees and remadeTakes are for a partitioned table what leaving and joining are for one that stays.
func remadeFrees(st *plan.Step) []string {
	if st.Op == plan.Drop {
		return []string{claimLeft(st.ID)}
	}
	return nil
}

func remadeTakes(st *plan.Step) []string {
	if st.Op == plan.Create {
		return []string{claimReady(st.ID)}
	}
	return nil
}

func isPartition(s *object.State, table object.ID) bool {
	t, ok := kind.Get[Table](s, table)
	return ok && t.V.PartitionOf != ""
}

// parentsFirst orders what happens to a column or a check of a table behind what happens to that of its parents, but for a
// drop, which comes before the parent's is made or changed.
func parentsFirst(c *kind.Context, steps []*plan.Step) {
	at := map[object.ID][]*plan.Step{}
	place := func(st *plan.Step) (object.ID, bool) {
		id := st.ID
		if id.Kind == "default" || id.Kind == "inherited_column" {
			id.Kind = "column"
		}
		return id, id.Kind == "column" || id.Kind == "check"
	}
	for _, st := range steps {
		if id, ok := place(st); ok {
			at[id] = append(at[id], st)
		}
	}
	for _, st := range steps {
		id, ok := place(st)
		if !ok || st.ID.Kind == "inherited_column" && st.Op == plan.Drop {
			continue // what is different goes before its parent's column changes
		}
		for _, p := range alwaysAbove(c, tableID(id)) {
			theirs := id
			theirs.Schema, theirs.Table = p.Schema, p.Name
			for _, before := range at[theirs] {
				first, then := before, st
				if before.Op != plan.Drop && st.Op == plan.Drop {
					first, then = st, before
				}
				claim := st.ID.String() + " " + string(first.Op) + ", " + string(then.Op) + " " + before.ID.String()
				first.Frees, then.Takes = append(first.Frees, claim), append(then.Takes, claim)
			}
		}
	}
}

// likeParents makes new tables when the columns that they get from their parents are as they are to be: a table has from them
// what is set on a column, too, but follows no change of that.
func likeParents(c *kind.Context, steps []*plan.Step) {
	born := map[object.ID][]string{} // by ancestor that is there all the time
	for _, st := range steps {
		if st.ID.Kind != "table" || st.Op != plan.Create || !c.To.Has(st.ID) {
			continue
		}
		for _, p := range ancestors(c.To, st.ID, nil) {
			if c.From.Has(p) && !c.Goes(p) {
				claim := "columns of " + p.String() + ", for " + st.ID.String()
				born[p] = append(born[p], claim)
				st.Takes = append(st.Takes, claim)
			}
		}
	}
	for _, st := range steps {
		if st.ID.Kind == "column" && st.Op == plan.Alter {
			st.Frees = append(st.Frees, born[tableID(st.ID)]...)
		}
	}
}

// makeRoom lets partitions go, or leave, before others of the same table come: these may have their rows.
func makeRoom(c *kind.Context, steps []*plan.Step) {
	for _, st := range steps {
		if st.ID.Kind != "table" {
			continue
		}
		from, was := kind.Get[Table](c.From, st.ID)
		to, is := kind.Get[Table](c.To, st.ID)
		if was && from.V.PartitionOf != "" && (st.Op == plan.Drop || st.Class == leaving) {
			st.Frees = append(st.Frees, "room in "+from.V.PartitionOf)
		}
		if is && to.V.PartitionOf != "" && (st.Op == plan.Create || st.Class == joining) {
			st.Takes = append(st.Takes, "room in "+to.V.PartitionOf)
		}
	}
}

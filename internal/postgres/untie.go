package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// What a table has from a parent is no object of its own: the parent's stands for it. Where a plan cuts that tie, it is
// spelled out in both states, as the server does when the table leaves: then the one graph orders what happens to it.

// untie spells out what the tables that leave or join parents have from those.
func untie(from, to *object.State) (*object.State, *object.State) {
	cut := ties(from, to)
	merged := mergedTables(from, to, cut)
	b := newSpeller(to)
	b.markAnew(from, to)
	apart := apartFrom(from, to)
	if len(cut) == 0 && len(merged) == 0 && len(b.reasons) == 0 && len(apart) == 0 {
		return from, to
	}
	a := newSpeller(from)
	a.before = true
	for _, table := range merged {
		a.merge(b, table)
		b.merge(a, table)
	}
	for _, o := range from.Kind("table") {
		if t, moves := cut[o.ID]; moves {
			a.spellOut(o.ID, t.left)
			b.spellOut(o.ID, t.joined)
			b.rejoins[o.ID] = sameParents(from, to, o.ID)
		}
	}
	for _, o := range from.Kind("table") {
		if t, moves := cut[o.ID]; moves {
			a.spellShares(b, o.ID)
			b.rejoin(a, o.ID, t)
		}
	}
	b.markApart(from, apart)
	return a.state(), b.state()
}

// speller makes a state in which what some tables have from parents are objects of their own.
type speller struct {
	s       *object.State
	before  bool // it is the current state
	index   func(object.ID) []*object.Object
	out     map[object.ID]*object.Object      // new objects, and those that are other than before
	gone    map[object.ID]bool                // differences to a parent, which the new objects hold
	columns map[object.ID][]inherited         // of each table, with those of its parents
	spelled map[object.ID]map[object.ID]bool  // the tables that have columns of their own now, and their ancestors
	own     map[object.ID]map[string]struct{} // the names of those columns
	rejoins map[object.ID]bool
	reasons map[object.ID]string    // why tables are made anew
	folded  map[object.ID]object.ID // columns that merged with a parent's, and those that they are then
	mutual  map[object.ID]bool      // foreign keys, once somebody asks
}

// inherited is a column as a table has it, from a parent or itself.
type inherited struct {
	name         string
	v            Column
	def          string
	needs        []object.ID // of the column, but for tables
	defaultNeeds []object.ID // what its default needs
	id           object.ID   // the column's
}

func newSpeller(s *object.State) *speller {
	return &speller{
		s: s, out: map[object.ID]*object.Object{}, gone: map[object.ID]bool{}, columns: map[object.ID][]inherited{},
		spelled: map[object.ID]map[object.ID]bool{}, own: map[object.ID]map[string]struct{}{}, rejoins: map[object.ID]bool{}, reasons: map[object.ID]string{}, folded: map[object.ID]object.ID{},
	}
}

// children lists what belongs to a table.
func (p *speller) children(table object.ID) []*object.Object {
	if p.index == nil {
		p.index = p.s.Children()
	}
	return p.index(table)
}

// columnsOf lists the columns of a table, those of its parents first.
func (p *speller) columnsOf(table object.ID) []inherited {
	if list, known := p.columns[table]; known {
		return list
	}
	p.columns[table] = nil // a table is not its own ancestor
	t, ok := kind.Get[Table](p.s, table)
	if !ok {
		return nil
	}
	var out []inherited
	seen := map[string]bool{}
	own := p.ownColumns(table)
	for _, parent := range t.V.parents() {
		for _, c := range p.columnsOf(parent) {
			if seen[c.name] {
				continue
			}
			seen[c.name] = true
			if i := slices.IndexFunc(own, func(o inherited) bool { return o.name == c.name }); i >= 0 {
				out = append(out, own[i])
				continue
			}
			out = append(out, p.asHeir(table, parent, c))
		}
	}
	for _, c := range own {
		if !seen[c.name] {
			out = append(out, c)
		}
	}
	p.columns[table] = out
	return out
}

func (p *speller) ownColumns(table object.ID) []inherited {
	var out []inherited
	for _, o := range p.children(table) {
		v, ok := o.Value.(*Column)
		if !ok {
			continue
		}
		c := inherited{name: o.ID.Name, v: *v, needs: o.Needs, id: o.ID}
		if d, has := kind.Get[Default](p.s, defaultID(o.ID)); has {
			c.def, c.defaultNeeds = d.V.Expr, d.Needs
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b inherited) int { return a.v.Position - b.v.Position })
	return out
}

// asHeir is what a table has of a column of its parent.
func (p *speller) asHeir(table, parent object.ID, c inherited) inherited {
	if c.v.NotNull {
		c.v.NotNullAs.Name = c.v.NotNullAs.name(columnID(parent, c.name))
	}
	if c.v.NotNullAs.NoInherit {
		c.v.NotNull = false
	}
	c.v.NotNullAs.NoInherit, c.v.NotNullAs.Comment = false, ""
	c.v.Identity, c.v.Statistics, c.v.Options = Identity{}, "", nil
	if special, ok := kind.Get[InheritedColumn](p.s, inheritedID(columnID(table, c.name))); ok {
		c.v.NotNull = c.v.NotNull || special.V.NotNull
		if special.V.OwnDefault {
			c.def, c.defaultNeeds = special.V.Default, c.needs
		}
	}
	if !c.v.NotNull {
		c.v.NotNullAs = NotNull{}
	}
	return c
}

// spellOut makes columns, defaults and checks of a table's own of those that it has from parents.
func (p *speller) spellOut(table object.ID, parents []object.ID) {
	given := map[string]bool{}
	for _, parent := range parents {
		for _, c := range p.columnsOf(parent) {
			given[c.name] = true
		}
	}
	p.own[table] = map[string]struct{}{}
	p.spelled[table] = map[object.ID]bool{}
	for _, a := range ancestors(p.s, table, nil) {
		p.spelled[table][a] = true
	}
	for i, c := range p.columnsOf(table) {
		id := columnID(table, c.name)
		if !given[c.name] || p.s.Has(id) {
			continue
		}
		v := c.v
		v.Position = i + 1
		if !p.before {
			v.NotNullAs.Name = "" // the parent's name for it is as good as the table's own
		}
		p.own[table][c.name] = struct{}{}
		p.add(&object.Object{ID: id, Value: &v, Parent: table, Needs: p.needs(table, c.needs)})
		if c.def != "" {
			p.add(&object.Object{ID: defaultID(id), Value: &Default{Expr: c.def}, Parent: id, Needs: append(p.needs(table, c.defaultNeeds), id)})
		}
		p.gone[inheritedID(id)] = true
	}
	for _, parent := range reach(p.s, parents) {
		for _, o := range p.children(parent) {
			if k, ok := o.Value.(*Constraint); ok && o.ID.Kind == "check" && !k.NoInherit {
				p.copyConstraint(table, o, o.ID.Name)
			}
		}
	}
}

func (p *speller) copyConstraint(table object.ID, of *object.Object, name string) {
	id := object.ID{Kind: of.ID.Kind, Schema: table.Schema, Table: table.Name, Name: name}
	if p.s.Has(id) || p.out[id] != nil {
		return
	}
	v := *of.Value.(*Constraint)
	o := &object.Object{ID: id, Value: &v, Parent: table, Needs: p.needs(table, of.Needs), Claims: []string{"constraint " + tableOf(id) + "." + ident(name)}}
	if ownsIndex(id) {
		o.Claims = append(o.Claims, relationClaim(id.Schema, name))
	}
	p.add(o)
}

func (p *speller) copyIndex(table object.ID, of *object.Object, share Share) {
	v := *of.Value.(*Index)
	v.Def, v.Invalid, v.Clustered = share.Def, false, false
	p.add(&object.Object{ID: share.ID, Value: &v, Parent: table, Needs: p.needs(table, of.Needs), Claims: []string{relationClaim(share.ID.Schema, share.ID.Name)}})
}

func (p *speller) add(o *object.Object) {
	o.SortNeeds()
	p.out[o.ID] = o
}

// needs are those of an ancestor's object as a table's own.
func (p *speller) needs(table object.ID, needs []object.ID) []object.ID {
	out := []object.ID{table, schemaID(table.Schema)}
	for _, n := range needs {
		switch {
		case n.Kind == "table" && p.spelled[table][n]:
		case p.spelled[table][tableID(n)] && n.Kind == "column":
			out = append(out, columnID(table, n.Name))
		default:
			out = append(out, n)
		}
	}
	return out
}

// spellShares makes keys and indexes of a former partition's own of its shares, but for those that have a name of their own
// where it is a partition again: they are given that.
func (p *speller) spellShares(then *speller, table object.ID) {
	t, _ := kind.Get[Table](p.s, table)
	to, _ := kind.Get[Table](then.s, table)
	for _, share := range t.V.Shares {
		of := p.s.Get(share.Of)
		if of == nil || share.Stays || hasPartOn(then.s, share.Of, table) || p.isMutual(share.Of) && goesItself(p.s, then.s, of) {
			continue
		}
		again := then.s.Get(share.Of)
		if i := slices.IndexFunc(to.V.Shares, func(s Share) bool { return s.Of == share.Of }); i >= 0 && to.V.Shares[i].ID != share.ID && sameKey(of, again) {
			continue // it joins again under another name, which is no difference
		}
		p.spellShare(table, of, share)
	}
}

func (p *speller) isMutual(key object.ID) bool {
	if p.mutual == nil {
		p.mutual = mutualKeys(p.s)
	}
	return p.mutual[key]
}

func (p *speller) spellShare(table object.ID, of *object.Object, share Share) {
	if share.ID.Kind == "index" {
		p.copyIndex(table, of, share)
	} else {
		p.copyConstraint(table, of, share.ID.Name)
	}
}

// rejoin spells out the shares that a table has before it joins, and is to have: it need not get them then.
func (p *speller) rejoin(before *speller, table object.ID, t tie) {
	if len(t.joined) == 0 {
		return
	}
	to, _ := kind.Get[Table](p.s, table)
	for _, share := range to.V.Shares {
		if of := p.s.Get(share.Of); of != nil && (before.out[share.ID] != nil || before.s.Has(share.ID)) {
			p.spellShare(table, of, share)
		}
	}
}

// sameKey compares two keys on different tables.
func sameKey(a, b *object.Object) bool {
	if a == nil || b == nil {
		return false
	}
	switch x := a.Value.(type) {
	case *Index:
		y, ok := b.Value.(*Index)
		return ok && afterTable(x.Def) == afterTable(y.Def) && x.Unique == y.Unique
	case *Constraint:
		y, ok := b.Value.(*Constraint)
		return ok && x.Def == y.Def && x.NotValid == y.NotValid
	}
	return false
}

// afterTable is the part of an index's definition that follows the table: USING …
func afterTable(def string) string {
	_, rest, _ := strings.Cut(def, " USING ")
	return rest
}

// hasPartOn reports whether an index has a part on a table that is an object of its own.
func hasPartOn(s *object.State, index, table object.ID) bool {
	return slices.ContainsFunc(partsOf(s, index), func(part object.ID) bool { return tableID(part) == table })
}

// state is the state with what was spelled out. What read a column of a table by way of its parent reads the table's own.
func (p *speller) state() *object.State {
	out := object.NewState()
	out.Ledger, out.Facts, out.Notes = p.s.Ledger, p.s.Facts, p.s.Notes
	heirs := p.heirs()
	for _, o := range p.s.All() {
		if p.gone[o.ID] || p.out[o.ID] != nil {
			continue
		}
		if t, ok := o.Value.(*Table); ok && (p.rejoins[o.ID] || p.reasons[o.ID] != "") {
			v := *t
			v.Rejoins, v.Anew = p.rejoins[o.ID], p.reasons[o.ID]
			o = &object.Object{ID: o.ID, Value: &v, Parent: o.Parent, Needs: o.Needs, Mentions: o.Mentions, Claims: o.Claims, Pos: o.Pos}
		}
		_ = out.Add(p.reread(o, heirs))
	}
	for _, o := range p.out {
		_ = out.Add(o)
	}
	return out
}

// heirs maps each table that has columns of one that was spelled out, itself among them, to that.
func (p *speller) heirs() map[object.ID]object.ID {
	out := map[object.ID]object.ID{}
	for _, o := range p.s.Kind("table") {
		if p.spelled[o.ID] != nil {
			out[o.ID] = o.ID
			continue
		}
		for _, a := range ancestors(p.s, o.ID, nil) {
			if p.spelled[a] != nil {
				out[o.ID] = a
				break
			}
		}
	}
	return out
}

func (p *speller) reread(o *object.Object, heirs map[object.ID]object.ID) *object.Object {
	if o.ID.Kind == "table" {
		return o
	}
	host, within := heirs[tableID(o.ID)]
	if !within {
		host, within = heirs[o.Parent]
	}
	c := *o
	if _, merged := p.folded[o.Parent]; merged {
		c.Parent = tableID(o.Parent)
	}
	c.Needs = nil
	for _, n := range o.Needs {
		switch root, merged := p.folded[n]; {
		case merged:
			c.Needs = append(c.Needs, root, tableID(n))
		case within:
			c.Needs = append(c.Needs, p.needOf(o, n, host)...)
		default:
			c.Needs = append(append(c.Needs, n), p.alsoReads(o, n, heirs)...)
		}
	}
	switch v := o.Value.(type) {
	case *InheritedColumn:
		if own, has := p.ownFor(host, v.Column); within && has {
			c.Value = &InheritedColumn{NotNull: v.NotNull, Default: v.Default, OwnDefault: v.OwnDefault, Column: own}
		}
	case *Comment:
		if p.out[v.Target] != nil {
			c.Parent, c.Needs = v.Target, append(c.Needs, v.Target)
		}
	case *Permission:
		if p.out[v.Target] != nil {
			c.Needs = append(c.Needs, v.Target)
		}
	case *Constraint:
		if o.ID.Kind == "foreign_key" {
			for table, above := range p.spelled {
				if above[v.references()] {
					c.Needs = append(c.Needs, table) // the server has it depend on the partition
				}
			}
		}
	}
	c.SortNeeds()
	return &c
}

// needOf is what an object of a table that has things from others needs for one of its needs.
func (p *speller) needOf(o *object.Object, need, host object.ID) []object.ID {
	own, has := p.ownFor(host, need)
	switch {
	case !has:
		return []object.ID{need}
	case refersTo(o, tableID(need)):
		return []object.ID{need, own}
	}
	return []object.ID{own}
}

// ownFor is the column of a table of its own in the place of an ancestor's.
func (p *speller) ownFor(table, column object.ID) (object.ID, bool) {
	if column.Kind != "column" || !p.spelled[table][tableID(column)] {
		return object.ID{}, false
	}
	_, has := p.own[table][column.Name]
	return columnID(table, column.Name), has
}

// alsoReads lists the columns that something reads which needs a table itself, and a column of its parent.
func (p *speller) alsoReads(o *object.Object, column object.ID, heirs map[object.ID]object.ID) []object.ID {
	if column.Kind != "column" {
		return nil
	}
	var out []object.ID
	for _, n := range o.Needs {
		if table, is := heirs[n]; is {
			if own, has := p.ownFor(table, column); has {
				out = append(out, own)
			}
		}
	}
	return out
}

func refersTo(o *object.Object, table object.ID) bool {
	k, ok := o.Value.(*Constraint)
	return ok && o.ID.Kind == "foreign_key" && k.references() == table
}

// mergedTables lists the tables that inherit all the time and have columns or checks of their own: some may have merged with
// those of the parents (PostgreSQL manual, "ALTER TABLE", INHERIT). Nothing but making the table anew would change that, and
// nothing shows it until it leaves them, or they lose theirs.
func mergedTables(from, to *object.State, cut map[object.ID]tie) []object.ID {
	var out []object.ID
	for _, o := range from.Kind("table") {
		if _, moves := cut[o.ID]; len(o.Value.(*Table).Inherits) > 0 && !moves && to.Has(o.ID) {
			out = append(out, o.ID)
		}
	}
	return out
}

// merge makes the parents' of the columns and checks of a table that merged with those, where they are the parents' alone in
// the other state.
func (p *speller) merge(other *speller, table object.ID) {
	for _, o := range p.children(table) {
		switch v := o.Value.(type) {
		case *Column:
			root, inherits := p.parentsColumn(table, o.ID.Name)
			if _, there := other.parentsColumn(table, o.ID.Name); !inherits || !there || other.s.Has(o.ID) {
				continue
			}
			p.fold(o.ID, v, root)
		case *Constraint:
			k := kind.Of[Constraint]{Object: o, V: v}
			if parentsCheck(p.s, k) && parentsCheck(other.s, k) && !other.s.Has(o.ID) {
				p.gone[o.ID] = true
			}
		}
	}
}

// parentsColumn is the column of a table as it would have it from its parents.
func (p *speller) parentsColumn(table object.ID, name string) (inherited, bool) {
	t, ok := kind.Get[Table](p.s, table)
	if !ok {
		return inherited{}, false
	}
	for _, parent := range t.V.parents() {
		for _, c := range p.columnsOf(parent) {
			if c.name == name {
				return p.asHeir(table, parent, c), true
			}
		}
	}
	return inherited{}, false
}

// fold says of a column only what is different from the parent's.
func (p *speller) fold(column object.ID, v *Column, root inherited) {
	p.gone[column], p.gone[defaultID(column)] = true, true
	p.folded[column] = root.id
	special := &InheritedColumn{NotNull: v.NotNull && !root.v.NotNull, Column: root.id}
	needs := []object.ID{tableID(column), schemaID(column.Schema), root.id}
	def := ""
	if d, ok := kind.Get[Default](p.s, defaultID(column)); ok {
		def = d.V.Expr
		needs = append(needs, slices.DeleteFunc(slices.Clone(d.Needs), func(n object.ID) bool { return n == column })...)
	}
	if def != root.def && v.Generated == "" {
		special.Default, special.OwnDefault = def, true
	}
	if special.NotNull || special.OwnDefault {
		p.add(&object.Object{ID: inheritedID(column), Value: special, Parent: tableID(column), Needs: needs})
	}
}

// sameParents reports whether a table has the same place in both states: only a parent that is made anew, or a type that
// changes, has it leave.
func sameParents(from, to *object.State, table object.ID) bool {
	a, _ := kind.Get[Table](from, table)
	b, _ := kind.Get[Table](to, table)
	return a.V.PartitionOf == b.V.PartitionOf && a.V.Bound == b.V.Bound && slices.Equal(a.V.Inherits, b.V.Inherits) && a.V.OfType == b.V.OfType
}

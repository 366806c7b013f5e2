package kind

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Rename says that two objects are one: the one of the current state under its name there, the other under the name
// that it is to have.
type Rename struct {
	From, To object.ID
}

// Renaming is what becomes of two states when objects that have other names now are taken for what they are.
type Renaming struct {
	// Current is the current state as it is once the steps have run; Desired the desired one, in which objects that are
	// not to be renamed keep their names.
	Current, Desired *object.State
	Steps            []*plan.Step
	Notes            []string

	changes []Change
	origin  map[object.ID]object.ID // what objects of Current are called at first, where that is another name
	down    map[object.ID]object.ID // objects that are taken down meanwhile, and the one that they are in the way of
}

// Starting returns the renaming with another current state, which is the same but for objects that others stood for.
func (r *Renaming) Starting(from *object.State) *Renaming {
	out := *r
	out.Current = from
	return &out
}

// Rename finds the objects of the current state that the desired one has under other names: those that are asked for,
// those whose declarations say so, and those whose name is no more than a name. Renames that refuse names a rule for
// are not carried out.
func (s *Set) Rename(current, desired *object.State, asked []Rename, policy Policy, refuse func(Change) bool) (*Renaming, error) {
	r := &renamer{
		set: s, first: current, policy: policy, refuse: refuse, blocks: map[object.ID]object.ID{}, kept: map[object.ID]object.ID{},
		aside: map[object.ID]object.ID{},
		Renaming: Renaming{
			Current: current, Desired: desired, origin: map[object.ID]object.ID{}, down: map[object.ID]object.ID{},
		},
	}
	if err := r.moves(); err != nil {
		return nil, err
	}
	if err := r.declarations(r.declared(asked)); err != nil {
		return nil, err
	}
	if err := r.takeDown(); err != nil {
		return nil, err
	}
	if err := r.sameButName(); err != nil {
		return nil, err
	}
	if err := r.renameParts(); err != nil {
		return nil, err
	}
	r.group()
	var err error
	if len(r.done) > 0 || len(r.parts) > 0 {
		r.Current, err = s.respell(r.Current, r.Desired, r.done, r.parts)
	}
	return &r.Renaming, err
}

// group keeps the steps of one object together, in the order in which the objects come first, unless some wait for others.
func (r *renamer) group() {
	if r.ordered {
		return
	}
	first := map[object.ID]int{}
	for i, st := range r.Steps[r.early:] {
		if _, ok := first[st.Owner]; !ok {
			first[st.Owner] = i
		}
	}
	slices.SortStableFunc(r.Steps[r.early:], func(a, b *plan.Step) int { return cmp.Compare(first[a.Owner], first[b.Owner]) })
}

// renamer works on states that change with each rename.
type renamer struct {
	Renaming
	set     *Set
	first   *object.State             // the current state as it is
	done    []Rename                  // in names as they are after all earlier renames
	parts   map[object.ID][][2]string // old and new names of parts
	refuse  func(Change) bool
	policy  Policy
	kept    map[object.ID]object.ID // what is declared, and belongs to something that keeps its name
	early   int                     // the number of steps before the renames
	ordered bool                    // some renames must come before others
	aside   map[object.ID]object.ID // what has a third name for a while, and the name that it had
	blocks  map[object.ID]object.ID // objects of first that are in the way, and of which rename
}

// inverse leads the other way.
func inverse(m map[object.ID]object.ID) map[object.ID]object.ID {
	out := make(map[object.ID]object.ID, len(m))
	for from, to := range m {
		out[to] = from
	}
	return out
}

// declaration is one statement that an object had another name.
type declaration struct {
	to    object.ID
	from  string    // the name alone
	exact object.ID // the whole, where somebody asked for it
	pos   diag.Pos
}

// declared lists what is said of names, in an order in which what others belong to comes first.
func (r *renamer) declared(asked []Rename) []declaration {
	var out []declaration
	said := map[object.ID]bool{}
	for _, a := range asked {
		said[a.To] = true
		out = append(out, declaration{to: a.To, from: a.From.Name, exact: a.From})
	}
	for _, o := range r.Desired.All() {
		if o.RenamedFrom != "" && !said[o.ID] {
			out = append(out, declaration{to: o.ID, from: o.RenamedFrom, pos: o.Pos})
		}
	}
	depth := func(d declaration) int {
		switch {
		case d.to.Table != "":
			return 2
		case d.to.Schema != "":
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b declaration) int { return cmp.Compare(depth(a), depth(b)) })
	return out
}

// declarations carries all out. One whose new name is taken waits for the one that takes that name away.
func (r *renamer) declarations(list []declaration) error {
	for again := true; again; {
		again = false
		var waiting []declaration
		for _, d := range list {
			if r.Current.Has(d.to) && slices.ContainsFunc(list, func(o declaration) bool { return o.takes(d.to) }) {
				waiting = append(waiting, d)
				continue
			}
			again = true
			if err := r.declaration(d); err != nil {
				return err
			}
		}
		if len(waiting) == 0 {
			return nil
		}
		list = waiting
	}
	return r.circle(list)
}

// takes reports whether the declaration takes the name away from an object.
func (d declaration) takes(id object.ID) bool {
	old := d.to
	old.Name = nameLike(d.from, old.Name)
	return old == id && d.to != id
}

// declaration carries one out, if there is something to do.
func (r *renamer) declaration(d declaration) error {
	want := r.Desired.Get(cmp.Or(r.kept[d.to], d.to))
	if want == nil {
		return nil
	}
	k, err := r.set.of(want)
	if err != nil {
		return err
	}
	if !k.Renames() {
		return diag.Errorf(d.pos, "no-rename", "%s cannot be renamed", want.ID).
			WithHint("take renamed_from out: it is dropped and made again under its new name")
	}
	old := want.ID
	old.Name = nameLike(d.from, old.Name)
	if !d.exact.IsZero() {
		old = r.now(d.exact)
	}
	have := r.Current.Get(old)
	switch there := r.Current.Has(want.ID); {
	case have != nil && there:
		if !r.Desired.Has(old) {
			r.note(d, "%s is there already, so %s is not renamed to it: it is dropped", want.ID, old)
		}
		return nil
	case there:
		return nil // done before
	case have == nil:
		r.missing(d, want, old)
		return nil
	}
	c := Change{Action: Renamed, ID: want.ID, From: have, To: want, RenamedFrom: r.Was(old)}
	if r.refuse != nil && r.refuse(c) {
		return r.keep(want.ID, old)
	}
	r.block(k, have, want.ID)
	return r.rename(k, have, want, c)
}

// nameLike gives a name the argument types of another, where it has none itself.
func nameLike(name, other string) string {
	if plain := plainName(other); plain != other && plainName(name) == name {
		return name + strings.TrimPrefix(other, plain)
	}
	return name
}

func (r *renamer) note(d declaration, format string, args ...any) {
	text := "note: " + fmt.Sprintf(format, args...)
	if p := d.pos.String(); d.pos.Line > 0 {
		text += " (renamed_from at " + p + ")"
	}
	r.Notes = append(r.Notes, text)
}

// missing tells that there is no object of the old name, unless all is new there anyway.
func (r *renamer) missing(d declaration, want *object.Object, old object.ID) {
	if !want.Parent.IsZero() && !r.Current.Has(want.Parent) {
		return
	}
	for _, o := range r.Current.Kind(want.ID.Kind) {
		if o.ID.Schema == old.Schema && o.ID.Table == old.Table {
			r.note(d, "there is no %s that could be renamed: %s is made anew", old, want.ID)
			return
		}
	}
}

func (r *renamer) now(id object.ID) object.ID {
	for now, was := range r.origin {
		if was == id {
			return now
		}
	}
	return id
}

// Was tells what an object of the current state is called before the renames.
func (r *Renaming) Was(id object.ID) object.ID {
	if was, ok := r.origin[id]; ok {
		return was
	}
	return id
}

// keep lets an object of the desired state have the name that it has, because its rename is refused.
func (r *renamer) keep(anew, old object.ID) error {
	st, moved, err := r.set.rekey(r.Desired, map[object.ID]object.ID{anew: old})
	if err != nil {
		return err
	}
	for from, to := range r.kept {
		r.kept[from] = cmp.Or(moved[to], to)
	}
	maps.Copy(r.kept, moved)
	r.Desired, err = r.set.respell(st, r.Current, []Rename{{From: anew, To: old}}, nil)
	return err
}

func (r *renamer) rename(k Kind, have, want *object.Object, c Change) error {
	for _, st := range k.naming.Rename(have, want.ID.Name) {
		r.step(k, want, st, "rename "+c.RenamedFrom.String()+" to "+want.ID.Name)
	}
	r.changes = append(r.changes, c)
	r.done = append(r.done, Rename{cmp.Or(r.aside[have.ID], have.ID), want.ID})
	return r.rekey(map[object.ID]object.ID{have.ID: want.ID})
}

func (r *renamer) step(k Kind, o *object.Object, st plan.Step, comment string) {
	st.ID, st.Owner, st.Op, st.Weight, st.Pos = o.ID, Owner(o, r.Desired), plan.Alter, k.Weight, o.Pos
	st.Comment = cmp.Or(st.Comment, comment)
	r.Steps = append(r.Steps, &st)
}

// rekey renames objects of the current state, and keeps what they were called at first.
func (r *renamer) rekey(names map[object.ID]object.ID) error {
	st, moved, err := r.set.rekey(r.Current, names)
	if err != nil {
		return err
	}
	origin := map[object.ID]object.ID{}
	for _, o := range r.Current.All() {
		now := o.ID
		if to, ok := moved[o.ID]; ok {
			now = to
		}
		if was := r.Was(o.ID); was != now {
			origin[now] = was
		}
	}
	for id, by := range r.down {
		if to, ok := moved[by]; ok {
			r.down[id] = to
		}
	}
	for i, d := range r.done { // a column of a table that is renamed later is another one by then
		if to, ok := moved[d.To]; ok {
			r.done[i].To = to
		}
	}
	r.Current, r.origin = st, origin
	return nil
}

// block notes what must be taken down before the object can take another name.
func (r *renamer) block(k Kind, have *object.Object, to object.ID) {
	if k.naming.Blocks == nil {
		return
	}
	for _, o := range r.Current.All() {
		if o != have && (o.Parent == have.Parent || slices.Contains(o.Needs, have.ID)) && k.naming.Blocks(have, o) {
			r.blocks[r.Was(o.ID)] = to
		}
	}
}

// takeDown drops, before all renames, what is in their way, with all that needs it; the plan of what remains makes it
// again.
func (r *renamer) takeDown() error {
	if len(r.blocks) == 0 {
		return nil
	}
	now := inverse(r.origin)
	gone, by := map[object.ID]bool{}, object.ID{}
	loose := map[object.ID]any{}
	loosens := func(o *object.Object) bool {
		k, err := r.set.of(o)
		if err != nil || k.naming.Loosen == nil || !k.rows(o.Value) {
			return false
		}
		loose[o.ID] = k.naming.Loosen(o.Value)
		return true
	}
	all, children := r.first.Dependents(), r.first.Children()
	resting := func(id object.ID) []*object.Object {
		return slices.DeleteFunc(slices.Clone(all(id)), func(o *object.Object) bool { return o.Parent != id && loosens(o) })
	}
	for _, id := range slices.SortedFunc(mapKeys(r.blocks), object.Compare) {
		if loosens(r.first.Get(id)) {
			continue
		}
		by = r.blocks[id]
		reach([]object.ID{id}, resting, children, func(id object.ID) {
			gone[id] = true
			r.down[cmp.Or(now[id], id)] = by
		})
	}
	rest, err := withValues(r.first.Filter(func(o *object.Object) (bool, string) { return !gone[o.ID], "" }), func(o *object.Object) any { return loose[o.ID] })
	if err != nil {
		return err
	}
	changes, err := r.set.Diff(r.first, rest)
	if err != nil {
		return err
	}
	changes, steps, err := r.set.Plan(r.first, rest, changes, r.policy)
	if err != nil {
		return err
	}
	for _, st := range steps {
		st.ID, st.Owner = cmp.Or(now[st.ID], st.ID), cmp.Or(now[st.Owner], st.Owner) // people look for it there
		for i, p := range st.Parts {
			st.Parts[i].ID = cmp.Or(now[p.ID], p.ID)
		}
		if r.Desired.Has(st.ID) {
			st.Loses = "" // it comes back in the same plan
		}
	}
	for _, c := range changes {
		if !r.Desired.Has(cmp.Or(now[c.ID], c.ID)) {
			r.changes = append(r.changes, c)
		}
	}
	r.Steps, r.early = append(steps, r.Steps...), len(steps)
	r.Current, err = withValues(
		r.Current.Filter(func(o *object.Object) (bool, string) { return !gone[r.Was(o.ID)], "" }),
		func(o *object.Object) any { return loose[r.Was(o.ID)] },
	)
	r.Current.Ledger = r.first.Ledger
	return err
}

// withValues is a state with other values of those objects that get one.
func withValues(st *object.State, value func(*object.Object) any) (*object.State, error) {
	out := object.NewState()
	out.Ledger = st.Ledger
	for _, o := range st.All() {
		if v := value(o); v != nil {
			c := *o
			c.Value, o = v, &c
		}
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sameButName renames objects whose definitions the desired state has under another name in the same place, where only
// one can be meant.
func (r *renamer) sameButName() error {
	gone, come := r.unmatched(r.Current, r.Desired), r.unmatched(r.Desired, r.Current)
	names := map[object.ID]object.ID{}
	var found []Rename
	texts := r.set.pairsOf(r.Current, r.done, nil)
	for _, place := range slices.SortedFunc(mapKeys(gone), comparePlaces) {
		for _, have := range gone[place] {
			if match := r.only(have, gone[place], come[place], texts); match != nil {
				names[have.ID] = match.ID
				found = append(found, Rename{have.ID, match.ID})
			}
		}
	}
	t := r.taker(names)
	for _, f := range found {
		have, want := r.Current.Get(f.From), r.Desired.Get(f.To)
		c := Change{Action: Renamed, ID: want.ID, From: have, To: want, RenamedFrom: r.Was(f.From)}
		if r.refuse != nil && r.refuse(c) {
			delete(names, f.From)
			continue
		}
		t.list = append(t.list, &taking{change: c, done: f})
	}
	if err := t.all(); err != nil {
		return err
	}
	return r.rekey(names)
}

// place is where objects of one kind are told apart by nothing but their names.
type place struct {
	kind  string
	under object.ID
}

func comparePlaces(a, b place) int {
	return cmp.Or(object.Compare(a.under, b.under), strings.Compare(a.kind, b.kind))
}

func mapKeys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// unmatched lists the objects of a state that another lacks and whose names are only names, by their place.
func (r *renamer) unmatched(st, other *object.State) map[place][]*object.Object {
	out := map[place][]*object.Object{}
	for _, o := range st.All() {
		k, err := r.set.of(o)
		if err != nil || k.naming.Place == nil || !k.Renames() || other.Has(o.ID) {
			continue
		}
		if under, ok := k.naming.Place(st, o); ok {
			p := place{o.ID.Kind, under}
			out[p] = append(out[p], o)
		}
	}
	return out
}

// only finds the one object that another is under a new name, if nothing else could be meant on either side.
func (r *renamer) only(have *object.Object, gone, come []*object.Object, texts map[object.ID]*pairs) *object.Object {
	var match *object.Object
	for _, want := range come {
		if !r.sameAs(have, want, texts) {
			continue
		}
		if match != nil {
			return nil
		}
		match = want
	}
	if match == nil {
		return nil
	}
	for _, other := range gone {
		if other != have && r.sameAs(other, match, texts) {
			return nil
		}
	}
	return match
}

func (r *renamer) sameAs(have, want *object.Object, texts map[object.ID]*pairs) bool {
	k, err := r.set.of(have)
	if err != nil {
		return false
	}
	p := newPairs()
	if known := texts[have.ID]; known != nil {
		p = known.clone()
	}
	p.add(have.ID, want.ID)
	return len(k.diff(k.respell(have.Value, want.Value, p, itself), want.Value)) == 0
}

// renameParts gives parts of values other names, such as the values of an enum.
func (r *renamer) renameParts() error {
	r.parts = map[object.ID][][2]string{}
	for _, want := range r.Desired.All() {
		have := r.Current.Get(want.ID)
		if len(want.RenamedParts) == 0 || have == nil {
			continue
		}
		k, err := r.set.of(want)
		if err != nil {
			return err
		}
		for _, to := range slices.Sorted(mapKeys(want.RenamedParts)) {
			from := want.RenamedParts[to]
			switch has, had := hasPart(have.Value, to), hasPart(have.Value, from); {
			case has && had && !hasPart(want.Value, from):
				r.note(declaration{pos: want.Pos}, "%s has %q already, so %q is not renamed to it", want.ID, to, from)
			case has: // done before
			case !had:
				r.note(declaration{pos: want.Pos}, "%s has no %q that could be renamed to %q", want.ID, from, to)
			default:
				for _, st := range k.naming.RenamePart(have, from, to) {
					r.step(k, want, st, fmt.Sprintf("rename %q of %s to %q", from, want.ID, to))
				}
				r.parts[want.ID] = append(r.parts[want.ID], [2]string{from, to})
			}
		}
	}
	return nil
}

// Merge puts the renames into the list of changes that remain after them.
func (r *Renaming) Merge(changes []Change) []Change {
	byID := map[object.ID]int{}
	out := slices.Clone(changes)
	for i, c := range out {
		byID[c.ID] = i
		if by, ok := r.down[c.ID]; ok && c.Action == Add {
			out[i].Action, out[i].Reason = Replace, "in the way of renaming "+by.String()
		}
	}
	for _, c := range r.changes {
		i, ok := byID[c.ID]
		if !ok {
			out = append(out, c)
			continue
		}
		out[i].RenamedFrom = c.RenamedFrom
		if out[i].Action == Alter {
			out[i].Action = Renamed
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int { return object.Compare(a.ID, b.ID) })
	return out
}

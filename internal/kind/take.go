package kind

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/schemactl/schemactl/internal/object"
)

// taker renames objects of which some are to have names that others still have. Those who get another name themselves go
// first; what goes for good, or waits for the one that waits for it, is called something else meanwhile.
type taker struct {
	*renamer
	list    []*taking
	names   map[object.ID]object.ID   // what objects of the current state are to be called
	holders map[string]*object.Object // by claim
	free    map[object.ID]bool        // what has given its name away
}

// taking is one rename.
type taking struct {
	change Change
	done   Rename
	aside  bool // it is called something else meanwhile
}

func (r *renamer) taker(names map[object.ID]object.ID) *taker {
	return &taker{renamer: r, names: names, holders: map[string]*object.Object{}, free: map[object.ID]bool{}}
}

// all carries the renames out. One whose name nobody can free is taken out: the object is dropped and made again.
func (t *taker) all() error {
	if len(t.list) == 0 {
		return nil
	}
	for _, o := range t.Current.All() {
		for _, claim := range o.Claims {
			t.holders[claim] = o
		}
	}
	for len(t.list) > 0 {
		waiting, err := t.round()
		if err != nil {
			return err
		}
		t.ordered = t.ordered || len(waiting) > 0
		if len(waiting) == len(t.list) { // they wait for each other
			if err := t.setAside(waiting[0]); err != nil {
				return err
			}
		}
		t.list = waiting
	}
	return nil
}

// round carries out what it can, and returns what waits for others.
func (t *taker) round() (waiting []*taking, err error) {
	for _, one := range t.list {
		in := t.inTheWay(one)
		switch {
		case slices.ContainsFunc(in, t.renamed):
			waiting = append(waiting, one)
			continue
		case slices.ContainsFunc(in, func(o *object.Object) bool { return !t.canGiveWay(o) }):
			delete(t.names, one.done.From)
			continue
		}
		for _, o := range in {
			if err := t.giveWay(o); err != nil {
				return nil, err
			}
		}
		if err := t.carryOut(one); err != nil {
			return nil, err
		}
	}
	return waiting, nil
}

// inTheWay lists the objects that have names which one is to have.
func (t *taker) inTheWay(one *taking) []*object.Object {
	var out []*object.Object
	for _, claim := range without(one.change.To.Claims, one.change.From.Claims) {
		if o := t.holders[claim]; o != nil && o != one.change.From && !t.free[o.ID] {
			out = append(out, o)
		}
	}
	return out
}

// renamed reports whether the object gets another name that it does not have yet.
func (t *taker) renamed(o *object.Object) bool {
	return slices.ContainsFunc(t.list, func(other *taking) bool { return other.done.From == o.ID && t.names[o.ID] != object.ID{} })
}

// canGiveWay reports whether the object is of no further use, and can be called something else until it is dropped.
func (t *taker) canGiveWay(o *object.Object) bool {
	k, err := t.set.of(o)
	return err == nil && k.Renames() && !t.Desired.Has(o.ID)
}

func (t *taker) giveWay(o *object.Object) error {
	k, err := t.set.of(o)
	if err != nil {
		return err
	}
	id := meanwhile(o.ID)
	t.ordered = true
	for _, st := range k.naming.Rename(o, id.Name) {
		t.step(k, o, st, "make room for another "+o.ID.Name+": "+t.Was(o.ID).String()+" goes")
	}
	t.changes = append(t.changes, Change{Action: Renamed, ID: id, From: o, To: o, RenamedFrom: t.Was(o.ID)})
	t.names[o.ID], t.free[o.ID] = id, true
	return nil
}

func (t *taker) carryOut(one *taking) error {
	c := one.change
	k, err := t.set.of(c.From)
	if err != nil {
		return err
	}
	from := *c.From
	if one.aside {
		from.ID = meanwhile(from.ID)
	}
	for _, st := range k.naming.Rename(&from, c.To.ID.Name) {
		t.step(k, c.To, st, "rename "+c.RenamedFrom.String()+" to "+c.To.ID.Name)
	}
	t.changes = append(t.changes, c)
	t.done, t.free[c.From.ID] = append(t.done, one.done), true
	return nil
}

// setAside frees the name of one that waits for others.
func (t *taker) setAside(one *taking) error {
	c := one.change
	k, err := t.set.of(c.From)
	if err != nil {
		return err
	}
	if one.aside {
		return fmt.Errorf("internal error: %s waits for its name and holds none", c.To.ID)
	}
	t.ordered = true
	for _, st := range k.naming.Rename(c.From, meanwhile(c.From.ID).Name) {
		t.step(k, c.To, st, "set "+c.RenamedFrom.String()+" aside until its new name is free")
	}
	one.aside, t.free[c.From.ID] = true, true
	return nil
}

// meanwhile is the name of an object between two others.
func meanwhile(id object.ID) object.ID {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id.String()))
	id.Name = fmt.Sprintf("schemactl_aside_%08x", h.Sum32())
	return id
}

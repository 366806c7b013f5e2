package kind

import (
	"reflect"
	"slices"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Naming says how objects of a kind take another name. A kind without Rename cannot be renamed.
type Naming struct {
	// Rename gives the object another name. It and all that it belongs to have their new names in at, except for its
	// own.
	Rename func(at *object.Object, name string) []plan.Step
	// Place, if set, means that the name is no more than a name: an object in the same place with the same definition is
	// the same object, whatever it is called. ok is false for objects whose names matter.
	Place func(s *object.State, o *object.Object) (under object.ID, ok bool)
	// ID, if set, makes the ID of an object that repeats names of others, such as that of a comment, once those have
	// new names. names maps IDs, and text names that stand in a text with their schema.
	ID func(o *object.Object, names func(object.ID) object.ID, text func(string) string) object.ID
	// Verbatim lists attributes, as in "body" or "args.name", that the server keeps as they were typed: a rename does not
	// reach into them.
	Verbatim []string
	// Blocks, if set, tells which objects that need the object, or belong to the same, must be taken down before it can
	// take another name.
	Blocks func(o, dependent *object.Object) bool
	// Loosen, if set, is the value of an object that holds rows without what is in the way of renaming another, or rests on
	// what must be taken down for that: it has it meanwhile, and is never taken down itself.
	Loosen func(dependent any) any
	// Alike, if set, tells that two values may well be those of one object, when that loses its data with its name. Equal
	// values always are.
	Alike func(from, to any) bool
	// Moves, if set, tells that an object takes all that it brings to another schema.
	Moves func(from, to any) (schema, anew string, ok bool)
	// RenamePart gives a part of the value another name: a value of an enum.
	RenamePart func(at *object.Object, from, to string) []plan.Step
}

// Named returns the kind with its naming.
func (k Kind) Named(n Naming) Kind {
	k.naming = n
	return k
}

// Renames reports whether objects of the kind can take another name.
func (k Kind) Renames() bool { return k.naming.Rename != nil }

// RenamesParts reports whether parts of the values of the kind can take another name.
func (k Kind) RenamesParts() bool { return k.naming.RenamePart != nil }

// rekey gives objects other IDs: those in names, and all that follow from them. Values stay as they are. The map leads
// from all IDs of the state that are different to what they are afterwards.
func (s *Set) rekey(st *object.State, names map[object.ID]object.ID) (*object.State, map[object.ID]object.ID, error) {
	moved := make(map[object.ID]object.ID, len(names))
	for from, to := range names {
		moved[from] = to
	}
	if len(names) == 0 {
		return st, moved, nil
	}
	pairs := newPairs()
	for from, to := range names {
		pairs.add(from, to)
	}
	now := func(id object.ID) object.ID {
		if to, ok := moved[id]; ok {
			return to
		}
		return id
	}
	for again := true; again; { // an ID may follow from one that follows from another
		again = false
		for _, o := range st.All() {
			id := s.follow(o, names, now, pairs)
			if id != now(o.ID) {
				moved[o.ID] = id
				again = true
			}
		}
	}
	out := object.NewState()
	out.Ledger = st.Ledger
	for _, o := range st.All() {
		c := *o
		c.ID, c.Parent = now(o.ID), now(o.Parent)
		c.Needs, c.Mentions = mapped(o.Needs, now), mapped(o.Mentions, now)
		if k, err := s.of(o); err == nil && k.holdsIDs() {
			c.Value = k.respell(o.Value, nil, newPairs(), now)
		}
		if len(o.Claims) > 0 {
			c.Claims = make([]string, len(o.Claims))
			for i, claim := range o.Claims {
				c.Claims[i] = pairs.rewrite(claim)
			}
		}
		if err := out.Add(&c); err != nil {
			return nil, nil, err
		}
	}
	return out, moved, nil
}

// holdsIDs reports whether values of the kind name other objects by their IDs.
func (k Kind) holdsIDs() bool {
	for i := range k.typ.NumField() {
		if t := k.typ.Field(i).Type; t == reflect.TypeFor[object.ID]() || t == reflect.TypeFor[[]object.ID]() {
			return true
		}
		if t := k.typ.Field(i); t.Anonymous && t.Type.Kind() == reflect.Struct {
			if (Kind{typ: t.Type}).holdsIDs() {
				return true
			}
		}
	}
	return false
}

func mapped(ids []object.ID, now func(object.ID) object.ID) []object.ID {
	out := make([]object.ID, len(ids))
	for i, id := range ids {
		out[i] = now(id)
	}
	slices.SortFunc(out, object.Compare)
	return out
}

// follow tells the ID that an object has once the names are others.
func (s *Set) follow(o *object.Object, names map[object.ID]object.ID, now func(object.ID) object.ID, p *pairs) object.ID {
	if to, ok := names[o.ID]; ok {
		return to
	}
	if k, err := s.of(o); err == nil && k.naming.ID != nil {
		return k.naming.ID(o, now, p.rewrite)
	}
	id := o.ID
	if parent := o.Parent; !parent.IsZero() {
		to := now(parent)
		switch {
		case to == parent:
		case id.Schema == parent.Schema && id.Table == parent.Table && id.Name == parent.Name:
			id.Schema, id.Table, id.Name = to.Schema, to.Table, to.Name // as a default is called like its column
		case id.Schema == parent.Schema && id.Table == parent.Table:
			id.Schema, id.Table = to.Schema, to.Table
		case id.Schema == parent.Schema && id.Table == parent.Name:
			id.Schema, id.Table = to.Schema, to.Name
		}
		return id
	}
	for from, to := range names {
		if from.Schema == "" && from.Table == "" && id.Schema == from.Name && slices.Contains(o.Needs, from) {
			id.Schema = to.Name
		}
	}
	return id
}

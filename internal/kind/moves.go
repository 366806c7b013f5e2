package kind

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// moves looks for objects that go to another schema with all that they bring, as extensions do. What needs them follows by
// itself: the server keeps references and not names. It is given the spelling that it has afterwards, where nothing else
// is different about it.
func (r *renamer) moves() error {
	for _, name := range r.set.names {
		k := r.set.kinds[name]
		if k.naming.Moves == nil {
			continue
		}
		for _, want := range r.Desired.Kind(name) {
			have := r.Current.Get(want.ID)
			if have == nil {
				continue
			}
			if from, to, ok := k.naming.Moves(have.Value, want.Value); ok {
				if err := r.follow(want.ID, from, to); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// follow spells what needs the moved object as the desired state does.
func (r *renamer) follow(moved object.ID, from, to string) error {
	p := newPairs()
	p.names[from] = []string{to}
	names := map[object.ID]object.ID{}
	wanted := map[place][]*object.Object{}
	for _, o := range r.Desired.All() {
		if !r.Current.Has(o.ID) && slices.Contains(o.Needs, moved) {
			at := place{o.ID.Kind, object.ID{Schema: o.ID.Schema, Table: o.ID.Table}}
			wanted[at] = append(wanted[at], o)
		}
	}
	for _, have := range r.Current.All() { // those whose names tell types
		if !slices.Contains(have.Needs, moved) || r.Desired.Has(have.ID) {
			continue
		}
		at := place{have.ID.Kind, object.ID{Schema: have.ID.Schema, Table: have.ID.Table}}
		for _, want := range wanted[at] {
			if r.named(have, want, p) {
				names[have.ID] = want.ID
				break
			}
		}
	}
	if err := r.rekey(names); err != nil {
		return err
	}
	out := object.NewState()
	out.Ledger = r.Current.Ledger
	for _, o := range r.Current.All() {
		want := r.Desired.Get(o.ID)
		if want != nil && slices.Contains(o.Needs, moved) && slices.Equal(o.Needs, want.Needs) {
			c := *o
			c.Value = r.set.kinds[o.ID.Kind].respell(o.Value, want.Value, p, itself)
			c.Claims = want.Claims
			o = &c
		}
		if err := out.Add(o); err != nil {
			return err
		}
	}
	r.Current = out
	return nil
}

// named reports whether two objects are one whose name tells types: a routine, or what has no name but its types.
func (r *renamer) named(have, want *object.Object, p *pairs) bool {
	if !p.equal(have.ID.Name, want.ID.Name) {
		return false
	}
	if plainName(have.ID.Name) == plainName(want.ID.Name) {
		return true
	}
	k := r.set.kinds[have.ID.Kind]
	return have.ID.Schema == "" && strings.Contains(have.ID.Name, " ") && slices.Equal(have.Needs, want.Needs) &&
		len(k.diff(k.respell(have.Value, want.Value, p, itself), want.Value)) == 0
}

package kind

import (
	"slices"

	"github.com/schemactl/schemactl/internal/object"
)

// Lookalikes finds what may be a rename that nobody declared: objects that are dropped while one like them is added in
// the same place. It is for a person to say which are; nothing here decides that.
func (s *Set) Lookalikes(from, to *object.State, changes []Change) []Rename {
	type spot struct{ kind, schema, table string }
	gone, come := map[object.ID]bool{}, map[spot][]*object.Object{}
	for _, c := range changes {
		switch c.Action {
		case Drop:
			gone[c.ID] = true
		case Add:
			at := spot{c.ID.Kind, c.ID.Schema, c.ID.Table}
			if c.To.Parent.IsZero() || from.Has(c.To.Parent) {
				come[at] = append(come[at], c.To)
			}
		}
	}
	parts := [2]func(object.ID) []*object.Object{from.Children(), to.Children()}
	taken := map[object.ID]bool{}
	var out []Rename
	for _, c := range changes {
		if c.Action != Drop || gone[c.From.Parent] {
			continue
		}
		k, err := s.of(c.From)
		if err != nil || !k.Renames() || k.naming.Place != nil {
			continue
		}
		for _, want := range come[spot{c.ID.Kind, c.ID.Schema, c.ID.Table}] {
			if !taken[want.ID] && s.alike(k, c.From, want, parts) {
				taken[want.ID] = true
				out = append(out, Rename{c.ID, want.ID})
				break
			}
		}
	}
	return out
}

// alike reports whether two objects look like one: by the parts that hold their data, where they have such, else by
// their definitions.
func (s *Set) alike(k Kind, from, to *object.Object, parts [2]func(object.ID) []*object.Object) bool {
	have, want := s.holders(parts[0](from.ID)), s.holders(parts[1](to.ID))
	if len(have) == 0 || len(want) == 0 {
		return k.alikeValues(from, to)
	}
	same := 0
	for _, a := range have {
		i := slices.IndexFunc(want, func(b *object.Object) bool { return a.ID.Kind == b.ID.Kind && a.ID.Name == b.ID.Name })
		if part, err := s.of(a); err == nil && i >= 0 && part.alikeValues(a, want[i]) {
			same++
		}
	}
	return 4*same >= 3*max(len(have), len(want))
}

func (s *Set) holders(list []*object.Object) []*object.Object {
	return slices.DeleteFunc(slices.Clone(list), func(o *object.Object) bool {
		k, err := s.of(o)
		return err != nil || !k.rows(o.Value)
	})
}

func (k Kind) alikeValues(from, to *object.Object) bool {
	if k.naming.Alike != nil && k.naming.Alike(from.Value, to.Value) {
		return true
	}
	p := newPairs()
	p.add(from.ID, to.ID)
	return len(k.diff(k.respell(from.Value, to.Value, p, itself), to.Value)) == 0
}

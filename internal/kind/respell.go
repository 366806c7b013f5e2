package kind

import (
	"reflect"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// respell gives the values of a state that has new names the spelling that they have with these. Where a text of the
// counterpart is the same with the new names, that is how the server spells it.
func (s *Set) respell(st, counterpart *object.State, done []Rename, parts map[object.ID][][2]string) (*object.State, error) {
	texts := s.pairsOf(st, done, parts)
	out := object.NewState()
	out.Ledger = st.Ledger
	for _, o := range st.All() {
		if p := texts[o.ID]; p != nil {
			k, err := s.of(o)
			if err != nil {
				return nil, err
			}
			o = k.respelled(o, counterpart.Get(o.ID), p)
		}
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (k Kind) respelled(o, counterpart *object.Object, p *pairs) *object.Object {
	c := *o
	var want any
	if counterpart != nil {
		if p.sameNeeds(o.Needs, counterpart.Needs) && !p.circular() {
			want = counterpart.Value
		}
		if slices.EqualFunc(o.Claims, counterpart.Claims, p.equal) {
			c.Claims = counterpart.Claims
		}
	}
	c.Value = k.respell(o.Value, want, p, itself)
	return &c
}

// circular reports whether names are exchanged: then a text that looks like its counterpart may mean something else.
func (p *pairs) circular() bool {
	for from, list := range p.names {
		seen := map[string]bool{}
		for next := list; len(next) > 0; {
			var ahead []string
			for _, name := range next {
				if name == from {
					return true
				}
				if !seen[name] {
					seen[name] = true
					ahead = append(ahead, p.names[name]...)
				}
			}
			next = ahead
		}
	}
	return false
}

// itself is the name that an ID keeps.
func itself(id object.ID) object.ID { return id }

// pairsOf lists for each object the renames that its texts may show: of itself, of what it belongs to, of what it
// needs, and of what stands in one object with it.
func (s *Set) pairsOf(st *object.State, done []Rename, parts map[object.ID][][2]string) map[object.ID]*pairs {
	texts := map[object.ID]*pairs{}
	if len(done) == 0 && len(parts) == 0 {
		return texts
	}
	dependents, children := st.Dependents(), st.Children()
	of := func(id object.ID) *pairs {
		if texts[id] == nil {
			texts[id] = newPairs()
		}
		return texts[id]
	}
	for _, d := range done {
		note := func(id object.ID) { of(id).add(d.From, d.To) }
		roots := []object.ID{d.To}
		if o := st.Get(d.To); o != nil && !o.Parent.IsZero() {
			if k, err := s.of(o); err == nil && k.naming.Place == nil {
				roots = append(roots, o.Parent) // what reads a table reads its columns
			} else {
				note(o.Parent)
			}
		}
		reach(roots, dependents, children, note)
	}
	for id, list := range parts {
		reach([]object.ID{id}, dependents, children, func(o object.ID) {
			for _, pair := range list {
				of(o).parts[pair] = true
			}
		})
	}
	return texts
}

// reach visits objects and all that belong to them or need them, however far away.
func reach(roots []object.ID, dependents, children func(object.ID) []*object.Object, visit func(object.ID)) {
	seen := map[object.ID]bool{}
	queue := slices.Clone(roots)
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if seen[id] {
			continue
		}
		seen[id] = true
		visit(id)
		for _, o := range dependents(id) {
			queue = append(queue, o.ID)
		}
		for _, o := range children(id) {
			queue = append(queue, o.ID)
		}
	}
}

// sameNeeds compares the needs of two versions of an object as far as renamed names are among them: a text may name
// the renamed object and another of the same name.
func (p *pairs) sameNeeds(a, b []object.ID) bool {
	concerned := func(ids []object.ID) []object.ID {
		return slices.DeleteFunc(slices.Clone(ids), func(id object.ID) bool {
			if _, ok := p.names[id.Name]; ok {
				return false
			}
			for _, list := range p.names {
				if slices.Contains(list, id.Name) {
					return false
				}
			}
			return true
		})
	}
	return slices.Equal(concerned(a), concerned(b))
}

func (p *pairs) clone() *pairs {
	out := newPairs()
	for k, v := range p.names {
		out.names[k] = slices.Clone(v)
	}
	for k, v := range p.columns {
		out.columns[k] = v
	}
	for k, v := range p.places {
		out.places[k] = v
	}
	for k, v := range p.schemas {
		out.schemas[k] = v
	}
	for k, v := range p.parts {
		out.parts[k] = v
	}
	return out
}

// respell copies a value with the texts of another one, where they are the same with the new names.
func (k Kind) respell(value, want any, p *pairs, now func(object.ID) object.ID) any {
	v := reflect.ValueOf(value).Elem()
	var w reflect.Value
	if want != nil {
		w = reflect.ValueOf(want).Elem()
	}
	r := respeller{pairs: p, verbatim: k.naming.Verbatim, now: now}
	out := reflect.New(v.Type())
	out.Elem().Set(r.fields(v, w, ""))
	return out.Interface()
}

type respeller struct {
	pairs    *pairs
	verbatim []string
	now      func(object.ID) object.ID
}

// fields respells a struct. path is that of the attribute that it stands in, with a dot.
func (r respeller) fields(v, want reflect.Value, path string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		at := path + attrName(f)
		if !f.IsExported() || slices.Contains(r.verbatim, at) {
			continue
		}
		if f.Anonymous {
			at = strings.TrimSuffix(path, ".")
		}
		var w reflect.Value
		if want.IsValid() {
			w = want.Field(i)
		}
		out.Field(i).Set(r.value(v.Field(i), w, at))
	}
	return out
}

func (r respeller) value(v, want reflect.Value, at string) reflect.Value {
	switch {
	case v.Type() == reflect.TypeFor[object.ID]():
		return reflect.ValueOf(r.now(v.Interface().(object.ID)))
	case v.Kind() == reflect.String:
		if want.IsValid() && r.pairs.equal(v.String(), want.String()) {
			return want
		}
		return reflect.ValueOf(r.pairs.rewrite(v.String())).Convert(v.Type())
	case v.Kind() == reflect.Struct:
		return r.fields(v, want, strings.TrimPrefix(at+".", "."))
	case v.Kind() == reflect.Slice && !v.IsNil():
		return r.list(v, want, at)
	}
	return v
}

// list respells the elements of a list. One that is kept in the order of the names has another order with new ones.
func (r respeller) list(v, want reflect.Value, at string) reflect.Value {
	if want.IsValid() && want.Len() == v.Len() && v.Type().Elem().Kind() == reflect.String && r.sameSet(v, want) {
		return want
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		var w reflect.Value
		if want.IsValid() && want.Len() == v.Len() {
			w = want.Index(i)
		}
		out.Index(i).Set(r.value(v.Index(i), w, at))
	}
	return out
}

func (r respeller) sameSet(v, want reflect.Value) bool {
	a, b := texts(v), texts(want)
	if !slices.IsSorted(a) || !slices.IsSorted(b) {
		return false
	}
	for _, x := range a {
		i := slices.IndexFunc(b, func(y string) bool { return r.pairs.equal(x, y) })
		if i < 0 {
			return false
		}
		b = slices.Delete(b, i, i+1)
	}
	return true
}

func texts(v reflect.Value) []string {
	out := make([]string, v.Len())
	for i := range out {
		out[i] = v.Index(i).String()
	}
	return out
}

// hasPart reports whether a list of texts in a value holds the text.
func hasPart(value any, part string) bool {
	v := reflect.ValueOf(value).Elem()
	for i := range v.NumField() {
		if list, ok := v.Field(i).Interface().([]string); ok && slices.Contains(list, part) {
			return true
		}
	}
	return false
}

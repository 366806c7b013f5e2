package mysql

import (
	"maps"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.HCLNormaliser = Dialect{}

// NormaliseHCL settles the tables and databases that a server surely reads as what the live state has: it holds them
// already, so that nothing about them can be wrong either. A server is asked about all others, with those that they
// refer to.
func (Dialect) NormaliseHCL(desired, live *object.State, server dialect.Server) (settled, ask *object.State, err error) {
	s := newSpeller(desired, live, server)
	if s == nil {
		return object.NewState(), desired, nil
	}
	spelled := s.all()
	changes, err := Kinds().Diff(live, spelled)
	if err != nil {
		return nil, nil, err
	}
	n := &normaliser{speller: s, changed: map[object.ID]bool{}, roots: map[object.ID]bool{}}
	for _, c := range changes {
		n.changed[c.ID] = true
	}
	n.settle(spelled)
	n.unsettle()
	settled, err = n.settled()
	if err != nil {
		return nil, nil, err
	}
	ask, err = n.asked()
	return settled, ask, err
}

// normaliser divides a desired state.
type normaliser struct {
	*speller
	changed map[object.ID]bool // differs from the live object, or is in doubt
	roots   map[object.ID]bool // the tables and databases that are settled
}

// ofTable reports whether an object is a table or stands and falls with the definition of one.
func ofTable(o *object.Object) bool {
	switch o.ID.Kind {
	case "table", "column", primaryKey, "index", "check", foreignKey, "partitioning", counterKind:
		return true
	}
	return false
}

// rootOf is the object that an object belongs to, or itself.
func rootOf(o *object.Object) object.ID {
	if o.Parent.IsZero() {
		return o.ID
	}
	return o.Parent
}

// all spells the objects that it can.
func (s *speller) all() *object.State {
	out := object.NewState()
	add := func(o *object.Object, value any, ok bool) {
		if ok && !out.Has(o.ID) {
			c := *o
			c.Value = value
			_ = out.Add(&c) // the ID is free
		}
	}
	for _, o := range s.desired.All() {
		switch v := o.Value.(type) {
		case *Schema:
			value, ok := s.schema(v)
			add(o, value, ok)
		case *Table:
			if value, ok := s.table(o.ID, v); ok {
				add(o, value, ok)
				s.parts(o.ID, value, add)
			}
		}
	}
	return out
}

// parts spells the parts of a table.
func (s *speller) parts(table object.ID, t *Table, add func(o *object.Object, value any, ok bool)) {
	for _, o := range s.children(table) {
		switch v := o.Value.(type) {
		case *Column:
			value, ok := s.column(o.ID, v, t)
			add(o, value, ok)
		case *Index:
			value, ok := s.index(o.ID, v, t)
			add(o, value, ok)
		case *Check:
			value, ok := s.check(o, v)
			add(o, value, ok)
		case *ForeignKey:
			value, ok := s.foreignKey(v, t)
			add(o, value, ok)
		case *Counter:
			add(o, v, true)
		case *Partitioning: // equal texts are equal
			_, known := valueOf[Partitioning](s.live, o.ID)
			add(o, v, known)
		}
	}
	if keys, ok := s.keysOfForeignKeys(table); ok && t.Engine == "InnoDB" {
		for _, o := range keys {
			add(o, o.Value, true)
		}
	}
}

// settle finds the tables and databases that are spelled whole and equal to what is live.
func (n *normaliser) settle(spelled *object.State) {
	for _, o := range n.desired.All() {
		if !spelled.Has(o.ID) {
			n.changed[o.ID] = true
		}
	}
	for _, o := range spelled.All() {
		if root := rootOf(o); root == o.ID {
			n.roots[root] = true
		}
	}
	for _, s := range []*object.State{n.desired, n.live, spelled} {
		for _, o := range s.All() {
			if (ofTable(o) || o.ID.Kind == "schema") && n.changed[o.ID] {
				delete(n.roots, rootOf(o))
			}
		}
	}
}

// unsettle lets a server look at the foreign keys whose referenced columns or keys change.
func (n *normaliser) unsettle() {
	moving := map[object.ID]bool{} // tables whose keys or engine change
	for _, s := range []*object.State{n.desired, n.live} {
		for _, o := range s.All() {
			if k := o.ID.Kind; (k == "index" || k == primaryKey || k == "table" || k == "partitioning") && n.changed[o.ID] {
				moving[rootOf(o)] = true
			}
		}
	}
	for _, o := range n.desired.Kind(foreignKey) {
		f := o.Value.(*ForeignKey)
		ref := tableID(f.RefSchema, f.RefTable)
		disturbed := moving[ref] || !n.desired.Has(ref)
		for _, c := range f.RefColumns {
			disturbed = disturbed || n.changed[columnID(ref, c)]
		}
		if disturbed {
			delete(n.roots, o.Parent)
		}
	}
}

// settled gathers the live objects of what is settled.
func (n *normaliser) settled() (*object.State, error) {
	out := object.NewState()
	for _, o := range n.live.All() {
		if (ofTable(o) || o.ID.Kind == "schema") && n.roots[rootOf(o)] {
			if err := out.Add(o); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// asked gathers what a server must be asked about: whole tables, and of the settled ones that these refer to the
// columns and keys.
func (n *normaliser) asked() (*object.State, error) {
	parts, context := map[object.ID]bool{}, map[object.ID]bool{}
	for _, o := range n.desired.All() {
		parts[o.ID] = !n.roots[rootOf(o)] || !ofTable(o) && o.ID.Kind != "schema"
	}
	byName := n.tablesByName()
	for _, o := range n.desired.All() {
		if !parts[o.ID] {
			continue
		}
		refs := []object.ID{o.Parent, schemaID(o.ID.Schema)}
		if v, ok := o.Value.(*View); ok {
			refs = append(refs, byName.mentioned(v.Query)...)
		}
		for _, id := range append(refs, o.Needs...) {
			if target := n.desired.Get(id); target != nil {
				context[rootOf(target)] = true
			}
		}
	}
	schemas := map[object.ID]bool{}
	for id := range context {
		schemas[schemaID(id.Schema)] = true
	}
	maps.Copy(context, schemas)
	out := object.NewState()
	for _, o := range n.desired.All() {
		if parts[o.ID] || context[rootOf(o)] && isContext(o) {
			if err := out.Add(o); err != nil {
				return nil, err
			}
		}
	}
	return withoutLostNeeds(out)
}

// isContext reports whether other objects can refer to the object.
func isContext(o *object.Object) bool {
	switch o.ID.Kind {
	case "schema", "table", "column", primaryKey, "index":
		return true
	}
	return false
}

// withoutLostNeeds takes the needs out that no object of the state meets.
func withoutLostNeeds(s *object.State) (*object.State, error) {
	out := object.NewState()
	for _, o := range s.All() {
		c := *o
		c.Needs = nil
		for _, id := range o.Needs {
			if s.Has(id) {
				c.Needs = append(c.Needs, id)
			}
		}
		if err := out.Add(&c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tableNames finds tables by their names in small letters: what a server takes for the same name depends on its
// settings.
type tableNames map[string][]object.ID

func (n *normaliser) tablesByName() tableNames {
	out := tableNames{}
	for _, o := range n.desired.Kind("table") {
		name := strings.ToLower(o.ID.Name)
		out[name] = append(out[name], o.ID)
	}
	return out
}

var plainName = regexp.MustCompile(`[\p{L}\p{N}_$]+`)

// mentioned lists the tables whose names stand anywhere in the text.
func (t tableNames) mentioned(text string) []object.ID {
	var out []object.ID
	for _, name := range plainName.FindAllString(text, -1) {
		out = append(out, t[strings.ToLower(name)]...)
	}
	for i := 0; i < len(text); {
		end := tokenEnd(text, i)
		if end > i+2 { // quoted, whatever it holds
			out = append(out, t[strings.ToLower(strings.ReplaceAll(text[i+1:end-1], "``", "`"))]...)
		}
		i = end
	}
	return out
}

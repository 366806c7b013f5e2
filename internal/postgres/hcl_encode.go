package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// encoder makes blocks of objects.
type encoder struct {
	scope    Scope
	state    *object.State
	kinds    []objectKind
	children func(object.ID) []*object.Object
	types    *atlas.Types
	typeHCL  map[string]string              // types that were spelled before
	labels   map[object.ID]int              // how many labels the blocks of top-level objects take
	names    map[object.ID]string           // the labels of overloaded objects, where they are not the names of their IDs
	routines []*object.Object               // the functions, once asked for
	serials  map[object.ID]string           // columns that are written as serial, and the type to write
	hidden   map[object.ID]bool             // objects that another one's block says
	said     map[object.ID]bool             // objects that have been written
	wholes   map[object.ID]object.ID        // of parts of indexes, once asked for
	set      map[object.ID][]*object.Object // settings by their relations, once asked for
	more     []*hcl.Block                   // further blocks of a top-level object, which follow its first
}

// EncodeHCL makes blocks of a state.
func (Dialect) EncodeHCL(s *object.State, scope Scope) ([]*hcl.Block, []object.Entry, error) {
	e := &encoder{
		scope: scope, state: s, kinds: kinds(), children: s.Children(), types: atlas.PostgresTypes(),
		typeHCL: map[string]string{}, labels: map[object.ID]int{}, serials: map[object.ID]string{}, hidden: map[object.ID]bool{},
		said: map[object.ID]bool{}, names: map[object.ID]string{},
	}
	schemas := e.schemas()
	e.labelOverloaded()
	e.label()
	e.findSerials()
	var out []*hcl.Block
	for _, name := range schemas {
		b := &hcl.Block{Type: "schema", Labels: []string{name}}
		e.said[schemaID(name)] = true
		e.attrs(schemaID(name), b)
		out = append(out, b)
	}
	for _, k := range e.kinds {
		if k.Name == "schema" || k.hcl.encode == nil {
			continue
		}
		for _, o := range s.Kind(k.Name) {
			if (o.Parent.IsZero() || k.hcl.top) && !e.hidden[o.ID] {
				if b := e.block(k, o, nil); b != nil {
					out = append(out, b)
				}
				out = append(out, e.more...)
				e.more = nil
			}
		}
	}
	return out, e.left(), nil
}

// schemas lists the schemas that the state has or needs.
func (e *encoder) schemas() []string {
	seen := map[string]bool{}
	for _, o := range e.state.All() {
		if o.ID.Kind == "schema" {
			seen[o.ID.Name] = true
		} else if o.ID.Schema != "" {
			seen[o.ID.Schema] = true
		}
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// label decides which blocks take two labels: those whose name two schemas have, and those named like a schema that
// then begins references.
func (e *encoder) label() {
	byName := map[string][]object.ID{}
	var top []object.ID
	for _, o := range e.state.All() {
		if o.Parent.IsZero() && o.ID.Schema != "" {
			name := e.blockType(o.ID) + " " + e.name(o.ID)
			byName[name] = append(byName[name], o.ID)
			top = append(top, o.ID)
		}
	}
	qualifiers := map[string]bool{}
	for _, id := range top {
		e.labels[id] = 1
		if len(byName[e.blockType(id)+" "+e.name(id)]) > 1 {
			e.labels[id] = 2
			qualifiers[e.blockType(id)+" "+id.Schema] = true
		}
	}
	for again := true; again; {
		again = false
		for _, id := range top {
			if e.labels[id] == 1 && qualifiers[e.blockType(id)+" "+e.name(id)] {
				e.labels[id], again = 2, true
				qualifiers[e.blockType(id)+" "+id.Schema] = true
			}
		}
	}
}

// blockType is the type of block that declares an object.
func (e *encoder) blockType(id object.ID) string {
	if t, ok := kind.Get[Table](e.state, id); ok && t.V.PartitionOf != "" {
		return "partition"
	}
	return id.Kind
}

// path is the reference to a top-level object.
func (e *encoder) path(id object.ID) []string {
	if e.labels[id] == 2 {
		return []string{e.blockType(id), id.Schema, e.name(id)}
	}
	return []string{e.blockType(id), e.name(id)}
}

// top makes the block of a top-level object.
func (e *encoder) top(o *object.Object) *hcl.Block {
	b := &hcl.Block{Type: e.blockType(o.ID), Labels: e.path(o.ID)[1:]}
	b.Set("schema", hcl.To("schema", o.ID.Schema))
	return b
}

// block writes an object with its attributes that are objects of their own and with the objects inside it.
func (e *encoder) block(k objectKind, o *object.Object, in *hcl.Block) *hcl.Block {
	b := k.hcl.encode(e, o, in)
	if b == nil {
		return nil
	}
	e.said[o.ID] = true
	e.attrs(o.ID, b)
	children := e.children(o.ID)
	if len(children) == 0 {
		return b
	}
	settings := b.Blocks
	b.Blocks = nil
	for _, k := range e.kinds {
		if k.hcl.encode == nil || k.hcl.top {
			continue
		}
		for _, c := range e.ordered(k.Name, children) {
			if n := e.block(k, c, b); n != nil {
				b.Blocks = append(b.Blocks, n)
			}
		}
	}
	b.Blocks = append(b.Blocks, settings...)
	return b
}

// ordered lists the children of a kind: columns as they stand in the table, the others by name.
func (e *encoder) ordered(name string, children []*object.Object) []*object.Object {
	var out []*object.Object
	for _, c := range children {
		if c.ID.Kind == name && !e.hidden[c.ID] {
			out = append(out, c)
		}
	}
	if name == "column" {
		slices.SortFunc(out, func(a, b *object.Object) int { return a.Value.(*Column).Position - b.Value.(*Column).Position })
	}
	return out
}

func (e *encoder) attrs(of object.ID, b *hcl.Block) {
	for _, k := range e.kinds {
		if k.hcl.encodeAttrs != nil {
			k.hcl.encodeAttrs(e, of, b)
		}
	}
}

// left names the objects that no block says.
func (e *encoder) left() []object.Entry {
	var out []object.Entry
	for _, o := range e.state.All() {
		if !e.said[o.ID] && !e.hidden[o.ID] {
			out = append(out, object.Entry{
				Kind: o.ID.Kind, Name: o.ID.Path(), Status: object.Unmanaged, Reason: "schemactl cannot write it as HCL yet",
			})
		}
	}
	return out
}

// columnRef refers to a column of a table from inside the block of that table (here) or of another. A column that no
// block declares (of a partition, inherited, of a type) is written by its name.
func (e *encoder) columnRef(table object.ID, name string, here object.ID) hcl.Value {
	if e.state.Has(columnID(table, name)) && !isTyped(e.state, table) {
		if table == here {
			return hcl.To("column", name)
		}
		return hcl.To(append(e.path(table), "column", name)...)
	}
	return hcl.Str(name)
}

func (e *encoder) columnRefs(table object.ID, names []string, here object.ID) hcl.Value {
	list := make([]hcl.Value, len(names))
	for i, n := range names {
		list[i] = e.columnRef(table, n, here)
	}
	return hcl.Items(list...)
}

// typeValue spells a type: as a word or function of Atlas's, or as sql("…").
func (e *encoder) typeValue(sql string) hcl.Value {
	text, known := e.typeHCL[sql]
	if !known {
		text, _ = e.types.HCL(sql)
		e.typeHCL[sql] = text
	}
	if text == "" {
		return hcl.Raw(sql)
	}
	return hcl.Bare(text)
}

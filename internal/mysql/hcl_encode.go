package mysql

import (
	"slices"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// encoder makes blocks of objects.
type encoder struct {
	scope    dialect.Scope
	state    *object.State
	children func(object.ID) []*object.Object
	types    *atlas.Types
	typeHCL  map[string]string
	labels   map[object.ID]int // how many labels the blocks of top-level objects take
	bound    string            // the name of the database that the connection is bound to
	charset  Table             // the character set and collation of most of its tables
}

// EncodeHCL makes blocks of a state.
func (Dialect) EncodeHCL(s *object.State, scope dialect.Scope) ([]*hcl.Block, []object.Entry, error) {
	e := &encoder{
		scope: scope, state: s, children: s.Children(), types: atlas.MySQLTypes(), typeHCL: map[string]string{},
		labels: map[object.ID]int{},
	}
	if scope.Bound {
		e.bound = scope.Schemas[0]
		e.findCharset()
	}
	e.label()
	var out []*hcl.Block
	if scope.Bound {
		b := &hcl.Block{Type: "schema", Labels: []string{e.bound}}
		setCollation(b, e.charset.Charset, e.charset.Collation)
		out = append(out, b)
	}
	for _, k := range kinds() {
		if k.hcl.in != "" || k.hcl.spec == nil {
			continue
		}
		for _, o := range s.Kind(k.Name) {
			out = append(out, e.block(k, o))
		}
	}
	return out, nil, nil
}

// findCharset finds the collation that most tables have; the database's own is not part of the state.
func (e *encoder) findCharset() {
	count := map[string]int{}
	best := ""
	for _, o := range e.state.Kind("table") {
		t := o.Value.(*Table)
		if count[t.Collation]++; best == "" || count[t.Collation] > count[best] {
			best = t.Collation
			e.charset.Charset, e.charset.Collation = t.Charset, t.Collation
		}
	}
}

func setCollation(b *hcl.Block, charset, collation string) {
	if charset != "" {
		b.Set("charset", hcl.Str(charset))
	}
	if collation != "" {
		b.Set("collate", hcl.Str(collation))
	}
}

// label decides which blocks take two labels: those whose name two schemas have, and those named like a schema that
// then begins references.
func (e *encoder) label() {
	byName := map[string]int{}
	var top []object.ID
	for _, o := range e.state.All() {
		if o.Parent.IsZero() && o.ID.Schema != "" {
			byName[o.ID.Kind+" "+o.ID.Name]++
			top = append(top, o.ID)
		}
	}
	qualifiers := map[string]bool{}
	for again := true; again; {
		again = false
		for _, id := range top {
			twice := byName[id.Kind+" "+id.Name] > 1 || qualifiers[id.Kind+" "+id.Name]
			if twice && e.labels[id] != 2 {
				e.labels[id], again = 2, true
				qualifiers[id.Kind+" "+id.Schema] = true
			}
		}
	}
}

// path is the reference to a top-level object.
func (e *encoder) path(id object.ID) []string {
	if e.labels[id] == 2 {
		return []string{id.Kind, id.Schema, id.Name}
	}
	return []string{id.Kind, id.Name}
}

// block writes an object and the objects inside it.
func (e *encoder) block(k objectKind, o *object.Object) *hcl.Block {
	b := &hcl.Block{Type: k.hcl.spec.Type}
	switch {
	case k.hcl.in != "" && k.hcl.spec.Labels != hcl.NoLabel && o.ID.Kind != primaryKey:
		b.Labels = []string{o.ID.Name}
	case k.hcl.spec.Labels == hcl.NoLabel:
	case k.hcl.in == "":
		b.Labels = e.path(o.ID)[1:]
		if _, has := k.hcl.spec.Attr("schema"); has {
			schema := o.ID.Schema
			if schema == "" {
				schema = e.bound
			}
			b.Set("schema", hcl.To("schema", schema))
		}
	}
	k.hcl.encode(e, o, b)
	children := e.children(o.ID)
	settings := b.Blocks
	b.Blocks = nil
	for _, k := range kinds() {
		if k.hcl.in != o.ID.Kind {
			continue
		}
		for _, c := range ordered(k.Name, children) {
			b.Blocks = append(b.Blocks, e.block(k, c))
		}
	}
	b.Blocks = append(b.Blocks, settings...)
	return b
}

// ordered lists the children of a kind: columns as they stand in the table, the others by name.
func ordered(name string, children []*object.Object) []*object.Object {
	var out []*object.Object
	for _, c := range children {
		if c.ID.Kind == name {
			out = append(out, c)
		}
	}
	if name == "column" {
		slices.SortFunc(out, func(a, b *object.Object) int { return a.Value.(*Column).Position - b.Value.(*Column).Position })
	}
	return out
}

// columnRef refers to a column from inside the block of its table (here) or of another.
func (e *encoder) columnRef(table object.ID, name string, here object.ID) hcl.Value {
	switch {
	case !e.state.Has(columnID(table, name)):
		return hcl.Str(name)
	case table == here:
		return hcl.To("column", name)
	}
	return hcl.To(append(e.path(table), "column", name)...)
}

func (e *encoder) columnRefs(table object.ID, names []string, here object.ID) hcl.Value {
	list := make([]hcl.Value, len(names))
	for i, n := range names {
		list[i] = e.columnRef(table, n, here)
	}
	return hcl.Items(list...)
}

func setText(b *hcl.Block, name, text string) {
	if text != "" {
		b.Set(name, hcl.Str(text))
	}
}

func setFlag(b *hcl.Block, name string, on bool) {
	if on {
		b.Set(name, hcl.Flag(true))
	}
}

func setCode(b *hcl.Block, name, sql string) {
	if sql != "" {
		b.Set(name, hcl.Code(sql))
	}
}

package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// decoder makes objects of blocks.
type decoder struct {
	scope  Scope
	state  *object.State
	faults diag.List
	forms  map[string]hclForm                                  // by the path of the block
	attrs  []func(d *decoder, b *hcl.Block, of *object.Object) // of the kinds that are attributes
	ids    map[*hcl.Block]object.ID                            // of blocks that were referred to or decoded
	claims map[string]*object.Object                           // who took a name
	keys   map[object.ID][]key                                 // what foreign keys of other tables may need
	types  map[string]object.ID                                // of declared types, by the spellings that they may have
	links  map[string]func(d *decoder, o *object.Object)       // by kind
	checks []func()                                            // what can be told only when all objects are known
}

// key is a primary key, a unique constraint or a unique index of a table.
type key struct {
	id      object.ID
	columns []string
}

// DecodeHCL makes objects of evaluated blocks.
func (Dialect) DecodeHCL(blocks []*hcl.Block, scope Scope) (*object.State, diag.List) {
	d := &decoder{
		scope: scope, state: object.NewState(), forms: map[string]hclForm{}, ids: map[*hcl.Block]object.ID{},
		claims: map[string]*object.Object{}, keys: map[object.ID][]key{}, types: map[string]object.ID{},
		links: map[string]func(*decoder, *object.Object){},
	}
	for _, k := range kinds() {
		for _, f := range k.hcl.forms {
			for _, parent := range f.in {
				d.forms[parent+"."+f.spec.Type] = f
			}
			if len(f.in) == 0 {
				d.forms[f.spec.Type] = f
			}
		}
		if k.hcl.decodeAttrs != nil {
			d.attrs = append(d.attrs, k.hcl.decodeAttrs)
		}
		if k.hcl.link != nil {
			d.links[k.Name] = k.hcl.link
		}
	}
	d.mapSchema(blocks)
	for _, b := range blocks {
		d.block(b, b.Type, nil)
	}
	d.link()
	return d.state, d.faults
}

// mapSchema lets the only schema block mean the schema that the connection is bound to, whatever its label.
func (d *decoder) mapSchema(blocks []*hcl.Block) {
	if !d.scope.Bound {
		return
	}
	var first *hcl.Block
	for _, b := range blocks {
		switch {
		case b.Type != "schema":
		case first == nil:
			first = b
			d.ids[b] = schemaID(d.scope.Schemas[0])
		default:
			d.faults.Add(b.Errorf("several-schemas", "a second %s: the connection is bound to the one schema %q", b, d.scope.Schemas[0]).
				WithHint("the first is at %s; take search_path out of the URL to manage several", first.Pos))
		}
	}
}

// block decodes a block, its attributes that are objects of their own, and the blocks inside it.
func (d *decoder) block(b *hcl.Block, path string, parent *object.Object) {
	f, ok := d.forms[path]
	if !ok {
		return // a part of its parent, which has read it
	}
	o := f.decode(d, b, parent)
	if o == nil {
		return
	}
	for _, decode := range d.attrs {
		decode(d, b, o)
	}
	for _, n := range b.Blocks {
		d.block(n, path+"."+n.Type, o)
	}
}

// longestName is what a server keeps of a name, in bytes (PostgreSQL manual, "Identifiers and Key Words").
const longestName = 63

// object adds an object that a block declares.
func (d *decoder) object(b *hcl.Block, o *object.Object) *object.Object {
	d.ids[b] = o.ID
	o.Pos = b.Pos
	if name := b.Name(); len(name) > longestName {
		f := b.Errorf("long-name", "the name of the %s has %d bytes, and PostgreSQL cuts names after %d", b, len(name), longestName)
		d.faults.Add(f.WithHint("make it shorter: the server would call it %q", strings.ToValidUTF8(name[:longestName], "")))
	}
	o.RenamedFrom, o.RenamedParts = b.Renamed()
	for _, v := range b.List("depends_on") {
		if v.Ref.Target != nil {
			o.Mentions = append(o.Mentions, d.idOf(v.Ref.Target))
		}
	}
	return d.add(o, b.Width)
}

// add puts an object into the state, unless its ID or a name that it claims is taken.
func (d *decoder) add(o *object.Object, width int) *object.Object {
	if o.ID.Schema != "" {
		o.Needs = append(o.Needs, schemaID(o.ID.Schema))
	}
	if !o.Parent.IsZero() {
		o.Needs = append(o.Needs, o.Parent)
	}
	fault := func(other *object.Object, format string, args ...any) *object.Object {
		f := diag.Errorf(o.Pos, "duplicate-object", format, args...)
		f.Width = width
		d.faults.Add(f.WithHint("the first is at %s", other.Pos))
		return nil
	}
	if other := d.state.Get(o.ID); other != nil {
		return fault(other, "the %s is declared twice", o.ID)
	}
	for _, c := range o.Claims {
		if other := d.claims[c]; other != nil {
			return fault(other, "the %s and the %s have the same name", other.ID, o.ID)
		}
		d.claims[c] = o
	}
	_ = d.state.Add(o) // the ID is free
	return o
}

// schemaOf is the name of the schema that a block says it is in.
func (d *decoder) schemaOf(b *hcl.Block) string {
	v, _ := b.Attr("schema")
	if v.Ref.Target == nil {
		return ""
	}
	return d.idOf(v.Ref.Target).Name
}

// idOf is the ID of the object that a block declares.
func (d *decoder) idOf(b *hcl.Block) object.ID {
	if id, ok := d.ids[b]; ok {
		return id
	}
	id := object.ID{Kind: b.Type, Name: b.Name()}
	switch f := d.forms[pathOf(b)]; {
	case f.id != nil:
		id = f.id(d, b)
	case b.Parent != nil:
		host := d.idOf(b.Parent)
		id.Schema, id.Table = host.Schema, host.Name
	default:
		id.Schema = d.schemaOf(b)
	}
	d.ids[b] = id
	return id
}

// pathOf is the types of the blocks around a block and its own: "table.column".
func pathOf(b *hcl.Block) string {
	if b.Parent == nil {
		return b.Type
	}
	return pathOf(b.Parent) + "." + b.Type
}

// declareType notes the spellings by which the types of columns and the like may name a type that a block declares.
func (d *decoder) declareType(id object.ID) {
	for _, spelling := range []string{qualified(id.Schema, id.Name), id.Schema + "." + id.Name, id.Name, ident(id.Name)} {
		d.types[spelling] = id
	}
}

// typeNeeds lists the declared type that a spelling names, be it an array of it or one with a modifier.
func (d *decoder) typeNeeds(typ string) []object.ID {
	typ = strings.TrimRight(typ, "[]")
	if id, ok := d.types[typ]; ok {
		return []object.ID{id}
	}
	base, _, modified := strings.Cut(typ, "(")
	if id, ok := d.types[base]; ok && modified {
		return []object.ID{id}
	}
	return nil
}

// columns reads a list of columns of the table: references, or names of columns that no block declares.
func (d *decoder) columns(list []hcl.Value, table object.ID) (names []string, needs []object.ID) {
	for _, v := range list {
		name, id := d.column(v, table)
		names = append(names, name)
		needs = append(needs, id)
	}
	return names, needs
}

func (d *decoder) column(v hcl.Value, table object.ID) (string, object.ID) {
	if v.Ref.Target == nil {
		return v.Text, columnID(table, v.Text)
	}
	id := d.idOf(v.Ref.Target)
	if owner := d.idOf(v.Ref.Target.Parent); owner != table {
		d.checks = append(d.checks, func() {
			if !d.descends(table, owner) {
				d.faults.Add(v.Errorf("wrong-table", "the column %q belongs to the %s, not to the %s", id.Name, owner, table))
			}
		})
	}
	return id.Name, id
}

// descends reports whether a table gets its columns from another: as its partition, or by inheritance.
func (d *decoder) descends(table, from object.ID) bool {
	seen := map[object.ID]bool{}
	var walk func(object.ID) bool
	walk = func(id object.ID) bool {
		o := d.state.Get(id)
		if o == nil || seen[id] {
			return false
		}
		seen[id] = true
		return slices.ContainsFunc(o.Needs, func(p object.ID) bool { return p.Kind == "table" && (p == from || walk(p)) })
	}
	return walk(table)
}

// link adds the needs that only the whole document shows, and takes those out that no object meets.
func (d *decoder) link() {
	for _, check := range d.checks {
		check()
	}
	all := d.state.All()
	findMentions(all, declaredText)
	keepApart(d.state)
	for _, o := range all {
		if link := d.links[o.ID.Kind]; link != nil {
			link(d, o)
		}
		o.Needs = slices.DeleteFunc(o.Needs, func(id object.ID) bool { return !d.state.Has(id) })
		o.SortNeeds()
	}
}

// keyOf finds the keys that a foreign key to these columns may rest on.
func (d *decoder) keyOf(table object.ID, columns []string) []object.ID {
	want := slices.Sorted(slices.Values(columns))
	var out []object.ID
	for _, k := range d.keys[table] {
		if len(columns) == 0 && k.id.Kind == "primary_key" || slices.Equal(want, slices.Sorted(slices.Values(k.columns))) {
			out = append(out, k.id)
		}
	}
	return out
}

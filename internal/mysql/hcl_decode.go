package mysql

import (
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// decoder makes objects of blocks.
type decoder struct {
	scope   dialect.Scope
	state   *object.State
	faults  diag.List
	kinds   map[string]hclKind // by the path of the block
	ids     map[*hcl.Block]object.ID
	claims  map[string]*object.Object
	objects []*object.Object
	tables  map[object.ID]*tableEntry
	charset Table // character set and collation of the database that the connection is bound to, where declared
}

// DecodeHCL makes objects of evaluated blocks.
func (Dialect) DecodeHCL(blocks []*hcl.Block, scope dialect.Scope) (*object.State, diag.List) {
	d := &decoder{
		scope: scope, state: object.NewState(), kinds: map[string]hclKind{}, ids: map[*hcl.Block]object.ID{},
		claims: map[string]*object.Object{}, tables: map[object.ID]*tableEntry{},
	}
	for _, k := range kinds() {
		if k.hcl.spec == nil {
			continue
		}
		path := k.hcl.spec.Type
		if k.hcl.in != "" {
			path = k.hcl.in + "." + path
		}
		d.kinds[path] = k.hcl
	}
	d.bind(blocks)
	for _, b := range blocks {
		d.block(b, b.Type, nil)
	}
	d.link()
	return d.state, d.faults
}

// bind lets the only schema block mean the database that the connection is bound to, whatever its label.
func (d *decoder) bind(blocks []*hcl.Block) {
	if !d.scope.Bound {
		return
	}
	var first *hcl.Block
	for _, b := range blocks {
		switch {
		case b.Type != "schema":
		case first == nil:
			first = b
			d.charset.Charset, d.charset.Collation = collationOf(b)
		default:
			d.faults.Add(b.Errorf("several-schemas", "a second %s: the connection is bound to one database", b).
				WithHint("the first is at %s; take the database out of the URL to manage several", first.Pos))
		}
	}
}

// block decodes a block and the blocks inside it that are objects.
func (d *decoder) block(b *hcl.Block, path string, parent *object.Object) {
	k, ok := d.kinds[path]
	if !ok {
		return // a part of its parent, which has read it
	}
	o := k.decode(d, b, parent)
	if o == nil {
		return
	}
	for _, n := range b.Blocks {
		d.block(n, path+"."+n.Type, o)
	}
}

// object adds an object that a block declares, unless its ID or a name that it claims is taken.
func (d *decoder) object(b *hcl.Block, o *object.Object) *object.Object {
	d.ids[b] = o.ID
	o.Pos = b.Pos
	o.RenamedFrom, o.RenamedParts = b.Renamed()
	if o.ID.Schema != "" {
		o.Needs = append(o.Needs, schemaID(o.ID.Schema))
	}
	if !o.Parent.IsZero() {
		o.Needs = append(o.Needs, o.Parent)
	}
	if other := d.state.Get(o.ID); other != nil {
		d.faults.Add(b.Errorf("duplicate-object", "the %s is declared twice", o.ID).WithHint("the first is at %s", other.Pos))
		return nil
	}
	for _, c := range o.Claims {
		if other := d.claims[c]; other != nil {
			d.faults.Add(b.Errorf("duplicate-object", "the %s and the %s have the same name", other.ID, o.ID).
				WithHint("the first is at %s", other.Pos))
			return nil
		}
		d.claims[c] = o
	}
	_ = d.state.Add(o) // the ID is free
	d.objects = append(d.objects, o)
	return o
}

// schemaOf is the schema of the objects of a block: none in the database that the connection is bound to.
func (d *decoder) schemaOf(b *hcl.Block) string {
	v, _ := b.Attr("schema")
	if v.Ref.Target == nil || d.scope.Bound {
		return ""
	}
	return v.Ref.Target.Name()
}

// idOf is the ID of the object that a block declares.
func (d *decoder) idOf(b *hcl.Block) object.ID {
	if id, ok := d.ids[b]; ok {
		return id
	}
	id := object.ID{Kind: b.Type, Name: b.Name()}
	switch {
	case b.Type == "schema":
	case b.Parent == nil:
		id.Schema = d.schemaOf(b)
	default:
		table := d.idOf(b.Parent)
		id.Schema, id.Table = table.Schema, table.Name
	}
	d.ids[b] = id
	return id
}

// columns reads a list of columns of a table.
func (d *decoder) columns(list []hcl.Value, table object.ID) (names []string, needs []object.ID) {
	for _, v := range list {
		name, id := d.column(v, table)
		names, needs = append(names, name), append(needs, id)
	}
	return names, needs
}

func (d *decoder) column(v hcl.Value, table object.ID) (string, object.ID) {
	if v.Ref.Target == nil {
		return v.Text, columnID(table, v.Text)
	}
	id := d.idOf(v.Ref.Target)
	if owner := tableID(id.Schema, id.Table); owner != table {
		d.faults.Add(v.Errorf("wrong-table", "the column %q belongs to the %s, not to the %s", id.Name, owner, table))
	}
	return id.Name, id
}

// link adds the needs that only the whole document shows, and takes those out that no object meets.
func (d *decoder) link() {
	for _, o := range d.objects {
		switch v := o.Value.(type) {
		case *ForeignKey:
			if t := d.tables[tableID(v.RefSchema, v.RefTable)]; t != nil {
				v.findKeys(t)
			}
		case *Partitioning:
			for _, x := range d.tables[o.Parent].indexes {
				if x.Value.(*Index).Unique {
					v.Keys = append(v.Keys, x.ID)
				}
			}
		}
		o.Needs = slices.DeleteFunc(o.Needs, func(id object.ID) bool { return !d.state.Has(id) })
		o.SortNeeds()
	}
}

// collationOf reads the character set and the collation of a block; a collation alone says the character set too.
func collationOf(b *hcl.Block) (charset, collation string) {
	collation = b.Text("collate")
	if collation == "" {
		collation = b.Text("collation")
	}
	if charset = b.Text("charset"); charset == "" {
		charset = charsetOf(collation)
	}
	return charset, collation
}

package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// The columns of a typed table are declared with its type. A block override says what one has beyond that, and a block
// column_settings how it is stored, as with the columns of partitions.

// decodeTypedColumn reads a block override of a typed table.
func decodeTypedColumn(d *decoder, b *hcl.Block, table *object.Object, typ string) *object.Object {
	id := columnID(table.ID, b.Labels[0])
	c := &Column{Type: "text", NotNull: !b.Bool("null", true), Position: position(b)}
	if none, ok := b.Attr("no_default"); ok {
		d.faults.Add(none.Errorf("conflict", "%s has no default from its type", b).WithHint("take no_default out"))
	}
	d.decodeNotNull(b, c, id)
	d.checks = append(d.checks, func() {
		for _, n := range d.typeNeeds(typ) {
			of, ok := kind.Get[Composite](d.state, n)
			if !ok {
				continue
			}
			i := slices.IndexFunc(of.V.Fields, func(f Field) bool { return f.Name == id.Name })
			if i < 0 {
				d.faults.Add(b.Errorf("unknown-column", "the %s has no column %q: its type %s has no such attribute", table.ID, id.Name, typ))
				continue
			}
			c.Type, c.Collation = of.V.Fields[i].Type, of.V.Fields[i].Collation
		}
	})
	return d.object(b, &object.Object{ID: id, Value: c, Parent: table.ID})
}

// encodeTypedColumn writes a block override where there is something to say.
func encodeTypedColumn(e *encoder, o *object.Object, c *Column) *hcl.Block {
	e.said[o.ID] = true
	b := &hcl.Block{Type: "override", Labels: []string{o.ID.Name}}
	if c.NotNull && (c.NotNullAs != NotNull{} || !e.isKey(o)) {
		b.Set("null", hcl.Flag(false))
		encodeNotNull(c.NotNullAs, b)
	}
	if len(b.Attrs) == 0 && !e.state.Has(defaultID(o.ID)) && !e.state.Has(commentID(o.ID)) {
		return nil
	}
	return b
}

// isKey reports whether a column is one of the primary key, and so cannot be null.
func (e *encoder) isKey(column *object.Object) bool {
	return slices.ContainsFunc(e.children(column.Parent), func(o *object.Object) bool {
		k, ok := o.Value.(*Constraint)
		return ok && o.ID.Kind == "primary_key" && slices.Contains(k.Columns, column.ID.Name)
	})
}

// typedSettings adds how columns of typed tables are stored to what is set on parts of relations.
func (e *encoder) typedSettings() {
	for _, o := range e.state.Kind("column") {
		if !isTyped(e.state, o.Parent) {
			continue
		}
		c := o.Value.(*Column)
		for _, a := range [][2]string{{"storage", c.Storage}, {"compression", c.Compression}, {"statistics", c.Statistics}} {
			if a[1] != "" {
				s := &Setting{Value: a[1], Of: "column", Part: o.ID.Name, Attr: a[0], Relation: o.Parent}
				e.set[o.Parent] = append(e.set[o.Parent], &object.Object{ID: settingID(s), Value: s, Parent: o.ID})
			}
		}
	}
}

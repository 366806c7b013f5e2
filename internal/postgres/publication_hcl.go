package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func publicationHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "publication", Labels: hcl.OneLabel, Doc: "what logical replication sends",
				Attrs: []hcl.AttrSpec{
					{Name: "all_tables", Takes: hcl.Bool, Doc: "true: all tables"},
					{Name: "all_sequences", Takes: hcl.Bool, Doc: "true: all sequences, from PostgreSQL 19 on"},
					{Name: "publish", Takes: hcl.Word, List: true, Words: usualPublication().Publish, Doc: "the changes that are sent; all by default"},
					{Name: "via_partition_root", Takes: hcl.Bool, Doc: "true: changes of partitions are sent as those of their root"},
					{Name: "generated_columns", Takes: hcl.Word, Words: []string{"stored"}, Doc: "stored: generated columns are sent too, from PostgreSQL 18 on"},
				},
			},
			id:     func(_ *decoder, b *hcl.Block) object.ID { return object.ID{Kind: "publication", Name: b.Name()} },
			decode: decodePublication,
		}},
		encode: encodePublication,
	}
}

func decodePublication(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := usualPublication()
	v.AllTables, v.AllSequences = b.Bool("all_tables", false), b.Bool("all_sequences", false)
	v.ViaRoot, v.Generated = b.Bool("via_partition_root", false), b.Text("generated_columns")
	if publish, ok := b.Attr("publish"); ok {
		given := texts(publish.List)
		v.Publish = slices.DeleteFunc(v.Publish, func(w string) bool { return !slices.Contains(given, w) })
	}
	return d.object(b, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
}

func encodePublication(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Publication)
	b := &hcl.Block{Type: "publication", Labels: []string{o.ID.Name}}
	setTrue(b, "all_tables", v.AllTables)
	setTrue(b, "all_sequences", v.AllSequences)
	if !slices.Equal(v.Publish, usualPublication().Publish) {
		words := make([]hcl.Value, len(v.Publish))
		for i, w := range v.Publish {
			words[i] = hcl.Bare(w)
		}
		b.Set("publish", hcl.Items(words...))
	}
	setTrue(b, "via_partition_root", v.ViaRoot)
	if v.Generated != "" {
		b.Set("generated_columns", hcl.Bare(v.Generated))
	}
	return b
}

// publicationTableHCL makes whole tables a list of the publication; one with a filter or some columns only is a block.
func publicationTableHCL() hclKind {
	refs := []string{"table", "partition"}
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "filter", Labels: hcl.NoLabel, Doc: "a table of which not everything is sent, from PostgreSQL 15 on",
				Attrs: []hcl.AttrSpec{
					{Name: "of", Takes: hcl.Reference, Refs: refs, Required: true, Doc: "the table: of = table.users"},
					columnsAttr("columns", "the columns that are sent", false),
					{Name: "where", Takes: hcl.Expr, Doc: "the condition on rows that are sent"},
				},
			},
			in: []string{"publication"}, id: publicationTableID, decode: decodePublicationTable,
		}},
		attrs: map[string][]hcl.AttrSpec{"publication": {{
			Name: "tables", Takes: hcl.Reference, List: true, Refs: refs, Doc: "the tables that are sent whole: tables = [table.users, table.posts]",
		}}},
		decodeAttrs: func(d *decoder, b *hcl.Block, of *object.Object) {
			for _, v := range b.List("tables") {
				if of.ID.Kind == "publication" && v.Ref.Target != nil {
					table := d.idOf(v.Ref.Target)
					d.add(publicationTable(of, table, &PublicationTable{Table: qualified(table.Schema, table.Name)}, v), v.Width)
				}
			}
		},
		encode:      encodePublicationTable,
		encodeAttrs: encodePublicationTables,
	}
}

func publicationTableID(d *decoder, b *hcl.Block) object.ID {
	of, _ := b.Attr("of")
	out := object.ID{Kind: "publication_table", Table: d.idOf(b.Parent).Name}
	if of.Ref.Target != nil {
		out.Name = d.idOf(of.Ref.Target).Path()
	}
	return out
}

func publicationTable(publication *object.Object, table object.ID, v *PublicationTable, at hcl.Value) *object.Object {
	return &object.Object{
		ID:     object.ID{Kind: "publication_table", Table: publication.ID.Name, Name: table.Path()},
		Parent: publication.ID, Needs: []object.ID{table}, Value: v, Pos: at.Pos,
	}
}

func decodePublicationTable(d *decoder, b *hcl.Block, publication *object.Object) *object.Object {
	of, _ := b.Attr("of")
	if of.Ref.Target == nil {
		return nil
	}
	table := d.idOf(of.Ref.Target)
	columns, needs := d.columns(b.List("columns"), table)
	o := publicationTable(publication, table, &PublicationTable{Table: qualified(table.Schema, table.Name), Columns: columns, Where: b.Text("where")}, of)
	o.Needs = append(o.Needs, needs...)
	return d.object(b, o)
}

// encodePublicationTable writes a block where the list of the publication does not say all.
func encodePublicationTable(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*PublicationTable)
	table, ok := e.tableNamed(v.Table)
	if !ok || len(v.Columns) == 0 && v.Where == "" {
		return nil
	}
	b := &hcl.Block{Type: "filter"}
	b.Set("of", hcl.To(e.path(table)...))
	if len(v.Columns) > 0 {
		b.Set("columns", e.columnRefs(table, v.Columns, object.ID{}))
	}
	if v.Where != "" {
		b.Set("where", hcl.Code(unwrapped(v.Where)))
	}
	return b
}

// tableNamed finds a table by its quoted name.
func (e *encoder) tableNamed(quoted string) (object.ID, bool) {
	schema, name, ok := splitQualified(quoted)
	id := object.ID{Kind: "table", Schema: schema, Name: name}
	return id, ok && e.state.Has(id)
}

func encodePublicationTables(e *encoder, of object.ID, b *hcl.Block) {
	if of.Kind != "publication" {
		return
	}
	var list []hcl.Value
	for _, o := range e.children(of) {
		v, ok := o.Value.(*PublicationTable)
		if !ok || len(v.Columns) > 0 || v.Where != "" {
			continue
		}
		if table, ok := e.tableNamed(v.Table); ok {
			list = append(list, hcl.To(e.path(table)...))
			e.said[o.ID] = true
		}
	}
	if len(list) > 0 {
		b.Set("tables", hcl.Items(list...))
	}
}

// publicationSchemaHCL makes the schemas a list of the publication.
func publicationSchemaHCL() hclKind {
	return hclKind{
		attrs: map[string][]hcl.AttrSpec{"publication": {{
			Name: "schemas", Takes: hcl.Reference, List: true, Refs: []string{"schema"}, Doc: "the schemas all of whose tables are sent, from PostgreSQL 15 on",
		}}},
		decodeAttrs: func(d *decoder, b *hcl.Block, of *object.Object) {
			for _, v := range b.List("schemas") {
				if of.ID.Kind == "publication" && v.Ref.Target != nil {
					schema := d.idOf(v.Ref.Target)
					d.add(&object.Object{
						ID:     object.ID{Kind: "publication_schema", Table: of.ID.Name, Name: schema.Name},
						Parent: of.ID, Needs: []object.ID{schema}, Value: &PublicationSchema{Schema: schema.Name}, Pos: v.Pos,
					}, v.Width)
				}
			}
		},
		encodeAttrs: func(e *encoder, of object.ID, b *hcl.Block) {
			var list []hcl.Value
			for _, o := range e.children(of) {
				if v, ok := o.Value.(*PublicationSchema); ok && of.Kind == "publication" {
					list = append(list, hcl.To("schema", v.Schema))
					e.said[o.ID] = true
				}
			}
			if len(list) > 0 {
				b.Set("schemas", hcl.Items(list...))
			}
		},
	}
}

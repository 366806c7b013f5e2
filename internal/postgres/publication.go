package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Publication is what logical replication sends; its tables and schemas are objects beside it.
type Publication struct {
	AllTables    bool     `json:"all_tables,omitempty"`
	AllSequences bool     `json:"all_sequences,omitempty"`
	Publish      []string `json:"publish"` // insert, update, delete, truncate
	ViaRoot      bool     `json:"via_partition_root,omitempty"`
	Generated    string   `json:"generated_columns,omitempty"` // stored; empty: none; PostgreSQL 18
}

// PublicationTable is a table of a publication, with its row filter and column list.
type PublicationTable struct {
	Table   string   `json:"table"`             // quoted
	Columns []string `json:"columns,omitempty"` // unquoted, ordered; empty: all
	Where   string   `json:"where,omitempty"`
}

// PublicationSchema is a schema all of whose tables a publication sends.
type PublicationSchema struct {
	Schema string `json:"schema"`
}

func (*Publication) address(id object.ID) string { return "PUBLICATION " + ident(id.Name) }

func publicationKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Publication]{
			Name: "publication", Weight: weightPublication,
			Create: createPublication, Alter: alterPublication, Drop: dropPublication,
		}),
		queries: []catalog.Query{{Name: "publications", SQL: `
SELECT p.oid, p.pubname AS name, p.puballtables AS all_tables, pg_catalog.to_jsonb(p) ->> 'puballsequences' AS all_sequences,
  pg_catalog.concat_ws(E'\x1f', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
    CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
  p.pubviaroot AS via_root, CASE pg_catalog.to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN 'stored' END AS generated
FROM pg_catalog.pg_publication p
ORDER BY 2`}},
		build: buildPublications,
		hcl:   publicationHCL(),
	}
}

// publicationTableKind reads pg_publication_rel, whose filters and columns exist since PostgreSQL 15. Before, the names
// prqual and prattrs inside the subquery mean those outside of it, which are null.
func publicationTableKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[PublicationTable]{
			Name: "publication_table", Weight: weightPublication,
			Create: createPublicationTable, Alter: unchangeable[PublicationTable], Drop: dropPublicationTable,
		}),
		queries: []catalog.Query{{Name: "publication_tables", SQL: `
SELECT m.* FROM (SELECT NULL::pg_node_tree AS prqual, NULL::int2vector AS prattrs) older
CROSS JOIN LATERAL (
  SELECT r.oid, r.prpubid AS publication, r.prrelid AS relation, pg_catalog.pg_get_expr(prqual, r.prrelid) AS "where",
    (SELECT pg_catalog.string_agg(a.attname, E'\x1f' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = r.prrelid AND a.attnum = ANY (prattrs::int2[])) AS columns
  FROM pg_catalog.pg_publication_rel r) m
ORDER BY 2, 3`}},
		build: buildPublicationTables,
		hcl:   publicationTableHCL(),
	}
}

// publicationSchemaKind reads pg_publication_namespace, which exists since PostgreSQL 15: its rows are found in
// pg_depend, which every version has.
func publicationSchemaKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[PublicationSchema]{
			Name: "publication_schema", Weight: weightPublication,
			Create: createPublicationSchema, Alter: unchangeable[PublicationSchema], Drop: dropPublicationSchema,
		}),
		queries: []catalog.Query{{Name: "publication_schemas", SQL: `
SELECT p.objid AS oid, p.refobjid AS publication, s.refobjid AS schema
FROM pg_catalog.pg_depend p
JOIN pg_catalog.pg_depend s ON s.classid = p.classid AND s.objid = p.objid AND s.refclassid = 2615
WHERE p.classid = 6237 AND p.refclassid = 6104
ORDER BY 2, 3`}},
		build: buildPublicationSchemas,
		hcl:   publicationSchemaHCL(),
	}
}

func buildPublications(b *builder) error {
	return b.rows("publications", func(r catalog.Row) error {
		id := object.ID{Kind: "publication", Name: r.Str("name")}
		return b.add(ref{classPub, r.Str("oid"), "0"}, &object.Object{
			ID: id, Claims: []string{id.String()},
			Value: &Publication{
				AllTables: r.Bool("all_tables"), AllSequences: r.Bool("all_sequences"), Publish: r.List("publish"),
				ViaRoot: r.Bool("via_root"), Generated: r.Str("generated"),
			},
		})
	})
}

func buildPublicationTables(b *builder) error {
	return b.rows("publication_tables", func(r catalog.Row) error {
		publication, ok := b.at(ref{classPub, r.Str("publication"), "0"})
		table, known := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok || !known {
			return nil
		}
		return b.add(ref{classPubTable, r.Str("oid"), "0"}, &object.Object{
			ID:     object.ID{Kind: "publication_table", Table: publication.Name, Name: table.Path()},
			Parent: publication, Needs: []object.ID{table},
			Value: &PublicationTable{Table: qualified(table.Schema, table.Name), Columns: r.List("columns"), Where: r.Str("where")},
		})
	})
}

func buildPublicationSchemas(b *builder) error {
	return b.rows("publication_schemas", func(r catalog.Row) error {
		publication, ok := b.at(ref{classPub, r.Str("publication"), "0"})
		schema, known := b.at(ref{classNamespace, r.Str("schema"), "0"})
		if !ok || !known {
			return nil
		}
		return b.add(ref{classPubSchema, r.Str("oid"), "0"}, &object.Object{
			ID:     object.ID{Kind: "publication_schema", Table: publication.Name, Name: schema.Name},
			Parent: publication, Needs: []object.ID{schema}, Value: &PublicationSchema{Schema: schema.Name},
		})
	})
}

// options spells the parameters that differ from another version's.
func (p *Publication) options(other *Publication) string {
	var out []string
	if !slices.Equal(p.Publish, other.Publish) {
		out = append(out, "publish = "+literal(strings.Join(p.Publish, ", ")))
	}
	if p.ViaRoot != other.ViaRoot {
		out = append(out, "publish_via_partition_root = "+toggle(p.ViaRoot, "true", "false"))
	}
	if p.Generated != other.Generated {
		out = append(out, "publish_generated_columns = "+orWord(p.Generated, "none"))
	}
	return strings.Join(out, ", ")
}

func usualPublication() *Publication {
	return &Publication{Publish: []string{"insert", "update", "delete", "truncate"}}
}

func (p *Publication) definition(id object.ID) string {
	sql := "CREATE PUBLICATION " + ident(id.Name)
	var all []string
	if p.AllTables {
		all = append(all, "ALL TABLES")
	}
	if p.AllSequences {
		all = append(all, "ALL SEQUENCES")
	}
	if len(all) > 0 {
		sql += " FOR " + strings.Join(all, ", ")
	}
	if o := p.options(usualPublication()); o != "" {
		sql += " WITH (" + o + ")"
	}
	return sql
}

func createPublication(_ *kind.Context, p kind.Of[Publication]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     p.V.definition(p.ID),
		Comment: "create " + p.ID.String(),
		Reverse: []string{"DROP PUBLICATION " + ident(p.ID.Name)},
	}}, nil
}

func alterPublication(_ *kind.Context, from, to kind.Of[Publication], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("all_tables", "all_sequences") {
		a.Take(a.Left()...)
		return plan.Replace("PostgreSQL cannot turn a publication of all tables into one of some"), nil
	}
	a.Take("publish", "via_partition_root", "generated_columns")
	head := "ALTER PUBLICATION " + ident(to.ID.Name) + " SET ("
	return plan.InPlace(plan.Step{
		SQL: head + to.V.options(from.V) + ")", Reverse: []string{head + from.V.options(to.V) + ")"}, Comment: "modify " + to.ID.String(),
	}), nil
}

func dropPublication(_ *kind.Context, p kind.Of[Publication]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP PUBLICATION " + ident(p.ID.Name),
		Comment: "drop " + p.ID.String(),
		Reverse: []string{p.V.definition(p.ID)},
	}}, nil
}

func memberStep(verb, reverse, publication, member, name string, comment string) plan.Step {
	head := "ALTER PUBLICATION " + ident(publication) + " "
	return plan.Step{SQL: head + verb + member, Reverse: []string{head + reverse + name}, Comment: comment}
}

// table names the table without its children, which are members of their own (pg_publication_rel).
func (t *PublicationTable) table(c *kind.Context) string {
	parents := kind.Once(c, "tables with children", func() map[string]bool {
		out := map[string]bool{}
		for _, state := range []*object.State{c.From, c.To} {
			for _, o := range state.Kind("table") {
				if len(o.Value.(*Table).Inherits) == 0 {
					continue
				}
				for _, n := range o.Needs {
					out[qualified(n.Schema, n.Name)] = true
				}
			}
		}
		return out
	})
	return "TABLE " + toggle(parents[t.Table], "ONLY ", "") + t.Table
}

func (t *PublicationTable) member(c *kind.Context) string {
	out := t.table(c)
	if len(t.Columns) > 0 {
		out += " (" + idents(t.Columns) + ")"
	}
	if t.Where != "" {
		out += " WHERE (" + t.Where + ")"
	}
	return out
}

func createPublicationTable(c *kind.Context, t kind.Of[PublicationTable]) ([]plan.Step, error) {
	return []plan.Step{memberStep("ADD ", "DROP ", t.Parent.Name, t.V.member(c), t.V.table(c), "add table "+t.ID.Name+" to "+t.Parent.String())}, nil
}

func dropPublicationTable(c *kind.Context, t kind.Of[PublicationTable]) ([]plan.Step, error) {
	return []plan.Step{memberStep("DROP ", "ADD ", t.Parent.Name, t.V.table(c), t.V.member(c), "take table "+t.ID.Name+" from "+t.Parent.String())}, nil
}

func createPublicationSchema(_ *kind.Context, s kind.Of[PublicationSchema]) ([]plan.Step, error) {
	member := "TABLES IN SCHEMA " + ident(s.V.Schema)
	return []plan.Step{memberStep("ADD ", "DROP ", s.Parent.Name, member, member, "add schema "+s.ID.Name+" to "+s.Parent.String())}, nil
}

func dropPublicationSchema(_ *kind.Context, s kind.Of[PublicationSchema]) ([]plan.Step, error) {
	member := "TABLES IN SCHEMA " + ident(s.V.Schema)
	return []plan.Step{memberStep("DROP ", "ADD ", s.Parent.Name, member, member, "take schema "+s.ID.Name+" from "+s.Parent.String())}, nil
}

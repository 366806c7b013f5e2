package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// View is a view; a recursive one is a view whose query is recursive.
type View struct {
	Query   string   `json:"query"`                        // as pg_get_viewdef spells it, without the semicolon
	Options []string `json:"options,omitempty" diff:"set"` // check_option, security_barrier, security_invoker; name=value

	Columns []ViewColumn `json:"columns,omitempty" diff:"-"` // they follow from the query
}

// ViewColumn is a column of a view.
type ViewColumn struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Collation string `json:"collation,omitempty"` // with its schema
}

func (*View) grantTarget(id object.ID) string { return "TABLE " + qualified(id.Schema, id.Name) }

func viewKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[View]{
			Name: "view", Weight: weightView,
			Create: createView, Alter: alterView, Drop: dropView,
		}),
		queries: []catalog.Query{
			{Name: "views", SQL: `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.reltype, t.typarray AS array, r.oid AS rule,
  pg_catalog.pg_get_viewdef(c.oid) AS query, c.relispopulated AS populated, ts.spcname AS tablespace,
  CASE WHEN am.amname <> 'heap' THEN am.amname END AS access_method,
  pg_catalog.array_to_string(c.reloptions, E'\x1f') AS options
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = c.reltype
JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND c.oid >= 16384 AND ` + userSchemas + `
ORDER BY 2, 3`},
			// The columns of views.
			{Name: "part_columns", SQL: `
SELECT a.attrelid AS relation, a.attnum AS num, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
  CASE WHEN a.attcollation <> 0 THEN pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) END AS collation
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND c.oid >= 16384 AND ` + userSchemas + `
ORDER BY 1, 2`},
		},
		build: buildViews,
		hcl:   viewHCL(),
	}
}

func buildViews(b *builder) error {
	err := b.rows("views", func(r catalog.Row) error {
		id := object.ID{Kind: "view", Schema: r.Str("schema"), Name: r.Str("name")}
		query := strings.TrimSuffix(strings.TrimSpace(r.Str("query")), ";")
		var value any = &View{Query: query, Options: r.List("options")}
		if r.Str("kind") == "m" {
			id.Kind = "materialized"
			value = &Materialized{
				Query: query, Options: r.List("options"), Tablespace: r.Str("tablespace"),
				AccessMethod: r.Str("access_method"), Unpopulated: !r.Bool("populated"),
			}
		}
		o := &object.Object{ID: id, Value: value, Claims: relationClaims(id)}
		if err := b.add(ref{classRelation, r.Str("oid"), "0"}, o); err != nil {
			return err
		}
		b.alias(ref{classType, r.Str("reltype"), "0"}, id)
		b.alias(ref{classType, r.Str("array"), "0"}, id)
		b.alias(ref{classRewrite, r.Str("rule"), "0"}, id)
		return nil
	})
	if err != nil {
		return err
	}
	return b.rows("part_columns", func(r catalog.Row) error {
		owner, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		b.part(ref{classRelation, r.Str("relation"), r.Str("num")}, columnID(owner, r.Str("name")), owner)
		if v, ok := b.objects[owner].Value.(*View); ok {
			v.Columns = append(v.Columns, ViewColumn{Name: r.Str("name"), Type: r.Str("type"), Collation: r.Str("collation")})
		}
		return nil
	})
}

// relationClaims are the names that a relation with a row type takes.
func relationClaims(id object.ID) []string {
	return []string{relationClaim(id.Schema, id.Name), typeClaim(id.Schema, id.Name)}
}

func (v *View) definition(id object.ID) string {
	sql := "CREATE OR REPLACE VIEW " + qualified(id.Schema, id.Name)
	if len(v.Options) > 0 {
		sql += " WITH (" + strings.Join(optionList(v.Options), ", ") + ")"
	}
	return sql + " AS\n" + v.Query
}

func createView(_ *kind.Context, v kind.Of[View]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     strings.Replace(v.V.definition(v.ID), "CREATE OR REPLACE", "CREATE", 1),
		Comment: "create " + v.ID.String(),
		Reverse: []string{"DROP VIEW " + qualified(v.ID.Schema, v.ID.Name)},
	}}, nil
}

// alterView writes the view over when it only gains columns at its end (PostgreSQL manual, "CREATE VIEW").
func alterView(_ *kind.Context, from, to kind.Of[View], a *kind.Attrs) (plan.Edit, error) {
	if !a.Take("query") {
		a.Take("options")
		return plan.InPlace(relationOptions("VIEW", to.ID, from.V.Options, to.V.Options)...), nil
	}
	a.Take("options")
	if !extends(from.V.Columns, to.V.Columns) {
		return plan.Replace("PostgreSQL can only add columns at the end of a view"), nil
	}
	step := plan.Step{SQL: to.V.definition(to.ID), Comment: "replace " + to.ID.String()}
	if len(from.V.Columns) == len(to.V.Columns) {
		step.Reverse = []string{from.V.definition(from.ID)}
	}
	return plan.InPlace(step), nil
}

func extends(from, to []ViewColumn) bool {
	if len(to) < len(from) {
		return false
	}
	for i, c := range from {
		if to[i] != c {
			return false
		}
	}
	return true
}

// relationOptions sets and resets the storage parameters of a relation that is not a table.
func relationOptions(word string, id object.ID, from, to []string) []plan.Step {
	head := "ALTER " + word + " " + qualified(id.Schema, id.Name) + " "
	back := optionClauses(to, from)
	var out []plan.Step
	for _, clause := range optionClauses(from, to) {
		step := plan.Step{SQL: head + clause, Comment: "modify " + id.String()}
		for _, b := range back {
			step.Reverse = append(step.Reverse, head+b)
		}
		out = append(out, step)
	}
	return out
}

func dropView(_ *kind.Context, v kind.Of[View]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP VIEW " + qualified(v.ID.Schema, v.ID.Name),
		Comment: "drop " + v.ID.String(),
		Reverse: []string{v.V.definition(v.ID)},
	}}, nil
}

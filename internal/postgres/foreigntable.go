package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// ForeignTable is a foreign table; its columns and checks are objects beside it, the same as those of tables. It
// holds no rows itself and may be made again.
type ForeignTable struct {
	Server      string   `json:"server"`
	Options     []string `json:"options,omitempty" diff:"set"`
	PartitionOf string   `json:"partition_of,omitempty"` // the parent, quoted
	Bound       string   `json:"bound,omitempty"`
	Inherits    []string `json:"inherits,omitempty"`
	Secrets
}

func (*ForeignTable) grantTarget(id object.ID) string {
	return "TABLE " + qualified(id.Schema, id.Name)
}

func foreignTableKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[ForeignTable]{
			Name: "foreign_table", Weight: weightTable,
			Moot: func(_ *kind.Context, from, to kind.Of[ForeignTable], attr string) bool {
				return to.V.moot(attr, &from.V.Secrets)
			},
			Create: createForeignTable, Alter: alterForeignTable, Drop: dropForeignTable,
		}),
		queries: []catalog.Query{{Name: "foreign_tables", SQL: `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.reltype, t.typarray AS array, s.srvname AS server, ` + optionsOf("f.ftoptions") + ` AS options,
  ` + secretsOf("f.ftoptions") + ` AS secrets,
  c.relispartition AS is_partition, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound,
  (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(pc.relname), E'\x1f' ORDER BY i.inhseqno)
   FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class pc ON pc.oid = i.inhparent
   JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace WHERE i.inhrelid = c.oid) AS parents
FROM pg_catalog.pg_foreign_table f
JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = c.reltype
JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
WHERE ` + userSchemas + `
ORDER BY 2, 3`}},
		build: buildForeignTables,
		hcl:   foreignTableHCL(),
	}
}

func buildForeignTables(b *builder) error {
	return b.rows("foreign_tables", func(r catalog.Row) error {
		v := &ForeignTable{Server: r.Str("server"), Options: r.List("options"), Secrets: readSecrets(r), Bound: r.Str("bound")}
		if parents := r.List("parents"); r.Bool("is_partition") && len(parents) == 1 {
			v.PartitionOf = parents[0]
		} else {
			v.Inherits = parents
		}
		id := object.ID{Kind: "foreign_table", Schema: r.Str("schema"), Name: r.Str("name")}
		if err := b.add(ref{classRelation, r.Str("oid"), "0"}, &object.Object{ID: id, Value: v, Claims: relationClaims(id)}); err != nil {
			return err
		}
		b.alias(ref{classType, r.Str("reltype"), "0"}, id)
		b.alias(ref{classType, r.Str("array"), "0"}, id)
		return nil
	})
}

func (v *ForeignTable) suffix() string {
	var out string
	if len(v.Inherits) > 0 {
		out = " INHERITS (" + strings.Join(v.Inherits, ", ") + ")"
	}
	return out + " SERVER " + ident(v.Server) + optionSettings(v.Options)
}

func createForeignTable(c *kind.Context, t kind.Of[ForeignTable]) ([]plan.Step, error) {
	name := qualified(t.ID.Schema, t.ID.Name)
	step := plan.Step{
		SQL:     "CREATE FOREIGN TABLE " + name + " ()" + t.V.suffix(),
		Comment: "create " + t.ID.String(),
		Loses:   lostAnew(c, t.ID),
		Reverse: []string{"DROP FOREIGN TABLE " + name},
	}
	if t.V.PartitionOf != "" {
		step.SQL = "CREATE FOREIGN TABLE " + name + " PARTITION OF " + t.V.PartitionOf + " " + t.V.Bound + t.V.suffix()
		return append([]plan.Step{step}, t.V.addSecrets(name)...), nil
	}
	step.Fold = func(host *plan.Step, parts []*plan.Step) error {
		model, extra := tableModel(c.To, t.ID, parts)
		if len(model.Columns) == 0 && len(model.Checks) == 0 && len(extra) == 0 {
			return nil
		}
		s, err := atlas.Postgres{}.CreateTable(model)
		if err != nil {
			return err
		}
		body := withClauses(s.SQL, extra)
		host.SQL = "CREATE FOREIGN TABLE" + strings.TrimPrefix(body, "CREATE TABLE") + t.V.suffix()
		return nil
	}
	return append([]plan.Step{step}, t.V.addSecrets(name)...), nil
}

// addSecrets gives a new table its secrets in a statement of their own: its columns fold into the one that makes it.
func (v *ForeignTable) addSecrets(name string) []plan.Step {
	added := v.missing(&Secrets{})
	if len(added) == 0 {
		return nil
	}
	head := "ALTER FOREIGN TABLE " + name + " OPTIONS ("
	step := plan.Step{Comment: "set the secrets of foreign table " + name, Reverse: []string{head + strings.Join(spelled("DROP ", added), ", ") + ")"}}
	return []plan.Step{v.step(step, added, "ADD ", func(secrets []string) string { return head + strings.Join(secrets, ", ") + ")" })}
}

func alterForeignTable(_ *kind.Context, from, to kind.Of[ForeignTable], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("server", "partition_of", "bound", "inherits") {
		a.Take(a.Left()...)
		return plan.Replace("PostgreSQL can only change the options of a foreign table in place"), nil
	}
	a.Take("options", "secret_options")
	head, added := "ALTER FOREIGN TABLE "+qualified(to.ID.Schema, to.ID.Name), to.V.missing(&from.V.Secrets)
	step := plan.Step{
		Reverse: []string{head + optionEdits(to.V.Options, from.V.Options, spelled("DROP ", added)...)}, Comment: "modify " + to.ID.String(),
	}
	return plan.InPlace(to.V.step(step, added, "ADD ", func(secrets []string) string {
		return head + optionEdits(from.V.Options, to.V.Options, secrets...)
	})), nil
}

func dropForeignTable(c *kind.Context, t kind.Of[ForeignTable]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP FOREIGN TABLE " + qualified(t.ID.Schema, t.ID.Name),
		Comment: "drop " + t.ID.String(), Loses: t.V.lost(c, t.ID),
	}}, nil
}

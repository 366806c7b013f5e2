package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Aggregate is an aggregate function. Functions and types are spelled as the server does, quoted and with schema.
type Aggregate struct {
	Args     string   `json:"args"`    // as pg_get_function_arguments spells them; "*": none
	Options  []string `json:"options"` // as CREATE AGGREGATE takes them, in its order
	Parallel string   `json:"parallel,omitempty"`

	Name      string `json:"name" diff:"-"`
	Signature string `json:"signature" diff:"-"` // types of the arguments
	Identity  string `json:"identity" diff:"-"`  // as pg_get_function_identity_arguments spells them
}

// address names the aggregate as any routine: by its types alone.
func (g *Aggregate) address(id object.ID) string {
	return "ROUTINE " + qualified(id.Schema, g.Name) + "(" + g.Signature + ")"
}

func aggregateKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Aggregate]{
			Name: "aggregate", Weight: weightFunction,
			Create: createAggregate, Alter: unchangeable[Aggregate], Drop: dropAggregate,
		}),
		queries: []catalog.Query{{Name: "aggregates", SQL: aggregateQuery}},
		build:   buildAggregates,
		hcl:     aggregateHCL(),
	}
}

// aggregateQuery spells out pg_aggregate; functions that are missing are 0, and what follows from others is left out.
const aggregateQuery = `
SELECT p.oid, n.nspname AS schema, p.proname AS name, pg_catalog.pg_get_function_arguments(p.oid) AS args,
  pg_catalog.pg_get_function_identity_arguments(p.oid) AS identity,
  (SELECT pg_catalog.string_agg(pg_catalog.format_type(a.t, NULL), ', ' ORDER BY a.k)
   FROM pg_catalog.unnest(p.proargtypes::oid[]) WITH ORDINALITY a(t, k)) AS signature,
  a.aggkind = 'h' AS hypothetical,
  CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END AS parallel,
  a.aggtransfn AS sfunc, pg_catalog.format_type(a.aggtranstype, NULL) AS stype, nullif(a.aggtransspace, 0) AS sspace,
  nullif(a.aggfinalfn::oid, 0)::pg_catalog.regproc AS finalfunc, a.aggfinalextra AS finalfunc_extra,
  CASE WHEN a.aggfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END THEN a.aggfinalmodify END AS finalfunc_modify,
  nullif(a.aggcombinefn::oid, 0)::pg_catalog.regproc AS combinefunc, nullif(a.aggserialfn::oid, 0)::pg_catalog.regproc AS serialfunc,
  nullif(a.aggdeserialfn::oid, 0)::pg_catalog.regproc AS deserialfunc, a.agginitval AS initcond,
  nullif(a.aggmtransfn::oid, 0)::pg_catalog.regproc AS msfunc, nullif(a.aggminvtransfn::oid, 0)::pg_catalog.regproc AS minvfunc,
  CASE WHEN a.aggmtranstype <> 0 THEN pg_catalog.format_type(a.aggmtranstype, NULL) END AS mstype, nullif(a.aggmtransspace, 0) AS msspace,
  nullif(a.aggmfinalfn::oid, 0)::pg_catalog.regproc AS mfinalfunc, a.aggmfinalextra AS mfinalfunc_extra,
  CASE WHEN a.aggmfinalfn <> 0 AND a.aggmfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END THEN a.aggmfinalmodify END AS mfinalfunc_modify,
  a.aggminitval AS minitcond,
  CASE WHEN a.aggsortop <> 0 THEN 'OPERATOR(' || pg_catalog.quote_ident(son.nspname) || '.' || so.oprname || ')' END AS sortop
FROM pg_catalog.pg_aggregate a
JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_operator so ON so.oid = a.aggsortop
LEFT JOIN pg_catalog.pg_namespace son ON son.oid = so.oprnamespace
WHERE p.oid >= 16384 AND ` + userSchemas + `
ORDER BY 2, 3, 6`

func buildAggregates(b *builder) error {
	return b.rows("aggregates", func(r catalog.Row) error {
		g := &Aggregate{
			Args: r.Str("args"), Parallel: r.Str("parallel"), Options: aggregateOptions(r),
			Name: r.Str("name"), Signature: r.Str("signature"), Identity: r.Str("identity"),
		}
		if g.Args == "" {
			g.Args, g.Identity = "*", "*"
		}
		id := object.ID{Kind: "aggregate", Schema: r.Str("schema"), Name: g.Name + "(" + g.Signature + ")"}
		return b.add(ref{classProc, r.Str("oid"), "0"}, &object.Object{
			ID: id, Value: g, Claims: []string{"routine " + qualified(id.Schema, g.Name) + "(" + g.Signature + ")"},
		})
	})
}

func aggregateOptions(r catalog.Row) []string {
	var out []string
	for _, name := range []string{
		"sfunc", "stype", "sspace", "finalfunc", "finalfunc_extra", "finalfunc_modify", "combinefunc", "serialfunc", "deserialfunc",
		"initcond", "msfunc", "minvfunc", "mstype", "msspace", "mfinalfunc", "mfinalfunc_extra", "mfinalfunc_modify", "minitcond",
		"sortop", "hypothetical",
	} {
		value := r.Str(name)
		switch {
		case r.Null(name) || strings.HasSuffix(name, "_extra") && !r.Bool(name) || name == "hypothetical" && !r.Bool(name):
			continue
		case strings.HasSuffix(name, "_extra") || name == "hypothetical":
			out = append(out, strings.ToUpper(name))
			continue
		case strings.HasSuffix(name, "_modify"):
			value = finalModify(value)
		case strings.HasSuffix(name, "initcond"):
			value = literal(value)
		}
		out = append(out, strings.ToUpper(name)+" = "+value)
	}
	return out
}

// finalModify spells pg_aggregate.aggfinalmodify.
func finalModify(code string) string {
	switch code {
	case "r":
		return "READ_ONLY"
	case "s":
		return "SHAREABLE"
	}
	return "READ_WRITE"
}

func (g *Aggregate) definition(id object.ID) string {
	options := g.Options
	if g.Parallel != "" {
		options = append(options[:len(options):len(options)], "PARALLEL = "+g.Parallel)
	}
	return "CREATE AGGREGATE " + qualified(id.Schema, g.Name) + "(" + g.Args + ") (\n  " + strings.Join(options, ",\n  ") + "\n)"
}

func (g *Aggregate) drop(id object.ID) string {
	return "DROP AGGREGATE " + qualified(id.Schema, g.Name) + "(" + g.Identity + ")"
}

func createAggregate(_ *kind.Context, g kind.Of[Aggregate]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     g.V.definition(g.ID),
		Comment: "create " + g.ID.String(),
		Reverse: []string{g.V.drop(g.ID)},
	}}, nil
}

func dropAggregate(_ *kind.Context, g kind.Of[Aggregate]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     g.V.drop(g.ID),
		Comment: "drop " + g.ID.String(),
		Reverse: []string{g.V.definition(g.ID)},
	}}, nil
}

package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Owner is who owns an object. Owners are compared only where that was asked for; otherwise they are known so that what
// has to be made again belongs to the same role afterwards: a view reads with its owner's rights.
type Owner struct {
	Role    string    `json:"role"`
	Target  object.ID `json:"target" diff:"-"`
	Unasked bool      `json:"unasked,omitempty" diff:"-"`
}

// devOwner is the role that loads a desired state where owners are managed: what it owns is not said to be anybody's.
const devOwner = "schemactl_dev_owner"

func ownerKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Owner]{
			Name: "owner", Weight: weightOwner, Light: true, Kept: true,
			Loose:  func(o *Owner) bool { return o.Unasked },
			Create: createOwner, Alter: alterOwner, Drop: dropOwner,
		}),
		queries: []catalog.Query{{Name: "owners", SQL: ownerQuery}},
		build:   buildOwners,
		off:     true,
		hcl:     ownerHCL(),
	}
}

// ownerQuery reads the owners that are not the user's who looks, or all.
const ownerQuery = `
SELECT x.class, x.oid, o.rolname AS role
FROM (` + ownedObjects + `
) x
JOIN pg_catalog.pg_roles o ON o.oid = x.owner
WHERE o.rolname <> current_user OR %s AND current_user <> '` + devOwner + `'
ORDER BY 1, 2`

// ownedObjects are what ALTER … OWNER TO takes, with the owners. Those of sequences that belong to a column are the table's;
// the schema public is initdb's (pg_authid: 10 is the first superuser, 6171 pg_database_owner) until somebody takes it.
const ownedObjects = `
  SELECT 1259 AS class, c.oid, c.relowner AS owner FROM pg_catalog.pg_class c
  WHERE c.oid >= 16384 AND (c.relkind IN ('r', 'p', 'v', 'm', 'f') OR c.relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 1259 AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0))
  UNION ALL SELECT 2615, n.oid, n.nspowner FROM pg_catalog.pg_namespace n WHERE n.oid >= 16384 OR n.nspname = 'public' AND n.nspowner NOT IN (10, 6171)
  UNION ALL SELECT 1247, t.oid, t.typowner FROM pg_catalog.pg_type t WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'c', 'r')
  UNION ALL SELECT 1255, p.oid, p.proowner FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
  UNION ALL SELECT 2617, o.oid, o.oprowner FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
  UNION ALL SELECT 2753, f.oid, f.opfowner FROM pg_catalog.pg_opfamily f WHERE f.oid >= 16384
  UNION ALL SELECT 2616, c.oid, c.opcowner FROM pg_catalog.pg_opclass c WHERE c.oid >= 16384
  UNION ALL SELECT 3456, c.oid, c.collowner FROM pg_catalog.pg_collation c WHERE c.oid >= 16384
  UNION ALL SELECT 3600, d.oid, d.dictowner FROM pg_catalog.pg_ts_dict d WHERE d.oid >= 16384
  UNION ALL SELECT 3602, c.oid, c.cfgowner FROM pg_catalog.pg_ts_config c WHERE c.oid >= 16384
  UNION ALL SELECT 3381, s.oid, s.stxowner FROM pg_catalog.pg_statistic_ext s
  UNION ALL SELECT 2328, f.oid, f.fdwowner FROM pg_catalog.pg_foreign_data_wrapper f
  UNION ALL SELECT 1417, s.oid, s.srvowner FROM pg_catalog.pg_foreign_server s
  UNION ALL SELECT 2612, l.oid, l.lanowner FROM pg_catalog.pg_language l WHERE l.oid >= 16384
  UNION ALL SELECT 3466, e.oid, e.evtowner FROM pg_catalog.pg_event_trigger e
  UNION ALL SELECT 6104, p.oid, p.pubowner FROM pg_catalog.pg_publication p
  UNION ALL SELECT 6100, s.oid, s.subowner FROM pg_catalog.pg_subscription s`

func ownershipID(target object.ID) object.ID {
	return object.ID{Kind: "owner", Schema: target.Schema, Table: target.Table, Name: target.Kind + " " + target.Name}
}

func buildOwners(b *builder) error {
	return b.rows("owners", func(r catalog.Row) error {
		at := ref{r.Str("class"), r.Str("oid"), "0"}
		target, ok := b.target(at)
		if !ok || b.isMember(at) {
			return nil
		}
		return b.add(ref{"owner " + at.class, at.oid, "0"}, &object.Object{
			ID: ownershipID(target.id), Parent: target.owner,
			Value: &Owner{Role: r.Str("role"), Target: target.id, Unasked: !b.scope.Has("owner")},
		})
	})
}

func ownerStatement(s *object.State, target object.ID, role string) string {
	return "ALTER " + addressOf(s, target) + " OWNER TO " + grantees([]string{role})
}

func createOwner(c *kind.Context, o kind.Of[Owner]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL: ownerStatement(c.To, o.V.Target, o.V.Role), Comment: "give " + o.V.Target.String() + " to " + o.V.Role,
		Reverse: []string{ownerStatement(c.To, o.V.Target, ownerRole)}, Prefers: linkedSequences(c, o.V.Target),
	}}, nil
}

// linkedSequences are what links sequences to a table: they go to its owner with it, and one of another owner cannot be linked.
func linkedSequences(c *kind.Context, table object.ID) []object.ID {
	return kind.Once(c, "linked sequences", func() map[string][]object.ID {
		out := map[string][]object.ID{}
		for _, o := range c.To.Kind("sequence_owner") {
			name := o.Value.(*SequenceOwner).Table
			out[name] = append(out[name], o.ID)
		}
		return out
	})[qualified(table.Schema, table.Name)]
}

func alterOwner(c *kind.Context, from, to kind.Of[Owner], a *kind.Attrs) (plan.Edit, error) {
	a.Take("role")
	return plan.InPlace(plan.Step{
		SQL: ownerStatement(c.To, to.V.Target, to.V.Role), Comment: "give " + to.V.Target.String() + " to " + to.V.Role,
		Reverse: []string{ownerStatement(c.To, to.V.Target, from.V.Role)},
	}), nil
}

// dropOwner does nothing: an object has an owner as long as it is there.
func dropOwner(*kind.Context, kind.Of[Owner]) ([]plan.Step, error) { return nil, nil }

// unaskedFault refuses what is declared and would have no effect.
func unaskedFault(d *diag.Diagnostic, name string) *diag.Diagnostic {
	return d.WithHint("write manage { %s = true } into the environment in atlas.hcl, and run with --env", name)
}

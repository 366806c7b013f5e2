package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// DefaultPermission is what ALTER DEFAULT PRIVILEGES gives one grantee of objects to come. Those of a whole database
// stand in for the server's own defaults, those of a schema come on top (PostgreSQL manual, "ALTER DEFAULT PRIVILEGES").
// They are made last and dropped first: objects of the same plan are to be as they are declared.
type DefaultPermission struct {
	Permission
	Role    string   `json:"role" diff:"-"`              // whose objects; CURRENT_USER: the user who looked
	Objects string   `json:"objects" diff:"-"`           // TABLES, SEQUENCES, FUNCTIONS, TYPES, SCHEMAS or LARGE OBJECTS
	Builtin []string `json:"builtin,omitempty" diff:"-"` // the server's own defaults for the grantee
}

func defaultPermissionKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[DefaultPermission]{
			Name: "default_permission", Weight: weightDefaultPermission, Light: true,
			Create: createDefaultPermission, Alter: alterDefaultPermission, Drop: dropDefaultPermission,
		}),
		queries: []catalog.Query{{Name: "default_permissions", SQL: `
SELECT x.oid, x.schema, x.objects, CASE WHEN x.role = current_user THEN 'CURRENT_USER' ELSE x.role END AS role,
  CASE WHEN g.grantee = x.owner AND x.role = current_user THEN 'CURRENT_USER' ELSE coalesce(r.rolname, 'PUBLIC') END AS grantee,
  pg_catalog.string_agg(DISTINCT g.privilege, E'\x1f' ORDER BY g.privilege) FILTER (WHERE g.actual) AS privileges,
  pg_catalog.string_agg(DISTINCT g.privilege, E'\x1f' ORDER BY g.privilege) FILTER (WHERE NOT g.actual) AS builtin
FROM (
  SELECT d.oid, d.defaclrole AS owner, o.rolname AS role, n.nspname AS schema, d.defaclacl AS acl,
    pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole) AS builtin,
    CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS objects
  FROM pg_catalog.pg_default_acl d
  JOIN pg_catalog.pg_roles o ON o.oid = d.defaclrole
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
) x
CROSS JOIN LATERAL (
  SELECT a.grantee, a.privilege_type || CASE WHEN a.is_grantable AND a.grantee <> x.owner THEN ' WITH GRANT OPTION' ELSE '' END AS privilege, true AS actual FROM pg_catalog.aclexplode(x.acl) a
  UNION ALL SELECT a.grantee, a.privilege_type, false FROM pg_catalog.aclexplode(x.builtin) a) g
LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
GROUP BY 1, 2, 3, 4, 5
ORDER BY 2, 3, 4, 5`}},
		build: buildDefaultPermissions,
		hcl:   defaultPermissionHCL(),
	}
}

func buildDefaultPermissions(b *builder) error {
	return b.rows("default_permissions", func(r catalog.Row) error {
		d := &DefaultPermission{Role: r.Str("role"), Objects: r.Str("objects"), Builtin: r.List("builtin")}
		d.Privileges, d.Grantee = strongest(r.List("privileges")), r.Str("grantee")
		schema := r.Str("schema")
		d.spell(schema)
		if schema == "" {
			d.Usual = d.Builtin
		}
		if slices.Equal(d.Privileges, d.Usual) {
			return nil
		}
		return b.add(ref{classDefaultACL, r.Str("oid"), d.Grantee}, &object.Object{ID: d.id(schema), Value: d})
	})
}

// spell fills in what stands before GRANT and after ON.
func (d *DefaultPermission) spell(schema string) {
	d.Head, d.Subject = "ALTER DEFAULT PRIVILEGES ", d.Objects
	if d.Role != ownerRole {
		d.Head += "FOR ROLE " + ident(d.Role) + " "
	}
	if schema != "" {
		d.Head += "IN SCHEMA " + ident(schema) + " "
	}
	d.Target = object.ID{Kind: "default", Schema: schema, Name: strings.ToLower(d.Objects)}
}

func (d *DefaultPermission) id(schema string) object.ID {
	words := []string{strings.ToLower(d.Objects), "to", d.Grantee}
	if d.Role != ownerRole {
		words = append(words, "by", d.Role)
	}
	return object.ID{Kind: "default_permission", Schema: schema, Name: strings.Join(words, " ")}
}

func createDefaultPermission(_ *kind.Context, d kind.Of[DefaultPermission]) ([]plan.Step, error) {
	return permissionSteps(&d.V.Permission, d.V.Usual, d.V.Privileges, nil), nil
}

func alterDefaultPermission(_ *kind.Context, from, to kind.Of[DefaultPermission], a *kind.Attrs) (plan.Edit, error) {
	a.Take("privileges")
	return plan.InPlace(permissionSteps(&to.V.Permission, from.V.Privileges, to.V.Privileges, nil)...), nil
}

func dropDefaultPermission(_ *kind.Context, d kind.Of[DefaultPermission]) ([]plan.Step, error) {
	return permissionSteps(&d.V.Permission, d.V.Privileges, d.V.Usual, nil), nil
}

// objectsOf is the word by which ALTER DEFAULT PRIVILEGES means the objects of a kind; "" if it cannot.
func objectsOf(kindName string) string {
	switch kindName {
	case "table", "view", "materialized", "foreign_table":
		return "TABLES"
	case "sequence":
		return "SEQUENCES"
	case "function", "procedure", "aggregate":
		return "FUNCTIONS"
	case "enum", "domain", "composite", "range":
		return "TYPES"
	case "schema":
		return "SCHEMAS"
	}
	return ""
}

// standingDefaults are the default privileges that hold while a plan runs: those of the current user that it does not
// drop, by schema and objects.
func standingDefaults(c *kind.Context) map[[2]string][]*DefaultPermission {
	return kind.Once(c, "standing default privileges", func() map[[2]string][]*DefaultPermission {
		out := map[[2]string][]*DefaultPermission{}
		for _, o := range c.From.Kind("default_permission") {
			if d, ok := o.Value.(*DefaultPermission); ok && d.Role == ownerRole && c.To.Has(o.ID) {
				at := [2]string{o.ID.Schema, d.Objects}
				out[at] = append(out[at], d)
			}
		}
		return out
	})
}

// newPrivileges is what a grantee may do with an object as soon as it is made.
func newPrivileges(c *kind.Context, target object.ID, grantee string, builtin []string) []string {
	defaults, objects := standingDefaults(c), objectsOf(target.Kind)
	out := builtin
	for _, d := range defaults[[2]string{"", objects}] {
		if d.Grantee == grantee {
			out = d.Privileges
		}
	}
	for _, d := range defaults[[2]string{target.Schema, objects}] {
		if d.Grantee == grantee && target.Schema != "" {
			out = append(slices.Clone(out), d.Privileges...)
		}
	}
	slices.Sort(out)
	return strongest(slices.Compact(out))
}

// undoDefaults takes from a new object what standing default privileges give and the desired state does not mention.
// Grantees whom it does mention are dealt with there.
func undoDefaults(c *kind.Context, o *object.Object) []plan.Step {
	objects := objectsOf(o.ID.Kind)
	defaults := standingDefaults(c)
	if objects == "" || len(defaults) == 0 {
		return nil
	}
	var out []plan.Step
	seen := map[string]bool{}
	for _, d := range slices.Concat(defaults[[2]string{"", objects}], defaults[[2]string{o.ID.Schema, objects}]) {
		if seen[d.Grantee] || c.To.Has(permissionID(o.ID, d.Grantee)) {
			continue
		}
		seen[d.Grantee] = true
		p := &Permission{Grantee: d.Grantee, Target: o.ID}
		p.Subject, _ = grantSubject(o, o.ID)
		from := newPrivileges(c, o.ID, d.Grantee, d.Builtin)
		if !slices.Equal(from, d.Builtin) {
			out = append(out, permissionSteps(p, from, d.Builtin, nil)...)
		}
	}
	return out
}

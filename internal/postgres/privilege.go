package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Words that stand for a grantee instead of the name of a role. Owners are not compared, so what the owner of an
// object may do is said of whoever that is.
const (
	publicRole = "PUBLIC"
	ownerRole  = "CURRENT_USER"
)

// Permission is what one grantee may do with one object, where that differs from what the server grants by itself
// (acldefault). Who granted it is not compared.
type Permission struct {
	Privileges []string  `json:"privileges"`                 // ordered; "SELECT WITH GRANT OPTION"
	Usual      []string  `json:"usual,omitempty" diff:"-"`   // what the server grants by itself
	Grantee    string    `json:"grantee" diff:"-"`           // unquoted; PUBLIC; CURRENT_USER: the owner
	Target     object.ID `json:"target" diff:"-"`            // the object, or a column
	Subject    string    `json:"subject,omitempty" diff:"-"` // the target as GRANT … ON takes it
	Columns    string    `json:"columns,omitempty" diff:"-"` // of a column: its quoted name
	After      object.ID `json:"-" diff:"-"`                 // what must be done first
	Head       string    `json:"head,omitempty" diff:"-"`    // what stands before GRANT and REVOKE
}

// grantable is implemented by the values of kinds whose objects GRANT knows under another word than COMMENT does.
type grantable interface {
	grantTarget(id object.ID) string
}

func (*Table) grantTarget(id object.ID) string { return "TABLE " + qualified(id.Schema, id.Name) }

func permissionKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Permission]{
			Name: "permission", Weight: weightPermission,
			Create: createPermission, Alter: alterPermission, Drop: dropPermission,
		}),
		queries: []catalog.Query{{Name: "permissions", SQL: permissionQuery}},
		build:   buildPermissions,
		hcl:     permissionHCL(),
	}
}

// permissionQuery reads the objects whose privileges were ever touched, and compares them with the server's own
// defaults, grantee by grantee. Those of the schema public are what initdb gives to everybody, which is less since
// version 15 (release notes of 15). Extension members have privileges of their scripts' making.
const permissionQuery = `
SELECT x.class, x.oid, x.sub, CASE WHEN g.grantee = x.owner THEN 'CURRENT_USER' ELSE coalesce(r.rolname, 'PUBLIC') END AS grantee,
  pg_catalog.string_agg(DISTINCT g.privilege, E'\x1f' ORDER BY g.privilege) FILTER (WHERE g.actual) AS privileges,
  pg_catalog.string_agg(DISTINCT g.privilege, E'\x1f' ORDER BY g.privilege) FILTER (WHERE NOT g.actual) AS usual
FROM (
  SELECT 1259 AS class, c.oid, 0 AS sub, c.relacl AS acl, pg_catalog.acldefault(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS usual, c.relowner AS owner
  FROM pg_catalog.pg_class c WHERE c.relacl IS NOT NULL AND c.oid >= 16384
  UNION ALL SELECT 1259, a.attrelid, a.attnum, a.attacl, pg_catalog.acldefault('c', c.relowner), c.relowner
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384 AND NOT a.attisdropped
  UNION ALL SELECT 2615, n.oid, 0, coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)), pg_catalog.acldefault('n', n.nspowner), n.nspowner
  FROM pg_catalog.pg_namespace n WHERE n.nspacl IS NOT NULL OR n.nspname = 'public'
  UNION ALL SELECT 1255, p.oid, 0, p.proacl, pg_catalog.acldefault('f', p.proowner), p.proowner FROM pg_catalog.pg_proc p WHERE p.proacl IS NOT NULL AND p.oid >= 16384
  UNION ALL SELECT 1247, t.oid, 0, t.typacl, pg_catalog.acldefault('T', t.typowner), t.typowner FROM pg_catalog.pg_type t WHERE t.typacl IS NOT NULL AND t.oid >= 16384
  UNION ALL SELECT 2612, l.oid, 0, l.lanacl, pg_catalog.acldefault('l', l.lanowner), l.lanowner FROM pg_catalog.pg_language l WHERE l.lanacl IS NOT NULL AND l.oid >= 16384
  UNION ALL SELECT 2328, f.oid, 0, f.fdwacl, pg_catalog.acldefault('F', f.fdwowner), f.fdwowner FROM pg_catalog.pg_foreign_data_wrapper f WHERE f.fdwacl IS NOT NULL
  UNION ALL SELECT 1417, s.oid, 0, s.srvacl, pg_catalog.acldefault('S', s.srvowner), s.srvowner FROM pg_catalog.pg_foreign_server s WHERE s.srvacl IS NOT NULL
) x
CROSS JOIN LATERAL (
  SELECT a.grantee, a.privilege_type || CASE WHEN a.is_grantable AND a.grantee <> x.owner THEN ' WITH GRANT OPTION' ELSE '' END AS privilege, true AS actual FROM pg_catalog.aclexplode(x.acl) a
  UNION ALL SELECT a.grantee, a.privilege_type, false FROM pg_catalog.aclexplode(x.usual) a
  UNION ALL SELECT 0, i.privilege, false
  FROM (VALUES ('USAGE', 0), ('CREATE', 150000)) i(privilege, gone), pg_catalog.pg_namespace n
  WHERE x.class = 2615 AND n.oid = x.oid AND n.nspname = 'public' AND (i.gone = 0 OR pg_catalog.current_setting('server_version_num')::int < i.gone)) g
LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4`

func permissionID(target object.ID, grantee string) object.ID {
	return object.ID{Kind: "permission", Schema: target.Schema, Table: target.Table, Name: target.Kind + " " + target.Name + " to " + grantee}
}

func buildPermissions(b *builder) error {
	return b.rows("permissions", func(r catalog.Row) error {
		at := ref{r.Str("class"), r.Str("oid"), r.Str("sub")}
		target, ok := b.target(at)
		if !ok || b.isMember(at) {
			return nil
		}
		p := &Permission{
			Privileges: strongest(r.List("privileges")), Usual: r.List("usual"), Grantee: r.Str("grantee"), Target: target.id,
		}
		if slices.Equal(p.Privileges, p.Usual) {
			return nil
		}
		p.Subject, p.Columns = grantSubject(b.objects[target.id], target.id)
		if target.id.Kind == "column" {
			p.Subject, p.Columns = "TABLE "+tableOf(target.id), ident(target.id.Name)
		}
		return b.add(ref{"permission " + at.class, at.oid, at.sub + " " + p.Grantee}, &object.Object{
			ID: permissionID(target.id, p.Grantee), Value: p, Parent: target.owner,
		})
	})
}

// grantSubject names an object as GRANT … ON does.
func grantSubject(o *object.Object, id object.ID) (subject, columns string) {
	if o != nil {
		if g, ok := o.Value.(grantable); ok {
			return g.grantTarget(id), ""
		}
		if a, ok := o.Value.(addressed); ok {
			return a.address(id), ""
		}
	}
	return strings.ToUpper(strings.ReplaceAll(id.Kind, "_", " ")) + " " + qualified(id.Schema, id.Name), ""
}

const grantOption = " WITH GRANT OPTION"

// strongest leaves out privileges that are there with the grant option too, given by another grantor.
func strongest(privileges []string) []string {
	return slices.DeleteFunc(slices.Clone(privileges), func(p string) bool {
		return slices.Contains(privileges, p+grantOption)
	})
}

// permissionStatements lead from one list of privileges to another.
func permissionStatements(p *Permission, from, to []string) []string {
	list := func(privileges []string) string {
		if p.Columns == "" {
			return strings.Join(privileges, ", ")
		}
		return strings.Join(privileges, " ("+p.Columns+"), ") + " (" + p.Columns + ")"
	}
	var revoked, lowered, granted, optional []string
	for _, x := range from {
		bare, hadOption := strings.CutSuffix(x, grantOption)
		switch {
		case slices.Contains(to, x):
		case hadOption && slices.Contains(to, bare):
			lowered = append(lowered, bare)
		case !slices.Contains(to, bare+grantOption):
			revoked = append(revoked, bare)
		}
	}
	for _, x := range to {
		bare, option := strings.CutSuffix(x, grantOption)
		switch {
		case slices.Contains(from, x) || !option && slices.Contains(from, x+grantOption):
		case option:
			optional = append(optional, bare)
		default:
			granted = append(granted, bare)
		}
	}
	tail := " ON " + p.Subject
	who := grantees([]string{p.Grantee})
	var out []string
	add := func(privileges []string, head, preposition, end string) {
		if len(privileges) > 0 {
			out = append(out, p.Head+head+list(privileges)+tail+preposition+who+end)
		}
	}
	add(revoked, "REVOKE ", " FROM ", "")
	add(lowered, "REVOKE GRANT OPTION FOR ", " FROM ", "")
	add(granted, "GRANT ", " TO ", "")
	add(optional, "GRANT ", " TO ", grantOption)
	return out
}

// permissionSteps go from one list to another in steps of one statement, each with its own way back. again, if set, gives
// back what goes along with privileges that are taken away.
func permissionSteps(p *Permission, from, to []string, again func(taken []string) []string) []plan.Step {
	if again == nil {
		again = func([]string) []string { return nil }
	}
	var out []plan.Step
	add := func(sql string, reverse []string) {
		step := plan.Step{SQL: sql, Comment: "set what " + p.Grantee + " may do with " + p.Target.String(), Reverse: reverse}
		if !p.After.IsZero() {
			step.Needs = append(step.Needs, p.After)
		}
		out = append(out, step)
	}
	stages := permissionStages(from, to)
	for i, b := range stages[1:] {
		a := stages[i]
		for _, sql := range permissionStatements(p, a, b) {
			add(sql, append(permissionStatements(p, b, a), again(lessOf(b, a))...))
		}
		for _, sql := range again(lessOf(a, b)) {
			add(sql, []string{sql})
		}
	}
	return out
}

// lessOf lists the privileges that are less in another list: gone, or without the grant option.
func lessOf(a, b []string) []string {
	var out []string
	for _, x := range a {
		if bare := strings.TrimSuffix(x, grantOption); !slices.Contains(b, x) && !slices.Contains(b, bare+grantOption) {
			out = append(out, bare)
		}
	}
	return out
}

// permissionStages are the lists between two: with less privileges, then less grant options, then more of either.
func permissionStages(from, to []string) [][]string {
	var kept, lowered []string
	for _, x := range from {
		bare, hadOption := strings.CutSuffix(x, grantOption)
		switch {
		case slices.Contains(to, x) || slices.Contains(to, bare+grantOption):
			kept, lowered = append(kept, x), append(lowered, x)
		case hadOption && slices.Contains(to, bare):
			kept, lowered = append(kept, x), append(lowered, bare)
		}
	}
	granted := slices.Clone(lowered)
	for _, x := range to {
		if !strings.HasSuffix(x, grantOption) && !slices.Contains(granted, x) && !slices.Contains(granted, x+grantOption) {
			granted = append(granted, x)
		}
	}
	return [][]string{from, kept, lowered, granted, to}
}

// createPermission starts from what the object has when it is new, if it is: the server's own defaults and those that
// ALTER DEFAULT PRIVILEGES set.
func createPermission(c *kind.Context, p kind.Of[Permission]) ([]plan.Step, error) {
	from := p.V.Usual
	if !c.From.Has(p.Parent) {
		from = newPrivileges(c, p.V.Target, p.V.Grantee, p.V.Usual)
	}
	return p.V.steps(c, p.V.by(c, p.Parent), from, p.V.Privileges), nil
}

func alterPermission(c *kind.Context, from, to kind.Of[Permission], a *kind.Attrs) (plan.Edit, error) {
	a.Take("privileges")
	return plan.InPlace(to.V.steps(c, to.V.by(c, to.Parent), from.V.Privileges, to.V.Privileges)...), nil
}

func dropPermission(c *kind.Context, p kind.Of[Permission]) ([]plan.Step, error) {
	from := p.V.by(c, p.Parent)
	if o, ok := kind.Get[Owner](c.To, from.After); !ok || o.V.Unasked {
		gone := *from
		gone.After = object.ID{} // the owner of today is there already
		from = &gone
	}
	return p.V.steps(c, from, p.V.Privileges, p.V.Usual), nil
}

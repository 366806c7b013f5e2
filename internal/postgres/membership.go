package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Membership makes a role a member of another.
type Membership struct {
	Admin   bool   `json:"admin,omitempty"`
	Inherit string `json:"inherit,omitempty"` // TRUE or FALSE; empty before version 16, where the member decides
	Set     string `json:"set,omitempty"`     // likewise; empty before version 16, where every member may

	Group  string `json:"group" diff:"-"`
	Member string `json:"member" diff:"-"`
}

func membershipID(group, member string) object.ID {
	return object.ID{Kind: "membership", Table: group, Name: member}
}

func membershipKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Membership]{
			Name: "membership", Weight: weightMembership, Light: true,
			Create: createMembership, Alter: alterMembership, Drop: dropMembership,
		}),
		// The options as JSON: the columns are there since version 16. Several grantors of one membership add up.
		queries: []catalog.Query{{Name: "memberships", SQL: `
SELECT g.rolname AS group, r.rolname AS member, pg_catalog.bool_or(m.admin_option) AS admin,
  pg_catalog.upper(pg_catalog.max(pg_catalog.to_jsonb(m)->>'inherit_option')) AS inherit, pg_catalog.upper(pg_catalog.max(pg_catalog.to_jsonb(m)->>'set_option')) AS set
FROM pg_catalog.pg_auth_members m
JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
JOIN pg_catalog.pg_roles r ON r.oid = m.member
WHERE %s AND ` + managedRole + `
GROUP BY 1, 2
ORDER BY 1, 2`}},
		build: buildMemberships,
		off:   true,
		hcl:   membershipHCL(),
	}
}

// buildMemberships comes last: what names a role needs it.
func buildMemberships(b *builder) error {
	if b.scope.Has("role") {
		for _, o := range b.objects {
			for _, name := range rolesNamed(o.Value) {
				o.Needs = append(o.Needs, roleID(name)) // taken out again where the role is not managed
			}
		}
	}
	return b.rows("memberships", func(r catalog.Row) error {
		m := &Membership{Admin: r.Bool("admin"), Inherit: r.Str("inherit"), Set: r.Str("set"), Group: r.Str("group"), Member: r.Str("member")}
		return b.add(ref{classRole, m.Group, m.Member}, &object.Object{
			ID: membershipID(m.Group, m.Member), Parent: roleID(m.Member), Needs: []object.ID{roleID(m.Group)}, Value: m,
		})
	})
}

func (m *Membership) grant() string {
	sql := "GRANT " + ident(m.Group) + " TO " + ident(m.Member)
	var options []string
	switch {
	case m.Inherit != "" || m.Set != "":
		options = append(options, "ADMIN "+toggle(m.Admin, "TRUE", "FALSE"))
		if m.Inherit != "" {
			options = append(options, "INHERIT "+m.Inherit)
		}
		if m.Set != "" {
			options = append(options, "SET "+m.Set)
		}
	case m.Admin:
		options = append(options, "ADMIN OPTION")
	}
	if len(options) > 0 {
		sql += " WITH " + strings.Join(options, ", ")
	}
	return sql
}

func (m *Membership) revoke() string { return "REVOKE " + ident(m.Group) + " FROM " + ident(m.Member) }

func createMembership(_ *kind.Context, m kind.Of[Membership]) ([]plan.Step, error) {
	return []plan.Step{{SQL: m.V.grant(), Comment: "make " + m.V.Member + " a member of " + m.V.Group, Reverse: []string{m.V.revoke()}}}, nil
}

func alterMembership(_ *kind.Context, from, to kind.Of[Membership], a *kind.Attrs) (plan.Edit, error) {
	a.Take("admin", "inherit", "set")
	edit := func(from, to *Membership) string {
		if from.Admin && !to.Admin && to.Inherit == "" && to.Set == "" {
			return "REVOKE ADMIN OPTION FOR " + ident(to.Group) + " FROM " + ident(to.Member)
		}
		return to.grant()
	}
	return plan.InPlace(plan.Step{
		SQL: edit(from.V, to.V), Comment: "modify the membership of " + to.V.Member + " in " + to.V.Group, Reverse: []string{edit(to.V, from.V)},
	}), nil
}

func dropMembership(_ *kind.Context, m kind.Of[Membership]) ([]plan.Step, error) {
	return []plan.Step{{SQL: m.V.revoke(), Comment: "end the membership of " + m.V.Member + " in " + m.V.Group, Reverse: []string{m.V.grant()}}}, nil
}

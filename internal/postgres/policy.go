package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Policy is a row-level security policy of a table.
type Policy struct {
	Restrictive bool     `json:"restrictive,omitempty"`
	Command     string   `json:"command"` // ALL, SELECT, INSERT, UPDATE or DELETE
	Roles       []string `json:"roles"`   // unquoted; PUBLIC stands for everybody
	Using       string   `json:"using,omitempty"`
	Check       string   `json:"check,omitempty"`
}

func (*Policy) address(id object.ID) string {
	return "POLICY " + ident(id.Name) + " ON " + tableOf(id)
}

func policyKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Policy]{
			Name: "policy", Weight: weightPolicy,
			Create: createPolicy, Alter: alterPolicy, Drop: dropPolicy,
		}),
		queries: []catalog.Query{{Name: "policies", SQL: `
SELECT p.oid, p.polrelid AS relation, p.polname AS name, NOT p.polpermissive AS restrictive,
  CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
  (SELECT pg_catalog.string_agg(coalesce(r.rolname, 'PUBLIC'), E'\x1f' ORDER BY r.rolname) FROM pg_catalog.unnest(p.polroles) o(oid)
   LEFT JOIN pg_catalog.pg_roles r ON r.oid = o.oid) AS roles,
  pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS "using", pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_catalog.pg_policy p
ORDER BY 2, 3`}},
		build: buildPolicies,
		hcl:   policyHCL(),
	}
}

func buildPolicies(b *builder) error {
	return b.rows("policies", func(r catalog.Row) error {
		table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		id := object.ID{Kind: "policy", Schema: table.Schema, Table: table.Name, Name: r.Str("name")}
		return b.add(ref{classPolicy, r.Str("oid"), "0"}, &object.Object{
			ID: id, Parent: table, Claims: []string{"policy " + tableOf(id) + "." + ident(id.Name)},
			Value: &Policy{
				Restrictive: r.Bool("restrictive"), Command: r.Str("command"), Roles: r.List("roles"),
				Using: r.Str("using"), Check: r.Str("check"),
			},
		})
	})
}

// grantees quotes roles; PUBLIC and CURRENT_USER are words of the language.
func grantees(roles []string) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = r
		if r != publicRole && r != ownerRole {
			out[i] = ident(r)
		}
	}
	return strings.Join(out, ", ")
}

func (p *Policy) conditions() string {
	var out string
	if p.Using != "" {
		out += " USING (" + p.Using + ")"
	}
	if p.Check != "" {
		out += " WITH CHECK (" + p.Check + ")"
	}
	return out
}

func (p *Policy) definition(id object.ID) string {
	return "CREATE " + p.address(id) + " AS " + toggle(p.Restrictive, "RESTRICTIVE", "PERMISSIVE") +
		" FOR " + p.Command + " TO " + grantees(p.Roles) + p.conditions()
}

func createPolicy(_ *kind.Context, p kind.Of[Policy]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     p.V.definition(p.ID),
		Comment: "create " + p.ID.String(),
		Reverse: []string{"DROP " + p.V.address(p.ID)},
	}}, nil
}

// alterPolicy changes roles and conditions in place; a condition cannot be taken away (PostgreSQL manual, "ALTER POLICY").
func alterPolicy(_ *kind.Context, from, to kind.Of[Policy], a *kind.Attrs) (plan.Edit, error) {
	gone := from.V.Using != "" && to.V.Using == "" || from.V.Check != "" && to.V.Check == ""
	if a.Take("restrictive", "command") || gone {
		a.Take(a.Left()...)
		return plan.Replace("PostgreSQL can only change the roles and conditions of a policy in place"), nil
	}
	head := "ALTER " + to.V.address(to.ID)
	step := plan.Step{SQL: head, Comment: "modify " + to.ID.String()}
	back := head
	if a.Take("roles") {
		step.SQL += " TO " + grantees(to.V.Roles)
		back += " TO " + grantees(from.V.Roles)
	}
	if a.Take("using", "check") {
		step.SQL += to.V.conditions()
		back += from.V.conditions()
	}
	step.Reverse = []string{back}
	return plan.InPlace(step), nil
}

func dropPolicy(_ *kind.Context, p kind.Of[Policy]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP " + p.V.address(p.ID),
		Comment: "drop " + p.ID.String(),
		Reverse: []string{p.V.definition(p.ID)},
		Loses:   p.V.effect(p.ID),
	}}, nil
}

// effect says what ends with the policy.
func (p *Policy) effect(id object.ID) string {
	out := id.String() + ", which " + toggle(p.Restrictive, "limits ", "lets ") + strings.Join(p.Roles, ", ")
	if p.Restrictive {
		out += " in"
	}
	return out + " " + toggle(p.Command == "ALL", "SELECT, INSERT, UPDATE and DELETE", p.Command) + " rows of " + tableID(id).Path()
}

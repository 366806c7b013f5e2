package postgres

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Role is a role of the server, managed only where that was asked for. Its password is never read, and set only when the
// role is made.
type Role struct {
	Login       bool   `json:"login,omitempty"`
	NoInherit   bool   `json:"no_inherit,omitempty"`
	Superuser   bool   `json:"superuser,omitempty"`
	CreateDB    bool   `json:"create_db,omitempty"`
	CreateRole  bool   `json:"create_role,omitempty"`
	Replication bool   `json:"replication,omitempty"`
	BypassRLS   bool   `json:"bypass_rls,omitempty"`
	ConnLimit   int    `json:"conn_limit"`            // -1: none
	ValidUntil  string `json:"valid_until,omitempty"` // of the password, in UTC; empty: for ever
	Comment     string `json:"comment,omitempty"`

	External bool   `json:"external,omitempty" diff:"-"` // somebody else manages it
	Owns     string `json:"owns,omitempty" diff:"-"`     // the other databases in which it owns something
	verifier string `diff:"-"`                           // of the password; never written anywhere but to the server
}

func roleID(name string) object.ID { return object.ID{Kind: "role", Name: name} }

func roleKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Role]{
			Name: "role", Weight: weightRole,
			Loose:  func(r *Role) bool { return r.External },
			Create: createRole, Alter: alterRole, Drop: dropRole,
		}),
		queries: []catalog.Query{{Name: "roles", SQL: roleQuery}, {Name: "other_roles", SQL: otherRoleQuery}},
		build:   buildRoles,
		off:     true,
		hcl:     roleHCL(),
	}
}

// managedRole is the condition that leaves out the server's own roles, the first superuser, the one that is connected,
// and those that only a load needs; r is pg_roles.
const managedRole = `r.rolname NOT LIKE 'pg\_%' AND r.oid <> 10 AND r.rolname NOT IN (current_user, session_user, '` + devOwner + `')
  AND pg_catalog.shobj_description(r.oid, 'pg_authid') IS DISTINCT FROM '` + madeRole + `'`

const roleQuery = `
SELECT r.oid, r.rolname AS name, r.rolcanlogin AS login, r.rolinherit AS inherit, r.rolsuper AS superuser, r.rolcreatedb AS create_db,
  r.rolcreaterole AS create_role, r.rolreplication AS replication, r.rolbypassrls AS bypass_rls, r.rolconnlimit AS conn_limit,
  CASE WHEN pg_catalog.isfinite(r.rolvaliduntil) THEN pg_catalog.to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00' END AS valid_until,
  pg_catalog.shobj_description(r.oid, 'pg_authid') AS comment,
  (SELECT pg_catalog.string_agg(DISTINCT d.datname, ', ' ORDER BY d.datname) FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
   WHERE s.refclassid = 1260 AND s.refobjid = r.oid AND s.deptype = 'o' AND d.datname <> pg_catalog.current_database()) AS owns
FROM pg_catalog.pg_roles r
WHERE %s AND ` + managedRole + `
ORDER BY 2`

// otherRoleQuery lists what is left alone. A dev database, which is read in the transaction that loaded it, has roles of
// its own that nobody wants to hear of.
const otherRoleQuery = `
SELECT r.rolname AS name, CASE WHEN r.oid = 10 THEN 'the first superuser is the server''s' ELSE 'it is the one that is connected' END AS reason, false AS setting
FROM pg_catalog.pg_roles r
WHERE %s AND (r.oid = 10 OR r.rolname = session_user) AND pg_catalog.current_setting('transaction_read_only') = 'on'
UNION ALL SELECT r.rolname, 'set it with ALTER ROLE', true
FROM pg_catalog.pg_roles r WHERE %s AND r.rolconfig IS NOT NULL AND ` + managedRole + `
ORDER BY 1, 2`

func buildRoles(b *builder) error {
	err := b.rows("roles", func(r catalog.Row) error {
		limit, err := strconv.Atoi(r.Str("conn_limit"))
		if err != nil {
			return err
		}
		id := roleID(r.Str("name"))
		return b.add(ref{classRole, r.Str("oid"), "0"}, &object.Object{ID: id, Claims: []string{id.String()}, Value: &Role{
			Login: r.Bool("login"), NoInherit: !r.Bool("inherit"), Superuser: r.Bool("superuser"), CreateDB: r.Bool("create_db"),
			CreateRole: r.Bool("create_role"), Replication: r.Bool("replication"), BypassRLS: r.Bool("bypass_rls"), ConnLimit: limit,
			ValidUntil: r.Str("valid_until"), Comment: r.Str("comment"), Owns: r.Str("owns"),
		}})
	})
	if err != nil {
		return err
	}
	return b.rows("other_roles", func(r catalog.Row) error {
		if r.Bool("setting") {
			b.unmanaged("role setting", r.Str("name"), r.Str("reason"))
			return nil
		}
		b.ignored("role", r.Str("name"), ownRule+r.Str("reason"))
		return nil
	})
}

// options spells the attributes of a role that differ from another's, as CREATE and ALTER ROLE take them.
func (r *Role) options(other *Role) []string {
	var out []string
	word := func(has, had bool, word string) {
		if has != had {
			out = append(out, toggle(has, word, "NO"+word))
		}
	}
	word(r.Login, other.Login, "LOGIN")
	word(!r.NoInherit, !other.NoInherit, "INHERIT")
	word(r.Superuser, other.Superuser, "SUPERUSER")
	word(r.CreateDB, other.CreateDB, "CREATEDB")
	word(r.CreateRole, other.CreateRole, "CREATEROLE")
	word(r.Replication, other.Replication, "REPLICATION")
	word(r.BypassRLS, other.BypassRLS, "BYPASSRLS")
	if r.ConnLimit != other.ConnLimit {
		out = append(out, "CONNECTION LIMIT "+strconv.Itoa(r.ConnLimit))
	}
	if r.ValidUntil != other.ValidUntil {
		out = append(out, "VALID UNTIL "+literal(toggle(r.ValidUntil == "", "infinity", r.ValidUntil)))
	}
	return out
}

// hiddenPassword stands for a password where people and files see the statement. It is no SQL: nobody must run it.
const hiddenPassword = "********"

func createRole(_ *kind.Context, r kind.Of[Role]) ([]plan.Step, error) {
	head := "CREATE ROLE " + ident(r.ID.Name)
	options := r.V.options(&Role{ConnLimit: -1})
	step := plan.Step{Comment: "create " + r.ID.String(), Reverse: []string{"DROP ROLE " + ident(r.ID.Name)}}
	spell := func(options []string) string {
		if len(options) == 0 {
			return head
		}
		return head + " WITH " + strings.Join(options, " ")
	}
	step.SQL = spell(options)
	if r.V.verifier != "" {
		step.SQL = spell(append(options[:len(options):len(options)], "PASSWORD "+hiddenPassword))
		step.Hide(spell(append(options[:len(options):len(options)], "PASSWORD "+literal(r.V.verifier))))
	}
	out := []plan.Step{step}
	if r.V.Comment != "" {
		out = append(out, roleComment(r.ID, "", r.V.Comment))
	}
	return out, nil
}

func roleComment(id object.ID, from, to string) plan.Step {
	text := func(s string) string {
		return "COMMENT ON ROLE " + ident(id.Name) + " IS " + toggle(s == "", "NULL", literal(s))
	}
	return plan.Step{SQL: text(to), Comment: "comment on " + id.String(), Reverse: []string{text(from)}}
}

func alterRole(_ *kind.Context, from, to kind.Of[Role], a *kind.Attrs) (plan.Edit, error) {
	var steps []plan.Step
	if a.Take("comment") {
		steps = append(steps, roleComment(to.ID, from.V.Comment, to.V.Comment))
	}
	if options := to.V.options(from.V); len(options) > 0 {
		head := "ALTER ROLE " + ident(to.ID.Name) + " WITH "
		steps = append(steps, plan.Step{
			SQL: head + strings.Join(options, " "), Comment: "modify " + to.ID.String(),
			Reverse: []string{head + strings.Join(from.V.options(to.V), " ")},
		})
	}
	a.Take("login", "no_inherit", "superuser", "create_db", "create_role", "replication", "bypass_rls", "conn_limit", "valid_until")
	return plan.InPlace(steps...), nil
}

// dropRole refuses a role that owns something elsewhere, which the server would refuse in the middle of the plan.
func dropRole(c *kind.Context, r kind.Of[Role]) ([]plan.Step, error) {
	if user := kind.Once(c, "objects that name roles", func() map[string]object.ID { return namingRoles(c.To) })[r.ID.Name]; !user.IsZero() {
		return nil, diag.Errorf(diag.Pos{}, "undeclared-role", "the role %s is not declared, but the %s names it", r.ID.Name, user).
			WithHint(`declare it; as role %q { external = true } where somebody else manages it`, r.ID.Name)
	}
	if r.V.Owns != "" {
		return nil, diag.Errorf(diag.Pos{}, "role-owns", "the role %s is not declared, but it owns objects in other databases: %s", r.ID.Name, r.V.Owns).
			WithHint(`give them to another role (REASSIGN OWNED BY), or declare it: role %q { external = true }`, r.ID.Name)
	}
	for _, o := range c.From.Kind("owner") {
		to, stays := kind.Get[Owner](c.To, o.ID)
		if o.Value.(*Owner).Role == r.ID.Name && c.To.Has(o.Parent) && (!stays || to.V.Unasked) {
			return nil, diag.Errorf(diag.Pos{}, "role-owns", "the role %s is not declared, but it owns the %s", r.ID.Name, o.Parent).
				WithHint(`declare another owner with manage { owners = true }, or the role: role %q { external = true }`, r.ID.Name)
		}
	}
	return []plan.Step{{
		SQL: "DROP ROLE " + ident(r.ID.Name), Comment: "drop " + r.ID.String(),
		Loses: fmt.Sprintf("the role %s with its password, for all databases of the server", r.ID.Name),
	}}, nil
}

// namingRoles tells by role an object that names it.
func namingRoles(s *object.State) map[string]object.ID {
	out := map[string]object.ID{}
	for _, o := range s.All() {
		for _, name := range rolesNamed(o.Value) {
			out[name] = o.ID
		}
	}
	return out
}

package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// UserMapping tells how a role logs in to a foreign server.
type UserMapping struct {
	Options []string `json:"options,omitempty" diff:"set"`
	Secrets

	Server string `json:"server" diff:"-"`
	Role   string `json:"role" diff:"-"`             // unquoted; PUBLIC stands for everybody
	Unread bool   `json:"unread,omitempty" diff:"-"` // who inspected may not see the options
}

// userMappingKind reads the view, which everybody may read: pg_user_mapping itself is for superusers. The view shows
// options only to who may use them, and nothing instead to others (src/backend/catalog/system_views.sql).
func userMappingKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[UserMapping]{
			Name: "user_mapping", Weight: weightServer, Apart: true, Moot: mootUserMapping,
			Create: createUserMapping, Alter: alterUserMapping, Drop: dropUserMapping,
		}),
		queries: []catalog.Query{{Name: "user_mappings", SQL: `
SELECT m.umid AS oid, m.srvid AS server, CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE m.usename END AS role, ` + optionsOf("m.umoptions") + ` AS options,
  ` + secretsOf("m.umoptions") + ` AS secrets,
  m.umoptions IS NULL AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) AND NOT CASE
    WHEN m.umuser = 0 THEN pg_catalog.pg_has_role(s.srvowner, 'USAGE')
    ELSE m.usename = current_user AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(s.oid, 'USAGE')) END AS unread
FROM pg_catalog.pg_user_mappings m
JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
ORDER BY 2, 3`}},
		build: buildUserMappings,
		hcl:   userMappingHCL(),
	}
}

func buildUserMappings(b *builder) error {
	return b.rows("user_mappings", func(r catalog.Row) error {
		server, ok := b.at(ref{classServer, r.Str("server"), "0"})
		if !ok {
			return nil
		}
		id := object.ID{Kind: "user_mapping", Table: server.Name, Name: r.Str("role")}
		v := &UserMapping{Options: r.List("options"), Secrets: readSecrets(r), Server: server.Name, Role: r.Str("role"), Unread: r.Bool("unread")}
		if v.Unread {
			b.ignored("user mapping options", id.Path(), ownRule+"the role that is connected may not read them, so that they are not compared; connect as "+v.reader())
		}
		return b.add(ref{classMapping, r.Str("oid"), "0"}, &object.Object{ID: id, Parent: server, Value: v})
	})
}

// reader is who may see the options.
func (m *UserMapping) reader() string {
	if m.Role == publicRole {
		return "the owner of the server or as a superuser"
	}
	return m.Role + " or as a superuser"
}

// mootUserMapping takes no notice of options that one side does not know.
func mootUserMapping(_ *kind.Context, from, to kind.Of[UserMapping], attr string) bool {
	return from.V.Unread || to.V.Unread || to.V.moot(attr, &from.V.Secrets)
}

func (m *UserMapping) target() string {
	return "USER MAPPING FOR " + grantees([]string{m.Role}) + " SERVER " + ident(m.Server)
}

func createUserMapping(c *kind.Context, m kind.Of[UserMapping]) ([]plan.Step, error) {
	step := plan.Step{Comment: "create " + m.ID.String(), Loses: lostAnew(c, m.ID), Reverse: []string{"DROP " + m.V.target()}}
	return []plan.Step{m.V.step(step, m.V.missing(&Secrets{}), "", func(secrets []string) string {
		return "CREATE " + m.V.target() + optionSettings(m.V.Options, secrets...)
	})}, nil
}

func alterUserMapping(_ *kind.Context, from, to kind.Of[UserMapping], a *kind.Attrs) (plan.Edit, error) {
	a.Take("options", "secret_options")
	head, added := "ALTER "+to.V.target(), to.V.missing(&from.V.Secrets)
	step := plan.Step{
		Reverse: []string{head + optionEdits(to.V.Options, from.V.Options, spelled("DROP ", added)...)}, Comment: "modify " + to.ID.String(),
	}
	return plan.InPlace(to.V.step(step, added, "ADD ", func(secrets []string) string {
		return head + optionEdits(from.V.Options, to.V.Options, secrets...)
	})), nil
}

// dropUserMapping has no way back where the options are not known.
func dropUserMapping(c *kind.Context, m kind.Of[UserMapping]) ([]plan.Step, error) {
	step := plan.Step{SQL: "DROP " + m.V.target(), Comment: "drop " + m.ID.String(), Loses: m.V.lost(c, m.ID)}
	if m.V.Unread {
		step.Loses = "the options of the " + m.ID.String() + ", which the role that is connected may not read"
		return []plan.Step{step}, nil
	}
	step.Reverse = []string{"CREATE " + m.V.target() + optionSettings(m.V.Options)}
	return []plan.Step{step}, nil
}

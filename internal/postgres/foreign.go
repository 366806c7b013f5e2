package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Wrapper is a foreign data wrapper.
type Wrapper struct {
	Handler   string   `json:"handler,omitempty"`   // quoted
	Validator string   `json:"validator,omitempty"` // quoted
	Options   []string `json:"options,omitempty"`   // name=value, ordered
}

// Server is a foreign server.
type Server struct {
	Wrapper string   `json:"fdw"`
	Type    string   `json:"type,omitempty"`
	Version string   `json:"version,omitempty"`
	Options []string `json:"options,omitempty"`
}

// UserMapping tells how a role logs in to a foreign server. Its secrets are never read: see secretOption.
type UserMapping struct {
	Options []string `json:"options,omitempty"`

	Server string `json:"server" diff:"-"`
	Role   string `json:"role" diff:"-"` // unquoted; PUBLIC stands for everybody
}

func (*Wrapper) address(id object.ID) string { return "FOREIGN DATA WRAPPER " + ident(id.Name) }
func (*Server) address(id object.ID) string  { return "SERVER " + ident(id.Name) }

func (*Server) grantTarget(id object.ID) string { return "FOREIGN SERVER " + ident(id.Name) }

// secretOption is the condition on the name of an option, o, whose value inspection must not read: it would stand in
// snapshots, plans and logs.
const secretOption = `o.option_name ~* '(password|passwd|secret|token|sslkey|private|credential)'`

func wrapperKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Wrapper]{
			Name: "foreign_data_wrapper", Weight: weightServer,
			Create: createWrapper, Alter: alterWrapper, Drop: dropWrapper,
		}),
		queries: []catalog.Query{{Name: "foreign_data_wrappers", SQL: `
SELECT f.oid, f.fdwname AS name, nullif(f.fdwhandler::oid, 0)::pg_catalog.regproc AS handler, nullif(f.fdwvalidator::oid, 0)::pg_catalog.regproc AS validator,
  ` + optionsOf("f.fdwoptions") + ` AS options
FROM pg_catalog.pg_foreign_data_wrapper f
ORDER BY 2`}},
		hcl: wrapperHCL(),
		build: func(b *builder) error {
			return b.rows("foreign_data_wrappers", func(r catalog.Row) error {
				id := object.ID{Kind: "foreign_data_wrapper", Name: r.Str("name")}
				return b.add(ref{classWrapper, r.Str("oid"), "0"}, &object.Object{
					ID: id, Claims: []string{id.String()},
					Value: &Wrapper{Handler: r.Str("handler"), Validator: r.Str("validator"), Options: r.List("options")},
				})
			})
		},
	}
}

// optionsOf lists the options in a column of a catalog, without those that are secret.
func optionsOf(column string) string {
	return `(SELECT pg_catalog.string_agg(o.option_name || '=' || coalesce(o.option_value, ''), E'\x1f' ORDER BY o.option_name)
   FROM pg_catalog.pg_options_to_table(` + column + `) o WHERE NOT ` + secretOption + `)`
}

func serverKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Server]{
			Name: "server", Weight: weightServer,
			Create: createServer, Alter: alterServer, Drop: dropServer,
		}),
		queries: []catalog.Query{{Name: "foreign_servers", SQL: `
SELECT s.oid, s.srvname AS name, f.fdwname AS wrapper, s.srvtype AS type, s.srvversion AS version, ` + optionsOf("s.srvoptions") + ` AS options
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper f ON f.oid = s.srvfdw
ORDER BY 2`}},
		hcl: serverHCL(),
		build: func(b *builder) error {
			return b.rows("foreign_servers", func(r catalog.Row) error {
				id := object.ID{Kind: "server", Name: r.Str("name")}
				return b.add(ref{classServer, r.Str("oid"), "0"}, &object.Object{
					ID: id, Claims: []string{id.String()},
					Value: &Server{Wrapper: r.Str("wrapper"), Type: r.Str("type"), Version: r.Str("version"), Options: r.List("options")},
				})
			})
		},
	}
}

// userMappingKind reads the view, which everybody may read: pg_user_mapping itself is for superusers.
func userMappingKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[UserMapping]{
			Name: "user_mapping", Weight: weightServer,
			Create: createUserMapping, Alter: alterUserMapping, Drop: dropUserMapping,
		}),
		queries: []catalog.Query{{Name: "user_mappings", SQL: `
SELECT m.umid AS oid, m.srvid AS server, CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE m.usename END AS role, ` + optionsOf("m.umoptions") + ` AS options,
  EXISTS (SELECT FROM pg_catalog.pg_options_to_table(m.umoptions) o WHERE ` + secretOption + `) AS secret
FROM pg_catalog.pg_user_mappings m
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
		if r.Bool("secret") {
			b.unmanaged("user mapping secret", server.Name+"."+id.Name, "secrets are never read; set them with ALTER USER MAPPING")
		}
		return b.add(ref{classMapping, r.Str("oid"), "0"}, &object.Object{
			ID: id, Parent: server, Value: &UserMapping{Options: r.List("options"), Server: server.Name, Role: r.Str("role")},
		})
	})
}

var optionName = regexp.MustCompile(`^[^=]*`)

// optionSettings spells a list of options as CREATE takes them; empty if there are none.
func optionSettings(options []string) string {
	if len(options) == 0 {
		return ""
	}
	out := make([]string, len(options))
	for i, o := range options {
		name, value, _ := strings.Cut(o, "=")
		out[i] = ident(name) + " " + literal(value)
	}
	return " OPTIONS (" + strings.Join(out, ", ") + ")"
}

// optionEdits spells the way from one list of options to another as ALTER takes it; empty if there is none.
func optionEdits(from, to []string) string {
	var out []string
	has := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(o string) bool { return optionName.FindString(o) == name })
	}
	for _, o := range to {
		name, value, _ := strings.Cut(o, "=")
		switch {
		case slices.Contains(from, o):
		case has(from, name):
			out = append(out, "SET "+ident(name)+" "+literal(value))
		default:
			out = append(out, "ADD "+ident(name)+" "+literal(value))
		}
	}
	for _, o := range from {
		if name := optionName.FindString(o); !has(to, name) {
			out = append(out, "DROP "+ident(name))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " OPTIONS (" + strings.Join(out, ", ") + ")"
}

func (w *Wrapper) functions(other *Wrapper) string {
	var out string
	if w.Handler != other.Handler {
		out += toggle(w.Handler == "", " NO HANDLER", " HANDLER "+w.Handler)
	}
	if w.Validator != other.Validator {
		out += toggle(w.Validator == "", " NO VALIDATOR", " VALIDATOR "+w.Validator)
	}
	return out
}

func (w *Wrapper) definition(id object.ID) string {
	return "CREATE " + w.address(id) + w.functions(&Wrapper{}) + optionSettings(w.Options)
}

func createWrapper(_ *kind.Context, w kind.Of[Wrapper]) ([]plan.Step, error) {
	return []plan.Step{{SQL: w.V.definition(w.ID), Comment: "create " + w.ID.String(), Reverse: []string{"DROP " + w.V.address(w.ID)}}}, nil
}

func alterWrapper(_ *kind.Context, from, to kind.Of[Wrapper], a *kind.Attrs) (plan.Edit, error) {
	a.Take("handler", "validator", "options")
	head := "ALTER " + to.V.address(to.ID)
	return plan.InPlace(plan.Step{
		SQL:     head + to.V.functions(from.V) + optionEdits(from.V.Options, to.V.Options),
		Reverse: []string{head + from.V.functions(to.V) + optionEdits(to.V.Options, from.V.Options)},
		Comment: "modify " + to.ID.String(),
	}), nil
}

func dropWrapper(_ *kind.Context, w kind.Of[Wrapper]) ([]plan.Step, error) {
	return []plan.Step{{SQL: "DROP " + w.V.address(w.ID), Comment: "drop " + w.ID.String(), Reverse: []string{w.V.definition(w.ID)}}}, nil
}

func (s *Server) definition(id object.ID) string {
	sql := "CREATE " + s.address(id)
	if s.Type != "" {
		sql += " TYPE " + literal(s.Type)
	}
	if s.Version != "" {
		sql += " VERSION " + literal(s.Version)
	}
	return sql + " FOREIGN DATA WRAPPER " + ident(s.Wrapper) + optionSettings(s.Options)
}

func createServer(_ *kind.Context, s kind.Of[Server]) ([]plan.Step, error) {
	return []plan.Step{{SQL: s.V.definition(s.ID), Comment: "create " + s.ID.String(), Reverse: []string{"DROP " + s.V.address(s.ID)}}}, nil
}

func alterServer(_ *kind.Context, from, to kind.Of[Server], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("fdw", "type") {
		a.Take(a.Left()...)
		return plan.Replace("PostgreSQL can only change the version and options of a server in place"), nil
	}
	edit := func(x, other *Server) string {
		sql := "ALTER " + x.address(to.ID)
		if x.Version != other.Version {
			sql += " VERSION " + toggle(x.Version == "", "NULL", literal(x.Version))
		}
		return sql + optionEdits(other.Options, x.Options)
	}
	a.Take("version", "options")
	return plan.InPlace(plan.Step{SQL: edit(to.V, from.V), Reverse: []string{edit(from.V, to.V)}, Comment: "modify " + to.ID.String()}), nil
}

func dropServer(_ *kind.Context, s kind.Of[Server]) ([]plan.Step, error) {
	return []plan.Step{{SQL: "DROP " + s.V.address(s.ID), Comment: "drop " + s.ID.String(), Reverse: []string{s.V.definition(s.ID)}}}, nil
}

func (m *UserMapping) target() string {
	return "USER MAPPING FOR " + grantees([]string{m.Role}) + " SERVER " + ident(m.Server)
}

func createUserMapping(_ *kind.Context, m kind.Of[UserMapping]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL: "CREATE " + m.V.target() + optionSettings(m.V.Options), Comment: "create " + m.ID.String(), Reverse: []string{"DROP " + m.V.target()},
	}}, nil
}

func alterUserMapping(_ *kind.Context, from, to kind.Of[UserMapping], a *kind.Attrs) (plan.Edit, error) {
	a.Take("options")
	return plan.InPlace(plan.Step{
		SQL:     "ALTER " + to.V.target() + optionEdits(from.V.Options, to.V.Options),
		Reverse: []string{"ALTER " + to.V.target() + optionEdits(to.V.Options, from.V.Options)},
		Comment: "modify " + to.ID.String(),
	}), nil
}

func dropUserMapping(_ *kind.Context, m kind.Of[UserMapping]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL: "DROP " + m.V.target(), Comment: "drop " + m.ID.String(), Reverse: []string{"CREATE " + m.V.target() + optionSettings(m.V.Options)},
	}}, nil
}

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
	Handler   string   `json:"handler,omitempty"`            // quoted
	Validator string   `json:"validator,omitempty"`          // quoted
	Options   []string `json:"options,omitempty" diff:"set"` // name=value
	Secrets
}

// Server is a foreign server.
type Server struct {
	Wrapper string   `json:"fdw"`
	Type    string   `json:"type,omitempty"`
	Version string   `json:"version,omitempty"`
	Options []string `json:"options,omitempty" diff:"set"`
	Secrets
}

func (*Wrapper) address(id object.ID) string { return "FOREIGN DATA WRAPPER " + ident(id.Name) }
func (*Server) address(id object.ID) string  { return "SERVER " + ident(id.Name) }

func (*Server) grantTarget(id object.ID) string { return "FOREIGN SERVER " + ident(id.Name) }

func wrapperKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Wrapper]{
			Name: "foreign_data_wrapper", Weight: weightServer,
			Moot: func(_ *kind.Context, from, to kind.Of[Wrapper], attr string) bool {
				return to.V.moot(attr, &from.V.Secrets)
			},
			Create: createWrapper, Alter: alterWrapper, Drop: dropWrapper,
		}),
		queries: []catalog.Query{{Name: "foreign_data_wrappers", SQL: `
SELECT f.oid, f.fdwname AS name, nullif(f.fdwhandler::oid, 0)::pg_catalog.regproc AS handler, nullif(f.fdwvalidator::oid, 0)::pg_catalog.regproc AS validator,
  ` + optionsOf("f.fdwoptions") + ` AS options, ` + secretsOf("f.fdwoptions") + ` AS secrets
FROM pg_catalog.pg_foreign_data_wrapper f
ORDER BY 2`}},
		hcl: wrapperHCL(),
		build: func(b *builder) error {
			return b.rows("foreign_data_wrappers", func(r catalog.Row) error {
				id := object.ID{Kind: "foreign_data_wrapper", Name: r.Str("name")}
				return b.add(ref{classWrapper, r.Str("oid"), "0"}, &object.Object{
					ID: id, Claims: []string{id.String()},
					Value: &Wrapper{Handler: r.Str("handler"), Validator: r.Str("validator"), Options: r.List("options"), Secrets: readSecrets(r)},
				})
			})
		},
	}
}

func serverKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Server]{
			Name: "server", Weight: weightServer,
			Moot: func(_ *kind.Context, from, to kind.Of[Server], attr string) bool {
				return to.V.moot(attr, &from.V.Secrets)
			},
			Create: createServer, Alter: alterServer, Drop: dropServer,
		}),
		queries: []catalog.Query{{Name: "foreign_servers", SQL: `
SELECT s.oid, s.srvname AS name, f.fdwname AS wrapper, s.srvtype AS type, s.srvversion AS version, ` + optionsOf("s.srvoptions") + ` AS options, ` + secretsOf("s.srvoptions") + ` AS secrets
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper f ON f.oid = s.srvfdw
ORDER BY 2`}},
		hcl: serverHCL(),
		build: func(b *builder) error {
			return b.rows("foreign_servers", func(r catalog.Row) error {
				id := object.ID{Kind: "server", Name: r.Str("name")}
				return b.add(ref{classServer, r.Str("oid"), "0"}, &object.Object{
					ID: id, Claims: []string{id.String()},
					Value: &Server{Wrapper: r.Str("wrapper"), Type: r.Str("type"), Version: r.Str("version"), Options: r.List("options"), Secrets: readSecrets(r)},
				})
			})
		},
	}
}

var optionName = regexp.MustCompile(`^[^=]*`)

// optionSettings spells a list of options as CREATE takes them, with secrets that are spelled already; empty if there are
// none.
func optionSettings(options []string, secrets ...string) string {
	if len(options)+len(secrets) == 0 {
		return ""
	}
	out := make([]string, len(options), len(options)+len(secrets))
	for i, o := range options {
		name, value, _ := strings.Cut(o, "=")
		out[i] = ident(name) + " " + literal(value)
	}
	out = append(out, secrets...)
	return " OPTIONS (" + strings.Join(out, ", ") + ")"
}

// optionEdits spells the way from one list of options to another as ALTER takes it, with secrets that are spelled already;
// empty if there is none.
func optionEdits(from, to []string, secrets ...string) string {
	out := slices.Clone(secrets)
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

func (w *Wrapper) definition(id object.ID, secrets ...string) string {
	return "CREATE " + w.address(id) + w.functions(&Wrapper{}) + optionSettings(w.Options, secrets...)
}

func createWrapper(c *kind.Context, w kind.Of[Wrapper]) ([]plan.Step, error) {
	step := plan.Step{Comment: "create " + w.ID.String(), Loses: lostAnew(c, w.ID), Reverse: []string{"DROP " + w.V.address(w.ID)}}
	return []plan.Step{w.V.step(step, w.V.missing(&Secrets{}), "", func(secrets []string) string { return w.V.definition(w.ID, secrets...) })}, nil
}

func alterWrapper(_ *kind.Context, from, to kind.Of[Wrapper], a *kind.Attrs) (plan.Edit, error) {
	a.Take("handler", "validator", "options", "secret_options")
	head, added := "ALTER "+to.V.address(to.ID), to.V.missing(&from.V.Secrets)
	step := plan.Step{
		Reverse: []string{head + from.V.functions(to.V) + optionEdits(to.V.Options, from.V.Options, spelled("DROP ", added)...)},
		Comment: "modify " + to.ID.String(),
	}
	return plan.InPlace(to.V.step(step, added, "ADD ", func(secrets []string) string {
		return head + to.V.functions(from.V) + optionEdits(from.V.Options, to.V.Options, secrets...)
	})), nil
}

func dropWrapper(c *kind.Context, w kind.Of[Wrapper]) ([]plan.Step, error) {
	return []plan.Step{{SQL: "DROP " + w.V.address(w.ID), Comment: "drop " + w.ID.String(), Reverse: []string{w.V.definition(w.ID)}, Loses: w.V.lost(c, w.ID)}}, nil
}

func (s *Server) definition(id object.ID, secrets ...string) string {
	sql := "CREATE " + s.address(id)
	if s.Type != "" {
		sql += " TYPE " + literal(s.Type)
	}
	if s.Version != "" {
		sql += " VERSION " + literal(s.Version)
	}
	return sql + " FOREIGN DATA WRAPPER " + ident(s.Wrapper) + optionSettings(s.Options, secrets...)
}

func createServer(c *kind.Context, s kind.Of[Server]) ([]plan.Step, error) {
	step := plan.Step{Comment: "create " + s.ID.String(), Loses: lostAnew(c, s.ID), Reverse: []string{"DROP " + s.V.address(s.ID)}}
	return []plan.Step{s.V.step(step, s.V.missing(&Secrets{}), "", func(secrets []string) string { return s.V.definition(s.ID, secrets...) })}, nil
}

func alterServer(_ *kind.Context, from, to kind.Of[Server], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("fdw", "type") {
		a.Take(a.Left()...)
		return plan.Replace("PostgreSQL can only change the version and options of a server in place"), nil
	}
	added := to.V.missing(&from.V.Secrets)
	edit := func(x, other *Server, secrets []string) string {
		sql := "ALTER " + x.address(to.ID)
		if x.Version != other.Version {
			sql += " VERSION " + toggle(x.Version == "", "NULL", literal(x.Version))
		}
		return sql + optionEdits(other.Options, x.Options, secrets...)
	}
	a.Take("version", "options", "secret_options")
	step := plan.Step{Reverse: []string{edit(from.V, to.V, spelled("DROP ", added))}, Comment: "modify " + to.ID.String()}
	return plan.InPlace(to.V.step(step, added, "ADD ", func(secrets []string) string { return edit(to.V, from.V, secrets) })), nil
}

func dropServer(c *kind.Context, s kind.Of[Server]) ([]plan.Step, error) {
	return []plan.Step{{SQL: "DROP " + s.V.address(s.ID), Comment: "drop " + s.ID.String(), Reverse: []string{s.V.definition(s.ID)}, Loses: s.V.lost(c, s.ID)}}, nil
}

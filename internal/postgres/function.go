package postgres

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Routine is a function, a window function or a procedure; aggregates are a kind of their own. Its fields are those
// of pg_get_functiondef. The object's name carries the types of the input arguments, by which the server tells
// overloaded routines apart.
type Routine struct {
	Args       []Arg    `json:"args,omitempty"`
	Returns    string   `json:"returns,omitempty"` // as pg_get_function_result spells it; empty: a procedure
	Language   string   `json:"language"`
	Window     bool     `json:"window,omitempty"`
	Volatility string   `json:"volatility,omitempty"` // IMMUTABLE or STABLE; empty: VOLATILE
	Parallel   string   `json:"parallel,omitempty"`   // SAFE or RESTRICTED; empty: UNSAFE
	Strict     bool     `json:"strict,omitempty"`
	Definer    bool     `json:"security_definer,omitempty"`
	Leakproof  bool     `json:"leakproof,omitempty"`
	Cost       string   `json:"cost,omitempty"`       // empty: the default of the language
	Rows       string   `json:"rows,omitempty"`       // empty: the default, 1000 for sets
	Support    string   `json:"support,omitempty"`    // a planner support function, quoted
	Transforms []string `json:"transforms,omitempty"` // types, as format_type spells them
	Config     []string `json:"config,omitempty"`     // name=value, as pg_proc.proconfig holds them
	Body       string   `json:"body,omitempty"`       // the text, or the symbol of a C function
	Library    string   `json:"library,omitempty"`    // the shared library of a C function
	SQLBody    string   `json:"sql_body,omitempty"`   // RETURN … or BEGIN ATOMIC … END

	Name      string `json:"name" diff:"-"`
	Signature string `json:"signature" diff:"-"` // types of the input arguments
	Procedure bool   `json:"procedure,omitempty" diff:"-"`
}

// Arg is an argument of a routine, or a column of the table that it returns.
type Arg struct {
	Mode    string `json:"mode,omitempty"` // OUT, INOUT, VARIADIC or TABLE; empty: IN
	Name    string `json:"name,omitempty"`
	Type    string `json:"type"`
	Default string `json:"default,omitempty"`
}

// address names the routine by its input types, which is unique where the name is not.
func (r *Routine) address(id object.ID) string {
	return toggle(r.Procedure, "PROCEDURE ", "FUNCTION ") + r.qualified(id)
}

func (r *Routine) grantTarget(id object.ID) string { return r.address(id) }

func (r *Routine) qualified(id object.ID) string {
	return qualified(id.Schema, r.Name) + "(" + r.Signature + ")"
}

func functionKind() objectKind {
	return routineKind("function", routineQuery(), buildRoutines, functionHCL())
}

func procedureKind() objectKind { return routineKind("procedure", nil, nothing, procedureHCL()) }

func routineKind(name string, queries []catalog.Query, build func(*builder) error, in hclKind) objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Routine]{
			Name: name, Weight: weightFunction,
			Create: createRoutine, Alter: alterRoutine, Drop: dropRoutine, Aside: routineAside,
		}),
		queries: queries,
		build:   build,
		hcl:     in,
	}
}

// routineQuery leaves out what belongs to another object: the constructors of range types (deptype i).
func routineQuery() []catalog.Query {
	return []catalog.Query{{Name: "routines", SQL: `
SELECT p.oid, n.nspname AS schema, p.proname AS name, p.prokind = 'p' AS procedure, p.prokind = 'w' AS "window",
  (SELECT pg_catalog.string_agg(pg_catalog.format_type(a.t, NULL), ', ' ORDER BY a.k)
   FROM pg_catalog.unnest(p.proargtypes::oid[]) WITH ORDINALITY a(t, k)) AS signature,
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('mode', CASE a.m WHEN 'o' THEN 'OUT' WHEN 'b' THEN 'INOUT' WHEN 'v' THEN 'VARIADIC' WHEN 't' THEN 'TABLE' ELSE '' END,
     'name', coalesce(a.n, ''), 'type', pg_catalog.format_type(a.t, NULL),
     'default', CASE WHEN p.pronargdefaults > 0 THEN coalesce(pg_catalog.pg_get_function_arg_default(p.oid, a.k::int), '') ELSE '' END) ORDER BY a.k)
   FROM ROWS FROM (pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])), pg_catalog.unnest(p.proargmodes), pg_catalog.unnest(p.proargnames))
     WITH ORDINALITY a(t, m, n, k)) AS args,
  pg_catalog.pg_get_function_result(p.oid) AS returns, l.lanname AS language,
  CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' END AS volatility,
  CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END AS parallel,
  p.proisstrict AS strict, p.prosecdef AS definer, p.proleakproof AS leakproof,
  CASE WHEN p.procost <> CASE WHEN l.lanname IN ('c', 'internal') THEN 1 ELSE 100 END THEN p.procost END AS cost,
  CASE WHEN p.prorows <> CASE WHEN p.proretset THEN 1000 ELSE 0 END THEN p.prorows END AS rows,
  CASE WHEN p.prosupport <> 0 THEN p.prosupport::pg_catalog.regproc END AS support,
  (SELECT pg_catalog.string_agg(pg_catalog.format_type(t, NULL), E'\x1f') FROM pg_catalog.unnest(p.protrftypes) t) AS transforms,
  pg_catalog.array_to_json(p.proconfig) AS config,
  CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS body, p.probin AS library,
  CASE WHEN p.prosqlbody IS NOT NULL THEN pg_catalog.pg_get_function_sqlbody(p.oid) END AS sql_body
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN pg_catalog.pg_depend i ON i.classid = 1255 AND i.objid = p.oid AND i.deptype IN ('i', 'e')
WHERE p.prokind IN ('f', 'p', 'w') AND p.oid >= 16384 AND i.objid IS NULL AND ` + userSchemas + `
ORDER BY 2, 3, 6`}}
}

func buildRoutines(b *builder) error {
	return b.rows("routines", func(r catalog.Row) error {
		f := &Routine{
			Returns: r.Str("returns"), Language: r.Str("language"), Window: r.Bool("window"),
			Volatility: r.Str("volatility"), Parallel: r.Str("parallel"), Strict: r.Bool("strict"),
			Definer: r.Bool("definer"), Leakproof: r.Bool("leakproof"), Cost: r.Str("cost"), Rows: r.Str("rows"),
			Support: r.Str("support"), Transforms: r.List("transforms"), Body: r.Str("body"), Library: r.Str("library"),
			SQLBody: r.Str("sql_body"), Name: r.Str("name"), Signature: r.Str("signature"), Procedure: r.Bool("procedure"),
		}
		if err := fromJSON(r.Str("args"), &f.Args); err != nil {
			return err
		}
		if err := fromJSON(r.Str("config"), &f.Config); err != nil {
			return err
		}
		id := object.ID{Kind: "function", Schema: r.Str("schema"), Name: f.Name + "(" + f.Signature + ")"}
		if f.Procedure {
			id.Kind = "procedure"
		}
		return b.add(ref{classProc, r.Str("oid"), "0"}, &object.Object{
			ID: id, Value: f, Claims: []string{"routine " + f.qualified(id)},
		})
	})
}

// fromJSON reads a list that a query aggregated as JSON; NULL is empty.
func fromJSON[T any](text string, into *T) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// mentionText is the text in which other objects may be named.
func (r *Routine) mentionText() string {
	if r.Language == "c" || r.Language == "internal" {
		return ""
	}
	return r.Body
}

// definition spells the routine as pg_get_functiondef does.
func (r *Routine) definition(id object.ID) string {
	var b strings.Builder
	b.WriteString("CREATE OR REPLACE " + toggle(r.Procedure, "PROCEDURE ", "FUNCTION ") + qualified(id.Schema, r.Name))
	b.WriteString("(" + argList(r.Args) + ")")
	if r.Returns != "" {
		b.WriteString("\n RETURNS " + r.Returns)
	}
	if len(r.Transforms) > 0 {
		b.WriteString("\n TRANSFORM FOR TYPE " + strings.Join(r.Transforms, ", FOR TYPE "))
	}
	b.WriteString("\n LANGUAGE " + ident(r.Language))
	for _, word := range r.attributes() {
		b.WriteString("\n " + word)
	}
	for _, c := range r.Config {
		b.WriteString("\n SET " + setting(c))
	}
	switch {
	case r.SQLBody != "":
		b.WriteString("\n" + r.SQLBody)
	case r.Library != "":
		b.WriteString("\nAS " + literal(r.Library) + ", " + literal(r.Body))
	default:
		b.WriteString("\nAS " + dollarQuoted(r.Body, toggle(r.Procedure, "procedure", "function")))
	}
	return b.String()
}

func (r *Routine) attributes() []string {
	var out []string
	word := func(on bool, text string) {
		if on {
			out = append(out, text)
		}
	}
	word(r.Window, "WINDOW")
	word(r.Volatility != "", r.Volatility)
	word(r.Parallel != "", "PARALLEL "+r.Parallel)
	word(r.Strict, "STRICT")
	word(r.Definer, "SECURITY DEFINER")
	word(r.Leakproof, "LEAKPROOF")
	word(r.Cost != "", "COST "+r.Cost)
	word(r.Rows != "", "ROWS "+r.Rows)
	word(r.Support != "", "SUPPORT "+r.Support)
	return out
}

// argList spells the arguments; the columns of RETURNS TABLE stand in the result.
func argList(args []Arg) string {
	var out []string
	for _, a := range args {
		if a.Mode == "TABLE" {
			continue
		}
		var words []string
		if a.Mode != "" {
			words = append(words, a.Mode)
		}
		if a.Name != "" {
			words = append(words, ident(a.Name))
		}
		words = append(words, a.Type)
		if a.Default != "" {
			words = append(words, "DEFAULT "+a.Default)
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, ", ")
}

// listSettings are the settings whose value is a list of quoted names (GUC_LIST_QUOTE in src/backend/utils/misc).
func listSettings() []string {
	return []string{
		"local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries",
		"temp_tablespaces", "unix_socket_directories",
	}
}

// setting spells a name=value of proconfig as SET takes it.
func setting(c string) string {
	name, value, _ := strings.Cut(c, "=")
	if !slices.Contains(listSettings(), strings.ToLower(name)) {
		return settingName(name) + " TO " + literal(value)
	}
	var names []string
	for _, n := range splitNames(value) {
		names = append(names, literal(n))
	}
	if len(names) == 0 {
		names = []string{"''"}
	}
	return settingName(name) + " TO " + strings.Join(names, ", ")
}

// settingName quotes a parameter; those of extensions have two parts.
func settingName(name string) string {
	parts := strings.Split(name, ".")
	for i, p := range parts {
		parts[i] = ident(p)
	}
	return strings.Join(parts, ".")
}

// splitNames cuts a list of names, of which some are in double quotes.
func splitNames(list string) []string {
	var out []string
	for list = strings.TrimSpace(list); list != ""; {
		var name string
		if list[0] == '"' {
			var b strings.Builder
			i := 1
			for ; i < len(list); i++ {
				if list[i] == '"' {
					if i++; i >= len(list) || list[i] != '"' {
						break
					}
				}
				b.WriteByte(list[i])
			}
			name, list = b.String(), list[min(i, len(list)):]
		} else {
			end := strings.IndexByte(list, ',')
			if end < 0 {
				end = len(list)
			}
			name, list = strings.TrimSpace(list[:end]), list[end:]
		}
		out = append(out, name)
		list = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(list), ","))
	}
	return out
}

// dollarQuoted quotes a body with a tag that does not occur in it, as pg_get_functiondef chooses it.
func dollarQuoted(body, tag string) string {
	for strings.Contains(body, "$"+tag) {
		tag += "x"
	}
	return "$" + tag + "$" + body + "$" + tag + "$"
}

func createRoutine(_ *kind.Context, f kind.Of[Routine]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     f.V.definition(f.ID),
		Comment: "create " + f.ID.String(),
		Reverse: []string{"DROP " + f.V.address(f.ID)},
	}}, nil
}

// alterRoutine writes the routine over where the server allows it (PostgreSQL manual, "CREATE FUNCTION", Notes).
func alterRoutine(_ *kind.Context, from, to kind.Of[Routine], a *kind.Attrs) (plan.Edit, error) {
	a.Take(a.Left()...)
	if reason := from.V.mustGo(to.V); reason != "" {
		return plan.Replace(reason), nil
	}
	return plan.InPlace(plan.Step{
		SQL:     to.V.definition(to.ID),
		Comment: "replace " + to.ID.String(),
		Reverse: []string{from.V.definition(from.ID)},
	}), nil
}

// mustGo says why a routine cannot be written over by another version; "" if it can.
func (r *Routine) mustGo(to *Routine) string {
	if r.Returns != to.Returns {
		return fmt.Sprintf("the result changes from %s to %s", r.Returns, to.Returns)
	}
	if r.Window != to.Window {
		return "a function cannot become a window function or cease to be one"
	}
	if len(r.Args) != len(to.Args) {
		return "the arguments change"
	}
	for i, a := range r.Args {
		b := to.Args[i]
		switch {
		case a.Mode != b.Mode || a.Type != b.Type:
			return "the arguments change"
		case a.Name != "" && a.Name != b.Name:
			return fmt.Sprintf("argument %s is renamed to %q", a.Name, b.Name)
		case a.Default != "" && b.Default == "":
			return fmt.Sprintf("argument %d loses its default", i+1)
		}
	}
	return ""
}

func dropRoutine(_ *kind.Context, f kind.Of[Routine]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP " + f.V.address(f.ID),
		Comment: "drop " + f.ID.String(),
		Reverse: []string{f.V.definition(f.ID)},
	}}, nil
}

// routineAside lets a routine that an old type rests on stay with it. Its arguments may be of types that are called
// otherwise by the time it goes.
func routineAside(_ *kind.Context, f kind.Of[Routine]) (rename, remove plan.Step) {
	_, remove = setAside("ROUTINE", object.ID{Kind: f.ID.Kind, Schema: f.ID.Schema, Name: f.V.Name})
	rename = plan.Step{
		SQL:     "ALTER " + f.V.address(f.ID) + " RENAME TO " + ident(aside(f.V.Name)),
		Comment: "set the old " + f.ID.String() + " aside until all have moved over to the new one",
	}
	return rename, remove
}

package mysql

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// View is a view. Its query is compared as the server spells it.
type View struct {
	Columns     []string `json:"columns,omitempty"` // where they are named; empty: those of the query
	Query       string   `json:"query"`
	Algorithm   string   `json:"algorithm,omitempty"`    // empty: UNDEFINED
	Invoker     bool     `json:"invoker,omitempty"`      // SQL SECURITY INVOKER
	CheckOption string   `json:"check_option,omitempty"` // LOCAL or CASCADED
	Definer     string   `json:"definer,omitempty" diff:"-"`
}

func viewKind() objectKind {
	return objectKind{
		hcl: viewHCL(),
		Kind: kind.Define(kind.Def[View]{
			Name: "view", Weight: weightView,
			Create: createView, Alter: alterView, Drop: dropView,
			Moot: func(_ *kind.Context, from, to kind.Of[View], attr string) bool {
				return attr == "query" && sameExpr(from.V.Query, to.V.Query)
			},
		}),
		queries: func(s server, in within) []catalog.Query {
			if s.mariadb {
				return nil // what a view needs stands in its text only
			}
			return []catalog.Query{{Name: "view_needs", SQL: `
SELECT VIEW_SCHEMA AS db, VIEW_NAME AS name, TABLE_SCHEMA AS ref_db, TABLE_NAME AS ref, 0 AS is_routine
FROM information_schema.VIEW_TABLE_USAGE WHERE ` + in("VIEW_SCHEMA") + `
UNION ALL SELECT TABLE_SCHEMA, TABLE_NAME, SPECIFIC_SCHEMA, SPECIFIC_NAME, 1
FROM information_schema.VIEW_ROUTINE_USAGE WHERE ` + in("TABLE_SCHEMA") + ` ORDER BY 1, 2, 3, 4`}}
		},
		build: buildViews,
	}
}

func viewID(schema, name string) object.ID {
	return object.ID{Kind: "view", Schema: schema, Name: name}
}

// viewText is the result of SHOW CREATE VIEW: algorithm, definer, security, columns, query.
var viewText = regexp.MustCompile("(?s)^CREATE ALGORITHM=(\\w+) DEFINER=(`(?:[^`]|``)*`@`(?:[^`]|``)*`) SQL SECURITY (\\w+) " +
	"VIEW (?:`(?:[^`]|``)*`\\.)?`(?:[^`]|``)*` (?:\\(((?:`(?:[^`]|``)*`,?)+)\\) )?AS (.*)$")

func buildViews(b *builder) error {
	return b.rows("tables", func(r catalog.Row) error {
		if r.Str("type") != "VIEW" {
			return nil
		}
		id := viewID(b.schema(r.Str("db")), r.Str("name"))
		m := viewText.FindStringSubmatch(b.definition("view", id))
		if m == nil {
			b.unreadable("view", id, "its definition cannot be read; SHOW VIEW is needed")
			return nil
		}
		v := &View{Algorithm: m[1], Definer: m[2], Invoker: m[3] == "INVOKER", Query: cutQualifier(m[5], b.bound)}
		if v.Algorithm == "UNDEFINED" {
			v.Algorithm = ""
		}
		for _, chain := range namesIn(m[4]) {
			v.Columns = append(v.Columns, chain[0])
		}
		for _, option := range []string{"LOCAL", "CASCADED"} {
			if q, ok := strings.CutSuffix(v.Query, " WITH "+option+" CHECK OPTION"); ok {
				v.Query, v.CheckOption = q, option
			}
		}
		o := &object.Object{ID: id, Value: v, Claims: []string{relationClaim(id.Schema, id.Name)}}
		o.Needs = b.viewNeeds(id, m[5])
		return b.add(o)
	})
}

// viewNeeds lists what a view reads: as MySQL tells, or from the names in the query as MariaDB spells it.
func (b *builder) viewNeeds(id object.ID, query string) []object.ID {
	if b.mariadb {
		return b.relationsIn(query, id.Schema)
	}
	if b.usage == nil {
		b.usage = map[object.ID][]object.ID{}
		_ = b.rows("view_needs", func(r catalog.Row) error {
			view := viewID(b.schema(r.Str("db")), r.Str("name"))
			schema, name := b.schema(r.Str("ref_db")), r.Str("ref")
			if r.Bool("is_routine") {
				b.usage[view] = append(b.usage[view], object.ID{Kind: "function", Schema: schema, Name: name})
			} else {
				b.usage[view] = append(b.usage[view], tableID(schema, name), viewID(schema, name))
			}
			return nil
		})
	}
	return b.usage[id]
}

// relationsIn finds the relations and functions that a query names: after FROM and JOIN, and before a parenthesis.
func (b *builder) relationsIn(query, schema string) []object.ID {
	var out []object.ID
	last := "" // the keyword that the next name belongs to
	for i := 0; i < len(query); {
		end := tokenEnd(query, i)
		switch c := query[i]; {
		case c == '`':
			var chain []string
			for {
				chain = append(chain, strings.ReplaceAll(query[i+1:max(i+1, end-1)], "``", "`"))
				if end+1 >= len(query) || query[end] != '.' || query[end+1] != '`' {
					break
				}
				i = end + 1
				end = tokenEnd(query, i)
			}
			in, name := schema, chain[len(chain)-1]
			if len(chain) > 1 {
				in = b.schema(chain[0])
			}
			switch {
			case end < len(query) && query[end] == '(':
				out = append(out, object.ID{Kind: "function", Schema: in, Name: name})
			case last == "from" || last == "join":
				out = append(out, tableID(in, name), viewID(in, name), object.ID{Kind: "sequence", Schema: in, Name: name})
			}
			last = ""
		case c >= 'a' && c <= 'z':
			for end < len(query) && query[end] >= 'a' && query[end] <= 'z' {
				end++
			}
			last = query[i:end]
		case c != ' ' && c != '(':
			last = ""
		}
		i = end
	}
	return out
}

// sql is the statement that makes the view, or replaces it. The definer of a view that is replaced stays.
func (v *View) sql(id object.ID, definer string) string {
	var s strings.Builder
	s.WriteString("CREATE OR REPLACE ")
	if v.Algorithm != "" {
		s.WriteString("ALGORITHM=" + v.Algorithm + " ")
	}
	if definer != "" {
		s.WriteString("DEFINER=" + definer + " ")
	}
	if v.Invoker {
		s.WriteString("SQL SECURITY INVOKER ")
	} else {
		s.WriteString("SQL SECURITY DEFINER ")
	}
	s.WriteString("VIEW " + qualified(id.Schema, id.Name))
	if len(v.Columns) > 0 {
		s.WriteString(" (" + idents(v.Columns) + ")")
	}
	s.WriteString(" AS " + keepNested(v.Query))
	if v.CheckOption != "" {
		s.WriteString(" WITH " + v.CheckOption + " CHECK OPTION")
	}
	return s.String()
}

func createView(_ *kind.Context, v kind.Of[View]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     strings.Replace(v.V.sql(v.ID, ""), "CREATE OR REPLACE", "CREATE", 1),
		Reverse: []string{"DROP VIEW " + qualified(v.ID.Schema, v.ID.Name)},
		Comment: "create view " + v.ID.Path(),
	}}, nil
}

func alterView(_ *kind.Context, from, to kind.Of[View], a *kind.Attrs) (plan.Edit, error) {
	a.Take("columns", "query", "algorithm", "invoker", "check_option")
	return plan.InPlace(plan.Step{
		SQL: to.V.sql(to.ID, from.V.Definer), Reverse: []string{from.V.sql(from.ID, from.V.Definer)},
		Comment: "replace view " + to.ID.Path(),
	}), nil
}

func dropView(_ *kind.Context, v kind.Of[View]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL: "DROP VIEW " + qualified(v.ID.Schema, v.ID.Name), Reverse: []string{v.V.sql(v.ID, v.V.Definer)},
		Comment: "drop view " + v.ID.Path(),
	}}, nil
}

package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// SearchPart is a text search parser or template: a bundle of functions.
type SearchPart struct {
	Functions []string `json:"functions"` // as CREATE takes them
	What      string   `json:"what" diff:"-"`
}

// SearchDictionary is a text search dictionary.
type SearchDictionary struct {
	Template string `json:"template"` // quoted
	Options  string `json:"options,omitempty"`
}

// SearchConfiguration is a text search configuration.
type SearchConfiguration struct {
	Parser   string    `json:"parser"` // quoted
	Mappings []Mapping `json:"mappings,omitempty"`
}

// Mapping tells which dictionaries a kind of token is looked up in.
type Mapping struct {
	Token        string `json:"token"`
	Dictionaries string `json:"dictionaries"` // quoted, separated by commas
}

func (p *SearchPart) address(id object.ID) string {
	return "TEXT SEARCH " + p.What + " " + qualified(id.Schema, id.Name)
}

func (p *SearchPart) definition(id object.ID) string {
	return "CREATE " + p.address(id) + " (" + strings.Join(p.Functions, ", ") + ")"
}

func (d *SearchDictionary) address(id object.ID) string {
	return "TEXT SEARCH DICTIONARY " + qualified(id.Schema, id.Name)
}

func (d *SearchDictionary) definition(id object.ID) string {
	sql := "CREATE " + d.address(id) + " (TEMPLATE = " + d.Template
	if d.Options != "" {
		sql += ", " + d.Options
	}
	return sql + ")"
}

func (c *SearchConfiguration) address(id object.ID) string {
	return "TEXT SEARCH CONFIGURATION " + qualified(id.Schema, id.Name)
}

func (c *SearchConfiguration) definition(id object.ID) string {
	return "CREATE " + c.address(id) + " (PARSER = " + c.Parser + ")"
}

func searchParserKind() objectKind {
	return searchPartKind("text_search_parser", "PARSER", classTSParser, `
SELECT p.oid, n.nspname AS schema, p.prsname AS name, pg_catalog.concat_ws(E'\x1f', 'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken,
  'END = ' || p.prsend, 'LEXTYPES = ' || p.prslextype, 'HEADLINE = ' || nullif(p.prsheadline::oid, 0)::pg_catalog.regproc) AS functions
FROM pg_catalog.pg_ts_parser p
JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace
WHERE p.oid >= 16384 AND `+userSchemas+`
ORDER BY 2, 3`, "start", "gettoken", "end", "lextypes", "headline")
}

func searchTemplateKind() objectKind {
	return searchPartKind("text_search_template", "TEMPLATE", classTSTemplate, `
SELECT t.oid, n.nspname AS schema, t.tmplname AS name, pg_catalog.concat_ws(E'\x1f', 'INIT = ' || nullif(t.tmplinit::oid, 0)::pg_catalog.regproc,
  'LEXIZE = ' || t.tmpllexize) AS functions
FROM pg_catalog.pg_ts_template t
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
WHERE t.oid >= 16384 AND `+userSchemas+`
ORDER BY 2, 3`, "init", "lexize")
}

func searchPartKind(name, what, class, query string, functions ...string) objectKind {
	return objectKind{
		Kind:    kind.Define(simpleKind[SearchPart](name, weightSearch)),
		queries: []catalog.Query{{Name: name, SQL: query}},
		hcl:     searchPartHCL(name, what, functions...),
		build: func(b *builder) error {
			return b.rows(name, func(r catalog.Row) error {
				id := object.ID{Kind: name, Schema: r.Str("schema"), Name: r.Str("name")}
				return b.add(ref{class, r.Str("oid"), "0"}, &object.Object{
					ID: id, Value: &SearchPart{Functions: r.List("functions"), What: what}, Claims: []string{id.String()},
				})
			})
		},
	}
}

func searchDictionaryKind() objectKind {
	return objectKind{
		Kind: kind.Define(simpleKind[SearchDictionary]("text_search_dictionary", weightSearch)),
		queries: []catalog.Query{{Name: "text_search_dictionaries", SQL: `
SELECT d.oid, n.nspname AS schema, d.dictname AS name, pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.tmplname) AS template,
  d.dictinitoption AS options
FROM pg_catalog.pg_ts_dict d
JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE d.oid >= 16384 AND ` + userSchemas + `
ORDER BY 2, 3`}},
		hcl: searchDictionaryHCL(),
		build: func(b *builder) error {
			return b.rows("text_search_dictionaries", func(r catalog.Row) error {
				id := object.ID{Kind: "text_search_dictionary", Schema: r.Str("schema"), Name: r.Str("name")}
				return b.add(ref{classTSDict, r.Str("oid"), "0"}, &object.Object{
					ID: id, Value: &SearchDictionary{Template: r.Str("template"), Options: r.Str("options")}, Claims: []string{id.String()},
				})
			})
		},
	}
}

func searchConfigurationKind() objectKind {
	def := simpleKind[SearchConfiguration]("text_search_configuration", weightSearch)
	def.Create, def.Alter = createSearchConfiguration, alterSearchConfiguration
	return objectKind{
		Kind: kind.Define(def),
		queries: []catalog.Query{{Name: "text_search_configurations", SQL: `
SELECT c.oid, n.nspname AS schema, c.cfgname AS name, pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.prsname) AS parser,
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('token', x.token, 'dictionaries', x.dictionaries) ORDER BY x.token) FROM (
     SELECT t.alias AS token, pg_catalog.string_agg(pg_catalog.quote_ident(dn.nspname) || '.' || pg_catalog.quote_ident(d.dictname), ', ' ORDER BY m.mapseqno) AS dictionaries
     FROM pg_catalog.pg_ts_config_map m
     JOIN pg_catalog.ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
     JOIN pg_catalog.pg_ts_dict d ON d.oid = m.mapdict
     JOIN pg_catalog.pg_namespace dn ON dn.oid = d.dictnamespace
     WHERE m.mapcfg = c.oid GROUP BY t.alias) x) AS mappings
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
WHERE c.oid >= 16384 AND ` + userSchemas + `
ORDER BY 2, 3`}},
		hcl: searchConfigurationHCL(),
		build: func(b *builder) error {
			return b.rows("text_search_configurations", func(r catalog.Row) error {
				v := &SearchConfiguration{Parser: r.Str("parser")}
				if err := fromJSON(r.Str("mappings"), &v.Mappings); err != nil {
					return err
				}
				id := object.ID{Kind: "text_search_configuration", Schema: r.Str("schema"), Name: r.Str("name")}
				return b.add(ref{classTSConfig, r.Str("oid"), "0"}, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
			})
		},
	}
}

func createSearchConfiguration(_ *kind.Context, c kind.Of[SearchConfiguration]) ([]plan.Step, error) {
	return append(createDefined(c.ID, c.V), mappingSteps(c.ID, c.V, &SearchConfiguration{})...), nil
}

func alterSearchConfiguration(_ *kind.Context, from, to kind.Of[SearchConfiguration], a *kind.Attrs) (plan.Edit, error) {
	a.Take("mappings")
	if a.Take("parser") {
		return plan.Replace("PostgreSQL cannot change the parser of a text search configuration"), nil
	}
	return plan.InPlace(mappingSteps(to.ID, to.V, from.V)...), nil
}

// mappingSteps lead from the mappings of one version to those of another.
func mappingSteps(id object.ID, to, from *SearchConfiguration) []plan.Step {
	head := "ALTER " + to.address(id)
	find := func(list []Mapping, token string) *Mapping {
		if i := slices.IndexFunc(list, func(m Mapping) bool { return m.Token == token }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	var out []plan.Step
	add := func(sql, reverse string) {
		out = append(out, plan.Step{SQL: head + sql, Reverse: []string{head + reverse}, Comment: "set the mappings of " + id.String()})
	}
	for _, m := range to.Mappings {
		change, remove := " MAPPING FOR "+ident(m.Token)+" WITH "+m.Dictionaries, " DROP MAPPING FOR "+ident(m.Token)
		switch was := find(from.Mappings, m.Token); {
		case was == nil:
			add(" ADD"+change, remove)
		case *was != m:
			add(" ALTER"+change, " ALTER MAPPING FOR "+ident(m.Token)+" WITH "+was.Dictionaries)
		}
	}
	for _, m := range from.Mappings {
		if find(to.Mappings, m.Token) == nil {
			add(" DROP MAPPING FOR "+ident(m.Token), " ADD MAPPING FOR "+ident(m.Token)+" WITH "+m.Dictionaries)
		}
	}
	return out
}

package postgres

import "github.com/schemactl/schemactl/internal/dialect"

// Groups are the kinds under the names that manage { … } takes. Kinds that others consist of, such as columns, have none.
func (Dialect) Groups() []dialect.Group {
	group := func(kinds []string, names ...string) dialect.Group { return dialect.Group{Names: names, Kinds: kinds} }
	one := func(kind string, names ...string) dialect.Group { return group([]string{kind}, append(names, kind)...) }
	return []dialect.Group{
		one("schema", "schemas"),
		one("extension", "extensions"),
		one("collation", "collations"),
		group([]string{"enum", "domain", "composite", "range"}, "types", "type"),
		one("enum", "enums"),
		one("domain", "domains"),
		one("composite", "composites", "composite_types"),
		one("range", "ranges", "range_types"),
		one("sequence", "sequences"),
		group([]string{"function", "procedure", "aggregate"}, "routines", "routine"),
		one("function", "functions", "funcs", "func"),
		one("procedure", "procedures", "procs", "proc"),
		one("aggregate", "aggregates"),
		one("language", "languages"),
		one("cast", "casts"),
		group([]string{"operator", "operator_family", "operator_class"}, "operators", "operator", "operator_family", "operator_class"),
		group([]string{"text_search_parser", "text_search_template", "text_search_dictionary", "text_search_configuration"}, "text_search"),
		one("table", "tables"),
		group([]string{"foreign_data_wrapper", "server", "user_mapping", "foreign_table"}, "foreign_data"),
		one("foreign_data_wrapper", "foreign_data_wrappers"),
		one("server", "servers"),
		one("user_mapping", "user_mappings"),
		one("foreign_table", "foreign_tables"),
		one("view", "views"),
		one("materialized", "materialized_views", "materialized_view"),
		one("foreign_key", "foreign_keys"),
		one("check", "checks"),
		one("index", "indexes"),
		one("statistics", "statistics"),
		one("trigger", "triggers"),
		one("rule", "rules"),
		one("policy", "policies"),
		one("publication", "publications"),
		one("subscription", "subscriptions"),
		one("event_trigger", "event_triggers"),
		group([]string{"permission", "default_permission"}, "privileges", "privilege", "permissions", "permission"),
		one("default_permission", "default_privileges", "default_permissions"),
		one("comment", "comments"),
		{Names: []string{"owners", "owner"}, Kinds: []string{"owner"}, Off: true},
		{Names: []string{"roles", "role", "users", "user"}, Kinds: []string{"role", "membership"}, Off: true},
	}
}

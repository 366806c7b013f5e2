package mysql

import "github.com/schemactl/schemactl/internal/dialect"

// Groups are the kinds under the names that manage { … } takes. Kinds that others consist of, such as columns, have none.
func (Dialect) Groups() []dialect.Group {
	one := func(kind string, names ...string) dialect.Group {
		return dialect.Group{Names: append(names, kind), Kinds: []string{kind}}
	}
	return []dialect.Group{
		one("schema", "schemas", "databases", "database"),
		one("sequence", "sequences"),
		one("table", "tables"),
		one("index", "indexes"),
		one("check", "checks"),
		one("foreign_key", "foreign_keys"),
		{Names: []string{"routines", "routine"}, Kinds: []string{"function", "procedure"}},
		one("function", "functions", "funcs", "func"),
		one("procedure", "procedures", "procs", "proc"),
		one("view", "views"),
		one("trigger", "triggers"),
		one("event", "events"),
		{Names: []string{counterKind}, Kinds: []string{counterKind}, Off: true},
		{Names: []string{"users", "user", "roles", "role"}, Kinds: []string{userKind, roleKind}, Off: true},
		{Names: []string{"privileges", "privilege", "permissions", "permission", "grants", "grant"}, Kinds: []string{permission}, Off: true},
	}
}

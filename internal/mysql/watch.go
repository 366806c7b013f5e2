package mysql

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Watcher = Dialect{}

const (
	watchedCode  = "watched_code"
	watchedPlace = "watched_place"
)

// thisDatabase is how facts call the database of the URL: two that are compared need not have one name.
const thisDatabase = "this"

// watchedQueries read the facts: with which settings code was made and whose it is, and what the database is besides its
// objects. What an account may do is told as far as the user may see it.
func watchedQueries(s server, scope dialect.Scope, in within) []catalog.Query {
	if !scope.Watched {
		return nil
	}
	code := `
SELECT 'view' AS kind, TABLE_SCHEMA AS db, '' AS tab, TABLE_NAME AS name, DEFINER AS definer, NULL AS sql_mode,
  CHARACTER_SET_CLIENT AS charset, COLLATION_CONNECTION AS collation, NULL AS db_collation, NULL AS zone, DEFINER = CURRENT_USER() AS own
FROM information_schema.VIEWS WHERE ` + in("TABLE_SCHEMA") + `
UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_SCHEMA, '', ROUTINE_NAME, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION, NULL, DEFINER = CURRENT_USER()
FROM information_schema.ROUTINES WHERE ` + in("ROUTINE_SCHEMA") + `
UNION ALL SELECT 'trigger', TRIGGER_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION, NULL, DEFINER = CURRENT_USER()
FROM information_schema.TRIGGERS WHERE ` + in("TRIGGER_SCHEMA") + `
UNION ALL SELECT 'event', EVENT_SCHEMA, '', EVENT_NAME, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION, TIME_ZONE, DEFINER = CURRENT_USER()
FROM information_schema.EVENTS WHERE ` + in("EVENT_SCHEMA") + `
ORDER BY 1, 2, 3, 4`
	extra := "'' AS comment, DEFAULT_ENCRYPTION AS encryption"
	if s.mariadb {
		extra = "SCHEMA_COMMENT AS comment, '' AS encryption"
	}
	place := `
SELECT 'database' AS kind, SCHEMA_NAME AS db, '' AS name, '' AS who, DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation, ` + extra + `, NULL AS privileges
FROM information_schema.SCHEMATA WHERE ` + in("SCHEMA_NAME") + `
UNION ALL SELECT 'database privilege', REPLACE(TABLE_SCHEMA, '\\_', '_'), '', GRANTEE, '', '', '', '', GROUP_CONCAT(CONCAT(PRIVILEGE_TYPE, IF(IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', '')) ORDER BY PRIVILEGE_TYPE SEPARATOR ', ')
FROM information_schema.SCHEMA_PRIVILEGES WHERE ` + in(`REPLACE(TABLE_SCHEMA, '\\_', '_')`) + ` GROUP BY 2, GRANTEE
UNION ALL SELECT 'table privilege', TABLE_SCHEMA, TABLE_NAME, GRANTEE, '', '', '', '', GROUP_CONCAT(CONCAT(PRIVILEGE_TYPE, IF(IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', '')) ORDER BY PRIVILEGE_TYPE SEPARATOR ', ')
FROM information_schema.TABLE_PRIVILEGES WHERE ` + in("TABLE_SCHEMA") + ` GROUP BY 2, 3, GRANTEE
UNION ALL SELECT 'column privilege', TABLE_SCHEMA, CONCAT(TABLE_NAME, '.', COLUMN_NAME), GRANTEE, '', '', '', '', GROUP_CONCAT(PRIVILEGE_TYPE ORDER BY PRIVILEGE_TYPE SEPARATOR ', ')
FROM information_schema.COLUMN_PRIVILEGES WHERE ` + in("TABLE_SCHEMA") + ` GROUP BY 2, 3, GRANTEE
ORDER BY 1, 2, 3, 4`
	return []catalog.Query{{Name: watchedCode, SQL: code}, {Name: watchedPlace, SQL: place}}
}

// buildFacts makes facts of the rows.
func (b *builder) buildFacts() error {
	if !b.scope.Watched || b.catalog.Tables[watchedCode] == nil {
		return nil
	}
	if err := b.rows(watchedCode, b.codeFacts); err != nil {
		return err
	}
	err := b.rows(watchedPlace, b.placeFacts)
	object.SortFacts(b.state.Facts)
	return err
}

func (b *builder) fact(f object.Fact) { b.state.Facts = append(b.state.Facts, f) }

func (b *builder) codeFacts(r catalog.Row) error {
	id := object.ID{Kind: r.Str("kind"), Schema: b.schema(r.Str("db")), Table: r.Str("tab"), Name: r.Str("name")}
	f := object.Fact{Kind: id.Kind, Name: id.Path(), Of: id, Always: true}
	f.Attr, f.Value, f.Usual = "definer", r.Str("definer"), r.Bool("own")
	b.fact(f)
	f.Usual, f.Place = false, true // of the session that made it
	for attr, column := range map[string]string{"character_set_client": "charset", "collation_connection": "collation", "database_collation": "db_collation"} {
		if !r.Null(column) && (id.Kind == "view" || attr != "collation_connection") { // which is an attribute of the others
			f.Attr, f.Value = attr, r.Str(column)
			b.fact(f)
		}
	}
	return nil
}

// placeFacts speak of the database that the URL names, which is no object then, and of what accounts may do where they are
// not managed.
func (b *builder) placeFacts(r catalog.Row) error {
	schema := b.schema(r.Str("db"))
	if r.Str("kind") != "database" {
		if !b.scope.Has(permission) {
			on := object.ID{Schema: schema, Name: r.Str("name")}.Path()
			b.fact(object.Fact{Kind: r.Str("kind"), Name: either(on == "", "", on+" ") + r.Str("who"), Attr: "privileges", Value: r.Str("privileges"), Place: true})
		}
		return nil
	}
	if schema != "" {
		return nil
	}
	name := ident(r.Str("db"))
	for _, x := range [][2]string{
		{"character_set", "CHARACTER SET " + r.Str("charset") + " COLLATE " + r.Str("collation")},
		{"collation", "COLLATE " + r.Str("collation")}, {"comment", "COMMENT " + literal(r.Str("comment"))}, {"encryption", "ENCRYPTION " + literal(either(r.Str("encryption") == "YES", "Y", "N"))},
	} {
		value := r.Str(map[string]string{"character_set": "charset"}[x[0]] + either(x[0] == "character_set", "", x[0]))
		if value == "" && x[0] == "encryption" {
			continue
		}
		b.fact(object.Fact{Kind: "database", Name: thisDatabase, Attr: x[0], Value: value, Set: "ALTER DATABASE " + databaseMark + " " + x[1], Place: true})
	}
	b.fact(object.Fact{Kind: "database", Name: thisDatabase, Attr: "name", Value: name, Place: true})
	return nil
}

// databaseMark stands in statements for the name of the database that they are to be run in.
const databaseMark = "`<database>`"

// Watch puts the name of the live database into statements.
func (Dialect) Watch(live, wanted *object.State, _ dialect.Sides) (have, want []object.Fact) {
	return object.NameDatabase(live.Facts, wanted.Facts, databaseMark)
}

// Beside leaves out what the server has for all its databases, unless it is compared with itself, and accounts.
func (Dialect) Beside(kind string, sides dialect.Sides) bool {
	switch kind {
	case "read-only database":
		return true
	case userKind, roleKind, "definer":
		return false
	}
	return sides.Place
}

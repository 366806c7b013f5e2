package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// server tells MySQL from MariaDB and its version.
type server struct {
	mariadb      bool
	major, minor int
	// extended means that information_schema has the tables of engine attributes and AUTOEXTEND_SIZE: MySQL since 8.0.23.
	extended bool
}

// within writes the condition that limits a query to the wanted databases.
type within func(column string) string

// systemSchemas are the servers' own databases.
const systemSchemas = "'information_schema', 'mysql', 'performance_schema', 'sys'"

// scopeCondition is the condition for a scope; current is the database that the connection has selected.
func scopeCondition(scope dialect.Scope, current string) within {
	names := scope.Schemas
	if scope.Bound {
		names = []string{current}
	}
	if len(names) == 0 {
		return func(column string) string { return column + " NOT IN (" + systemSchemas + ")" }
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = literal(n)
	}
	if len(quoted) == 1 {
		return func(column string) string { return column + " = " + quoted[0] }
	}
	return func(column string) string { return column + " IN (" + strings.Join(quoted, ", ") + ")" }
}

// plainMode is what inspection does to the session: SHOW CREATE spells names and strings by sql_mode.
func plainMode() []string {
	return []string{"SET @schemactl_sql_mode = @@sql_mode, SESSION sql_mode = '', SESSION sql_quote_show_create = 1"}
}

const restoreMode = "SET SESSION sql_mode = @schemactl_sql_mode"

// settingsQuery reads what changes the meaning of statements and rows.
func settingsQuery(s server) catalog.Query {
	query := `SELECT @@version AS version, DATABASE() AS current_database, CURRENT_USER() AS account, @schemactl_sql_mode AS sql_mode,
  @@lower_case_table_names AS lower_case_table_names, @@explicit_defaults_for_timestamp AS explicit_defaults_for_timestamp,
  @@character_set_server AS character_set_server, @@collation_server AS collation_server,
  @@default_storage_engine AS default_storage_engine, @@character_set_database AS character_set_database,
  @@collation_database AS collation_database, @@collation_connection AS collation_connection, @@time_zone AS time_zone`
	if s.mariadb {
		query += ", 'mariadb' AS flavor"
	} else {
		query += ", 'mysql' AS flavor"
	}
	return catalog.Query{Name: "server", SQL: query}
}

// inspect reads the catalogs: all of information_schema in one round trip, and in a second one, where there are such
// objects, the definitions that information_schema has only in part. tables asks for those of all tables.
func inspect(ctx context.Context, conn *sql.Conn, s server, scope dialect.Scope, current string, tables bool) (*catalog.Catalog, error) {
	in := scopeCondition(scope, current)
	queries := []catalog.Query{settingsQuery(s)}
	for _, k := range kinds() {
		queries = append(queries, k.queries(s, in)...)
	}
	queries = append(queries, watchedQueries(s, scope, in)...)
	c, err := read(ctx, conn, queries, definitionReader{server: s, tables: tables})
	if err == nil && torn(c) {
		if _, err = conn.ExecContext(ctx, restoreMode); err != nil {
			return nil, fmt.Errorf("inspect: %w", err)
		}
		c, err = read(ctx, conn, queries, definitionReader{server: s, tables: tables})
	}
	if _, restoreErr := conn.ExecContext(context.WithoutCancel(ctx), restoreMode); err == nil && restoreErr != nil {
		err = fmt.Errorf("inspect: %w", restoreErr)
	}
	return c, err
}

// torn reports whether a key has a column that its table lacks: these servers read their catalogs without a snapshot, and a
// table may come or change between two queries. (A user may also lack the right to see a column.)
func torn(c *catalog.Catalog) bool {
	columns := map[[3]string]bool{}
	_ = c.Tables["columns"].Each(func(r catalog.Row) error {
		columns[[3]string{r.Str("db"), r.Str("tab"), r.Str("name")}] = true
		return nil
	})
	found := false
	_ = c.Tables["indexes"].Each(func(r catalog.Row) error {
		found = found || !r.Null("col") && !columns[[3]string{r.Str("db"), r.Str("tab"), r.Str("col")}]
		return nil
	})
	return found
}

// Reads is the text of the queries with which an inspection of one database begins, for who measures what they take.
func Reads(mariadb bool, database string) string {
	s := server{mariadb: mariadb, extended: !mariadb}
	in := scopeCondition(dialect.Scope{Bound: true}, database)
	text := plainMode()
	text = append(text, settingsQuery(s).SQL)
	for _, k := range kinds() {
		for _, q := range k.queries(s, in) {
			text = append(text, q.SQL)
		}
	}
	return strings.Join(text, ";\n") + ";\n"
}

func read(ctx context.Context, conn *sql.Conn, queries []catalog.Query, d definitionReader) (*catalog.Catalog, error) {
	rows, err := catalog.Read(ctx, conn, plainMode(), queries)
	if err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	c := &catalog.Catalog{Tables: rows, Settings: map[string]string{}}
	err = rows["server"].Each(func(r catalog.Row) error {
		c.Version = r.Str("version")
		for _, name := range rows["server"].Columns {
			c.Settings[name] = r.Str(name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, d.read(ctx, conn, c)
}

// Build makes the state of a catalog. It is pure: the same rows give the same state.
func Build(c *catalog.Catalog, scope dialect.Scope) (*object.State, error) {
	b := newBuilder(c, scope)
	for _, k := range kinds() {
		if err := k.build(b); err != nil {
			return nil, fmt.Errorf("%s: %w", k.Name, err)
		}
	}
	if err := buildOthers(b); err != nil {
		return nil, err
	}
	if err := b.buildFacts(); err != nil {
		return nil, err
	}
	b.tellDefiners()
	b.tellNotes()
	return b.finish()
}

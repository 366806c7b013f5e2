package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// Scope limits an inspection to some schemas; the zero Scope is the whole database.
type Scope = dialect.Scope

// snapshotPrelude opens a consistent, read-only view of the catalogs. The empty search_path makes the server spell
// every name with its schema, so that texts of two databases can be compared.
func snapshotPrelude() []string {
	return append([]string{"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"}, readPrelude()...)
}

func readPrelude() []string {
	return []string{"SET LOCAL search_path = ''; " + pinned("LOCAL ", spelling())}
}

// Inspect reads the catalogs in one round trip. conn must not be inside a transaction.
func Inspect(ctx context.Context, conn catalog.Querier, scope Scope) (*catalog.Catalog, error) {
	c, err := read(ctx, conn, scope, snapshotPrelude())
	return c, errors.Join(err, query(context.WithoutCancel(ctx), conn, "ROLLBACK"))
}

// query runs statements without results.
func query(ctx context.Context, conn catalog.Querier, text string) error {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	return rows.Err()
}

// InspectWithin reads the catalogs as the open transaction of conn sees them. It leaves search_path empty.
func InspectWithin(ctx context.Context, conn catalog.Querier, scope Scope) (*catalog.Catalog, error) {
	for _, text := range append(readPrelude(), pinned("LOCAL ", lexing())) { // what was loaded may have set anything
		if err := query(ctx, conn, text); err != nil {
			return nil, err
		}
	}
	return read(ctx, conn, scope, readPrelude())
}

func read(ctx context.Context, conn catalog.Querier, scope Scope, prelude []string) (*catalog.Catalog, error) {
	queries := []catalog.Query{{Name: "server", SQL: `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS num`}}
	for _, k := range kinds() {
		queries = append(queries, k.asked(scope)...)
	}
	queries = append(queries, ledgerQueries()...)
	queries = append(queries, watchedQueries(scope)...)
	queries = append(queries, dependencyQueries()...)
	tables, err := catalog.Read(ctx, conn, prelude, queries)
	if err != nil {
		return nil, fmt.Errorf("inspect PostgreSQL: %w", err)
	}
	c := &catalog.Catalog{Tables: tables, Settings: map[string]string{}}
	err = tables["server"].Each(func(r catalog.Row) error {
		c.Version = r.Str("version")
		c.Settings["server_version_num"] = r.Str("num")
		return nil
	})
	return c, err
}

// asked are the queries of the kind, told whether it was asked for.
func (k objectKind) asked(scope Scope) []catalog.Query {
	out := make([]catalog.Query, 0, len(k.queries))
	for _, q := range k.queries {
		if k.off {
			q.SQL = strings.ReplaceAll(q.SQL, "%s", strconv.FormatBool(scope.Has(k.Name)))
		}
		out = append(out, q)
	}
	return out
}

// Build makes the state of a catalog. It is pure: the same rows give the same state.
func Build(c *catalog.Catalog, scope Scope) (*object.State, error) {
	b, err := assemble(c, scope)
	if err != nil {
		return nil, err
	}
	return b.finish()
}

// assemble makes the objects of a catalog and the ledger, before dependencies become needs.
func assemble(c *catalog.Catalog, scope Scope) (*builder, error) {
	b := newBuilder(c, scope)
	for _, k := range kinds() {
		if err := k.build(b); err != nil {
			return nil, fmt.Errorf("%s: %w", k.Name, err)
		}
	}
	b.aliasArrays()
	b.reportCutNames()
	if err := b.buildLedger(); err != nil {
		return nil, err
	}
	return b, b.buildFacts()
}

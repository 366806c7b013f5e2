package postgres

import (
	"context"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

var _ dialect.Sizer = (*session)(nil)

// Sizes reads the sizes of files, and the rows that the last ANALYZE estimated; of a partitioned table those of all its
// partitions.
func (s *session) Sizes(ctx context.Context, tables []safety.Name) (map[safety.Name]safety.Size, error) {
	schemas, names := make([]string, len(tables)), make([]string, len(tables))
	for i, t := range tables {
		schemas[i], names[i] = t.Schema, t.Name
	}
	rows, err := s.conn.QueryContext(ctx, `
SELECT w.schema, w.name, coalesce(sum(greatest(p.reltuples, pg_catalog.pg_stat_get_live_tuples(p.oid), 0)), 0)::bigint,
  coalesce(sum(pg_catalog.pg_table_size(p.oid)), 0)::bigint, coalesce(sum(pg_catalog.pg_indexes_size(p.oid)), 0)::bigint
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'm', 'p')
JOIN LATERAL (SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf UNION SELECT c.oid WHERE c.relkind <> 'p') l ON true
JOIN pg_catalog.pg_class p ON p.oid = l.relid AND p.relkind IN ('r', 'm')
GROUP BY w.schema, w.name`, pq.Array(schemas), pq.Array(names))
	if err != nil {
		return nil, fault(err, "")
	}
	defer func() { _ = rows.Close() }()
	out := map[safety.Name]safety.Size{}
	for rows.Next() {
		var n safety.Name
		var size safety.Size
		if err := rows.Scan(&n.Schema, &n.Name, &size.Rows, &size.Bytes, &size.Index); err != nil {
			return nil, err
		}
		out[n] = size
	}
	return out, fault(rows.Err(), "")
}

// Rates were measured on a machine of two cores, with other work beside it (docs/costs.md).
func (s *session) Rates() safety.Rates {
	return safety.Rates{Scan: 200 << 20, Rewrite: 20 << 20, Build: 20 << 20}
}

// Probes are statements that take the locks of readers and writers, and touch no row.
func (Dialect) Probes(t safety.Name) (read, write string) {
	table := qualified(t.Schema, t.Name)
	return "SELECT 1 FROM " + table + " LIMIT 1", "DELETE FROM " + table + " WHERE false"
}

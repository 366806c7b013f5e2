package postgres

import (
	"context"
	"database/sql"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

var (
	_ dialect.Splitter = Dialect{}
	_ dialect.Measurer = (*session)(nil)
)

// The names of the ways to split changes.
const (
	wayIndex     = "index"
	wayDropIndex = "drop_index"

	wayCheck      = "check"
	wayForeignKey = "foreign_key"
	wayKey        = "key"
	wayNotNull    = "not_null"
	wayFill       = "fill"

	wayPartitioned = "partitioned_index"
	wayAttach      = "attach"
	wayDetach      = "detach"
)

// Ways lists the ways to split changes of tables that are in use.
func (Dialect) Ways() []dialect.Way {
	return []dialect.Way{
		{Name: wayIndex, Why: "CREATE INDEX keeps all writers of the table waiting until the index is built; CONCURRENTLY builds it while they write, outside a transaction"},
		{Name: wayDropIndex, Why: "DROP INDEX waits for all who use the table, and all who come later wait for it; CONCURRENTLY lets them pass, outside a transaction"},
		{Name: wayPartitioned, Why: "CREATE INDEX on a partitioned table keeps the writers of all its partitions waiting; on each of them it can be built CONCURRENTLY, and attached"},
		{Name: wayCheck, Why: "ADD CHECK locks out readers and writers while it reads the whole table; NOT VALID looks at no row, and VALIDATE keeps nobody waiting"},
		{Name: wayForeignKey, Why: "ADD FOREIGN KEY locks out the writers of both tables while it reads the whole table; NOT VALID looks at no row, and VALIDATE keeps nobody waiting"},
		{Name: wayKey, Why: "a new key locks out readers and writers while its index is built; an index that is built CONCURRENTLY before becomes the key at once"},
		{Name: wayNotNull, Why: "SET NOT NULL locks out readers and writers while it reads the whole table; what is added NOT VALID looks at no row, and VALIDATE keeps nobody waiting"},
		{Name: wayAttach, Why: "ATTACH PARTITION locks out readers and writers of the partition while it reads all its rows; a check that was validated before proves that they fit"},
		{Name: wayDetach, Why: "DETACH PARTITION waits for all who use the partitioned table, and all who come later wait for it; CONCURRENTLY lets them pass, outside a transaction"},
		{Name: wayFill, Why: "a default that differs from row to row makes the server write the table anew, and locks out readers and writers meanwhile; an empty column with a default for rows to come is there at once, and the others are filled in batches"},
	}
}

// split marks steps as a way of splitting a change; the first of them says why.
func split(way string, steps ...plan.Step) []plan.Step {
	for i := range steps {
		steps[i].Online = way
	}
	for _, w := range (Dialect{}).Ways() {
		if w.Name == way {
			steps[0].Why = w.Why
		}
	}
	return steps
}

// Measure estimates as the server's planner does: by the rows of a page when the table was last analyzed, and the pages
// that it has now. A table that never was has as many rows as were counted since, or as its size makes likely.
func (s *session) Measure(ctx context.Context) (_ map[object.ID]int64, err error) {
	rows, err := s.conn.QueryContext(ctx, `
WITH sized AS (
  SELECT c.oid, CASE WHEN c.relpages > 0 AND c.reltuples > 0
    THEN c.reltuples::float8 / c.relpages * (pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint)
    ELSE greatest(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid), pg_catalog.pg_relation_size(c.oid) / 100) END::bigint AS rows
  FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
)
SELECT n.nspname, c.relname, c.relkind = 'm', CASE WHEN c.relkind = 'p'
  THEN (SELECT pg_catalog.sum(s.rows) FROM pg_catalog.pg_partition_tree(c.oid) t JOIN sized s ON s.oid = t.relid) ELSE s.rows END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN sized s ON s.oid = c.oid
WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't' AND `+userSchemas)
	if err != nil {
		return nil, fault(err, "")
	}
	defer func() { _ = rows.Close() }()
	out := map[object.ID]int64{}
	for rows.Next() {
		var id object.ID
		var materialized bool
		var n sql.NullInt64
		if err := rows.Scan(&id.Schema, &id.Name, &materialized, &n); err != nil {
			return nil, err
		}
		id.Kind = "table"
		if materialized {
			id.Kind = "materialized"
		}
		out[id] = n.Int64
	}
	return out, fault(rows.Err(), "")
}

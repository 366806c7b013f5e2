package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

var (
	_ dialect.Observer   = (*session)(nil)
	_ dialect.Calibrator = (*session)(nil)
)

// Backend is the process that serves the session.
func (s *session) Backend(ctx context.Context) (pid int64, err error) {
	return pid, fault(s.conn.QueryRowContext(ctx, "SELECT pg_catalog.pg_backend_pid()").Scan(&pid), "")
}

// Observe reads the locks that are granted on tables of users.
func (s *session) Observe(ctx context.Context, backend int64) (out dialect.Observed, err error) {
	rows, err := s.conn.QueryContext(ctx, `
SELECT DISTINCT n.nspname, c.relname, l.mode
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = $1 AND l.granted AND l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) AND `+userSchemas+`
ORDER BY 1, 2, 3`, backend)
	if err != nil {
		return out, fault(err, "")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l safety.Lock
		var word string
		if err := rows.Scan(&l.Table.Schema, &l.Table.Name, &word); err != nil {
			return out, err
		}
		m := spelledMode(word)
		l.Mode, l.Hold = string(m), m.hold()
		out.Locks = append(out.Locks, l)
	}
	return out, fault(rows.Err(), "")
}

// spelledMode is AccessExclusiveLock as SQL spells it.
func spelledMode(word string) mode {
	var b strings.Builder
	for i, r := range strings.TrimSuffix(word, "Lock") {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return mode(strings.ToUpper(b.String()))
}

// Files reads the file nodes of tables, of the leaves of partitioned ones, and of their indexes.
func (s *session) Files(ctx context.Context, tables []safety.Name) ([]dialect.File, error) {
	schemas, names := make([]string, len(tables)), make([]string, len(tables))
	for i, t := range tables {
		schemas[i], names[i] = t.Schema, t.Name
	}
	rows, err := s.conn.QueryContext(ctx, `
WITH leaf AS (
  SELECT DISTINCT p.oid, p.relfilenode, pn.nspname, p.relname
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w (schema, name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'm', 'p')
  CROSS JOIN LATERAL (SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf UNION SELECT c.oid) l
  JOIN pg_catalog.pg_class p ON p.oid = l.relid AND p.relkind IN ('r', 'm')
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
)
SELECT oid::text, nspname, relname, '', relfilenode::text FROM leaf
UNION ALL
SELECT x.oid::text, leaf.nspname, leaf.relname, x.relname, x.relfilenode::text
FROM leaf JOIN pg_catalog.pg_index i ON i.indrelid = leaf.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
ORDER BY 2, 3, 4`, pq.Array(schemas), pq.Array(names))
	if err != nil {
		return nil, fault(err, "")
	}
	defer func() { _ = rows.Close() }()
	var out []dialect.File
	for rows.Next() {
		var f dialect.File
		if err := rows.Scan(&f.ID, &f.Table.Schema, &f.Table.Name, &f.Index, &f.Place); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, fault(rows.Err(), "")
}

// Calibrate works on a table beside the other.
func (s *session) Calibrate(ctx context.Context, t safety.Name, rows int64) (r safety.Rates, bytes int64, err error) {
	cal := qualified(t.Schema, dialect.Calibration)
	if err := s.Exec(ctx, "SET max_parallel_workers_per_gather = 0"); err != nil {
		return r, 0, err
	}
	var write, scan, build time.Duration
	write, err = s.timed(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT (random() * 2147483647)::int AS made_up, t.* FROM %s t LIMIT %d", cal, qualified(t.Schema, t.Name), rows))
	if err == nil {
		defer func() { err = errors.Join(err, s.Exec(context.WithoutCancel(ctx), "DROP TABLE "+cal)) }()
		err = fault(s.conn.QueryRowContext(ctx, "SELECT pg_catalog.pg_table_size("+literal(cal)+")").Scan(&bytes), "")
	}
	if err == nil {
		scan, err = s.timed(ctx, "SELECT count(*) FROM "+cal)
	}
	if err == nil {
		build, err = s.timed(ctx, "CREATE INDEX ON "+cal+" (made_up)")
	}
	err = errors.Join(err, s.Exec(context.WithoutCancel(ctx), "RESET max_parallel_workers_per_gather"))
	return safety.Rates{Scan: safety.Rate(bytes, scan), Rewrite: safety.Rate(bytes, write), Build: safety.Rate(bytes, build)}, bytes, err
}

func (s *session) timed(ctx context.Context, sql string) (time.Duration, error) {
	start := time.Now()
	err := s.Exec(ctx, sql)
	return time.Since(start), err
}

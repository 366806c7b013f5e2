package postgres

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Reader = (*session)(nil)

// Read runs a query that can change nothing. With row_security off the server refuses to read only some of the rows.
func (s *session) Read(ctx context.Context, limit time.Duration, query string, row func([]string, []*string) error) error {
	read := false
	err := s.readUnder(ctx, limit, "", query, func(names []string, values []*string) error {
		read = true
		return row(names, values)
	})
	if read || !findsNothing(err, object.ID{}) {
		return err
	}
	path, pathErr := s.pathOfAll(ctx, "")
	if pathErr != nil {
		return err
	}
	return s.readUnder(ctx, limit, "; SET LOCAL search_path = "+path, query, row)
}

func (s *session) readUnder(ctx context.Context, limit time.Duration, setting, query string, row func([]string, []*string) error) (err error) {
	ms := strconv.FormatInt(max(1, limit.Milliseconds()), 10)
	if err := s.Exec(ctx, "BEGIN READ ONLY; SET LOCAL row_security = off; SET LOCAL statement_timeout = "+ms+setting); err != nil {
		return err
	}
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, s.Exec(clean, "ROLLBACK"))
	}()
	return fault(dialect.EachRow(ctx, s.conn, query, row), query)
}

// Estimate reads what the last ANALYZE found, of a partitioned table in all its parts.
func (s *session) Estimate(ctx context.Context, table object.ID) (int64, bool, error) {
	var rows sql.NullFloat64
	err := s.conn.QueryRowContext(ctx, `
WITH RECURSIVE part AS (
  SELECT pg_catalog.to_regclass($1)::oid AS oid
  UNION ALL SELECT i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid)
SELECT pg_catalog.sum(nullif(c.reltuples, -1)) FROM part JOIN pg_catalog.pg_class c ON c.oid = part.oid AND c.relkind <> 'p'`,
		qualified(table.Schema, table.Name)).Scan(&rows)
	return int64(rows.Float64), rows.Valid, fault(err, "")
}

// Values spells where data is.
func (s *session) Values(id object.ID) (table, value string, ok bool) {
	switch id.Kind {
	case "table":
		return qualified(id.Schema, id.Name), "", true
	case "column":
		return tableOf(id), ident(id.Name) + "::text", true
	}
	return "", "", false
}

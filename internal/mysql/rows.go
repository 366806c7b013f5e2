package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Reader = (*session)(nil)

// Read runs a query that can change nothing.
func (s *session) Read(ctx context.Context, limit time.Duration, query string, row func([]string, []*string) error) (err error) {
	if err := s.Exec(ctx, "START TRANSACTION READ ONLY"); err != nil {
		return err
	}
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, s.Exec(clean, "ROLLBACK"))
	}()
	return s.flavor.fault(dialect.EachRow(ctx, s.conn, s.limited(query, limit), row), query)
}

// limited writes into a SELECT how long it may take (MySQL manual, "Optimizer Hints"; MariaDB, "SET STATEMENT").
func (s *session) limited(query string, limit time.Duration) string {
	ms := max(1, limit.Milliseconds())
	if s.flavor.mariadb {
		return fmt.Sprintf("SET STATEMENT max_statement_time = %d.%03d FOR %s", ms/1000, ms%1000, query)
	}
	return strings.Replace(query, "SELECT ", fmt.Sprintf("SELECT /*+ MAX_EXECUTION_TIME(%d) */ ", ms), 1)
}

// Estimate reads the statistics of the table.
func (s *session) Estimate(ctx context.Context, table object.ID) (int64, bool, error) {
	var rows sql.NullInt64
	err := s.conn.QueryRowContext(ctx, "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = "+
		literal(s.databaseOf(table))+" AND TABLE_NAME = "+literal(table.Name)).Scan(&rows)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return rows.Int64, rows.Valid, s.flavor.fault(err, "")
}

// Values spells where data is.
func (s *session) Values(id object.ID) (table, value string, ok bool) {
	switch id.Kind {
	case "table":
		return qualified(id.Schema, id.Name), "", true
	case "column":
		return tableOf(id), "CAST(" + ident(id.Name) + " AS CHAR)", true
	}
	return "", "", false
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
)

var _ dialect.Limited = (*session)(nil)

// Limit sets the server's own timeouts for the session.
func (s *session) Limit(ctx context.Context, statement, lock time.Duration) error {
	set := func(name string, d time.Duration) string {
		if d <= 0 {
			return "RESET " + name
		}
		return fmt.Sprintf("SET %s = %d", name, max(1, d.Milliseconds()))
	}
	return s.Exec(ctx, set("statement_timeout", statement)+"; "+set("lock_timeout", lock))
}

// Transient errors are a lock timeout, a deadlock and a conflict of serialization (PostgreSQL manual, "PostgreSQL Error
// Codes").
func (s *session) Transient(err error) bool {
	var f *serverFault
	return errors.As(err, &f) && slices.Contains([]string{"55P03", "40P01", "40001"}, f.code)
}

// Tidy drops the index that a concurrent build left unfinished: the server keeps it, marked invalid, writers keep it up, and
// its name is taken (PostgreSQL manual, "CREATE INDEX", "Building Indexes Concurrently").
func (s *session) Tidy(ctx context.Context, step *plan.Step) (string, error) {
	if step.Builds == "" {
		return "", nil
	}
	var left bool
	err := s.conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid = to_regclass("+literal(step.Builds)+") AND NOT indisvalid)").Scan(&left)
	if err != nil || !left {
		return "", fault(err, "")
	}
	if err := s.Limit(ctx, 0, 0); err != nil {
		return "", err
	}
	return "index " + step.Builds, s.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+step.Builds)
}

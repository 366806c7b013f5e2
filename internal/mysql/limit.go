package mysql

import (
	"context"
	"fmt"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
)

var _ dialect.Limited = (*session)(nil)

// Limit sets how long the session waits for locks. The servers have no limit for statements that change objects.
func (s *session) Limit(ctx context.Context, statement, lock time.Duration) error {
	if statement > 0 {
		return diag.Errorf(diag.Pos{}, "no-statement-timeout", "MySQL and MariaDB know no longest time for a statement that changes a table").
			WithHint("leave --statement-timeout out; --statement-lock-timeout limits how long one waits for others")
	}
	value := "DEFAULT"
	if lock > 0 {
		value = fmt.Sprint(max(1, int(lock.Round(time.Second).Seconds())))
	}
	return s.Exec(ctx, "SET SESSION lock_wait_timeout = "+value+", innodb_lock_wait_timeout = "+value)
}

// Transient errors are lock timeouts and deadlocks.
func (s *session) Transient(err error) bool { return hasNumber(err, 1205, 1213, 3572, 3058) }

// Tidy has nothing to do: a statement is done wholly or not at all.
func (s *session) Tidy(context.Context, *plan.Step) (string, error) { return "", nil }

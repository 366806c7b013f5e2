package dialect_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
)

func TestLost(t *testing.T) {
	err := fmt.Errorf("read: %w", dialect.Lost(fmt.Errorf("x: %w", driver.ErrBadConn), driver.ErrBadConn))
	again := dialect.Lost(err, driver.ErrBadConn)
	if !errors.Is(again, driver.ErrBadConn) || strings.Count(again.Error(), "the connection is gone") != 1 {
		t.Error(again)
	}
	if got := dialect.Lost(errors.New("other"), driver.ErrBadConn); got.Error() != "other" {
		t.Errorf("another error is %v now", got)
	}
	if got := dialect.Lost(nil, driver.ErrBadConn); got != nil {
		t.Errorf("no error is %v now", got)
	}
}

package dialect

import (
	"context"

	"github.com/schemactl/schemactl/internal/object"
)

// Grower is a session that can put as many made-up rows into its tables as are wanted.
type Grower interface {
	// Grow puts made-up rows into all tables, as Fill of a Lender does, and more into those that are wanted larger. It tells
	// of these how many rows they hold, and why they hold no more.
	Grow(ctx context.Context, current, desired *object.State, wanted map[object.ID]int64) ([]Rows, error)
}

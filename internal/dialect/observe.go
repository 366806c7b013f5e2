package dialect

import (
	"context"

	"github.com/schemactl/schemactl/internal/safety"
)

// Observer is a session that sees what the statements of another one do to tables.
type Observer interface {
	// Backend is the number by which the server knows the session.
	Backend(ctx context.Context) (int64, error)
	// Observe tells what the session with that number holds and does at this moment. Where the server does not tell, the
	// error says why.
	Observe(ctx context.Context, backend int64) (Observed, error)
	// Files tells where the rows of tables and of their indexes lie. The session sees its own changes, committed or not.
	Files(ctx context.Context, tables []safety.Name) ([]File, error)
}

// Observed is what a session holds and does at a moment.
type Observed struct {
	Locks []safety.Lock
	// Copies says that it copies a table row by row.
	Copies bool
}

// File is where the server keeps a table or an index. Place differs once it was written anew.
type File struct {
	ID    string
	Table safety.Name
	Index string // empty: the rows of the table
	Place string
}

// Calibrator is a session that can measure how fast its server works.
type Calibrator interface {
	// Calibrate reads, writes and indexes at most so many rows of a table, on a copy that it drops, and tells the rates and how
	// many bytes that was.
	Calibrate(ctx context.Context, table safety.Name, rows int64) (safety.Rates, int64, error)
}

// Calibration is the name of that copy.
const Calibration = "schemactl_calibration"

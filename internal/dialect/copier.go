package dialect

import (
	"context"

	"github.com/schemactl/schemactl/internal/object"
)

// CopyFacts are what an outside tool that copies a table must cope with.
type CopyFacts struct {
	Database  string
	Table     string
	UniqueKey bool     // a primary key or unique index, by which rows are told apart
	Triggers  []string // of the table
	Parents   []string // its foreign keys
	Children  []string // foreign keys that refer to it
	Checks    []string // constraints whose names a copy would not keep
}

// Copier is a session whose tables outside tools can copy.
type Copier interface {
	CopyFacts(ctx context.Context, table object.ID) (CopyFacts, error)
}

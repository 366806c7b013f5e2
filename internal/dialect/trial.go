package dialect

import (
	"context"

	"github.com/schemactl/schemactl/internal/object"
)

// Trial is what a database is lent for: a plan is tried on a copy of another database.
type Trial struct {
	Scope Scope
	// Own means that nobody else uses the server, so that what a whole server has once, such as roles, may be made on it.
	Own bool
	// States are the states that the copy goes through.
	States []*object.State
}

// Lender is a session whose database can be lent for a trial.
type Lender interface {
	// TrialScope is the scope of all that a copy of a database with that scope must hold.
	TrialScope(s Scope) Scope
	// Lend runs f on the database, which must be empty, and leaves nothing of what f made in a database that is not for
	// this use alone; also when f fails, or when the context ends.
	Lend(ctx context.Context, t Trial, f func(context.Context) error) error
	// Fill puts made-up rows into all tables. They satisfy the constraints of the current state, and where that is
	// possible those of the desired one too.
	Fill(ctx context.Context, current, desired *object.State) ([]Rows, error)
	// Digest tells what a table holds: its rows, and their values in the columns.
	Digest(ctx context.Context, table object.ID, columns []string) (Digest, error)
}

// Rows tells of a table that was to be filled.
type Rows struct {
	Table   object.ID `json:"table"`
	Count   int64     `json:"count"`
	Columns []string  `json:"columns,omitempty"` // those that store values
	Reason  string    `json:"reason,omitempty"`  // why it holds none
}

// Digest tells two contents of a table apart.
type Digest struct {
	Count  int64
	Sum    string           // of the values in all columns
	Filled map[string]int64 // the values of each column that are not NULL
}

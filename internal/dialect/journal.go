package dialect

import (
	"context"
	"errors"

	"github.com/schemactl/schemactl/internal/plan"
)

// The states of a journal's entries.
const (
	Planned = "planned"
	Started = "started"
	Done    = "done"
)

// Entry is one statement of a run in its journal.
type Entry struct {
	N       int        `json:"n"`
	Step    *plan.Step `json:"step"`
	State   string     `json:"state"`
	Witness string     `json:"witness,omitempty"` // what the server told of the statement's objects before it started
	At      string     `json:"at,omitempty"`      // when the state was written, as the writer's clock has it
}

// Journal remembers how far a run came that cannot be rolled back, even if schemactl is killed.
type Journal interface {
	// Read returns the entries of a run that did not end well, in their order; none when there is no such run.
	Read(ctx context.Context) ([]Entry, error)
	// Begin forgets them and writes down what is going to run.
	Begin(ctx context.Context, steps []*plan.Step) error
	// Start and Done frame a statement.
	Start(ctx context.Context, n int, witness string) error
	Done(ctx context.Context, n int) error
	// End removes the journal: the run is complete.
	End(ctx context.Context) error
}

// ErrNoJournal is what Begin fails with when the user may not keep a journal in the database.
var ErrNoJournal = errors.New("the user may not make the journal's table")

// Journaler is a session whose statements commit by themselves.
type Journaler interface {
	// Journal is the journal in the database.
	Journal() Journal
	// Witness is what the server tells of the objects of a step: it is another after the step than before. It is empty
	// when none of them is there.
	Witness(ctx context.Context, step *plan.Step) (string, error)
}

package dialect

import (
	"fmt"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Phaser is a dialect in which a column can give way to a new one beside it, in steps that programs of before and after
// survive: the new column is added and kept in step, the rows that are there are filled, and in a later release it takes
// the place of the old one.
type Phaser interface {
	// Phased lists the columns that the changes between two states rename, or whose rows they would write anew or read
	// under a lock, and says of each why it cannot give way in phases, if so.
	Phased(current, desired *object.State, changes []plan.Change) []Phased
	// Phase makes the phases of columns that can, where these and what rests on them are all that differs.
	Phase(current, desired *object.State, columns []Phased, server kind.Server) (*Phases, error)
}

// Phased is a column that gives way to a new one.
type Phased struct {
	// From and To are its names before and after. The table is called in both as in the desired state.
	From, To object.ID
	// Why says what the direct way costs: "it gets another type: the table is written anew, and locked meanwhile".
	Why string
	// Refused says why it cannot give way in phases; empty: it can.
	Refused string
}

// Hints offer the phases to who is about to go the direct way: for some of the columns that can give way, in a line each,
// and for the others together.
func Hints(columns []Phased) []string {
	const most = 5
	var out []string
	n := 0
	for _, p := range columns {
		if p.Refused != "" {
			continue
		}
		if n++; n <= most {
			out = append(out, "note: "+p.To.String()+": "+p.Why+"; schemactl migrate diff --phased makes it over two releases")
		}
	}
	if n > most {
		out = append(out, fmt.Sprintf("note: so it is with %d more of the columns", n-most))
	}
	return out
}

// Phases are what leads from one state to another, in the order in which they run. What is small and left to do in the
// end (defaults, comments, privileges) is not in them: it is what still differs after Switch.
type Phases struct {
	// Expand adds the new columns, and keeps them in step with the old ones: one transaction.
	Expand []*plan.Step
	// Fill fills the rows that are there, and builds what hinders no program of before: outside of transactions.
	Fill []*plan.Step
	// Build makes what rests on the new columns and might hinder programs of before: outside of transactions.
	Build []*plan.Step
	// Switch puts the new columns in the place of the old ones: one short transaction.
	Switch []*plan.Step
	// InStep ask whether old and new columns say the same, and so whether the old ones may go.
	InStep []plan.Check
}

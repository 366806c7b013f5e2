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

// ColumnChange is a column that a plan renames or alters, under its names in the current and in the desired state.
type ColumnChange struct{ Live, To object.ID }

// ColumnChanges finds the columns that a plan renames or alters, those of renamed tables included.
func ColumnChanges(changes []plan.Change) []ColumnChange {
	type table struct{ schema, name string }
	of := func(id object.ID) table { return table{id.Schema, id.Table} }
	tables := map[table]object.ID{} // by their new names
	for _, ch := range changes {
		if ch.ID.Kind == "table" && !ch.RenamedFrom.IsZero() {
			tables[table{ch.ID.Schema, ch.ID.Name}] = ch.RenamedFrom
		}
	}
	var out []ColumnChange
	for _, ch := range changes {
		if ch.ID.Kind != "column" || ch.Action != "rename" && ch.Action != "alter" {
			continue
		}
		live := ch.ID
		if was, ok := tables[of(ch.ID)]; ok {
			live.Schema, live.Table = was.Schema, was.Name
		}
		if !ch.RenamedFrom.IsZero() {
			live = ch.RenamedFrom
		}
		out = append(out, ColumnChange{live, ch.ID})
	}
	return out
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
	// Expand adds the new columns, and keeps them in step with the old ones: one transaction, where the server has such.
	Expand []*plan.Step
	// Fill fills the rows that are there, and builds what hinders no program of before: outside of transactions.
	Fill []*plan.Step
	// Build makes what rests on the new columns and might hinder programs of before: outside of transactions.
	Build []*plan.Step
	// Anew means that Build writes tables anew to make columns NOT NULL, while others write.
	Anew bool
	// Switch puts the new columns in the place of the old ones: one short transaction, or statements between which no write
	// is lost.
	Switch []*plan.Step
	// InStep ask whether old and new columns say the same, and so whether the old ones may go.
	InStep []plan.Check
}

package plan

import (
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

// Proof tells how a plan did on a copy of the database.
type Proof struct {
	Proven bool   `json:"proven"`
	Server string `json:"server"` // where the copy was, for people
	// Tables and Rows count what was made up; Empty names the tables that hold none.
	Tables int        `json:"tables"`
	Rows   int64      `json:"rows"`
	Empty  []Unfilled `json:"empty,omitempty"`
	// Converted are the columns whose values came out different, in a way that the plan says they do.
	Converted []object.ID `json:"converted,omitempty"`
	Failures  []Disproof  `json:"failures,omitempty"`
	Undo      Undo        `json:"undo"`
	// Untried are the steps that reach out to other servers, and were left out.
	Untried []string `json:"untried,omitempty"`
}

// Unfilled is a table that could not be given rows.
type Unfilled struct {
	Table  object.ID `json:"table"`
	Reason string    `json:"reason"`
}

// The stages of a proof.
const (
	StageCopy  = "copy"  // the current state could not be made again
	StageApply = "apply" // a statement failed
	StageState = "state" // the statements lead elsewhere
	StageRows  = "rows"  // rows are gone or changed
	StageUndo  = "undo"  // what is said to undo a statement does not
)

// Disproof is one reason why a plan is not proven.
type Disproof struct {
	Stage     string    `json:"stage"`
	Object    object.ID `json:"object,omitzero"`
	Message   string    `json:"message"`
	Statement string    `json:"statement,omitempty"`
	Pos       diag.Pos  `json:"pos,omitzero"`
}

// Undo tells whether the reverse statements lead back.
type Undo struct {
	Complete bool     `json:"complete"`          // they lead back to the current schema
	Cannot   []string `json:"cannot,omitempty"`  // what cannot be undone
	Differs  []string `json:"differs,omitempty"` // what comes back otherwise than it was
	Loses    []string `json:"loses,omitempty"`   // what does not come back
}

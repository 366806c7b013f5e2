// Package plan holds what is to be done: Steps, the one graph that orders them, and the Plan that apply, reviews and
// migration files read. It knows no dialect, no kind by name, and runs nothing.
package plan

import (
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/safety"
)

// Op is what a step does to its object.
type Op string

// The operations of a step.
const (
	Create Op = "create"
	Alter  Op = "alter"
	Drop   Op = "drop"
)

// Ref points at the step that does Op to an object.
type Ref struct {
	Op Op
	ID object.ID
}

// Step is one statement and all that is known of it. Kinds make steps; Order arranges and folds them.
type Step struct {
	ID      object.ID `json:"object"`            // the object that the statement is about
	Owner   object.ID `json:"owner"`             // what people look for it under: the table of a column, else itself
	Op      Op        `json:"op"`                // what happens to it
	SQL     string    `json:"sql"`               // without a closing semicolon
	Comment string    `json:"comment,omitempty"` // what the statement does, for people
	Reverse []string  `json:"reverse,omitempty"` // undoes the statement; empty when nothing can
	Pos     diag.Pos  `json:"pos,omitzero"`      // the declaration that caused it

	// Loses says what data or behaviour is gone for good; a step that loses something needs the user's word.
	Loses string `json:"loses,omitempty"`
	// MayChange says what may be written in another way afterwards, and mean the same; data checks find the rows where it
	// does not.
	MayChange string `json:"may_change,omitempty"`
	// Masked marks a statement that holds a secret, which SQL shows without it; what is run is in memory only.
	Masked bool `json:"masked,omitempty"`
	hidden string
	// NoTx marks a statement that the server refuses inside a transaction block.
	NoTx bool `json:"no_tx,omitempty"`
	// Data marks a statement that changes rows and no object, and may run again: no catalog tells whether it ran.
	Data bool `json:"data,omitempty"`
	// CommitAfter marks a statement whose effect later steps may use only after a commit.
	CommitAfter bool `json:"commit_after,omitempty"`
	// Alone marks a statement that gets a transaction of its own: one that reads a whole table under a weak lock, and must
	// not hold the strong ones of others meanwhile.
	Alone bool `json:"alone,omitempty"`
	// Pace says how long the statement may take; see Pace.
	Pace Pace `json:"pace,omitempty"`
	// Online names the way of splitting a change that the statement is a part of, and Why tells what it is good for. Both
	// are empty where the change is made directly.
	Online string `json:"online,omitempty"`
	Why    string `json:"why,omitempty"`
	// Busy are the tables that others use meanwhile, and that the statement locks.
	Busy []object.ID `json:"busy,omitempty"`
	// Builds is the quoted name of the index that the statement builds, and leaves behind unusable when it fails.
	Builds string `json:"builds,omitempty"`
	// UndoneAlong marks a statement that needs no reverse of its own: what undoes another one of the change undoes it too.
	UndoneAlong bool `json:"undone_along,omitempty"`
	// Runs says how the server carries the statement out; nil where that is not known.
	Runs *Runs `json:"runs,omitempty"`
	// Facts are what the statement costs on the live tables: locks, rows read and written anew; nil where nothing.
	Facts *safety.Facts `json:"facts,omitempty"`
	// Tool, if set, runs instead of the statement.
	Tool *Tool `json:"tool,omitempty"`
	// Parts are the other objects that the statement serves, after folding: the columns of a CREATE TABLE.
	Parts []Part `json:"parts,omitempty"`

	// What the ordering graph reads. Makes and Drops are what the step brings or takes; Needs must be there before;
	// Releases are the needs of the object before the step, which can go once it is done.
	Makes    []object.ID `json:"-"`
	Needs    []object.ID `json:"-"`
	Drops    []object.ID `json:"-"`
	Releases []object.ID `json:"-"`
	// Completes are objects that others had better wait for until this step is done.
	Completes []object.ID `json:"-"`
	Prefers   []object.ID `json:"-"` // better made before the step, where nothing speaks against it
	Takes     []string    `json:"-"` // claims of the object after the step
	Frees     []string    `json:"-"` // claims that the step gives back
	Ahead     bool        `json:"-"` // of what makes a replaced object: done before the old one goes
	Late      bool        `json:"-"` // ordered last, with the split changes
	Weight    int         `json:"-"` // breaks ties: a lower weight comes first among creates, last among drops
	Seq       int         `json:"-"` // the place of a column in its table, to keep the order of clauses

	// Into names a step that can carry this one: CREATE TABLE carries its columns, DROP TABLE the drop of its indexes.
	Into Ref `json:"-"`
	// Fold rewrites a carrying step once it is known which steps it carries.
	Fold func(host *Step, parts []*Step) error `json:"-"`
	// Remake tells what undoes a drop, if set, once it is known which drops go along with it. It is empty when nothing can.
	Remake func(parts []*Step) []string `json:"-"`
	apart  bool                         // what it told are several statements, not clauses of one
	// Prefix and Clause are the two halves of SQL for steps of equal Into that can share one statement, as in
	// ALTER TABLE t <clause>, <clause>. Empty when the statement stands alone.
	Prefix string `json:"-"`
	Clause string `json:"-"`
	// Tail ends the statement, behind all clauses and without a comma; TailReverse ends the one that undoes it.
	Tail, TailReverse string `json:"-"`
	// Class parts the steps of one Prefix: only those of equal Class share a statement.
	Class string `json:"-"`
	// Bound steps share their statement because the server takes them only together: others leave it first.
	Bound bool `json:"-"`
	// Setting names what the session must be set to while the statement runs, which the dialect spells; all steps of one
	// Prefix have the same.
	Setting string `json:"-"`
}

// Pace is how long a statement may take, by its nature.
type Pace string

// The paces. Of all other statements nothing is known.
const (
	// Brief statements only write to the catalog: one that takes long waits for something, and others wait for it.
	Brief Pace = "brief"
	// Slow statements read or write many rows, and nobody waits for them meanwhile.
	Slow Pace = "slow"
)

// Hide keeps the statement to be run, which holds a secret, apart from the one that is shown.
func (s *Step) Hide(sql string) { s.Masked, s.hidden = true, sql }

// Statement is what is to be run. ok is false for a step of a saved plan whose secret was not saved.
func (s *Step) Statement() (sql string, ok bool) {
	if !s.Masked {
		return s.SQL, true
	}
	return s.hidden, s.hidden != ""
}

// Masked returns the first step that holds a secret, or nil.
func (p *Plan) Masked() *Step {
	for _, s := range p.Steps() {
		if s.Masked {
			return s
		}
	}
	return nil
}

// Part is an object that a folded step serves besides its own.
type Part struct {
	Op      Op        `json:"op"`
	ID      object.ID `json:"object"`
	Comment string    `json:"comment,omitempty"`
	Pos     diag.Pos  `json:"pos,omitzero"`
	Loses   string    `json:"loses,omitempty"`
	// MayChange is as that of a step.
	MayChange string `json:"may_change,omitempty"`
}

// Destructive reports whether the step, or a part of it, loses data.
func (s *Step) Destructive() bool { return len(s.Losses()) > 0 }

// Losses lists what the step and its parts lose.
func (s *Step) Losses() []string {
	return s.said(s.Loses, func(p Part) string { return p.Loses })
}

// MayChanges lists what the step and its parts may write in another way.
func (s *Step) MayChanges() []string {
	return s.said(s.MayChange, func(p Part) string { return p.MayChange })
}

func (s *Step) said(own string, of func(Part) string) []string {
	var out []string
	if own != "" {
		out = append(out, own)
	}
	for _, p := range s.Parts {
		if said := of(p); said != "" {
			out = append(out, said)
		}
	}
	return out
}

// Edit is how a kind carries out a change of an existing object: in place, or by replacement. Use InPlace and
// Replace to make one.
type Edit struct {
	Steps []Step
	// Reason is set when the object cannot be altered and must be dropped and made again.
	Reason string
	// Disturbs tells whether a dependent must be taken down while the steps run and put back afterwards; nil: none.
	Disturbs func(dependent *object.Object) bool
}

// InPlace is an edit that alters the object where it stands.
func InPlace(steps ...Step) Edit { return Edit{Steps: steps} }

// Replace is an edit that drops the object and makes it again, because of reason.
func Replace(reason string) Edit { return Edit{Reason: reason} }

// Replaced reports whether the object must be dropped and made again.
func (e Edit) Replaced() bool { return e.Reason != "" }

package plan

import (
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/safety"
)

// Segment is what runs together: one transaction, or one statement outside any.
type Segment struct {
	Transactional bool    `json:"transactional"`
	Steps         []*Step `json:"steps"`
}

// Change is a difference as a plan tells it: what the user reads above the SQL.
type Change struct {
	Action string    `json:"action"` // add, drop, alter, replace, rename
	ID     object.ID `json:"object"`
	Parent object.ID `json:"parent,omitzero"`
	Owner  object.ID `json:"owner"` // what people look for it under
	Attrs  []Attr    `json:"attributes,omitempty"`
	Reason string    `json:"reason,omitempty"`
	// RenamedFrom is what the object is called until then; a renamed object may be altered besides.
	RenamedFrom object.ID `json:"renamed_from,omitzero"`
	Pos         diag.Pos  `json:"pos,omitzero"`
}

// Attr is one attribute that differs.
type Attr struct {
	Name string `json:"name"`
	From any    `json:"from"`
	To   any    `json:"to"`
}

// Plan is everything between two states: what differs, and what to run in which order.
type Plan struct {
	Format   string         `json:"format"`
	Dialect  string         `json:"dialect"`
	Server   string         `json:"server"` // identity of the server and database that the plan was made for
	Target   string         `json:"target"` // the server for people, as in "PostgreSQL 18.4"
	Sources  []string       `json:"sources,omitempty"`
	Digest   string         `json:"digest,omitempty"`  // hash of the source files
	Partial  bool           `json:"partial,omitempty"` // some differences are left out by the user's rules
	Current  string         `json:"current"`           // fingerprint of the current state
	Desired  string         `json:"desired"`           // fingerprint of the desired state
	Changes  []Change       `json:"changes"`
	Segments []Segment      `json:"segments"`
	Ledger   []object.Entry `json:"ledger,omitempty"`
	Notes    []string       `json:"notes,omitempty"`   // what was declared and has no effect
	Checks   []Check        `json:"checks,omitempty"`  // what it asks the rows before it runs
	Proof    *Proof         `json:"proof,omitempty"`   // how it did on a copy, where that was asked for
	Queries  *Queries       `json:"queries,omitempty"` // what becomes of known queries, where that was asked for
	// Tables is what rules need to know of the tables that the plan touches, so that a saved one is reviewed without them.
	Tables *safety.Saved `json:"tables,omitempty"`
	// Seal is the hash of all the rest in a saved plan: it shows whether somebody changed the file.
	Seal string `json:"seal,omitempty"`
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Segments) == 0 }

// Steps lists the steps of all segments in order.
func (p *Plan) Steps() []*Step {
	var out []*Step
	for _, s := range p.Segments {
		out = append(out, s.Steps...)
	}
	return out
}

// Prepend puts steps before all others, each for itself.
func (p *Plan) Prepend(steps []*Step) {
	segments := make([]Segment, 0, len(steps)+len(p.Segments))
	for _, s := range steps {
		segments = append(segments, Segment{Steps: []*Step{s}})
	}
	p.Segments = append(segments, p.Segments...)
}

// Losses lists what the plan loses for good.
func (p *Plan) Losses() []string {
	var out []string
	for _, s := range p.Steps() {
		out = append(out, s.Losses()...)
	}
	return out
}

// Risks lists what the plan loses for good, and what it may lose of values that rows were not seen to be without.
func (p *Plan) Risks() []string {
	out := p.Losses()
	for _, c := range p.Checks {
		switch r := c.Result; {
		case c.Lossy == "" || slices.Contains(out, c.Lossy):
		case r == nil || r.NotChecked != "" || r.Refusal != "":
			out = append(out, c.Lossy+" (no row was asked)")
		case r.Failed():
			out = append(out, fmt.Sprintf("%s in %d of its rows", c.Lossy, r.Found))
		}
	}
	return out
}

package plan

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/safety"
)

// Format is written into saved plans; a reader refuses what it does not know.
const Format = "schemactl-plan-1"

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

// Write saves the plan as JSON.
func (p *Plan) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(p)
}

// Read reads a saved plan.
func Read(r io.Reader) (*Plan, error) {
	var p Plan
	if err := json.NewDecoder(r).Decode(&p); err != nil {
		return nil, fmt.Errorf("not a saved plan: %w", err)
	}
	if p.Format != Format {
		return nil, fmt.Errorf("not a saved plan that this version reads: format %q, want %q", p.Format, Format)
	}
	return &p, nil
}

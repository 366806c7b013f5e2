// Package drift tells in what a live database is not what it should be, what each difference means, and the two ways out:
// the SQL that puts the database back and the declarations that accept it. It changes no database.
package drift

import (
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

// Format is written into JSON reports.
const Format = "schemactl-drift-1"

// Direction tells on which side an object, or a value of it, is.
type Direction string

// The directions, as seen from the live side.
const (
	Extra   Direction = "has"     // live has what should not be there
	Missing Direction = "lacks"   // live lacks what should be there
	Differs Direction = "differs" // both have it, not alike
)

// Class says what a difference means.
type Class string

// The classes.
const (
	EmergencyIndex Class = "emergency-index"
	ManualWidening Class = "manual-widening"
	ManagedNoise   Class = "managed-noise"
	Dangerous      Class = "dangerous"
	ManualChange   Class = "manual-change"
)

// Classes lists them, the gravest first.
func Classes() []Class {
	return []Class{Dangerous, ManualChange, ManualWidening, EmergencyIndex, ManagedNoise}
}

// Attr is an attribute that differs.
type Attr struct {
	Name    string `json:"name"`
	Desired any    `json:"desired"`
	Live    any    `json:"live"`
}

// Statement is a piece of the way back.
type Statement struct {
	SQL     string `json:"sql"`
	Comment string `json:"comment,omitempty"`
	// Loses says what data is gone after it.
	Loses string `json:"loses,omitempty"`
}

// Difference is one object that is not what it should be.
type Difference struct {
	ID        object.ID   `json:"object"`
	Owner     object.ID   `json:"owner"` // what people look for it under
	Direction Direction   `json:"direction"`
	Attrs     []Attr      `json:"attributes,omitempty"`
	Parts     []object.ID `json:"parts,omitempty"` // what is missing, or extra, along with it
	Class     Class       `json:"class"`
	Why       string      `json:"why,omitempty"` // what makes it of this class
	Pos       diag.Pos    `json:"pos,omitzero"`  // where it is declared
	// Unmanaged marks what plans do not change; the way back, if there is one, stands in Fix.
	Unmanaged bool        `json:"unmanaged,omitempty"`
	Fix       []Statement `json:"fix,omitempty"`
	// Accepted, if set, is the acceptance that covers it; one that has expired covers nothing any more.
	Accepted *Acceptance `json:"accepted,omitempty"`
	Expired  bool        `json:"expired,omitempty"`
}

// Counts reports whether the difference makes the database drifted.
func (d *Difference) Counts() bool {
	return d.Class != ManagedNoise && (d.Accepted == nil || d.Expired)
}

// Acceptance says that a difference is known, and until when.
type Acceptance struct {
	Object string    `json:"object"` // a glob of kind and name, as in "index public.users_*"
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason,omitempty"`
	Pos    diag.Pos  `json:"pos,omitzero"`
}

// Ignored counts what a rule left out.
type Ignored struct {
	Rule    string   `json:"rule"`
	Count   int      `json:"count"`
	Objects []string `json:"objects"`
}

// Report is all that was found.
type Report struct {
	Format      string       `json:"format"`
	Target      string       `json:"target"`  // the server, for people
	Desired     string       `json:"desired"` // what the database was held against
	Drifted     bool         `json:"drifted"`
	Differences []Difference `json:"differences"`
	Ignored     []Ignored    `json:"ignored,omitempty"`
	// Back is the way back for all differences together, in the order in which it runs.
	Back []Statement `json:"back,omitempty"`
	// Accept are the changes of files that would accept all that can be declared.
	Accept []Edit   `json:"accept,omitempty"`
	Notes  []string `json:"notes,omitempty"`
}

// Count tells how many differences are of a class.
func (r *Report) Count(c Class) int {
	n := 0
	for i := range r.Differences {
		if r.Differences[i].Class == c {
			n++
		}
	}
	return n
}

// Open lists the differences that count.
func (r *Report) Open() []*Difference {
	var out []*Difference
	for i := range r.Differences {
		if d := &r.Differences[i]; d.Counts() {
			out = append(out, d)
		}
	}
	return out
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Differences, func(a, b Difference) int {
		if c := object.Compare(a.Owner, b.Owner); c != 0 {
			return c
		}
		return object.Compare(a.ID, b.ID)
	})
}

// Describe says what the class is of.
func (c Class) Describe() string {
	switch c {
	case EmergencyIndex:
		return "an index that only the database has"
	case ManualWidening:
		return "something takes more than what is declared; all data fits both"
	case ManagedNoise:
		return "something that a managed service brings; it does not count as drift"
	case Dangerous:
		return "something is missing, or no longer kept, guarded or seen"
	}
	return "something was changed by hand"
}

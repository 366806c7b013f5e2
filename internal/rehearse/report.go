package rehearse

import (
	"time"

	"github.com/schemactl/schemactl/internal/safety"
)

// Report is what a rehearsal measured.
type Report struct {
	Server string `json:"server"`
	// Made are the tables that were filled with made-up rows.
	Made  []Made `json:"made,omitempty"`
	Steps []Step `json:"steps"`
	// Probed are the tables that were read and written meanwhile; Left are those that were too many.
	Probed []string `json:"probed"`
	Left   []string `json:"not_probed,omitempty"`
	// Untried are statements that were left out because they reach out to other servers.
	Untried []string `json:"untried,omitempty"`
	// Unseen says why no locks, or no rewrites, could be seen.
	Unseen []string `json:"unseen,omitempty"`
	// Machine is how fast the server of the copy is; nil: nothing is large enough to tell, as Unmeasured says.
	Machine    *Machine `json:"machine,omitempty"`
	Unmeasured string   `json:"unmeasured,omitempty"`
	// Seconds are those of the whole run.
	Seconds float64 `json:"seconds"`
	// Failure is the fault of the statement at which the run stopped.
	Failure string `json:"failure,omitempty"`
}

// Made is a table with made-up rows.
type Made struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Live  int64  `json:"live_rows"`
	// Reason says why it has not as many as were wanted.
	Reason string `json:"reason,omitempty"`
}

// Machine is what was measured of a server: bytes a second.
type Machine struct {
	safety.Rates
	Table string       `json:"table"`
	Bytes int64        `json:"bytes"`
	Usual safety.Rates `json:"usual"` // of a small server that is busy (docs/costs.md)
}

// Step is one statement of the plan as it ran.
type Step struct {
	SQL     string        `json:"sql"`
	Comment string        `json:"comment,omitempty"`
	Seconds float64       `json:"seconds"`
	Facts   *safety.Facts `json:"facts,omitempty"`
	// Held are the locks that were seen to be held while the statement ran.
	Held []Held `json:"held,omitempty"`
	// Rewritten are the tables whose rows were seen to be written anew, Built the indexes.
	Rewritten []string `json:"rewritten,omitempty"`
	Built     []string `json:"built,omitempty"`
	// Copied means that the server was seen to copy a table row by row.
	Copied bool `json:"copied,omitempty"`
	// Read and Write are the longest waits, in seconds, of a probe that met the statement or its transaction.
	Read  Wait `json:"longest_read"`
	Write Wait `json:"longest_write"`
	// Live is how long the statement may take on the live tables; nil where nobody knows their sizes, or it hardly matters.
	Live *Range `json:"live,omitempty"`

	start, end time.Time
}

// Held is a lock that was seen.
type Held struct {
	Table   string  `json:"table"`
	Mode    string  `json:"mode"`
	Seconds float64 `json:"seconds"`
	// Before means that an earlier statement of the transaction took it.
	Before bool `json:"taken_before,omitempty"`
	// Unforeseen locks keep more people waiting than the table of costs says.
	Unforeseen bool `json:"unforeseen,omitempty"`

	hold safety.Hold
}

// Wait is how long a probe waited.
type Wait struct {
	Seconds float64 `json:"seconds"`
	Table   string  `json:"table,omitempty"`
}

// Range is an estimate with what it rests on.
type Range struct {
	Low   float64 `json:"low_seconds"`
	High  float64 `json:"high_seconds"`
	Basis string  `json:"basis"`
}

package plan

import (
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

// Check is a question to the rows of the database: the server refuses a statement of the plan when it finds any. Kinds
// make them of the changes; they only read.
type Check struct {
	Object object.ID `json:"object"` // the object whose change asks
	Rule   string    `json:"rule"`   // what the rows are held against: not-null, unique, foreign-key, …
	Table  object.ID `json:"table"`  // whose rows are read, under the name that it has now
	// Demand says what the rows must be like: "column public.users.email must not be NULL".
	Demand string `json:"demand"`
	// SQL selects what must not be there, each row by its key; empty where only the server can tell.
	SQL string `json:"sql"`
	// Groups means that SQL selects groups of rows, with the number of rows in the last column.
	Groups bool `json:"groups,omitempty"`
	// Converts means that SQL converts all rows and selects none of interest: the server's refusal is what it finds.
	Converts bool `json:"converts,omitempty"`
	// Lossy is what the server throws away of the values that SQL selects, which it takes: no reason to fail, but for a word.
	Lossy string `json:"lossy,omitempty"`
	// Repair proposes what would mend the rows; it holds dots where a person must choose.
	Repair []string     `json:"repair,omitempty"`
	Pos    diag.Pos     `json:"pos,omitzero"`
	Result *CheckResult `json:"result,omitempty"` // once it was asked
}

// CheckResult is the answer to a check.
type CheckResult struct {
	Found int64 `json:"found"`
	// AtLeast means that there was no time to count to the end.
	AtLeast bool `json:"at_least,omitempty"`
	// Columns name what Examples hold: the keys of some of the rows. A nil is NULL.
	Columns  []string    `json:"columns,omitempty"`
	Examples [][]*string `json:"examples,omitempty"`
	// Refusal is what the server said to a check that converts.
	Refusal string `json:"refusal,omitempty"`
	// NotChecked says why there is no answer.
	NotChecked string `json:"not_checked,omitempty"`
}

// Assertion is a query that returns true exactly when the check finds nothing, or fails where the server refuses a value;
// "" when no query tells, or what it finds stops nothing.
func (c *Check) Assertion() string {
	switch {
	case c.SQL == "" || c.Lossy != "":
		return ""
	case c.Converts:
		return "SELECT (" + c.SQL + ") >= 0"
	}
	return "SELECT NOT EXISTS (" + c.SQL + ")"
}

// Failed reports whether the answer shows that the plan fails.
func (r *CheckResult) Failed() bool { return r != nil && (r.Found > 0 || r.Refusal != "") }

// Failed reports whether the answer shows that the server refuses a statement.
func (c *Check) Failed() bool { return c.Lossy == "" && c.Result.Failed() }

// Checked reports whether the rows were asked.
func (p *Plan) Checked() bool {
	for _, c := range p.Checks {
		if c.Result == nil {
			return false
		}
	}
	return true
}

// FailedChecks lists the checks which show that the plan fails.
func (p *Plan) FailedChecks() []Check {
	var out []Check
	for _, c := range p.Checks {
		if c.Failed() {
			out = append(out, c)
		}
	}
	return out
}

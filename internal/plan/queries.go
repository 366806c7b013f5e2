package plan

import "github.com/schemactl/schemactl/internal/diag"

// Queries tells what becomes of known queries under a plan.
type Queries struct {
	Server  string        `json:"server"` // where they were explained, for people
	Sources []QuerySource `json:"sources"`
	// Fine counts the queries that nothing happens to.
	Fine int `json:"fine"`
	// Affected are all others, the gravest first.
	Affected []AffectedQuery `json:"affected"`
	// Untried are the steps that reach out to other servers, and were left out.
	Untried []string `json:"untried,omitempty"`
}

// QuerySource is where queries come from.
type QuerySource struct {
	Name    string         `json:"name"`
	Queries int            `json:"queries"`
	Left    []QueryLeftOut `json:"left_out,omitempty"`
}

// QueryLeftOut counts statements that were not asked, and says why.
type QueryLeftOut struct {
	Reason string   `json:"reason"`
	Count  int      `json:"count"`
	Places []string `json:"places,omitempty"` // the first of them
}

// Verdict is what becomes of a query.
type Verdict string

// The verdicts, the gravest first.
const (
	Breaks       Verdict = "breaks"            // the server refuses it after the plan
	LosesIndex   Verdict = "loses-index"       // a table is read whole, or sorted, that an index served
	OtherResult  Verdict = "changes-result"    // its result has other columns or types
	OtherIndex   Verdict = "other-index"       // other indexes serve it
	BrokenBefore Verdict = "broken-before"     // the server refuses it before the plan, too
	Mended       Verdict = "works-afterwards"  // the server refuses it before the plan only
	Unclear      Verdict = "index-not-visible" // what the server tells is too little to speak of indexes
)

// AffectedQuery is a query that the plan does something to.
type AffectedQuery struct {
	Name    string   `json:"name"`
	Source  string   `json:"source"`
	Pos     diag.Pos `json:"pos,omitzero"`
	SQL     string   `json:"sql"`
	Calls   int64    `json:"calls,omitempty"`
	Verdict Verdict  `json:"verdict"`
	Message string   `json:"message"`
	Hint    string   `json:"hint,omitempty"`
	// Table and Index are what is read, and the index that served it.
	Table string `json:"table,omitempty"`
	Index string `json:"index,omitempty"`
	// Causes are the statements of the plan that do it, where that can be told.
	Causes []QueryCause `json:"causes,omitempty"`
}

// QueryCause is a statement of the plan that does something to a query.
type QueryCause struct {
	Number int    `json:"number"` // from 1, in the order of running
	Object string `json:"object"`
	SQL    string `json:"sql"`
}

// Failed counts the queries that break or lose an index.
func (q *Queries) Failed() int {
	if q == nil {
		return 0
	}
	n := 0
	for _, a := range q.Affected {
		if a.Verdict == Breaks || a.Verdict == LosesIndex {
			n++
		}
	}
	return n
}

// Count counts the queries of a verdict.
func (q *Queries) Count(v Verdict) int {
	n := 0
	for _, a := range q.Affected {
		if a.Verdict == v {
			n++
		}
	}
	return n
}

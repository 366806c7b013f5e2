package dialect

import (
	"context"
	"time"

	"github.com/schemactl/schemactl/internal/object"
)

// Explainer is a session that tells how the server would run a query, and never runs one.
type Explainer interface {
	// Explaining gets the database ready. The session is that of a copy, which is lent.
	Explaining(ctx context.Context, s *object.State) error
	// Explain plans a query so that an index is taken wherever one can be: what small tables are cheap to read is no
	// reason to read them whole. What the server says against the query is an error for which errors.As finds a
	// *diag.Diagnostic.
	Explain(ctx context.Context, q Asked, limit time.Duration) (Explained, error)
}

// Asked is a query as a program sends it, or as a server has recorded it.
type Asked struct {
	SQL string
	// Path is what names without a schema mean: a search path, or a database. Empty: what they mean in the session.
	Path string
	// Discreet means that the query holds values of others, which no message may quote.
	Discreet bool
}

// Explained is how a server would run a query.
type Explained struct {
	Columns []ResultColumn
	Reads   []Read
	// Sorts counts the steps that sort rows.
	Sorts int
	// Shallow says why the server told little of the tables; empty: it told all.
	Shallow string
}

// ResultColumn is a column of what a query returns. Type is empty where the server does not tell.
type ResultColumn struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// Read is a table that a query reads. A partition is read as its table.
type Read struct {
	Table object.ID
	// Search names the indexes by which rows can be found; without any, the table is read whole.
	Search []string
	// Order names the index in whose order the whole table is read.
	Order string
}

// Recorder is a session of a server that records the queries it runs.
type Recorder interface {
	// Recorded reads the queries of the session's database, those that took the most time first.
	Recorded(ctx context.Context, scope Scope) (*Recorded, error)
	// QueryPath is what names without a schema mean in queries that say nothing of it.
	QueryPath(ctx context.Context) (string, error)
}

// Records is a dialect whose servers record queries.
type Records interface {
	// Record is what the servers call the record.
	Record() string
}

// Recorded is what a server has recorded.
type Recorded struct {
	Queries []RecordedQuery
	Left    []LeftOut
}

// RecordedQuery is a query with its values taken out.
type RecordedQuery struct {
	ID    string // by which the server knows it
	Text  string // to be shown
	Asked Asked
	Calls int64
}

// LeftOut counts queries that cannot be asked.
type LeftOut struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	// Places are those of the first of them.
	Places []string `json:"places,omitempty"`
}

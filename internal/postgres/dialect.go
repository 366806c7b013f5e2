package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/statement"
)

// Dialect is PostgreSQL for the features of schemactl.
type Dialect struct{}

var (
	_ dialect.Dialect = Dialect{}
	_ dialect.Beyond  = Dialect{}
	_ dialect.Remote  = Dialect{}
)

// Name is the dialect's name in URLs, snapshots and plans.
func (Dialect) Name() string { return "postgres" }

// Kinds are the kinds of objects of PostgreSQL.
func (Dialect) Kinds() *kind.Set { return Kinds() }

// Build makes the state of a catalog.
func (Dialect) Build(c *catalog.Catalog, scope dialect.Scope) (*object.State, error) {
	return Build(c, scope)
}

// Segments groups steps into transactions.
func (Dialect) Segments(steps []*plan.Step) []plan.Segment {
	steps = underPaths(steps)
	for _, s := range steps {
		s.SQL = respell(s.SQL)
		for i := range s.Reverse {
			s.Reverse[i] = respell(s.Reverse[i])
		}
	}
	return plan.Segmented(steps)
}

// Split cuts SQL text into statements with their places.
func (Dialect) Split(text []byte, file string) ([]dialect.Statement, error) {
	pieces, err := statement.Postgres(string(text))
	if err != nil {
		return nil, diag.InFile(err, file, text)
	}
	return dialect.Statements(pieces, string(text), file), nil
}

// BeyondSchemas reports whether an object belongs to the database and to no schema of it.
func (Dialect) BeyondSchemas(id object.ID) bool { return id.Schema == "" && id.Kind != "schema" }

// ReachesOut reports whether an object opens connections to other servers.
func (Dialect) ReachesOut(id object.ID) bool { return id.Kind == "subscription" }

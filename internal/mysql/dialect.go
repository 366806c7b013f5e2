package mysql

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/statement"
)

// Dialect is MySQL and MariaDB for the features of schemactl.
type Dialect struct{}

var _ dialect.Dialect = Dialect{}

// Name is the dialect's name in URLs, snapshots and plans.
func (Dialect) Name() string { return "mysql" }

// Kinds are the kinds of objects of MySQL and MariaDB.
func (Dialect) Kinds() *kind.Set { return Kinds() }

// Build makes the state of a catalog. In a bound scope the objects carry no schema: they are those of the database
// that the URL names, whatever it is called.
func (Dialect) Build(c *catalog.Catalog, scope dialect.Scope) (*object.State, error) {
	return Build(c, scope)
}

// Segments puts every step into a segment of its own: each DDL statement commits (MySQL manual, "Statements That Cause
// an Implicit Commit").
func (Dialect) Segments(steps []*plan.Step) []plan.Segment {
	steps = withSettings(steps)
	out := make([]plan.Segment, len(steps))
	for i, s := range steps {
		out[i] = plan.Segment{Steps: []*plan.Step{s}}
	}
	return out
}

// Split cuts SQL text into statements with their places.
func (Dialect) Split(text []byte, file string) ([]dialect.Statement, error) {
	pieces, err := statement.MySQL(string(text))
	if err != nil {
		return nil, diag.InFile(err, file, text)
	}
	return dialect.Statements(pieces, string(text), file), nil
}

package dialect

import (
	"context"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/safety"
)

// Examiner is a dialect that knows what statements do to a database in use, and what that costs.
type Examiner interface {
	// Actions tells what a statement does, as far as its text says.
	Actions(sql string) []safety.Action
	// Facts tells what an action costs on the tables of a model.
	Facts(m *safety.Model, a safety.Action) safety.Facts
	// Model makes the model of a state. schema is what names without one mean; empty: the dialect's default.
	Model(s *object.State, schema string, server safety.Server) *safety.Model
}

// Sizer is a session that knows how large tables are.
type Sizer interface {
	// Sizes are the server's own estimates; a table that it does not know is left out.
	Sizes(ctx context.Context, tables []safety.Name) (map[safety.Name]safety.Size, error)
	// Rates are how fast such servers read, write and build.
	Rates() safety.Rates
}

// Examined is the server as costs depend on it.
func (s Server) Examined() safety.Server {
	return safety.Server{Flavor: s.Flavor, Version: [3]int{s.Major, s.Minor, s.Patch}, Settings: s.Settings}
}

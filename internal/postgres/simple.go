package postgres

import (
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// defined is implemented by the values of kinds whose objects are made by one statement and dropped by their address.
type defined interface {
	addressed
	definition(id object.ID) string
}

// simpleKind is the definition of a kind that is made in one statement, dropped in one, and never altered in place.
func simpleKind[T any, P interface {
	*T
	defined
}](name string, weight int) kind.Def[T] {
	return kind.Def[T]{
		Name: name, Weight: weight,
		Create: func(_ *kind.Context, o kind.Of[T]) ([]plan.Step, error) {
			return createDefined(o.ID, P(o.V)), nil
		},
		Alter: unchangeable[T],
		Drop: func(_ *kind.Context, o kind.Of[T]) ([]plan.Step, error) {
			return dropDefined(o.ID, P(o.V)), nil
		},
	}
}

func createDefined(id object.ID, v defined) []plan.Step {
	return []plan.Step{{SQL: v.definition(id), Comment: "create " + id.String(), Reverse: []string{"DROP " + v.address(id)}}}
}

func dropDefined(id object.ID, v defined) []plan.Step {
	return []plan.Step{{SQL: "DROP " + v.address(id), Comment: "drop " + id.String(), Reverse: []string{v.definition(id)}}}
}

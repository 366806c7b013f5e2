package engine

import (
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// What is seen of the database as a whole (event triggers, publications, extensions) where only some schemas are asked for
// belongs to others too.

// ofDatabase tells which objects of a state belong to the database and to no schema of it; nil where all
// schemas are asked for, or the dialect has no such objects.
func ofDatabase(d dialect.Dialect, s *object.State, scope dialect.Scope) func(*object.Object) bool {
	b, ok := d.(dialect.Beyond)
	if !ok || len(scope.Schemas) == 0 {
		return nil
	}
	return func(o *object.Object) bool { return b.BeyondSchemas(kind.Owner(o, s)) }
}

// keepBeyond completes the desired state of some schemas with the live objects of the database that it does not declare:
// their absence from the files of these is no wish to drop them.
func keepBeyond(d dialect.Dialect, current, desired *object.State, scope dialect.Scope) (*object.State, error) {
	beyond := ofDatabase(d, current, scope)
	if beyond == nil {
		return desired, nil
	}
	out := object.NewState()
	out.Ledger, out.Notes = slices.Clone(desired.Ledger), desired.Notes
	for _, o := range desired.All() {
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	for _, o := range current.All() {
		if desired.Has(o.ID) || !beyond(o) || !o.Parent.IsZero() && desired.Has(kind.Owner(o, current)) {
			continue
		}
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// withoutBeyond leaves out of an inspection what belongs to the database, unless the schemas need it.
func withoutBeyond(d dialect.Dialect, s *object.State, scope dialect.Scope) *object.State {
	beyond := ofDatabase(d, s, scope)
	if beyond == nil {
		return s
	}
	needed := map[object.ID]bool{}
	var need func(o *object.Object)
	need = func(o *object.Object) {
		for _, id := range o.Needs {
			if n := s.Get(id); n != nil && !needed[id] {
				needed[id] = true
				need(n)
			}
		}
	}
	for _, o := range s.All() {
		if !beyond(o) {
			need(o)
		}
	}
	rule := "--schema"
	if scope.Bound {
		rule = "the URL, which names one schema"
	}
	return s.Filter(func(o *object.Object) (bool, string) {
		return !o.Parent.IsZero() || needed[o.ID] || !beyond(o), rule
	})
}

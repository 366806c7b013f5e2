package postgres

import (
	"context"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Lender = (*session)(nil)

// TrialScope is the whole database: what a schema holds may need what others hold.
func (s *session) TrialScope(scope dialect.Scope) dialect.Scope {
	return dialect.Scope{With: scope.With}
}

// Lend gives the database as it is. It is one for this use and dropped afterwards (devdb sees to that), because
// a plan commits, and what was committed no server takes back.
func (s *session) Lend(ctx context.Context, t dialect.Trial, f func(context.Context) error) error {
	if err := s.checkEmpty(ctx, dialect.Scope{}); err != nil {
		return err
	}
	if t.Scope.Has("role") && !t.Own {
		return diag.Errorf(diag.Pos{}, "dev-roles", "a plan that changes roles can only be tried on a server of our own: roles belong to the whole server").
			WithHint("leave --dev-url out, and schemactl starts one")
	}
	if t.Own {
		if err := s.makeRoles(ctx, t.States); err != nil {
			return err
		}
	}
	if t.Scope.Bound { // as the connection of the URL has it
		if err := s.Exec(ctx, "SET search_path = "+ident(t.Scope.Schemas[0])); err != nil {
			return err
		}
	}
	return f(ctx)
}

// makeRoles makes the roles that the states name, where the server lacks them.
func (s *session) makeRoles(ctx context.Context, states []*object.State) error {
	var missing []string
	for _, name := range rolesOf(states) {
		var there bool
		err := s.conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1)", name).Scan(&there)
		if err != nil {
			return fault(err, "")
		}
		if !there {
			missing = append(missing, name)
		}
	}
	for _, name := range missing {
		if err := s.Exec(ctx, makeRole(name)); err != nil {
			return err
		}
	}
	return nil
}

// rolesOf lists the roles that objects name and that are no objects of the states themselves.
func rolesOf(states []*object.State) []string {
	var out []string
	for _, s := range states {
		for _, o := range s.All() {
			for _, name := range rolesNamed(o.Value) {
				if !s.Has(roleID(name)) {
					out = append(out, name)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

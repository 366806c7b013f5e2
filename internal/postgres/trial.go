package postgres

import (
	"context"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Lender = (*session)(nil)

// TrialScope is the whole database: what a schema holds may need what others hold.
func (s *session) TrialScope(scope dialect.Scope) dialect.Scope { return dialect.Scope{With: scope.With} }

// Lend gives the database as it is. It is one for this use and dropped afterwards (devdb sees to that), because
// a plan commits, and what was committed no server takes back.
func (s *session) Lend(ctx context.Context, t dialect.Trial, f func(context.Context) error) error {
	if err := s.checkEmpty(ctx, dialect.Scope{}); err != nil {
		return err
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
		if err := s.Exec(ctx, "CREATE ROLE "+ident(name)); err != nil {
			return err
		}
	}
	return nil
}

// rolesOf lists the roles that objects name.
func rolesOf(states []*object.State) []string {
	var out []string
	for _, s := range states {
		for _, o := range s.All() {
			switch v := o.Value.(type) {
			case *Permission:
				out = append(out, v.Grantee)
			case *DefaultPermission:
				out = append(out, v.Grantee, v.Role)
			case *Owner:
				out = append(out, v.Role)
			case *Policy:
				out = append(out, v.Roles...)
			case *UserMapping:
				out = append(out, v.Role)
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(r string) bool { return r == "" || r == publicRole || r == ownerRole })
}

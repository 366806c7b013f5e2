package mysql

import (
	"context"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

var _ dialect.Lender = (*session)(nil)

// TrialScope is the database of a bound scope, and else the whole server: what one database holds may need others.
func (s *session) TrialScope(scope dialect.Scope) dialect.Scope {
	if scope.Bound {
		return scope
	}
	return dialect.Scope{With: scope.With}
}

// Lend drops all that was made, as Load does.
func (s *session) Lend(ctx context.Context, t dialect.Trial, f func(context.Context) error) error {
	if !t.Scope.Bound && s.database != "" {
		return diag.Errorf(diag.Pos{}, "dev-database", "the target is a whole server, but the dev database is the single database %q", s.database).
			WithHint("leave the database out of --dev-url")
	}
	if asksForAccounts(t.Scope) && !t.Own {
		return diag.Errorf(diag.Pos{}, "dev-users", "a plan that changes users, roles or privileges can only be tried on a server of our own: they belong to the whole server").
			WithHint("leave --dev-url out, and schemactl starts one")
	}
	return s.lend(ctx, t.Scope, func(ctx context.Context, _ *load) error { return f(ctx) })
}

package postgres

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// unknownRole is what the server says of a role that it does not know (src/backend/utils/adt/acl.c, get_role_oid).
var unknownRole = regexp.MustCompile(`^role "(.*)" does not exist$`)

// missingRole tells which role a statement named in vain.
func missingRole(err error) (name string, ok bool) {
	var f *serverFault
	if !errors.As(err, &f) || f.code != "42704" {
		return "", false
	}
	m := unknownRole.FindStringSubmatch(f.Message)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// madeRole marks the roles that a load makes, so that none but those are dropped after it.
const madeRole = "made by schemactl to read a desired state, dropped after use"

func makeRole(name string) string {
	return "CREATE ROLE " + ident(name) + "; COMMENT ON ROLE " + ident(name) + " IS " + literal(madeRole)
}

// checkRoles refuses a dev database in which roles cannot be read for themselves, and passwords in SQL: they would be lost
// on the way.
func (s *session) checkRoles(ctx context.Context, statements []dialect.Statement, scope dialect.Scope) error {
	if !scope.Has("role") {
		return nil
	}
	for _, st := range statements {
		if m := passwordInSQL.FindStringSubmatch(st.SQL); m != nil && st.Object.IsZero() && !strings.EqualFold(m[1], "mapping") {
			return diag.Errorf(diag.Pos{File: st.Pos.File}, "secret-in-file", "a password of a role is written into the file").
				WithHint("set it with \\password in psql, or declare the role in HCL with password = var.password")
		}
	}
	var role string
	err := s.conn.QueryRowContext(ctx, "SELECT r.rolname FROM pg_catalog.pg_roles r WHERE "+managedRole+" ORDER BY 1 LIMIT 1").Scan(&role)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fault(err, "")
	}
	return diag.Errorf(diag.Pos{}, "dev-roles", "the dev database's server has roles already, such as %s, and they would become part of the desired state", role).
		WithHint("leave --dev-url out, and schemactl starts a server of its own; or name a server without roles")
}

// passwordInSQL finds CREATE and ALTER ROLE with a password that is written out.
var passwordInSQL = regexp.MustCompile(`(?i)\b(?:create|alter)\s+(?:role|user)\s+(\w+|")[^;]*?\bpassword\s+[eu&]*'`)

// tryWithRoles runs a statement. Roles belong to the server, so that a dev server knows none of those that grants and
// policies name: each is made, within the transaction of the load, which is rolled back or cleaned up after.
func (s *session) tryWithRoles(ctx context.Context, text string) error {
	for {
		err := s.tryWithin(ctx, text)
		name, missing := missingRole(err)
		if !missing || s.tryWithin(ctx, makeRole(name)) != nil {
			return err
		}
		s.roles = append(s.roles, name)
	}
}

// become takes on a role of its own where owners are managed, so that what the desired state gives to a role can be told
// from what it says nothing of. The role goes with the transaction.
func (s *session) become(ctx context.Context, scope dialect.Scope) error {
	if !scope.Has("owner") {
		return nil
	}
	if err := s.Exec(ctx, "CREATE ROLE "+devOwner+" SUPERUSER"); err != nil {
		return diag.Errorf(diag.Pos{}, "dev-role", "owners cannot be read with this dev database: %v", err).
			WithHint("its user must be a superuser: leave --dev-url out, and schemactl starts a server of its own")
	}
	return s.Exec(ctx, "SET LOCAL ROLE "+devOwner)
}

// dropRoles drops the roles that a load made and that were committed.
func (p *pieces) dropRoles(ctx context.Context) error {
	for _, name := range p.roles {
		var ours bool
		err := p.conn.QueryRowContext(ctx, `
SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1 AND pg_catalog.shobj_description(oid, 'pg_authid') = $2)`, name, madeRole).Scan(&ours)
		if err != nil {
			return fault(err, "")
		}
		if !ours {
			continue // rolled back, or dropped already
		}
		if err := p.Exec(ctx, "DROP OWNED BY "+ident(name)+"; DROP ROLE "+ident(name)); err != nil {
			return err
		}
	}
	return nil
}

package postgres

import (
	"context"
	"regexp"
	"strings"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// guestSetting is where a catalog keeps what belongs to the dev database and was there before the load.
const guestSetting = "not declared"

// guestQuery lists what belongs to a database and to no schema of it.
const guestQuery = `
SELECT coalesce(pg_catalog.string_agg(x.class || '.' || x.oid, ' '), '') FROM (
  SELECT 3079 AS class, e.oid, e.extname AS name FROM pg_catalog.pg_extension e
  UNION ALL SELECT 6104, p.oid, NULL FROM pg_catalog.pg_publication p
  UNION ALL SELECT 6100, s.oid, NULL FROM pg_catalog.pg_subscription s
  UNION ALL SELECT 3466, e.oid, NULL FROM pg_catalog.pg_event_trigger e
  UNION ALL SELECT 2328, f.oid, NULL FROM pg_catalog.pg_foreign_data_wrapper f
  UNION ALL SELECT 1417, s.oid, NULL FROM pg_catalog.pg_foreign_server s
  UNION ALL SELECT 2605, c.oid, NULL FROM pg_catalog.pg_cast c
  UNION ALL SELECT 2612, l.oid, NULL FROM pg_catalog.pg_language l
  UNION ALL SELECT 826, d.oid, NULL FROM pg_catalog.pg_default_acl d
) x
WHERE x.oid >= 16384 AND (x.name IS NULL OR x.name <> ALL ($1::text[]))`

// mayBeThere finds the extensions that are declared although they may be there.
var mayBeThere = regexp.MustCompile(`(?i)\bcreate\s+extension\s+if\s+not\s+exists\s+(?:"([^"]+)"|([\w$]+))`)

// guests lists what a dev database that is one schema of a used one holds beside it: nobody declares that. Privileges that
// it gives to new objects would look declared.
func (s *session) guests(ctx context.Context, scope dialect.Scope, statements []dialect.Statement) (string, error) {
	if s.bound == "" || !scope.Bound {
		return "", nil
	}
	var given string
	err := s.conn.QueryRowContext(ctx, `
SELECT coalesce(min(coalesce('in the schema ' || n.nspname, 'in all schemas')), '') FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
WHERE d.defaclrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user) AND (d.defaclnamespace = 0 OR n.nspname = $1)`, scope.Schemas[0]).Scan(&given)
	if err != nil {
		return "", fault(err, "")
	}
	if given != "" {
		return "", diag.Errorf(diag.Pos{}, "dev-defaults", "the dev database has default privileges %s, which would look declared", given).
			WithHint("give --dev-url a database of its own, or leave it out and let schemactl make one")
	}
	names := []string{}
	for _, st := range statements {
		for _, m := range mayBeThere.FindAllStringSubmatch(st.SQL, -1) {
			names = append(names, m[1]+strings.ToLower(m[2]))
		}
	}
	var out string
	err = s.conn.QueryRowContext(ctx, guestQuery, pq.Array(names)).Scan(&out)
	return out, fault(err, "")
}

// inspectWithout reads the catalogs after a load, and notes what was there before it.
func (s *session) inspectWithout(ctx context.Context, scope dialect.Scope, guests string) (*catalog.Catalog, error) {
	c, err := InspectWithin(ctx, s.conn, scope)
	if err == nil && guests != "" {
		c.Settings[guestSetting] = guests
	}
	return c, err
}

// noteGuests reads what inspectWithout noted.
func (b *builder) noteGuests() {
	for _, at := range strings.Fields(b.catalog.Settings[guestSetting]) {
		class, oid, _ := strings.Cut(at, ".")
		b.guests[ref{class, oid, "0"}] = true
	}
}

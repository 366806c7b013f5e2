package postgres_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
)

// TestFunctionsFindWhatTheyName changes what the server makes of the results of functions that have no search_path: rows are
// there, the session's search_path leads nowhere near, and the desired state comes as SQL and as HCL. From PostgreSQL 17 on
// the server itself lets no index and no materialized view have such functions.
func TestFunctionsFindWhatTheyName(t *testing.T) {
	const functions = `
CREATE SCHEMA app; CREATE SCHEMA other; SET search_path = app, other;
CREATE FUNCTION other.deep(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1';
CREATE FUNCTION app.f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT deep($1)';
CREATE FUNCTION app.p(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (deep($1)); END';
CREATE FUNCTION app.q(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (app.p($1)); END';
`
	devs := dbtest.NewPool(func(srv dbtest.Server) dialect.Session { return open(t, srv.Database(t).URL) })
	const earth = `CREATE EXTENSION cube SCHEMA other; CREATE EXTENSION earthdistance SCHEMA other;`
	for _, tt := range []struct {
		name, desired string
		until         int // the last version that allows it
	}{
		{"check", `ALTER TABLE app.t ADD CHECK (app.f(a) > 0), ADD CHECK (app.q(a) > 0)`, 0},
		{"generated", `ALTER TABLE app.t ADD g int GENERATED ALWAYS AS (app.q(a)) STORED, ADD h int GENERATED ALWAYS AS (app.f(a)) STORED`, 0},
		{"default", `ALTER TABLE app.t ADD g int DEFAULT app.q(1), ADD h int NOT NULL DEFAULT app.f(1)`, 0},
		{"domain", `CREATE DOMAIN app.d AS int CHECK (app.q(VALUE) > 0); ALTER TABLE app.t ADD g app.d DEFAULT 1`, 0},
		{"index", `CREATE INDEX i ON app.t (app.f(a)); CREATE INDEX j ON app.t (a) WHERE app.q(a) > 1`, 16},
		{"exclude", `ALTER TABLE app.t ADD EXCLUDE (app.q(a) WITH =)`, 16},
		{"materialized", `CREATE MATERIALIZED VIEW app.m AS SELECT app.q(a) AS x, app.f(a) AS y FROM app.t; CREATE UNIQUE INDEX k ON app.m (app.p(x))`, 16},
		{"type", `ALTER TABLE app.t ADD CHECK (app.q(a) > 0); ALTER TABLE app.t ALTER b TYPE bigint; CREATE INDEX j ON app.t (app.p(b::int))`, 16},
		{"extension", earth + `CREATE INDEX i ON app.t USING gist (other.ll_to_earth(a, a)); ALTER TABLE app.t ADD g other.cube GENERATED ALWAYS AS (other.ll_to_earth(a, a)) STORED`, 16},
	} {
		for _, srv := range dbtest.Servers() {
			if srv.Scheme != "postgres" || tt.until > 0 && srv.Major > tt.until {
				continue
			}
			t.Run(tt.name+"/"+srv.Name, func(t *testing.T) {
				t.Parallel()
				dev := devs.Lend(t, srv)
				base := functions + "CREATE TABLE app.t (a int, b int);\n"
				desired := desiredBy(t, dev, base+tt.desired)
				transit(t, srv, base+"INSERT INTO app.t VALUES (1, 2)", desired, nil)
				scope := dialect.Scope{}
				same(t, desired, loadSQL(t, dev, create(t, decode(t, encode(t, desired, scope), scope), scope), scope))
			})
		}
	}
}

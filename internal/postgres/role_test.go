package postgres_test

import (
	"database/sql"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/localserver"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

// withRoles asks for all that is off by itself.
func withRoles() dialect.Scope { return dialect.Scope{With: []string{"membership", "owner", "role"}} }

const roles = `
CREATE ROLE staff NOINHERIT CREATEDB CREATEROLE VALID UNTIL 'infinity';
CREATE USER app CONNECTION LIMIT 3 VALID UNTIL '2035-01-01 12:00:00+02';
CREATE ROLE "Odd ""role""" SUPERUSER REPLICATION BYPASSRLS;
GRANT staff TO app WITH ADMIN OPTION;
GRANT staff TO "Odd ""role""";
GRANT pg_read_all_data TO staff;
COMMENT ON ROLE app IS 'it''s the app';
CREATE SCHEMA s AUTHORIZATION staff;
CREATE TABLE s.mine (id int);
CREATE TABLE s.t (id serial, a int);
ALTER TABLE s.t OWNER TO app;
GRANT SELECT ON s.t TO staff;
CREATE SEQUENCE s.q;
ALTER SEQUENCE s.q OWNER TO "Odd ""role""";
CREATE TYPE s.e AS ENUM ('a');
ALTER TYPE s.e OWNER TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO staff;
`

// TestRolesComeBack reads roles, memberships and owners from SQL, writes them as HCL and makes them of that again. Roles
// belong to the server, so that each version has one of its own here.
func TestRolesComeBack(t *testing.T) {
	for _, major := range dbtest.PostgresVersions() {
		t.Run(strconv.Itoa(major), func(t *testing.T) {
			t.Parallel()
			in, err := localserver.Find(t.Context(), localserver.Release{Flavor: localserver.Postgres, Major: major, Minor: localserver.Any})
			if err != nil {
				t.Fatal(err)
			}
			s, err := localserver.Start(t.Context(), in, localserver.Options{CacheDir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			session := connectTo(t, s.URL("postgres"))
			load := func(statements []dialect.Statement) *object.State {
				c, err := session.Load(t.Context(), statements, withRoles())
				if err != nil {
					t.Fatal(err)
				}
				state, err := postgres.Build(c, withRoles())
				if err != nil {
					t.Fatal(err)
				}
				return state
			}
			live := load([]dialect.Statement{{SQL: roles}})
			for _, id := range []string{"role app", "membership staff.app", "owner s.table t", "owner s.sequence q"} {
				found := false
				for _, o := range live.All() {
					found = found || o.ID.String() == id
				}
				if !found {
					t.Errorf("there is no %s", id)
				}
			}
			if live.Has(object.ID{Kind: "owner", Schema: "s", Name: "table mine"}) {
				t.Error("a table of which nobody said whose it is has an owner")
			}
			text := encode(t, live, withRoles())
			if formatted := string(hcl.Format([]byte(text))); formatted != text {
				t.Errorf("not in the canonical layout: %s", firstDifference(text, formatted))
			}
			if major == 18 {
				golden(t, "testdata/roles.hcl", text)
			}
			same(t, live, load(create(t, decode(t, text, withRoles()), withRoles())))
		})
	}
}

// TestPasswords lets a server check what the verifier of a password is worth, and sees that nothing but the statement
// that is run holds it.
func TestPasswords(t *testing.T) {
	db := dbtest.Postgres(t, 18)
	name := db.Name + "_role"
	desired := object.NewState()
	text := `variable "p" {
  default = "it's \"secret\""
}
role "` + name + `" {
  login    = true
  password = var.p
}`
	if err := desired.Add(decode(t, text, withRoles()).All()[0]); err != nil {
		t.Fatal(err)
	}
	kinds := postgres.Kinds()
	changes, err := kinds.Diff(object.NewState(), desired)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := kinds.Plan(object.NewState(), desired, changes, kind.Policy{})
	if err != nil || len(steps) != 1 {
		t.Fatal(steps, err)
	}
	var snapshot strings.Builder
	if err := object.Encode(&snapshot, object.Header{}, desired); err != nil {
		t.Fatal(err)
	}
	statement, ok := steps[0].Statement()
	for _, shown := range []string{steps[0].SQL, snapshot.String()} {
		if strings.Contains(shown, "SCRAM") || strings.Contains(shown, "secret") {
			t.Errorf("the password shows in %s", shown)
		}
	}
	if !ok || strings.Contains(statement, "secret") {
		t.Fatalf("the statement is %s", statement)
	}
	t.Cleanup(func() { _, _ = db.Exec("DROP ROLE IF EXISTS " + name) })
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{`it's "secret"`: true, "its secret": false} {
		u, err := url.Parse(db.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(name, password)
		conn, err := sql.Open("postgres", u.String())
		if err != nil {
			t.Fatal(err)
		}
		if got := conn.PingContext(t.Context()) == nil; got != want {
			t.Errorf("the password %s lets in: %t", password, got)
		}
		_ = conn.Close()
	}
}

package review_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/safety"
)

// hazard is a migration with the rules that it must raise, and those that it must not; "!w" stands for no error and no
// warning at all.
type hazard struct {
	sql  string
	want string
	not  string
	noTx bool
}

func postgresHazards() []hazard {
	return []hazard{
		// Columns.
		{sql: "ALTER TABLE users ADD COLUMN x timestamptz DEFAULT now()", not: "add-column-volatile-default"},
		{sql: "ALTER TABLE users ADD COLUMN x timestamptz NOT NULL DEFAULT clock_timestamp()", want: "add-column-volatile-default", not: "add-required-column"},
		{sql: "ALTER TABLE users ADD x int DEFAULT f()", want: "add-column-volatile-default"},
		{sql: "ALTER TABLE users ADD x text DEFAULT md5('a'), ADD y int DEFAULT 1 + 2", not: "add-column-volatile-default"},
		{sql: "ALTER TABLE users ADD x int DEFAULT nextval('s'::regclass)", want: "add-column-volatile-default"},
		{sql: "ALTER TABLE users ADD x bigint GENERATED ALWAYS AS IDENTITY", want: "add-column-serial", not: "add-required-column add-column-volatile-default"},
		{sql: "ALTER TABLE users ADD x smallserial", want: "add-column-serial prefer-type"},
		{sql: "ALTER TABLE users ADD x int GENERATED ALWAYS AS (a + b) VIRTUAL", not: "add-column-stored-generated !w"},
		{sql: "ALTER TABLE users ADD x us_zip DEFAULT '12345'", not: "add-required-column"},
		{sql: "ALTER TABLE users ADD x int NULL", not: "add-required-column"},
		{sql: "ALTER TABLE users ADD x int CHECK (x > 0)", want: "check-not-valid-missing", not: "old-writer-break"},
		{sql: "ALTER TABLE users ADD x bigint REFERENCES posts (id)", want: "fk-unindexed-child fk-multi-table-lock", not: "fk-not-valid-missing fk-type-mismatch"},
		{sql: "ALTER TABLE users ADD x bigint DEFAULT 1 REFERENCES posts (id)", want: "fk-not-valid-missing"},
		{sql: "ALTER TABLE users ADD x int PRIMARY KEY", want: "pk-constraint-direct int-primary-key"},
		{sql: "ALTER TABLE users DROP COLUMN IF EXISTS name, DROP email", want: "drop-column"},
		{sql: "ALTER TABLE users ADD COLUMN y int; ALTER TABLE users DROP COLUMN y", not: "drop-column"},
		{sql: "ALTER TABLE users ALTER name SET DATA TYPE varchar(200)", not: "change-type-rewrite narrow-type", want: ""},
		{sql: "ALTER TABLE users ALTER name TYPE varchar(50)", want: "narrow-type change-type-rewrite"},
		{sql: "ALTER TABLE users ALTER name TYPE text USING name::text", not: "change-type-rewrite narrow-type"},
		{sql: "ALTER TABLE users ALTER name TYPE text USING upper(name)", want: "change-type-rewrite"},
		{sql: "ALTER TABLE users ALTER age TYPE text", want: "change-type-rewrite", not: "narrow-type"},
		{sql: "ALTER TABLE users ALTER age TYPE smallint", want: "narrow-type change-type-rewrite"},
		{sql: "ALTER TABLE users ALTER deleted_at TYPE timestamp", want: "change-type-rewrite"},
		{sql: "SET timezone = 'UTC'; ALTER TABLE users ALTER deleted_at TYPE timestamp", not: "change-type-rewrite"},
		{sql: "ALTER TABLE users ALTER id TYPE integer", want: "pk-change narrow-type change-type-rewrite"},
		{sql: "ALTER TABLE users ALTER name TYPE varchar(100) COLLATE \"C\"", want: "collation-change change-type-reindex", not: "change-type-rewrite"},
		{sql: "ALTER TABLE users ALTER a SET NOT NULL, ALTER b SET NOT NULL", want: "set-not-null-scan old-writer-break", not: "merge-alters"},
		{sql: "ALTER TABLE users ALTER COLUMN a DROP NOT NULL", not: "set-not-null-scan !w"},
		{sql: "ALTER TABLE users ADD CONSTRAINT nn NOT NULL a NOT VALID", not: "set-not-null-scan"},
		{sql: "ALTER TABLE users ADD CONSTRAINT nn NOT NULL a", want: "set-not-null-scan"},
		// Types.
		{
			sql:  "CREATE TYPE m AS ENUM ('a', 'b'); CREATE TABLE f (x m); ALTER TYPE m RENAME TO m__old; CREATE TYPE m AS ENUM ('a'); ALTER TABLE f ALTER x TYPE m USING x::text::m; DROP TYPE m__old",
			want: "", not: "drop-schema",
		},
		{
			sql:  "ALTER TYPE mood RENAME TO mood__old; CREATE TYPE mood AS ENUM ('glad'); ALTER TABLE people ALTER mood TYPE mood USING mood::text::mood; DROP TYPE mood__old",
			want: "drop-enum-value", not: "drop-schema",
		},
		{
			sql:  "ALTER TYPE mood RENAME TO mood__old; CREATE TYPE mood AS ENUM ('glad', 'sad'); ALTER TABLE people ALTER mood TYPE mood USING mood::text::mood; DROP TYPE mood__old",
			want: "", not: "drop-schema drop-enum-value",
		},
		{sql: "ALTER TYPE mood RENAME TO mood2; DROP TYPE mood2", want: "drop-schema"},
		// Constraints and indexes.
		{sql: "ALTER TABLE users ADD CHECK (age > 0) NOT ENFORCED", not: "check-not-valid-missing old-writer-break"},
		{sql: "ALTER TABLE users ADD CONSTRAINT u UNIQUE (age)", want: "unique-constraint-direct unique-may-fail"},
		{sql: "CREATE UNIQUE INDEX CONCURRENTLY u ON users (age)", want: "unique-may-fail", not: "index-not-concurrent concurrent-in-transaction", noTx: true},
		{sql: "CREATE UNIQUE INDEX u ON users (email, age)", want: "index-not-concurrent", not: "unique-may-fail"},
		{sql: "CREATE INDEX ON users USING gin (to_tsvector('english', email))", want: "index-not-concurrent"},
		{sql: "CREATE INDEX CONCURRENTLY ON users (age)", not: "!w", noTx: true},
		{sql: "BEGIN; CREATE INDEX CONCURRENTLY i ON users (age); COMMIT", want: "concurrent-in-transaction", noTx: true},
		{sql: "CREATE INDEX CONCURRENTLY i ON log (at)", want: "concurrent-in-transaction", noTx: true},
		{sql: "DROP INDEX users_name, users_name_email", want: "drop-index-not-concurrent"},
		{sql: "REINDEX INDEX users_name", want: "reindex-not-concurrent"},
		{sql: "ALTER TABLE users ADD PRIMARY KEY USING INDEX users_name", want: "pk-constraint-direct"},
		{sql: "ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE", want: "pk-change"},
		{sql: "ALTER TABLE posts DROP CONSTRAINT author", want: "drop-constraint fk-multi-table-lock"},
		{sql: "ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 5) NOT VALID", want: "constraint-replaced"},
		{sql: "ALTER TABLE posts ADD FOREIGN KEY (user_name) REFERENCES users (email)", want: "fk-not-valid-missing fk-unindexed-child", not: "fk-type-mismatch"},
		{sql: "ALTER TABLE posts ADD COLUMN e int; ALTER TABLE posts ADD CONSTRAINT e FOREIGN KEY (e) REFERENCES users NOT VALID", want: "fk-type-mismatch"},
		{sql: "CREATE INDEX posts_user ON posts (user_name); ALTER TABLE posts ADD FOREIGN KEY (user_name) REFERENCES users (email) NOT VALID", not: "fk-unindexed-child"},
		// Tables.
		{sql: "DROP TABLE IF EXISTS users, posts", want: "drop-table"},
		{sql: "CREATE TEMP TABLE x (a int); DROP TABLE x", not: "drop-table no-primary-key"},
		{sql: "DROP VIEW active_users", not: "drop-table !w"},
		{sql: "DROP MATERIALIZED VIEW totals", not: "drop-table drop-column"},
		{sql: "ALTER TABLE users RENAME TO people", want: "rename-table"},
		{sql: "ALTER TABLE users SET SCHEMA old", want: "rename-table"},
		{sql: "ALTER SCHEMA old RENAME TO older", want: "rename-table"},
		{sql: "ALTER INDEX users_name RENAME TO users_name2", not: "rename-table !w"},
		{sql: "ALTER VIEW active_users RENAME TO active", not: "rename-table"},
		{sql: "CREATE TABLE x AS SELECT * FROM users", not: "no-primary-key"},
		{sql: "CREATE TABLE x (LIKE users INCLUDING ALL)", not: "no-primary-key"},
		{sql: "CREATE TABLE x (a int, b int, PRIMARY KEY (a, b))", not: "int-primary-key no-primary-key !w"},
		{sql: "CREATE TABLE x (id serial PRIMARY KEY)", want: "int-primary-key prefer-type"},
		{sql: "CREATE TABLE x (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, at timestamptz DEFAULT now())", not: "!w add-column-volatile-default prefer-type"},
		{sql: "CREATE TABLE x (id bigint PRIMARY KEY, at timestamp, j json, m money, c char(3))", want: "prefer-type"},
		{sql: "ALTER TABLE users SET UNLOGGED", want: "set-logged-rewrite"},
		{sql: "CLUSTER users USING users_name", want: "set-logged-rewrite"},
		{sql: "ALTER TABLE users SET (fillfactor = 80)", not: "!w"},
		{sql: "REFRESH MATERIALIZED VIEW totals WITH DATA", want: "matview-not-concurrent"},
		{sql: "ALTER TABLE log DETACH PARTITION log_2020", want: "detach-not-concurrent"},
		{sql: "CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')", want: "create-partition-direct"},
		{sql: "DROP TABLE log_2020", want: "drop-partition-data drop-table"},
		// Transactions.
		{sql: "ALTER TYPE mood ADD VALUE 'ok'; UPDATE people SET mood = 'ok'", want: "enum-add-used-in-tx"},
		{sql: "ALTER TYPE mood ADD VALUE 'ok'", not: "enum-add-used-in-tx concurrent-in-transaction"},
		{sql: "CREATE TABLE x (id bigint PRIMARY KEY); INSERT INTO x SELECT id FROM users", not: "data-change-in-ddl-tx many-ops-one-tx"},
		{sql: "ALTER TABLE users ADD z int; UPDATE users SET z = 1", want: "data-change-in-ddl-tx many-ops-one-tx"},
		{sql: "UPDATE users SET a = 1 WHERE id = 2", not: "data-change-in-ddl-tx"},
		{sql: "ALTER TABLE users ADD z int; ALTER TABLE posts ADD z int", want: "many-ops-one-tx", not: "merge-alters"},
		{sql: "ALTER TABLE users ADD z int", want: "lock-timeout-missing"},
		{sql: "COMMENT ON TABLE users IS 'x'", not: "lock-timeout-missing !w"},
		{sql: "CREATE INDEX CONCURRENTLY i ON users (age)", not: "lock-timeout-missing", noTx: true},
		{sql: "SET lock_timeout = 0; ALTER TABLE users ADD z int", want: "lock-timeout-missing"},
		{sql: "SELECT set_config('a.b', 'c', false)", not: "!w"},
		{sql: "VACUUM users", want: "concurrent-in-transaction"},
		{sql: "VACUUM (ANALYZE) users", not: "!w set-logged-rewrite", noTx: true},
		// Rights, code, the rest.
		{sql: "GRANT SELECT ON users TO app", want: "authz-change", not: "grant-to-public"},
		{sql: "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM app", want: "authz-change"},
		{sql: "ALTER TABLE users OWNER TO app", want: "authz-change"},
		{sql: "CREATE POLICY p ON users USING (true); ALTER TABLE users ENABLE ROW LEVEL SECURITY", want: "authz-change", not: "rls-enabled-no-policy"},
		{sql: "ALTER FUNCTION f() SECURITY DEFINER", want: "authz-change"},
		{sql: "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 2; END'", want: "routine-untracked-deps"},
		{sql: "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'", not: "routine-untracked-deps !w"},
		{sql: "CREATE OR REPLACE TRIGGER audit BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION audit()", want: "trigger-change"},
		{sql: "DROP TYPE mood", want: "drop-schema"},
		{sql: "DROP FUNCTION f() CASCADE", want: "drop-schema"},
		{sql: "DROP SEQUENCE IF EXISTS s", want: "drop-schema"},
		{sql: "DROP EXTENSION citext", want: "drop-schema"},
		{sql: "CREATE EXTENSION IF NOT EXISTS citext", not: "!w"},
		{sql: "ALTER DOMAIN us_zip DROP CONSTRAINT c", not: "drop-table"},
		{sql: "TRUNCATE ONLY users RESTART IDENTITY", want: "truncate-table"},
		{sql: "INSERT INTO users (id) VALUES (1) ON CONFLICT DO NOTHING", not: "!w"},
	}
}

func TestHazardsOfPostgreSQL(t *testing.T) {
	for _, h := range postgresHazards() {
		got, worst := found(t, postgres.Dialect{}, h)
		check(t, h, got, worst)
	}
}

func check(t *testing.T, h hazard, got []string, worst lint.Severity) {
	t.Helper()
	for _, want := range strings.Fields(h.want) {
		if !slices.Contains(got, want) {
			t.Errorf("%s\n does not raise %s: %v", h.sql, want, got)
		}
	}
	for _, not := range strings.Fields(h.not) {
		switch {
		case not == "!w":
			if rest := graver(got); len(rest) > 0 && worst.Rank() > lint.Info.Rank() {
				t.Errorf("%s\n raises %v", h.sql, rest)
			}
		case slices.Contains(got, not):
			t.Errorf("%s\n raises %s", h.sql, not)
		}
	}
}

// graver leaves out the finding that every test has which sets no timeout.
func graver(rules []string) []string {
	return slices.DeleteFunc(slices.Clone(rules), func(id string) bool {
		r, _ := lint.Find(id)
		return id == "lock-timeout-missing" || r.Severity == lint.Info
	})
}

func found(t *testing.T, d dialect.Dialect, h hazard) ([]string, lint.Severity) {
	t.Helper()
	ex := d.(dialect.Examiner)
	m := ex.Model(nil, "", safety.Server{Flavor: "postgres", Version: [3]int{18}})
	m.Whole = true
	lint.Examine(ex, m, &lint.Unit{Dialect: d.Name()}, pieces(t, d, setup))
	u := &lint.Unit{Name: "x", Dialect: d.Name(), Tx: !h.noTx}
	lint.Examine(ex, m, u, pieces(t, d, h.sql))
	report, err := lint.Check(t.Context(), u, lint.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range report.Findings {
		out = append(out, f.Rule)
	}
	return out, report.Worst()
}

package cli

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// phasedCase is a change of columns from one schema to another.
type phasedCase struct {
	name, from, to string
	rows           string // what is there before
	meanwhile      string // what programs write between the releases
	query, want    string // what is to be there in the end
	refused        string // why it is made directly; empty: it is made in phases
	only           string // the server that it is for; empty: all
}

func phasedCases() []phasedCase {
	return []phasedCase{
		{
			name: "key that others refer to", from: `
CREATE TABLE users (id serial PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users ON DELETE CASCADE, "User" int REFERENCES users (id));
CREATE TABLE extra (id int PRIMARY KEY REFERENCES users);
CREATE INDEX orders_user ON orders (user_id)`,
			to: `
CREATE TABLE users (id bigserial PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE, "User" int REFERENCES users (id));
CREATE TABLE extra (id int PRIMARY KEY REFERENCES users);
CREATE INDEX orders_user ON orders (user_id)`,
			rows: `INSERT INTO users (name) VALUES ('a'), ('b'), ('c'); INSERT INTO orders VALUES (1, 1, 2), (2, 2, 2), (3, 3, NULL); INSERT INTO extra VALUES (1)`,
			meanwhile: `INSERT INTO users (name) VALUES ('d'); INSERT INTO orders VALUES (4, 4, 1); UPDATE orders SET user_id = 1 WHERE id = 2;
DELETE FROM users WHERE id = 3`,
			query: `WITH n AS (INSERT INTO users (name) VALUES ('e') RETURNING id)
SELECT (SELECT string_agg(id || ':' || user_id || ':' || coalesce("User", 0), ' ' ORDER BY id) FROM orders) || ' ' || n.id FROM n`,
			want: "1:1:2 2:1:2 4:4:1 5",
		},
		{
			name: "rename with all that rests on it", from: `
CREATE TABLE t (id int PRIMARY KEY, mail varchar(20) NOT NULL DEFAULT 'none' CHECK (mail <> '' AND length(mail) > 2), a int, UNIQUE (a, mail) INCLUDE (id));
CREATE INDEX t_lower ON t (lower(mail) text_pattern_ops DESC NULLS LAST) INCLUDE (mail) WHERE mail <> 'x';
CREATE STATISTICS t_stat ON a, mail FROM t;
ALTER TABLE t ALTER mail SET STATISTICS 200;
COMMENT ON COLUMN t.mail IS 'it''s the mail'; COMMENT ON INDEX t_lower IS 'an index'`,
			to: `
CREATE TABLE t (id int PRIMARY KEY,
  -- schemactl:renamed_from mail
  email varchar(20) NOT NULL DEFAULT 'none' CONSTRAINT t_mail_check CHECK (email <> '' AND length(email) > 2), a int, CONSTRAINT t_a_mail_id_key UNIQUE (a, email) INCLUDE (id));
CREATE INDEX t_lower ON t (lower(email) text_pattern_ops DESC NULLS LAST) INCLUDE (email) WHERE email <> 'x';
CREATE STATISTICS t_stat ON a, email FROM t;
ALTER TABLE t ALTER email SET STATISTICS 200;
COMMENT ON COLUMN t.email IS 'it''s the mail'; COMMENT ON INDEX t_lower IS 'an index'`,
			rows: `INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', 3), (4, 'four', 4)`,
			meanwhile: `INSERT INTO t (id, email) VALUES (5, 'five'); INSERT INTO t (id, mail) VALUES (6, 'six'); INSERT INTO t (id) VALUES (7);
UPDATE t SET email = 'TWO' WHERE id = 2; UPDATE t SET mail = 'THREE' WHERE id = 3; UPDATE t SET a = 9 WHERE id = 4`,
			query: `SELECT string_agg(id || email || coalesce(a, 0), ' ' ORDER BY id) FROM t`,
			want:  "1one1 2TWO2 3THREE3 4four9 5five0 6six0 7none0",
		},
		{
			name: "nullable rename", from: `CREATE TABLE t (id int, a text)`,
			to: `CREATE TABLE t (id int,
  -- schemactl:renamed_from a
  "B b" text)`,
			rows:      `INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, 'y'), (4, 'z')`,
			meanwhile: `UPDATE t SET "B b" = NULL WHERE id = 3; UPDATE t SET a = NULL WHERE id = 4; UPDATE t SET "B b" = 'new' WHERE id = 2`,
			query:     `SELECT string_agg(id || coalesce("B b", '-'), ' ' ORDER BY id) FROM t`, want: "1x 2new 3- 4-",
		},
		{
			name: "numbers", from: `CREATE TABLE t (id int PRIMARY KEY, a numeric(10,2) NOT NULL DEFAULT 1.5 CHECK (a > 0), b smallint, c int[], d real)`,
			to:        `CREATE TABLE t (id int PRIMARY KEY, a numeric(12,4) NOT NULL DEFAULT 1.5 CHECK (a > 0), b int NOT NULL DEFAULT 7, c bigint[], d double precision)`,
			rows:      `INSERT INTO t VALUES (1, 2.25, 3, '{1,2}', 0.5)`,
			meanwhile: `INSERT INTO t VALUES (2, 3, 4, '{}', 1)`,
			query:     `WITH n AS (INSERT INTO t (id) VALUES (3) RETURNING *) SELECT string_agg(concat_ws('/', id, a, b, c, d), ' ' ORDER BY id) FROM (TABLE n UNION ALL TABLE t) u`,
			want:      "1/2.2500/3/{1,2}/0.5 2/3.0000/4/{}/1 3/1.5000/7",
		},
		{
			name: "values that travel as text", from: `CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE, b mood DEFAULT 'sad', c json, d text DEFAULT 'sad', e integer)`,
			to: `CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE mood2 AS ENUM ('sad', 'glad', 'mad');
CREATE TABLE t (id int PRIMARY KEY, a uuid UNIQUE, b text DEFAULT 'sad', c jsonb, d mood2 DEFAULT 'sad', e text)`,
			rows:      `INSERT INTO t VALUES (1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'glad', '{"b": 1,  "a": 2}', 'glad', 5)`,
			meanwhile: `INSERT INTO t VALUES (2, NULL, DEFAULT, '[1 ]', 'nonsense', 6); UPDATE t SET d = 'glad' WHERE id = 2`,
			query:     `SELECT string_agg(concat_ws('/', id, a, b, c, d, e), ' ' ORDER BY id) FROM t`,
			want:      `1/a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11/glad/{"a": 2, "b": 1}/glad/5 2/sad/[1]/glad/6`,
		},
		{
			name: "narrower", from: `CREATE TABLE t (id bigint PRIMARY KEY, a varchar(20) NOT NULL)`, to: `CREATE TABLE t (id int PRIMARY KEY, a varchar(3) NOT NULL)`,
			rows: `INSERT INTO t VALUES (1, 'abc'), (2, 'ab   ')`, meanwhile: `INSERT INTO t VALUES (3, 'toolong'), (99999999999, 'x'); UPDATE t SET a = 'cut' WHERE id = 3; UPDATE t SET id = 4 WHERE id > 100`,
			query: `SELECT string_agg(concat_ws('/', id, a), ' ' ORDER BY id) FROM t`, want: `1/abc 2/ab  3/cut 4/x`,
		},
		{
			name: "keys of many columns", from: `
CREATE TABLE a (x int, y int, z int, PRIMARY KEY (x, y), UNIQUE (z, x) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE b (x int, y int, n int, FOREIGN KEY (x, y) REFERENCES a MATCH FULL ON UPDATE CASCADE DEFERRABLE);
ALTER TABLE a REPLICA IDENTITY USING INDEX a_pkey;
ALTER TABLE a CLUSTER ON a_pkey`,
			to: `
CREATE TABLE a (x bigint, y int, z int, PRIMARY KEY (x, y), UNIQUE (z, x) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE b (x bigint, y int, n bigint, FOREIGN KEY (x, y) REFERENCES a MATCH FULL ON UPDATE CASCADE DEFERRABLE);
ALTER TABLE a REPLICA IDENTITY USING INDEX a_pkey;
ALTER TABLE a CLUSTER ON a_pkey`,
			rows: `INSERT INTO a VALUES (1, 1, 1), (2, 2, 2); INSERT INTO b VALUES (1, 1, 1)`, meanwhile: `UPDATE a SET x = 5 WHERE x = 1; INSERT INTO b VALUES (2, 2, 3)`,
			query: `SELECT string_agg(concat_ws('/', x, y, n), ' ' ORDER BY x) FROM b`, want: "2/2/3 5/1/1",
		},
		{
			name: "with other changes", from: `CREATE TABLE old (id int PRIMARY KEY, a int, gone int); CREATE TABLE keys (k int PRIMARY KEY)`,
			to: `
-- schemactl:renamed_from old
CREATE TABLE anew (id int CONSTRAINT old_pkey PRIMARY KEY,
  -- schemactl:renamed_from a
  b int, k int, c text DEFAULT 'c');
CREATE TABLE keys (k bigint PRIMARY KEY);
CREATE TABLE more (k bigint REFERENCES keys, n int);
CREATE INDEX anew_b ON anew (b);
ALTER TABLE anew ADD FOREIGN KEY (k) REFERENCES keys`,
			rows: `INSERT INTO old VALUES (1, 2, 3); INSERT INTO keys VALUES (7)`, meanwhile: `INSERT INTO anew (id, a) VALUES (2, 3); INSERT INTO keys VALUES (8)`,
			query: `SELECT (SELECT string_agg(concat_ws('/', id, b, c), ' ' ORDER BY id) FROM anew) || (SELECT sum(k) FROM keys)`, want: "1/2/c 2/3/c15",
		},
		{
			name: "nulls that are one", only: "postgres-18", from: `CREATE TABLE t (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b), CONSTRAINT filled NOT NULL b)`,
			to:   `CREATE TABLE t (a bigint, b bigint, UNIQUE NULLS NOT DISTINCT (a, b), CONSTRAINT filled NOT NULL b)`,
			rows: `INSERT INTO t VALUES (NULL, 1)`, query: `SELECT concat_ws('/', a, b) FROM t`, want: "1",
		},
		{
			name: "domains", from: `CREATE DOMAIN small AS int CHECK (VALUE < 10); CREATE TABLE t (id int, a small, b int)`,
			to: `CREATE DOMAIN small AS int CHECK (VALUE < 10); CREATE TABLE t (id int, a int, b small)`, rows: `INSERT INTO t VALUES (1, 2, 3)`,
			meanwhile: `INSERT INTO t VALUES (2, 3, 50); UPDATE t SET b = 5 WHERE id = 2`, query: `SELECT string_agg(concat_ws('/', id, a, b), ' ' ORDER BY id) FROM t`, want: "1/2/3 2/3/5",
		},
		{
			name: "privileges and settings", from: `CREATE TABLE t (id int, a text COMPRESSION pglz, b int); ALTER TABLE t ALTER a SET STORAGE EXTERNAL; GRANT SELECT (a), UPDATE (b) ON t TO PUBLIC`,
			to: `CREATE TABLE t (id int,
  -- schemactl:renamed_from a
  c text COMPRESSION pglz, b bigint); ALTER TABLE t ALTER c SET STORAGE EXTERNAL; GRANT SELECT (c), UPDATE (b) ON t TO PUBLIC`,
			rows: `INSERT INTO t VALUES (1, 'x', 2)`, query: `SELECT concat_ws('/', id, c, b) FROM t`, want: "1/x/2",
		},
		{
			name: "columns that count", from: `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int GENERATED BY DEFAULT AS IDENTITY (START 10 INCREMENT 5), n int)`,
			to: `CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int)`, rows: `INSERT INTO t (n) VALUES (1), (2)`, meanwhile: `INSERT INTO t (n) VALUES (3); DELETE FROM t WHERE n = 3`,
			query: `WITH m AS (INSERT INTO t (n) VALUES (4) RETURNING id) SELECT id::text FROM m`, want: "4",
		},
		{
			name: "names of columns that count", from: `CREATE TABLE t (id smallint GENERATED BY DEFAULT AS IDENTITY (START 10 INCREMENT 5 CACHE 1), n int)`,
			to: `CREATE TABLE t (
  -- schemactl:renamed_from id
  "Key" smallint GENERATED BY DEFAULT AS IDENTITY (START 10 INCREMENT 5 CACHE 1), n int)`, rows: `INSERT INTO t (n) VALUES (1), (2)`, meanwhile: `INSERT INTO t ("Key", n) VALUES (99, 3)`,
			query: `WITH m AS (INSERT INTO t (n) VALUES (4) RETURNING "Key") SELECT "Key"::text FROM m`, want: "25",
		},
		{
			name: "a serial by another name", from: `CREATE TABLE t (id serial PRIMARY KEY, up int REFERENCES t)`,
			to: `CREATE TABLE t (
  -- schemactl:renamed_from id
  number serial CONSTRAINT t_pkey PRIMARY KEY,
  -- schemactl:renamed_from up
  parent int CONSTRAINT t_up_fkey REFERENCES t)`, rows: `INSERT INTO t VALUES (DEFAULT, NULL), (DEFAULT, 1)`, meanwhile: `INSERT INTO t (parent) VALUES (2); INSERT INTO t (up) VALUES (3)`,
			query: `WITH n AS (INSERT INTO t (parent) VALUES (4) RETURNING *) SELECT string_agg(number || '<' || coalesce(parent, 0), ' ' ORDER BY number) FROM (TABLE t UNION ALL TABLE n) u`,
			want:  "1<0 2<1 3<2 4<3 5<4",
		},
		{
			name: "names that need quotes", from: `CREATE SCHEMA "Own"; CREATE TYPE "Own"."Mood" AS ENUM ('a', 'b');
CREATE TABLE "Own"."Order" ("old" int, "new" int CHECK ("new" > 0), "select" "Own"."Mood" DEFAULT 'a', "value" text, "it's ""so" int,
  ` + "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" + ` int, CONSTRAINT "Pk" PRIMARY KEY ("old", "it's ""so"));
CREATE INDEX "In dex" ON "Own"."Order" ("new", ` + "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" + `) WHERE "value" <> 'new'`,
			to: `CREATE SCHEMA "Own"; CREATE TYPE "Own"."Mood" AS ENUM ('a', 'b'); CREATE TYPE "Own"."Mood 2" AS ENUM ('a', 'b', 'c');
CREATE TABLE "Own"."Order" ("old" bigint, "new" bigint CONSTRAINT "Order_new_check" CHECK ("new" > 1), "select" "Own"."Mood 2" DEFAULT 'c', "value" uuid, "it's ""so" bigint,
  ` + "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" + ` bigint, CONSTRAINT "Pk" PRIMARY KEY ("old", "it's ""so"));
CREATE INDEX "In dex" ON "Own"."Order" ("new", ` + "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" + ` DESC)`,
			rows: `INSERT INTO "Own"."Order" VALUES (1, 2, 'b', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 3, 4)`, meanwhile: `INSERT INTO "Own"."Order" VALUES (2, 1, 'b', NULL, 3, 4); UPDATE "Own"."Order" SET new = 5 WHERE new = 1`,
			query: `SELECT string_agg(concat_ws('/', "old", "new", "select", "value", "it's ""so"), ' ' ORDER BY old) FROM "Own"."Order"`, want: "1/2/b/a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11/3 2/5/b/3",
		},
		{
			name: "policy", from: `CREATE TABLE t (id int, a int); CREATE POLICY p ON t USING (a > 0)`, to: `CREATE TABLE t (id int, a bigint); CREATE POLICY p ON t USING (a > 0)`,
			refused: "policy public.t.p rests on it",
		},
		{
			name: "trigger of a column", from: `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE t (id int, a int); CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()`,
			to:      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TABLE t (id int, a bigint); CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()`,
			refused: "trigger public.t.g rests on it",
		},
		{
			name: "exclusion", from: `CREATE TABLE t (id int, a int, EXCLUDE (a WITH =))`, to: `CREATE TABLE t (id int, a bigint, EXCLUDE (a WITH =))`,
			refused: "exclude public.t.t_a_excl rests on it",
		},
		{
			name: "rows that hide", from: `CREATE TABLE t (id int, a int); ALTER TABLE t FORCE ROW LEVEL SECURITY`, to: `CREATE TABLE t (id int, a bigint); ALTER TABLE t FORCE ROW LEVEL SECURITY`,
			refused: "FORCE ROW LEVEL SECURITY",
		},
		{
			name: "cheap", from: `CREATE TABLE t (id int, a varchar(10))`, to: `CREATE TABLE t (id int, a varchar(20))`, refused: "-",
		},
		{
			name: "views", from: `CREATE TABLE t (id int PRIMARY KEY, a int, b text); CREATE VIEW v AS SELECT id, a, b FROM t; CREATE VIEW w AS SELECT a + 1 AS a, b FROM v WHERE a > 0; CREATE VIEW x AS SELECT a FROM w;
COMMENT ON VIEW v IS 'a view'; COMMENT ON COLUMN w.a IS 'a column'; GRANT SELECT ON v TO PUBLIC`,
			to: `CREATE TABLE t (id int PRIMARY KEY, a bigint,
  -- schemactl:renamed_from b
  c text); CREATE VIEW v AS SELECT id, a, c AS b FROM t; CREATE VIEW w AS SELECT a + 1 AS a, b FROM v WHERE a > 0; CREATE VIEW y AS SELECT a FROM w;
COMMENT ON VIEW v IS 'a view'; COMMENT ON COLUMN w.a IS 'a column'; GRANT SELECT ON v TO PUBLIC`,
			rows: `INSERT INTO t VALUES (1, 1, 'x')`, meanwhile: `INSERT INTO v VALUES (2, 2, 'y')`,
			query: `SELECT string_agg(concat_ws('/', a, b), ' ' ORDER BY a) FROM w`, want: "2/x 3/y",
		},
		{
			name: "materialized view", from: `CREATE TABLE t (id int, a int); CREATE MATERIALIZED VIEW v AS SELECT a FROM t`, to: `CREATE TABLE t (id int, a bigint); CREATE MATERIALIZED VIEW v AS SELECT a FROM t`,
			refused: "materialized public.v rests on it",
		},
		{
			name: "rows of a view", from: `CREATE TABLE t (id int, a int); CREATE VIEW v AS SELECT a FROM t; CREATE MATERIALIZED VIEW w AS SELECT a FROM v`, to: `CREATE TABLE t (id int, a bigint); CREATE VIEW v AS SELECT a FROM t; CREATE MATERIALIZED VIEW w AS SELECT a FROM v`,
			refused: "materialized public.w rests on a view of it",
		},
		{
			name: "moment", from: `CREATE TABLE t (id int, a timestamp)`, to: `CREATE TABLE t (id int, a timestamptz)`, refused: "time zone of the session",
		},
		{
			name: "partitioned", from: `CREATE TABLE t (id int, a int) PARTITION BY RANGE (id)`, to: `CREATE TABLE t (id int, a bigint) PARTITION BY RANGE (id)`, refused: "its table is partitioned",
		},
		{
			name: "names that move on", from: `CREATE TABLE t (a int, b int)`, to: `CREATE TABLE t (
  -- schemactl:renamed_from a
  b int,
  -- schemactl:renamed_from b
  c int)`, refused: "another column has the new name",
		},
		{
			name: "generated", from: `CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED)`, to: `CREATE TABLE t (a bigint, b int GENERATED ALWAYS AS (a + 1) STORED)`,
			refused: "column public.t.b rests on it",
		},
	}
}

// TestPhasedMigrations makes changes of columns in phases, with programs that write between the releases: in the end the
// database is as the direct way would have left it, rows and all.
func TestPhasedMigrations(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Name != "postgres-18" && srv.Name != "postgres-14" {
			continue
		}
		for _, c := range phasedCases() {
			if c.only != "" && c.only != srv.Name {
				continue
			}
			t.Run(srv.Name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				c.run(t, srv)
			})
		}
	}
}

func (c *phasedCase) run(t *testing.T, srv dbtest.Server) {
	t.Helper()
	p := newPhased(t, srv, c.from)
	p.sql(c.rows)
	said := p.diff(c.to)
	if c.refused != "" {
		if !strings.Contains(said, c.refused) || len(p.files()) != 2 {
			t.Fatalf("it is not made directly because of %q:\n%s\n%s", c.refused, said, p.files())
		}
		return
	}
	if said := p.schemactl("migrate", "apply", "--url", p.live.URL); !strings.Contains(said, "Held back") {
		t.Fatalf("nothing is held back:\n%s", said)
	}
	p.sql(c.meanwhile)
	p.schemactl("migrate", "apply", "--url", p.live.URL, "--held")
	var got string
	if err := p.live.QueryRowContext(t.Context(), c.query).Scan(&got); err != nil || got != c.want {
		t.Errorf("got %q, want %q (%v)", got, c.want, err)
	}
	if said := p.schemactl("plan", "--url", p.live.URL, "--to", p.to, "--dev-url", p.dev.URL, "--detailed-exitcode"); !strings.Contains(said, "No changes") {
		t.Errorf("the database is not in the desired state:\n%s", said)
	}
}

// phased is a database with a migration directory that has a phased migration.
type phased struct {
	t         *testing.T
	live, dev *dbtest.DB
	dir, to   string
	// mail writes one row under a name of its column, and keeps a record of that.
	mail func(ctx context.Context, db *sql.DB, column string, id int, mail string) error
}

// newPhased makes a database by a first migration.
func newPhased(t *testing.T, srv dbtest.Server, from string) *phased {
	t.Helper()
	p := &phased{t: t, live: srv.Database(t), dev: srv.Database(t), dir: filepath.Join(t.TempDir(), "migrations"), mail: writeMail}
	p.schemactl("migrate", "diff", "first", "--to", p.source("first.sql", from), "--dev-url", p.dev.URL)
	p.schemactl("migrate", "apply", "--url", p.live.URL)
	return p
}

func (p *phased) source(name, text string) string {
	p.t.Helper()
	path := filepath.Join(filepath.Dir(p.dir), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return "file://" + path
}

// diff writes the phased migration, after which there must be nothing left to write.
func (p *phased) diff(to string) string {
	p.t.Helper()
	p.to = p.source("to.sql", to)
	said := p.schemactl("migrate", "diff", "second", "--to", p.to, "--dev-url", p.dev.URL, "--phased", "--allow-destructive")
	if again := p.schemactl("migrate", "diff", "--to", p.to, "--dev-url", p.dev.URL); !strings.Contains(again, "No changes") {
		p.t.Errorf("the files do not lead to the desired state:\n%s", again)
	}
	return said
}

func (p *phased) files() []string {
	p.t.Helper()
	names, err := filepath.Glob(filepath.Join(p.dir, "*.sql"))
	if err != nil {
		p.t.Fatal(err)
	}
	return names
}

// schemactl runs a command that must succeed, and returns all that it says.
func (p *phased) schemactl(args ...string) string {
	p.t.Helper()
	if args[0] == "migrate" {
		args = append(args, "--dir", "file://"+p.dir)
	}
	cmd, stderr := schemactlCmd(p.t, args...)
	cmd.Stdout = stderr
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("%s: %v\n%s\n%s", strings.Join(args, " "), err, stderr, p.contents())
	}
	return stderr.String()
}

// contents are the files of the directory, for messages.
func (p *phased) contents() string {
	var b strings.Builder
	for _, name := range p.files() {
		text, _ := os.ReadFile(name) //nolint:gosec // of the test
		b.WriteString("==> " + filepath.Base(name) + "\n" + string(text))
	}
	return b.String()
}

func (p *phased) sql(text string) {
	p.t.Helper()
	if text == "" {
		return
	}
	if _, err := p.live.ExecContext(p.t.Context(), text); err != nil {
		p.t.Fatalf("%v\nof: %s", err, text)
	}
}

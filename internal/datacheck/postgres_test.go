package datacheck_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

func TestPostgresRefusesWhatChecksFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		if srv.Scheme == "postgres" {
			testTransitions(t, srv, postgresTransitions())
		}
	})
}

// TestUnanswerable has plans whose questions only the server can answer, and that it carries out: they stop nothing.
func TestUnanswerable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		if srv.Scheme != "postgres" {
			return
		}
		b := newBench(t, srv)
		for _, tr := range []transition{
			{
				name: "check with a new value of an enum", from: "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x e)",
				to: "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, x e CHECK (x <> 'c'))",
			},
			{
				name: "new column with a new value of an enum in a key", from: "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x e)",
				to: "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, x e, y e DEFAULT 'c', UNIQUE (id, y))",
			},
			{
				name: "check with a new function", from: "CREATE TABLE t (id int PRIMARY KEY, x text)",
				to: "CREATE FUNCTION f(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 > 0'; CREATE TABLE t (id int PRIMARY KEY, x text, CHECK (f(id)))",
			},
		} {
			t.Run(tr.name, func(t *testing.T) {
				p, err := b.try(t, tr, "INSERT INTO t VALUES (1, 'a')")
				if err != nil || len(p.FailedChecks()) > 0 {
					t.Errorf("the plan goes through (%v), and the checks say%s", err, answers(p))
				}
				for _, c := range p.Checks {
					if c.Result.NotChecked == "" {
						t.Errorf("the answer cannot be known:%s", answers(p))
					}
				}
			})
		}
	})
}

func postgresTransitions() []transition {
	return []transition{
		{
			name: "not null", from: "CREATE TABLE t (id int PRIMARY KEY, a text)", to: "CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL)",
			fits: "INSERT INTO t VALUES (1, 'x'), (2, '')", refused: "INSERT INTO t VALUES (3, NULL), (4, NULL)", found: 2,
		},
		{
			name: "not null of a renamed column in a renamed table", from: `CREATE TABLE "Old" ("Key" int PRIMARY KEY, a text)`,
			to: `CREATE TABLE anew ("Key" int PRIMARY KEY, b text NOT NULL)`, renames: []string{"table:public.Old=public.anew", "column:public.Old.a=b"},
			fits: `INSERT INTO "Old" VALUES (1, 'x')`, refused: `INSERT INTO "Old" VALUES (3, NULL)`,
		},
		{
			name: "not null of tables that inherit", from: "CREATE TABLE p (id int, a text); CREATE TABLE c () INHERITS (p)",
			to:   "CREATE TABLE p (id int, a text NOT NULL); CREATE TABLE c () INHERITS (p)",
			fits: "INSERT INTO c VALUES (1, 'x')", refused: "INSERT INTO c VALUES (1, NULL)",
		},
		{
			name: "not null validated", since: 18, from: "CREATE TABLE t (id int PRIMARY KEY, a text); ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID",
			to: "CREATE TABLE t (id int PRIMARY KEY, a text CONSTRAINT n NOT NULL)", fits: "INSERT INTO t VALUES (1, 'x')",
			refused: "ALTER TABLE t ALTER a DROP NOT NULL; INSERT INTO t VALUES (3, NULL); ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID",
		},
		{
			name: "not null not inherited", since: 18, from: "CREATE TABLE p (id int, a text); CREATE TABLE c () INHERITS (p)",
			to:   "CREATE TABLE p (id int, a text, CONSTRAINT n NOT NULL a NO INHERIT); CREATE TABLE c () INHERITS (p)",
			fits: "INSERT INTO c VALUES (1, NULL)", refused: "INSERT INTO p VALUES (1, NULL)",
		},
		{
			name: "new column of a domain that refuses NULL, and refers", from: "CREATE DOMAIN d AS text NOT NULL; CREATE DOMAIN dd AS d; CREATE TABLE k (id d PRIMARY KEY, o dd UNIQUE); CREATE TABLE t (id int PRIMARY KEY)",
			to:   "CREATE DOMAIN d AS text NOT NULL; CREATE DOMAIN dd AS d; CREATE TABLE k (id d PRIMARY KEY, o dd UNIQUE); CREATE TABLE t (id int PRIMARY KEY, a d REFERENCES k, b dd REFERENCES k (o))",
			fits: "SELECT 1", refused: "INSERT INTO t VALUES (1)",
		},
		{
			name: "new column without default", from: "CREATE TABLE t (id int PRIMARY KEY)", to: "CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL)",
			fits: "SELECT 1", refused: "INSERT INTO t VALUES (1), (2)", found: 2,
		},
		{
			name: "new column of a domain", from: "CREATE DOMAIN d AS int NOT NULL; CREATE TABLE t (id int PRIMARY KEY)",
			to:   "CREATE DOMAIN d AS int NOT NULL; CREATE TABLE t (id int PRIMARY KEY, a d)",
			fits: "SELECT 1", refused: "INSERT INTO t VALUES (1)",
		},
		{
			name: "new generated column", from: "CREATE TABLE t (id int PRIMARY KEY, n int)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, n int, m smallint GENERATED ALWAYS AS (n * 2) STORED)",
			fits: "INSERT INTO t VALUES (1, 16000)", refused: "INSERT INTO t VALUES (2, 17000)",
		},
		{
			name: "new generated column without null", from: "CREATE TABLE t (id int PRIMARY KEY, n int)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, n int, m int GENERATED ALWAYS AS (nullif(n, 0)) STORED NOT NULL)",
			fits: "INSERT INTO t VALUES (1, 1)", refused: "INSERT INTO t VALUES (2, 0)",
		},
		{
			name: "new column with a default in a unique key", from: "CREATE TABLE t (id int PRIMARY KEY, n int)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, n int, a int DEFAULT 1, UNIQUE (n, a))",
			fits: "INSERT INTO t VALUES (1, 1), (2, 2)", refused: "INSERT INTO t VALUES (3, 2)",
		},
		{
			name: "new identity in a key", from: "CREATE TABLE t (n int)", to: "CREATE TABLE t (n int UNIQUE, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
			fits: "INSERT INTO t VALUES (1), (2)", refused: "INSERT INTO t VALUES (2)",
		},
		{
			name: "primary key", from: "CREATE TABLE t (a int NOT NULL, b int NOT NULL)", to: "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))",
			fits: "INSERT INTO t VALUES (1, 1), (1, 2)", refused: "INSERT INTO t VALUES (1, 2)",
		},
		{
			name: "primary key of a column with nulls", from: "CREATE TABLE t (a int)", to: "CREATE TABLE t (a int PRIMARY KEY)",
			fits: "INSERT INTO t VALUES (1)", refused: "INSERT INTO t VALUES (NULL)",
		},
		{
			name: "unique", from: "CREATE TABLE t (id int PRIMARY KEY, a text)", to: "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE)",
			fits: "INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, NULL)", refused: "INSERT INTO t VALUES (4, 'x'), (5, 'x')",
		},
		{
			name: "unique without distinct nulls", since: 15, from: "CREATE TABLE t (id int PRIMARY KEY, a text)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, a text, UNIQUE NULLS NOT DISTINCT (a))",
			fits: "INSERT INTO t VALUES (1, 'x'), (2, NULL)", refused: "INSERT INTO t VALUES (3, NULL)",
		},
		{
			name: "unique in an inherited table", from: "CREATE TABLE p (id int, a text); CREATE TABLE c () INHERITS (p)",
			to:   "CREATE TABLE p (id int, a text UNIQUE); CREATE TABLE c () INHERITS (p)",
			fits: "INSERT INTO p VALUES (1, 'x'); INSERT INTO c VALUES (1, 'x'), (2, 'x')", refused: "INSERT INTO p VALUES (2, 'x')",
		},
		{
			name: "unique in a partitioned table", from: "CREATE TABLE p (id int, a text) PARTITION BY RANGE (id); CREATE TABLE c PARTITION OF p DEFAULT",
			to:   "CREATE TABLE p (id int, a text, UNIQUE (id, a)) PARTITION BY RANGE (id); CREATE TABLE c PARTITION OF p DEFAULT",
			fits: "INSERT INTO p VALUES (1, 'x'), (1, 'y')", refused: "INSERT INTO p VALUES (1, 'y')",
		},
		{
			name: "unique index of an expression, partial", from: "CREATE TABLE t (id int PRIMARY KEY, a text, live bool)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, a text, live bool); CREATE UNIQUE INDEX i ON t (lower(a)) WHERE live",
			fits: "INSERT INTO t VALUES (1, 'X', true), (2, 'x', false), (3, 'x', NULL), (4, NULL, true), (5, NULL, true)", refused: "INSERT INTO t VALUES (6, 'x', true)",
		},
		{
			name: "unique index with a collation", from: "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE t (id int PRIMARY KEY, a text)",
			to:   "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE t (id int PRIMARY KEY, a text); CREATE UNIQUE INDEX i ON t (a COLLATE ci)",
			fits: "INSERT INTO t VALUES (1, 'a'), (2, 'b')", refused: "INSERT INTO t VALUES (3, 'A')",
		},
		{
			name: "unique index made anew", from: "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE UNIQUE INDEX i ON t (a, b)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE UNIQUE INDEX i ON t (a)",
			fits: "INSERT INTO t VALUES (1, 1, 1)", refused: "INSERT INTO t VALUES (2, 1, 2)",
		},
		{
			name: "unique index of a materialized view", from: "CREATE TABLE t (a int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA",
			to:   "CREATE TABLE t (a int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE UNIQUE INDEX i ON m (a)",
			fits: "INSERT INTO t VALUES (1), (2); REFRESH MATERIALIZED VIEW m", refused: "INSERT INTO t VALUES (2); REFRESH MATERIALIZED VIEW m",
		},
		{
			name: "exclusion", from: "CREATE TABLE t (id int PRIMARY KEY, r int4range)", to: "CREATE TABLE t (id int PRIMARY KEY, r int4range, EXCLUDE USING gist (r WITH &&))",
			fits: "INSERT INTO t VALUES (1, '[1,5)'), (2, '[5,9)'), (3, NULL)", refused: "INSERT INTO t VALUES (4, '[4,6)')", found: 2,
		},
		{
			name: "exclusion, partial, without a key", from: "CREATE TABLE t (r int4range, live bool)", to: "CREATE TABLE t (r int4range, live bool, EXCLUDE USING gist (r WITH &&, (r * r) WITH &&) WHERE (live))",
			fits: "INSERT INTO t VALUES ('[1,5)', true), ('[1,5)', false)", refused: "INSERT INTO t VALUES ('[1,2)', true)",
		},
		{
			name: "key without overlaps", since: 18, from: "CREATE TABLE t (id int4range NOT NULL, v daterange NOT NULL)", to: "CREATE TABLE t (id int4range, v daterange, PRIMARY KEY (id, v WITHOUT OVERLAPS))",
			fits:    "INSERT INTO t VALUES ('[1,2)', '[2020-01-01,2021-01-01)'), ('[1,2)', '[2021-01-01,2022-01-01)')",
			refused: "INSERT INTO t VALUES ('[1,2)', '[2021-06-01,2021-07-01)')",
		},
		{
			name: "foreign key", from: "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int)",
			to:   "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)",
			fits: "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 3)",
		},
		{
			name: "foreign key to itself, with columns of the same names", from: "CREATE TABLE t (id int PRIMARY KEY, parent int)", to: "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t)",
			fits: "INSERT INTO t VALUES (1, NULL), (2, 1)", refused: "INSERT INTO t VALUES (3, 9)",
		},
		{
			name: "foreign key of several columns", from: "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int)",
			to:   "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p)",
			fits: "INSERT INTO p VALUES (1, 1); INSERT INTO t VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, 7)", refused: "INSERT INTO t VALUES (4, 1, 2)",
		},
		{
			name: "foreign key, full", from: "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int)",
			to:   "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL)",
			fits: "INSERT INTO p VALUES (1, 1); INSERT INTO t VALUES (1, 1, 1), (2, NULL, NULL)", refused: "INSERT INTO t VALUES (3, 1, NULL), (4, 1, 2)", found: 2,
		},
		{
			name: "foreign key to a new table", from: "CREATE TABLE t (id int PRIMARY KEY, p int)", to: "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)",
			fits: "INSERT INTO t VALUES (1, NULL)", refused: "INSERT INTO t VALUES (2, 1)",
		},
		{
			name: "foreign key to what inherits", from: "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c () INHERITS (p); CREATE TABLE t (id int PRIMARY KEY, p int)",
			to:   "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c () INHERITS (p); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)",
			fits: "INSERT INTO p VALUES (1); INSERT INTO c VALUES (2); INSERT INTO t VALUES (1, 1)", refused: "INSERT INTO t VALUES (2, 2)",
		},
		{
			name: "foreign key validated", from: "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int)",
			to:      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int, CONSTRAINT f FOREIGN KEY (p) REFERENCES p)",
			fits:    "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1); ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p NOT VALID",
			refused: "ALTER TABLE t DROP CONSTRAINT f; INSERT INTO t VALUES (2, 2); ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p NOT VALID",
		},
		{
			name: "foreign key with a period", since: 18, from: "CREATE TABLE p (id int4range, v daterange, PRIMARY KEY (id, v WITHOUT OVERLAPS)); CREATE TABLE t (n int PRIMARY KEY, id int4range, v daterange)",
			to:      "CREATE TABLE p (id int4range, v daterange, PRIMARY KEY (id, v WITHOUT OVERLAPS)); CREATE TABLE t (n int PRIMARY KEY, id int4range, v daterange, FOREIGN KEY (id, PERIOD v) REFERENCES p (id, PERIOD v))",
			fits:    "INSERT INTO p VALUES ('[1,2)', '[2020-01-01,2021-01-01)'), ('[1,2)', '[2021-01-01,2022-01-01)'); INSERT INTO t VALUES (1, '[1,2)', '[2020-06-01,2021-06-01)')",
			refused: "INSERT INTO t VALUES (2, '[1,2)', '[2021-06-01,2022-06-01)'), (3, '[2,3)', '[2021-06-01,2021-07-01)')", found: 2,
		},
		{
			name: "check", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0))",
			fits: "INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 0)",
		},
		{
			name: "check that cannot be computed", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (1 / a < 5))",
			fits: "INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 0)",
		},
		{
			name: "check not inherited", from: "CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p)", to: "CREATE TABLE p (a int CHECK (a > 0) NO INHERIT); CREATE TABLE c () INHERITS (p)",
			fits: "INSERT INTO c VALUES (0)", refused: "INSERT INTO p VALUES (0)",
		},
		{
			name: "check of a renamed and a new column", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, b int, n int DEFAULT 5, CHECK (b < n))",
			renames: []string{"column:public.t.a=b"}, fits: "INSERT INTO t VALUES (1, 1), (2, NULL)", refused: "INSERT INTO t VALUES (3, 5)",
		},
		{
			name: "check of a column of another type", from: "CREATE TABLE t (id int PRIMARY KEY, a text)", to: "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0))",
			fits: "INSERT INTO t VALUES (1, '1'), (2, NULL)", refused: "INSERT INTO t VALUES (3, '-1')",
		},
		{
			name: "check validated", from: "CREATE TABLE t (id int PRIMARY KEY, a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
			to: "CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0))", fits: "INSERT INTO t VALUES (1, 1)",
			refused: "ALTER TABLE t DROP CONSTRAINT c; INSERT INTO t VALUES (2, 0); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
		},
		{
			name: "domain check", from: "CREATE DOMAIN d AS text; CREATE TABLE t (id int PRIMARY KEY, a d)", to: "CREATE DOMAIN d AS text CHECK (VALUE <> 'VALUE' AND length(VALUE) < 9); CREATE TABLE t (id int PRIMARY KEY, a d)",
			fits: "INSERT INTO t VALUES (1, 'x'), (2, NULL)", refused: "INSERT INTO t VALUES (3, 'VALUE'), (4, 'longer than that')", found: 2,
		},
		{
			name: "domain check through a domain", from: "CREATE DOMAIN d AS text; CREATE DOMAIN e AS d; CREATE TABLE t (id int PRIMARY KEY, a e)",
			to:   "CREATE DOMAIN d AS text CHECK (VALUE <> ''); CREATE DOMAIN e AS d; CREATE TABLE t (id int PRIMARY KEY, a e)",
			fits: "INSERT INTO t VALUES (1, 'x')", refused: "INSERT INTO t VALUES (3, '')",
		},
		{
			name: "domain not null", from: "CREATE DOMAIN d AS text; CREATE TABLE t (id int PRIMARY KEY, a d)", to: "CREATE DOMAIN d AS text NOT NULL; CREATE TABLE t (id int PRIMARY KEY, a d)",
			fits: "INSERT INTO t VALUES (1, 'x')", refused: "INSERT INTO t VALUES (3, NULL)",
		},
		{
			name: "domain check validated", from: "CREATE DOMAIN d AS text; CREATE TABLE t (id int PRIMARY KEY, a d)", to: "CREATE DOMAIN d AS text CONSTRAINT c CHECK (VALUE <> ''); CREATE TABLE t (id int PRIMARY KEY, a d)",
			fits:    "INSERT INTO t VALUES (1, 'x'); ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID",
			refused: "ALTER DOMAIN d DROP CONSTRAINT c; INSERT INTO t VALUES (3, ''); ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID",
		},
		{
			name: "column becomes a domain", from: "CREATE DOMAIN d AS varchar(5) NOT NULL CHECK (VALUE <> ''); CREATE TABLE t (id int PRIMARY KEY, a text)",
			to:   "CREATE DOMAIN d AS varchar(5) NOT NULL CHECK (VALUE <> ''); CREATE TABLE t (id int PRIMARY KEY, a d)",
			fits: "INSERT INTO t VALUES (1, 'x')", refused: "INSERT INTO t VALUES (2, ''), (3, NULL)", found: 2,
		},
		{
			name: "column becomes a new domain", from: "CREATE TABLE t (id int PRIMARY KEY, a text)",
			to: "CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (id int PRIMARY KEY, a d)", since: 16,
			fits: "INSERT INTO t VALUES (1, '1')", refused: "INSERT INTO t VALUES (2, '0'), (3, 'x')", found: 2,
		},
		{
			name: "enum value removed", from: "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, x e)",
			to:   "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x e)",
			fits: "INSERT INTO t VALUES (1, 'a'), (2, NULL)", refused: "INSERT INTO t VALUES (3, 'c')",
		},
		{
			name: "enum value removed beside a key that changes its type", from: "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, x e, y text)",
			to:   "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id bigint PRIMARY KEY, x e, y int, z text DEFAULT 'z' NOT NULL)",
			fits: "INSERT INTO t VALUES (1, 'a'), (2, NULL)", refused: "INSERT INTO t VALUES (3, 'c')", found: 1,
		},
		{
			name: "domain over another type, with a check of its values, beside a key that changes its type",
			from: "CREATE DOMAIN d AS text; CREATE TABLE t (id int PRIMARY KEY, x d)",
			to:   "CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (id bigint PRIMARY KEY, x d)",
			fits: "INSERT INTO t VALUES (1, '1'), (2, NULL)", refused: "INSERT INTO t VALUES (3, '0')", found: 1,
		},
		{
			name: "domain that forbids NULL, beside a key that changes its type",
			from: "CREATE DOMAIN d AS text; CREATE TABLE t (id int PRIMARY KEY, x d)",
			to:   "CREATE DOMAIN d AS text NOT NULL; CREATE TABLE t (id bigint PRIMARY KEY, x d)",
			fits: "INSERT INTO t VALUES (1, '1')", refused: "INSERT INTO t VALUES (3, NULL)", found: 1,
		},
		{
			name: "enum value removed from lists", from: "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, x e[])",
			to:   "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x e[])",
			fits: "INSERT INTO t VALUES (1, '{a}'), (2, NULL)", refused: "INSERT INTO t VALUES (3, '{a,c}')",
		},
		{
			name: "text becomes an enum", from: "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x text)",
			to:   "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x e)",
			fits: "INSERT INTO t VALUES (1, 'a'), (2, NULL)", refused: "INSERT INTO t VALUES (3, 'c')",
		},
		{
			name: "text and an enum become a new enum", from: "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, x text, y e)",
			to:   "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TYPE n AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x n, y n)",
			fits: "INSERT INTO t VALUES (1, 'a', 'b'), (2, NULL, NULL)", refused: "INSERT INTO t VALUES (3, 'a', 'c')",
		},
		{
			name: "check of an enum that gets values", from: "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, x e)",
			to:   "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, x e CHECK (x <> 'b'))",
			fits: "INSERT INTO t VALUES (1, 'a')", refused: "INSERT INTO t VALUES (3, 'b')",
		},
		{
			name: "shorter varchar", from: "CREATE TABLE t (id int PRIMARY KEY, a varchar(10))", to: "CREATE TABLE t (id int PRIMARY KEY, a varchar(3))",
			fits: "INSERT INTO t VALUES (1, 'abc'), (2, 'äöü'), (3, 'ab        ')", refused: "INSERT INTO t VALUES (4, 'abcd')",
		},
		{
			name: "text becomes varchar and char", from: "CREATE TABLE t (id int PRIMARY KEY, a text, b text)", to: "CREATE TABLE t (id int PRIMARY KEY, a varchar(3), b char(3))",
			fits: "INSERT INTO t VALUES (1, 'abc   ', 'abc   ')", refused: "INSERT INTO t VALUES (4, '', 'abcd')",
		},
		{
			name: "number becomes varchar", from: "CREATE TABLE t (id int PRIMARY KEY, a int)", to: "CREATE TABLE t (id int PRIMARY KEY, a varchar(3))",
			fits: "INSERT INTO t VALUES (1, 999)", refused: "INSERT INTO t VALUES (4, -999)",
		},
		{
			name: "smaller integer", from: "CREATE TABLE t (id int PRIMARY KEY, a bigint)", to: "CREATE TABLE t (id int PRIMARY KEY, a smallint)",
			fits: "INSERT INTO t VALUES (1, 32767), (2, -32768), (3, NULL)", refused: "INSERT INTO t VALUES (4, 32768), (5, -32769)", found: 2,
		},
		{
			name: "numeric becomes integer", from: "CREATE TABLE t (id int PRIMARY KEY, a numeric)", to: "CREATE TABLE t (id int PRIMARY KEY, a int)",
			fits: "INSERT INTO t VALUES (1, 2147483647.4), (2, -2147483648.4), (3, NULL)", refused: "INSERT INTO t VALUES (4, 2147483647.5), (5, 'NaN')", found: 2,
		},
		{
			name: "double becomes bigint", from: "CREATE TABLE t (id int PRIMARY KEY, a double precision)", to: "CREATE TABLE t (id int PRIMARY KEY, a bigint)",
			fits: "INSERT INTO t VALUES (1, 9223372036854774784), (2, -9223372036854775808)", refused: "INSERT INTO t VALUES (4, 9223372036854775808), (5, 'NaN'), (6, '-Infinity')", found: 3,
		},
		{
			name: "smaller numeric", from: "CREATE TABLE t (id int PRIMARY KEY, a numeric(10, 2))", to: "CREATE TABLE t (id int PRIMARY KEY, a numeric(4, 1))",
			fits: "INSERT INTO t VALUES (1, 999.94), (2, 'NaN'), (3, -999.9)", refused: "INSERT INTO t VALUES (4, 999.95)",
		},
		{
			name: "double becomes numeric", from: "CREATE TABLE t (id int PRIMARY KEY, a double precision)", to: "CREATE TABLE t (id int PRIMARY KEY, a numeric(4, 1))",
			fits: "INSERT INTO t VALUES (1, 999.9), (2, 'NaN')", refused: "INSERT INTO t VALUES (4, 1000), (5, 'Infinity')", found: 2,
		},
		{
			name: "double becomes real", from: "CREATE TABLE t (id int PRIMARY KEY, a double precision)", to: "CREATE TABLE t (id int PRIMARY KEY, a real)",
			fits: "INSERT INTO t VALUES (1, 1.5), (2, 'Infinity')", refused: "INSERT INTO t VALUES (4, 1e300)",
		},
		{
			name: "text becomes integer", from: "CREATE TABLE t (id int PRIMARY KEY, a text)", to: "CREATE TABLE t (id int PRIMARY KEY, a int)",
			fits: "INSERT INTO t VALUES (1, ' 12 '), (2, NULL)", refused: "INSERT INTO t VALUES (3, '12x'), (4, '')", found: 2,
		},
		{
			name: "text becomes uuid, date and jsonb", from: "CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(20), c text)", to: "CREATE TABLE t (id int PRIMARY KEY, a uuid, b date, c jsonb)",
			fits: "INSERT INTO t VALUES (1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-02-29', '{}')", refused: "INSERT INTO t VALUES (3, NULL, '2023-02-29', NULL)",
		},
		{
			name: "lists of other numbers", from: "CREATE TABLE t (id int PRIMARY KEY, a bigint[])", to: "CREATE TABLE t (id int PRIMARY KEY, a int[])",
			fits: "INSERT INTO t VALUES (1, '{1}')", refused: "INSERT INTO t VALUES (3, '{3000000000}')",
		},
		{
			name: "bits", from: "CREATE TABLE t (id int PRIMARY KEY, a bit varying(8), b bit(4))", to: "CREATE TABLE t (id int PRIMARY KEY, a bit varying(4), b bit(4))",
			fits: "INSERT INTO t VALUES (1, '1111', '1010')", refused: "INSERT INTO t VALUES (2, '10101', '1010')",
		},
		{
			name: "unique values become equal", from: "CREATE TABLE t (id int PRIMARY KEY, a numeric UNIQUE, b timestamp); CREATE UNIQUE INDEX i ON t (b)",
			to:   "CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b date); CREATE UNIQUE INDEX i ON t (b)",
			fits: "INSERT INTO t VALUES (1, 1.1, '2024-01-01 10:00'), (2, 2.1, '2024-01-02 10:00')", refused: "INSERT INTO t VALUES (3, 0.9, '2024-01-03 10:00')",
		},
		{
			name: "partition attached", from: "CREATE TABLE p (a int, b text) PARTITION BY RANGE (a); CREATE TABLE c (a int, b text)",
			to:   "CREATE TABLE p (a int, b text) PARTITION BY RANGE (a); CREATE TABLE c PARTITION OF p FOR VALUES FROM (1) TO (10)",
			fits: "INSERT INTO c VALUES (1, 'x'), (9, NULL)", refused: "INSERT INTO c VALUES (10, 'x'), (0, ''), (NULL, '')", found: 3,
		},
		{
			name: "partition attached by several keys", from: "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a, b); CREATE TABLE c (a int, b int)",
			to:   "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a, b); CREATE TABLE c PARTITION OF p FOR VALUES FROM (1, 5) TO (3, MAXVALUE)",
			fits: "INSERT INTO c VALUES (1, 5), (2, 0), (3, 1000)", refused: "INSERT INTO c VALUES (1, 4), (4, 0)", found: 2,
		},
		{
			name: "partition attached by list", from: "CREATE TABLE p (a text) PARTITION BY LIST (lower(a)); CREATE TABLE c (a text)",
			to:   "CREATE TABLE p (a text) PARTITION BY LIST (lower(a)); CREATE TABLE c PARTITION OF p FOR VALUES IN ('x', NULL)",
			fits: "INSERT INTO c VALUES ('X'), (NULL)", refused: "INSERT INTO c VALUES ('y')",
		},
		{
			name: "partition attached by hash", from: "CREATE TABLE p (a int) PARTITION BY HASH (a); CREATE TABLE c (a int)",
			to:      "CREATE TABLE p (a int) PARTITION BY HASH (a); CREATE TABLE c PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
			fits:    "INSERT INTO c SELECT n FROM generate_series(1, 20) n WHERE satisfies_hash_partition('p'::regclass, 2, 0, n)",
			refused: "INSERT INTO c SELECT n FROM generate_series(1, 20) n WHERE satisfies_hash_partition('p'::regclass, 2, 1, n) LIMIT 1",
		},
		{
			name: "default partition holds rows of a new one", from: "CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE TABLE rest PARTITION OF p DEFAULT",
			to:   "CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE TABLE rest PARTITION OF p DEFAULT; CREATE TABLE c PARTITION OF p FOR VALUES FROM (MINVALUE) TO (10)",
			fits: "INSERT INTO p VALUES (10), (NULL)", refused: "INSERT INTO p VALUES (9)",
		},
		{
			name: "default partition attached", from: "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1); CREATE TABLE rest (a int)",
			to:   "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1); CREATE TABLE rest PARTITION OF p DEFAULT",
			fits: "INSERT INTO rest VALUES (2), (NULL)", refused: "INSERT INTO rest VALUES (1)",
		},
	}
}

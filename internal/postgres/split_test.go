package postgres_test

import (
	"context"
	"testing"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/postgres"
)

// everyQuote is one file with all that makes a semicolon no end of a statement.
const everyQuote = `
-- a comment; with ' and " and $$
CREATE TABLE "a;b" (id int PRIMARY KEY, "t;" text DEFAULT 'it''s; \', e text DEFAULT E'it\'s;', u text DEFAULT U&'\0061;');
/* one /* in another; */ still; */ CREATE VIEW v AS SELECT 1 AS x -- trailing;
;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
  EXECUTE $q$ SELECT ';' $q$; -- $body
  RETURN (CASE WHEN a > 1 THEN 2 ELSE 3 END);
END;
$body$;
CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC
  SELECT 1;
  SELECT CASE a WHEN 1 THEN CASE WHEN true THEN 2 END ELSE 3 END AS x;
END;
CREATE OR REPLACE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC INSERT INTO "a;b" (id) VALUES (1); DELETE FROM "a;b"; END ;
CREATE RULE r AS ON UPDATE TO "a;b" DO ALSO (NOTIFY x; INSERT INTO "a;b" (id) VALUES (new.id + 1););
DO $$ BEGIN PERFORM 1; PERFORM ';'; END $$;
CREATE FUNCTION h() RETURNS text LANGUAGE sql AS 'SELECT ''a;''::text; SELECT ''b''::text';
COMMENT ON TABLE "a;b" IS 'x;' /* ; */;
`

// TestSplitAsTheServer runs every piece of a file alone: a cut in the wrong place is a fault to the server.
func TestSplitAsTheServer(t *testing.T) {
	ctx := context.Background()
	pieces, err := postgres.Dialect{}.Split([]byte(everyQuote), "all.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) != 9 {
		t.Errorf("%d pieces", len(pieces))
	}
	for _, srv := range []string{"postgres-18", "postgres-14"} {
		u, err := dburl.Parse(database(t, srv))
		if err != nil {
			t.Fatal(err)
		}
		s, err := postgres.Dialect{}.Connect(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pieces {
			if err := s.Exec(ctx, p.SQL); err != nil {
				t.Errorf("%s: %v: %v\n%s", srv, p.Pos, err, p.SQL)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

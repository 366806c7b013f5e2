package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/localserver"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

// smallServer starts a server that can lock few objects in one transaction.
func smallServer(t *testing.T) (url string) {
	t.Helper()
	in, err := localserver.Find(t.Context(), localserver.Release{Flavor: localserver.Postgres, Major: 18, Minor: localserver.Any})
	if err != nil {
		t.Fatal(err)
	}
	s, err := localserver.Start(t.Context(), in, localserver.Options{
		CacheDir: t.TempDir(), Settings: map[string]string{"max_locks_per_transaction": "10", "max_connections": "20"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.URL("")
}

func connectTo(t *testing.T, url string) dialect.Session {
	t.Helper()
	u, err := dburl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	session, err := postgres.Dialect{}.Connect(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// fileOfTables is a file of tables, the later ones first so that the loader has to come back for the earlier.
func fileOfTables(n int, more ...string) []dialect.Statement {
	var text strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&text, "CREATE TABLE t%d (id int PRIMARY KEY, other int);\n", i)
	}
	for _, m := range more {
		text.WriteString(m + ";\n")
	}
	return []dialect.Statement{{SQL: text.String(), Pos: diag.Pos{File: "schema.sql", Line: 1, Column: 1}}}
}

// TestLoadInPieces loads more tables than the server can lock at once, and leaves nothing behind: the second load
// would otherwise refuse the database.
func TestLoadInPieces(t *testing.T) {
	t.Parallel()
	s := connectTo(t, smallServer(t))
	const tables = 5000
	everyKind := []string{
		"CREATE SCHEMA app", "CREATE TYPE app.mood AS ENUM ('sad', 'glad')", "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
		"CREATE TYPE pair AS (a int, b app.mood)", "CREATE TYPE span AS RANGE (subtype = int)",
		"CREATE VIEW app.all_of_t AS SELECT later.id FROM later", // before its table
		"CREATE TABLE later (id int PRIMARY KEY, m app.mood, p positive) PARTITION BY RANGE (id)",
		"CREATE TABLE later_1 PARTITION OF later FOR VALUES FROM (1) TO (10)",
		"CREATE SEQUENCE app.ids", "CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) FROM later",
		"CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1; SELECT 1'",
		"CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$",
		"CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int)",
		"CREATE OPERATOR <-> (FUNCTION = int4pl, LEFTARG = int, RIGHTARG = int)",
		"CREATE OPERATOR FAMILY fam USING btree", "CREATE TEXT SEARCH CONFIGURATION words (COPY = simple)",
		"CREATE STATISTICS stats ON id, other FROM t1", "CREATE EXTENSION citext", "CREATE PUBLICATION pub FOR TABLE t1",
		"CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER remote FOREIGN DATA WRAPPER w", "CREATE USER MAPPING FOR CURRENT_USER SERVER remote",
		"CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stop'; END $$",
		"CREATE EVENT TRIGGER stop ON sql_drop EXECUTE FUNCTION ev()",
		"CREATE CAST (app.mood AS int) WITH FUNCTION mood_to_int(app.mood)",
		"CREATE FUNCTION mood_to_int(app.mood) RETURNS int LANGUAGE sql AS 'SELECT 1'",
		"GRANT SELECT ON t1 TO PUBLIC", "COMMENT ON SCHEMA public IS 'mine'",
	}
	for range 2 {
		c, err := s.Load(t.Context(), fileOfTables(tables, everyKind...), dialect.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		state, err := postgres.Build(c, dialect.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(state.Kind("table")), tables+2; got != want {
			t.Errorf("Load: got %d tables, want %d", got, want)
		}
		if !state.Has(object.ID{Kind: "view", Schema: "app", Name: "all_of_t"}) {
			t.Error("Load: the view that stands before its table is missing")
		}
	}
}

// TestLoadInPiecesCleansUp shows that a load that fails, or is cut off, leaves nothing behind either.
func TestLoadInPiecesCleansUp(t *testing.T) {
	t.Parallel()
	url := smallServer(t)
	s := connectTo(t, url)
	fault := loadFault(t, s, fileOfTables(3000, "CREATE TABLE wrong (id nonsense)"))
	if want := (diag.Pos{File: "schema.sql", Line: 3001, Column: 24}); fault.Pos != want {
		t.Errorf("the fault is at %v, want %v", fault.Pos, want)
	}
	fault = loadFault(t, s, fileOfTables(3000, "CREATE ROLE someone"))
	if fault.Code != "out-of-locks" || fault.Pos.Line != 3001 {
		t.Errorf("a role in a load in pieces: got %v, want out-of-locks in line 3001", fault)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := s.Load(ctx, fileOfTables(3000, "SELECT pg_sleep(60)"), dialect.Scope{}); err == nil {
		t.Error("Load: a load that was cut off reports no error")
	}
	// Whoever comes next finds an empty database; where the cut fell into a transaction, the server undoes it by itself.
	next := connectTo(t, url)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		_, err := next.Load(t.Context(), fileOfTables(10), dialect.Scope{})
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("Load after those that failed: %v", err)
		}
	}
}

func loadFault(t *testing.T, s dialect.Session, statements []dialect.Statement) *diag.Diagnostic {
	t.Helper()
	_, err := s.Load(t.Context(), statements, dialect.Scope{})
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		t.Fatalf("Load: got %v, want a diagnostic", err)
	}
	return d
}

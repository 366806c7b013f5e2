package postgres

import (
	"bufio"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/hcl"
)

// TestEachAttributeMoves walks the columns of the server's catalogs. Each is either set by a statement in
// testdata/attributes.txt, and what we read of the database is then another, or is said there not to be set by DDL, and
// why. What HCL is to say moves, too. A column that a new version brings fails the test.
func TestEachAttributeMoves(t *testing.T) {
	tried, left := readAttributes(t)
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			if _, err := db.ExecContext(t.Context(), everything); err != nil {
				t.Fatal(err)
			}
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			role := db.Name + "_owner"
			if _, err := conn.ExecContext(t.Context(), fmt.Sprintf(attributeBase, role)); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if _, err := db.Exec("DROP ROLE " + role); err != nil {
					t.Error(err)
				}
			}()
			known := map[string]bool{}
			before := readAfter(t, conn, "")
			if again := readAfter(t, conn, ""); again != before {
				t.Fatal("the same database is read in two ways: the test proves nothing")
			}
			for _, a := range tried {
				a.statement = strings.ReplaceAll(a.statement, "attribute_role", role)
				for _, c := range a.columns {
					known[c] = true
				}
				if srv.Major < a.since {
					continue
				}
				after := readAfter(t, conn, a.statement)
				if after.state == before.state && after.ledger == before.ledger {
					t.Errorf("%s: nobody notices %s", strings.Join(a.columns, ", "), a.statement)
				}
				if after.state != before.state && after.hcl == before.hcl && after.left == before.left && after.ledger == before.ledger {
					t.Errorf("%s: HCL does not say %s", strings.Join(a.columns, ", "), a.statement)
				}
			}
			for _, c := range catalogColumns(t, conn) {
				catalog, column, _ := strings.Cut(c, ".")
				if !known[c] && left[c] == "" && left[catalog+".*"] == "" && left["*."+column] == "" {
					t.Errorf("nobody looks whether %s is noticed: add a statement that sets it to testdata/attributes.txt, or say why none does", c)
				}
			}
		})
	}
}

// attributeBase completes everything with what the statements need.
const attributeBase = `
CREATE TABLE app.plain (a int, b text, c int, d int NOT NULL DEFAULT 1, e xml);
CREATE UNIQUE INDEX plain_d ON app.plain (d);
CREATE INDEX plain_e ON app.plain (lower(b), (a + 1));
CREATE FUNCTION app.sum_state(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $2';
CREATE FUNCTION app.final(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE ROLE %[1]s;
`

type attributes struct {
	columns   []string
	since     int
	statement string
}

// readAttributes reads lines of columns, a tab, the version since which there are such, and a statement; and lines of a
// column, or all of a name or a catalog, and why nothing sets it.
func readAttributes(t *testing.T) (tried []attributes, left map[string]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/attributes.txt")
	if err != nil {
		t.Fatal(err)
	}
	left = map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		names, what, ok := strings.Cut(line, " | ")
		if !ok {
			t.Fatalf("no bar in %q", line)
		}
		if reason, none := strings.CutPrefix(what, "no: "); none {
			for _, n := range strings.Fields(names) {
				left[n] = reason
			}
			continue
		}
		a := attributes{columns: strings.Fields(names), statement: what}
		if version, rest, ok := strings.Cut(what, "+ "); ok {
			if n, err := strconv.Atoi(version); err == nil {
				a.since, a.statement = n, rest
			}
		}
		tried = append(tried, a)
	}
	return tried, left
}

// reading is what we read of a database.
type reading struct{ state, ledger, hcl, left string }

// readAfter reads the database as it is after a statement, which is rolled back.
func readAfter(t *testing.T, conn *sql.Conn, statement string) (out reading) {
	t.Helper()
	exec := func(text string) bool {
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Errorf("%v\n  in: %s", err, text)
			return false
		}
		return true
	}
	exec("BEGIN")
	defer exec("ROLLBACK")
	if !exec(statement) || !exec("SET TRANSACTION READ ONLY") {
		return out
	}
	scope := Scope{With: []string{"owner"}}
	c, err := InspectWithin(t.Context(), conn, scope)
	if err != nil {
		t.Error(err)
		return out
	}
	s, err := Build(c, scope)
	if err != nil {
		t.Error(err)
		return out
	}
	for _, o := range s.All() {
		out.state += fmt.Sprintf("%v %+v %v\n", o.ID, o.Value, o.Mentions)
	}
	out.ledger = fmt.Sprint(s.Ledger)
	blocks, left, err := Dialect{}.EncodeHCL(s, scope)
	if err != nil {
		t.Errorf("%v\n  after: %s", err, statement)
	}
	out.hcl, out.left = string(hcl.Write(blocks)), fmt.Sprint(left)
	return out
}

// catalogColumns lists the columns of the catalogs that hold what a database has.
func catalogColumns(t *testing.T, conn *sql.Conn) []string {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), `SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(out))
}

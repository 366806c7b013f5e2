package postgres

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// TestEachAttributeSurvives sets what testdata/attributes.txt sets, many at a time, and writes the database as HCL and as
// SQL: the HCL read again, and the SQL run by psql, make the same.
func TestEachAttributeSurvives(t *testing.T) {
	tried, _ := readAttributes(t)
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			role := db.Name + "_owner"
			if _, err := db.ExecContext(t.Context(), managed(everything)+fmt.Sprintf(attributeBase, role)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if _, err := db.Exec("DROP OWNED BY " + role + "; DROP ROLE " + role); err != nil {
					t.Error(err)
				}
			})
			dev := openSession(t, srv.Database(t))
			statements := statementsFor(tried, srv.Major, role)
			for rest := statements; len(rest) > 0; {
				var state *object.State
				var done []string
				state, done, rest = readTogether(t, db, rest)
				if len(done) == 0 {
					t.Fatalf("none of these runs: %v", rest)
				}
				differs := func(how string, got *object.State) {
					if got == nil {
						t.Errorf("%s of this cannot be read again: %s", how, strings.Join(done, ";\n      "))
						return
					}
					changes, err := Kinds().Diff(got, state)
					if err != nil {
						t.Fatal(err)
					}
					changes, _, err = Kinds().Plan(got, state, changes, kind.Policy{})
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range changes {
						t.Errorf("%s loses: %s %s %+v\n  of: %s", how, c.Action, c.ID, c.Attrs, strings.Join(done, ";\n      "))
					}
				}
				differs("HCL", throughHCL(t, dev, state))
				differs("SQL", throughPsql(t, srv.Database(t), state))
			}
		})
	}
}

// managed leaves out what schemactl does not manage, and cannot make again.
func managed(sql string) string {
	var out []string
	for _, line := range strings.Split(sql, "\n") {
		if !slices.ContainsFunc([]string{"app.shell", "app.base", "CONVERSION", "heap2", "TRANSFORM", "lo_create", "SUBSCRIPTION", "pg_ls_dir", "citext_eq", "USER MAPPING"}, func(s string) bool { return strings.Contains(line, s) }) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// statementsFor lists what a server knows to set. Neighbours set the same or the like: they come far apart.
func statementsFor(tried []attributes, major int, role string) []string {
	const apart = 12
	var out []string
	for first := range apart {
		for i := first; i < len(tried); i += apart {
			if a := tried[i]; major >= a.since && managed(a.statement) != "" {
				out = append(out, strings.ReplaceAll(a.statement, "attribute_role", role))
			}
		}
	}
	return out
}

// readTogether runs a dozen or two of the statements in a transaction, reads the database and rolls back. What does not
// run beside the others is left.
func readTogether(t *testing.T, db *dbtest.DB, statements []string) (state *object.State, done, left []string) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	exec := func(text string) error {
		_, err := conn.ExecContext(t.Context(), text)
		return err
	}
	must := func(text string) {
		if err := exec(text); err != nil {
			t.Fatal(err)
		}
	}
	must("BEGIN")
	defer must("ROLLBACK")
	const together = 16
	for _, s := range statements {
		if len(done) == together {
			left = append(left, s)
			continue
		}
		must("SAVEPOINT s")
		if err := exec(s); err != nil {
			must("ROLLBACK TO s")
			left = append(left, s)
			continue
		}
		done = append(done, s)
	}
	must("SET TRANSACTION READ ONLY")
	return stateOf(t, conn), done, left
}

func survivingScope() Scope { return Scope{With: []string{"owner"}} }

func stateOf(t *testing.T, conn *sql.Conn) *object.State {
	t.Helper()
	c, err := InspectWithin(t.Context(), conn, survivingScope())
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(c, survivingScope())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openSession(t *testing.T, db *dbtest.DB) dialect.Session {
	t.Helper()
	u, err := dburl.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Dialect{}.Connect(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// throughHCL writes the state as HCL, reads that and lets a dev database make it.
func throughHCL(t *testing.T, dev dialect.Session, state *object.State) *object.State {
	t.Helper()
	blocks, _, err := Dialect{}.EncodeHCL(state, survivingScope())
	if err != nil {
		t.Fatal(err)
	}
	text := hcl.Write(blocks)
	read, faults := hcl.Eval([]hcl.File{{Name: "schema.hcl", Text: text}}, Dialect{}.Vocabulary(), hcl.Inputs{})
	if faults.Err() != nil {
		t.Fatalf("%v\n%s", faults.Err(), text)
	}
	desired, faults := Dialect{}.DecodeHCL(read, survivingScope())
	if faults.Err() != nil {
		t.Fatalf("%v\n%s", faults.Err(), text)
	}
	c, err := dev.Load(t.Context(), statementsOf(t, desired), survivingScope())
	if err != nil {
		t.Errorf("%v\n%s", err, text)
		return nil
	}
	out, err := Build(c, survivingScope())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// statementsOf plans the statements that make the state in an empty database.
func statementsOf(t *testing.T, desired *object.State) []dialect.Statement {
	t.Helper()
	from := object.NewState()
	for _, o := range (Dialect{}).Initial(survivingScope()).All() {
		if desired.Has(o.ID) || desired.Has(o.Parent) {
			_ = from.Add(o)
		}
	}
	changes, err := Kinds().Diff(from, desired)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := Kinds().Plan(from, desired, changes, kind.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	var out []dialect.Statement
	for _, segment := range (Dialect{}).Segments(steps) {
		for _, s := range segment.Steps {
			out = append(out, dialect.Statement{SQL: s.SQL, Pos: s.Pos, Object: s.ID})
		}
	}
	return out
}

// throughPsql lets psql run the SQL of the state.
func throughPsql(t *testing.T, db *dbtest.DB, state *object.State) *object.State {
	t.Helper()
	var text strings.Builder
	for _, s := range statementsOf(t, state) {
		text.WriteString(s.SQL + ";\n")
	}
	cmd := exec.CommandContext(t.Context(), "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", db.URL)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c client_min_messages=error")
	cmd.Stdin = strings.NewReader(text.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s\n%s", err, out, text.String())
		return nil
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(t.Context(), "BEGIN"); err != nil {
		t.Fatal(err)
	}
	return stateOf(t, conn)
}

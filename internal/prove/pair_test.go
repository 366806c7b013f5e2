package prove_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/prove"
)

// A pair is two schemas that are drawn slot by slot: each slot has a choice on either side, mostly the same. A schema is
// text written from the choices of its side, so the second is a mutation of the first, and both shrink together.
type pair struct {
	t     *rapid.T
	slots map[string][2]int
}

// side writes one of the two schemas.
type side struct {
	*pair
	at  int
	out []string
}

// pick is the choice of a slot among n; 0 is the simplest.
func (s *side) pick(slot string, n int) int {
	c, ok := s.slots[slot]
	if !ok {
		c[0] = rapid.IntRange(0, n-1).Draw(s.t, slot)
		c[1] = c[0]
		if rapid.IntRange(0, 3).Draw(s.t, slot+" changes") == 3 {
			c[1] = rapid.IntRange(0, n-1).Draw(s.t, slot+" later")
		}
		s.slots[slot] = c
	}
	return c[s.at] % n
}

// stays reports whether both sides have the same choice.
func (s *side) stays(slot string) bool { c := s.slots[slot]; return c[0] == c[1] }

// has draws whether something is there.
func (s *side) has(slot string) bool { return s.pick(slot, 2) == 1 }

// one chooses among words.
func (s *side) one(slot string, words ...string) string { return words[s.pick(slot, len(words))] }

func (s *side) add(format string, args ...any) { s.out = append(s.out, fmt.Sprintf(format, args...)) }

func (s *side) text() string { return strings.Join(s.out, ";\n") + ";\n" }

// fewChecks keeps go test short and the same every time; with -rapid.checks it looks for more, from a seed of its own. It
// says whether there are few.
func fewChecks(t *testing.T, n string) (few bool) {
	t.Helper()
	if f := flag.Lookup("rapid.checks"); f.Value.String() != f.DefValue {
		return false
	}
	setFlag(t, "rapid.checks", n)
	setFlag(t, "rapid.seed", "5")
	return true
}

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// bench is two databases that the cases of a test share: the live one and the dev database.
type bench struct {
	live, dev *dbtest.DB
	engine    *engine.Engine
	dir       string
	empty     func(*dbtest.DB) error
	dialect   dialect.Dialect
	skipped   map[string]int
	proven    int
}

func newBench(t *testing.T, srv dbtest.Server) *bench {
	b := &bench{live: srv.Database(t), dev: srv.Database(t), dir: t.TempDir(), skipped: map[string]int{}}
	b.dialect, b.empty = mysql.Dialect{}, emptyMySQL
	if srv.Scheme == "postgres" {
		b.dialect, b.empty = postgres.Dialect{}, emptyPostgres
	}
	b.engine = &engine.Engine{
		Dialect: func(string) (dialect.Dialect, error) { return b.dialect, nil },
		Notify:  func(string) {},
		OpenDev: func(_ context.Context, r engine.DevRequest) (*engine.DevDatabase, error) {
			u, err := dburl.Parse(b.dev.URL)
			return &engine.DevDatabase{URL: u, Close: func() error {
				if r.Own {
					return b.empty(b.dev)
				}
				return nil
			}}, err
		},
	}
	return b
}

func emptyPostgres(db *dbtest.DB) error {
	_, err := db.Exec(`DO $$ DECLARE n text; BEGIN
  FOR n IN SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP EXECUTE 'DROP SCHEMA ' || n || ' CASCADE'; END LOOP;
  FOR n IN SELECT quote_ident(pubname) FROM pg_publication LOOP EXECUTE 'DROP PUBLICATION ' || n; END LOOP;
  FOR n IN SELECT quote_ident(evtname) FROM pg_event_trigger LOOP EXECUTE 'DROP EVENT TRIGGER ' || n; END LOOP;
END $$; CREATE SCHEMA public; COMMENT ON SCHEMA public IS 'standard public schema'; ` + publicGrants(db.Server.Major))
	return err
}

// publicGrants are what a new database grants on its schema public: less since version 15.
func publicGrants(major int) string {
	if major >= 15 {
		return "GRANT USAGE ON SCHEMA public TO PUBLIC; ALTER SCHEMA public OWNER TO pg_database_owner"
	}
	return "GRANT ALL ON SCHEMA public TO PUBLIC"
}

func emptyMySQL(db *dbtest.DB) error {
	_, err := db.Exec("DROP DATABASE " + db.Name + "; CREATE DATABASE " + db.Name + "; USE " + db.Name)
	return err
}

// check proves the plan from one schema to the other, and the way back.
func (b *bench) check(t *rapid.T, from, to string) {
	ctx := context.Background()
	if err := b.empty(b.live); err != nil {
		t.Fatal(err)
	}
	if err := b.load(from); err != nil {
		b.skip(t, err, from)
	}
	file := filepath.Join(b.dir, "schema.sql")
	if err := os.WriteFile(file, []byte(to), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := b.engine.Open(ctx, engine.Request{URL: b.live.URL, To: []string{"file://" + file}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = job.Close() }()
	r, err := job.Plan(ctx)
	if err != nil {
		if strings.Contains(err.Error(), "schema.sql") {
			b.skip(t, err, to)
		}
		t.Fatalf("no plan: %v\n-- from\n%s\n-- to\n%s", err, from, to)
	}
	again, err := job.Remaining(ctx, r.Desired)
	if err != nil || statements(again) != statements(r.Plan) {
		t.Fatalf("a second plan of the same states is another one: %v\n%s\n-- first\n%s\n-- from\n%s\n-- to\n%s", err, statements(again), statements(r.Plan), from, to)
	}
	if r.Plan.Empty() {
		return
	}
	proof, err := prove.Plan(ctx, job, r.Plan, r.Desired)
	if err != nil {
		t.Fatalf("no proof: %v\n%s\n-- from\n%s\n-- to\n%s", err, statements(r.Plan), from, to)
	}
	for _, d := range proof.Failures {
		if d.Stage == plan.StageApply && dependsOnRows(d.Message) {
			b.skipped["rows: "+d.Message]++
			return
		}
		t.Errorf("%s: %s: %s\n  %s", d.Stage, d.Object, d.Message, d.Statement)
	}
	if !proof.Proven {
		t.Fatalf("not proven:\n%s\n-- from\n%s\n-- to\n%s", statements(r.Plan), from, to)
	}
	for _, d := range proof.Undo.Differs {
		b.skipped["undone: "+d]++
	}
	for _, e := range proof.Empty {
		b.skipped["empty: "+e.Reason]++
	}
	b.proven++
}

func (b *bench) load(text string) error {
	if b.live.Server.Scheme == "postgres" {
		_, err := b.live.Exec(text)
		return err
	}
	pieces, err := b.dialect.Split([]byte(text), "from.sql")
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if _, err := b.live.Exec(p.SQL); err != nil {
			return fmt.Errorf("%w in %s", err, p.SQL)
		}
	}
	return nil
}

// skip passes over a schema that the server refuses: the generator is at fault, and says how often.
func (b *bench) skip(t *rapid.T, err error, text string) {
	if os.Getenv("SCHEMACTL_RANDOM_STRICT") != "" {
		t.Fatalf("refused: %v\n%s", err, text)
	}
	b.skipped["refused: "+err.Error()]++
	t.Skip(err)
}

// report fails when most of what was drawn tested nothing.
func (b *bench) report(t *testing.T) {
	t.Logf("proven: %d; %d others", b.proven, len(b.skipped))
	for reason, n := range b.skipped {
		t.Logf("%5d %s", n, reason)
	}
	if b.proven == 0 && !t.Failed() {
		t.Error("nothing was proven")
	}
}

// dependsOnRows tells faults of the made-up rows: SQLSTATE classes 22 and 23, and the like of MySQL and MariaDB.
func dependsOnRows(message string) bool {
	return rowFault.MatchString(message)
}

var rowFault = regexp.MustCompile(`SQLSTATE 2[23]|(?:MySQL|MariaDB) (?:1062|1452|1265|1264|1406|1366|1292|3819|4025|1526|1138)`)

func statements(p *plan.Plan) string {
	var out []string
	for _, s := range p.Steps() {
		out = append(out, s.SQL+";")
	}
	return strings.Join(out, "\n")
}

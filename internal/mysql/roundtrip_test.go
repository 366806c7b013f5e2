package mysql_test

import (
	"context"
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// TestRoundTrip brings a database from nothing to the first schema of each fixture, on to the second, back to the first
// and to nothing. After every leg the server must show what it shows of a database made by the fixture itself, and a
// second plan must be empty. Each schema goes through HCL and back, too, and is held against what needs no server. Rows that
// a fixture puts into the first schema are there all the way.
func TestRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/roundtrip/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	fixtures := int64(0)
	devs := dbtest.NewPool(func(srv dbtest.Server) *database { return open(t, srv.Database(t)) })
	spelled := &settledTables{}
	t.Cleanup(func() { spelled.enough(t, fixtures) })
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		need, from, to, rows := fixture(t, string(text))
		for _, srv := range dbtest.Servers() {
			if srv.Scheme == "postgres" || need != "" && need != srv.Scheme {
				continue
			}
			fixtures++
			t.Run(strings.TrimSuffix(filepath.Base(file), ".sql")+"/"+srv.Name, func(t *testing.T) {
				t.Parallel()
				dev := devs.Lend(t, srv)
				a, b := dev.desired(t, from), dev.desired(t, to)
				t.Run("plans", func(t *testing.T) { roundTrip(t, srv, leg{from, a}, leg{to, b}, rows) })
				for name, want := range map[string]*object.State{"from": a, "to": b} {
					t.Run("hcl "+name, func(t *testing.T) { hclRoundTrip(t, dev, want) })
				}
				t.Run("without a server", func(t *testing.T) { spelled.holds(t, dev, a, b) })
			})
		}
	}
}

func fixture(t *testing.T, text string) (need, from, to, rows string) {
	t.Helper()
	head, rest, ok1 := strings.Cut(text, "-- from\n")
	from, to, ok2 := strings.Cut(rest, "-- to\n")
	if !ok1 || !ok2 {
		t.Fatal("a fixture has the parts -- from and -- to")
	}
	to, rows, _ = strings.Cut(to, "-- rows\n")
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(head), "-- need")), from, to, rows
}

// leg is a schema that a database is brought to.
type leg struct {
	source  string
	desired *object.State
}

func roundTrip(t *testing.T, srv dbtest.Server, from, to leg, rows string) {
	live := open(t, srv.Database(t))
	var counted map[string]int
	wantFrom, wantTo := made(t, srv, from.source), made(t, srv, to.source)
	for _, way := range []struct {
		name string
		to   leg
		want string
	}{
		{"nothing to first", from, wantFrom}, {"first to second", to, wantTo},
		{"second to first", from, wantFrom}, {"first to nothing", leg{"", object.NewState()}, ""},
	} {
		steps := live.apply(t, way.to.desired)
		if got := shown(t, live.db); got != way.want {
			t.Fatalf("%s:\n%s\nleads to\n%s\nwant\n%s", way.name, steps, got, way.want)
		}
		if again := live.plan(t, way.to.desired); len(again) > 0 {
			t.Fatalf("%s: the second plan is not empty:\n%s", way.name, text(again))
		}
		switch {
		case rows != "":
			put(t, live.db, rows)
			counted, rows = rowCounts(t, live.db), ""
		case way.want != "" && counted != nil:
			if got := rowCounts(t, live.db); !maps.Equal(got, counted) {
				t.Fatalf("%s: the tables have %v rows, not %v:\n%s", way.name, got, counted, steps)
			}
		}
	}
}

// put runs statements, each of which ends its line with a semicolon.
func put(t *testing.T, db *dbtest.DB, statements string) {
	t.Helper()
	for _, s := range strings.Split(strings.TrimSuffix(strings.TrimSpace(statements), ";"), ";\n") {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func rowCounts(t *testing.T, db *dbtest.DB) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, table := range values(t, db, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'VIEW' AND TABLE_TYPE <> 'SEQUENCE'") {
		out[table] = len(values(t, db, "SELECT 1 FROM `"+table+"`"))
	}
	return out
}

// values lists the first column of what the query finds.
func values(t *testing.T, db *dbtest.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// database is a session with a database of a test.
type database struct {
	dialect.Session
	db    *dbtest.DB
	scope dialect.Scope
}

func open(t *testing.T, db *dbtest.DB) *database {
	t.Helper()
	u, err := dburl.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := mysql.Dialect{}.Connect(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &database{Session: s, db: db, scope: dialect.Scope{Schemas: []string{db.Name}, Bound: true}}
}

func (d *database) state(t *testing.T) *object.State {
	t.Helper()
	c, err := d.Inspect(t.Context(), d.scope)
	if err != nil {
		t.Fatal(err)
	}
	s, err := mysql.Dialect{}.Build(c, d.scope)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// desired lets the database read the source.
func (d *database) desired(t *testing.T, source string) *object.State {
	t.Helper()
	statements := []dialect.Statement{{SQL: source, Pos: diag.Pos{File: "schema.sql", Line: 1, Column: 1}}}
	c, err := d.Load(t.Context(), statements, d.scope)
	if err != nil {
		t.Fatal(err)
	}
	s, err := mysql.Dialect{}.Build(c, d.scope)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (d *database) plan(t *testing.T, to *object.State) []*plan.Step {
	t.Helper()
	from := d.state(t)
	set := mysql.Kinds()
	changes, err := set.Diff(from, to)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := set.Plan(from, to, changes, kind.Policy{Server: d.Server().Planned()})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Session.(dialect.Surveyor).Survey(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if isData := strings.HasPrefix(s.SQL, "UPDATE ") || strings.HasPrefix(s.SQL, "SET "); (s.Runs == nil || s.Runs.Algorithm == "" || s.Runs.Lock == "") && !isData {
			t.Errorf("nobody says how this runs: %s", s.SQL)
		}
	}
	mysql.Dialect{}.Explicit(steps)
	return steps
}

func (d *database) apply(t *testing.T, to *object.State) string {
	t.Helper()
	steps := d.plan(t, to)
	for _, s := range steps {
		if err := d.Exec(t.Context(), s.SQL); err != nil {
			t.Fatalf("%v\nin %s\nof\n%s", err, s.SQL, text(steps))
		}
	}
	return text(steps)
}

func text(steps []*plan.Step) string {
	var out []string
	for _, s := range steps {
		out = append(out, s.SQL+";")
	}
	return strings.Join(out, "\n")
}

// made is what the server shows of a database made by the source itself.
func made(t *testing.T, srv dbtest.Server, source string) string {
	t.Helper()
	db := srv.Database(t)
	statements, err := mysql.Dialect{}.Split([]byte(source), "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s.SQL); err != nil {
			t.Fatalf("%v\nin %s", err, s.SQL)
		}
	}
	return shown(t, db)
}

var cosmetic = regexp.MustCompile(`DEFINER=\S+ | AUTO_INCREMENT=\d+|STARTS '20[0-2][^']*' ?`)

// shown is the text of SHOW CREATE for everything in a database, lines of tables ordered but for their columns.
func shown(t *testing.T, db *dbtest.DB) string {
	t.Helper()
	var out []string
	for _, list := range []struct{ query, kind string }{
		{"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1", "TABLE"},
		{"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'VIEW' ORDER BY 1", "VIEW"},
		{"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SEQUENCE' ORDER BY 1", "SEQUENCE"},
		{"SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'FUNCTION' ORDER BY 1", "FUNCTION"},
		{"SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'PROCEDURE' ORDER BY 1", "PROCEDURE"},
		{"SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER", "TRIGGER"},
		{"SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() ORDER BY 1", "EVENT"},
	} {
		for _, name := range column(t, db, list.query, 0) {
			text := ""
			for _, cell := range row(t, db, "SHOW CREATE "+list.kind+" `"+strings.ReplaceAll(name, "`", "``")+"`") {
				if strings.HasPrefix(cell, "CREATE ") {
					text = strings.ReplaceAll(cosmetic.ReplaceAllString(cell, ""), "`"+db.Name+"`.", "")
				}
			}
			if list.kind == "TRIGGER" { // which of them runs first is told by their order above
				text = regexp.MustCompile("(FOLLOWS|PRECEDES) `?\\w+`? ").ReplaceAllString(text, "")
			}
			if list.kind == "TABLE" {
				text = sortedKeys(text)
			}
			out = append(out, text)
		}
	}
	return strings.Join(out, "\n")
}

// sortedKeys orders the lines of keys and checks, which come in the order in which they were made.
func sortedKeys(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, ",\n", "\n"), "\n")
	first := slices.IndexFunc(lines[1:], func(l string) bool { return !strings.HasPrefix(l, "  `") }) + 1
	last := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, ")") })
	slices.Sort(lines[first:last])
	return strings.Join(lines, "\n")
}

func column(t *testing.T, db *dbtest.DB, query string, at int) []string {
	t.Helper()
	var out []string
	for _, line := range lines(t, db, query) {
		out = append(out, line[at])
	}
	return out
}

func row(t *testing.T, db *dbtest.DB, query string) []string {
	t.Helper()
	found := lines(t, db, query)
	if len(found) == 0 {
		t.Fatalf("%s: no row", query)
	}
	return found[0]
}

func lines(t *testing.T, db *dbtest.DB, query string) [][]string {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		cells, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			dest[i] = &cells[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = c.String
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

package postgres_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
)

// shape is what a table is made of, in the order of its columns.
type shape struct{ k, y, more, keys, after string }

var plainShape = shape{k: "k int", y: "y int"}

// parentChanges are what may be different about a parent, and so about its children.
var parentChanges = map[string]shape{
	"nothing":   plainShape,
	"column":    {k: "k int", y: "y int", more: ", x int"},
	"columns":   {k: "k int", y: "y int", more: ", x text DEFAULT 'a' NOT NULL, g int GENERATED ALWAYS AS (k * 2) STORED"},
	"type":      {k: "k int", y: "y bigint"},
	"default":   {k: "k int", y: "y int DEFAULT 5"},
	"not_null":  {k: "k int", y: "y int NOT NULL"},
	"check":     {k: "k int", y: "y int", more: ", CONSTRAINT above CHECK (y > 0)"},
	"key":       {k: "k int", y: "y int", keys: ", PRIMARY KEY (k)"},
	"unique":    {k: "k int", y: "y int", keys: ", UNIQUE (k, y)"},
	"reference": {k: "k int", y: "y int", keys: ", CONSTRAINT to_ref FOREIGN KEY (y) REFERENCES ref (id)"},
	"index":     {k: "k int", y: "y int", after: "CREATE INDEX ON %s (y);\n"},
}

// childChanges are what the child has beside, before the plan and after it.
var childChanges = map[string][2]string{
	"nothing":        {},
	"own_default":    {"ALTER TABLE c ALTER y SET DEFAULT 9;", "ALTER TABLE c ALTER y SET DEFAULT 9;"},
	"lost_default":   {"ALTER TABLE c ALTER y SET DEFAULT 9;", ""},
	"own_not_null":   {"ALTER TABLE c ALTER y SET NOT NULL;", "ALTER TABLE c ALTER y SET NOT NULL;"},
	"lost_not_null":  {"ALTER TABLE c ALTER y SET NOT NULL;", ""},
	"own_check":      {"ALTER TABLE c ADD CONSTRAINT own CHECK (y < 1000);", "ALTER TABLE c ADD CONSTRAINT own CHECK (y < 1000);"},
	"own_index":      {"CREATE INDEX own_index ON c (y, k);", "CREATE INDEX own_index ON c (y, k);"},
	"lost_index":     {"CREATE INDEX own_index ON c (y, k);", ""},
	"own_key":        {"ALTER TABLE c ADD CONSTRAINT own_key UNIQUE (y);", "ALTER TABLE c ADD CONSTRAINT own_key UNIQUE (y);"},
	"read_by_a_view": {"CREATE VIEW v AS SELECT k, y FROM c;", "CREATE VIEW v AS SELECT k, y FROM c;"},
}

// place is where the child stands: in which parent, if any, with which bound.
type place struct{ parent, bound string }

var (
	alone    = place{}
	placeOf  = map[bool][]place{true: {{"p", "IN (1, 2)"}, {"p", "IN (1, 2, 3)"}, {"q", "IN (1, 2)"}}, false: {{"p", ""}, {"q", ""}}}
	together = "CREATE TABLE ref (id int PRIMARY KEY);\nINSERT INTO ref VALUES (5);\n"
)

func (s shape) create(table, suffix string) string {
	return "CREATE TABLE " + table + " (" + s.k + ", " + s.y + s.more + s.keys + ")" + suffix + ";\n" + s.index(table)
}

func (s shape) index(table string) string {
	if s.after == "" {
		return ""
	}
	return fmt.Sprintf(s.after, table)
}

// family is a schema with two parents and a child.
func family(partitioned bool, parents shape, at place, child shape, more string) string {
	suffix := ""
	if partitioned {
		suffix = " PARTITION BY LIST (k)"
	}
	out := together + parents.create("p", suffix) + parents.create("q", suffix)
	switch {
	case at == alone:
		out += child.create("c", "")
	case partitioned:
		out += "CREATE TABLE c PARTITION OF " + at.parent + " FOR VALUES " + at.bound + ";\n"
	default:
		out += "CREATE TABLE c () INHERITS (" + at.parent + ");\n"
	}
	return out + more + "\n"
}

// tieCase is a way between two such schemas.
type tieCase struct{ name, from, to string }

func tieCases() []tieCase {
	var out []tieCase
	add := func(partitioned bool, move string, a, b place) {
		for _, parent := range slices.Sorted(maps.Keys(parentChanges)) {
			other := parentChanges[parent]
			if !partitioned && (other.keys != "" || other.after != "") {
				continue // no child has them
			}
			for _, child := range slices.Sorted(maps.Keys(childChanges)) {
				if child != "nothing" && !slices.Contains([]string{"nothing", "column", "type", "default", "not_null", "key"}, parent) {
					continue
				}
				beside := childChanges[child]
				name := strings.Join([]string{map[bool]string{true: "part", false: "heir"}[partitioned], move, parent, child}, "_")
				out = append(out,
					tieCase{name + "_more", family(partitioned, plainShape, a, plainShape, beside[0]), family(partitioned, other, b, other, beside[1])},
					tieCase{name + "_less", family(partitioned, other, a, other, beside[0]), family(partitioned, plainShape, b, plainShape, beside[1])},
				)
				if b == alone && child == "nothing" && parent != "nothing" { // what the parent gets or loses, the child does not
					out = append(out,
						tieCase{name + "_more_not_child", family(partitioned, plainShape, a, plainShape, ""), family(partitioned, other, b, plainShape, "")},
						tieCase{name + "_less_not_child", family(partitioned, other, a, other, ""), family(partitioned, plainShape, b, other, "")},
					)
				}
			}
		}
	}
	for _, partitioned := range []bool{true, false} {
		at := placeOf[partitioned]
		add(partitioned, "leaves", at[0], alone)
		add(partitioned, "joins_other", at[0], at[len(at)-1])
		add(partitioned, "stays", at[0], at[0])
	}
	add(true, "rebinds", placeOf[true][0], placeOf[true][1])
	return out
}

// TestTies changes parents, their children, and which is whose, in one plan, both ways: each case is a schema.
func TestTies(t *testing.T) {
	cases := tieCases()
	forth, back := make([]tieCase, len(cases)), make([]tieCase, len(cases))
	for i, c := range cases {
		forth[i], back[i] = c, tieCase{c.name, c.to, c.from}
	}
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(strconv.Itoa(srv.Major), func(t *testing.T) {
			t.Run("forth", func(t *testing.T) { t.Parallel(); goBetween(t, srv, forth) })
			t.Run("back", func(t *testing.T) { t.Parallel(); goBetween(t, srv, back) })
		})
	}
}

func goBetween(t *testing.T, srv dbtest.Server, cases []tieCase) {
	var from, to strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&from, "CREATE SCHEMA %[1]s; SET search_path = %[1]s;\n%[2]sINSERT INTO c (k, y) VALUES (1, '5');\n", c.name, c.from)
		fmt.Fprintf(&to, "CREATE SCHEMA %[1]s; SET search_path = %[1]s;\n%[2]s", c.name, c.to)
	}
	db := srv.Database(t)
	if _, err := db.ExecContext(t.Context(), from.String()); err != nil {
		t.Fatal(err)
	}
	live := open(t, db.URL)
	desired := desiredState(t, srv, to.String())
	_, steps := planTo(t, live, desired)
	statements := map[string][]string{}
	for _, seg := range (postgres.Dialect{}).Segments(steps) {
		for _, st := range seg.Steps {
			schema := st.ID.Schema
			statements[schema] = append(statements[schema], st.SQL)
			runStep(t, live, st, statements[schema])
		}
	}
	left, again := planTo(t, live, desired)
	for _, st := range again {
		t.Errorf("a second plan is not empty: %s\nof %d changes, after:\n%s", st.SQL, len(left), strings.Join(statements[st.ID.Schema], ";\n"))
	}
	for _, c := range cases {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+c.name+".c WHERE k = 1 AND y::text = '5'").Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: the row is not there: %d, %v\nafter:\n%s", c.name, n, err, strings.Join(statements[c.name], ";\n"))
		}
	}
}

// runStep runs a statement; one that fails is an error of its case alone.
func runStep(t *testing.T, live dialect.Session, st *plan.Step, before []string) {
	t.Helper()
	if err := live.Exec(t.Context(), st.SQL); err != nil {
		t.Errorf("%s: %v\n  in:\n%s", st.ID.Schema, err, strings.Join(before, ";\n"))
	}
}

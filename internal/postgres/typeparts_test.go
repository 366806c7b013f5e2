package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/postgres"
)

// wrapped is a type that holds another, and a value of it.
type wrapped struct{ ddl, typ, value, want, as string }

func quotedPart(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// wraps are the ways in which a value can be part of another.
var wraps = map[string]func(n int, in wrapped) wrapped{
	"array": func(_ int, in wrapped) wrapped {
		return wrapped{in.ddl, in.typ + "[]", "{" + quotedPart(in.value) + "}", "{" + quotedPart(in.want) + "}", "array"}
	},
	"domain": func(n int, in wrapped) wrapped {
		name := fmt.Sprintf("d%d", n)
		return wrapped{in.ddl + fmt.Sprintf("CREATE DOMAIN %s AS %s;", name, in.typ), name, in.value, in.want, "domain"}
	},
	"composite": func(n int, in wrapped) wrapped {
		name := fmt.Sprintf("c%d", n)
		return wrapped{in.ddl + fmt.Sprintf("CREATE TYPE %s AS (f %s, n int);", name, in.typ), name, "(" + quotedPart(in.value) + ",1)", "(" + quotedPart(in.want) + ",1)", "composite"}
	},
	"range": func(n int, in wrapped) wrapped {
		name := fmt.Sprintf("r%d", n)
		of := func(v string) string { return "[" + quotedPart(v) + "," + quotedPart(v) + "]" }
		return wrapped{in.ddl + fmt.Sprintf("CREATE TYPE %s AS RANGE (subtype = %s);", name, in.typ), name, of(in.value), of(in.want), "range"}
	},
}

// inUse are the objects that use a type, and the row that must survive.
func inUse(w wrapped) string {
	value := strings.ReplaceAll(w.value, "'", "''")
	equal := "v = l"
	if w.as == "domain" { // the operators of enums and arrays take none over them
		equal = "v::text = l::text"
	}
	return w.ddl + fmt.Sprintf(`
CREATE TABLE t (id int, v %[1]s DEFAULT '%[2]s', l %[1]s, CHECK (v::text <> 'x'), CHECK (%[3]s));
CREATE INDEX t_v ON t (v);
CREATE INDEX t_l ON t (id) WHERE l IS NOT NULL;
CREATE VIEW seen AS SELECT v, l FROM t WHERE %[3]s;
CREATE FUNCTION same(x %[1]s) RETURNS %[1]s LANGUAGE sql IMMUTABLE AS 'SELECT x';
CREATE VIEW called AS SELECT same(v) AS v FROM t;
`, w.typ, value, equal)
}

func rowOf(w wrapped) string {
	return fmt.Sprintf("INSERT INTO t (id, v, l) VALUES (1, '%[1]s', '%[1]s'), (2, DEFAULT, '%[1]s');", strings.ReplaceAll(w.value, "'", "''"))
}

// A type changes in a way that PostgreSQL does not know, while others of every kind hold its values, two levels deep, and
// tables hold theirs: all are made anew around the rows.
func TestTypesUnderTypes(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, from, to, value, want string }{
		{"enum loses a value", "ENUM ('a', 'b', 'c')", "ENUM ('a', 'b')", "a", "a"},
		{"domain changes its type", "int", "bigint", "1", "1"},
		{"domain gets a check", "int", "int CHECK (VALUE > 0)", "1", "1"},
		{"domain gets NOT NULL", "int", "int NOT NULL", "1", "1"},
		{"composite changes an attribute", "(x int, y text)", "(x bigint, y text)", "(1,k)", "(1,k)"},
		{"composite changes and gains", "(x int)", "(x bigint, z int)", "(1)", "(1,)"},
		{"range without a difference", "RANGE (subtype = float8, subtype_diff = float8mi)", "RANGE (subtype = float8)", "[1,2)", "[1,2)"},
		{"range over more", "RANGE (subtype = int4)", "RANGE (subtype = int8)", "[1,2)", "[1,2)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			create := "CREATE TYPE b AS "
			if strings.HasPrefix(c.name, "domain") {
				create = "CREATE DOMAIN b AS "
			}
			changeNested(t, create+c.from+";", create+c.to+";", c.value, c.want, strings.HasSuffix(c.name, "gains"))
		})
	}
}

// nestings lists a type as such, within each other kind, and within each other kind within each other kind.
func nestings(base wrapped, shapes bool) []wrapped {
	kinds := []string{"array", "domain", "composite", "range"}
	if shapes { // rows within lists cannot change their shape
		kinds = []string{"domain", "composite"}
	}
	out := []wrapped{base}
	for _, a := range kinds {
		one := wraps[a](1, base)
		out = append(out, one)
		for _, b := range kinds {
			if a != "array" || b != "array" {
				out = append(out, wraps[b](2, one))
			}
		}
	}
	return out
}

func changeNested(t *testing.T, from, to, value, want string, shapes bool) {
	srv := dbtest.Servers()[0]
	db := srv.Database(t)
	var live, desired strings.Builder
	before := nestings(wrapped{from, "b", value, want, ""}, shapes)
	after := nestings(wrapped{to, "b", want, want, ""}, shapes)
	for i := range before {
		head := fmt.Sprintf("CREATE SCHEMA s%d; SET search_path = s%[1]d;\n", i)
		live.WriteString(head + inUse(before[i]) + rowOf(before[i]))
		desired.WriteString(head + inUse(after[i]))
	}
	if _, err := db.Exec(live.String()); err != nil {
		t.Fatal(err)
	}
	session, goal := open(t, db.URL), desiredState(t, srv, desired.String())
	_, steps := planTo(t, session, goal)
	for _, seg := range (postgres.Dialect{}).Segments(steps) {
		for _, s := range seg.Steps {
			if err := session.Exec(t.Context(), s.SQL); err != nil {
				t.Fatalf("%v in %s", err, s.SQL)
			}
		}
	}
	if changes, _ := planTo(t, session, goal); len(changes) > 0 {
		t.Errorf("still different: %v", changes)
	}
	for i, w := range before {
		var got string
		err := db.QueryRow(fmt.Sprintf("SELECT string_agg(v::text || l::text, ' ') FROM s%d.t", i)).Scan(&got)
		plain := strings.NewReplacer(`"`, "", `\`, "")
		if want := w.want + w.want + " " + w.want + w.want; err != nil || plain.Replace(got) != plain.Replace(want) {
			t.Errorf("%s: got %s (%v), want %s", w.ddl, got, err, want)
		}
	}
}

// A function that a range over an enum rests on is made anew with both.
func TestFunctionUnderRange(t *testing.T) {
	t.Parallel()
	const rest = `
CREATE FUNCTION far(a b, z b) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 1.0::float8';
CREATE TYPE r AS RANGE (subtype = b, subtype_diff = far);
CREATE TABLE t (x r);`
	srv := dbtest.Servers()[0]
	db := srv.Database(t)
	if _, err := db.Exec("CREATE TYPE b AS ENUM ('a', 'b', 'c');" + rest + "INSERT INTO t VALUES ('[a,b]')"); err != nil {
		t.Fatal(err)
	}
	session, goal := open(t, db.URL), desiredState(t, srv, "CREATE TYPE b AS ENUM ('a', 'b');"+rest)
	_, steps := planTo(t, session, goal)
	for _, s := range steps {
		if err := session.Exec(t.Context(), s.SQL); err != nil {
			t.Fatalf("%v in %s", err, s.SQL)
		}
	}
	if changes, _ := planTo(t, session, goal); len(changes) > 0 {
		t.Errorf("still different: %v", changes)
	}
}

// What makes an enum anew is undone backwards.
func TestEnumMadeAnewIsUndone(t *testing.T) {
	t.Parallel()
	srv := dbtest.Servers()[0]
	db := srv.Database(t)
	const from = "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (x e DEFAULT 'a', CHECK (x <> 'b')); CREATE INDEX t_x ON t (x) WHERE x = 'a';"
	if _, err := db.Exec(from + "INSERT INTO t VALUES ('c')"); err != nil {
		t.Fatal(err)
	}
	live := open(t, db.URL)
	_, steps := planTo(t, live, desiredState(t, srv, "CREATE TYPE e AS ENUM ('c', 'a'); CREATE TABLE t (x e DEFAULT 'c');"))
	var back []string
	for _, seg := range (postgres.Dialect{}).Segments(steps) {
		for _, s := range seg.Steps {
			if err := live.Exec(t.Context(), s.SQL); err != nil {
				t.Fatalf("%v in %s", err, s.SQL)
			}
			if len(s.Reverse) == 0 {
				t.Errorf("nothing undoes %s", s.SQL)
			}
			back = append(append([]string{}, s.Reverse...), back...)
		}
	}
	for _, sql := range back {
		if err := live.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v in %s", err, sql)
		}
	}
	if changes, _ := planTo(t, live, desiredState(t, srv, from)); len(changes) > 0 {
		t.Errorf("different after the way back: %v", changes)
	}
}

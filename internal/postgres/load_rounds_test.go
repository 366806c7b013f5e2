package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

func file(name, text string) dialect.Statement {
	return dialect.Statement{SQL: text, Pos: diag.Pos{File: name, Line: 1, Column: 1}}
}

// loadFiles returns the state that the files make.
func loadFiles(t *testing.T, s dialect.Session, files ...dialect.Statement) *object.State {
	t.Helper()
	c, err := s.Load(t.Context(), files, dialect.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	state, err := postgres.Build(c, dialect.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// TestLoadLaterMeansTheSame tries statements again under the settings that they stand under, not those that came since.
func TestLoadLaterMeansTheSame(t *testing.T) {
	t.Parallel()
	s := connectTo(t, dbtest.Postgres(t, 18).URL)
	schemas := file("0.sql", "CREATE SCHEMA a; CREATE SCHEMA b;")
	for name, files := range map[string][]dialect.Statement{
		"within a file": {schemas, file("1.sql", `SET search_path = a;
CREATE VIEW v AS SELECT * FROM t;
SET search_path = b;
CREATE TABLE a.t (id int);
CREATE TABLE u (id int);`)},
		"between files": {
			schemas, file("1.sql", "SET search_path = a; CREATE VIEW v AS SELECT * FROM t;"),
			file("2.sql", "SELECT pg_catalog.set_config('search_path', 'b', false); CREATE TABLE a.t (id int); CREATE TABLE u (id int);"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			state := loadFiles(t, s, files...)
			for _, id := range []object.ID{{Kind: "view", Schema: "a", Name: "v"}, {Kind: "table", Schema: "b", Name: "u"}} {
				if !state.Has(id) {
					t.Errorf("there is no %s", id)
				}
			}
		})
	}
}

// TestLoadLeavesBodiesAlone takes no word out of a text that only looks like a statement.
func TestLoadLeavesBodiesAlone(t *testing.T) {
	t.Parallel()
	s := connectTo(t, dbtest.Postgres(t, 18).URL)
	const body = "\nBEGIN\n  EXECUTE '\nCREATE INDEX CONCURRENTLY i ON t (id)';\n  /*\nCOMMIT;\n*/\nEND;\n"
	state := loadFiles(t, s, file("1.sql", "BEGIN;\nCREATE TABLE t (id int);\nCREATE INDEX CONCURRENTLY i ON t (id);\n"+
		"CREATE PROCEDURE p() LANGUAGE plpgsql AS $$"+body+"$$;\nCOMMIT;\n"))
	for _, o := range state.Kind("procedure") {
		if text := fmt.Sprintf("%+v", o.Value); !strings.Contains(text, body) {
			t.Errorf("the body is changed: %s", text)
		}
	}
	if n := len(state.Kind("procedure")); n != 1 {
		t.Errorf("%d procedures", n)
	}
	if !state.Has(object.ID{Kind: "index", Schema: "public", Table: "t", Name: "i"}) {
		t.Error("there is no index")
	}
}

// TestLoadFindsFaults names the line of a fault for which the server names no place, wherever it is in a file.
func TestLoadFindsFaults(t *testing.T) {
	t.Parallel()
	s := connectTo(t, dbtest.Postgres(t, 18).URL)
	tables := func(n int) string {
		var text strings.Builder
		for i := range n {
			_, _ = fmt.Fprintf(&text, "CREATE TABLE t%d (id int REFERENCES later (id));\n", i)
		}
		return text.String()
	}
	for name, tt := range map[string]struct {
		text string
		line int
	}{
		"no place from the server":         {"CREATE TABLE later (id int PRIMARY KEY);\n" + tables(150) + "CREATE TABLE t77 (id int);\n", 152},
		"no place, after statements wait":  {tables(150) + "CREATE TABLE later (id int PRIMARY KEY);\nCREATE TABLE later (id int);\n", 152},
		"a place":                          {"CREATE TABLE later (id int PRIMARY KEY);\n" + tables(150) + "CREATE TABLE x (id nonsense);\n", 152},
		"a place, after statements wait":   {tables(50) + "CREATE TABLE later (id int PRIMARY KEY);\nCREATE TABLE x (id nonsense);\n" + strings.ReplaceAll(tables(50), "TABLE t", "TABLE u"), 52},
		"a syntax error after many tables": {"CREATE TABLE later (id int PRIMARY KEY);\n" + tables(50) + "CREATE TABEL x (id int);\n", 52},
	} {
		t.Run(name, func(t *testing.T) {
			if fault := loadFault(t, s, []dialect.Statement{file("schema.sql", tt.text)}); fault.Pos.Line != tt.line {
				t.Errorf("the fault is at %v, want line %d: %v", fault.Pos, tt.line, fault)
			}
		})
	}
}

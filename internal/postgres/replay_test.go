package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

// TestReplay runs scripts in their order, as a database of users would, and leaves nothing behind.
func TestReplay(t *testing.T) {
	tests := []struct {
		name    string
		scripts []string // "!" first: outside a transaction
		want    string   // in the fault
		has     string   // the name of an object afterwards
	}{
		{name: "in order", scripts: []string{"CREATE TABLE a (id int PRIMARY KEY);", "CREATE TABLE b (a int REFERENCES a); DROP TABLE b;"}, has: "a"},
		{name: "never later", scripts: []string{"CREATE VIEW v AS SELECT * FROM a;\nCREATE TABLE a (id int);"}, want: "1.sql:1:"},
		{name: "settings end with a file", scripts: []string{"CREATE SCHEMA s; SET search_path = s; CREATE TABLE a (id int);", "CREATE TABLE public.c (id int); CREATE TABLE d (id int);"}, has: "public.d"},
		{name: "rows count", scripts: []string{"CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);", "ALTER TABLE a ADD PRIMARY KEY (id);"}, want: "2.sql:1:"},
		{name: "a new enum value", scripts: []string{"CREATE TYPE e AS ENUM ('a');", "ALTER TYPE e ADD VALUE 'b';", "CREATE TABLE t (e e DEFAULT 'b');"}, has: "t"},
		{name: "transactions of its own", scripts: []string{"BEGIN; CREATE TABLE a (id int); COMMIT;", "DROP TABLE a; CREATE TABLE b (id int);"}, has: "b"},
		{name: "what no transaction holds", scripts: []string{"CREATE TABLE a (id int);", "!CREATE INDEX CONCURRENTLY i ON a (id);", "!VACUUM a;"}, has: "i"},
		{name: "rows that wait for a check", scripts: []string{"CREATE TABLE a (id int PRIMARY KEY, p int REFERENCES a DEFERRABLE INITIALLY DEFERRED); INSERT INTO a VALUES (1, 1);", "ALTER TABLE a ADD COLUMN n int;"}, has: "n"},
		{name: "many", scripts: many(250, ""), has: "t249"},
		{name: "a fault among many", scripts: many(250, "CREATE TABLE t3 (id int);"), want: "251.sql:1:"},
		{name: "a role that is not there among many", scripts: append([]string{"CREATE TABLE a (id int); ALTER TABLE a OWNER TO schemactl_replay_nobody;"}, many(120, "")...), has: "t119"},
		{name: "a trace", scripts: []string{"CREATE TABLE a (id int);", "!VACUUM a;", "CREATE ROLE schemactl_replay_trace;"}, want: "3.sql"},
	}
	for _, srv := range []string{"postgres-18", "postgres-15"} {
		t.Run(srv, func(t *testing.T) {
			url := database(t, srv)
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) { replay(t, url, tt.scripts, tt.want, tt.has) })
			}
		})
	}
}

// many are scripts of a table each, and a last one.
func many(n int, last string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("SET search_path = nowhere; CREATE TABLE public.t%d (id int);", i))
	}
	if last != "" {
		out = append(out, last)
	}
	return out
}

func database(t *testing.T, name string) string {
	for _, srv := range dbtest.Servers() {
		if srv.Name == name {
			return srv.Database(t).URL
		}
	}
	t.Fatalf("no server %q", name)
	return ""
}

func replay(t *testing.T, url string, texts []string, want, has string) {
	ctx := context.Background()
	u, err := dburl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Dialect{}.Connect(ctx, u)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var scripts []dialect.Script
	for i, text := range texts {
		text, noTx := strings.CutPrefix(text, "!")
		statements, err := postgres.Dialect{}.Split([]byte(text), fmt.Sprintf("%d.sql", i+1))
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, dialect.Script{Statements: statements, NoTx: noTx})
	}
	c, err := s.Replay(ctx, nil, scripts, dialect.Scope{})
	switch {
	case want != "":
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	case err != nil:
		t.Fatal(err)
	default:
		state, err := postgres.Dialect{}.Build(c, dialect.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(state.All(), func(o *object.Object) bool { return nameOf(o) == has || o.ID.Name == has }) {
			t.Errorf("there is no %s afterwards", has)
		}
	}
	empty, err := s.Load(ctx, nil, dialect.Scope{})
	if err != nil {
		t.Fatalf("something was left: %v, %v", empty, err)
	}
}

func nameOf(o *object.Object) string { return o.ID.Schema + "." + o.ID.Name }

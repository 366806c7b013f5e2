package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/postgres"
)

// TestWholeFile runs files as one message each, and holds against them where a fault is told to be.
func TestWholeFile(t *testing.T) {
	tests := []struct {
		name, text string
		oneByOne   bool
		done       int
		fault      string // its place and text; empty: there is none
	}{
		{name: "fine", text: "CREATE TABLE a (id int);\nSELECT 1;\nSELECT 1 WHERE false;\nSELECT 1, 2;\nINSERT INTO a VALUES (1);\n", done: 5},
		{name: "empty", text: "-- nothing\n"},
		{name: "rows are passed over", text: "SELECT generate_series(1, 20000);\nSELECT 'a', generate_series(1, 3);", done: 2},
		{name: "at its time", text: "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nSELECT 1 / (id - 1) FROM a;\nSELECT 1;", done: 2, fault: "f.sql:3:1: division by zero"},
		{name: "after some rows", text: "SELECT generate_series(1, 3);\nSELECT 1 / (3 - i) FROM generate_series(1, 4) i;\nSELECT 1;", done: 1, fault: "f.sql:2:1: division by zero"},
		{name: "with a place", text: "CREATE TABLE a (id int);\nSELECT 'ä',\n  nope FROM a;", done: 1, fault: `f.sql:3:3: column "nope" does not exist`},
		{name: "before its time", text: "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCREATE TABEL c (id int);\nSELECT 1;", done: 2, fault: `f.sql:3:8: syntax error at or near "TABEL"`},
		{name: "at the end of a statement", text: "SELECT 1;\nSELECT 1 +;\nSELECT 1;", done: 1, fault: "f.sql:2:11: syntax error"},
		{name: "in the first", text: "SELECT nope;\nSELECT 1;", fault: `f.sql:1:8: column "nope" does not exist`},
		{name: "at COMMIT", text: "CREATE TABLE a (id int PRIMARY KEY, p int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1, 2);", done: 2, fault: "violates foreign key constraint"},
		{name: "no snapshot between", text: "SET lock_timeout = 1000;\nSET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nSELECT 1;", done: 3},
		{name: "what it set", text: "SET search_path = pg_temp;\nSET ROLE pg_monitor;\nSET statement_timeout = 1;", done: 3},
		{name: "strings in another way", text: "SET standard_conforming_strings = off;\nSELECT 'a\\b';", oneByOne: true},
		{name: "throws prepared statements away", text: "DISCARD PLANS;\nDEALLOCATE ALL;\nSELECT 1;", done: 3},
		{name: "throws them away unseen", text: "CREATE TABLE a (id int);\nDO $$ BEGIN EXECUTE 'DEAL' || 'LOCATE ALL'; END $$;\nSELECT 1;", done: 3},
		{name: "one alone", text: "CREATE TABLE a (id int);", done: 1},
		{name: "one alone that fails", text: "SELECT 1 / 0;", fault: "f.sql:1:1: division by zero"},
		{name: "copy", text: "COPY (SELECT 1) TO STDOUT;", oneByOne: true},
		{name: "long", text: "SELECT '" + strings.Repeat("x", 70_000) + "';", oneByOne: true},
	}
	ctx := context.Background()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := connectTo(t, database(t, "postgres-18"))
			h := s.(dialect.Historian).History("")
			statements, err := postgres.Dialect{}.Split([]byte(tt.text), "f.sql")
			if err := errors.Join(err, h.Ensure(ctx), h.Begin(ctx)); err != nil {
				t.Fatal(err)
			}
			w := &dialect.Whole{Statements: statements, Commit: true, New: true, Entry: &dialect.Revision{Version: "1", Applied: len(statements), Total: len(statements), ExecutedAt: time.Now(), ExecutionTime: time.Second}}
			done, ok, err := h.RunWhole(ctx, w)
			if ok == tt.oneByOne || done != tt.done {
				t.Errorf("ran %t, %d statements done, want %t and %d", ok, done, !tt.oneByOne, tt.done)
			}
			if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(placed(err), tt.fault) {
				t.Errorf("fault %q, want %q", placed(err), tt.fault)
			}
			if err := h.Rollback(ctx); err != nil {
				t.Fatal(err)
			}
			rows, err := h.Read(ctx)
			if entered := len(rows) == 1; err != nil || entered != (ok && tt.fault == "") {
				t.Errorf("the history holds %d entries: %v", len(rows), err)
			}
			if len(rows) == 1 && (rows[0].ExecutionTime <= time.Second || rows[0].ExecutionTime > time.Minute) {
				t.Errorf("it took %s", rows[0].ExecutionTime)
			}
		})
	}
}

// placed is a fault with its place.
func placed(err error) string {
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		return ""
	}
	return d.Pos.String() + ": " + d.Message
}

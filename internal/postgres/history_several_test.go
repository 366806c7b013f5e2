package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/postgres"
)

// TestSeveralFiles runs files in one message, and holds against the history which are applied and where a fault is told to be.
func TestSeveralFiles(t *testing.T) {
	const pair = "CREATE TABLE p (id int PRIMARY KEY, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\n"
	tests := []struct {
		name  string
		files []string
		ran   int
		done  int    // statements of the one behind those
		fault string // its place and text; empty: there is none
	}{
		{name: "fine", files: []string{"CREATE TABLE a (id int);", "INSERT INTO a VALUES (1);\nSELECT 1 AS schemactl_took;\nSELECT * FROM a;", "DROP TABLE a;"}, ran: 3},
		{name: "what they set", files: []string{"SET search_path = pg_temp;\nSET ROLE pg_monitor;", "CREATE TABLE a (id int);", "SELECT * FROM public.a;"}, ran: 3},
		{name: "the second fails", files: []string{"CREATE TABLE a (id int);", "SELECT 1;\nSELECT 1 / 0;\nSELECT 1;", "CREATE TABLE b (id int);"}, ran: 1, done: 1, fault: "f1.sql:2:1: division by zero"},
		{name: "one statement that fails", files: []string{"CREATE TABLE a (id int);", "CREATE TABLE c (id int);", "CREATE TABLE a (id int);"}, ran: 2, fault: `f2.sql:1:1: relation "a" already exists`},
		{name: "the first fails", files: []string{"SELECT nope;", "CREATE TABLE b (id int);"}, fault: `f0.sql:1:8: column "nope" does not exist`},
		{name: "with a place", files: []string{"CREATE TABLE ä (id int);", "SELECT 1;\nSELECT 'ä',\n  nope FROM ä;"}, ran: 1, done: 1, fault: `f1.sql:3:3: column "nope" does not exist`},
		{name: "at COMMIT", files: []string{pair, "INSERT INTO p VALUES (1, 1);\nINSERT INTO p VALUES (2, 3);", "SELECT 1;"}, ran: 1, done: 2, fault: "violates foreign key constraint"},
		{name: "one statement, at COMMIT", files: []string{pair, "INSERT INTO p VALUES (1, 2);", "SELECT 1;"}, ran: 1, fault: "violates foreign key constraint"},
		{name: "cannot be cut", files: []string{"CREATE TABLE a (id int);", "CREATE TABLE b (id int);", "CREATE TABEL c (id int);"}},
		{name: "the first cannot be cut", files: []string{"CREATE TABEL c (id int);", "SELECT 1;"}, fault: `f0.sql:1:8: syntax error at or near "TABEL"`},
		{name: "one must go alone", files: []string{"SELECT 1;", "SELECT 2;", "COPY (SELECT 1) TO STDOUT;", "SELECT 3;"}, ran: 2},
		{name: "the first must go alone", files: []string{"SET standard_conforming_strings = off;", "SELECT 2;"}},
		{name: "throws prepared statements away unseen", files: []string{"CREATE TABLE a (id int);", "DO $$ BEGIN EXECUTE 'DEAL' || 'LOCATE ALL'; END $$;", "SELECT 1;"}, ran: 1},
		{name: "long", files: []string{"SELECT 1;", "SELECT 2;", "SELECT '" + strings.Repeat("x", 70_000) + "';"}, ran: 2},
	}
	ctx := context.Background()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := connectTo(t, database(t, "postgres-18")).(dialect.Historian).History("")
			if err := h.Ensure(ctx); err != nil {
				t.Fatal(err)
			}
			var files []*dialect.Whole
			at := time.Now()
			for i, text := range tt.files {
				statements, err := postgres.Dialect{}.Split([]byte(text), fmt.Sprintf("f%d.sql", i))
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, &dialect.Whole{Statements: statements, Commit: true, New: true, Entry: &dialect.Revision{Version: fmt.Sprint(i), Applied: len(statements), Total: len(statements), ExecutedAt: at}})
			}
			took, done, err := h.RunSeveral(ctx, files)
			if len(took) != tt.ran || done != tt.done {
				t.Errorf("%d files ran, and %d statements, want %d and %d", len(took), done, tt.ran, tt.done)
			}
			if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(placed(err), tt.fault) {
				t.Errorf("fault %q, want %q", placed(err), tt.fault)
			}
			if err := h.Rollback(ctx); err != nil {
				t.Fatal(err)
			}
			rows, err := h.Read(ctx)
			if err != nil || len(rows) != tt.ran {
				t.Fatalf("the history holds %d entries: %v", len(rows), err)
			}
			var all time.Duration
			for i, r := range rows {
				if r.ExecutionTime <= 0 || r.ExecutionTime != took[i] {
					t.Errorf("%s took %s, and the history says %s", r.Version, took[i], r.ExecutionTime)
				}
				if began := r.ExecutedAt.Sub(at); (began - all).Abs() > 10*time.Microsecond { // what the server rounds
					t.Errorf("%s began after %s, want %s", r.Version, began, all)
				}
				all += took[i]
			}
			if all > time.Since(at) {
				t.Errorf("all took %s of %s", all, time.Since(at))
			}
		})
	}
}

// TestSeveralFilesLost cuts the session off in the midst of a message.
func TestSeveralFilesLost(t *testing.T) {
	ctx := context.Background()
	h := connectTo(t, database(t, "postgres-18")).(dialect.Historian).History("")
	if err := h.Ensure(ctx); err != nil {
		t.Fatal(err)
	}
	var files []*dialect.Whole
	for i, text := range []string{"SELECT 1", "SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1"} {
		files = append(files, &dialect.Whole{Statements: []dialect.Statement{{SQL: text}}, Commit: true, New: true, Entry: &dialect.Revision{Version: fmt.Sprint(i), Applied: 1, Total: 1, ExecutedAt: time.Now()}})
	}
	took, _, err := h.RunSeveral(ctx, files)
	if len(took) > 1 || !h.Lost(err) {
		t.Errorf("%d files, and %v", len(took), err)
	}
}

package postgres_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// typedShapes are tables with columns k and y, made after a type or not: each becomes each of the others, with its row.
var typedShapes = []string{
	"CREATE TABLE c (k int, y int)",
	"CREATE TABLE c (k int NOT NULL, y int DEFAULT 7, x text)",
	"CREATE TYPE ty AS (k int, y int); CREATE TABLE c OF ty",
	"CREATE TYPE ty AS (k int, y int); CREATE TABLE c OF ty (k WITH OPTIONS NOT NULL, y WITH OPTIONS DEFAULT 7)",
	"CREATE TYPE ty AS (k int, y int); CREATE TABLE c OF ty (k WITH OPTIONS PRIMARY KEY, y WITH OPTIONS CHECK (y > 0)); CREATE VIEW v AS SELECT y FROM c",
	"CREATE TYPE ty AS (k int, y int, x text); CREATE TABLE c OF ty; CREATE TABLE u (u ty)",
	"CREATE TYPE ty AS (k bigint, y bigint); CREATE TABLE c OF ty (y WITH OPTIONS DEFAULT 7 UNIQUE); CREATE VIEW v AS SELECT y FROM c",
	"CREATE TYPE ty AS (k int, y text); CREATE TABLE c OF ty (y WITH OPTIONS DEFAULT '7'); ALTER TABLE c ALTER y SET STORAGE EXTERNAL, ALTER k SET STATISTICS 50; CREATE TABLE u (u ty)",
	"CREATE TYPE ot AS (k int, y int); CREATE TABLE c OF ot; COMMENT ON COLUMN c.y IS 'y'",
	"CREATE TYPE e AS ENUM ('5', '1'); CREATE TYPE ty AS (k int, y e); CREATE TABLE c OF ty",
	"CREATE TYPE e AS ENUM ('1', '5'); CREATE TYPE ty AS (k int, y e); CREATE TABLE c OF ty (y WITH OPTIONS DEFAULT '5' NOT NULL)",
	"CREATE TYPE ty AS (k int, y int); CREATE TABLE c OF ty PARTITION BY LIST (k); CREATE TABLE c1 PARTITION OF c DEFAULT",
	"CREATE TYPE ty AS (k int, y bigint, x date); CREATE TABLE c OF ty (x WITH OPTIONS DEFAULT '2020-01-01') PARTITION BY LIST (k); CREATE TABLE c1 PARTITION OF c DEFAULT",
}

// TestTypedTables changes the types of tables, what these have beside, and whether they have one, with their rows.
func TestTypedTables(t *testing.T) {
	const firstPartitioned = 11
	var cases []tieCase
	for i, from := range typedShapes {
		for j, to := range typedShapes {
			if i != j && (i >= firstPartitioned) == (j >= firstPartitioned) {
				cases = append(cases, tieCase{fmt.Sprintf("typed_%d_%d", i, j), from + ";\n", to + ";\n"})
			}
		}
	}
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			t.Run(strconv.Itoa(srv.Major), func(t *testing.T) { t.Parallel(); goBetween(t, srv, cases) })
		}
	}
}

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// directoryCase is a migration directory, and whether an empty database can run it.
type directoryCase struct {
	name    string
	refused bool
	files   []string
	bound   bool   // the URL names a schema
	project string // what the migration block of the project file says
}

const none = "-- atlas:txmode none\n\n"

func postgresDirectories() []directoryCase {
	const mood = "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE users (id int PRIMARY KEY, m mood);"
	const parted = "CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE TABLE users (id int); CREATE INDEX users_id ON users (id);"
	const deferred = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);"
	return []directoryCase{
		{name: "plain", files: []string{mood, "INSERT INTO users VALUES (1, 'sad');"}},
		{name: "index concurrently, file", refused: true, files: []string{mood, "CREATE INDEX CONCURRENTLY i ON users (id);"}},
		{name: "index concurrently, none", files: []string{mood, none + "CREATE INDEX CONCURRENTLY i ON users (id); DROP INDEX CONCURRENTLY i;"}},
		{name: "index concurrently, of the project", files: []string{mood, "CREATE INDEX CONCURRENTLY i ON users (id);"}, project: "tx_mode = none"},
		{name: "index concurrently, file in a project of none", refused: true, files: []string{mood, "-- atlas:txmode file\n\nCREATE INDEX CONCURRENTLY i ON users (id);"}, project: "tx_mode = none"},
		{name: "index concurrently, bound", refused: true, files: []string{mood, "CREATE INDEX CONCURRENTLY i ON users (id);"}, bound: true},
		{name: "index concurrently, none, bound", files: []string{mood, none + "CREATE INDEX CONCURRENTLY i ON users (id);"}, bound: true},
		{name: "concurrently within its own transaction", refused: true, files: []string{mood, none + "BEGIN; CREATE INDEX CONCURRENTLY i ON users (id); COMMIT;"}},
		{name: "detach and reindex, file", refused: true, files: []string{parted, "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;"}},
		{name: "detach and reindex, none", files: []string{parted, none + "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY; REINDEX INDEX CONCURRENTLY users_id; VACUUM users;"}},
		{name: "vacuum, file", refused: true, files: []string{parted, "VACUUM users;"}},
		{name: "database, file", refused: true, files: []string{parted, "CREATE DATABASE never_made;"}},
		{name: "a frame around all", files: []string{mood, "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;", "BEGIN TRANSACTION; CREATE TABLE b (id int); END;"}},
		{name: "a frame of its own isolation", refused: true, files: []string{"BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE TABLE a (id int); COMMIT;"}},
		{name: "a frame in the middle", refused: true, files: []string{mood, "CREATE TABLE a (id int); BEGIN; CREATE TABLE b (id int); COMMIT;"}},
		{name: "two frames", refused: true, files: []string{"BEGIN; CREATE TABLE a (id int); COMMIT; BEGIN; CREATE TABLE b (id int); COMMIT;"}},
		{name: "two frames, none", files: []string{none + "BEGIN; CREATE TABLE a (id int); COMMIT; BEGIN; CREATE TABLE b (id int); COMMIT;"}},
		{name: "an open frame, none", refused: true, files: []string{none + "BEGIN; CREATE TABLE a (id int);"}},
		{name: "what is rolled back is not there", files: []string{none + "BEGIN; CREATE TABLE a (id int); ROLLBACK;", "CREATE TABLE a (id int);"}},
		{name: "what is rolled back to a savepoint", files: []string{"SAVEPOINT s; CREATE TABLE a (id int); ROLLBACK TO SAVEPOINT s;", "CREATE TABLE a (id int);"}},
		{name: "enum value used in its file", refused: true, files: []string{mood, "ALTER TYPE mood ADD VALUE 'ok'; INSERT INTO users VALUES (1, 'ok');"}},
		{name: "enum value used in its file, none", files: []string{mood, none + "ALTER TYPE mood ADD VALUE 'ok'; INSERT INTO users VALUES (1, 'ok');"}},
		{name: "enum value used in the next file", files: []string{mood, "ALTER TYPE mood ADD VALUE 'ok';", "INSERT INTO users VALUES (1, 'ok');"}},
		{name: "enum value used in the next file, all", refused: true, files: []string{"CREATE TYPE mood AS ENUM ('a', 'b');\nALTER TYPE mood RENAME TO m;\nCREATE TABLE t (m m);\nCREATE TABLE u (id int PRIMARY KEY);", "CREATE INDEX CONCURRENTLY i ON u (id);"}, project: "tx_mode = all"},
		{name: "none in a project of all", refused: true, files: []string{mood, none + "CREATE TABLE a (id int);"}, project: "tx_mode = all"},
		{name: "isolation first", files: []string{mood, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; CREATE TABLE a (id int);", "CREATE TABLE b (id int);"}},
		{name: "deferred, in order at the end", files: []string{deferred, "INSERT INTO b VALUES (1); INSERT INTO a VALUES (1);", "ALTER TABLE b ADD COLUMN n int;"}},
		{name: "deferred, broken at the end", refused: true, files: []string{deferred, "INSERT INTO b VALUES (1);", "INSERT INTO a VALUES (1);"}},
		{name: "commit in code, file", refused: true, files: []string{mood, "DO $$ BEGIN COMMIT; END $$;"}},
		{name: "commit in code, none", files: []string{mood, none + "DO $$ BEGIN COMMIT; END $$;"}},
		{name: "temporary table of another file", refused: true, files: []string{"CREATE TEMP TABLE a (id int);", "INSERT INTO a VALUES (1);"}},
		{name: "prepared in another file", refused: true, files: []string{"PREPARE a AS SELECT 1;", "EXECUTE a;"}},
		{name: "a value of another file", refused: true, files: []string{"CREATE SEQUENCE s; SELECT nextval('s');", "SELECT currval('s');"}},
		{name: "the history's schema", refused: true, files: []string{mood, "DROP SCHEMA atlas_schema_revisions CASCADE;"}},
		{name: "the history's table", refused: true, files: []string{mood, none + "DROP TABLE atlas_schema_revisions.atlas_schema_revisions;"}},
		{name: "the history's schema, public", refused: true, files: []string{mood, "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"}, project: `revisions_schema = "public"`},
		{name: "the schema beside the history", files: []string{mood, "DROP SCHEMA public CASCADE; CREATE SCHEMA public;", "CREATE TABLE public.a (id int);"}},
		{name: "the bound schema", refused: true, files: []string{"CREATE TABLE a (id int);", "DROP SCHEMA app CASCADE; CREATE SCHEMA app;"}, bound: true},
		{name: "sections", files: []string{"-- atlas:txtar\n\n-- migration.sql --\nCREATE TABLE a (id int);\n-- down.sql --\nDROP TABLE a;\n", none + "CREATE INDEX CONCURRENTLY i ON a (id);"}},
		{name: "sections, concurrently", refused: true, files: []string{"CREATE TABLE a (id int);", "-- atlas:txtar\n\n-- migration.sql --\nCREATE INDEX CONCURRENTLY i ON a (id);\n"}},
		{name: "sections, concurrently, none", files: []string{"CREATE TABLE a (id int);", "-- atlas:txtar\n-- atlas:txmode none\n\n-- migration.sql --\nCREATE INDEX CONCURRENTLY i ON a (id);\n"}},
	}
}

func mysqlDirectories() []directoryCase {
	const users = "CREATE TABLE users (id int PRIMARY KEY AUTO_INCREMENT, n int NOT NULL DEFAULT 1);"
	const begin = "START TRANSACTION;\n"
	return []directoryCase{
		{name: "plain", files: []string{users, "INSERT INTO users VALUES (1, 1);"}},
		{name: "locks", refused: true, files: []string{users, "LOCK TABLES users WRITE; INSERT INTO users VALUES (1, 1); UNLOCK TABLES;"}},
		{name: "autocommit", refused: true, files: []string{users, "SET autocommit = 0; INSERT INTO users VALUES (1, 1);"}},
		{name: "a frame around all", files: []string{users, begin + "INSERT INTO users VALUES (1, 1);\nCOMMIT;"}},
		{name: "a frame in the middle", refused: true, files: []string{users, "INSERT INTO users VALUES (1, 1); START TRANSACTION; INSERT INTO users VALUES (2, 1); COMMIT;"}},
		{name: "frames, none", files: []string{users, none + begin + "INSERT INTO users VALUES (1, 1); COMMIT; START TRANSACTION; INSERT INTO users VALUES (2, 1); COMMIT;"}},
		{name: "an open frame, none", refused: true, files: []string{users, none + begin + "INSERT INTO users VALUES (1, 1);"}},
		{name: "what is rolled back is not there", files: []string{users, none + begin + "INSERT INTO users VALUES (1, 1); ROLLBACK;", "INSERT INTO users VALUES (1, 1);"}},
		{name: "temporary table of another file", refused: true, files: []string{users, "CREATE TEMPORARY TABLE a (id int);", "INSERT INTO a VALUES (1);"}},
		{name: "variable of another file", refused: true, files: []string{users, "SELECT 1 INTO @one;", "INSERT INTO users VALUES (1, @one);"}},
		{name: "mode of another file", refused: true, files: []string{users, "/* first */ SET sql_mode = '';", "INSERT INTO users VALUES (1, 'x');"}},
		{name: "mode of the same file", files: []string{users, "/* first */ SET sql_mode = ''; INSERT INTO users VALUES (1, 'x');"}},
		{name: "key of another file", refused: true, files: []string{users + "CREATE TABLE notes (u int, FOREIGN KEY (u) REFERENCES users (id));", "INSERT INTO users (n) VALUES (1);", "INSERT INTO notes VALUES (LAST_INSERT_ID());"}},
		{name: "key of the same file", files: []string{users + "CREATE TABLE notes (u int, FOREIGN KEY (u) REFERENCES users (id));", "INSERT INTO users (n) VALUES (1); INSERT INTO notes VALUES (LAST_INSERT_ID());"}},
	}
}

// TestReplayIsApply: what apply runs on an empty database is what validate, diff and lint accept, and the other way round.
func TestReplayIsApply(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Name == "postgres-14" || srv.Name == "mariadb-10.11" {
			continue // nothing of this is theirs alone
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			cases := mysqlDirectories()
			if srv.Scheme == "postgres" {
				cases = postgresDirectories()
			}
			dev, db := srv.Database(t), srv.Database(t)
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					defer vacate(t, db)
					c.try(t, db.URL, dev.URL)
				})
			}
		})
	}
}

func (c directoryCase) try(t *testing.T, url, dev string) {
	t.Helper()
	dir := t.TempDir()
	for i, text := range c.files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d_file.sql", i+1)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c.bound {
		url = withQuery(url, "search_path=app")
	}
	project := filepath.Join(t.TempDir(), "atlas.hcl")
	if err := os.WriteFile(project, []byte("env \"t\" {\n  migration {\n    "+c.project+"\n  }\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nothing := filepath.Join(t.TempDir(), "nothing.sql")
	if err := os.WriteFile(nothing, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (said string, code int) {
		var out strings.Builder
		code = Main(append(args, "--dir", "file://"+dir, "--env", "t", "--config", "file://"+project), strings.NewReader(""), &out, &out)
		return out.String(), code
	}
	if said, code := run("migrate", "hash"); code != 0 {
		t.Fatal(said)
	}
	for _, args := range [][]string{
		{"migrate", "apply", "--url", url},
		{"migrate", "validate", "--url", url, "--dev-url", dev, "--no-cache"},
		{"migrate", "diff", "next", "--dry-run", "--allow-destructive", "--url", url, "--to", "file://" + nothing, "--dev-url", dev, "--no-cache"},
		{"lint", "--url", url, "--dev-url", dev, "--no-cache"},
	} {
		said, code := run(args...)
		refused := code != 0
		if args[0] == "lint" { // which refuses other things, too
			refused = strings.Contains(said, "does-not-run") || strings.HasPrefix(said, "Error: ")
		}
		if refused != c.refused {
			t.Errorf("%s: refused is %t, not %t\n%s", strings.Join(args[:2], " "), refused, c.refused, said)
		}
	}
}

// vacate empties a database.
func vacate(t *testing.T, db *dbtest.DB) {
	t.Helper()
	text := "DROP SCHEMA IF EXISTS public, app, atlas_schema_revisions CASCADE; CREATE SCHEMA public"
	if db.Server.Scheme != "postgres" {
		text = fmt.Sprintf("DROP DATABASE `%[1]s`; CREATE DATABASE `%[1]s`; USE `%[1]s`", db.Name)
	}
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func withQuery(url, query string) string {
	if strings.Contains(url, "?") {
		return url + "&" + query
	}
	return url + "?" + query
}

package migrator_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/migrator"
)

// leaving are statements that leave something in a session, by what they leave.
func leaving(scheme string) map[string]string {
	if scheme == "postgres" {
		return map[string]string{
			"table":          "CREATE TEMP TABLE users (id int); INSERT INTO users VALUES (7);",
			"deferred":       "CREATE TEMP TABLE p (id int PRIMARY KEY); CREATE TEMP TABLE c (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
			"table by path":  "SET search_path = pg_temp, public; CREATE TABLE users (id int);",
			"table of rows":  "SELECT 7 AS id INTO TEMP users;",
			"table in code":  "DO $$ BEGIN CREATE TEMP TABLE users (id int); END $$;",
			"view":           "CREATE TEMP VIEW users AS SELECT 1 AS id;",
			"sequence":       "CREATE TEMP SEQUENCE s;",
			"function":       "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
			"prepared":       "PREPARE left_over AS SELECT 1;",
			"listen":         "LISTEN left_over;",
			"cursor":         "DECLARE left_over CURSOR WITH HOLD FOR SELECT 1;",
			"lock":           "SELECT pg_advisory_lock(77);",
			"lock twice":     "SELECT pg_advisory_lock(77), pg_advisory_lock(77);",
			"lock of two":    "SELECT pg_advisory_lock(-7, 77), pg_advisory_lock_shared(-78, -1), pg_advisory_lock_shared(-79);",
			"unlock":         "SELECT pg_advisory_unlock_all();",
			"setting":        "SET my.left_over = 'x'; SET statement_timeout = '1h';",
			"setting called": "SELECT set_config('my.left_over', 'x', false);",
			"role":           "SET ROLE pg_monitor;",
			"user":           "SET SESSION AUTHORIZATION DEFAULT; SET ROLE pg_monitor;",
			"sequence used":  "SELECT nextval('counted');",
		}
	}
	return map[string]string{
		"table":           "CREATE TEMPORARY TABLE users (id int); INSERT INTO users VALUES (7);",
		"table, comment":  "/* first */ CREATE /* a */ TEMPORARY TABLE users (id int);",
		"table in code":   "CALL make_table();",
		"variable":        "SET @left_over = 1;",
		"variable picked": "SELECT 1 INTO @left_over;",
		"variable called": "INSERT INTO noted SELECT @left_over := 1;",
		"variable, code":  "CALL set_variable();",
		"mode":            "-- first\nSET SESSION sql_mode = '';",
		"mode, comment":   "/* first */ SET sql_mode = '';",
		"lock":            "DO GET_LOCK('left_over', 0);",
		"lock in rows":    "INSERT INTO noted SELECT GET_LOCK('left_over', 0);",
		"prepared":        "PREPARE left_over FROM 'SELECT 1'",
		"database":        "USE information_schema;",
		"key":             "INSERT INTO numbered VALUES (NULL);",
		"isolation":       "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
	}
}

// clean is what fails where something is left.
func clean(scheme string) string {
	if scheme == "postgres" {
		return `INSERT INTO users VALUES (1);
DO $$ BEGIN
  ASSERT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = pg_my_temp_schema()), 'a temporary relation';
  ASSERT NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = pg_my_temp_schema()), 'a temporary function';
  ASSERT NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'left_over'), 'a prepared statement';
  ASSERT NOT EXISTS (SELECT FROM pg_listening_channels()), 'LISTEN';
  ASSERT NOT EXISTS (SELECT FROM pg_cursors WHERE name = 'left_over'), 'a cursor';
  ASSERT (SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), 'locks: another one, or one of the run is gone';
  ASSERT coalesce(current_setting('my.left_over', true), '') = '' AND current_setting('statement_timeout') = '0', 'a setting';
  ASSERT current_user = session_user, 'a role';
  BEGIN PERFORM lastval(); ASSERT false, 'a value of a sequence'; EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL; END;
END $$;`
	}
	return `INSERT INTO users VALUES (1);
INSERT INTO probes SELECT CASE WHEN @left_over IS NULL THEN 'fine' END;
INSERT INTO probes SELECT CASE WHEN @@SESSION.sql_mode = @@GLOBAL.sql_mode THEN 'fine' END;
INSERT INTO probes SELECT CASE WHEN IS_FREE_LOCK('left_over') THEN 'fine' END;
INSERT INTO probes SELECT CASE WHEN LAST_INSERT_ID() = 0 THEN 'fine' END;
INSERT INTO probes SELECT CASE WHEN DATABASE() = (SELECT name FROM base) THEN 'fine' END;`
}

func base(scheme string) string {
	if scheme == "postgres" {
		return "CREATE TABLE users (id int); CREATE SEQUENCE counted;"
	}
	return `CREATE TABLE users (id int); CREATE TABLE probes (ok varchar(9) NOT NULL CHECK (ok <> '')); CREATE TABLE noted (n int);
CREATE TABLE numbered (id int PRIMARY KEY AUTO_INCREMENT); CREATE TABLE base AS SELECT DATABASE() AS name;
CREATE PROCEDURE make_table() CREATE TEMPORARY TABLE users (id int);
CREATE PROCEDURE set_variable() SET @left_over = 1;`
}

// TestSessionEndsWithFile: whatever a file leaves in its session, the next one meets none of it, and the tables of the
// database get all rows.
func TestSessionEndsWithFile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		kinds := leaving(srv.Scheme)
		for _, mode := range []migrator.TxMode{migrator.TxFile, migrator.TxNone, migrator.TxAll} {
			if mode == migrator.TxAll && srv.Scheme != "postgres" {
				continue
			}
			t.Run(string(mode), func(t *testing.T) {
				db := srv.Database(t)
				dir := fstest.MapFS{"0001_base.up.sql": {Data: []byte(base(srv.Scheme))}}
				n := 1
				for _, kind := range slices.Sorted(maps.Keys(kinds)) {
					if kind == "deferred" && mode == migrator.TxAll {
						continue // the server keeps a table whose rows are still to be checked
					}
					n += 2
					dir[fmt.Sprintf("%04d_%s.up.sql", n, kind)] = &fstest.MapFile{Data: []byte(kinds[kind])}
					dir[fmt.Sprintf("%04d_after_%s.up.sql", n+1, kind)] = &fstest.MapFile{Data: []byte(clean(srv.Scheme))}
				}
				m, err := migrator.Open(summed(t, dir), migrator.Options{Format: migrator.GolangMigrate, TxMode: mode})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := m.Apply(t.Context(), db.URL); err != nil {
					t.Fatal(err)
				}
				var rows int
				if err := db.QueryRow("SELECT count(*) FROM users WHERE id = 1").Scan(&rows); err != nil || rows != n/2 {
					t.Errorf("%d of %d rows are in the table: %v", rows, n/2, err)
				}
			})
		}
	})
}

package cli

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// oddSettings are values that a database or a role may have set and that could change what is read or made.
func oddSettings() map[string]string {
	return map[string]string{
		"array_nulls": "off", "backslash_quote": "off", "bytea_output": "escape", "check_function_bodies": "off", "client_min_messages": "error",
		"constraint_exclusion": "off", "createrole_self_grant": "set, inherit", "DateStyle": "SQL, DMY", "default_statistics_target": "7",
		"default_table_access_method": "heap", "default_tablespace": "pg_global", "default_text_search_config": "simple", "default_toast_compression": "pglz",
		"default_transaction_deferrable": "on", "default_transaction_isolation": "serializable", "escape_string_warning": "off", "event_triggers": "off",
		"extra_float_digits": "-7", "gin_fuzzy_search_limit": "1", "IntervalStyle": "sql_standard", "lc_messages": "C", "lc_monetary": "C", "lc_numeric": "C", "lc_time": "C",
		"lock_timeout": "9min", "idle_in_transaction_session_timeout": "9min", "idle_session_timeout": "9min", "statement_timeout": "9min", "transaction_timeout": "9min",
		"password_encryption": "md5", "quote_all_identifiers": "on", "restrict_nonsystem_relation_kind": "view, foreign-table", "row_security": "off",
		"search_path": "pg_catalog", "session_replication_role": "replica", "standard_conforming_strings": "off", "synchronize_seqscans": "off",
		"temp_tablespaces": "pg_default", "TimeZone": "Asia/Kathmandu", "timezone_abbreviations": "India", "transform_null_equals": "on",
		"vacuum_truncate": "off", "xmlbinary": "hex", "xmloption": "document",
	}
}

// leftSettings says why settings are not tried: of a category, or one by one.
func leftSettings() map[string]string {
	return map[string]string{
		"Query Tuning": "how a query finds rows, not which", "Resource Usage": "what is used", "Reporting and Logging": "what is logged",
		"Statistics": "what is counted", "Vacuuming": "when rows are cleaned up", "Write-Ahead Log": "how changes are written", "Lock Management": "when deadlocks are looked for",
		"Developer Options": "for those who work on the server", "Connections and Authentication": "of connections, and of passwords to come", "Replication": "of replicas",
		"Error Handling": "whether faults end a session", "Customized Options": "of extensions", "Client Connection Defaults / Shared Library Preloading": "what is loaded",
		"File Locations": "where files are found", "vacuum_": "when rows are cleaned up",
		"client_encoding": "each connection asks for its own", "icu_validation_level": "whether a locale that ICU does not know is a fault, which is told",
		"dynamic_library_path": "where libraries are found", "extension_control_path": "where extensions are found", "gin_pending_list_limit": "how an index is written",
		"default_transaction_read_only": "who sets it wants no writes, and the fault says so", "transaction_read_only": "of the transaction",
		"transaction_deferrable": "of the transaction", "transaction_isolation": "of the transaction", "default_with_oids": "can only be off", "lo_compat_privileges": "of large objects",
	}
}

const oddSchema = `
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TABLE app.t (
  id int PRIMARY KEY, n int DEFAULT 1 CHECK (n > 0), m app.mood DEFAULT 'ok', at timestamptz DEFAULT '2024-05-06 07:08:09+00', d date DEFAULT '2024-02-01',
  i interval DEFAULT '1 day -02:03:04', f float8 DEFAULT 0.1 CHECK (f <> 0.30000000000000004), b bytea DEFAULT '\x00ff'::bytea, x xml DEFAULT '<a/>', c money DEFAULT '$1,234.50',
  a text[] DEFAULT '{NULL,a}', s text DEFAULT E'it''s \\ so' CHECK (s <> E'a\\d\n'), big timestamptz[] DEFAULT '{2024-05-06 07:08:09+00}');
CREATE INDEX t_lower ON app.t (lower(s)) WHERE n > 1;
CREATE VIEW app.v AS SELECT t.id, t.s || 'x' AS s, (t.n IS NULL) AS none FROM app.t t WHERE t.at > '2024-01-01 00:00:00+00'::timestamptz AND t.f < 0.7;
CREATE TABLE app.p (at timestamptz NOT NULL, f float8) PARTITION BY RANGE (at);
CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');
CREATE FUNCTION app.g(a int, b text DEFAULT 'it''s') RETURNS text LANGUAGE sql AS $$ SELECT b || a $$;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE UPDATE OF n ON app.t FOR EACH ROW WHEN (NEW.n > 1) EXECUTE FUNCTION app.touch('a\b');
CREATE RULE r AS ON DELETE TO app.t WHERE old.n = 5 DO INSTEAD NOTHING;
ALTER TABLE app.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY pol ON app.t USING (n > 0 AND s = 'a');
CREATE STATISTICS app.st ON (n + 1), (f * 2) FROM app.t;
CREATE MATERIALIZED VIEW app.mv AS SELECT 0.5::float8 AS f, interval '-1 day' AS i;
INSERT INTO app.t (id) VALUES (1);
`

// oddChange is what the second half of the test adds; each would become something else under one of the settings.
const oddChange = `
CREATE TABLE app.u (id int PRIMARY KEY, x xml DEFAULT 'no document'::xml, a text[] DEFAULT '{NULL}'::text[], s text DEFAULT 'a\b',
  k boolean GENERATED ALWAYS AS (id IS NULL) STORED, i interval DEFAULT '-1 02:03:04', UNIQUE (s));
CREATE INDEX u_a ON app.u (a);
ALTER TABLE app.t ADD COLUMN more numeric NOT NULL DEFAULT 0.1;
CREATE VIEW app.w AS SELECT u.id, u.s FROM app.u u WHERE u.s <> 'c\d';
CREATE FUNCTION app.h(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN a; END $$;
`

// TestOddSettings does the same with two databases, one of which has odd settings, as has the role in it.
func TestOddSettings(t *testing.T) {
	t.Parallel()
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			plain, odd := srv.Database(t), srv.Database(t)
			settings := triedSettings(t, plain.DB)
			want := oddRound(t, plain, srv.Database(t))
			for _, how := range []string{"ALTER DATABASE %s SET", "ALTER ROLE CURRENT_USER IN DATABASE %s SET"} {
				dev := srv.Database(t)
				setOdd(t, odd, how, settings)
				setOdd(t, dev, how, settings)
				got := oddRound(t, odd, dev)
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("%s: %s differs:\n%s\n--- without settings:\n%s", how, strings.Split(want[i], "\n")[0], got[i], want[i])
					}
				}
				odd = srv.Database(t)
			}
		})
	}
}

// triedSettings lists the settings of the server that are tried; each other must have a reason.
func triedSettings(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.Query("SELECT name, category FROM pg_settings WHERE context IN ('user', 'superuser') ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var name, category string
		if err := rows.Scan(&name, &category); err != nil {
			t.Fatal(err)
		}
		above, _, _ := strings.Cut(category, " / ")
		left := leftSettings()
		if oddSettings()[name] != "" {
			out = append(out, name)
		} else if prefix, _, _ := strings.Cut(name, "_"); left[prefix+"_"] == "" && left[name] == "" && left[category] == "" && left[above] == "" {
			t.Errorf("nobody has thought of the setting %s (%s): give it an odd value, or say why it changes nothing", name, category)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func setOdd(t *testing.T, db *dbtest.DB, how string, settings []string) {
	t.Helper()
	for _, name := range settings {
		value := pq.QuoteLiteral(oddSettings()[name])
		if slices.Contains([]string{"search_path", "temp_tablespaces", "createrole_self_grant", "restrict_nonsystem_relation_kind", "DateStyle"}, name) {
			value = strings.ReplaceAll(value, ", ", "', '") // lists
		}
		if _, err := db.Exec(fmt.Sprintf(how, pq.QuoteIdentifier(db.Name)) + " " + name + " = " + value); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// oddRound plans, applies, inspects, looks for drift and migrates, and returns what is said.
func oddRound(t *testing.T, db, dev *dbtest.DB) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"before.sql": oddSchema, "after.sql": strings.Replace(oddSchema, "INSERT INTO app.t (id) VALUES (1);\n", "", 1) + oddChange,
		"dir/20240101000000_one.sql": oddSchema, "dir/20240102000000_two.sql": oddChange,
		"dir/20240103000000_three.sql": "-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY u_s ON app.u (s, id);\n",
		"dir/20240104000000_four.sql":  "-- atlas:txmode none\n\nBEGIN;\nCREATE TABLE app.x (a text[] DEFAULT '{NULL}'::text[]);\nCOMMIT;\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said []string
	run := func(args ...string) {
		t.Helper()
		cmd, stderr := schemactlCmd(t, args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		drifts := args[0] == "drift" && cmd.ProcessState.ExitCode() == 2
		if drifts { // the settings are drift, and nothing else may be
			out = []byte(strings.Join(otherDrift.FindAllString(string(out), -1), "\n"))
		}
		if err != nil && !drifts {
			t.Errorf("schemactl %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr)
		}
		if args[0] == "apply" || args[0] == "drift" && err == nil { // it tells of the settings, which are not managed
			out = nil
		}
		text := strings.ReplaceAll(string(out), db.Name, "DB")
		said = append(said, "schemactl "+strings.Join(args[:2], " ")+"\n"+settled(text))
	}
	run("migrate", "hash", "--dir", "file://dir")
	run("migrate", "apply", "--dir", "file://dir", "--url", db.URL)
	run("inspect", "--url", db.URL, "--format", "sql")
	run("inspect", "--url", db.URL)
	run("drift", "--url", db.URL, "--dir", "file://dir", "--dev-url", dev.URL)
	if _, err := db.Exec("DROP SCHEMA app CASCADE; DROP SCHEMA atlas_schema_revisions CASCADE"); err != nil {
		t.Fatal(err)
	}
	run("apply", "--url", db.URL, "--to", "file://before.sql", "--dev-url", dev.URL, "--auto-approve")
	run("plan", "--url", db.URL, "--to", "file://after.sql", "--dev-url", dev.URL, "--format", "sql")
	run("apply", "--url", db.URL, "--to", "file://after.sql", "--dev-url", dev.URL, "--auto-approve")
	run("drift", "--url", db.URL, "--to", "file://after.sql", "--dev-url", dev.URL)
	run("inspect", "--url", db.URL, "--format", "sql")
	run("inspect", "--url", db.URL)
	return said
}

var changing = regexp.MustCompile(`\(?\b\d+(?:\.\d+)?\s?m?s\b\)?|(?m)^.*database setting.*\n?`)

// otherDrift are the heads of what differs.
var otherDrift = regexp.MustCompile(`(?m)^[-+~] .*$`)

// settled leaves out times, and the settings themselves, which the ledger tells.
func settled(text string) string { return changing.ReplaceAllString(text, "") }

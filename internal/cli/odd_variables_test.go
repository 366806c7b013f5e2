package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// oddVariables are values that a server may give its sessions, as a URL does here, and that could change what is read or made:
// those of MySQL, of MariaDB, and of both.
func oddVariables() (both, mysql, mariadb map[string]string) {
	both = map[string]string{
		"autocommit": "0", "big_tables": "1", "character_set_server": "'latin1'", "collation_server": "'latin1_german1_ci'", "completion_type": "'CHAIN'",
		"default_storage_engine": "'MyISAM'", "default_tmp_storage_engine": "'MyISAM'", "default_week_format": "3", "div_precision_increment": "9",
		"explicit_defaults_for_timestamp": "0", "foreign_key_checks": "0", "group_concat_max_len": "4", "innodb_ft_enable_stopword": "0", "innodb_strict_mode": "0",
		"keep_files_on_create": "1", "lc_messages": "'de_DE'", "lc_time_names": "'de_DE'", "low_priority_updates": "1", "max_error_count": "1", "max_join_size": "5",
		"max_sort_length": "8", "old_alter_table": "1", "profiling": "1", "sql_auto_is_null": "1", "sql_buffer_result": "1", "sql_log_off": "1",
		"sql_notes": "0", "sql_quote_show_create": "0", "sql_safe_updates": "1", "sql_select_limit": "2", "sql_warnings": "1", "time_zone": "'+05:45'",
		"tx_isolation": "'SERIALIZABLE'", "unique_checks": "0", "updatable_views_with_limit": "0", "block_encryption_mode": "'aes-256-cbc'",
		"sql_mode": "'ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION,NO_AUTO_VALUE_ON_ZERO,NO_DIR_IN_CREATE,STRICT_ALL_TABLES'",
	}
	mysql = map[string]string{
		"tx_isolation": "", "transaction_isolation": "'SERIALIZABLE'", "cte_max_recursion_depth": "1", "default_collation_for_utf8mb4": "'utf8mb4_general_ci'",
		"default_table_encryption": "0", "end_markers_in_json": "1", "explain_format": "'JSON'", "explain_json_format_version": "1", "information_schema_stats_expiry": "0",
		"max_execution_time": "600000", "print_identified_with_as_hex": "1", "restrict_fk_on_non_standard_key": "0", "show_create_table_skip_secondary_engine": "1",
		"show_create_table_verbosity": "1", "show_gipk_in_create_table_and_information_schema": "0", "sql_generate_invisible_primary_key": "1",
		"terminology_use_previous": "'BEFORE_8_0_26'", "windowing_use_high_precision": "0",
	}
	mariadb = map[string]string{
		"block_encryption_mode": "", "alter_algorithm": "'INSTANT'", "old_alter_table": "", "check_constraint_checks": "0", "default_regex_flags": "'DOTALL'",
		"innodb_compression_default": "1", "max_statement_time": "600", "old_mode": "''", "sql_if_exists": "1", "standard_compliant_cte": "0",
		"system_versioning_alter_history": "'ERROR'", "system_versioning_asof": "'2001-01-01'",
		"sql_mode": "'ANSI_QUOTES,PIPES_AS_CONCAT,IGNORE_SPACE,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION," +
			"NO_AUTO_VALUE_ON_ZERO,NO_DIR_IN_CREATE,STRICT_ALL_TABLES,NO_KEY_OPTIONS,NO_TABLE_OPTIONS,NO_FIELD_OPTIONS,SIMULTANEOUS_ASSIGNMENT'",
	}
	return both, mysql, mariadb
}

// oddTables mean the same under each of the odd values.
const oddTables = `
CREATE TABLE a (id int unsigned NOT NULL AUTO_INCREMENT, n decimal(8,3) NOT NULL DEFAULT 1.5, s varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it''s',
  c char(8) CHARACTER SET latin1 NOT NULL DEFAULT '', at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), e enum('x','y z') DEFAULT 'x',
  half decimal(10,4) AS (n / 3) STORED, b tinyint(1) NOT NULL DEFAULT 0, big bigint DEFAULT (1 + 2), PRIMARY KEY (id), UNIQUE KEY a_s (s), KEY a_n (n, c),
  CONSTRAINT a_check CHECK (NOT (n BETWEEN 5 AND 6) AND b <> 5)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='the first';
CREATE TABLE b (id int NOT NULL PRIMARY KEY, a_id int unsigned, KEY b_a (a_id), CONSTRAINT b_fk FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE)
  ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE plain (x int) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE parts (d date NOT NULL PRIMARY KEY, v int) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci PARTITION BY RANGE (to_days(d))
  (PARTITION p0 VALUES LESS THAN (to_days('2020-01-01')) COMMENT = 'old', PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE VIEW v AS SELECT a.id, concat(a.s, 'x') AS s, a.n / 3 AS third FROM a WHERE NOT (a.n > 1);
`

const oddMore = `
ALTER TABLE a ADD COLUMN more varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '?', ADD KEY a_more (more);
ALTER TABLE b DROP FOREIGN KEY b_fk;
ALTER TABLE b ADD CONSTRAINT b_fk FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE SET NULL;
ALTER TABLE plain ADD COLUMN y timestamp NULL DEFAULT NULL;
CREATE TABLE c (id int NOT NULL, t text, PRIMARY KEY (id), KEY c_t (t(10))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE bare (x int) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE VIEW w AS SELECT c.id, c.t FROM c WHERE c.t <> '?';
`

// TestOddVariables does the same in sessions that begin with odd variables, of the target or of the dev database, and in others.
func TestOddVariables(t *testing.T) {
	t.Parallel()
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			want := variablesRound(t, srv, "", "")
			odd := oddParameters(srv)
			for name, got := range map[string][]string{"the target": variablesRound(t, srv, odd, ""), "the dev database": variablesRound(t, srv, "", odd)} {
				for i := range want {
					if i >= len(got) || got[i] != want[i] {
						t.Errorf("%s is odd: it differs:\n%s\n--- without:\n%s", name, strings.Join(got[i:min(i+1, len(got))], ""), want[i])
					}
				}
			}
		})
	}
}

// generatedKey is what is said of the keys that the server makes where the variables say so.
var generatedKey = regexp.MustCompile(`(?m)^(?:Left alone:\n)? .*my_row_id.*\n\n?|^ignored: .*my_row_id.*\n`)

// oddParameters are the parameters of a URL.
func oddParameters(srv dbtest.Server) string {
	both, mysql, mariadb := oddVariables()
	more := mysql
	if srv.Scheme == "mariadb" {
		more = mariadb
	}
	for name, value := range more {
		both[name] = value
	}
	query := url.Values{}
	for name, value := range both {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query.Encode()
}

// variablesRound plans, applies, inspects, looks for drift and migrates, and returns what is said.
func variablesRound(t *testing.T, srv dbtest.Server, target, dev string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"before.sql": oddTables, "after.sql": oddTables + oddMore,
		"dir/20240101000000_one.sql": oddTables, "dir/20240102000000_two.sql": oddMore + "INSERT INTO a (s) VALUES ('one');\nINSERT INTO a (s) VALUES ('two');\nINSERT INTO a (s) VALUES ('three');\n",
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
	db, empty := srv.Database(t), srv.Database(t)
	with := func(u, query string) string {
		if query == "" {
			return u
		}
		return u + "?" + query
	}
	run := func(args ...string) {
		t.Helper()
		cmd, stderr := schemactlCmd(t, args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("schemactl %s (target %d, dev %d): %v\n%s%s", strings.Join(args[:2], " "), len(target), len(dev), err, out, stderr)
		}
		if args[0] == "apply" {
			out = nil // it tells how long it took
		}
		said = append(said, "schemactl "+strings.Join(args[:2], " ")+"\n"+settled(generatedKey.ReplaceAllString(strings.ReplaceAll(string(out), db.Name, "DB"), "")))
	}
	live, trial := with(db.URL, target), with(empty.URL, dev)
	run("migrate", "hash", "--dir", "file://dir")
	run("migrate", "apply", "--dir", "file://dir", "--url", live)
	var rows int
	if err := db.QueryRow("SELECT count(*) FROM a").Scan(&rows); err != nil || rows != 3 {
		t.Errorf("%d rows, not 3 (%v)", rows, err)
	}
	run("inspect", "--url", live, "--format", "sql")
	run("drift", "--url", live, "--dir", "file://dir", "--dev-url", trial)
	for _, drop := range []string{"VIEW v, w", "TABLE b, a, plain, parts, c, bare, atlas_schema_revisions"} {
		if _, err := db.Exec("DROP " + drop); err != nil {
			t.Fatal(err)
		}
	}
	run("apply", "--url", live, "--to", "file://before.sql", "--dev-url", trial, "--auto-approve")
	if _, err := db.Exec("INSERT INTO a (s) VALUES ('one'), ('two'), ('three'), ('four')"); err != nil {
		t.Fatal(err)
	}
	run("plan", "--url", live, "--to", "file://before.sql", "--dev-url", trial)
	run("plan", "--url", live, "--to", "file://after.sql", "--dev-url", trial, "--format", "sql")
	run("apply", "--url", live, "--to", "file://after.sql", "--dev-url", trial, "--auto-approve")
	run("drift", "--url", live, "--to", "file://after.sql", "--dev-url", trial)
	run("inspect", "--url", live, "--format", "sql")
	run("inspect", "--url", live)
	return said
}

package cli

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

const crashFiles = 30

// crashDir writes a directory of migrations of all sorts: each step of it leaves a row behind, so that one that is run
// twice, or not at all, shows.
func crashDir(t *testing.T, mysql bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "migrations")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= crashFiles; i++ {
		text := crashFile(i, mysql)
		if i == 1 {
			text = "CREATE TABLE log (n int);\n" + text
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d_step.sql", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd, stderr := schemactlCmd(t, "migrate", "hash", "--dir", "file://"+dir)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	return dir
}

func crashFile(i int, mysql bool) string {
	log := func(n int) string { return fmt.Sprintf("INSERT INTO log VALUES (%d);\n", 100*i+n) }
	table, before := fmt.Sprintf("t%d", i), fmt.Sprintf("t%d", i-1)
	switch i % 6 {
	case 1:
		return fmt.Sprintf("CREATE TABLE %s (id int PRIMARY KEY, v int);\nINSERT INTO %s VALUES (1, 1), (2, 2);\n", table, table) + log(1)
	case 2:
		return log(1) + fmt.Sprintf("ALTER TABLE %s ADD COLUMN c int;\nUPDATE %s SET c = v + 1;\n", before, before) + log(2)
	case 3:
		return log(1) + log(2) + log(3)
	case 4:
		return fmt.Sprintf("CREATE VIEW w%d AS SELECT n FROM log;\nCREATE TABLE gone%d (id int);\n", i, i) + log(1) + fmt.Sprintf("DROP TABLE gone%d;\n", i)
	case 5:
		set := "SET search_path = public;\n"
		if mysql {
			set = "SET sql_mode = 'ANSI_QUOTES';\n"
		}
		return set + fmt.Sprintf("CREATE TABLE \"old%d\" (id int);\nALTER TABLE old%d RENAME TO %s;\n", i, i, table) + log(1)
	}
	concurrently := " CONCURRENTLY"
	if mysql {
		concurrently = ""
	}
	return "-- atlas:txmode none\n\n" + log(1) + fmt.Sprintf("CREATE INDEX%s i%d ON %s (id);\n", concurrently, i, before) + log(2) +
		fmt.Sprintf("ALTER TABLE %s ADD COLUMN d int;\n", before)
}

// crashPoints are the statements at which a run is killed: some of them, or all with SCHEMACTL_CRASH=all.
func crashPoints(t *testing.T, statements int) []int {
	t.Helper()
	step := 29 // a prime, so that the points fall on all kinds of statements
	if v := os.Getenv("SCHEMACTL_CRASH"); v == "all" {
		step = 1
	} else if v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatalf("SCHEMACTL_CRASH is %q, not all or a step", v)
		}
		step = n
	}
	var out []int
	for n := step/2 + 1; n <= statements; n += step {
		out = append(out, n)
	}
	return out
}

// TestKilledMigrations kills migrate apply, or its connections, before and after each statement reaches the server. The
// next status must tell the truth, and the next apply must end in the same state as a run that nobody disturbed.
func TestKilledMigrations(t *testing.T) {
	for _, srv := range dbtest.Newest() {
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			dir := crashDir(t, srv.Scheme != "postgres")
			whole := srv.Database(t)
			w, over := newWire(t, whole.URL, func(int, bool) {})
			cmd, stderr := schemactlCmd(t, "migrate", "apply", "--url", over, "--dir", "file://"+dir)
			if err := cmd.Run(); err != nil {
				t.Fatalf("undisturbed: %v\n%s", err, stderr)
			}
			want := contentsOf(t, whole)
			for _, n := range crashPoints(t, w.count()) {
				how := []string{"kill before", "kill after", "cut before", "cut after"}
				if os.Getenv("SCHEMACTL_CRASH") == "" {
					how = how[n%4 : n%4+1]
				}
				for _, h := range how {
					t.Run(fmt.Sprintf("%s %d", h, n), func(t *testing.T) { crash(t, srv, dir, h, n, want) })
				}
			}
		})
	}
}

func crash(t *testing.T, srv dbtest.Server, dir, how string, n int, want string) {
	db := srv.Database(t)
	kill, after := strings.HasPrefix(how, "kill"), strings.HasSuffix(how, "after")
	var cmd *exec.Cmd
	var w *wire
	started := make(chan struct{})
	w, over := newWire(t, db.URL, func(i int, passed bool) {
		if i != n || passed != after {
			return
		}
		<-started
		if kill {
			_ = cmd.Process.Kill()
			_, _ = cmd.Process.Wait()
		}
		w.cut()
	})
	cmd, stderr := schemactlCmd(t, "migrate", "apply", "--url", over, "--dir", "file://"+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	if err := cmd.Wait(); err == nil && n < w.count() {
		t.Errorf("the run that was cut off ended well:\n%s", stderr)
	}
	first := stderr.String()
	truth(t, db, dir)
	again, stderr := schemactlCmd(t, "migrate", "apply", "--url", db.URL, "--dir", "file://"+dir, "--lock-timeout", "60s")
	if err := again.Run(); err != nil {
		t.Fatalf("the next apply: %v\n%s\nthe first one said:\n%s", err, stderr, first)
	}
	if got := contentsOf(t, db); got != want {
		t.Errorf("the database holds\n%s\nwant\n%s\nthe first run said:\n%s\nthe second:\n%s", got, want, first, stderr)
	}
	if t.Failed() {
		return
	}
	status, stderr := schemactlCmd(t, "migrate", "status", "--url", db.URL, "--dir", "file://"+dir, "--detailed-exitcode")
	if err := status.Run(); err != nil {
		t.Errorf("status after it: %v\n%s", err, stderr)
	}
}

// truth holds what status says against the rows that each file leaves: all of a file that is applied, none of one that
// is pending, and of others as many statements as it says, or one more.
func truth(t *testing.T, db *dbtest.DB, dir string) {
	t.Helper()
	cmd, stderr := schemactlCmd(t, "migrate", "status", "--url", db.URL, "--dir", "file://"+dir, "--format", "json")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("status: %v\n%s", err, stderr)
	}
	var st status
	if err := json.Unmarshal(out, &st); err != nil {
		t.Fatal(err)
	}
	said := map[string][2]int{}
	for _, r := range st.Applied {
		said[r.Version] = [2]int{r.Applied, r.Total}
	}
	rows := logRows(t, db)
	for i := 1; i <= crashFiles; i++ {
		version := fmt.Sprintf("%03d", i)
		s, known := said[version]
		total := strings.Count(crashFile(i, false), "INSERT INTO log")
		switch n := rows[i]; {
		case known && s[0] == s[1] && n != total:
			t.Errorf("status says that %s is applied, and it left %d of %d rows", version, n, total)
		case !known && n != 0:
			t.Errorf("status says that %s is pending, and it left %d rows", version, n)
		case known && n > total:
			t.Errorf("%s left %d rows, not %d", version, n, total)
		}
	}
}

// logRows counts the rows of the log by file.
func logRows(t *testing.T, db *dbtest.DB) map[int]int {
	t.Helper()
	out := map[int]int{}
	rows, err := db.Query("SELECT n FROM log")
	if err != nil {
		return out // it is not there yet
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[n/100]++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// contentsOf lists the tables, columns, indexes and rows of a database.
func contentsOf(t *testing.T, db *dbtest.DB) string {
	t.Helper()
	schema, indexes := "'public'", "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
	if db.Server.Scheme != "postgres" {
		schema = "DATABASE()"
		indexes = "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2, SEQ_IN_INDEX"
	}
	var out []string
	for _, q := range []string{
		"SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = " + schema + " AND table_name NOT LIKE 'atlas%' ORDER BY 1, ordinal_position",
		indexes,
		"SELECT 'log', count(*), sum(n) FROM log",
		"SELECT 't1', sum(v), sum(c) FROM t1",
		"SELECT 't25', sum(v), sum(c) FROM t25",
	} {
		out = append(out, lines(t, db, q)...)
	}
	if db.Server.Scheme == "postgres" {
		out = append(out, lines(t, db, "SELECT 'invalid', indexrelid::regclass, '' FROM pg_index WHERE NOT indisvalid")...)
	}
	out = slices.DeleteFunc(out, func(s string) bool { return strings.Contains(s, "atlas_schema_revisions") })
	return strings.Join(out, "\n")
}

// lines are the rows of a query with three columns.
func lines(t *testing.T, db *dbtest.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var a, b, c sql.NullString
		if err := rows.Scan(&a, &b, &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Join([]string{a.String, b.String, c.String}, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

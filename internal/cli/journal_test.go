package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// TestKilledApplyIsTakenUp kills apply with SIGKILL while a statement waits for a lock. The next apply must say which
// statements are done, ask the catalog about the one that was running, and lead to the end.
func TestKilledApplyIsTakenUp(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		for _, tt := range []struct {
			name    string
			blocked string // the table whose statement waits
			finish  bool   // the server goes on with the statement when its client is gone
			want    []string
		}{
			{"first, finished", "a", true, []string{"the catalog shows that it is done (1):\n    add column a.n", "not run (2):\n    add column b.n\n    add column c.n"}},
			{"second, finished", "b", true, []string{"done (1):\n    add column a.n", "the catalog shows that it is done (1):\n    add column b.n", "not run (1):\n    add column c.n"}},
			{"second, cut off", "b", false, []string{"done (1):\n    add column a.n", "the catalog shows that it is not done (1):\n    add column b.n", "not run (1):\n    add column c.n"}},
			{"last, finished", "c", true, []string{"done (2):\n    add column a.n\n    add column b.n", "the catalog shows that it is done (1):\n    add column c.n"}},
		} {
			t.Run(srv.Scheme+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				killAndResume(t, srv, tt.blocked, tt.finish, tt.want)
			})
		}
	}
}

func killAndResume(t *testing.T, srv dbtest.Server, table string, finish bool, want []string) {
	db, dev := srv.Database(t), srv.Database(t)
	mustRun(t, db, "CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE TABLE c (id int); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); INSERT INTO c VALUES (1)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("SELECT * FROM " + table); err != nil {
		t.Fatal(err)
	}
	schema := "CREATE TABLE a (id int, n int); CREATE TABLE b (id int, n int); CREATE TABLE c (id int, n int);"
	first, said := applyCmd(t, db, dev, schema)
	defer func() {
		if t.Failed() {
			_, _ = first.Process.Kill(), first.Wait() // what it said is read only once it is gone
			t.Logf("the first apply said:\n%s", said)
		}
	}()
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	const waiting = "FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock' AND DB = DATABASE() AND INFO LIKE 'ALTER TABLE%'"
	waitFor(t, db, "SELECT COUNT(*) > 0 "+waiting)
	var id int
	var statement string
	if err := db.QueryRow("SELECT ID, INFO "+waiting).Scan(&id, &statement); err != nil {
		t.Fatal(err)
	}
	if want := "ALTER TABLE `" + table + "`"; !strings.HasPrefix(statement, want) {
		t.Fatalf("%s waits, not %s", statement, want)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if !finish {
		mustRun(t, db, fmt.Sprintf("KILL %d", id))
		waitFor(t, db, fmt.Sprintf("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE ID = %d", id))
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}

	plan, stderr := schemactlCmd(t, "plan", "--url", db.URL, "--to", db.URL, "--no-cache")
	stdout, err := plan.Output()
	if err != nil || !strings.Contains(string(stdout), "schemactl_journal, ignored by schemactl: the journal of an apply that did not end") {
		t.Errorf("plan: %v\n%s%s", err, stdout, stderr)
	}
	second, stderr := applyCmd(t, db, dev, schema)
	if err := second.Run(); err != nil {
		t.Errorf("the second apply: %v\n%s", err, stderr)
	}
	for _, w := range append(want, "An earlier apply of 3 statements did not end", "goes on from what is there") {
		if !strings.Contains(stderr.String(), w) {
			t.Errorf("no %q in:\n%s", w, stderr)
		}
	}
	var left int
	err = db.QueryRow("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'schemactl_journal'").Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("the journal stays: %d, %v", left, err)
	}
	mustRun(t, db, "SELECT a.n, b.n, c.n FROM a, b, c")
}

func applyCmd(t *testing.T, db, dev *dbtest.DB, schema string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd, stderr := schemactlCmd(t, "apply", "--url", db.URL, "--dev-url", dev.URL, "--to", "file://schema.sql", "--auto-approve", "--check-data=false", "--no-cache", "--lock-timeout", "60s")
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cmd.Dir+"/cache")
	if err := os.WriteFile(cmd.Dir+"/schema.sql", []byte(schema), 0o600); err != nil {
		t.Fatal(err)
	}
	return cmd, stderr
}

func mustRun(t *testing.T, db *dbtest.DB, text string) {
	t.Helper()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// TestInterruptedFillRunsAgain: the rows that a new column's default would have filled are filled although the column is
// there by then, which is all that the catalog tells.
func TestInterruptedFillRunsAgain(t *testing.T) {
	t.Parallel()
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "mysql" {
			continue
		}
		db, dev := srv.Database(t), srv.Database(t)
		mustRun(t, db, "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1), (2)")
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		schema := "CREATE TABLE a (id int PRIMARY KEY, u varchar(40) DEFAULT (uuid()));"
		if _, err := tx.Exec("SELECT * FROM a WHERE id = 2 FOR UPDATE"); err != nil {
			t.Fatal(err)
		}
		first, _ := applyCmd(t, db, dev, schema)
		// The transaction holds the first statement up; once that is through, another one holds up the second.
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, db, "SELECT COUNT(*) > 0 FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock' AND DB = DATABASE()")
		if err := first.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = first.Wait()
		if err := tx.Rollback(); err != nil { // the server finishes the ALTER, and finds nobody to tell
			t.Fatal(err)
		}
		second, stderr := applyCmd(t, db, dev, schema)
		stdout, err := second.Output()
		if err != nil {
			t.Errorf("the second apply: %v\n%s", err, stderr)
		}
		if !strings.Contains(string(stdout), "WHERE `u` IS NULL") {
			t.Errorf("the rows are not filled:\n%s\n%s", stdout, stderr)
		}
		var empty int
		if err := db.QueryRow("SELECT COUNT(*) FROM a WHERE u IS NULL").Scan(&empty); err != nil || empty != 0 {
			t.Errorf("%d rows without a value, %v", empty, err)
		}
	}
}

// TestJournalWithoutTheRight: a user who may make no tables gets a journal in a file.
func TestJournalWithoutTheRight(t *testing.T) {
	t.Parallel()
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		db, dev := srv.Database(t), srv.Database(t)
		user := "u" + db.Name[len(db.Name)-12:]
		mustRun(t, db, "CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO b VALUES (1), (1)")
		mustRun(t, db, fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY 'pass'; GRANT SELECT, INSERT, ALTER, INDEX ON `%s`.* TO '%s'@'%%'", user, db.Name, user))
		t.Cleanup(func() { mustRun(t, db, "DROP USER '"+user+"'@'%'") })
		limited := *db
		limited.URL = strings.Replace(db.URL, "root:pass", user+":pass", 1)
		first, stderr := applyCmd(t, &limited, dev, "CREATE TABLE a (id int, n int); CREATE TABLE b (id int, UNIQUE KEY u (id));")
		if err := first.Run(); err == nil || !strings.Contains(stderr.String(), map[string]string{"mysql": "MySQL", "mariadb": "MariaDB"}[srv.Scheme]+" 1062") {
			t.Errorf("%s: the first apply: %v\n%s", srv.Name, err, stderr)
		}
		mustRun(t, db, "DELETE FROM b LIMIT 1")
		second, stderr := schemactlCmd(t, first.Args[1:]...)
		second.Dir, second.Env = first.Dir, first.Env
		if err := second.Run(); err != nil {
			t.Errorf("%s: the second apply: %v\n%s", srv.Name, err, stderr)
		}
		for _, want := range []string{"An earlier apply of 2 statements did not end", "done (1):\n    add column a.n", "shows that it is not done (1):\n    add index b.u"} {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%s: no %q in\n%s", srv.Name, want, stderr)
			}
		}
	}
}

package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// schemactlCmd runs schemactl in a folder of its own.
func schemactlCmd(t *testing.T, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	cmd = exec.Command("schemactl", args...)
	stderr = &bytes.Buffer{}
	cmd.Dir, cmd.Stderr = t.TempDir(), stderr
	return cmd, stderr
}

// blocked starts an apply that waits for a lock which another session holds.
func blocked(t *testing.T, db *dbtest.DB, dev string) (cmd *exec.Cmd, stderr *bytes.Buffer, release func()) {
	t.Helper()
	ctx := context.Background()
	if _, err := db.Exec("CREATE TABLE t (id int)"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	cmd, stderr = schemactlCmd(t, "apply", "--url", db.URL, "--dev-url", dev, "--no-cache", "--to", "file://schema.sql", "--auto-approve")
	schema := "CREATE TABLE a (id int); CREATE TABLE t (id int, more int);"
	if err := os.WriteFile(cmd.Dir+"/schema.sql", []byte(schema), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, db, "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	return cmd, stderr, func() { _ = tx.Rollback() }
}

func waitFor(t *testing.T, db *dbtest.DB, query string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var ok bool
		if err := db.QueryRow(query).Scan(&ok); err != nil {
			t.Fatal(err)
		}
		if ok {
			return
		}
	}
	t.Fatalf("never became true: %s", query)
}

func TestInterruptedApplySaysWhereItStopped(t *testing.T) {
	t.Parallel()
	db, dev := dbtest.Postgres(t, 18), dbtest.Postgres(t, 18)
	cmd, stderr, release := blocked(t, db, dev.URL)
	defer release()
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); err == nil || code != exitFailure {
		t.Errorf("exit code %d (%v), want %d", code, err, exitFailure)
	}
	for _, want := range []string{"Interrupted at: ", "Nothing has changed."} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in:\n%s", want, stderr)
		}
	}
	// The server notices that its client is gone a moment later.
	waitFor(t, db, "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))")
	waitFor(t, db, "SELECT to_regclass('a') IS NULL")
}

func TestTwoAppliesDoNotInterleave(t *testing.T) {
	t.Parallel()
	db, dev := dbtest.Postgres(t, 18), dbtest.Postgres(t, 18)
	first, _, release := blocked(t, db, dev.URL)
	second, stderr := schemactlCmd(t, "apply", "--url", db.URL, "--to", dev.URL, "--auto-approve", "--lock-timeout", "300ms")
	if err := second.Run(); err == nil || !strings.Contains(stderr.String(), "another run holds the lock") {
		t.Errorf("the second apply was let in: %v\n%s", err, stderr)
	}
	release()
	if err := first.Wait(); err != nil {
		t.Errorf("the first apply: %v", err)
	}
}

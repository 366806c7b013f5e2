package cli

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// TestMigrateBehindPgBouncer: in transaction mode a lock of the session is one of whichever session of the server the
// pooler takes. Many runs over it must exclude each other, and leave no lock behind.
func TestMigrateBehindPgBouncer(t *testing.T) {
	t.Parallel()
	for _, srv := range dbtest.Servers() {
		if srv.Name != "postgres-18" {
			continue
		}
		db := srv.Database(t)
		pooled := startPgBouncer(t, db.URL)
		many(t, srv, pooled)
		cmd, stderr := schemactlCmd(t, "migrate", "status", "--url", db.URL, "--dir", "file://"+crashDir(t, false), "--detailed-exitcode")
		if err := cmd.Run(); err != nil {
			t.Errorf("%v\n%s", err, stderr)
		}
		waitFor(t, db, "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))")
		rows := logRows(t, db)
		for i := 1; i <= crashFiles; i++ {
			if want := strings.Count(crashFile(i, false), "INSERT INTO log"); rows[i] != want {
				t.Errorf("file %d left %d rows, not %d", i, rows[i], want)
			}
		}
	}
}

// startPgBouncer puts a pooler in transaction mode before a database, and returns the URL that goes over it.
func startPgBouncer(t *testing.T, raw string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // not on everybody's path
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	dir, err := os.MkdirTemp("", "schemactl-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s password=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
auth_type = any
pool_mode = transaction
default_pool_size = 5
unix_socket_dir =
`, u.Hostname(), u.Port(), u.User.Username(), password, port)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, config)
	if os.Getuid() == 0 { // which it refuses
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: scripts/servers.sh install gets it", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("pgbouncer does not start: " + err.Error())
		}
	}
	u.Host = "127.0.0.1:" + port
	return u.String()
}

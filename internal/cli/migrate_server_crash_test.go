package cli

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/localserver"
)

// mortal is a server of the test's own, which it may kill.
type mortal struct {
	localserver.Persistent
	mu  sync.Mutex // a run that is killed, and the test that follows
	pid int        // 0: killed
}

// newMortal starts a server and returns it with its place in the test matrix.
func newMortal(t *testing.T, srv dbtest.Server) (*mortal, dbtest.Server) {
	t.Helper()
	name := srv.Name
	if srv.Scheme == "postgres" {
		name = strings.TrimPrefix(name, "postgres-")
	}
	flavor, version, ok := strings.Cut(name, "-")
	if !ok {
		flavor, version = "postgres", name
	}
	release, err := localserver.ParseRelease(localserver.Flavor(flavor), version)
	if err != nil {
		t.Fatal(err)
	}
	in, err := localserver.Find(t.Context(), release)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "schemactl-mortal-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the server is another user's
		t.Fatal(err)
	}
	m := &mortal{Persistent: localserver.Persistent{
		Install: in, Dir: filepath.Join(dir, "s"), Port: freePort(t), Password: "pass",
		Options: localserver.Options{CacheDir: t.TempDir(), Settings: durable(release.Flavor)},
	}}
	t.Cleanup(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		_ = m.Stop(context.Background(), m.pid)
		_ = os.RemoveAll(dir)
	})
	m.start(t)
	srv.Env = "SCHEMACTL_TEST_MORTAL_" + strings.ToUpper(srv.Scheme)
	user := "root"
	if srv.Scheme == "postgres" {
		user = "postgres"
	}
	u := url.URL{Scheme: srv.Scheme, User: url.UserPassword(user, "pass"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(m.Port)), Path: "/"}
	if srv.Scheme == "postgres" {
		u.RawQuery = "sslmode=disable"
	}
	t.Setenv(srv.Env, u.String())
	return m, srv
}

// durable are the settings with which a server keeps what it has committed: our own are set to be fast.
func durable(f localserver.Flavor) map[string]string {
	if f == localserver.Postgres {
		return map[string]string{"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
	}
	return map[string]string{"innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "ON"}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

func (m *mortal) start(t *testing.T) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pid != 0 {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pid, err := m.Start(ctx)
	for ; err != nil && ctx.Err() == nil; pid, err = m.Start(ctx) {
		time.Sleep(500 * time.Millisecond) // the processes of the killed one are still on their way out
	}
	if err != nil {
		log, _ := os.ReadFile(m.LogFile())
		t.Fatalf("start: %v\n%s", err, log)
	}
	m.pid = pid
}

// kill ends the server and all its processes at once, as a power cut would.
func (m *mortal) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	pids := []int{m.pid}
	if out, err := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(m.pid)).Output(); err == nil {
		for _, f := range strings.Fields(string(out)) {
			if pid, err := strconv.Atoi(f); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	for m.Running(m.pid) {
		time.Sleep(10 * time.Millisecond)
	}
	m.pid = 0
}

// TestKilledServers kills the server itself before and after statements of migrate apply. After its recovery status
// must tell the truth, and the next apply must end in the same state as an undisturbed run.
func TestKilledServers(t *testing.T) {
	for _, srv := range dbtest.Newest() {
		t.Run(srv.Name, func(t *testing.T) {
			m, srv := newMortal(t, srv)
			dir := crashDir(t, srv.Scheme != "postgres")
			whole := srv.Database(t)
			w, over := newWire(t, whole.URL, func(int, bool) {})
			cmd, stderr := schemactlCmd(t, "migrate", "apply", "--url", over, "--dir", "file://"+dir)
			if err := cmd.Run(); err != nil {
				t.Fatalf("undisturbed: %v\n%s", err, stderr)
			}
			want := contentsOf(t, whole)
			points := crashPoints(t, w.count())
			if os.Getenv("SCHEMACTL_CRASH") == "" {
				points = []int{points[len(points)/3], points[2*len(points)/3]}
			}
			for i, n := range points {
				t.Run(fmt.Sprint(n), func(t *testing.T) { killServer(t, m, srv, dir, n, i%2 == 1, want) })
			}
		})
	}
}

func killServer(t *testing.T, m *mortal, srv dbtest.Server, dir string, n int, after bool, want string) {
	db := srv.Database(t)
	var w *wire
	w, over := newWire(t, db.URL, func(i int, passed bool) {
		if i == n && passed == after {
			m.kill()
			w.cut()
		}
	})
	cmd, stderr := schemactlCmd(t, "migrate", "apply", "--url", over, "--dir", "file://"+dir)
	_ = cmd.Run() // it may have been done already: what counts is what stands in the database
	first := stderr.String()
	m.start(t)
	truth(t, db, dir)
	again, stderr := schemactlCmd(t, "migrate", "apply", "--url", db.URL, "--dir", "file://"+dir)
	if err := again.Run(); err != nil {
		t.Fatalf("the next apply: %v\n%s\nthe first one said:\n%s", err, stderr, first)
	}
	if got := contentsOf(t, db); got != want {
		t.Errorf("the database holds\n%s\nwant\n%s\nthe first run said:\n%s\nthe second:\n%s", got, want, first, stderr)
	}
}

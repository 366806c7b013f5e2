//go:build !windows

package localserver

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// roleVariable makes this test binary play another role.
const roleVariable = "LOCALSERVER_TEST_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		play()
		return
	}
	dir, err := os.MkdirTemp("", "localserver")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		panic(err)
	}
	_ = os.Setenv("TMPDIR", dir)
	m.Run()
	_ = os.RemoveAll(dir)
}

// play starts a PostgreSQL server, tells where, and waits for its end: by the killer, or of its input.
func play() {
	in, err := Find(context.Background(), Release{Flavor: Postgres, Major: 15, Minor: Any})
	if err != nil {
		panic(err)
	}
	s, err := Start(context.Background(), in, Options{CacheDir: os.Getenv(roleVariable)})
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stdout, s.cmd.Process.Pid, s.work.dir)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	if err := s.Close(); err != nil {
		panic(err)
	}
}

// other runs this binary in its other role, up to a running server.
func other(t *testing.T, attr *syscall.SysProcAttr, env ...string) (cmd *exec.Cmd, end func(), pid int, dir string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A folder that another user can enter, too.
	place, err := os.MkdirTemp("", "role")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(place) })
	if err := os.Chmod(place, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := copyFile(program, filepath.Join(place, "test"), nil); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(filepath.Join(place, "test"))
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), roleVariable+"="+filepath.Join(place, "cache"))
	cmd.Env = append(cmd.Env, env...)
	cmd.SysProcAttr = attr
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(line, &pid, &dir); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return cmd, func() { _ = stdin.Close() }, pid, dir
}

func TestKilled(t *testing.T) {
	cmd, _, pid, dir := other(t, nil)
	if !isRunning(pid, dir) {
		t.Fatalf("server %d does not run", pid)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	next(t)
	if isRunning(pid, dir) {
		t.Error("the server of a killed process still runs")
	}
	if left := leftovers(t); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

// TestOrphan loses a server in the way of systems whose kernel does not end it for us.
func TestOrphan(t *testing.T) {
	for _, in := range []Install{find(t, Postgres, "18"), find(t, MySQL, "9.7")} {
		s, err := Start(context.Background(), in, Options{CacheDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.work.lock.Close(); err != nil {
			t.Fatal(err)
		}
		next(t)
		select {
		case <-s.done:
		case <-time.After(5 * time.Second):
			t.Errorf("%s still runs", in.Release)
			_ = killTree(s.cmd.Process)
		}
		if left := leftovers(t); left != nil {
			t.Errorf("left behind: %q", left)
		}
	}
}

func TestLivingIsNotSwept(t *testing.T) {
	_, end, pid, dir := other(t, nil)
	defer end()
	next(t)
	if !isRunning(pid, dir) {
		t.Error("the server of a living process was ended")
	}
}

// TestNotRoot runs as an ordinary user; without root, all the other tests do.
func TestNotRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	tmp, err := os.MkdirTemp("/tmp", "user")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	if err := os.Chown(tmp, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd, end, pid, dir := other(t, attr, "TMPDIR="+tmp, "HOME=/nonexistent")
	if !strings.HasPrefix(dir, tmp) || !isRunning(pid, dir) {
		t.Errorf("server %d in %s does not run", pid, dir)
	}
	end()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if isRunning(pid, dir) {
		t.Error("it runs on")
	}
}

// next is what every next start does first.
func next(t *testing.T) {
	t.Helper()
	w, err := newWorkspace(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.remove(); err != nil {
		t.Fatal(err)
	}
}

func leftovers(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "schemactl-*", "dev-*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

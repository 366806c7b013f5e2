//go:build !windows

package localserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

const exeSuffix = ""

// Supported says why no local server can be run here, or nil.
func Supported() error { return nil }

// identity is the user that a server runs as where that is not the user we are.
type identity struct{ uid, gid int }

// serverIdentity is nil unless we are root: no server runs as root.
func serverIdentity(flavor Flavor) (*identity, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	names := []string{"postgres", "nobody"}
	if flavor != Postgres {
		names = []string{"mysql", "nobody"}
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			continue
		}
		gid, err := strconv.Atoi(u.Gid)
		if err != nil {
			continue
		}
		return &identity{uid, gid}, nil
	}
	return nil, fmt.Errorf("a server does not run as root, and this machine has no user %s", strings.Join(names, " or "))
}

// chown gives a file to the server's user; without an identity it is ours and stays so.
func (id *identity) chown(path string) error {
	if id == nil {
		return nil
	}
	return os.Lchown(path, id.uid, id.gid)
}

// detach sets up a command as the server's user and in a process group of its own: Ctrl-C in the terminal is
// for us, and we end the server.
func detach(cmd *exec.Cmd, id *identity, life lifetime) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if life == outlivesUs {
		attr = &syscall.SysProcAttr{Setsid: true}
	} else {
		dieWithParent(attr)
	}
	if id != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	cmd.SysProcAttr = attr
}

// quit ends a server whose data is thrown away. PostgreSQL must clean up its shared memory and children
// itself; to the others nothing is lost.
func quit(p *os.Process, flavor Flavor) error {
	if flavor == Postgres {
		return p.Signal(syscall.SIGQUIT)
	}
	return killTree(p)
}

// shutDown ends a server whose data is kept: it writes what it must and does not wait for its clients.
func shutDown(p *os.Process, flavor Flavor) error {
	if flavor == Postgres {
		return p.Signal(syscall.SIGINT)
	}
	return p.Signal(syscall.SIGTERM)
}

func killTree(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// Alive reports whether there is a process of that number.
func Alive(pid int) bool { return pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// isRunning reports whether the process is alive and is the one whose command line mentions dir: the system
// may since have given the number to another.
func isRunning(pid int, dir string) bool {
	if !Alive(pid) {
		return false
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		line, err = exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	}
	return err == nil && strings.Contains(string(line), dir)
}

func ownedByUs(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// lockFile takes an exclusive lock that ends with the process at the latest. Without wait it fails when
// another holds it.
func lockFile(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

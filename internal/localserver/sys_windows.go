package localserver

import (
	"errors"
	"os"
	"os/exec"
)

const exeSuffix = ".exe"

// Supported says why no local server can be run here, or nil. Windows lacks what keeps a throw-away server
// private and cleaned up: sockets in a folder of its own, changing to another user, locks that end with us.
func Supported() error {
	return errors.New("schemactl does not run servers of its own on Windows")
}

type identity struct{}

func serverIdentity(Flavor) (*identity, error) { return nil, Supported() }

func (*identity) chown(string) error { return Supported() }

func detach(*exec.Cmd, *identity, lifetime) {}

func quit(*os.Process, Flavor) error { return Supported() }

func shutDown(*os.Process, Flavor) error { return Supported() }

// Alive reports whether there is a process of that number.
func Alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}

func killTree(p *os.Process) error { return p.Kill() }

func isRunning(int, string) bool { return false }

func ownedByUs(os.FileInfo) bool { return true }

func lockFile(*os.File, bool) error { return Supported() }

package localserver

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	instancePrefix = "dev-"
	lockSuffix     = ".lock"
	pidFile        = "pid"
)

// maxSocketPath is what fits into the kernel's socket address on every system.
const maxSocketPath = 103

// workspace is a private folder for one server, held by a lock that ends with us. Whoever finds the folder
// with the lock free may remove it.
type workspace struct {
	dir  string
	lock *os.File
}

// newWorkspace makes a workspace for a server that runs as id, after sweeping those that others left.
func newWorkspace(id *identity) (*workspace, error) {
	base, err := baseDir(id)
	if err != nil {
		return nil, err
	}
	memory, roomy := memoryBase(id)
	if memory == "" {
		return workspaceIn(base, id)
	}
	if roomy {
		base, memory = memory, base
	}
	w, err := workspaceIn(base, id)
	if err == nil {
		sweepBeside(memory) // the other one
	}
	return w, err
}

// sweepBeside sweeps a folder in which no workspace is made now. What it cannot sweep, the next one will.
func sweepBeside(base string) {
	gate, err := openLock(filepath.Join(base, "gate"+lockSuffix), false)
	if err != nil {
		return // another one is at it
	}
	defer func() { _ = gate.Close() }()
	_ = sweep(base)
}

// workspaceIn makes a workspace in a base folder.
func workspaceIn(base string, id *identity) (*workspace, error) {
	// One at a time, so that no one sweeps a workspace between its making and its locking.
	gate, err := openLock(filepath.Join(base, "gate"+lockSuffix), true)
	if err != nil {
		return nil, err
	}
	defer func() { _ = gate.Close() }()
	sweepErr := sweep(base)
	name := make([]byte, 4)
	if _, err := rand.Read(name); err != nil {
		return nil, err
	}
	w := &workspace{dir: filepath.Join(base, instancePrefix+hex.EncodeToString(name))}
	if w.lock, err = openLock(w.dir+lockSuffix, false); err != nil {
		return nil, errors.Join(err, sweepErr)
	}
	if err := makePrivate(w.dir, id); err != nil {
		return nil, errors.Join(err, w.release(), sweepErr)
	}
	return w, nil
}

// mkdir makes a folder of the server's user.
func (w *workspace) mkdir(name string, id *identity) (string, error) {
	path := filepath.Join(w.dir, name)
	return path, errors.Join(os.Mkdir(path, 0o700), id.chown(path))
}

// remove deletes the folder and lets the lock go.
func (w *workspace) remove() error {
	return errors.Join(os.RemoveAll(w.dir), w.release())
}

func (w *workspace) release() error {
	err := os.Remove(w.lock.Name())
	if errors.Is(err, fs.ErrNotExist) { // its holder let it go while we looked
		err = nil
	}
	return errors.Join(err, w.lock.Close())
}

// writePID notes whom to end, should we not be able to.
func (w *workspace) writePID(pid int) error {
	return os.WriteFile(filepath.Join(w.dir, pidFile), []byte(strconv.Itoa(pid)), 0o600)
}

// sweep removes workspaces whose holder is gone, and ends their servers.
func sweep(base string) error {
	entries, err := os.ReadDir(base)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		name, isLock := strings.CutSuffix(e.Name(), lockSuffix)
		if !isLock || !strings.HasPrefix(name, instancePrefix) {
			continue
		}
		lock, err := openLock(filepath.Join(base, e.Name()), false)
		if err != nil {
			continue // held: its owner lives
		}
		w := &workspace{dir: filepath.Join(base, name), lock: lock}
		endOrphan(w.dir)
		errs = append(errs, w.remove())
	}
	return errors.Join(errs...)
}

// endOrphan kills the server of an abandoned workspace.
func endOrphan(dir string) {
	text, err := os.ReadFile(filepath.Join(dir, pidFile))
	if err != nil {
		return // it never came as far as starting one
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || !isRunning(pid, dir) {
		return
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	// PostgreSQL's children notice that their postmaster is gone, and go too.
	_ = killTree(p)
	for range 100 {
		if !isRunning(pid, dir) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// openLock opens and locks a lock file.
func openLock(path string, wait bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f, wait); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// baseDir is the folder below the temporary one where servers run. It is ours alone; a server that runs as
// another user may pass through it but not read it.
func baseDir(id *identity) (string, error) {
	tmp := os.TempDir()
	longest := filepath.Join(tmp, baseName(), instancePrefix+"12345678", runDir, ".s.PGSQL.5432")
	if len(longest) > maxSocketPath || !passable(tmp, id) {
		tmp = "/tmp"
	}
	return baseIn(tmp, id)
}

// memoryBase is such a folder in memory, where the data of throw-away servers is best kept: they make thousands of
// small files and remove them again. It is empty where there is none; roomy tells whether it should be used now.
// Whoever sets TMPDIR wants the data there.
func memoryBase(id *identity) (dir string, roomy bool) {
	root, roomy := memoryDir()
	if root == "" || os.Getenv("TMPDIR") != "" || !passable(root, id) {
		return "", false
	}
	if _, err := os.Stat(filepath.Join(root, baseName())); err != nil && !roomy {
		return "", false
	}
	dir, err := baseIn(root, id)
	if err != nil {
		return "", false
	}
	return dir, roomy
}

func baseName() string { return "schemactl-" + strconv.Itoa(os.Geteuid()) }

func baseIn(tmp string, id *identity) (string, error) {
	base := filepath.Join(tmp, baseName())
	if err := makePrivate(base, id); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(base)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || !ownedByUs(info) || info.Mode().Perm()&0o022 != 0 {
		return "", fmt.Errorf("%s is not a folder of ours alone: remove it, or set TMPDIR to another place", base)
	}
	return base, nil
}

// makePrivate makes a folder that others cannot read; the server's user may pass through it.
func makePrivate(path string, id *identity) error {
	if err := os.Mkdir(path, 0o700); err != nil || id == nil {
		return err
	}
	return os.Chmod(path, 0o711) // Mkdir heeds the umask
}

// passable reports whether the server's user gets through every folder on the way to path. What is not there
// yet is made so that he does.
func passable(path string, id *identity) bool {
	if id == nil {
		return true
	}
	for {
		info, err := os.Stat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(path)
		if parent == path {
			return true
		}
		path = parent
	}
}

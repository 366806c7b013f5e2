package localserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// templateFormat is part of every template's key: raise it when templates are made differently.
const templateFormat = "1"

// templateAge is how long an unused template is kept.
const templateAge = 60 * 24 * time.Hour

// initData fills dir, which must not exist, with the data of a new server. The first call for an
// installation and its settings makes a template in the cache, the others copy it.
func initData(ctx context.Context, in Install, opts Options, w *workspace, dir string, id *identity) error {
	args, err := initArgs(in, opts.Settings)
	if err != nil {
		return err
	}
	template, gate, err := templatePath(in, opts.CacheDir, args)
	if err != nil {
		return err
	}
	if gate != nil {
		defer func() { _ = gate.Close() }()
		if err := makeTemplate(ctx, in, args, w, template, id); err != nil {
			return fmt.Errorf("initialise %s: %w", in.Release, err)
		}
	}
	now := time.Now()
	_ = os.Chtimes(template, now, now) // only for pruning
	return copyTree(ctx, template, dir, id)
}

// templatePath is where the template belongs. When it is not there yet, the gate is the lock under which to
// make it.
func templatePath(in Install, cacheDir string, args []string) (path string, gate *os.File, err error) {
	info, err := os.Stat(in.Server)
	if err != nil {
		return "", nil, err
	}
	key := sha256.New()
	fmt.Fprintln(key, templateFormat, in.Server, info.Size(), info.ModTime().UnixNano())
	fmt.Fprintln(key, strings.Join(args, "\n"))
	root := filepath.Join(cacheDir, "templates")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", nil, err
	}
	path = filepath.Join(root, in.Release.ID()+"-"+hex.EncodeToString(key.Sum(nil))[:16])
	if _, err := os.Stat(path); err == nil {
		return path, nil, nil
	}
	if gate, err = openLock(filepath.Join(root, "gate"+lockSuffix), true); err != nil {
		return "", nil, err
	}
	if _, err := os.Stat(path); err == nil { // another made it while we waited
		return path, nil, gate.Close()
	}
	pruneTemplates(root)
	return path, gate, nil
}

// makeTemplate initialises data in the workspace, where the server's user can write, and moves a copy of it
// into the cache when it is whole.
func makeTemplate(ctx context.Context, in Install, args []string, w *workspace, template string, id *identity) error {
	fresh, err := w.mkdir("fresh", id)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(fresh) }() // what stays is swept
	tmp, err := w.mkdir("fresh-tmp", id)
	if err != nil {
		return err
	}
	program, err := in.initialiser()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, append(args, dataFlag(in.Release.Flavor, fresh)...)...)
	cmd.Dir, cmd.Env = "/", serverEnv(tmp)
	cmd.Cancel = func() error { return killTree(cmd.Process) }
	cmd.WaitDelay = 5 * time.Second
	detach(cmd, id, endsWithUs)
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("%s: %w\n%s", program, err, lastLines(out, 10))
	}
	part := template + ".part" // one maker at a time: we hold the gate
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := copyTree(ctx, fresh, part, nil); err != nil {
		return errors.Join(err, os.RemoveAll(part))
	}
	return os.Rename(part, template)
}

// pruneTemplates removes what no one used for long, such as the templates of servers since upgraded.
func pruneTemplates(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return // nothing depends on it
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() && time.Since(info.ModTime()) > templateAge {
			_ = os.RemoveAll(filepath.Join(root, e.Name()))
		}
	}
}

// initArgs are the arguments that initialise data, without the folder.
func initArgs(in Install, settings map[string]string) ([]string, error) {
	switch in.Release.Flavor {
	case Postgres:
		return postgresInitArgs(settings), nil
	case MySQL:
		return mysqlInitArgs(settings), nil
	case MariaDB:
		return mariadbInitArgs(in, settings), nil
	}
	return nil, fmt.Errorf("schemactl cannot run a %s server", in.Release.Flavor.Name())
}

func dataFlag(flavor Flavor, dir string) []string {
	if flavor == Postgres {
		return []string{"-D", dir}
	}
	return []string{"--datadir=" + dir}
}

// readable returns the installation at a place where the server's user can read it: what lies in root's home
// is linked to another folder once.
func readable(in Install, id *identity) (Install, error) {
	if passable(in.Bin, id) {
		return in, nil
	}
	base, err := baseDir(id)
	if err != nil {
		return in, err
	}
	prefix := filepath.Dir(in.Bin)
	if _, err := os.Stat(filepath.Join(prefix, ".profile")); err == nil || filepath.Base(in.Bin) != "bin" {
		return in, fmt.Errorf("%s cannot be read by the user that the server runs as, and is no folder of its own that could be copied", in.Bin)
	}
	info, err := os.Stat(in.Server)
	if err != nil {
		return in, err
	}
	key := sha256.Sum256(fmt.Appendln(nil, in.Server, info.Size(), info.ModTime().UnixNano()))
	target := filepath.Join(base, "programs-"+hex.EncodeToString(key[:8]))
	gate, err := openLock(filepath.Join(base, "gate"+lockSuffix), true)
	if err != nil {
		return in, err
	}
	defer func() { _ = gate.Close() }()
	if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
		part := target + ".part"
		if err := errors.Join(os.RemoveAll(part), linkTree(prefix, part), os.Rename(part, target)); err != nil {
			return in, fmt.Errorf("copy %s for the server's user: %w", prefix, err)
		}
	}
	in.Bin = filepath.Join(target, "bin")
	in.Server = filepath.Join(in.Bin, filepath.Base(in.Server))
	return in, nil
}

func lastLines(text []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

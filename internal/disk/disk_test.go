//go:build unix

package disk_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/disk"
)

// TestOnlyRegularFilesAreRead reads what would block, or never end.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(syscall.Mkfifo(at("pipe"), 0o600), os.WriteFile(at("file"), []byte("text"), 0o600), os.Symlink(at("file"), at("link")),
		os.Symlink(at("pipe"), at("pipelink")), os.Symlink("/dev/zero", at("zero")), os.Truncate(at("file"), 4), os.Mkdir(at("folder"), 0o700)); err != nil {
		t.Fatal(err)
	}
	big, err := os.Create(at("big"))
	if err := errors.Join(err, big.Truncate(2<<30), big.Close()); err != nil {
		t.Fatal(err)
	}
	fsys := disk.Dir(dir)
	for name, want := range map[string]string{
		"pipe": "it is a pipe", "pipelink": "it is a pipe", "zero": "no regular file", "folder": "a folder", "big": "files may have", "missing": "no such file",
	} {
		if _, err := disk.Read(at(name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := fs.ReadFile(fsys, name); err == nil || name != "folder" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s in a folder: %v", name, err)
		}
	}
	for _, name := range []string{"file", "link"} {
		if text, err := disk.Read(at(name)); err != nil || string(text) != "text" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if text, err := fs.ReadFile(fsys, name); err != nil || string(text) != "text" {
			t.Errorf("%s in a folder: %q, %v", name, text, err)
		}
	}
	if _, err := disk.Read(at("missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

// TestStream ends the wait for a stream that never ends.
func TestStream(t *testing.T) {
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := disk.Stream(ctx, r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended with %v", err)
	}
	if text, err := disk.Stream(t.Context(), strings.NewReader("x")); string(text) != "x" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// TestWrite writes in one step, and leaves what is there when it cannot.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(disk.Write(file, []byte("one"), 0o600), os.Chmod(file, 0o640), os.Symlink("file", link), disk.Write(link, []byte("two"), 0o600)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "two" {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("permissions: %v, %v", info, err)
	}
	if err := disk.Write("/dev/full", []byte("x"), 0o600); err == nil {
		t.Error("a full device took it")
	}
	if err := disk.Write(filepath.Join(dir, "none", "file"), nil, 0o600); err == nil {
		t.Error("a folder was made up")
	}
	if rest, err := filepath.Glob(filepath.Join(dir, ".new-*")); err != nil || len(rest) > 0 {
		t.Errorf("left behind: %v, %v", rest, err)
	}
}

// TestFullDisk writes to a file system that has no room for it: what was there stays.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := disk.Write(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	err := disk.Write(file, make([]byte, 1<<20), 0o600)
	if e := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); e != nil {
		t.Fatal(e)
	}
	text, rerr := os.ReadFile(file)
	if err == nil || rerr != nil || string(text) != "old" {
		t.Errorf("%v; now %q, %v", err, text, rerr)
	}
}

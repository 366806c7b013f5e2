// Package disk reads and writes the files that users name. A repository may be a stranger's: what is read is a regular file
// of a sane size, and never a pipe or a device, which would block for ever or have no end. What is written is there whole or
// not at all, so that a full disk destroys nothing.
package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// limit is how large a file may be, in bytes.
const limit = 1 << 30

// Read is os.ReadFile for regular files, and for links to such.
func Read(path string) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(f)
	return text, errors.Join(err, f.Close())
}

// open looks before it opens: opening a pipe blocks.
func open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := readable(info); err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return os.Open(path) //nolint:gosec // the file that the user names
}

func readable(info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return errors.New("it is a folder")
	case mode&fs.ModeNamedPipe != 0:
		return errors.New("it is a pipe, and only regular files are read")
	case !mode.IsRegular():
		return errors.New("it is no regular file")
	case info.Size() > limit:
		return fmt.Errorf("it has %d bytes; files may have %d", info.Size(), limit)
	}
	return nil
}

// Stream reads all of a stream, as standard input is. The end of the context ends the wait for more.
func Stream(ctx context.Context, r io.Reader) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(r, limit+1))
		if err == nil && len(text) > limit {
			err = fmt.Errorf("it has more than %d bytes", limit)
		}
		read <- result{text, err}
	}()
	select {
	case r := <-read:
		return r.text, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Dir is os.DirFS of regular files and folders.
func Dir(folder string) fs.FS { return dir{os.DirFS(folder), folder} }

type dir struct {
	fs.FS
	folder string
}

// Open opens a file of the folder, or a folder.
func (d dir) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	info, err := os.Stat(filepath.Join(d.folder, filepath.FromSlash(name)))
	if err == nil && !info.IsDir() {
		err = readable(info)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return d.FS.Open(name)
}

// Write puts a text into a file in one step: beside, and renamed. A file that is there keeps its permissions, a link leads
// where it led, and what is no regular file, as /dev/stdout, is written to.
func Write(path string, text []byte, perm fs.FileMode) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(path, text, perm)
		}
		perm = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(perm), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

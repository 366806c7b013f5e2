package localserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// copyTree copies a folder for the server's user. Files are copied by the kernel, which shares their blocks
// on the file systems that can; never by hard links, since servers write in place.
func copyTree(ctx context.Context, from, to string, id *identity) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	files := make(chan string, 256)
	var workers sync.WaitGroup
	for range max(2, min(8, runtime.GOMAXPROCS(0))) {
		workers.Go(func() {
			for rel := range files {
				if ctx.Err() != nil {
					continue // drain, so that the walk does not block
				}
				if err := copyFile(filepath.Join(from, rel), filepath.Join(to, rel), id); err != nil {
					cancel(err)
				}
			}
		})
	}
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			return makeDir(filepath.Join(to, rel), d, id)
		case d.Type().IsRegular():
			files <- rel
			return nil
		}
		return fmt.Errorf("%s is neither a file nor a folder", path)
	})
	close(files)
	workers.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return nil
}

func makeDir(path string, like fs.DirEntry, id *identity) error {
	info, err := like.Info()
	if err != nil {
		return err
	}
	if err := os.Mkdir(path, info.Mode().Perm()); err != nil {
		return err
	}
	return id.chown(path)
}

func copyFile(from, to string, id *identity) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	if _, err := io.Copy(dst, src); err != nil {
		return err
	}
	return id.chown(to)
}

// linkTree makes a second way to a folder's files, by hard links where the file system allows.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.Mkdir(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		case !d.Type().IsRegular():
			return nil
		}
		if os.Link(path, target) == nil {
			return nil
		}
		return copyFile(path, target, nil)
	})
}

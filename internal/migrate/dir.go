// Package migrate keeps migration directories: it reads them in Atlas's format and in those of other tools, guards them
// with atlas.sum, and writes, reorders, replaces and imports files. It renders nothing and asks nobody.
package migrate

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
)

// DefaultURL is the directory that commands mean when none is named.
const DefaultURL = "file://migrations"

// Dir is a migration directory as it was read.
type Dir struct {
	Name   string // the folder, as the user names it
	Format Format
	// Files are in the order in which they run on an empty database that had none, checkpoints among them.
	Files []*File

	fsys   fs.FS
	layout layout
	local  bool   // Name is a folder of this machine, which can be written to
	sum    []byte // atlas.sum; nil: there is none
}

// Open reads the directory that a URL names: file://migrations, file://migrations?format=goose. The format of the URL
// goes before the one given.
func Open(raw string, format Format) (*Dir, error) {
	folder, format, err := parseURL(raw, format)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, diag.Errorf(diag.Pos{File: folder}, "no-such-directory", "there is no such migration directory").
			WithHint("check --dir; schemactl migrate new or migrate diff makes it")
	case err != nil:
		return nil, fmt.Errorf("open the migration directory: %w", err)
	case !info.IsDir():
		return nil, diag.Errorf(diag.Pos{File: folder}, "no-such-directory", "this is a file, not a migration directory")
	}
	return open(disk.Dir(folder), folder, format, true)
}

// Create is Open for commands that may be the first to write: a folder that is not there yet is an empty directory, and
// is made with its first file.
func Create(raw string, format Format) (*Dir, error) {
	folder, known, err := parseURL(raw, format)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(folder); isMissing(err) {
		return open(disk.Dir(folder), folder, known, true)
	}
	return Open(raw, format)
}

// OpenFS reads a directory that is part of a program, such as an embed.FS. The name stands in messages.
func OpenFS(fsys fs.FS, name string, format Format) (*Dir, error) {
	return open(fsys, name, cmp.Or(format, Atlas), false)
}

func open(fsys fs.FS, name string, format Format, local bool) (*Dir, error) {
	l, err := layoutOf(format)
	if err != nil {
		return nil, err
	}
	d := &Dir{Name: name, Format: format, fsys: fsys, layout: l, local: local}
	if d.sum, err = fs.ReadFile(fsys, SumFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", d.path(SumFile), err)
	}
	if d.Files, err = l.read(d); err != nil {
		return nil, err
	}
	return d, nil
}

func parseURL(raw string, format Format) (folder string, _ Format, err error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return "", "", diag.Errorf(diag.Pos{}, "bad-directory", "%q is not the URL of a migration directory", raw).
			WithHint("did you mean file://%s?", raw)
	}
	if scheme != "file" {
		return "", "", diag.Errorf(diag.Pos{}, "bad-directory", "migration directories of the form %s:// are not supported", scheme).
			WithHint("give the folder: file://migrations")
	}
	folder, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", "", diag.Errorf(diag.Pos{}, "bad-directory", "%q is not the URL of a migration directory: %v", raw, err)
	}
	for key := range values {
		if key != "format" {
			return "", "", diag.Errorf(diag.Pos{}, "bad-directory", "the URL of a migration directory has no parameter %q", key).
				WithHint("it has one: file://migrations?format=goose")
		}
	}
	if folder == "" {
		return "", "", diag.Errorf(diag.Pos{}, "bad-directory", "%q names no folder", raw).WithHint("give file://migrations")
	}
	given := Format(values.Get("format"))
	if given != "" && format != "" && given != format {
		return "", "", diag.Errorf(diag.Pos{}, "two-formats", "the URL of the directory says %s, --dir-format %s", given, format).
			WithHint("leave out one of them")
	}
	return filepath.Clean(folder), cmp.Or(given, format, Atlas), nil
}

// path is the name of a file of the directory for messages.
func (d *Dir) path(name string) string { return path.Join(filepath.ToSlash(d.Name), name) }

// pos is a place in a file of the directory.
func (d *Dir) pos(name string) diag.Pos { return diag.Pos{File: d.path(name)} }

// Find returns the file of a version, or of a name.
func (d *Dir) Find(version string) (*File, error) {
	for _, f := range d.Files {
		if f.Version == version || f.Name == version || strings.TrimSuffix(f.Name, ".sql") == version {
			return f, nil
		}
	}
	fault := diag.Errorf(diag.Pos{File: d.Name}, "no-such-version", "the directory has no version %q", version)
	var all []string
	for _, f := range d.Files {
		all = append(all, f.Version)
	}
	if near := diag.Nearest(version, all); near != "" {
		return nil, fault.WithHint("did you mean %s?", near)
	}
	return nil, fault
}

// Versioned are the files that run on a database with a history: all but the checkpoints, which stand for files that
// such a database has already.
func (d *Dir) Versioned() []*File {
	return slices.DeleteFunc(slices.Clone(d.Files), func(f *File) bool { return f.Checkpoint })
}

// Fresh are the files that run on an empty database: from the last checkpoint on, or all.
func (d *Dir) Fresh() []*File {
	for i := len(d.Files) - 1; i >= 0; i-- {
		if d.Files[i].Checkpoint {
			return d.Files[i:]
		}
	}
	return d.Files
}

// Check looks for what makes the order of the files, or what they are called in a database's history, doubtful.
func (d *Dir) Check() error {
	var faults diag.List
	seen := map[string]*File{}
	for _, f := range d.Files {
		if f.Version == "" {
			faults.Add(diag.Errorf(d.pos(f.Name), "no-version", "the name of the file begins with no version").
				WithHint("call it YYYYMMDDHHMMSS_name.sql, as migrate new does"))
			continue
		}
		if other := seen[f.Version]; other != nil {
			faults.Add(diag.Errorf(d.pos(f.Name), "same-version", "%s has the version %s too", other.Name, f.Version).
				WithHint("give one of them a later version: schemactl migrate rebase %s", f.Name))
		}
		seen[f.Version] = f
	}
	faults.Add(d.unsorted()...)
	return faults.Err()
}

// unsorted looks for numbers that the format orders as text, the tenth before the second: neither this program nor the
// format's own would run them in the order that they count.
func (d *Dir) unsorted() (faults []*diag.Diagnostic) {
	var last *File
	for _, f := range d.Files {
		if f.Repeatable || f.Version == "" {
			continue
		}
		if last != nil && miscounts(last.Version, f.Version) {
			faults = append(faults, diag.Errorf(d.pos(f.Name), "unsorted-versions", "version %s comes after %s here: the order is that of the text, not of the numbers", f.Version, last.Version).
				WithHint("give the numbers of all files the same length (%0*d_…), then: schemactl migrate hash;\nand on a database that has run some: schemactl migrate set VERSION", max(len(f.Version), len(last.Version)), 1))
		}
		last = f
	}
	return faults
}

// shortest is the length from which numbers are dates and times, which are ordered as text even where their lengths differ.
const shortest = 8

// miscounts reports whether two versions that are ordered as text are numbers in another order.
func miscounts(before, after string) bool {
	if !digits.MatchString(before) || !digits.MatchString(after) || min(len(before), len(after)) >= shortest {
		return false
	}
	return compareVersions(before, after) > 0
}

// Place is where a version stands in the order of the files: an odd number at a file, an even one between files, for
// versions that the directory does not have (any more).
func (d *Dir) Place(version string) int {
	between := 0
	for i, f := range d.Files {
		if f.Version == version {
			return 2*i + 1
		}
		if !f.Repeatable && d.precedes(f.Version, version) {
			between = 2*i + 2
		}
	}
	return between
}

// precedes compares versions as the format orders its files.
func (d *Dir) precedes(a, b string) bool {
	switch d.Format {
	case Atlas, Liquibase, DBMate:
		return a < b
	}
	return compareVersions(a, b) < 0
}

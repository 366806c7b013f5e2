// Package source turns what a user names (HCL files, SQL files, a database, a snapshot) into a state.
package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// Dev opens the database in which desired states are normalised.
type Dev func(ctx context.Context) (dialect.Session, func() error, error)

// Loader reads sources for one dialect.
type Loader struct {
	Dialect dialect.Dialect
	Scope   dialect.Scope
	Dev     Dev
	Stdin   io.Reader
}

// Load reads the sources together as one desired state.
func (l *Loader) Load(ctx context.Context, sources []string) (*object.State, error) {
	if len(sources) == 1 && dburl.Is(sources[0]) {
		return l.live(ctx, sources[0])
	}
	files, err := l.files(sources)
	if err != nil {
		return nil, err
	}
	if len(files) == 1 && bytes.Contains(files[0].text[:min(200, len(files[0].text))], []byte(object.SnapshotFormat)) {
		_, state, err := object.Decode(files[0].text, l.Dialect.Kinds().NewValue)
		return state, err
	}
	statements, err := l.statements(files)
	if err != nil {
		return nil, err
	}
	return l.normalise(ctx, statements)
}

func (l *Loader) live(ctx context.Context, raw string) (*object.State, error) {
	u, err := dburl.Parse(raw)
	if err != nil {
		return nil, err
	}
	s, err := l.Dialect.Connect(ctx, u)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	c, err := s.Inspect(ctx, l.Scope)
	if err != nil {
		return nil, err
	}
	return l.Dialect.Build(c, l.Scope)
}

// normalise lets a real server read the statements and tells what it made of them.
func (l *Loader) normalise(ctx context.Context, statements []dialect.Statement) (*object.State, error) {
	dev, done, err := l.Dev(ctx)
	if err != nil {
		return nil, err
	}
	c, err := dev.Load(ctx, statements, l.Scope)
	if err := errors.Join(err, done()); err != nil {
		return nil, err
	}
	return l.Dialect.Build(c, l.Scope)
}

type file struct {
	name string
	text []byte
}

func (l *Loader) files(sources []string) ([]file, error) {
	var out []file
	for _, s := range sources {
		if s == "-" {
			text, err := io.ReadAll(l.Stdin)
			if err != nil {
				return nil, fmt.Errorf("read standard input: %w", err)
			}
			out = append(out, file{"-", text})
			continue
		}
		path, ok := strings.CutPrefix(s, "file://")
		if !ok {
			return nil, diag.Errorf(diag.Pos{}, "unknown-source", "%q is not a source", s).
				WithHint("give file://schema.hcl, file://schema.sql, file://folder, a database URL, env://src or -")
		}
		found, err := readPath(path)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// readPath reads a file, or all *.hcl and *.sql files below a folder in the order of their names.
func readPath(path string) ([]file, error) {
	var names []string
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (p == path || slices.Contains([]string{".hcl", ".sql"}, filepath.Ext(p))) {
			names = append(names, p)
		}
		return err
	})
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, diag.Errorf(diag.Pos{File: path}, "no-such-file", "there is no such file or folder")
		}
		return nil, fmt.Errorf("read source: %w", err)
	}
	if len(names) == 0 {
		return nil, diag.Errorf(diag.Pos{File: path}, "empty-source", "the folder holds no *.hcl and no *.sql file")
	}
	slices.Sort(names)
	out := make([]file, 0, len(names))
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("read source: %w", err)
		}
		out = append(out, file{n, text})
	}
	return out, nil
}

func (l *Loader) statements(files []file) ([]dialect.Statement, error) {
	var out []dialect.Statement
	for _, f := range files {
		if strings.HasSuffix(f.name, ".hcl") {
			return nil, diag.Errorf(diag.Pos{File: f.name}, "unsupported", "HCL sources are not read yet")
		}
		out = append(out, dialect.Statement{SQL: string(f.text), Pos: diag.Pos{File: f.name, Line: 1, Column: 1}})
	}
	return out, nil
}

package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
)

// File is a source file with its text.
type File struct {
	Name string // as the user names it
	Text []byte
}

// Vars are the values of input variables of HCL files, by name; a list variable has several.
type Vars map[string][]string

// fingerprint is a hash of the values: they may be secrets and must not be stored.
func (v Vars) fingerprint() string {
	names := make([]string, 0, len(v))
	for n := range v {
		names = append(names, n)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, n := range names {
		_, _ = fmt.Fprintf(h, "%q=%q\n", n, v[n])
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Digest is a hash of the files behind file:// and data:// sources: it changes when the declarations do. Sources that
// are no files are left out.
func Digest(sources []string, data map[string]Data) (string, error) {
	h := sha256.New()
	for _, s := range sources {
		if !strings.HasPrefix(s, "file://") && !strings.HasPrefix(s, "data://") {
			continue
		}
		files, err := (&Loader{Data: data}).read(context.Background(), s)
		if err != nil {
			return "", err
		}
		for _, f := range files {
			_, _ = fmt.Fprintf(h, "%d:%s%d:", len(f.Name), f.Name, len(f.Text))
			_, _ = h.Write(f.Text)
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)), nil
}

// Files reads the files behind sources of all sorts but databases.
func (l *Loader) Files(ctx context.Context, sources []string) ([]File, error) {
	var out []File
	for _, s := range sources {
		found, err := l.read(ctx, s)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// read reads the files of one source.
func (l *Loader) read(ctx context.Context, s string) ([]File, error) {
	scheme, rest, _ := strings.Cut(s, "://")
	switch {
	case s == "-":
		text, err := disk.Stream(ctx, l.Stdin)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return []File{{"-", withoutMark("-", text)}}, nil
	case scheme == "file":
		return readPath(rest)
	case scheme == "data":
		d, ok := l.Data[s]
		if !ok {
			return nil, diag.Errorf(diag.Pos{}, "unknown-source", "no data source of the project file stands for %q", s).
				WithHint("name the environment that uses it with --env")
		}
		return d.read()
	case scheme == "atlas" || scheme == "ent":
		return nil, diag.Errorf(diag.Pos{}, "unknown-source", "sources of the form %s:// are not supported", scheme).
			WithHint("write the schema to a file and give that: file://schema.hcl or file://schema.sql")
	}
	d := diag.Errorf(diag.Pos{}, "unknown-source", "%q is not a source", s)
	if _, err := os.Stat(s); err == nil {
		return nil, d.WithHint("did you mean file://%s?", s)
	}
	return nil, d.WithHint("give file://schema.hcl, file://schema.sql, file://folder, a database URL, env://src or -")
}

// readPath reads a file, or all *.hcl and *.sql files below a folder in the order of their names. Test and plan files
// of Atlas's (*.test.hcl, *.plan.hcl) and hidden folders are not schema.
func readPath(path string) ([]File, error) {
	var names []string
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == path && !d.IsDir():
			names = append(names, p)
		case d.IsDir() && p != path && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && isSchemaFile(d.Name()):
			names = append(names, p)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, diag.Errorf(diag.Pos{File: path}, "no-such-file", "there is no such file or folder")
	}
	if err != nil {
		return nil, fmt.Errorf("read source: %w", err)
	}
	if len(names) == 0 {
		return nil, diag.Errorf(diag.Pos{File: path}, "empty-source", "the folder holds no *.hcl and no *.sql file")
	}
	slices.Sort(names)
	out := make([]File, 0, len(names))
	for _, n := range names {
		text, err := disk.Read(n)
		if err != nil {
			return nil, fmt.Errorf("read source: %w", err)
		}
		out = append(out, File{n, withoutMark(n, text)})
	}
	return out, nil
}

// withoutMark leaves out the byte order mark that some editors put before SQL, and that no server reads.
func withoutMark(name string, text []byte) []byte {
	if isHCL(File{Name: name}) {
		return text
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
}

func isSchemaFile(name string) bool {
	for _, other := range []string{".test.hcl", ".plan.hcl", ".rule.hcl", ".script.hcl", ".drift.hcl"} {
		if strings.HasSuffix(name, other) {
			return false
		}
	}
	return name != "atlas.hcl" && (strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, ".sql"))
}

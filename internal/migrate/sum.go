package migrate

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	amigrate "ariga.io/atlas/sql/migrate"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
)

// SumFile guards a directory: it lists the files with a hash each, which covers all files before it too.
const SumFile = amigrate.HashFileName

// Sum computes what atlas.sum should hold, exactly as Atlas does.
func (d *Dir) Sum() (amigrate.HashFile, error) { return d.sumOf(func(f *File) []byte { return f.Raw }) }

// SumWith is the sum as it would be with some of the files only, and with other texts.
func (d *Dir) SumWith(has func(*File) bool, text func([]byte) []byte) (amigrate.HashFile, error) {
	some := *d
	some.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f *File) bool { return !has(f) })
	return some.sumOf(func(f *File) []byte { return text(f.Raw) })
}

func (d *Dir) sumOf(content func(*File) []byte) (amigrate.HashFile, error) {
	files := slices.Clone(d.Files)
	if d.layout.sumOrder != nil {
		slices.SortFunc(files, d.layout.sumOrder)
	}
	list := make([]amigrate.File, len(files))
	for i, f := range files {
		list[i] = amigrate.NewLocalFile(f.Name, content(f))
	}
	return amigrate.NewHashFile(list)
}

// WriteSum brings atlas.sum up to date.
func (d *Dir) WriteSum() error {
	sum, err := d.Sum()
	if err != nil {
		return err
	}
	text, err := sum.MarshalText()
	if err != nil {
		return err
	}
	if err := d.write(SumFile, text); err != nil {
		return err
	}
	d.sum = text
	return nil
}

// write replaces a file of the directory in one step, so that a crash leaves the old one or the new one.
func (d *Dir) write(name string, text []byte) error {
	if !d.local {
		return errors.New("internal error: the migration directory is read-only")
	}
	target := filepath.Join(d.Name, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return err
	}
	return disk.Write(target, text, 0o644) // migrations are for everybody who reads the repository
}

const rehash = "if the change is meant, run schemactl migrate hash; else restore the files from version control"

// Verify holds the files against atlas.sum and tells what differs: files that were edited, added, removed or moved.
func (d *Dir) Verify() error {
	pos := d.pos(SumFile)
	if d.sum == nil {
		if len(d.Files) == 0 {
			return nil
		}
		return diag.Errorf(pos, "no-sum", "the migration directory has no %s", SumFile).
			WithHint("schemactl migrate hash writes it, once you have seen that the files are right")
	}
	recorded, err := d.readSum()
	if err != nil {
		return err
	}
	now, err := d.Sum()
	if err != nil {
		return err
	}
	if slices.Equal(recorded, now) {
		return nil
	}
	// Git may have changed nothing but the line endings.
	unix, err := d.sumOf(func(f *File) []byte { return bytes.ReplaceAll(f.Raw, []byte("\r\n"), []byte("\n")) })
	if err != nil || slices.Equal(recorded, unix) {
		return err
	}
	return d.differences(recorded, now, unix)
}

// Ready sees that the directory can be trusted: its names, and its sum.
func (d *Dir) Ready() error {
	if err := d.Check(); err != nil {
		return err
	}
	return d.Verify()
}

// readSum reads atlas.sum and sees that it is whole.
func (d *Dir) readSum() (amigrate.HashFile, error) {
	var out amigrate.HashFile
	text := strings.ReplaceAll(string(d.sum), "\r\n", "\n")
	total := ""
	for n, line := range lines(text) {
		line = strings.TrimRight(line, "\n")
		pos := diag.Pos{File: d.path(SumFile), Line: n, Column: 1}
		for _, mark := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
			if strings.HasPrefix(line, mark) {
				return nil, diag.Errorf(pos, "sum-conflict", "%s holds the marks of a merge conflict: two branches added migrations", SumFile).
					WithHint("schemactl migrate rebase VERSION puts yours after theirs and writes the file anew;\nschemactl migrate hash keeps the order of the names")
			}
		}
		name, hash, ok := strings.Cut(line, "h1:")
		switch name = strings.TrimSpace(name); {
		case !ok, n > 1 && name == "":
			return nil, diag.Errorf(pos, "sum-format", "%s is not of the form that schemactl and Atlas write", SumFile).WithHint("%s", rehash)
		case n == 1:
			total = hash
		default:
			out = append(out, struct{ N, H string }{name, hash})
		}
	}
	if total != out.Sum() {
		return nil, diag.Errorf(diag.Pos{File: d.path(SumFile), Line: 1}, "sum-broken", "%s does not fit its own first line: it was cut short or edited", SumFile).
			WithHint("%s", rehash)
	}
	return out, nil
}

// differences tells the recorded and the found files apart. A hash covers all files before it, so that after the first
// edit only additions and removals can be told.
func (d *Dir) differences(recorded, now, unix amigrate.HashFile) error {
	var faults diag.List
	names := func(h amigrate.HashFile) []string {
		out := make([]string, len(h))
		for i, e := range h {
			out[i] = e.N
		}
		return out
	}
	was, is := names(recorded), names(now)
	add := func(name, code, format string, args ...any) {
		faults.Add(diag.Errorf(d.pos(name), code, format, args...).WithHint("%s", rehash))
	}
	for _, n := range was {
		if !slices.Contains(is, n) {
			add(n, "file-removed", "the file is listed in %s and gone", SumFile)
		}
	}
	last := ""
	if len(was) > 0 {
		last = was[len(was)-1]
	}
	for i, n := range is {
		switch {
		case slices.Contains(was, n):
		case slices.ContainsFunc(is[i:], func(later string) bool { return slices.Contains(was, later) }):
			faults.Add(diag.Errorf(d.pos(n), "file-inserted", "the file was added before %s, which %s lists already", last, SumFile).
				WithHint("schemactl migrate rebase %s puts it last; schemactl migrate hash leaves it where it is", cmp.Or(d.versionOf(n), n)))
		default:
			faults.Add(diag.Errorf(d.pos(n), "file-added", "the file is not listed in %s", SumFile).WithHint("schemactl migrate hash lists it"))
		}
	}
	if len(faults) > 0 {
		return faults.Err()
	}
	if !slices.Equal(was, is) {
		faults.Add(diag.Errorf(d.pos(SumFile), "files-reordered", "%s lists the files in another order than their names", SumFile).WithHint("%s", rehash))
		return faults.Err()
	}
	for i := range recorded {
		if recorded[i] != now[i] && recorded[i] != unix[i] {
			add(recorded[i].N, "file-edited", "the file was edited after it was listed in %s", SumFile)
			break
		}
	}
	return faults.Err()
}

func (d *Dir) versionOf(name string) string {
	for _, f := range d.Files {
		if f.Name == name {
			return f.Version
		}
	}
	return ""
}

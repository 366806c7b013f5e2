package migrate

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// readFlyway reads V1__name.sql with U1__name.sql beside it, baselines (B1__name.sql), which stand for the versions up
// to theirs, and repeatable migrations (R__name.sql), which come last.
func readFlyway(d *Dir) ([]*File, error) {
	var versioned, repeatable, baselines []string
	undo := map[string]string{}
	err := fs.WalkDir(d.fsys, ".", func(p string, e fs.DirEntry, err error) error {
		switch {
		case p == "." && isMissing(err):
			return fs.SkipAll // not made yet
		case err != nil:
			return err
		case e.IsDir() && p != "." && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.IsDir() || path.Ext(p) != ".sql" || !strings.Contains(e.Name(), "__"):
			return nil
		}
		switch e.Name()[0] {
		case 'V':
			versioned = append(versioned, p)
		case 'B':
			baselines = append(baselines, p)
		case 'R':
			repeatable = append(repeatable, p)
		case 'U':
			undo[flywayVersion(p)] = p
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	compare := func(a, b string) int { return compareVersions(flywayVersion(a), flywayVersion(b)) }
	slices.SortFunc(versioned, compare)
	slices.SortFunc(baselines, compare)
	slices.Sort(repeatable)
	names := versioned
	if n := len(baselines); n > 0 {
		last := baselines[n-1]
		names = append([]string{last}, slices.DeleteFunc(versioned, func(v string) bool { return compare(v, last) <= 0 })...)
	}
	return d.readAll(append(names, repeatable...), "__", func(f *File, text string) error {
		f.Version = flywayVersion(f.Name)
		f.Checkpoint = path.Base(f.Name)[0] == 'B'
		f.up = []section{{text: text, line: 1}}
		if err := f.checkPlaceholders(text); err != nil {
			return err
		}
		if f.Repeatable = path.Base(f.Name)[0] == 'R'; f.Repeatable {
			f.Version = "R__" + f.Desc
			return nil
		}
		if err := d.readFlywayConf(f); err != nil {
			return err
		}
		if u, ok := undo[f.Version]; ok {
			return d.readPartner(f, u)
		}
		return nil
	})
}

func flywayVersion(name string) string {
	version, _, _ := strings.Cut(path.Base(name), "__")
	return version[1:]
}

// readFlywayConf reads the settings of one migration, in a file of its own beside it.
func (d *Dir) readFlywayConf(f *File) error {
	name := f.Name + ".conf"
	raw, err := fs.ReadFile(d.fsys, name)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for n, line := range lines(string(raw)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch strings.TrimSpace(key) {
		case "executeInTransaction":
			if strings.TrimSpace(value) == "false" {
				f.TxMode = TxNone
			}
		case "":
		default:
			if !strings.HasPrefix(key, "#") {
				return diag.Errorf(diag.Pos{File: d.path(name), Line: n, Column: 1}, "unsupported", "the setting %s is not supported", key)
			}
		}
	}
	return nil
}

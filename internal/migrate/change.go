package migrate

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
)

// files lists the names of all files that belong to a migration, the migration itself first.
func (d *Dir) files(f *File) []string {
	out := []string{f.Name}
	more := []string{f.downName, f.Name + ".conf"}
	if d.Format == Sqitch {
		more = append(more, "verify/"+path.Base(f.Name))
	}
	for _, name := range more {
		if name == "" {
			continue
		}
		if _, err := fs.Stat(d.fsys, name); err == nil {
			out = append(out, name)
		}
	}
	return out
}

// Names lists the files of a migration that a person would edit.
func (d *Dir) Names(f *File) []string { return d.files(f) }

// Remove deletes migrations and brings atlas.sum up to date. It returns the names of the files that are gone.
func (d *Dir) Remove(files ...*File) ([]string, error) {
	var names []string
	for _, f := range files {
		for _, name := range d.files(f) {
			if err := os.Remove(d.Path(name)); err != nil {
				return names, err
			}
			names = append(names, name)
		}
		if err := d.replan(f.Desc, ""); err != nil {
			return names, err
		}
	}
	return names, d.Rehash()
}

// Renamed is a file that has a new name.
type Renamed struct{ From, To string }

// Rebase puts migrations behind all others, in their order, by giving them new versions, and brings atlas.sum up to
// date. A file that is held takes those along that are held behind it for the same reason. The other files must be
// those that atlas.sum lists, as far as it can be read.
func (d *Dir) Rebase(files []*File, now time.Time) ([]Renamed, error) {
	files = d.withPhases(files)
	if err := d.trustOthers(files); err != nil {
		return nil, err
	}
	rest := &Dir{Name: d.Name, Format: d.Format, Files: slices.DeleteFunc(slices.Clone(d.Files), func(f *File) bool { return slices.Contains(files, f) })}
	last := rest.lastVersion()
	ordered := slices.DeleteFunc(slices.Clone(d.Files), func(f *File) bool { return !slices.Contains(files, f) })
	if err := rest.fitAll(last, ordered, now); err != nil {
		return nil, err
	}
	var out []Renamed
	for _, f := range ordered {
		if f.Repeatable {
			return out, diag.Errorf(d.pos(f.Name), "no-version", "a repeatable migration has no version: it runs last anyway")
		}
		last = nextAfter(last, now)
		if last == f.Version { // it is where it belongs
			continue
		}
		renamed, err := d.renumber(f, last)
		if err != nil {
			return out, err
		}
		out = append(out, renamed...)
	}
	return out, d.Rehash()
}

// withPhases adds the held files that come behind those that are given and wait for the same: phases of one change,
// which do not run in another order.
func (d *Dir) withPhases(files []*File) []*File {
	out := slices.Clone(files)
	waits := map[string]bool{}
	for _, f := range d.Files {
		given := slices.Contains(files, f)
		switch {
		case f.Hold == "":
		case given:
			waits[f.Hold] = true
		case waits[f.Hold]:
			out = append(out, f)
		}
	}
	return out
}

// renumber gives a migration another version.
func (d *Dir) renumber(f *File, version string) ([]Renamed, error) {
	if d.Format == Sqitch {
		return []Renamed{{f.Name, f.Name}}, d.replan(f.Desc, version)
	}
	var out []Renamed
	for _, name := range d.files(f) {
		folder, base := path.Split(name)
		to := folder + strings.Replace(base, f.Version, version, 1)
		if _, err := fs.Stat(d.fsys, to); err == nil {
			return out, diag.Errorf(d.pos(to), "file-exists", "the file exists already")
		}
		if err := os.Rename(d.Path(name), d.Path(to)); err != nil {
			return out, err
		}
		out = append(out, Renamed{name, to})
	}
	return out, nil
}

// replan takes a change out of sqitch's plan, and puts it last with a version, if one is given.
func (d *Dir) replan(change, version string) error {
	if d.Format != Sqitch {
		return nil
	}
	raw, err := fs.ReadFile(d.fsys, sqitchPlan)
	if err != nil {
		return err
	}
	var kept strings.Builder
	moved := ""
	for line := range strings.Lines(string(raw)) {
		m := sqitchChange.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || m[1] != change {
			kept.WriteString(line)
			continue
		}
		moved = strings.TrimRight(line, "\r\n")
		if t, err := time.Parse(versionTime, version); err == nil {
			moved = strings.Replace(moved, fmt.Sprintf("%s-%s-%sT%s:%s:%sZ", m[3], m[4], m[5], m[6], m[7], m[8]), t.Format(time.RFC3339), 1)
		}
	}
	text := kept.String()
	if version != "" && moved != "" {
		text = strings.TrimRight(text, "\n") + "\n" + moved + "\n"
	}
	return d.write(sqitchPlan, []byte(text))
}

// trustOthers holds the files against atlas.sum, without those that are to be moved.
func (d *Dir) trustOthers(moved []*File) error {
	whole := d.Verify()
	if whole == nil || d.sum == nil || strings.Contains(string(d.sum), "<<<<<<<") {
		return nil
	}
	rest := *d
	rest.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f *File) bool { return slices.Contains(moved, f) })
	if rest.Verify() == nil {
		return nil
	}
	return whole
}

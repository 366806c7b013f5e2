package migrate

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// Format is the layout of a migration directory: the tool whose files it holds.
type Format string

// The formats.
const (
	Atlas         Format = "atlas"
	GolangMigrate Format = "golang-migrate"
	Goose         Format = "goose"
	Flyway        Format = "flyway"
	Liquibase     Format = "liquibase"
	DBMate        Format = "dbmate"
	Sqitch        Format = "sqitch"
)

// layout is what is particular to a format.
type layout struct {
	format Format
	// read finds the migrations and puts them into their order.
	read func(d *Dir) ([]*File, error)
	// sumOrder puts files into the order in which atlas.sum lists them, where that is another: Atlas sorts by name.
	sumOrder func(a, b *File) int
	// compose makes the files of a new migration.
	compose func(version, name string, s Script) []OutFile
}

func layouts() []layout {
	return []layout{
		{format: Atlas, read: readAtlas, compose: composeAtlas},
		{format: GolangMigrate, read: readGolangMigrate, sumOrder: byName, compose: composeGolangMigrate},
		{format: Goose, read: readGoose, sumOrder: byName, compose: composeGoose},
		{format: Flyway, read: readFlyway, compose: composeFlyway},
		{format: Liquibase, read: readLiquibase, compose: composeLiquibase},
		{format: DBMate, read: readDBMate, compose: composeDBMate},
		{format: Sqitch, read: readSqitch, compose: composeSqitch},
	}
}

// Formats lists the names of the formats.
func Formats() []string {
	var out []string
	for _, l := range layouts() {
		out = append(out, string(l.format))
	}
	return out
}

func layoutOf(format Format) (layout, error) {
	for _, l := range layouts() {
		if l.format == format {
			return l, nil
		}
	}
	d := diag.Errorf(diag.Pos{}, "unknown-format", "there is no migration directory format %q", format)
	if near := diag.Nearest(string(format), Formats()); near != "" {
		return layout{}, d.WithHint("did you mean %s?", near)
	}
	return layout{}, d.WithHint("the formats are: %s", strings.Join(Formats(), ", "))
}

func byName(a, b *File) int { return strings.Compare(a.Name, b.Name) }

// byNumber orders versions that are whole numbers by their value, and others by their text after them.
func byNumber(a, b *File) int {
	return cmp.Or(compareVersions(a.Version, b.Version), byName(a, b))
}

// compareVersions compares versions of numbers that dots or underscores part: 2 < 10, 1.2 < 1.10.
func compareVersions(a, b string) int {
	numbers := func(s string) []uint64 {
		var out []uint64
		for _, p := range strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '_' }) {
			n, err := strconv.ParseUint(p, 10, 64)
			if err != nil {
				return nil
			}
			out = append(out, n)
		}
		return out
	}
	x, y := numbers(a), numbers(b)
	if x == nil || y == nil {
		return strings.Compare(a, b)
	}
	return slices.Compare(x, y)
}

// names lists the files of the directory's folder whose names end in .sql, sorted.
func (d *Dir) names(suffix string) ([]string, error) {
	entries, err := fs.ReadDir(d.fsys, ".")
	if isMissing(err) {
		return nil, nil // not made yet
	}
	if err != nil {
		return nil, fmt.Errorf("read the migration directory: %w", err)
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), suffix) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// load reads a file and cuts its name at the mark between version and description.
func (d *Dir) load(name, mark string) (*File, string, error) {
	raw, err := fs.ReadFile(d.fsys, name)
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", d.path(name), err)
	}
	f := &File{Name: name, Raw: raw, path: d.path(name)}
	f.Version, f.Desc, _ = strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), mark)
	text, err := normalise(raw, d.pos(name))
	return f, text, err
}

// readAll loads files and has each read by read; all faults are gathered.
func (d *Dir) readAll(names []string, mark string, read func(f *File, text string) error) ([]*File, error) {
	var faults diag.List
	out := make([]*File, 0, len(names))
	for _, name := range names {
		f, text, err := d.load(name, mark)
		if err == nil {
			err = read(f, text)
		}
		if err == nil {
			err = f.readHold(text)
		}
		if err != nil {
			if err := gather(&faults, err); err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, f)
	}
	return out, faults.Err()
}

// gather adds the diagnostics of an error to the list; an error that is none comes back.
func gather(faults *diag.List, err error) error {
	switch e := err.(type) { //nolint:errorlint // what diag makes, unwrapped
	case *diag.Diagnostic:
		faults.Add(e)
		return nil
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			if err := gather(faults, one); err != nil {
				return err
			}
		}
		return nil
	}
	return err
}

// readAtlas reads VERSION_name.sql.
func readAtlas(d *Dir) ([]*File, error) {
	names, err := d.names(".sql")
	if err != nil {
		return nil, err
	}
	return d.readAll(names, "_", func(f *File, text string) error {
		for _, look := range []func(string) error{f.readHeader, f.glued, f.foreign} {
			if err := look(text); err != nil {
				return err
			}
		}
		return f.readSections(text)
	})
}

// readGolangMigrate reads VERSION_name.up.sql with VERSION_name.down.sql beside it.
func readGolangMigrate(d *Dir) ([]*File, error) {
	names, err := d.names(".up.sql")
	if err != nil {
		return nil, err
	}
	files, err := d.readAll(names, "_", func(f *File, text string) error {
		f.Desc = strings.TrimSuffix(f.Desc, ".up")
		f.Version = strings.TrimSuffix(f.Version, ".up")
		f.up, f.free = []section{{text: text, line: 1}}, true
		return d.readPartner(f, strings.TrimSuffix(f.Name, ".up.sql")+".down.sql")
	})
	slices.SortFunc(files, byNumber)
	return files, err
}

// readPartner reads the file that undoes another, if it is there.
func (d *Dir) readPartner(f *File, name string) error {
	p, text, err := d.load(name, "_")
	switch {
	case err == nil:
		f.down, f.hasDown, f.downName = []section{{path: p.path, text: text, line: 1}}, true, name
		return nil
	case isMissing(err):
		return nil
	}
	return err
}

// readGoose reads files with "-- +goose Up" and "-- +goose Down".
func readGoose(d *Dir) ([]*File, error) {
	names, err := d.names(".sql")
	if err != nil {
		return nil, err
	}
	files, err := d.readAll(names, "_", readGooseFile)
	slices.SortFunc(files, byNumber)
	return files, err
}

func readGooseFile(f *File, text string) error {
	const pragma = "-- +goose "
	p := parts{file: f}
	for n, line := range lines(text) {
		word, ok := strings.CutPrefix(strings.TrimSpace(line), pragma)
		if !ok {
			p.add(line)
			continue
		}
		p.blank()
		switch word = strings.ToLower(strings.TrimSpace(word)); word {
		case "up", "down":
			p.start(word)
		case "no transaction":
			f.TxMode = TxNone
		case "statementbegin", "statementend":
			// The statement is cut as the others are: quotes and bodies keep it whole.
		case "envsub on", "envsub off":
			return diag.Errorf(diag.Pos{File: f.path, Line: n, Column: 1}, "unsupported", "goose's ENVSUB is not supported").
				WithHint("write the values into the file")
		default:
			return diag.Errorf(diag.Pos{File: f.path, Line: n, Column: 1}, "unknown-directive", "goose has no directive %q", word)
		}
	}
	return p.finish("-- +goose Up")
}

// readDBMate reads files with "-- migrate:up" and "-- migrate:down".
func readDBMate(d *Dir) ([]*File, error) {
	names, err := d.names(".sql")
	if err != nil {
		return nil, err
	}
	return d.readAll(names, "_", readDBMateFile)
}

func readDBMateFile(f *File, text string) error {
	const pragma = "-- migrate:"
	p := parts{file: f}
	for n, line := range lines(text) {
		word, ok := strings.CutPrefix(strings.TrimSpace(line), pragma)
		if !ok {
			p.add(line)
			continue
		}
		p.blank()
		words := strings.Fields(word)
		if len(words) == 0 || words[0] != "up" && words[0] != "down" {
			return diag.Errorf(diag.Pos{File: f.path, Line: n, Column: 1}, "unknown-directive", "dbmate has no directive %q", strings.TrimSpace(line))
		}
		p.start(words[0])
		for _, option := range words[1:] {
			switch option {
			case "transaction:false":
				if words[0] == "up" {
					f.TxMode = TxNone
				}
			case "transaction:true":
			default:
				return diag.Errorf(diag.Pos{File: f.path, Line: n, Column: 1}, "unknown-directive", "dbmate has no option %q", option)
			}
		}
	}
	return p.finish("-- migrate:up")
}

// lines numbers the lines of a text from 1.
func lines(text string) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for l := range strings.Lines(text) {
			n++
			if !yield(n, l) {
				return
			}
		}
	}
}

// parts gathers the two halves of a file. Each keeps the lines of the other as blank ones, so that places stay.
type parts struct {
	file     *File
	up, down strings.Builder
	now      string
	seenUp   bool
}

func (p *parts) start(word string) {
	p.now = word
	p.seenUp = p.seenUp || word == "up"
	p.file.hasDown = p.file.hasDown || word == "down"
}

func (p *parts) blank() { p.up.WriteString("\n"); p.down.WriteString("\n") }

func (p *parts) add(line string) {
	switch p.now {
	case "up":
		p.up.WriteString(line)
		p.down.WriteString("\n")
	case "down":
		p.down.WriteString(line)
		p.up.WriteString("\n")
	default:
		p.blank()
	}
}

func (p *parts) finish(mark string) error {
	if !p.seenUp {
		return diag.Errorf(diag.Pos{File: p.file.path, Line: 1, Column: 1}, "no-up", "the file has no line %q: nothing of it would run", mark)
	}
	p.file.up = []section{{text: p.up.String(), line: 1}}
	if p.file.hasDown {
		p.file.down = []section{{text: p.down.String(), line: 1}}
	}
	return nil
}

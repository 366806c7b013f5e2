package migrate

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	amigrate "ariga.io/atlas/sql/migrate"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/visible"
)

// Script is what a new migration does.
type Script struct {
	TxMode TxMode // "" leaves it to the tool that runs it
	// Directives are further ones for the top of the file, without "-- atlas:"; only Atlas's format has them.
	Directives []string
	// Hold says why "migrate apply" stops before it until it is told to go on, and Ignores which findings of lint are known
	// and meant; only Atlas's format has them.
	Hold    string
	Ignores []string
	Checks  []Block // queries that must each return true before; only Atlas's format has them
	Up      []Block
	Down    []Block // in the order in which they undo
	Undone  bool    // Down is meant to be written, even if it is empty
}

// Block is a statement with what is said about it.
type Block struct {
	Comments []string // lines without a mark
	SQL      string   // without a semicolon
}

// OutFile is a file to be written into the directory.
type OutFile struct {
	Name string
	Text string
	// Amends means that the text goes behind what the file holds already.
	Amends bool
}

// blocks writes statements with their comments, each ended by a semicolon.
func blocks(list []Block) string {
	var b strings.Builder
	for _, s := range list {
		for _, c := range s.Comments {
			b.WriteString(visible.Comment(c) + "\n")
		}
		b.WriteString(s.SQL + ";\n")
	}
	return b.String()
}

func fileName(version, mark, name, suffix string) string {
	if name == "" {
		return version + suffix
	}
	return version + mark + name + suffix
}

// composeAtlas writes Atlas's format. Where Atlas's scanner would cut a body in two, the file names a delimiter.
func composeAtlas(version, name string, s Script) []OutFile {
	var head []string
	text := blocks(s.Up)
	if !agreesWithAtlas(text, s.Up) {
		head = append(head, `-- atlas:delimiter \n\n\n`)
		text = ""
		for _, b := range s.Up {
			text += strings.TrimSuffix(blocks([]Block{b}), ";\n") + "\n\n\n"
		}
	}
	if s.TxMode != "" {
		head = append(head, fmt.Sprintf("-- atlas:txmode %s", s.TxMode))
	}
	for _, d := range s.Directives {
		head = append(head, "-- atlas:"+d)
	}
	if len(s.Checks) == 0 {
		head = append(head, s.marks()...)
	}
	if len(head) > 0 {
		text = strings.Join(head, "\n") + "\n\n" + text
	}
	file := fileName(version, "_", name, ".sql")
	if len(s.Checks) > 0 {
		return []OutFile{{Name: file, Text: archive(s.marks(), blocks(s.Checks), text, blocks(s.Down))}}
	}
	return []OutFile{{Name: file, Text: text + coverDown(blocks(s.Down))}}
}

// marks are the lines at the top of a file that only schemactl reads.
func (s *Script) marks() []string {
	var out []string
	if s.Hold != "" {
		out = append(out, "-- "+holdMark+" "+s.Hold)
	}
	if len(s.Ignores) > 0 {
		out = append(out, "-- schemactl:ignore "+strings.Join(s.Ignores, ","))
	}
	return out
}

// archive writes a file of sections.
func archive(marks []string, checks, up, down string) string {
	text := strings.Join(append([]string{"-- atlas:txtar"}, marks...), "\n") + "\n\n-- checks.sql --\n" + checks + "\n-- migration.sql --\n" + up
	if down != "" {
		text += "\n-- down.sql --\n" + down
	}
	return text
}

// agreesWithAtlas reports whether Atlas cuts the text into the same statements, with its drivers and without.
func agreesWithAtlas(text string, want []Block) bool {
	for _, begin := range []bool{false, true} {
		scanner := &amigrate.Scanner{ScannerOptions: amigrate.ScannerOptions{
			MatchBegin: begin, MatchBeginAtomic: true, MatchDollarQuote: true, BackslashEscapes: begin && strings.Contains(text, "`"),
		}}
		found, err := scanner.Scan(text)
		if err != nil || len(found) != len(want) {
			return false
		}
		for i := range found {
			if strings.TrimSuffix(found[i].Text, ";") != want[i].SQL {
				return false
			}
		}
	}
	return true
}

func composeGolangMigrate(version, name string, s Script) []OutFile {
	out := []OutFile{{Name: fileName(version, "_", name, ".up.sql"), Text: blocks(s.Up)}}
	if s.Undone {
		out = append(out, OutFile{Name: fileName(version, "_", name, ".down.sql"), Text: blocks(s.Down)})
	}
	return out
}

func composeFlyway(version, name string, s Script) []OutFile {
	out := []OutFile{{Name: fileName("V"+version, "__", name, ".sql"), Text: blocks(s.Up)}}
	if s.TxMode == TxNone {
		out = append(out, OutFile{Name: out[0].Name + ".conf", Text: "executeInTransaction=false\n"})
	}
	if s.Undone {
		out = append(out, OutFile{Name: fileName("U"+version, "__", name, ".sql"), Text: blocks(s.Down)})
	}
	return out
}

func composeGoose(version, name string, s Script) []OutFile {
	framed := func(list []Block) string {
		var b strings.Builder
		for _, one := range list {
			text := blocks([]Block{one})
			if strings.Contains(one.SQL, ";") { // goose ends a statement at each line that ends with one
				text = "-- +goose StatementBegin\n" + text + "-- +goose StatementEnd\n"
			}
			b.WriteString(text)
		}
		return b.String()
	}
	text := "-- +goose Up\n" + framed(s.Up)
	if s.TxMode == TxNone {
		text = "-- +goose NO TRANSACTION\n" + text
	}
	if s.Undone {
		text += "\n-- +goose Down\n" + framed(s.Down)
	}
	return []OutFile{{Name: fileName(version, "_", name, ".sql"), Text: text}}
}

func composeDBMate(version, name string, s Script) []OutFile {
	option := ""
	if s.TxMode == TxNone {
		option = " transaction:false"
	}
	text := "-- migrate:up" + option + "\n" + blocks(s.Up) + "\n-- migrate:down" + option + "\n"
	if s.Undone {
		text += blocks(s.Down)
	}
	return []OutFile{{Name: fileName(version, "_", name, ".sql"), Text: text}}
}

// composeLiquibase writes a changeset for each statement, as Atlas does, so that one that fails is run again alone.
func composeLiquibase(version, name string, s Script) []OutFile {
	var b strings.Builder
	b.WriteString("--liquibase formatted sql\n")
	for i, one := range s.Up {
		_, _ = fmt.Fprintf(&b, "\n--changeset schemactl:%s-%d", version, i+1)
		if s.TxMode == TxNone {
			b.WriteString(" runInTransaction:false")
		}
		if strings.Contains(one.SQL, ";") {
			b.WriteString(" splitStatements:false")
		}
		b.WriteString("\n")
		if len(one.Comments) > 0 {
			b.WriteString("--comment: " + visible.Line(strings.Join(one.Comments, " ")) + "\n")
		}
		b.WriteString(one.SQL + ";\n")
		if i == len(s.Up)-1 && s.Undone {
			for l := range strings.Lines(blocks(s.Down)) {
				if !strings.HasPrefix(l, "--") {
					b.WriteString("--rollback " + l)
				}
			}
		}
	}
	return []OutFile{{Name: fileName(version, "_", name, ".sql"), Text: b.String()}}
}

func composeSqitch(version, name string, s Script) []OutFile {
	if name == "" {
		name = "change_" + version
	}
	frame := func(title string, list []Block) string {
		if s.TxMode == TxNone {
			return title + "\n\n" + blocks(list)
		}
		return title + "\n\nBEGIN;\n\n" + blocks(list) + "\nCOMMIT;\n"
	}
	planned, err := time.Parse(versionTime, version)
	if err != nil {
		planned = time.Time{}
	}
	out := []OutFile{
		{Name: "deploy/" + name + ".sql", Text: frame("-- Deploy "+name, s.Up)},
		{Name: sqitchPlan, Text: fmt.Sprintf("%s %s schemactl <schemactl@localhost>\n", name, planned.Format(time.RFC3339)), Amends: true},
	}
	if s.Undone {
		out = append(out, OutFile{Name: "revert/" + name + ".sql", Text: frame("-- Revert "+name, s.Down)})
	}
	return out
}

// Add writes a new migration and brings atlas.sum up to date. It returns the names of the files, the first of which
// holds the migration.
func (d *Dir) Add(version, name string, s Script) ([]string, error) {
	if err := d.fits(version); err != nil {
		return nil, err
	}
	files := d.layout.compose(version, name, s)
	var names []string
	for _, f := range files {
		text := f.Text
		old, err := fs.ReadFile(d.fsys, f.Name)
		switch {
		case err == nil && f.Amends:
			text = string(old) + text
		case err == nil:
			return nil, diag.Errorf(d.pos(f.Name), "file-exists", "the file exists already").WithHint("give the migration another name")
		case !isMissing(err):
			return nil, err
		case f.Amends:
			text = sqitchHead(d.Name) + text
		}
		if err := d.write(f.Name, []byte(text)); err != nil {
			return nil, fmt.Errorf("write %s: %w", d.path(f.Name), err)
		}
		names = append(names, f.Name)
	}
	return names, d.Rehash()
}

// fits sees that a new version is one of its own, and comes where its number says in the order of the format.
func (d *Dir) fits(version string) error {
	for _, f := range d.Files {
		before, after := f.Version, version
		if d.precedes(after, before) {
			before, after = after, before
		}
		switch {
		case f.Repeatable:
		case before == after:
			return diag.Errorf(d.pos(f.Name), "same-version", "the version %s is taken by this file", version)
		case miscounts(before, after):
			return diag.Errorf(d.pos(f.Name), "unsorted-versions", "a new file of version %s would come before this one: the order is that of the text, not of the numbers", version).
				WithHint("give the numbers of all files the same length (%0*d_…), then: schemactl migrate hash;\nand on a database that has run some: schemactl migrate set VERSION", len(version), 1)
		}
	}
	return nil
}

// fitAll sees, before the first file is renamed, that files which get versions after last fit.
func (d *Dir) fitAll(last string, files []*File, now time.Time) error {
	probe := &Dir{Name: d.Name, Format: d.Format, Files: slices.Clone(d.Files)}
	for _, f := range files {
		if last = nextAfter(last, now); f.Repeatable {
			continue
		}
		if err := probe.fits(last); err != nil {
			return err
		}
		probe.Files = append(probe.Files, &File{Name: f.Name, Version: last})
	}
	return nil
}

// sqitchHead starts a plan.
func sqitchHead(folder string) string {
	return "%syntax-version=1.0.0\n%project=" + filepath.Base(folder) + "\n\n"
}

// Rehash reads the directory anew and writes atlas.sum.
func (d *Dir) Rehash() error {
	again, err := open(d.fsys, d.Name, d.Format, d.local)
	if err != nil {
		return err
	}
	if err := again.WriteSum(); err != nil {
		return fmt.Errorf("write %s: %w", d.path(SumFile), err)
	}
	*d = *again
	return nil
}

// Path is where a file of the directory is, for people and editors.
func (d *Dir) Path(name string) string { return filepath.Join(d.Name, filepath.FromSlash(name)) }

package migrate

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// TxMode says what of a migration is one transaction.
type TxMode string

// The transaction modes: of a file, or (TxAll only) of a run.
const (
	TxFile TxMode = "file"
	TxNone TxMode = "none"
	TxAll  TxMode = "all"
)

// File is a migration. Its texts have lines that end in \n and no byte-order mark; Raw is what is stored.
type File struct {
	Name    string // in the directory
	Version string
	Desc    string
	Raw     []byte
	// Directives are those of the file: the "-- atlas:…" lines at its top, before the first blank line.
	Directives []Directive
	TxMode     TxMode // "": the file does not say
	Checkpoint bool   // stands for all files before it
	Tag        string // of the checkpoint
	Repeatable bool   // runs again whenever it changes (Flyway)
	Hold       string // why it is not to run by itself; empty: it is

	// Checks are queries that must each return one true value before the migration runs.
	Checks []Check

	path     string // for messages
	mode     TxMode // of the directory's files that do not say
	free     bool   // its tool opens no transaction around a file: one statement is none, and BEGIN may stand anywhere
	downName string // the file that undoes it, where that is one of its own
	up, down []section
	hasDown  bool
}

// Check is a section of queries that guard a migration.
type Check struct {
	Name string
	// OneOf means that one of the queries is enough ("-- atlas:assert oneof").
	OneOf bool
	// Codes are lint findings that the check answers ("-- atlas:assert DS102").
	Codes   []string
	section section
}

// Directive is a "-- atlas:name args" line.
type Directive struct {
	Name string
	Args string
	Line int
}

// section is a stretch of a file that holds statements.
type section struct {
	path string // for messages; "": that of the file
	text string
	line int // of the file at which the text starts
	// margins count what was cut off before each line of the text.
	margins []int
	whole   bool // one statement, not to be cut
	delim   string
}

// Statements cuts the migration into what is to be run, with places and comments.
func (f *File) Statements(d dialect.Dialect) ([]dialect.Statement, error) {
	return f.statements(d, f.up)
}

// Down cuts what undoes the migration; ok tells whether the file says how. A part for it that is empty, as new files
// have, says nothing.
func (f *File) Down(d dialect.Dialect) (_ []dialect.Statement, ok bool, _ error) {
	out, err := f.statements(d, f.down)
	return out, f.hasDown && len(out) > 0, err
}

// Queries cuts a check.
func (f *File) Queries(d dialect.Dialect, c Check) ([]dialect.Statement, error) {
	return f.statements(d, []section{c.section})
}

func (f *File) statements(d dialect.Dialect, sections []section) ([]dialect.Statement, error) {
	var out []dialect.Statement
	for _, s := range sections {
		text, name := s.text, cmp.Or(s.path, f.path)
		if s.whole {
			if strings.TrimSpace(text) != "" {
				out = append(out, dialect.Statement{SQL: strings.TrimSpace(text), Pos: diag.Pos{File: name, Line: s.line, Column: 1}})
			}
			continue
		}
		lines := s.line - 1
		if s.delim != "" {
			text = "-- atlas:delimiter " + s.delim + "\n" + text
			lines--
		}
		found, err := d.Split([]byte(text), name)
		if err != nil {
			return nil, s.shift(err, lines)
		}
		for i := range found {
			at := &found[i].Pos
			if n := at.Line - 1; n >= 0 && n < len(s.margins) {
				found[i].Margins = s.margins[n:]
				at.Column += s.margins[n]
			}
			at.Line += lines
		}
		out = append(out, found...)
	}
	return out, nil
}

// shift moves a fault of a section to its place in the file.
func (s *section) shift(err error, lines int) error {
	d, ok := err.(*diag.Diagnostic) //nolint:errorlint // fresh from Split
	if ok && d.Pos.Line > 0 {
		if n := d.Pos.Line - 1; n < len(s.margins) {
			d.Pos.Column += s.margins[n]
		}
		d.Pos.Line += lines
	}
	return err
}

// Directive returns the arguments of the file's directives of a name.
func (f *File) Directive(name string) (args []string) {
	for _, d := range f.Directives {
		if d.Name == name {
			args = append(args, d.Args)
		}
	}
	return args
}

// directive is how Atlas spells one; what stands before "atlas:" is the mark of the comment.
var directive = regexp.MustCompile(`^(?:--|#|/\*)[ \t]*atlas:(\w+)(?:[ \t]+(.*?))?[ \t]*(?:\*/)?$`)

// DirectivesOf finds the directives in the comments of a statement.
func DirectivesOf(s dialect.Statement) []Directive {
	var out []Directive
	for _, c := range s.Comments {
		if m := directive.FindStringSubmatch(c); m != nil {
			out = append(out, Directive{Name: m[1], Args: m[2]})
		}
	}
	return out
}

// normalise takes the byte-order mark off and makes every line end in \n, so that a file means the same wherever it was
// checked out.
func normalise(raw []byte, pos diag.Pos) (string, error) {
	if bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		return "", diag.Errorf(pos, "encoding", "the file is UTF-16").WithHint("save it as UTF-8")
	}
	text := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !bytes.Contains(text, []byte("\n")) { // a lone \r among other ends of lines is part of the text
		return string(bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))), nil
	}
	return string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), nil
}

// header reads the directives at the top of a text: comment lines that a blank line parts from the first statement, as
// Atlas reads them.
func header(text string) []Directive {
	var out []Directive
	rest, line := text, 0
	for strings.HasPrefix(rest, "#") || strings.HasPrefix(rest, "--") {
		line++
		first, next, more := strings.Cut(rest, "\n")
		if m := directive.FindStringSubmatch(strings.TrimSpace(first)); m != nil {
			out = append(out, Directive{Name: m[1], Args: m[2], Line: line})
		}
		if rest = next; !more {
			return out
		}
	}
	if rest != "" && !strings.HasPrefix(strings.TrimLeft(rest, " \t"), "\n") {
		return nil
	}
	return out
}

// glued looks for directives of a whole file that no blank line parts from the first statement: Atlas takes them for a
// comment of that statement, and nothing obeys them.
func (f *File) glued(text string) error {
	if len(f.Directives) > 0 {
		return nil
	}
	n := 0
	for l := range strings.Lines(text) {
		n++
		l = strings.TrimSpace(l)
		if !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, "--") {
			return nil
		}
		if m := directive.FindStringSubmatch(l); m != nil && (m[1] == "txmode" || m[1] == "checkpoint") {
			return diag.Errorf(diag.Pos{File: f.path, Line: n, Column: 1}, "glued-directive", "atlas:%s has no effect here: no blank line parts it from the first statement", m[1]).
				WithHint("add a blank line after it, then: schemactl migrate hash; or take it out")
		}
	}
	return nil
}

// otherMark begins the parts of other tools' files. Read as one text, a file would run its way back right after its way.
var otherMark = regexp.MustCompile(`(?i)^--[ \t]*(?:(\+goose)[ \t]+(?:up|down)|(migrate):(?:up|down))\b`)

// foreign looks for the marks of other tools.
func (f *File) foreign(text string) error {
	if !strings.Contains(text, "--") {
		return nil
	}
	n := 0
	for l := range strings.Lines(text) {
		n++
		m := otherMark.FindStringSubmatch(strings.TrimSpace(l))
		if m == nil {
			continue
		}
		format := Goose
		if m[2] != "" {
			format = DBMate
		}
		return diag.Errorf(diag.Pos{File: f.path, Line: n, Column: 1}, "other-format", "this is a file of %s, read as one of Atlas's: what undoes it would run right after it", format).
			WithHint("say what the directory is: --dir-format %s; or turn it into Atlas's:\nschemactl migrate import --from 'file://…?format=%s' --to file://…", format, format)
	}
	return nil
}

// knownDirectives are those that a file may have at its top.
func knownDirectives() []string {
	return []string{"sum", "delimiter", "checkpoint", "txmode", "nolint", "txtar", "down", "assert", "sensitive"}
}

// readHeader takes over what the directives of the file say.
func (f *File) readHeader(text string) error {
	f.Directives = header(text)
	var faults diag.List
	for _, d := range f.Directives {
		pos := diag.Pos{File: f.path, Line: d.Line, Column: 1}
		switch d.Name {
		case "checkpoint":
			f.Checkpoint, f.Tag = true, d.Args
		case "txmode":
			f.TxMode = TxMode(d.Args)
			if f.TxMode != TxFile && f.TxMode != TxNone {
				faults.Add(diag.Errorf(pos, "tx-mode", "txmode takes none or file, not %q", d.Args))
			}
		case "import":
			faults.Add(diag.Errorf(pos, "unsupported", "migration files cannot import others"))
		default:
			if !slices.Contains(knownDirectives(), d.Name) {
				fault := diag.Errorf(pos, "unknown-directive", "there is no directive atlas:%s", d.Name)
				if near := diag.Nearest(d.Name, knownDirectives()); near != "" {
					fault = fault.WithHint("did you mean atlas:%s?", near)
				}
				faults.Add(fault)
			}
		}
	}
	return faults.Err()
}

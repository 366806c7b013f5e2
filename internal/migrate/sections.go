package migrate

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// readSections cuts a file of Atlas's format into what runs, what guards it and what undoes it.
func (f *File) readSections(text string) error {
	if len(f.Directive("txtar")) > 0 {
		return f.readArchive(text)
	}
	up, down, found := cutDown(text)
	if n := lineOf(up, downMark); n > 0 && !found {
		return diag.Errorf(diag.Pos{File: f.path, Line: n, Column: 1}, "down-section", "statements follow %s, where only comments may: other tools would run them with the migration", downMark).
			WithHint("write each line of the section behind \"-- \", up to the end of the file")
	}
	f.up = []section{{text: up, line: 1}}
	if found {
		f.down, f.hasDown = []section{down}, true
	}
	return nil
}

// downMark starts the section that undoes a migration: comment lines to the end of the file, so that tools that know
// nothing of it do not run it.
const downMark = "-- atlas:down"

// lineOf is the number of the line of a text, or 0.
func lineOf(text, want string) int {
	n := 0
	for l := range strings.Lines(text) {
		n++
		if strings.TrimSpace(l) == want {
			return n
		}
	}
	return 0
}

// cutDown takes the down section off a file's end and uncovers its statements.
func cutDown(text string) (up string, down section, found bool) {
	lines := strings.SplitAfter(text, "\n")
	at := len(lines)
	for at > 0 {
		l := strings.TrimSpace(lines[at-1])
		if l != "" && !strings.HasPrefix(l, "--") {
			return text, section{}, false
		}
		at--
		if l == downMark {
			found = true
			break
		}
	}
	if !found {
		return text, section{}, false
	}
	var b strings.Builder
	down.line = at + 2
	for _, l := range lines[at+1:] {
		bare := l
		if trimmed := strings.TrimLeft(l, " \t"); strings.HasPrefix(trimmed, "--") {
			bare = strings.TrimPrefix(trimmed[2:], " ")
		}
		b.WriteString(bare)
		down.margins = append(down.margins, len(l)-len(bare))
	}
	down.text = b.String()
	return strings.Join(lines[:at], ""), down, true
}

// coverDown makes the down section of statements.
func coverDown(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n" + downMark + "\n")
	for l := range strings.Lines(text) {
		if l = strings.TrimRight(l, "\n"); l == "" {
			b.WriteString("--\n")
		} else {
			b.WriteString("-- " + l + "\n")
		}
	}
	return b.String()
}

// mark is the line that starts a file of a txtar archive.
var mark = regexp.MustCompile(`^-- (\S+) --[ \t]*$`)

// readArchive reads "-- atlas:txtar" files: checks.sql or checks/*.sql guard, migration.sql runs, down.sql undoes.
func (f *File) readArchive(text string) error {
	var faults diag.List
	name, start, line := "", 0, 0
	var b strings.Builder
	end := func() {
		if name != "" {
			f.addMember(name, section{text: b.String(), line: start}, &faults)
		} else if rest := onlyComments(b.String()); rest != "" {
			faults.Add(diag.Errorf(diag.Pos{File: f.path, Line: 1}, "txtar", "a statement stands before the first section of the archive").
				WithHint("write -- migration.sql -- above it"))
		}
		b.Reset()
	}
	for l := range strings.Lines(text) {
		line++
		if m := mark.FindStringSubmatch(strings.TrimRight(l, "\n")); m != nil {
			end()
			name, start = m[1], line+1
			continue
		}
		b.WriteString(l)
	}
	end()
	if len(f.up) == 0 && len(faults) == 0 {
		faults.Add(diag.Errorf(diag.Pos{File: f.path}, "txtar", "the archive has no section migration.sql"))
	}
	return faults.Err()
}

// onlyComments is what is left of a text without comment lines.
func onlyComments(text string) string {
	var rest []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "--") && !strings.HasPrefix(l, "#") {
			rest = append(rest, l)
		}
	}
	return strings.Join(rest, "\n")
}

func (f *File) addMember(name string, s section, faults *diag.List) {
	pos := diag.Pos{File: f.path, Line: s.line - 1, Column: 1}
	switch {
	case name == "migration.sql" && len(f.up) == 0:
		f.up = []section{s}
		for _, d := range header(s.text) { // the section's own directives are those of the migration
			if d.Name == "txmode" {
				f.TxMode = TxMode(d.Args)
			}
			d.Line += s.line - 1
			f.Directives = append(f.Directives, d)
		}
	case name == "down.sql" && !f.hasDown:
		f.down, f.hasDown = []section{s}, true
	case name == "migration.sql", name == "down.sql":
		faults.Add(diag.Errorf(pos, "txtar", "the archive has two sections %s", name))
	case name == "checks.sql", strings.HasPrefix(name, "checks/") && strings.HasSuffix(name, ".sql"):
		c := Check{Name: strings.TrimSuffix(name, ".sql"), section: s}
		for _, d := range header(s.text) {
			if d.Name != "assert" {
				continue
			}
			if d.Args == "oneof" {
				c.OneOf = true
			} else {
				c.Codes = append(c.Codes, strings.Fields(d.Args)...)
			}
		}
		f.Checks = append(f.Checks, c)
	default:
		faults.Add(diag.Errorf(pos, "txtar", "the archive has a section %q", name).
			WithHint("sections are migration.sql, down.sql, checks.sql and checks/name.sql"))
	}
}

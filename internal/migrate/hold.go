package migrate

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// holdMark begins the line at the top of a file before which "migrate apply" stops until it is told to go on. It is a
// comment: other tools run the file with the others.
const holdMark = "schemactl:hold"

var holdLine = regexp.MustCompile(`^(?:--|#)[ \t]*schemactl:hold\b[ \t]*(.*)$`)

// readHold takes over the line that holds the file back.
func (f *File) readHold(text string) error {
	top, n := true, 0
	for l := range strings.Lines(text) {
		n++
		l = strings.TrimSpace(l)
		top = top && (strings.HasPrefix(l, "--") || strings.HasPrefix(l, "#"))
		m := holdLine.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		pos := diag.Pos{File: f.path, Line: n, Column: 1}
		switch {
		case !top:
			return diag.Errorf(pos, "hold", "%s stands below the top of the file, where it holds nothing back", holdMark).
				WithHint("write it among the comments at the top, before the first blank line")
		case m[1] == "":
			return diag.Errorf(pos, "hold", "%s says no reason", holdMark).
				WithHint("write what must be before the file may run, as in -- %s until no program uses users.mail", holdMark)
		}
		f.Hold = m[1]
	}
	return nil
}

package migrate

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

const sqitchPlan = "sqitch.plan"

// sqitchChange is a line of the plan: name [dependencies] time planner <mail> # note.
var sqitchChange = regexp.MustCompile(`^([^\s@%#\[-][^\s\[]*)\s+(?:\[([^\]]*)\]\s+)?(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z\s+[^<]+<[^>]*>\s*(?:#.*)?$`)

// readSqitch reads the changes of sqitch.plan in its order: deploy/name.sql, with revert/name.sql. The version of a
// change is the time at which it was planned.
func readSqitch(d *Dir) ([]*File, error) {
	raw, err := fs.ReadFile(d.fsys, sqitchPlan)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.path(sqitchPlan), err)
	}
	text, err := normalise(raw, d.pos(sqitchPlan))
	if err != nil {
		return nil, err
	}
	var out []*File
	for n, line := range lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '%' || line[0] == '#' || line[0] == '@' {
			continue // pragmas, comments and tags
		}
		pos := diag.Pos{File: d.path(sqitchPlan), Line: n, Column: 1}
		m := sqitchChange.FindStringSubmatch(line)
		if m == nil {
			return nil, diag.Errorf(pos, "sqitch-plan", "this is no change that schemactl understands").
				WithHint("a line is: name 2026-01-31T09:00:00Z planner <mail> # note")
		}
		f, err := d.readSqitchChange(m[1], pos)
		if err != nil {
			return nil, err
		}
		f.Version, f.Desc = strings.Join(m[3:], ""), m[1]
		out = append(out, f)
	}
	return out, nil
}

func (d *Dir) readSqitchChange(name string, pos diag.Pos) (*File, error) {
	f, text, err := d.load("deploy/"+name+".sql", "_")
	if isMissing(err) {
		return nil, diag.Errorf(pos, "sqitch-plan", "the plan names %s, and there is no deploy/%s.sql", name, name)
	}
	if err != nil {
		return nil, err
	}
	inner := unframe(text)
	if f.up = []section{{text: inner, line: 1}}; inner == text {
		f.TxMode = TxNone // sqitch opens no transaction of its own
	}
	if err := d.readPartner(f, "revert/"+name+".sql"); err != nil {
		return nil, err
	}
	for i := range f.down {
		f.down[i].text = unframe(f.down[i].text)
	}
	return f, nil
}

// frameLine is BEGIN or COMMIT on a line of its own: sqitch's scripts frame themselves.
var frameLine = regexp.MustCompile(`(?im)^(begin|commit)[ \t]*;[ \t]*$`)

// unframe takes the transaction out of a script; the run makes its own.
func unframe(text string) string {
	if m := frameLine.FindAllString(text, -1); len(m) != 2 {
		return text
	}
	return frameLine.ReplaceAllString(text, "")
}

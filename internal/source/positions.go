package source

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

// created matches the head of a CREATE statement at the start of a line: the kind of object and its name. It only
// serves to point people at a line; what a statement means is the server's to say.
var created = regexp.MustCompile(`(?im)^[ \t]*create\s+(?:or\s+replace\s+)?(?:unlogged\s+|unique\s+|constraint\s+|recursive\s+)*` +
	`(materialized\s+view|foreign\s+table|event\s+trigger|table|view|index|sequence|type|domain|function|procedure|aggregate|trigger|schema|database|extension|policy|rule|event|publication|subscription|statistics|collation|server)\s+` +
	`(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?([^\s(;]+)`)

// positionsOf finds where a SQL file makes its objects. The IDs carry the last part of the name only.
func positionsOf(f File) map[object.ID]diag.Pos {
	out := map[object.ID]diag.Pos{}
	eachCreated(f, func(name string, at diag.Pos) {
		if id := (object.ID{Name: name}); out[id].IsZero() {
			out[id] = at
		}
	})
	return out
}

// eachCreated calls yield with the last part of each name that a SQL file makes something of, and its place.
func eachCreated(f File, yield func(name string, at diag.Pos)) {
	text := string(f.Text)
	line, seen := 1, 0
	for _, m := range created.FindAllStringSubmatchIndex(text, -1) {
		start := m[2]
		line += strings.Count(text[seen:start], "\n")
		seen = start
		yield(bareName(text[m[4]:m[5]]), diag.Pos{File: f.Name, Line: line, Column: 1})
	}
}

// bareName is the last part of a name, without quotes.
func bareName(name string) string {
	if m := quotedName.FindString(name); m != "" { // with whatever is in it
		q := name[:1]
		return strings.ReplaceAll(name[1:len(name)-1], q+q, q)
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.Trim(name, "\"`")
}

// place copies the positions onto the objects: exactly where the source knew the ID, else by the name of the object
// or of what it belongs to.
func place(s *object.State, positions map[object.ID]diag.Pos) {
	for _, o := range s.All() {
		for _, id := range []object.ID{o.ID, {Name: o.ID.Name}, {Name: strings.SplitN(o.ID.Name, "(", 2)[0]}, o.Parent, {Name: o.ID.Table}} {
			if pos, ok := positions[id]; ok && id.Name != "" {
				o.Pos = pos
				break
			}
		}
	}
}

package source

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

// Renamed is what a declaration says of the names that an object or its parts had before.
type Renamed struct {
	ID    object.ID // of SQL files: as far as the statement tells
	From  string
	Parts map[string]string
	Pos   diag.Pos
	// Kinds are the kinds that the words of a SQL statement may mean; empty: that of the ID.
	Kinds []string
	// Else is what the same words mean where the first reading names nothing: "key text" is an index only to MySQL.
	Else *Renamed
}

// renamed tells what is declared of earlier names.
func (d declared) renamed() ([]Renamed, error) {
	var out []Renamed
	var faults diag.List
	for _, f := range d.sql {
		found, err := renamedIn(f)
		faults = append(faults, err...)
		out = append(out, found...)
	}
	if d.hcl != nil {
		for _, o := range d.hcl.All() {
			if o.RenamedFrom != "" || len(o.RenamedParts) > 0 {
				out = append(out, Renamed{ID: o.ID, From: o.RenamedFrom, Parts: o.RenamedParts, Pos: o.Pos})
			}
		}
	}
	return out, faults.Err()
}

// The lines that carry earlier names, and what may follow them. The name before the object is one word, or in quotes.
var (
	renamedLine = regexp.MustCompile(`(?i)^\s*--\s*(?:atlas|schemactl):renamed_from\s*(.*?)\s*$`)
	name        = "(?:\"(?:[^\"]|\"\")+\"|`(?:[^`]|``)+`|[^\\s(,;]+)"
	oneName     = regexp.MustCompile(`^` + name + `$`)
	quotedName  = regexp.MustCompile("^(?:\"(?:[^\"]|\"\")+\"|`(?:[^`]|``)+`)$")
	constraint  = regexp.MustCompile(`(?i)^\s*constraint\s+(` + name + `)`)
	keyLine     = regexp.MustCompile(`(?i)^\s*(?:(?:unique|fulltext|spatial)\s+)?(?:index|key)\s+(` + name + `)`)
	columnLine  = regexp.MustCompile(`^\s*(` + name + `)\s+\S`)
	addLine     = regexp.MustCompile(`(?i)^\s*alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(\S+)\s*(.*)$`)
	addHead     = regexp.MustCompile(`(?i)^\s*add\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?`)
)

// renamedIn finds the earlier names in a SQL file: each stands in a comment on the line before the object.
func renamedIn(f File) (out []Renamed, faults diag.List) {
	lines := strings.Split(string(f.Text), "\n")
	table := "" // that the lines stand in
	for i, line := range lines {
		if m := created.FindStringSubmatch(line); m != nil {
			table = ""
			if word := strings.ToLower(m[1]); strings.HasSuffix(word, "table") {
				table = m[2]
			}
		}
		m := renamedLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		pos := diag.Pos{File: f.Name, Line: i + 1, Column: 1}
		if !oneName.MatchString(m[1]) {
			faults.Add(diag.Errorf(pos, "bad-renamed-from", "renamed_from takes one name: the object's before").
				WithHint("as in -- schemactl:renamed_from old_name"))
			continue
		}
		next := i + 1
		for next < len(lines) && (strings.TrimSpace(lines[next]) == "" || strings.HasPrefix(strings.TrimSpace(lines[next]), "--")) {
			next++
		}
		r, ok := Renamed{}, false
		if next < len(lines) {
			r, ok = renamedObject(strings.Join(lines[next:min(next+2, len(lines))], "\n"), table)
		}
		if !ok {
			faults.Add(diag.Errorf(pos, "bad-renamed-from", "renamed_from stands before nothing that has a name").
				WithHint("write it on the line before CREATE, or before a column or a constraint inside CREATE TABLE"))
			continue
		}
		for reading := &r; reading != nil; reading = reading.Else {
			reading.From, reading.Pos = bareName(m[1]), pos
		}
		out = append(out, r)
	}
	return out, faults
}

// renamedObject tells what the line after the comment declares.
func renamedObject(text, table string) (Renamed, bool) {
	if m := created.FindStringSubmatchIndex(text); m != nil && m[0] == 0 {
		schema, bare := cutName(text[m[4]:m[5]])
		word := strings.ToLower(strings.Join(strings.Fields(text[m[2]:m[3]]), "_"))
		return Renamed{ID: object.ID{Schema: schema, Name: bare}, Kinds: kindsOf(word)}, true
	}
	line, _, _ := strings.Cut(text, "\n")
	if m := addLine.FindStringSubmatch(line); m != nil {
		table, line = m[1], m[2]
		if strings.TrimSpace(line) == "" {
			_, line, _ = strings.Cut(text, "\n")
		}
		line = addHead.ReplaceAllString(line, "")
	}
	if table == "" {
		return Renamed{}, false
	}
	return renamedPart(line, table)
}

// renamedPart tells what a line inside CREATE TABLE declares.
func renamedPart(line, table string) (Renamed, bool) {
	schema, host := cutName(table)
	part := func(name string, kinds ...string) Renamed {
		return Renamed{ID: object.ID{Schema: schema, Table: host, Name: bareName(name)}, Kinds: kinds}
	}
	if m := constraint.FindStringSubmatch(line); m != nil {
		return part(m[1], "primary_key", "unique", "check", "foreign_key", "exclude", "index"), true
	}
	column, key := columnLine.FindStringSubmatch(line), keyLine.FindStringSubmatch(line)
	switch {
	case key != nil && column != nil:
		r, other := part(key[1], "index"), part(column[1], "column")
		r.Else = &other
		return r, true
	case key != nil:
		return part(key[1], "index"), true
	case column != nil:
		return part(column[1], "column"), true
	}
	return Renamed{}, false
}

// kindsOf lists the kinds that CREATE with these words may make.
func kindsOf(word string) []string {
	switch word {
	case "materialized_view":
		return []string{"materialized"}
	case "type":
		return []string{"enum", "composite", "range"}
	case "database":
		return []string{"schema"}
	}
	return []string{word}
}

// cutName reads a name with or without its schema.
func cutName(text string) (schema, bare string) {
	bare = bareName(text)
	if i := strings.LastIndexByte(text, '.'); i > 0 {
		schema = bareName(text[:i])
	}
	return schema, bare
}

// tellRenamed notes on the objects what they were called before. A line of a SQL file that is about none is a mistake.
func tellRenamed(s *object.State, list []Renamed) error {
	var faults diag.List
	for _, r := range list {
		found := r.tell(s)
		for reading := r.Else; reading != nil && !found; reading = reading.Else {
			found = reading.tell(s)
		}
		if !found && len(r.Kinds) > 0 {
			faults.Add(diag.Errorf(r.Pos, "bad-renamed-from", "renamed_from stands before %s, which the desired state does not have", strings.TrimSpace(r.Kinds[0]+" "+r.ID.Path())))
		}
	}
	return faults.Err()
}

// tell notes the earlier name on the objects that are meant, if there are any.
func (r Renamed) tell(s *object.State) (found bool) {
	for _, o := range s.All() {
		if !r.means(o.ID) {
			continue
		}
		o.RenamedFrom, o.RenamedParts, found = r.From, r.Parts, true
		if o.Pos.IsZero() || len(r.Kinds) > 0 {
			o.Pos = r.Pos
		}
	}
	return found
}

func (r Renamed) means(id object.ID) bool {
	if len(r.Kinds) == 0 {
		return id == r.ID
	}
	bare, _, _ := strings.Cut(id.Name, "(")
	table := r.ID.Table == "" || strings.EqualFold(id.Table, r.ID.Table)
	return slices.Contains(r.Kinds, id.Kind) && strings.EqualFold(bare, r.ID.Name) && table &&
		(r.ID.Schema == "" || id.Schema == "" || strings.EqualFold(id.Schema, r.ID.Schema))
}

package dbtest

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/schemactl/schemactl/internal/catalog"
)

// Mutation says which cells of a dialect's catalogs hold what users choose.
type Mutation struct {
	Names  []string                 // columns, as table.column: names of objects
	Texts  []string                 // comments and the like, which keep every space
	Bodies []string                 // SQL
	Fixed  []string                 // names that users do not choose
	Spell  func(name string) string // as the server writes a name in SQL
}

// Mutate changes a snapshot as the bytes of a program say. sound tells that a server could have answered so: only names,
// everywhere they occur, and texts were changed.
func (m Mutation) Mutate(s *Snapshot, program []byte) (out *Snapshot, sound bool) {
	w := &mutator{Mutation: m, s: s.clone(), program: program}
	w.sound = true
	for range 8 { // more would only slow the search down
		if len(w.program) == 0 {
			break
		}
		switch w.byte() % 8 {
		case 0, 1, 2:
			w.rename()
		case 3, 4:
			w.write()
		case 5, 6:
			w.sound = false
			w.spoil()
		case 7:
			w.sound = false
			w.dropOrRepeat()
		}
	}
	return w.s, w.sound
}

type mutator struct {
	Mutation
	s       *Snapshot
	program []byte
	sound   bool
}

// odd are strings that quoting, layouts and languages stumble over.
var odd = []string{
	"", " ", `"`, "`", "'", `\`, "${x}", "%{if}", "$${", "a\nb", "a\r\nb", "\t", "EOT", "<<EOT\nx\nEOT", "ü", "日本", "a.b", "a,b", "(", ")", "--", "/*", "$$",
	"select", "table", "null", "true", "default", "public", "Aa", "0", "-1", "9999999999999999999", "1e9", "x" + strings.Repeat("y", 62), "${jsonencode(1)}",
	"~", "#", "a b", "a-b", "é", "\u2028", "{", "}", "[", "]", "=", "%", "$", "for", "schema", "*/", "it's", `a"b`, "a`b", `\n`, `\u0000`, "NULL", "t", "f",
}

func (w *mutator) byte() int {
	if len(w.program) == 0 {
		return 0
	}
	b := w.program[0]
	w.program = w.program[1:]
	return int(b)
}

// number is below n.
func (w *mutator) number(n int) int {
	if n <= 1 {
		return 0
	}
	return (w.byte()<<8 | w.byte()) % n
}

// string is an odd string, or one that the program spells, or both.
func (w *mutator) string() string {
	text := odd[w.number(len(odd))]
	if n := w.byte() % 16; n < 8 && n <= len(w.program) {
		text += string(w.program[:n])
		w.program = w.program[n:]
	}
	text = strings.ToValidUTF8(text, "?")
	return strings.NewReplacer("\x00", "0", catalog.Separator, "1").Replace(text)
}

// name is a string that a server takes for a name.
func (w *mutator) name() string {
	name := w.string()
	for len(name) > 63 || name != "" && !utf8.ValidString(name) {
		name = name[:len(name)-1]
	}
	name = strings.Trim(name, " \t\r\n") // MySQL takes none that ends so
	if name == "" {
		return "x"
	}
	return name
}

// cell is a place in the snapshot.
type cell struct {
	row    []*string
	column int
}

// cells are those of columns, without NULL.
func (w *mutator) cells(columns []string) []cell {
	var out []cell
	for _, c := range columns {
		table, column, _ := strings.Cut(c, ".")
		t := w.s.Tables[table]
		if t == nil {
			continue
		}
		at := slices.Index(t.Columns, column)
		for _, row := range t.Rows {
			if at >= 0 && row[at] != nil {
				out = append(out, cell{row, at})
			}
		}
	}
	return out
}

// rename gives an object another name, wherever that occurs. A name of one letter may be one of the server's codes.
func (w *mutator) rename() {
	all := w.cells(w.Names)
	if len(all) == 0 {
		return
	}
	c := all[w.number(len(all))]
	from, to := *c.row[c.column], w.name()
	if len(from) < 2 || w.taken(to) || slices.Contains(w.Fixed, from) {
		return
	}
	word := regexp.MustCompile(`(^|[^\w"` + "`" + `])` + regexp.QuoteMeta(from) + `($|[^\w"` + "`" + `])`)
	r := renaming{from, to, w.Spell(from), w.Spell(to), word, regexp.MustCompile(`^\w+$`).MatchString(from)}
	for _, t := range w.s.Tables {
		for _, row := range t.Rows {
			for i, text := range row {
				if text != nil && (strings.Contains(*text, from) || isJSON(*text)) {
					renamed := r.cell(*text)
					if renamed != *text && *text != from && strings.ContainsAny(to, `'\\`) {
						w.sound = false // it may be within a literal now, which would say something else
					}
					row[i] = &renamed
				}
			}
		}
	}
	for _, c := range w.cells(w.Names) {
		if len(*c.row[c.column]) > 63 {
			w.sound = false // the name was part of another, which no server would take now
		}
	}
}

// renaming is a name and another in its place: alone, and in SQL.
type renaming struct {
	from, to               string
	spelledFrom, spelledTo string
	word                   *regexp.Regexp
	plain                  bool
}

func isJSON(text string) bool { return strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") }

func (r renaming) cell(text string) string {
	var value any
	if isJSON(text) {
		if json.Unmarshal([]byte(text), &value) == nil {
			out, err := json.Marshal(r.value(value))
			if err == nil {
				return string(out)
			}
		}
	}
	list := strings.Split(text, catalog.Separator)
	for i, element := range list {
		list[i] = r.text(element)
	}
	return strings.Join(list, catalog.Separator)
}

// value renames within JSON.
func (r renaming) value(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = r.value(v[key])
		}
	}
	return v
}

func (r renaming) text(text string) string {
	if text == r.from {
		return r.to
	}
	if r.spelledFrom != r.from {
		text = strings.ReplaceAll(text, r.spelledFrom, r.spelledTo)
	}
	if slices.Contains(odd, r.from) || !r.plain {
		return text // as a word it may mean something else
	}
	for range 2 { // neighbours share what is between them
		text = r.word.ReplaceAllString(text, "${1}"+strings.ReplaceAll(r.spelledTo, "$", "$$")+"${2}")
	}
	return text
}

// taken tells whether a name occurs already: two objects may not become one.
func (w *mutator) taken(name string) bool {
	for _, t := range w.s.Tables {
		for _, row := range t.Rows {
			for _, text := range row {
				if text != nil && (*text == name || slices.Contains(strings.Split(*text, catalog.Separator), name)) {
					return true
				}
			}
		}
	}
	return false
}

// write replaces a text.
func (w *mutator) write() {
	texts := w.cells(w.Texts)
	all := slices.Concat(texts, w.cells(w.Bodies))
	if len(all) == 0 {
		return
	}
	i, text := w.number(len(all)), w.string()
	if i >= len(texts) {
		text = strings.TrimSpace(text)
	}
	if text != "" { // a server has no empty ones
		all[i].row[all[i].column] = &text
	}
}

// spoil replaces any cell: by NULL, by one of its column, or by a string.
func (w *mutator) spoil() {
	t := w.table()
	if t == nil {
		return
	}
	row, column := t.Rows[w.number(len(t.Rows))], w.number(len(t.Columns))
	switch w.byte() % 4 {
	case 0:
		row[column] = nil
	case 1:
		row[column] = t.Rows[w.number(len(t.Rows))][column]
	default:
		text := w.string()
		row[column] = &text
	}
}

// dropOrRepeat takes a row out, or repeats it.
func (w *mutator) dropOrRepeat() {
	t := w.table()
	if t == nil {
		return
	}
	i := w.number(len(t.Rows))
	if w.byte()%2 == 0 {
		t.Rows = slices.Delete(t.Rows, i, i+1)
		return
	}
	t.Rows = append(t.Rows, slices.Clone(t.Rows[i]))
}

// table is one with rows.
func (w *mutator) table() *SnapshotTable {
	var all []*SnapshotTable
	for _, name := range slices.Sorted(maps.Keys(w.s.Tables)) {
		if t := w.s.Tables[name]; len(t.Rows) > 0 {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[w.number(len(all))]
}

// Package selection decides which objects of a database schemactl manages, by Atlas's glob patterns on kinds and names.
// It knows names only: it reads no database and no file.
package selection

import (
	"encoding/csv"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// Options says what is selected. A pattern names one object a level, schema.table.column, from the scope downwards:
// with a Schema it starts below that schema. A level is a glob (* ? [a-z]), may be quoted when it holds a dot, and may
// end in a selector, as in *[type=table|view].
type Options struct {
	Schema  string   // the one schema of schema scope; "" for the whole database or server
	Schemas []string // the schemas to look at; none means all
	Include []string // only what one of these names, with what contains it and what it contains; none means all
	Exclude []string // never what one of these names, nor what it contains; wins over Include
}

// Matcher is a compiled selection. Its zero value selects everything.
type Matcher struct {
	scoped           bool
	schemas          []string
	include, exclude []pattern
}

type pattern struct {
	text   string
	levels []level
}

type level struct {
	glob  string
	kinds []string // none means every kind
}

// selectorRE is the selector as Atlas reads it.
var selectorRE = regexp.MustCompile(`\[type=([a-z|_]+)\]$`)

// Compile checks the patterns and reports every faulty one.
func Compile(o Options) (*Matcher, error) {
	m := &Matcher{scoped: o.Schema != "", schemas: slices.Clone(o.Schemas)}
	var faults diag.List
	add := func(to *[]pattern, option string, patterns []string) {
		for _, text := range patterns {
			p, fault := compile(text, m.scoped)
			if fault != nil {
				fault.Object = option
				faults.Add(fault)
				continue
			}
			*to = append(*to, p)
		}
	}
	add(&m.include, "include", o.Include)
	add(&m.exclude, "exclude", o.Exclude)
	return m, faults.Err()
}

func compile(text string, scoped bool) (pattern, *diag.Diagnostic) {
	bad := func(format string, args ...any) *diag.Diagnostic {
		return diag.Errorf(diag.Pos{}, "bad-pattern", "pattern %q "+format, append([]any{text}, args...)...)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = '.'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 1 || slices.Contains(rows[0], "") {
		return pattern{}, bad("has an empty level or an open quote").
			WithHint(`levels are parted by dots, as in public.users; a name that holds a dot is quoted, as in "my.schema".users`)
	}
	limit, shape := 3, "schema.table.column"
	if scoped {
		limit, shape = 2, "table.column, below the URL's one schema"
	}
	if len(rows[0]) > limit {
		return pattern{}, bad("has too many levels").WithHint("it names at most %s", shape)
	}
	p := pattern{text: text}
	for i, part := range rows[0] {
		l := level{glob: part}
		if m := selectorRE.FindStringSubmatch(part); m != nil {
			l.glob = strings.TrimSuffix(part, m[0])
			for word := range strings.SplitSeq(m[1], "|") {
				kind := canonical(word)
				if !slices.Contains(knownKinds(), kind) {
					d := bad("selects the unknown type %q", word).WithHint("the types are %s", strings.Join(knownKinds(), ", "))
					if near := diag.Nearest(word, knownKinds()); near != "" {
						d = d.WithHint("did you mean [type=%s]?", near)
					}
					return pattern{}, d
				}
				if i < len(rows[0])-1 && kind != "schema" && !holds(kind) {
					return pattern{}, bad("names an attribute of one %s", word).
						WithHint("single attributes cannot be left out yet; leave out the %s itself", word)
				}
				l.kinds = append(l.kinds, kind)
			}
		}
		if _, err := path.Match(l.glob, "x"); err != nil || l.glob == "" {
			return pattern{}, bad("holds a glob that is not closed").
				WithHint(`in a glob * ? and [a-z] are special; \ makes the next character plain; a selector is [type=table]`)
		}
		p.levels = append(p.levels, l)
	}
	return p, nil
}

// Match reports whether an object is selected, and the rule that decided, "" when none did.
// The kind is the object's; schema, table and name say where it is: a schema has only a name or only a schema, an object
// of the whole database only a name, a table no table of its own, a part of a table all three.
func (m *Matcher) Match(kind, schema, table, name string) (included bool, rule string) {
	return m.MatchPart(kind, schema, "table", table, name)
}

// MatchPart is Match for a part of something other than a table, such as a trigger on a view.
func (m *Matcher) MatchPart(kind, schema, parentKind, parent, name string) (included bool, rule string) {
	at := place(kind, schema, step{canonical(parentKind), parent}, name)
	if s := at[0].name; at[0].kind == "schema" && s != "" && len(m.schemas) > 0 && !slices.Contains(m.schemas, s) {
		return false, "not one of the schemas " + strings.Join(m.schemas, ", ")
	}
	if m.scoped && at[0].kind == "schema" {
		if at = at[1:]; len(at) == 0 {
			return true, ""
		}
	}
	for _, p := range m.exclude {
		if p.covers(at) {
			return false, "exclude " + p.text
		}
	}
	if len(m.include) == 0 {
		return true, ""
	}
	for _, p := range m.include {
		if p.covers(at) || p.reaches(at) {
			return true, "include " + p.text
		}
	}
	return false, "not included"
}

// step is one level of an object's place: what it is and how it is called.
type step struct{ kind, name string }

func place(kind, schema string, parent step, name string) []step {
	kind = canonical(kind)
	if kind == "schema" {
		if name == "" {
			name = schema
		}
		return []step{{kind, name}}
	}
	var at []step
	if schema != "" {
		at = append(at, step{"schema", schema})
	}
	if parent.name != "" {
		at = append(at, parent)
	}
	return append(at, step{kind, name})
}

// covers reports whether the pattern names the object or something that contains it.
func (p pattern) covers(at []step) bool {
	if len(p.levels) > len(at) {
		return false
	}
	for i, l := range p.levels {
		if !l.matches(at[i]) {
			return false
		}
	}
	return true
}

// reaches reports whether the object may contain something that the pattern names.
func (p pattern) reaches(at []step) bool {
	last := at[len(at)-1]
	if len(p.levels) <= len(at) || last.kind != "schema" && !holds(last.kind) {
		return false
	}
	for i, s := range at {
		if !p.levels[i].matches(s) {
			return false
		}
	}
	return true
}

func (l level) matches(s step) bool {
	switch {
	case len(l.kinds) == 0:
		// A bare glob leaves primary keys alone, as in Atlas: they belong to their columns.
		if s.kind == "primary_key" {
			return false
		}
	case !slices.Contains(l.kinds, s.kind) && (s.kind != "unique" || !slices.Contains(l.kinds, "index")):
		return false
	}
	ok, err := path.Match(l.glob, s.name)
	return ok && err == nil
}

// holds reports whether a kind has parts that patterns can name.
func holds(kind string) bool {
	switch kind {
	case "table", "view", "materialized", "foreign_table", "partition":
		return true
	}
	return false
}

// canonical turns the short names of Atlas's patterns and documents into the names of the kinds.
func canonical(kind string) string {
	switch kind {
	case "fk":
		return "foreign_key"
	case "pk":
		return "primary_key"
	case "func":
		return "function"
	case "proc":
		return "procedure"
	case "materialized_view", "matview":
		return "materialized"
	}
	return kind
}

func knownKinds() []string {
	return []string{"aggregate", "cast", "check", "collation", "column", "comment", "composite", "default_permission", "domain",
		"enum", "event", "event_trigger", "exclude", "extension", "foreign_key", "foreign_table", "function", "index",
		"materialized", "partition", "permission", "policy", "primary_key", "procedure", "publication", "range", "role",
		"schema", "sequence", "server", "statistics", "subscription", "table", "trigger", "unique", "user", "user_mapping", "view"}
}

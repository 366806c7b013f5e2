package selection

import (
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		// object as kind schema table name, a dash for none
		in, out []string
	}{
		{"nothing said", Options{}, []string{"table a - t", "role - - r"}, nil},
		{"schema", Options{Exclude: []string{"a"}}, []string{"schema - - b", "table b - t", "table b - a"},
			[]string{"schema - - a", "schema a - -", "table a - t", "column a t c"}},
		{"table and its parts", Options{Exclude: []string{"a.t*"}}, []string{"schema - - a", "table a - u", "column a u t1"},
			[]string{"table a - t1", "view a - tv", "column a t1 c", "index a t1 i", "primary_key a t1 p"}},
		{"by kind", Options{Exclude: []string{"a.*[type=view|materialized]"}}, []string{"table a - t", "view b - v"},
			[]string{"view a - v", "materialized a - m"}},
		{"parts", Options{Exclude: []string{"*.*.x*"}}, []string{"column a t c", "primary_key a t x"},
			[]string{"column a t x", "check a t x1", "foreign_key a t xf", "trigger a t xt"}},
		{"parts by kind", Options{Exclude: []string{"*.*.*[type=fk|index]"}}, []string{"column a t c", "check a t k"},
			[]string{"foreign_key a t f", "index a t i", "unique a t u"}},
		{"kind above", Options{Exclude: []string{"*[type=schema].*[type=table].c"}}, []string{"table a - c"}, []string{"column a t c"}},
		{"database objects", Options{Exclude: []string{"*[type=extension|role]"}}, []string{"schema - - a", "table a - t"},
			[]string{"extension - - citext", "role - - r"}},
		{"quoted", Options{Exclude: []string{`"my.app".t`}}, []string{"table my - t"}, []string{"table my.app - t"}},
		{"schema scope", Options{Schema: "a", Exclude: []string{"t", "*.secret"}},
			[]string{"schema - - a", "table a - u", "column a u c"}, []string{"table a - t", "column a t c", "column a u secret"}},
		{"schemas", Options{Schemas: []string{"a"}}, []string{"schema - - a", "table a - t", "extension - - x"},
			[]string{"schema - - b", "table b - t", "column b t c"}},
		{"include", Options{Include: []string{"a.t"}}, []string{"schema - - a", "table a - t", "column a t c", "primary_key a t p"},
			[]string{"schema - - b", "table a - u", "column a u c", "extension - - a"}},
		{"include parts", Options{Include: []string{"a.t.c"}}, []string{"schema - - a", "table a - t", "column a t c"},
			[]string{"column a t d", "enum a - t"}},
		{"include by kind", Options{Schema: "a", Include: []string{"*[type=table]"}}, []string{"table a - t", "column a t c"},
			[]string{"view a - v", "function a - f"}},
		{"exclude wins", Options{Include: []string{"a"}, Exclude: []string{"a.t"}}, []string{"table a - u"}, []string{"table a - t"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Compile(tt.o)
			if err != nil {
				t.Fatal(err)
			}
			check := func(objects []string, want bool) {
				for _, o := range objects {
					f := strings.Fields(strings.ReplaceAll(o, " -", " \x00"))
					for i := range f {
						f[i] = strings.Trim(f[i], "\x00")
					}
					if got, rule := m.Match(f[0], f[1], f[2], f[3]); got != want || !got && rule == "" {
						t.Errorf("%s: got %v (%s), want %v", o, got, rule, want)
					}
				}
			}
			check(tt.in, true)
			check(tt.out, false)
		})
	}
}

func TestMatchPart(t *testing.T) {
	m, err := Compile(Options{Exclude: []string{"*.*[type=view].*"}})
	if err != nil {
		t.Fatal(err)
	}
	if in, _ := m.MatchPart("trigger", "a", "view", "v", "t"); in {
		t.Error("a part of a view was selected")
	}
	if in, _ := m.Match("trigger", "a", "t", "t"); !in {
		t.Error("a part of a table was left out")
	}
}

func TestCompileFaults(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{"", "empty level"},
		{"a..b", "empty level"},
		{`"a`, "open quote"},
		{"a.b.c.d", "too many levels"},
		{"a.[b", "not closed"},
		{"[type=table]", "not closed"},
		{"*[type=tabel]", "did you mean [type=table]?"},
		{"*[type=extension].version", "an attribute of one extension"},
	}
	for _, tt := range tests {
		_, err := Compile(Options{Exclude: []string{tt.pattern}})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%q: got %v, want %q", tt.pattern, err, tt.want)
		}
	}
	if _, err := Compile(Options{Schema: "a", Include: []string{"a.t.c"}}); err == nil {
		t.Error("three levels are too many in schema scope")
	}
}

// realm has what Atlas's community build can exclude: two schemas with two tables each.
func realm() *schema.Realm {
	r := schema.NewRealm()
	for _, s := range []string{"app", "aux"} {
		sc := schema.New(s)
		for _, n := range []string{"users", "logs"} {
			t := schema.NewTable(n).AddColumns(schema.NewIntColumn("id", "int"), schema.NewIntColumn("note", "int"))
			t.AddIndexes(schema.NewIndex("ix_note")).AddChecks(schema.NewCheck().SetName("positive"))
			sc.AddTables(t)
		}
		r.AddSchemas(sc)
	}
	return r
}

// FuzzAgainstAtlas holds that a pattern leaves the same objects as Atlas's own filter does.
func FuzzAgainstAtlas(f *testing.F) {
	for _, s := range []string{"app", "*", "app.users", "a*.l*[type=table]", "*.*.id", "*.users.*[type=index|check]", "*[type=schema].*.n?te",
		"*[type=table]", `"app".users`, "a[pu]p", "*.*[type=view].id", "*.*.*", "app.users[type=table].ix_*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Compile(Options{Exclude: []string{text}})
		if err != nil {
			return
		}
		left, err := schema.ExcludeRealm(realm(), []string{text})
		if err != nil {
			return
		}
		has := map[string]bool{}
		for _, s := range left.Schemas {
			has[s.Name] = true
			for _, tb := range s.Tables {
				has[s.Name+"."+tb.Name] = true
				for _, c := range tb.Columns {
					has[s.Name+"."+tb.Name+"."+c.Name] = true
				}
				for _, i := range tb.Indexes {
					has[s.Name+"."+tb.Name+"."+i.Name] = true
				}
				for _, c := range tb.Checks() {
					has[s.Name+"."+tb.Name+"."+c.Name] = true
				}
			}
		}
		for _, s := range realm().Schemas {
			compare(t, m, text, has, "schema", s.Name)
			for _, tb := range s.Tables {
				compare(t, m, text, has, "table", s.Name, tb.Name)
				for name, kind := range map[string]string{"id": "column", "note": "column", "ix_note": "index", "positive": "check"} {
					compare(t, m, text, has, kind, s.Name, tb.Name, name)
				}
			}
		}
	})
}

func compare(t *testing.T, m *Matcher, text string, has map[string]bool, kind string, names ...string) {
	t.Helper()
	var got bool
	switch len(names) {
	case 1:
		got, _ = m.Match(kind, "", "", names[0])
	case 2:
		got, _ = m.Match(kind, names[0], "", names[1])
	default:
		got, _ = m.Match(kind, names[0], names[1], names[2])
	}
	if want := has[strings.Join(names, ".")]; got != want {
		t.Errorf("exclude %q: %s %v selected = %v, Atlas says %v", text, kind, names, got, want)
	}
}

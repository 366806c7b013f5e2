package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

func table(name string) object.ID { return object.ID{Kind: "table", Schema: "s", Name: name} }

func part(kindName, of, name string) object.ID {
	return object.ID{Kind: kindName, Schema: "s", Table: of, Name: name}
}

func thing(id, parent object.ID) *object.Object {
	return &object.Object{ID: id, Parent: parent, Value: &struct{}{}}
}

func state(t *testing.T, objects ...*object.Object) *object.State {
	t.Helper()
	s := object.NewState()
	for _, o := range objects {
		if err := s.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func names(s *object.State) string {
	var out []string
	for _, o := range s.All() {
		out = append(out, o.ID.Kind+" "+o.ID.Name)
	}
	return strings.Join(out, ", ")
}

func TestSkip(t *testing.T) {
	a, b := thing(table("a"), object.ID{}), thing(table("b"), object.ID{})
	ca, cb := thing(part("column", "a", "x"), a.ID), thing(part("column", "b", "y"), b.ID)
	db := thing(part("default", "b", "y"), cb.ID)
	changes := []kind.Change{
		{Action: kind.Drop, ID: a.ID, From: a}, {Action: kind.Drop, ID: ca.ID, From: ca},
		{Action: kind.Alter, ID: cb.ID, From: cb, To: cb}, {Action: kind.Add, ID: db.ID, To: db},
	}
	tests := []struct {
		name string
		rule SkipRule
		want string
	}{
		{"a dropped table keeps its columns", SkipRule{"drop", "table"}, "column y, default y"},
		{"a column of a dropped table is no dropped column of its own", SkipRule{"drop", "column"}, "table a, column y, default y"},
		{"the default of a column is part of it", SkipRule{"modify", "column"}, "table a, column x"},
		{"nothing fits", SkipRule{"add", "index"}, "table a, column x, column y, default y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kept, ledger := skip(changes, []SkipRule{tt.rule})
			var got []string
			for _, c := range kept {
				got = append(got, c.ID.Kind+" "+c.ID.Name)
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("kept %s, want %s", s, tt.want)
			}
			if (len(kept) < len(changes)) != (len(ledger) > 0) {
				t.Errorf("the ledger is %v", ledger)
			}
		})
	}
}

func TestAdopt(t *testing.T) {
	tbl, view := thing(table("t"), object.ID{}), thing(object.ID{Kind: "view", Schema: "s", Name: "v"}, object.ID{})
	trigger, gone := thing(part("trigger", "t", "tr"), tbl.ID), thing(table("gone"), object.ID{})
	orphan := thing(part("trigger", "gone", "tr2"), gone.ID)
	current := state(t, tbl, view, trigger, gone, orphan)
	desired := state(t, thing(table("t"), object.ID{}), thing(object.ID{Kind: "view", Schema: "s", Name: "of the dev database"}, object.ID{}))
	got, err := adopt(current, desired, []string{"table"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "table t, view v, trigger tr"; names(got) != want {
		t.Errorf("got %s, want %s", names(got), want)
	}
	if len(got.Ledger) != 1 || got.Ledger[0].Name != "s.v" {
		t.Errorf("ledger: %v", got.Ledger)
	}
	note := thing(object.ID{Kind: "comment", Schema: "s", Name: "view v"}, view.ID)
	got, err = adopt(state(t, tbl, view, note), desired, []string{"table", "comment"}, nil)
	if want := "table t, view v, comment view v"; err != nil || names(got) != want {
		t.Errorf("what belongs to a view that stays: got %s (%v), want %s", names(got), err, want)
	}
	if all, err := adopt(current, desired, nil, nil); err != nil || all != desired {
		t.Errorf("a source that can declare everything was changed (%v)", err)
	}
}

func TestAnonymise(t *testing.T) {
	p := &plan.Plan{Changes: []plan.Change{{ID: object.ID{Kind: "check", Schema: "payroll", Table: "salaries", Name: "is_secret"}}}}
	got := anonymise(`"file": "/home/eve/schema.hcl", ALTER TABLE "payroll"."salaries" ADD CONSTRAINT "is_secret" CHECK (a = 'hunter2')`, p)
	for _, leak := range []string{"payroll", "salaries", "secret", "hunter2", "eve"} {
		if strings.Contains(got, leak) {
			t.Errorf("%s is left in %s", leak, got)
		}
	}
	if !strings.Contains(got, "ALTER TABLE") || !strings.Contains(got, "CHECK (a = 'xxx')") {
		t.Errorf("the structure is gone: %s", got)
	}
}

func TestDialectOf(t *testing.T) {
	tests := []struct{ url, dev, given, want string }{
		{"postgres://h/d", "", "", "postgres"}, {"maria://h/d", "", "", "mysql"}, {"file://x", "embedded://postgres/18", "", "postgres"},
		{"", "embedded://mariadb/10.11", "", "mysql"}, {"", "docker://mysql/8/dev", "", "mysql"}, {"", "docker+postgres://_/x:1/d", "", "postgres"},
		{"", "", "mysql", "mysql"}, {"", "", "", "postgres"},
	}
	for _, tt := range tests {
		got, err := DialectName(Request{URL: tt.url, Dev: tt.dev}, tt.given)
		if err != nil || got != tt.want {
			t.Errorf("DialectName(%q, %q, %q) = %q, %v; want %q", tt.url, tt.dev, tt.given, got, err, tt.want)
		}
	}
}

func TestRedactSources(t *testing.T) {
	got := RedactSources([]string{"file://a.hcl", "postgres://u:s3cret@h/d"})
	if slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "s3cret") }) || got[0] != "file://a.hcl" {
		t.Errorf("got %q", got)
	}
}

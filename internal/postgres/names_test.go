package postgres

import (
	"slices"
	"testing"
)

func TestSplitNames(t *testing.T) {
	tests := map[string][]string{
		``:                       nil,
		`public`:                 {"public"},
		`public, "odd ""name"""`: {"public", `odd "name"`},
		`"$user", a`:             {"$user", "a"},
		`""`:                     {""},
	}
	for list, want := range tests {
		if got := splitNames(list); !slices.Equal(got, want) {
			t.Errorf("splitNames(%s) = %q, want %q", list, got, want)
		}
	}
}

func TestOlderVersion(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{{"1.5", "1.6", true}, {"1.10", "1.9", false}, {"3.5.0", "3.5", false}, {"2.0", "2.0.1", true}, {"unpackaged", "1.0", true}, {"1.0", "1.0", false}}
	for _, x := range tests {
		if got := olderVersion(x.a, x.b); got != x.want {
			t.Errorf("olderVersion(%s, %s) = %v, want %v", x.a, x.b, got, x.want)
		}
	}
}

func TestExtends(t *testing.T) {
	a, b, c := ViewColumn{Name: "a", Type: "text"}, ViewColumn{Name: "b", Type: "text"}, ViewColumn{Name: "a", Type: "integer"}
	tests := []struct {
		from, to []ViewColumn
		want     bool
	}{
		{[]ViewColumn{a}, []ViewColumn{a, b}, true},
		{[]ViewColumn{a, b}, []ViewColumn{b, a}, false},
		{[]ViewColumn{a, b}, []ViewColumn{a}, false},
		{[]ViewColumn{a}, []ViewColumn{c}, false},
	}
	for _, x := range tests {
		if got := extends(x.from, x.to); got != x.want {
			t.Errorf("extends(%v, %v) = %v, want %v", x.from, x.to, got, x.want)
		}
	}
}

func TestPermissionStatements(t *testing.T) {
	p := &Permission{Grantee: "reader", Subject: "TABLE t", Columns: `"c"`}
	got := permissionStatements(p, []string{"INSERT", "SELECT WITH GRANT OPTION"}, []string{"SELECT", "UPDATE WITH GRANT OPTION"})
	want := []string{
		`REVOKE INSERT ("c") ON TABLE t FROM "reader"`,
		`REVOKE GRANT OPTION FOR SELECT ("c") ON TABLE t FROM "reader"`,
		`GRANT UPDATE ("c") ON TABLE t TO "reader" WITH GRANT OPTION`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("permissionStatements\n got %q\nwant %q", got, want)
	}
}

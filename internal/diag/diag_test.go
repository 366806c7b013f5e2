package diag

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	tests := []struct{ word, want string }{
		{"tabel", "table"}, {"itn", "int"}, {"Colum", "column"}, {"xyz", ""}, {"", ""}, {"table", "table"},
	}
	candidates := []string{"bit", "column", "int", "table"}
	for _, tt := range tests {
		if got := Nearest(tt.word, candidates); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestErrorShowsThePlace(t *testing.T) {
	d := Errorf(Pos{File: "a.hcl", Line: 2, Column: 3}, "bad", "no %s", "way").WithHint("do\nthat").WithSource([]byte("x\n  foo = 1\n"))
	d.Width = 3
	want := "a.hcl:2:3: no way [bad]\n  2 |   foo = 1\n    |   ^^^\n  hint: do\n        that"
	if got := d.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOnlyErrorsFail(t *testing.T) {
	var l List
	l.Add(Warningf(Pos{}, "w", "careful"))
	if err := l.Err(); err != nil {
		t.Errorf("a warning failed: %v", err)
	}
	l.Add(Errorf(Pos{}, "e", "broken"))
	if l.Err() == nil {
		t.Error("an error did not fail")
	}
}

// TestGuard makes errors of panics, and leaves what is none.
func TestGuard(t *testing.T) {
	run := func(f func() error) (err error) {
		defer Guard(&err)
		return f()
	}
	var none map[string]int
	if err := run(func() error { none["a"] = 1; return nil }); err == nil || !strings.Contains(err.Error(), "schemactl has a fault: assignment to entry in nil map") {
		t.Errorf("a panic became %v", err)
	}
	if err := run(func() error { return nil }); err != nil {
		t.Errorf("nothing became %v", err)
	}
}

package catalog

import (
	"fmt"
	"strings"
	"testing"
)

// TestRows reads back what was added: empty cells, NULL, long ones and so many that they fill several chunks.
func TestRows(t *testing.T) {
	t.Parallel()
	r := NewRows("id", "empty", "null", "long", "last")
	const n = 2000
	for i := range n {
		for _, c := range []string{fmt.Sprint(i), ""} {
			r.cell([]byte(c), false)
		}
		r.cell(nil, true)
		r.cell([]byte(strings.Repeat("x", i%300)), false)
		r.cell([]byte("t"), false)
		r.end()
	}
	r.flush()
	if len(r.Chunks) < 2 {
		t.Fatal("the rows fit into one chunk: add more")
	}
	check := func(want []int) {
		t.Helper()
		var kept []Row // rows stay readable after the call
		if err := r.Each(func(row Row) error { kept = append(kept, row); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(kept) != len(want) {
			t.Fatalf("got %d rows, want %d", len(kept), len(want))
		}
		for at, row := range kept {
			i := want[at]
			if row.Int("id") != int64(i) || row.Str("empty") != "" || row.Null("empty") || row.Str("null") != "" || !row.Null("null") ||
				len(row.Str("long")) != i%300 || !row.Bool("last") {
				t.Fatalf("row %d is %q", i, row.text[:20])
			}
		}
	}
	all, even := []int{}, []int{}
	for i := range n {
		all = append(all, i)
		if i%2 == 0 {
			even = append(even, i)
		}
	}
	check(all)
	r.Filter(func(row Row) bool { return row.Int("id")%2 == 0 })
	check(even)
	r.Add("7", "", "", "xxxxxxx", "t")
	last := ""
	_ = r.Each(func(row Row) error { last = row.Str("long"); return nil })
	if last != "xxxxxxx" {
		t.Errorf("the row that was added last reads %q", last)
	}
}

// TestRowsStopAtError shows that Each stops at the first error.
func TestRowsStopAtError(t *testing.T) {
	t.Parallel()
	r := NewRows("a")
	r.Add("1")
	r.Add("2")
	calls := 0
	err := r.Each(func(Row) error { calls++; return fmt.Errorf("stop") })
	if err == nil || calls != 1 {
		t.Errorf("got %v after %d calls, want the error after the first", err, calls)
	}
	var none *Rows
	if err := none.Each(func(Row) error { return fmt.Errorf("called") }); err != nil {
		t.Error(err)
	}
}

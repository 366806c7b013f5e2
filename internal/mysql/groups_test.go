package mysql

import (
	"slices"
	"testing"
)

// TestGroups holds the names of manage to the kinds: each kind has one, but for the parts of others, and none is
// ambiguous.
func TestGroups(t *testing.T) {
	parts := []string{"column", "primary_key", "partitioning"}
	names, covered := map[string]bool{}, map[string]bool{}
	for _, g := range (Dialect{}).Groups() {
		for _, n := range slices.Compact(slices.Sorted(slices.Values(g.Names))) {
			if names[n] {
				t.Errorf("two groups are called %s", n)
			}
			names[n] = true
		}
		for _, k := range g.Kinds {
			covered[k] = true
		}
	}
	for _, k := range Kinds().Names() {
		if covered[k] == slices.Contains(parts, k) {
			t.Errorf("kind %s: in a group %t, a part %t", k, covered[k], !covered[k])
		}
		delete(covered, k)
	}
	for k := range covered {
		t.Errorf("there is no kind %s", k)
	}
}

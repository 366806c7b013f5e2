package postgres

import (
	"slices"
	"testing"
)

// TestGroups holds the names of manage to the kinds: each kind has one, but for the parts of others, and none is
// ambiguous.
func TestGroups(t *testing.T) {
	parts := []string{"column", "inherited_column", "default", "sequence_owner", "domain_check", "primary_key", "unique", "exclude", "publication_table", "publication_schema", "setting", "extension_dependency"}
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

// TestQueriesSpeakASCII holds the catalog queries to characters that databases of every encoding take.
func TestQueriesSpeakASCII(t *testing.T) {
	queries := slices.Concat(ledgerQueries(), dependencyQueries())
	for _, k := range kinds() {
		queries = append(queries, k.queries...)
	}
	for _, q := range queries {
		for i, r := range q.SQL {
			if r > 127 {
				t.Errorf("the query %s holds %q: %s", q.Name, r, q.SQL[max(0, i-40):min(len(q.SQL), i+40)])
			}
		}
	}
}

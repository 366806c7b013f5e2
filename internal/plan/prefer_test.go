package plan

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/object"
)

// TestPrefer sees that a wish orders two steps against the tie-break, and that it yields to a need.
func TestPrefer(t *testing.T) {
	id := func(name string) object.ID { return object.ID{Kind: "x", Name: name} }
	step := func(name string, needs, prefers []object.ID) *Step {
		return &Step{ID: id(name), Op: Create, SQL: name, Makes: []object.ID{id(name)}, Needs: needs, Prefers: prefers}
	}
	tests := map[string]struct {
		steps []*Step
		want  []string
	}{
		"a wish comes true":     {[]*Step{step("a", nil, []object.ID{id("z")}), step("b", nil, nil), step("z", nil, nil)}, []string{"b", "z", "a"}},
		"a need is stronger":    {[]*Step{step("a", nil, []object.ID{id("z")}), step("z", []object.ID{id("a")}, nil)}, []string{"a", "z"}},
		"wishes may contradict": {[]*Step{step("a", nil, []object.ID{id("b")}), step("b", nil, []object.ID{id("a")})}, []string{"a", "b"}},
		"nobody makes the wish": {[]*Step{step("a", nil, []object.ID{id("q")}), step("b", nil, nil)}, []string{"a", "b"}},
	}
	for name, x := range tests {
		t.Run(name, func(t *testing.T) {
			ordered, err := Order(x.steps)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range ordered {
				got = append(got, s.SQL)
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("got %v, want %v", got, x.want)
			}
		})
	}
}

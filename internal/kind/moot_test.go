package kind

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// TestDiffLeavesOutMootDifferences shows that a kind may look at both states before a difference counts.
func TestDiffLeavesOutMootDifferences(t *testing.T) {
	type item struct {
		After string `json:"after"`
		Size  int    `json:"size"`
	}
	steps := func(*Context, Of[item]) ([]plan.Step, error) { return nil, nil }
	set := NewSet(Define(Def[item]{
		Name: "item", Create: steps, Drop: steps,
		Alter: func(*Context, Of[item], Of[item], *Attrs) (plan.Edit, error) { return plan.Edit{}, nil },
		Moot: func(c *Context, _, to Of[item], attr string) bool {
			return attr == "after" && !c.From.Has(object.ID{Kind: "item", Name: to.V.After})
		},
	}))
	state := func(values map[string]item) *object.State {
		s := object.NewState()
		for name, v := range values {
			if err := s.Add(&object.Object{ID: object.ID{Kind: "item", Name: name}, Value: &v}); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	from := state(map[string]item{"a": {}, "b": {After: "a"}, "c": {After: "b", Size: 1}})
	to := state(map[string]item{"a": {}, "new": {After: "a"}, "b": {After: "new"}, "c": {After: "new", Size: 2}})
	changes, err := set.Diff(from, to)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		text := string(c.Action) + " " + c.ID.Name
		for _, a := range c.Attrs {
			text += " " + a.Name
		}
		got = append(got, text)
	}
	if want := []string{"alter c size", "add new"}; !slices.Equal(got, want) {
		t.Errorf("Diff: got %q, want %q", got, want)
	}
}

package plan

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/object"
)

// What goes along with a dropped object comes back after it, or the drop cannot be undone.
func TestReverseOfDropHoldsItsParts(t *testing.T) {
	view := object.ID{Kind: "view", Name: "v"}
	part := func(kind string, weight int, reverse ...string) *Step {
		id := object.ID{Kind: kind, Table: "v", Name: "x"}
		return &Step{ID: id, Op: Drop, Weight: weight, Into: Ref{Drop, view}, Reverse: reverse, Drops: []object.ID{id}}
	}
	host := &Step{ID: view, Op: Drop, SQL: "DROP VIEW v", Reverse: []string{"CREATE VIEW v"}, Drops: []object.ID{view}}
	for _, x := range []struct {
		parts []*Step
		want  []string
	}{
		{[]*Step{part("index", 2, "CREATE INDEX"), part("comment", 3, "COMMENT")}, []string{"CREATE VIEW v", "CREATE INDEX", "COMMENT"}},
		{[]*Step{part("index", 2, "CREATE INDEX"), part("lost", 3)}, nil},
	} {
		got, err := Order(append(slices.Clone(x.parts), host))
		if err != nil || len(got) != 1 || !slices.Equal(got[0].Reverse, x.want) {
			t.Errorf("got %+v (%v), want %v", got, err, x.want)
		}
	}
}

// What makes a dropped object again is asked for once it is known what goes along.
func TestRemakeSeesTheParts(t *testing.T) {
	table, index := object.ID{Kind: "table", Name: "t"}, object.ID{Kind: "index", Table: "t", Name: "i"}
	host := &Step{ID: table, Op: Drop, SQL: "DROP TABLE t", Drops: []object.ID{table}, Remake: func(parts []*Step) []string {
		out := []string{"CREATE TABLE t"}
		for _, p := range parts {
			out = append(out, "again "+p.ID.Name)
		}
		return out
	}}
	part := &Step{ID: index, Op: Drop, Into: Ref{Drop, table}, Drops: []object.ID{index}}
	got, err := Order([]*Step{part, host})
	if err != nil || len(got) != 1 || !slices.Equal(got[0].Reverse, []string{"CREATE TABLE t", "again i"}) {
		t.Errorf("got %+v (%v)", got, err)
	}
}

package plan

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/object"
)

// TestOrderTakesOnlyTheHeavierStepOutOfALoop has two tables whose foreign keys need a column of each other: the keys
// leave the statements that would carry them, and the columns stay.
func TestOrderTakesOnlyTheHeavierStepOutOfALoop(t *testing.T) {
	id := func(kind, table, name string) object.ID { return object.ID{Kind: kind, Table: table, Name: name} }
	carry := func(_ *Step, _ []*Step) error { return nil }
	var steps []*Step
	for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}} {
		table, other := pair[0], pair[1]
		host := id("table", "", table)
		into := Ref{Op: Create, ID: host}
		steps = append(steps,
			&Step{ID: host, Op: Create, SQL: "create " + table, Makes: []object.ID{host}, Fold: carry, Weight: 1},
			&Step{
				ID: id("column", table, "id"), Op: Create, SQL: "column of " + table, Makes: []object.ID{id("column", table, "id")},
				Needs: []object.ID{host}, Into: into, Weight: 2,
			},
			&Step{
				ID: id("key", table, "fk"), Op: Create, SQL: "key of " + table, Makes: []object.ID{id("key", table, "fk")},
				Needs: []object.ID{host, id("column", other, "id")}, Into: into, Weight: 3,
			})
	}
	ordered, err := Order(steps)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range ordered {
		got = append(got, s.SQL)
	}
	if want := []string{"create a", "create b", "key of a", "key of b"}; !slices.Equal(got, want) {
		t.Errorf("Order: got %q, want %q", got, want)
	}
}

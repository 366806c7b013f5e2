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

// TestOrderKeepsBoundStepsTogether has a key that is replaced in one statement, between a foreign key that goes before it and a
// column that goes after it and could share the foreign key's: the lighter column leaves, as the key's halves are bound.
func TestOrderKeepsBoundStepsTogether(t *testing.T) {
	id := func(kind, name string) object.ID { return object.ID{Kind: kind, Table: "t", Name: name} }
	into := Ref{Op: Alter, ID: object.ID{Kind: "table", Name: "t"}}
	step := func(op Op, kind, name string, weight int, class string) *Step {
		s := &Step{ID: id(kind, name), Op: op, Prefix: "alter ", Clause: string(op) + " " + name, Into: into, Weight: weight, Class: class, Bound: class == "pass"}
		s.SQL = s.Prefix + s.Clause
		if op == Drop {
			s.Drops = []object.ID{s.ID}
		}
		return s
	}
	fk, index, column := step(Drop, "key", "fk", 3, "instant"), step(Drop, "index", "of_fk", 2, "pass"), step(Drop, "column", "c", 1, "instant")
	old, anew := step(Drop, "index", "k", 2, "pass"), step(Create, "index", "k", 2, "pass")
	fk.Releases = []object.ID{index.ID}
	index.Releases, old.Releases = []object.ID{column.ID}, []object.ID{column.ID}
	ordered, err := Order([]*Step{fk, index, column, old, anew})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range ordered {
		got = append(got, s.SQL)
	}
	want := []string{"alter drop fk", "alter drop k,\n  drop of_fk,\n  create k", "alter drop c"}
	if !slices.Equal(got, want) {
		t.Errorf("Order: got %q, want %q", got, want)
	}
}

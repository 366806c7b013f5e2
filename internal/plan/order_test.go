package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/schemactl/schemactl/internal/object"
)

func id(name string) object.ID { return object.ID{Kind: "thing", Name: name} }

func ids(names string) []object.ID {
	var out []object.ID
	for _, n := range strings.Fields(names) {
		out = append(out, id(n))
	}
	return out
}

// create, drop and alter make steps in the terms of the graph.
func create(name, needs string) *Step {
	return &Step{ID: id(name), Op: Create, SQL: "+" + name, Makes: ids(name), Needs: ids(needs), Takes: []string{name}}
}

func drop(name, needed string) *Step {
	return &Step{ID: id(name), Op: Drop, SQL: "-" + name, Drops: ids(name), Releases: ids(needed), Frees: []string{name}}
}

func into(s *Step, op Op, host string) *Step {
	s.Into = Ref{Op: op, ID: id(host)}
	return s
}

func TestOrder(t *testing.T) {
	tests := []struct {
		name  string
		steps []*Step
		want  string
	}{
		{"by name without needs", []*Step{create("b", ""), create("a", "")}, "+a +b"},
		{"make before need", []*Step{create("a", "b"), create("b", "")}, "+b +a"},
		{"drop dependents first", []*Step{drop("a", ""), drop("b", "a")}, "-b -a"},
		{"drop before make of the same name", []*Step{create("a", ""), drop("a", "")}, "-a +a"},
		{"release before drop", []*Step{
			drop("old", ""),
			{ID: id("x"), Op: Alter, SQL: "~x", Makes: ids("x"), Needs: ids("new"), Releases: ids("old")},
			create("new", ""),
		}, "+new ~x -old"},
		{"a part rides with its host", []*Step{create("t", ""), into(create("c", "t"), Create, "t")}, "+t[c]"},
		{"a part leaves its host when it closes a loop", []*Step{
			create("t", ""), into(create("fk_t", "t u"), Create, "t"),
			create("u", ""), into(create("fk_u", "u t"), Create, "u"),
		}, "+t +u +fk_t +fk_u"},
		{"only the part in the loop leaves", []*Step{
			create("t", ""), into(create("c", "t"), Create, "t"), into(create("d", "t f"), Create, "t"), create("f", "t"),
		}, "+t[c] +f +d"},
		{"parts of parts ride along", []*Step{
			create("t", ""), into(create("c", "t"), Create, "t"), into(create("d", "c"), Create, "c"),
		}, "+t[c d]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Order(tt.steps)
			if err != nil {
				t.Fatal(err)
			}
			if s := spell(got); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}

func spell(steps []*Step) string {
	var out []string
	for _, s := range steps {
		word := s.SQL
		if len(s.Parts) > 0 {
			var parts []string
			for _, p := range s.Parts {
				parts = append(parts, p.ID.Name)
			}
			word += "[" + strings.Join(parts, " ") + "]"
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

func TestOrderReportsALoopWithItsPath(t *testing.T) {
	_, err := Order([]*Step{create("a", "b"), create("b", "a")})
	if err == nil || !strings.Contains(err.Error(), "create thing a → create thing b") {
		t.Errorf("got %v", err)
	}
}

func TestOrderJoinsClausesOfOnePrefix(t *testing.T) {
	step := func(name string, seq int) *Step {
		return &Step{
			ID: id(name), Op: Alter, Seq: seq, Prefix: "ALTER t ", Clause: name, SQL: "ALTER t " + name,
			Reverse: []string{"undo " + name}, Into: Ref{Op: Alter, ID: id("t")}, Makes: ids(name),
		}
	}
	got, err := Order([]*Step{step("b", 2), step("a", 3), step("c", 1)})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].SQL != "ALTER t c,\n  b,\n  a" {
		t.Fatalf("got %v", spell(got))
	}
	if want := []string{"undo a", "undo b", "undo c"}; !slices.Equal(got[0].Reverse, want) {
		t.Errorf("reverse: got %q, want %q", got[0].Reverse, want)
	}
}

// A step that carries a part of its own can still share its statement with another.
func TestOrderJoinsClausesOfStepsWithParts(t *testing.T) {
	column := func(name string) *Step {
		s := &Step{ID: id(name), Op: Create, Prefix: "ALTER t ", Clause: name, Into: Ref{Op: Create, ID: id("t")}, Makes: ids(name)}
		s.Fold = func(host *Step, parts []*Step) error {
			for _, p := range parts {
				host.Clause += "=" + p.SQL
			}
			host.SQL = host.Prefix + host.Clause
			return nil
		}
		return s
	}
	value := into(&Step{ID: id("v"), Op: Create, SQL: "1", Makes: ids("v"), Needs: ids("b"), Prefix: "ALTER t ", Clause: "b SET 1"}, Create, "b")
	got, err := Order([]*Step{column("a"), column("b"), value, column("c")})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].SQL != "ALTER t a,\n  b=1,\n  c" {
		t.Fatalf("got %s", spell(got))
	}
}

// TestOrderProperties makes random steps without loops: each need is made before, each claim is free, and the order of
// the input does not matter.
func TestOrderProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "steps")
		var steps []*Step
		for i := range n {
			var needs []string
			for j := range i {
				if rapid.IntRange(0, 4).Draw(t, "need") == 0 {
					needs = append(needs, fmt.Sprint(j))
				}
			}
			if rapid.Bool().Draw(t, "replaced") {
				steps = append(steps, drop(fmt.Sprint(i), strings.Join(needs, " ")))
			}
			s := create(fmt.Sprint(i), strings.Join(needs, " "))
			if len(needs) > 0 && rapid.Bool().Draw(t, "part") {
				s.Into = Ref{Op: Create, ID: id(needs[0])}
			}
			steps = append(steps, s)
		}
		got, err := Order(steps)
		if err != nil {
			t.Fatal(err)
		}
		checkOrder(t, steps, got)
		shuffled := slices.Clone(steps)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, seed)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again, err := Order(shuffled)
		if err != nil {
			t.Fatal(err)
		}
		if spell(got) != spell(again) {
			t.Fatalf("the order of the input shows: %s, %s", spell(got), spell(again))
		}
	})
}

func checkOrder(t *rapid.T, steps, got []*Step) {
	made, dropped := map[object.ID]int{}, map[object.ID]int{}
	for i, s := range got {
		at := made
		if s.Op == Drop {
			at = dropped
		}
		at[s.ID] = i
		for _, p := range s.Parts {
			at[p.ID] = i
		}
	}
	for _, s := range steps {
		if s.Op == Drop {
			for _, r := range s.Releases {
				if d, ok := dropped[r]; ok && d < dropped[s.ID] {
					t.Fatalf("%s is dropped before %s, which needs it", r, s.ID)
				}
			}
			if dropped[s.ID] > made[s.ID] {
				t.Fatalf("%s is made before it is dropped", s.ID)
			}
			continue
		}
		for _, need := range s.Needs {
			if made[need] > made[s.ID] {
				t.Fatalf("%s is made before %s, which it needs", s.ID, need)
			}
		}
	}
}

func TestSegmented(t *testing.T) {
	steps := []*Step{{SQL: "a"}, {SQL: "b", CommitAfter: true}, {SQL: "c"}, {SQL: "d", NoTx: true}, {SQL: "e"}}
	var got []string
	for _, seg := range Segmented(steps) {
		word := spell(seg.Steps)
		if !seg.Transactional {
			word = "!" + word
		}
		got = append(got, word)
	}
	if want := []string{"a b", "c", "!d", "e"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

package kind

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

type thing struct {
	Text string `json:"text"`
	Rows bool   `json:"rows" diff:"-"`
}

// things is a kind whose every change is a replacement and whose objects with data follow what they need.
func things(name string) Kind {
	say := func(verb string) func(*Context, Of[thing]) ([]plan.Step, error) {
		return func(_ *Context, o Of[thing]) ([]plan.Step, error) {
			return []plan.Step{{SQL: verb + " " + o.ID.Name}}, nil
		}
	}
	return Define(Def[thing]{
		Name: name, Rows: func(t *thing) bool { return t.Rows },
		Create: say("create"), Drop: say("drop"),
		Alter: func(_ *Context, _, _ Of[thing], a *Attrs) (plan.Edit, error) {
			a.Take("text")
			return plan.Replace("it cannot be changed"), nil
		},
		Aside: func(_ *Context, o Of[thing]) (rename, remove plan.Step) {
			return plan.Step{SQL: "set aside " + o.ID.Name}, plan.Step{SQL: "remove old " + o.ID.Name}
		},
		Carry: func(_ *Context, _, to Of[thing], anew object.ID) (plan.Edit, error) {
			return plan.InPlace(plan.Step{SQL: "carry " + to.ID.Name + " to new " + anew.Name}), nil
		},
	})
}

func stateOf(t *testing.T, objects ...*object.Object) *object.State {
	t.Helper()
	s := object.NewState()
	for _, o := range objects {
		if err := s.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func planned(t *testing.T, set *Set, from, to *object.State) []string {
	t.Helper()
	changes, err := set.Diff(from, to)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := set.Plan(from, to, changes, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range steps {
		out = append(out, s.SQL)
	}
	return out
}

func named(name, text string, rows bool, needs ...object.ID) *object.Object {
	return &object.Object{ID: object.ID{Kind: "thing", Name: name}, Value: &thing{text, rows}, Needs: needs}
}

// TestAside replaces a base that a second type builds on, with data in both: the old versions stand aside until the
// data has moved, and what holds no data is taken down before and put back after.
func TestAside(t *testing.T) {
	base, built := object.ID{Kind: "thing", Name: "base"}, object.ID{Kind: "thing", Name: "built"}
	state := func(text string) *object.State {
		return stateOf(t,
			named("base", text, false), named("built", "", false, base),
			named("data", "", true, base), named("more", "", true, built), named("view", "", false, base, built))
	}
	got := planned(t, NewSet(things("thing")), state("old"), state("new"))
	want := []string{
		"drop view", "set aside base", "set aside built", "create base", "carry data to new base", "create built",
		"carry more to new built", "create view", "remove old built", "remove old base",
	}
	before := func(a, b string) {
		if i, j := slices.Index(got, a), slices.Index(got, b); i < 0 || j < 0 || i > j {
			t.Errorf("%q must come before %q in %q", a, b, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %q, want the steps %q", got, want)
	}
	before("drop view", "set aside base")
	before("set aside base", "create base")
	before("create base", "carry data to new base")
	before("create base", "create built")
	before("carry data to new base", "remove old base")
	before("carry more to new built", "remove old built")
	before("remove old built", "remove old base")
	before("create built", "create view")
}

// TestRebind takes down and puts back an unchanged object that binds to something else in the desired state.
func TestRebind(t *testing.T) {
	one, two := object.ID{Kind: "thing", Name: "one"}, object.ID{Kind: "thing", Name: "two"}
	from := stateOf(t, named("one", "", false), named("user", "", false, one))
	to := stateOf(t, named("two", "", false), named("user", "", false, two))
	got := planned(t, NewSet(things("thing")), from, to)
	want := []string{"drop user", "drop one", "create two", "create user"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOnce computes once a plan.
func TestOnce(t *testing.T) {
	c, calls := &Context{}, 0
	for range 3 {
		if got := Once(c, "n", func() int { calls++; return calls }); got != 1 {
			t.Errorf("got %d, want 1", got)
		}
	}
}

// TestAndThen adds steps after the creation.
func TestAndThen(t *testing.T) {
	k := things("thing").AndThen(func(*Context, *object.Object) []plan.Step { return []plan.Step{{SQL: "then"}} })
	got := planned(t, NewSet(k), stateOf(t), stateOf(t, named("a", "", false)))
	if want := []string{"create a", "then"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

package object

import (
	"cmp"
	"slices"
	"strings"
)

// Fact is something that a database has besides its objects, or of them, and that no plan changes: a setting of the
// database, the owner of a table. Facts are read only where states are watched, and compared one by one.
type Fact struct {
	Kind string `json:"kind"` // what it is of: "table", "database", "role"
	Name string `json:"name"` // as people read it: "public.users"
	Attr string `json:"attr"`
	// Value is compared as text; a fact that is not there has none.
	Value string `json:"value"`
	// Of is the object that it is of, where the state holds that: it comes and goes with it.
	Of ID `json:"of,omitzero"`
	// Part is the column of that object which it is of, where that is no object of its own.
	Part string `json:"part,omitempty"`
	// Set makes it so, and Unset takes it away again; empty: no statement does.
	Set   string `json:"set,omitempty"`
	Unset string `json:"unset,omitempty"`
	// Tail is how Set ends, where that is the value alone.
	Tail string `json:"tail,omitempty"`
	// Usual marks a value that nobody asked for, such as the owner that the connection gives. A desired state that has it
	// says nothing of it.
	Usual bool `json:"usual,omitempty"`
	// Always marks what every such object has: where a side does not tell it, it was not read.
	Always bool `json:"always,omitempty"`
	// Place marks what every database or server has a value of its own for, such as its owner. Only where both sides are
	// databases, or snapshots of such, the two can be compared.
	Place bool `json:"place,omitempty"`
}

// Key tells facts apart.
func (f Fact) Key() [3]string { return [3]string{f.Kind, f.Name, f.Attr} }

// SortFacts brings facts into their one order.
func SortFacts(facts []Fact) {
	slices.SortStableFunc(facts, func(a, b Fact) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name), strings.Compare(a.Attr, b.Attr))
	})
}

// NameDatabase returns the facts of a live and another state without the fact that names the database, whose name stands
// for mark in statements. The database is there on both sides, whatever else is told of it.
func NameDatabase(live, wanted []Fact, mark string) (have, want []Fact) {
	isName := func(f Fact) bool { return f.Kind == "database" && f.Attr == "name" }
	i := slices.IndexFunc(live, isName)
	if i < 0 {
		return live, wanted
	}
	name := live[i]
	name.Place, name.Value = false, ""
	return named(live, isName, mark, live[i].Value, name), named(wanted, isName, mark, live[i].Value, name)
}

func named(facts []Fact, isName func(Fact) bool, mark, value string, name Fact) []Fact {
	out := slices.DeleteFunc(slices.Clone(facts), isName)
	for i := range out {
		out[i].Set = strings.ReplaceAll(out[i].Set, mark, value)
		out[i].Unset = strings.ReplaceAll(out[i].Unset, mark, value)
	}
	return append(out, name)
}

package engine

import (
	"testing"

	"github.com/schemactl/schemactl/internal/object"
)

// TestUnreadableIsLeftAlone keeps what the current state cannot tell out of plans, with what belongs to it.
func TestUnreadableIsLeftAlone(t *testing.T) {
	id := func(kind, table, name string) object.ID { return object.ID{Kind: kind, Table: table, Name: name} }
	current, desired := object.NewState(), object.NewState()
	current.Ledger = []object.Entry{
		{Kind: "view", Name: "v", Status: object.Unmanaged}, {Kind: "table", Name: "t", Status: object.Unmanaged},
		{Kind: "function", Name: "ignored", Status: object.Ignored}, {Kind: "note", Name: "known", Status: object.Unmanaged},
	}
	for _, o := range []*object.Object{
		{ID: id("view", "", "v")}, {ID: id("table", "", "t")}, {ID: id("column", "t", "c"), Parent: id("table", "", "t")},
		{ID: id("function", "", "ignored")}, {ID: id("view", "", "w")},
	} {
		if err := desired.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	got := withoutUnreadable(current, desired)
	for _, gone := range []object.ID{id("view", "", "v"), id("table", "", "t"), id("column", "t", "c")} {
		if got.Has(gone) {
			t.Errorf("the %s is planned", gone)
		}
	}
	if got.Len() != 2 {
		t.Errorf("%d objects are left", got.Len())
	}
}

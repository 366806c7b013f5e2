package drift

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// beside compares what the ledgers list as unmanaged: what is there on one side only.
func (f *finder) beside() {
	told := factKinds(slices.Concat(f.c.Live.Facts, f.c.Wanted.Facts))
	known := func(string) bool { return true }
	if w, ok := f.c.Dialect.(dialect.Watcher); ok {
		known = func(kind string) bool { return w.Beside(kind, f.sides()) }
	}
	live, wanted := unmanaged(f.c.Live), unmanaged(f.c.Wanted)
	for _, e := range f.c.Live.Ledger {
		id := entryID(e)
		if live[id] && !wanted[id] && !told(e.Kind) && known(e.Kind) {
			f.add(Difference{ID: id, Direction: Extra, Unmanaged: true, Why: e.Reason})
			delete(live, id)
		}
	}
	for _, e := range f.c.Wanted.Ledger {
		id := entryID(e)
		if wanted[id] && !unmanaged(f.c.Live)[id] && !told(e.Kind) && known(e.Kind) {
			f.add(Difference{ID: id, Direction: Missing, Unmanaged: true, Why: e.Reason})
			delete(wanted, id)
		}
	}
}

func entryID(e object.Entry) object.ID { return object.ID{Kind: e.Kind, Name: e.Name} }

func unmanaged(s *object.State) map[object.ID]bool {
	out := map[object.ID]bool{}
	for _, e := range s.Ledger {
		if e.Status == object.Unmanaged {
			out[entryID(e)] = true
		}
	}
	return out
}

// factKinds tells which lines of ledgers are told value by value by facts: those of the same kind, or of a part of it.
func factKinds(facts []object.Fact) func(string) bool {
	kinds := map[string]bool{}
	for _, x := range facts {
		kinds[x.Kind] = true
	}
	return func(kind string) bool {
		first, _, _ := strings.Cut(kind, " ")
		return kinds[kind] || kinds[first] && first == "database"
	}
}

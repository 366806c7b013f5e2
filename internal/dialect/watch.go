package dialect

import "github.com/schemactl/schemactl/internal/object"

// Sides tells what is compared with a live state.
type Sides struct {
	// Place: a database, or a snapshot of one. Otherwise files, which say nothing of what surrounds a schema.
	Place bool
	// Replayed: what migrations lead to, in which things have the order that they have in the databases that ran them.
	Replayed bool
}

// Watcher is a dialect some of whose facts are told by two states together.
type Watcher interface {
	// Watch returns the facts of both states that are to be compared. It changes neither state.
	Watch(live, wanted *object.State, sides Sides) (have, want []object.Fact)
	// Beside reports whether what ledgers list as unmanaged of a kind can be compared: it is no data, and both sides know it.
	Beside(kind string, sides Sides) bool
}

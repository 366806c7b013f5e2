package object

import (
	"fmt"
	"slices"
)

// Status tells why an object of a catalog is not part of a plan.
type Status string

// What the ledger says of an object that is not managed.
const (
	Ignored   Status = "ignored"   // a rule of the user's leaves it alone
	Unmanaged Status = "unmanaged" // schemactl does not manage the kind (yet)
)

// Entry is a line of the ledger: one object that is there and that no plan will touch.
type Entry struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Status Status `json:"status"`
	Reason string `json:"reason,omitempty"` // the rule that ignores it, or what managing it would take
}

// State is the set of objects of one database (or of a part of it), with the ledger of what stands beside them.
type State struct {
	objects map[ID]*Object
	sorted  []*Object // of objects, by ID; nil until asked for
	// Ledger lists what is there but not managed; nothing is left out silently.
	Ledger []Entry
	// Facts are what is there besides the objects, where the state is watched.
	Facts []Fact
	// Notes say what a reader should know of what is managed as it is declared, or cannot be seen.
	Notes []string
}

// NewState makes an empty state.
func NewState() *State { return &State{objects: map[ID]*Object{}} }

// Add puts an object into the state. An ID can be taken once.
func (s *State) Add(o *Object) error {
	if _, taken := s.objects[o.ID]; taken {
		return fmt.Errorf("object %s is defined twice", o.ID)
	}
	s.objects[o.ID] = o
	s.sorted = nil
	return nil
}

// Get returns the object of that ID, or nil.
func (s *State) Get(id ID) *Object { return s.objects[id] }

// Has reports whether the state holds the object.
func (s *State) Has(id ID) bool { return s.objects[id] != nil }

// Len is the number of objects.
func (s *State) Len() int { return len(s.objects) }

// All returns the objects ordered by ID. The slice belongs to the state.
func (s *State) All() []*Object {
	if s.sorted != nil {
		return s.sorted
	}
	out := make([]*Object, 0, len(s.objects))
	for _, o := range s.objects {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *Object) int { return Compare(a.ID, b.ID) })
	s.sorted = out
	return out
}

// Kind returns the objects of one kind, ordered by ID.
func (s *State) Kind(kind string) []*Object {
	var out []*Object
	for id, o := range s.objects {
		if id.Kind == kind {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *Object) int { return Compare(a.ID, b.ID) })
	return out
}

// Children returns a function that lists the objects of a parent, ordered by ID. It indexes the state once.
func (s *State) Children() func(ID) []*Object {
	index := map[ID][]*Object{}
	for _, o := range s.All() {
		if !o.Parent.IsZero() {
			index[o.Parent] = append(index[o.Parent], o)
		}
	}
	return func(id ID) []*Object { return index[id] }
}

// Dependents returns a function that lists the objects that need a given one, ordered by ID.
func (s *State) Dependents() func(ID) []*Object {
	index := map[ID][]*Object{}
	for _, o := range s.All() {
		for _, n := range o.Needs {
			index[n] = append(index[n], o)
		}
	}
	return func(id ID) []*Object { return index[id] }
}

// Filter returns the state without the objects that keep refuses; those go to the ledger with the rule that keep
// names. What belongs to a refused object goes with it, without a line of its own.
func (s *State) Filter(keep func(*Object) (bool, string)) *State {
	out := NewState()
	out.Ledger, out.Notes = slices.Clone(s.Ledger), s.Notes
	refused := map[ID]bool{}
	rules := map[ID]string{}
	for _, o := range s.All() {
		if ok, rule := keep(o); !ok {
			refused[o.ID], rules[o.ID] = true, rule
		}
	}
	for _, o := range s.All() {
		if refused[o.ID] && !s.refusedByAncestor(s.objects[o.Parent], refused) {
			out.Ledger = append(out.Ledger, Entry{Kind: o.ID.Kind, Name: o.ID.Path(), Status: Ignored, Reason: rules[o.ID]})
		}
	}
	for id, o := range s.objects {
		if !s.refusedByAncestor(o, refused) {
			out.objects[id] = o
		}
	}
	out.Facts = slices.DeleteFunc(slices.Clone(s.Facts), func(f Fact) bool {
		return s.refusedByAncestor(s.objects[f.Of], refused)
	})
	return out
}

func (s *State) refusedByAncestor(o *Object, refused map[ID]bool) bool {
	for ; o != nil; o = s.objects[o.Parent] {
		if refused[o.ID] {
			return true
		}
	}
	return false
}

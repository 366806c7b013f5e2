// Package kind says what a kind of object must provide, and holds what works for all kinds alike: the differ, and
// the way from changes to ordered steps. It knows no kind by name and no dialect.
package kind

import (
	"fmt"
	"reflect"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Context is what a kind may look at while it plans: both states as a whole.
type Context struct {
	From, To *object.State
	Policy   Policy

	found map[string]any
	goes  func(object.ID) bool
}

// Goes reports whether an object is dropped, for good or to be made again. It is known when steps are made, not while
// alterations are decided.
func (c *Context) Goes(id object.ID) bool { return c.goes != nil && c.goes(id) }

// Once computes something about both states the first time it is asked for, and keeps it for the plan.
func Once[T any](c *Context, name string, f func() T) T {
	if v, ok := c.found[name]; ok {
		return v.(T)
	}
	v := f()
	if c.found == nil {
		c.found = map[string]any{}
	}
	c.found[name] = v
	return v
}

// Policy is what the user decided on how changes are carried out.
type Policy struct {
	// CreateConcurrently and DropConcurrently keep tables writable while indexes on them come and go.
	CreateConcurrently bool
	DropConcurrently   bool
	// Online says which other changes are split for the same end.
	Online Online
	// Server is what the plan is for.
	Server Server
	// Describes means that the plan writes down a state, for people or for a file: it leaves out what no catalog tells, such
	// as passwords, where a plan that runs could not go on.
	Describes bool
}

// Of is an object with its value in the kind's own type.
type Of[T any] struct {
	*object.Object
	V *T
}

// Def is the typed definition of a kind. T is a struct; its exported fields are the attributes that are compared,
// named by their json tags. A field tagged diff:"-" is carried but not compared; lists tagged diff:"set" are the same in
// whatever order.
type Def[T any] struct {
	Name   string
	Weight int // breaks ties in the order of steps
	// Rows tells which objects hold the user's data: they are never dropped and made again to get at something else.
	// nil: none does.
	Rows func(*T) bool
	// Light objects are no more than a setting: dropping one, such as a default privilege, loses no definition and needs
	// nobody's word.
	Light bool
	// Kept objects stay when the desired state does not declare them, as long as what they belong to stays.
	Kept bool
	// Apart objects do not go with what they belong to by themselves: the server wants them dropped before.
	Apart bool
	// Loose, if set, tells which objects are no difference by themselves: they are only put back when what they belong to
	// is made again.
	Loose func(*T) bool
	// Create makes the object. The planner fills in ID, Op, Makes, Needs, Takes, Pos and Weight of the steps.
	Create func(*Context, Of[T]) ([]plan.Step, error)
	// Alter changes from into to. It must Take every changed attribute; one left over is an error.
	Alter func(*Context, Of[T], Of[T], *Attrs) (plan.Edit, error)
	// Drop removes the object.
	Drop func(*Context, Of[T]) ([]plan.Step, error)
	// Aside, if set, makes it possible to replace the object while others that hold data use it: rename moves the old
	// one out of the way, remove drops it from there once its users have moved over.
	Aside func(*Context, Of[T]) (rename, remove plan.Step)
	// Carry, if set, tells how an object that holds data moves over to a new version of one that it needs, while the
	// old one still stands aside. It returns no steps when the object's own alteration does so anyway.
	Carry func(c *Context, from, to Of[T], anew object.ID) (plan.Edit, error)
	// Equal, if set, decides whether two values differ only cosmetically; it may compare less than all attributes.
	Equal func(from, to *T) bool
	// Moot, if set, tells that a difference in the attribute is none when both states are looked at as a whole: a column
	// that follows another one only because a third was put between or taken away.
	Moot func(c *Context, from, to Of[T], attr string) bool
	// Renews, if set, says why the object can be made only together with a new version of what it belongs to; "": it can
	// be added to the old one.
	Renews func(c *Context, to Of[T]) string
	// Along, if set, lists objects that go when the object does, although it rests on them: the parts of an index. What
	// of them is to be there is made again.
	Along func(c *Context, from Of[T]) []object.ID
}

// Kind is a definition with its type erased.
type Kind struct {
	Name   string
	Weight int

	naming Naming
	checks Checks
	light  bool
	kept   bool
	apart  bool
	rows   func(any) bool
	loose  func(any) bool
	typ    reflect.Type
	create func(*Context, *object.Object) ([]plan.Step, error)
	alter  func(*Context, *object.Object, *object.Object, *Attrs) (plan.Edit, error)
	drop   func(*Context, *object.Object) ([]plan.Step, error)
	aside  func(*Context, *object.Object) (rename, remove plan.Step)
	carry  func(c *Context, from, to *object.Object, anew object.ID) (plan.Edit, error)
	equal  func(from, to any) bool
	moot   func(*Context, *object.Object, *object.Object, string) bool
	along  func(*Context, *object.Object) []object.ID
	renews func(*Context, *object.Object) string
}

// Define erases the type of a definition. It panics when a function is missing: a kind that cannot be created,
// altered or dropped is a broken invariant of the program.
func Define[T any](d Def[T]) Kind {
	if d.Name == "" || d.Create == nil || d.Alter == nil || d.Drop == nil {
		panic("kind " + d.Name + ": incomplete definition")
	}
	k := Kind{
		Name: d.Name, Weight: d.Weight, light: d.Light, kept: d.Kept, apart: d.Apart, typ: reflect.TypeFor[T](),
		create: func(c *Context, o *object.Object) ([]plan.Step, error) { return d.Create(c, of[T](o)) },
		alter: func(c *Context, from, to *object.Object, a *Attrs) (plan.Edit, error) {
			return d.Alter(c, of[T](from), of[T](to), a)
		},
		drop: func(c *Context, o *object.Object) ([]plan.Step, error) { return d.Drop(c, of[T](o)) },
	}
	k.rows = func(any) bool { return false }
	if d.Rows != nil {
		k.rows = func(v any) bool { return d.Rows(v.(*T)) }
	}
	k.loose = func(any) bool { return false }
	if d.Loose != nil {
		k.loose = func(v any) bool { return d.Loose(v.(*T)) }
	}
	if d.Aside != nil {
		k.aside = func(c *Context, o *object.Object) (plan.Step, plan.Step) { return d.Aside(c, of[T](o)) }
	}
	if d.Carry != nil {
		k.carry = func(c *Context, from, to *object.Object, anew object.ID) (plan.Edit, error) {
			return d.Carry(c, of[T](from), of[T](to), anew)
		}
	}
	if d.Equal != nil {
		k.equal = func(from, to any) bool { return d.Equal(from.(*T), to.(*T)) }
	}
	if d.Along != nil {
		k.along = func(c *Context, from *object.Object) []object.ID { return d.Along(c, of[T](from)) }
	}
	if d.Renews != nil {
		k.renews = func(c *Context, to *object.Object) string { return d.Renews(c, of[T](to)) }
	}
	if d.Moot != nil {
		k.moot = func(c *Context, from, to *object.Object, attr string) bool {
			return d.Moot(c, of[T](from), of[T](to), attr)
		}
	}
	return k
}

// AndThen returns the kind with steps that follow the creation of each object.
func (k Kind) AndThen(more func(*Context, *object.Object) []plan.Step) Kind {
	create := k.create
	k.create = func(c *Context, o *object.Object) ([]plan.Step, error) {
		steps, err := create(c, o)
		return append(steps, more(c, o)...), err
	}
	return k
}

func of[T any](o *object.Object) Of[T] { return Of[T]{Object: o, V: o.Value.(*T)} }

// Get returns the object of that ID with its value as T; ok is false when it is missing or of another type.
func Get[T any](s *object.State, id object.ID) (Of[T], bool) {
	o := s.Get(id)
	if o == nil {
		return Of[T]{}, false
	}
	v, ok := o.Value.(*T)
	return Of[T]{Object: o, V: v}, ok
}

// New makes an empty value of the kind.
func (k Kind) New() any { return reflect.New(k.typ).Interface() }

// Set is the kinds of one dialect.
type Set struct {
	kinds   map[string]Kind
	names   []string
	arrange func(*Context, []*plan.Step)
	untie   func(from, to *object.State) (*object.State, *object.State)
}

// Untied returns the set with a function that gives objects which have something through others, and a plan that cuts such
// a tie, what they have as objects of their own: in both states, as it is while the tie is cut.
func (s *Set) Untied(f func(from, to *object.State) (*object.State, *object.State)) *Set {
	s.untie = f
	return s
}

// Untie returns the states that a way between two others is planned on.
func (s *Set) Untie(from, to *object.State) (*object.State, *object.State) {
	if s.untie == nil {
		return from, to
	}
	return s.untie(from, to)
}

// Arrange returns the set with a function that sees all steps before they are ordered, and decides which of them may
// share a statement.
func (s *Set) Arrange(f func(*Context, []*plan.Step)) *Set {
	s.arrange = f
	return s
}

// NewSet makes a set; two kinds of one name are a broken invariant of the program.
func NewSet(kinds ...Kind) *Set {
	s := &Set{kinds: make(map[string]Kind, len(kinds))}
	for _, k := range kinds {
		if _, taken := s.kinds[k.Name]; taken {
			panic("kind " + k.Name + ": defined twice")
		}
		s.kinds[k.Name] = k
		s.names = append(s.names, k.Name)
	}
	return s
}

// Names lists the kinds in the order of their definition.
func (s *Set) Names() []string { return s.names }

// Get returns the kind of that name.
func (s *Set) Get(name string) (Kind, bool) {
	k, ok := s.kinds[name]
	return k, ok
}

// NewValue makes an empty value for snapshots; ok is false for a kind that the set does not know.
func (s *Set) NewValue(name string) (any, bool) {
	k, ok := s.kinds[name]
	if !ok {
		return nil, false
	}
	return k.New(), true
}

func (s *Set) of(o *object.Object) (Kind, error) {
	k, ok := s.kinds[o.ID.Kind]
	if !ok {
		return Kind{}, fmt.Errorf("internal error: %s is of a kind that nobody plans", o.ID)
	}
	return k, nil
}

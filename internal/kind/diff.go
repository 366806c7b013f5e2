package kind

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// Action is what a change does to an object.
type Action string

// The actions. Replace is an alteration that the planner carries out by dropping and making again; Renamed gives the
// object another name, besides what else it alters.
const (
	Add     Action = "add"
	Alter   Action = "alter"
	Drop    Action = "drop"
	Replace Action = "replace"
	Renamed Action = "rename"
)

// Change is one difference between two states.
type Change struct {
	Action Action
	ID     object.ID
	From   *object.Object // nil when added
	To     *object.Object // nil when dropped
	Attrs  []Attr         // what differs, when altered
	Reason string         // why a replacement is needed, or which other change asks for it
	// RenamedFrom is what a renamed object is called until then.
	RenamedFrom object.ID
}

// Attr is one attribute that differs.
type Attr struct {
	Name string `json:"name"`
	From any    `json:"from"`
	To   any    `json:"to"`
}

// Attrs hands the changed attributes of an object to its kind and keeps count of those that were dealt with.
type Attrs struct {
	list  []Attr
	taken map[string]bool
}

// NewAttrs makes the set for a list of differences.
func NewAttrs(list []Attr) *Attrs { return &Attrs{list: list, taken: map[string]bool{}} }

// Take reports whether any of the named attributes changed, and marks them as dealt with.
func (a *Attrs) Take(names ...string) bool {
	found := false
	for _, name := range names {
		a.taken[name] = true
		found = found || a.Has(name)
	}
	return found
}

// Has reports whether the attribute changed, without dealing with it.
func (a *Attrs) Has(name string) bool {
	for _, x := range a.list {
		if x.Name == name {
			return true
		}
	}
	return false
}

// Left lists the changed attributes that nobody took.
func (a *Attrs) Left() []string {
	var out []string
	for _, x := range a.list {
		if !a.taken[x.Name] {
			out = append(out, x.Name)
		}
	}
	return out
}

// Diff lists what must change to bring from to to, ordered by ID.
func (s *Set) Diff(from, to *object.State) ([]Change, error) {
	from, to = s.Untie(from, to)
	out := make([]Change, 0, max(0, to.Len()-from.Len())) // there are at least so many
	ctx := &Context{From: from, To: to}
	for _, o := range from.All() {
		if !to.Has(o.ID) && !s.isLoose(o) {
			out = append(out, Change{Action: Drop, ID: o.ID, From: o})
		}
	}
	for _, want := range to.All() {
		if s.isLoose(want) {
			continue
		}
		have := from.Get(want.ID)
		if have == nil {
			out = append(out, Change{Action: Add, ID: want.ID, To: want})
			continue
		}
		k, err := s.of(want)
		if err != nil {
			return nil, err
		}
		if attrs := k.differences(ctx, have, want); len(attrs) > 0 {
			out = append(out, Change{Action: Alter, ID: want.ID, From: have, To: want, Attrs: attrs})
		}
	}
	return out, nil
}

// isLoose reports whether the object is no difference by itself.
func (s *Set) isLoose(o *object.Object) bool {
	k, ok := s.kinds[o.ID.Kind]
	return ok && k.loose(o.Value)
}

// Keep returns the desired state with what stays although it is not declared.
func (s *Set) Keep(current, desired *object.State) (*object.State, error) {
	var kept []*object.Object
	for _, o := range current.All() {
		if k := s.kinds[o.ID.Kind]; k.kept && !k.loose(o.Value) && !desired.Has(o.ID) && desired.Has(o.Parent) {
			kept = append(kept, o)
		}
	}
	if len(kept) == 0 {
		return desired, nil
	}
	out := object.NewState()
	out.Ledger = desired.Ledger
	for _, o := range slices.Concat(desired.All(), kept) {
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// differences lists the attributes of an object that differ and matter.
func (k Kind) differences(ctx *Context, from, to *object.Object) []Attr {
	attrs := k.diff(from.Value, to.Value)
	if k.moot == nil {
		return attrs
	}
	return slices.DeleteFunc(attrs, func(a Attr) bool { return k.moot(ctx, from, to, a.Name) })
}

// diff compares two values of the kind attribute by attribute.
func (k Kind) diff(from, to any) []Attr {
	if k.equal != nil && k.equal(from, to) {
		return nil
	}
	a, b := reflect.ValueOf(from).Elem(), reflect.ValueOf(to).Elem()
	if a.Type() != b.Type() {
		panic(fmt.Sprintf("kind %s: values of types %s and %s", k.Name, a.Type(), b.Type()))
	}
	return diffStruct(a, b)
}

func diffStruct(a, b reflect.Value) []Attr {
	var out []Attr
	for i := range a.NumField() {
		f := a.Type().Field(i)
		if f.Tag.Get("diff") == "-" {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			out = append(out, diffStruct(a.Field(i), b.Field(i))...)
			continue
		}
		if x, y := a.Field(i), b.Field(i); !equalValues(x, y) && (f.Tag.Get("diff") != "set" || !sameMembers(x, y)) {
			out = append(out, Attr{Name: attrName(f), From: x.Interface(), To: y.Interface()})
		}
	}
	return out
}

func equalValues(x, y reflect.Value) bool {
	if x.Comparable() && x.Kind() != reflect.Pointer && x.Kind() != reflect.Interface {
		return x.Equal(y)
	}
	if x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(x.Interface(), y.Interface())
}

// sameMembers reports whether two lists of texts hold the same, in whatever order.
func sameMembers(x, y reflect.Value) bool {
	a, b := slices.Clone(x.Interface().([]string)), slices.Clone(y.Interface().([]string))
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func attrName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		return strings.ToLower(f.Name)
	}
	return name
}

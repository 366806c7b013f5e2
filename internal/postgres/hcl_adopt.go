package postgres

import (
	"regexp"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.HCLAdopter = Dialect{}

// AdoptHCL takes over what Atlas's HCL does not tell apart: a precision of 6, which times have anyway, the name of an
// identity's sequence, and a unique index that belongs to a constraint, which Atlas wrote down as an index.
func (Dialect) AdoptHCL(current, desired *object.State) *object.State {
	instead := map[object.ID]*object.Object{}
	children := desired.Children()
	for _, o := range desired.All() {
		var live *object.Object
		switch v := o.Value.(type) {
		case *Column:
			live = sameColumn(current, o, v)
		case *Extension:
			live = sameExtension(current, desired, o, v)
		case *Index:
			if len(children(o.ID)) == 0 {
				live = uniqueOf(current, desired, o, v)
			}
		}
		if live != nil {
			instead[o.ID] = live
		}
	}
	if len(instead) == 0 {
		return desired
	}
	out := object.NewState()
	out.Ledger = desired.Ledger
	for _, o := range desired.All() {
		_ = out.Add(replaced(o, instead)) // the IDs are those of desired, or such as it does not hold
	}
	return out
}

// replaced is the object, or what stands for it, with its needs following.
func replaced(o *object.Object, instead map[object.ID]*object.Object) *object.Object {
	c := *o
	if live := instead[o.ID]; live != nil {
		c.ID, c.Value, c.Claims = live.ID, live.Value, live.Claims
	}
	c.Needs = slices.Clone(o.Needs)
	for i, n := range c.Needs {
		if live := instead[n]; live != nil {
			c.Needs[i] = live.ID
		}
	}
	return &c
}

var timePrecision6 = regexp.MustCompile(`^(time|timestamp|interval(?: [a-z ]*second)?)\(6\)`)

// sameColumn is the column with the live one's type, where the two differ in a precision of 6 only, and with the name
// that the live identity's sequence has, where HCL gives it none.
func sameColumn(current *object.State, o *object.Object, v *Column) *object.Object {
	live, ok := kind.Get[Column](current, o.ID)
	if !ok {
		return nil
	}
	column, c := *v, *o
	if timePrecision6.ReplaceAllString(live.V.Type, "$1") == timePrecision6.ReplaceAllString(v.Type, "$1") {
		column.Type = live.V.Type
	}
	if v.Identity.Generated != "" && v.Identity.Sequence == "" && live.V.Identity.Sequence != "" {
		column.Identity.Sequence, c.Claims = live.V.Identity.Sequence, live.Claims
	}
	if column.Type == v.Type && column.Identity == v.Identity {
		return nil
	}
	c.Value = &column
	return &c
}

// uniqueOf is the live constraint that holds what the index asks for under its name.
func uniqueOf(current, desired *object.State, o *object.Object, x *Index) *object.Object {
	id := o.ID
	id.Kind = "unique"
	live, ok := kind.Get[Constraint](current, id)
	columns, plain := x.columns()
	for _, p := range x.Parts {
		plain = plain && p == IndexPart{Column: p.Column}
	}
	if !ok || !plain || desired.Has(id) || !x.Unique || x.Method != "btree" || x.Where != "" || len(x.Options) > 0 || x.Tablespace != "" ||
		x.Clustered || x.NullsNotDistinct != live.V.NullsNotDistinct || !slices.Equal(columns, live.V.Columns) || !slices.Equal(x.Include, live.V.Include) {
		return nil
	}
	return live.Object
}

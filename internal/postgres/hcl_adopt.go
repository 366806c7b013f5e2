package postgres

import (
	"regexp"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.HCLAdopter = Dialect{}

// AdoptHCL takes over what Atlas's HCL does not tell apart: a precision of 6, which times have anyway, and a unique
// index that belongs to a constraint, which Atlas wrote down as an index.
func (Dialect) AdoptHCL(current, desired *object.State) *object.State {
	instead := map[object.ID]*object.Object{}
	children := desired.Children()
	for _, o := range desired.All() {
		var live *object.Object
		switch v := o.Value.(type) {
		case *Column:
			live = samePrecision(current, o, v)
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

// samePrecision is the column with the live one's type, where the two differ in a precision of 6 only.
func samePrecision(current *object.State, o *object.Object, v *Column) *object.Object {
	live, ok := kind.Get[Column](current, o.ID)
	if !ok || live.V.Type == v.Type || timePrecision6.ReplaceAllString(live.V.Type, "$1") != timePrecision6.ReplaceAllString(v.Type, "$1") {
		return nil
	}
	column, c := *v, *o
	column.Type = live.V.Type
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

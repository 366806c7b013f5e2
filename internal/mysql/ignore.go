package mysql

import (
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Ignorer = Dialect{}

// columnOrder is the order of the columns in a table.
const columnOrder = "column-order"

// Ignorable lists what can be left as it is.
func (Dialect) Ignorable() []string { return []string{columnOrder} }

// Ignore leaves columns in the order that they have, and puts new ones at the end.
func (Dialect) Ignore(current, desired *object.State, sorts []string) *object.State {
	if !slices.Contains(sorts, columnOrder) {
		return desired
	}
	placed := map[object.ID]*object.Object{} // what stands elsewhere now
	for _, o := range desired.Kind("table") {
		live, ok := valueOf[Table](current, o.ID)
		t := o.Value.(*Table)
		if !ok || slices.Equal(live.Columns, t.Columns) {
			continue
		}
		ordered := *t
		ordered.Columns = inOrderOf(live.Columns, t.Columns)
		c := *o
		c.Value = &ordered
		placed[o.ID] = &c
		placeColumns(desired, o.ID, ordered.Columns, placed)
	}
	if len(placed) == 0 {
		return desired
	}
	out := object.NewState()
	out.Ledger, out.Notes = desired.Ledger, desired.Notes
	for _, o := range desired.All() {
		if c := placed[o.ID]; c != nil {
			o = c
		}
		_ = out.Add(o) // the IDs are those of desired
	}
	return out
}

// inOrderOf lists the wanted names that another list has in its order, and then the others.
func inOrderOf(order, wanted []string) []string {
	var out []string
	for _, name := range order {
		if slices.Contains(wanted, name) {
			out = append(out, name)
		}
	}
	for _, name := range wanted {
		if !slices.Contains(order, name) {
			out = append(out, name)
		}
	}
	return out
}

// placeColumns gives the columns of a table the places that they have in a list.
func placeColumns(s *object.State, table object.ID, names []string, placed map[object.ID]*object.Object) {
	after := ""
	for i, name := range names {
		o := s.Get(columnID(table, name))
		if o == nil {
			continue
		}
		column, c := *o.Value.(*Column), *o
		column.After, column.Position = after, i+1
		c.Value = &column
		placed[o.ID] = &c
		after = name
	}
}

package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A typed table (CREATE TABLE … OF) has the columns of a composite type, and may not change them by itself. They are its own
// objects all the same: it is let go of the type (NOT OF) while they and the attributes change, each in its own way, and is
// made one of the type again (OF) when both are alike. So its rows stay, whatever the type becomes.

// isTyped reports whether a table is made after a type.
func isTyped(s *object.State, table object.ID) bool {
	t, ok := kind.Get[Table](s, table)
	return ok && t.V.OfType != ""
}

// comesWithType reports whether the columns of a table come with its type when it is made.
func comesWithType(c *kind.Context, table object.ID) bool {
	return isTyped(c.To, table) && (!c.From.Has(table) || c.Goes(table))
}

// typeOf is the type that a table is made after, where that is an object of the state.
func (t *Table) typeOf(s *object.State) (kind.Of[Composite], bool) {
	schema, name, ok := splitQualified(t.OfType)
	if !ok {
		return kind.Of[Composite]{}, false
	}
	return kind.Get[Composite](s, object.ID{Kind: "composite", Schema: schema, Name: name})
}

// typedOnes tells of the tables that are made after a type what columns they have before and after a plan.
type typedOnes struct {
	from, to *object.State
	columns  map[object.ID][2][]kind.Of[Column]
}

// typedTables finds them; it is nil where there are none.
func typedTables(from, to *object.State) *typedOnes {
	var out *typedOnes
	states := [2]*object.State{from, to}
	for _, s := range states {
		for _, o := range s.Kind("table") {
			if o.Value.(*Table).OfType != "" && from.Has(o.ID) && to.Has(o.ID) {
				if out == nil {
					out = &typedOnes{from: from, to: to, columns: map[object.ID][2][]kind.Of[Column]{}}
				}
				out.columns[o.ID] = [2][]kind.Of[Column]{}
			}
		}
	}
	if out == nil {
		return nil
	}
	for i, s := range states {
		for _, o := range s.Kind("column") {
			if both, is := out.columns[o.Parent]; is {
				both[i] = append(both[i], kind.Of[Column]{Object: o, V: o.Value.(*Column)})
				out.columns[o.Parent] = both
			}
		}
	}
	for table := range out.columns {
		for i := range states {
			slices.SortFunc(out.columns[table][i], func(a, b kind.Of[Column]) int { return a.V.Position - b.V.Position })
		}
	}
	return out
}

// retyped reports whether a table must let go of its type: for good, for another one, or because it changes.
func (t *typedOnes) retyped(table object.ID) bool {
	if t == nil {
		return false
	}
	columns, is := t.columns[table]
	if !is {
		return false
	}
	a, _ := kind.Get[Table](t.from, table)
	b, _ := kind.Get[Table](t.to, table)
	if a.V.OfType != b.V.OfType || len(columns[0]) != len(columns[1]) {
		return true
	}
	return slices.ContainsFunc(columns[0], func(x kind.Of[Column]) bool {
		y, stays := kind.Get[Column](t.to, x.ID)
		return !stays || x.V.Type != y.V.Type || x.V.Collation != y.V.Collation || remadeColumn(t.from, t.to, x.Object)
	})
}

// likeItsType reports whether the columns of a table stand in the order of the attributes of the type that it is to have: what
// stays keeps its place in both, and what is new comes last.
func likeItsType(from, to *object.State, table kind.Of[Table]) bool {
	was, _ := kind.Get[Table](from, table.ID)
	if was.V.OfType == table.V.OfType {
		return true // made again, the type keeps the order, too
	}
	columns := typedTables(from, to).columns[table.ID]
	names := func(i int) []string {
		var out []string
		for _, c := range columns[i] {
			out = append(out, c.ID.Name)
		}
		return out
	}
	of, known := table.V.typeOf(to)
	if !known {
		return slices.Equal(inOrder(names(0), names(1)), names(1))
	}
	return slices.Equal(inOrder(names(0), names(1)), of.V.inOrderOf(from, of.ID))
}

// inOrderOf lists the names of the attributes as they stand when the type has become this one.
func (v *Composite) inOrderOf(from *object.State, id object.ID) []string {
	was, ok := kind.Get[Composite](from, id)
	if !ok {
		return v.names()
	}
	return inOrder(was.V.names(), v.names())
}

func (v *Composite) names() []string {
	var out []string
	for _, f := range v.Fields {
		out = append(out, f.Name)
	}
	return out
}

// inOrder lists the names in want, those in have first and in their order.
func inOrder(have, want []string) []string {
	out := slices.DeleteFunc(slices.Clone(have), func(n string) bool { return !slices.Contains(want, n) })
	for _, n := range want {
		if !slices.Contains(have, n) {
			out = append(out, n)
		}
	}
	return out
}

// typedColumnSteps set up a column that comes with the type of a new table.
func typedColumnSteps(c *kind.Context, col kind.Of[Column]) []plan.Step {
	var steps []plan.Step
	if col.V.NotNull && !col.V.NotNullAs.NotValid {
		step := alterColumnStep(col.ID, "SET NOT NULL", "DROP NOT NULL")
		step.Prefix, step.Clause = "", ""
		step.Into = plan.Ref{Op: plan.Create, ID: col.Parent}
		steps = append(steps, step)
	}
	if col.V.Compression != "" {
		steps = append(steps, alterColumnStep(col.ID, "SET COMPRESSION "+col.V.Compression, "SET COMPRESSION default"))
	}
	steps = append(append(steps, newNotNullSteps(col.ID, col.V.NotNullAs)...), columnSettings(c, col)...)
	for i := range steps {
		steps[i].Seq = col.V.Position
	}
	return steps
}

// typedBody lists what a new typed table has beside its type: options of its columns, and constraints.
func typedBody(to *object.State, table object.ID, parts []*plan.Step) string {
	options := map[string]string{}
	var columns []kind.Of[Column]
	for _, p := range parts {
		col, ok := kind.Get[Column](to, columnID(table, p.ID.Name))
		if !ok || p.ID.Kind != "column" && p.ID.Kind != "default" {
			continue
		}
		if _, seen := options[col.ID.Name]; !seen {
			columns = append(columns, col)
		}
		if d, isDefault := kind.Get[Default](to, p.ID); isDefault {
			options[col.ID.Name] += " DEFAULT " + d.V.Expr
		} else {
			options[col.ID.Name] += toggle(col.V.NotNullAs.Name != "", " CONSTRAINT "+ident(col.V.NotNullAs.Name), "") + " NOT NULL"
		}
	}
	slices.SortFunc(columns, func(a, b kind.Of[Column]) int { return a.V.Position - b.V.Position })
	var out []string
	for _, c := range columns {
		out = append(out, ident(c.ID.Name)+" WITH OPTIONS"+options[c.ID.Name])
	}
	if rest := partitionBody(to, parts); rest != "" {
		out = append(out, rest)
	}
	return strings.Join(out, ",\n  ")
}

// leaveType lets a table go of the type that it has.
func leaveType(c *kind.Context, from, to kind.Of[Table]) []plan.Step {
	if !tiesOf(c)[to.ID].retyped || from.V.OfType == "" {
		return nil
	}
	step := alterTableStep(to.ID, "NOT OF", "OF "+from.V.OfType, "let "+to.ID.String()+" go of its type "+from.V.OfType)
	if of, ok := from.V.typeOf(c.From); ok {
		step.Releases = []object.ID{of.ID}
	}
	return []plan.Step{step}
}

// joinType makes a table one of the type that it is to have.
func joinType(c *kind.Context, _, to kind.Of[Table]) []plan.Step {
	if !tiesOf(c)[to.ID].retyped || to.V.OfType == "" {
		return nil
	}
	return []plan.Step{alterTableStep(to.ID, "OF "+to.V.OfType, "NOT OF", "make "+to.ID.String()+" one of the type "+to.V.OfType)}
}

// formerTypes adds to former the tables that a type must have let go before it changes.
func formerTypes(c *kind.Context, former map[object.ID][]object.ID) {
	for _, o := range c.From.Kind("table") {
		t := o.Value.(*Table)
		if t.OfType == "" || !tiesOf(c)[o.ID].retyped && !c.Goes(o.ID) {
			continue
		}
		if of, ok := t.typeOf(c.From); ok {
			former[of.ID] = append(former[of.ID], o.ID)
		}
	}
}

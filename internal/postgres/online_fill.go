package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A column with a default that differs from row to row makes the server write the whole table anew under the strongest
// lock (PostgreSQL manual, "ALTER TABLE", Notes). Split, the column is added empty, gets the default for rows to come, and
// the rows that are there are filled in batches. Until they are, a check that always holds marks the column, so that a
// later plan goes on where this one was cut off.

// fillsLater reports whether the rows of a table in use get the default of a new column afterwards.
func fillsLater(c *kind.Context, column object.ID) bool {
	col, ok := kind.Get[Column](c.To, column)
	def, has := kind.Get[Default](c.To, defaultID(column))
	if !ok || !has || c.From.Has(column) || col.V.Generated != "" || col.V.Identity.Generated != "" || !c.Splits(col.Parent, wayFill) {
		return false
	}
	_, inherited := inheritsColumn(c.From, column, col.Parent)
	return !inherited && differsByRow(c, def.V.Expr)
}

// differsByRow reports whether a default calls a function that is volatile.
func differsByRow(c *kind.Context, expr string) bool {
	tokens := tokensOf(expr)
	for i, t := range tokens {
		if t.Name() && i+1 < len(tokens) && tokens[i+1].Is("(") && (slices.Contains(volatileFunctions, t.Text) || volatileRoutines(c)[t.Text]) {
			return true
		}
	}
	return false
}

// volatileRoutines are the names of those of the desired state.
func volatileRoutines(c *kind.Context) map[string]bool {
	return kind.Once(c, "volatile routines", func() map[string]bool {
		out := map[string]bool{}
		for _, o := range c.To.Kind("function") {
			if f, ok := o.Value.(*Routine); ok && f.Volatility == "" {
				name, _, _ := strings.Cut(o.ID.Name, "(")
				out[name] = true
			}
		}
		return out
	})
}

// emptyColumn adds the column without what its rows do not have yet.
func emptyColumn(col kind.Of[Column]) (plan.Step, error) {
	empty := *col.V
	empty.NotNull, empty.NotNullAs = false, NotNull{}
	step, err := addColumnStep(kind.Of[Column]{Object: col.Object, V: &empty}, "")
	step.Class, step.Pace = wayFill, plan.Brief
	return split(wayFill, step)[0], err
}

// fillSteps complete an empty column: set is the step that sets its default.
func fillSteps(c *kind.Context, column object.ID, set plan.Step) []plan.Step {
	col, _ := kind.Get[Column](c.To, column)
	added := plan.Ref{Op: plan.Create, ID: column} // all that a later plan must find is one statement
	set.Into, set.Class, set.Pace, set.UndoneAlong = added, wayFill, plan.Brief, true
	marker := freeConstraint(c, column, unfilled)
	add := "ADD CONSTRAINT " + ident(marker) + " CHECK (" + ident(column.Name) + " IS NOT NULL OR true) NOT VALID"
	mark := plan.Step{
		Prefix: set.Prefix, Clause: add, SQL: set.Prefix + add, Comment: "mark column " + column.Path() + " as not filled",
		Into: added, Class: wayFill, Pace: plan.Brief, UndoneAlong: true,
	}
	steps := split(wayFill, append([]plan.Step{set, mark}, filledSteps(column, marker)...)...)
	steps[0].Why = "" // the one that adds the column has said it
	if col.V.NotNull && !col.V.NotNullAs.NotValid {
		steps = append(steps, splitNotNull(c, col)...)
	}
	if n := col.V.NotNullAs; n.Comment != "" {
		steps = append(steps, commentNotNull(column, n.name(column), "", n.Comment))
	}
	steps[len(steps)-1].Completes = []object.ID{column}
	return steps
}

// filledSteps fill the rows of a column and take its mark away.
func filledSteps(column object.ID, marker string) []plan.Step {
	name := ident(column.Name)
	return []plan.Step{
		{
			SQL:     "UPDATE " + tableOf(column) + " SET " + name + " = DEFAULT WHERE " + name + " IS NULL " + dialect.BatchMark,
			Comment: "fill column " + column.Path() + " in batches", Op: plan.Alter,
			NoTx: true, Data: true, Pace: plan.Slow, UndoneAlong: true,
		},
		{
			SQL:     "ALTER TABLE " + tableOf(column) + " DROP CONSTRAINT " + ident(marker),
			Comment: "take the mark of column " + column.Path() + " away", Op: plan.Alter,
			Pace: plan.Brief, UndoneAlong: true, Frees: []string{fillClaim(column)},
		},
	}
}

// unfilled ends the name of the check that marks a column whose rows are not filled.
const unfilled = "unfilled"

// isUnfilled returns the column that a check marks.
func isUnfilled(k kind.Of[Constraint]) (column object.ID, ok bool) {
	if k.ID.Kind != "check" || !k.V.NotValid || !strings.Contains(k.ID.Name, "_"+unfilled) ||
		!strings.HasSuffix(k.V.Def, " IS NOT NULL) OR true))") || len(k.V.Columns) != 1 {
		return column, false
	}
	return columnID(tableID(k.ID), k.V.Columns[0]), true
}

// goOnFilling drops the mark of a column once its rows are filled; nil: the check is none, or there is nothing to fill.
func goOnFilling(c *kind.Context, k kind.Of[Constraint]) []plan.Step {
	column, ok := isUnfilled(k)
	if !ok || !c.To.Has(column) || !c.To.Has(defaultID(column)) {
		return nil
	}
	steps := split(wayFill, filledSteps(column, k.ID.Name)...)
	steps[0].Why = "an earlier run was cut off before all rows had the default of the column"
	return steps
}

// isMarked reports whether rows of a column still are to be filled.
func isMarked(from *object.State, column object.ID) bool {
	return slices.ContainsFunc(from.Kind("check"), func(o *object.Object) bool {
		k, ok := kind.Get[Constraint](from, o.ID)
		if !ok {
			return false
		}
		marked, ok := isUnfilled(k)
		return ok && marked == column
	})
}

// fillClaim holds NOT NULL back until the rows of a column are filled.
func fillClaim(column object.ID) string { return "rows of " + column.String() }

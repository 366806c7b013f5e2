package mysql

import (
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// addComputed adds a column in place of a virtual one, with what that computed: a default is computed for each row that is
// there. Then the column gets its own. Where the expression reads what no default may, or what goes, its values are lost.
func addComputed(c *kind.Context, from, col kind.Of[Column], add plan.Step) ([]plan.Step, error) {
	if !readsOnlyWhatStays(c, from) {
		add.Loses = "what column " + col.ID.Path() + " computed"
		return []plan.Step{add}, nil
	}
	filled := kind.Of[Column]{Object: col.Object, V: new(Column)}
	*filled.V = *col.V
	filled.V.Default = "(" + from.V.Generated + ")"
	first, err := addStep(c, filled)
	if err != nil {
		return nil, err
	}
	if col.V.unsafeDefault() {
		last, err := modifyUnsafe(c, filled, col, false)
		return append([]plan.Step{first}, last...), err
	}
	// Not with ALTER COLUMN … DROP DEFAULT, which leaves a column without even NULL: an INSERT has to name it then.
	last, err := modifyStep(c, filled, col, false)
	last.Prefix, last.Clause, last.Into = "", "", plan.Ref{}
	last.Comment = "set the default of column " + col.ID.Path()
	return []plan.Step{first, last}, err
}

// readsOnlyWhatStays reports whether an expression that computed a column can be a default: generated columns and counters
// are not read by defaults (MySQL manual, "Data Type Default Values").
func readsOnlyWhatStays(c *kind.Context, computed kind.Of[Column]) bool {
	for _, id := range computed.Needs {
		from, ok := kind.Get[Column](c.From, id)
		if !ok {
			continue
		}
		to, stays := kind.Get[Column](c.To, id)
		if !stays || to.V.Generated != "" || from.V.Generated != "" || to.V.AutoIncrement {
			return false
		}
	}
	return true
}

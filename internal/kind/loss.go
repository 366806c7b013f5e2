package kind

import "github.com/schemactl/schemactl/internal/plan"

// Loss is what a change of type throws away of values that the server takes without an error. The zero value: nothing.
type Loss struct {
	What string // "the fractions"; of column … follows
	// Mild means that what the values say stays, except in the rows that the query finds: it needs a word only for those.
	Mild bool
	// Rows is the condition under which the value x is another afterwards; "": no condition tells.
	Rows func(x string) string
}

// Untold is the query of a loss of which no condition tells.
func Untold(string) string { return "" }

// Tell writes the loss into the step that changes the column.
func (l Loss) Tell(step *plan.Step, column string) {
	switch {
	case l.What == "":
	case l.Mild:
		step.MayChange = l.What + " of column " + column
	default:
		step.Loses = l.What + " of column " + column
	}
}

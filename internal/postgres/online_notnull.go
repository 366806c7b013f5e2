package postgres

import (
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// splitNotNull makes a column of a table in use NOT NULL: the rows that are there are checked in a transaction of its own,
// which locks out no reader and no writer. From version 18 on the server keeps the constraint; before it takes a check
// that holds for its proof (PostgreSQL manual, "ALTER TABLE", SET NOT NULL).
func splitNotNull(c *kind.Context, col kind.Of[Column]) []plan.Step {
	id, n := col.ID, col.V.NotNullAs
	what := "NOT NULL of column " + id.Path()
	if c.Policy.Server.AtLeast([3]int{18, 0, 0}) {
		valid := n
		n.NotValid = true
		add := notNullAlone(id, n.clause(id), "ALTER COLUMN "+ident(id.Name)+" DROP NOT NULL")
		add.Pace, add.Comment = plan.Brief, "add "+what+", for rows to come"
		return split(wayNotNull, add, validateStep(id, valid.name(id), what))
	}
	proof := freeConstraint(c, id, "filled")
	add := notNullAlone(id, "ADD CONSTRAINT "+ident(proof)+" CHECK ("+ident(id.Name)+" IS NOT NULL) NOT VALID", "DROP CONSTRAINT IF EXISTS "+ident(proof))
	add.Pace, add.Comment = plan.Brief, "add a check that stands for "+what+", for rows to come"
	set := notNullAlone(id, "ALTER COLUMN "+ident(id.Name)+" SET NOT NULL", "ALTER COLUMN "+ident(id.Name)+" DROP NOT NULL")
	set.Pace, set.Comment = plan.Brief, "make column "+id.Path()+" NOT NULL, which the check proves"
	drop := notNullAlone(id, "DROP CONSTRAINT "+ident(proof), "")
	drop.Pace, drop.Comment, drop.UndoneAlong = plan.Brief, "drop the check", true
	return split(wayNotNull, add, validateStep(id, proof, what), set, drop)
}

package postgres

import (
	"cmp"
	"slices"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// NotNull is what the constraint behind a NOT NULL column has beyond the usual, from PostgreSQL 18 on, which keeps these
// in pg_constraint.
type NotNull struct {
	Name      string `json:"name,omitempty"` // where it is not the one that the server makes up
	NotValid  bool   `json:"not_valid,omitempty"`
	NoInherit bool   `json:"no_inherit,omitempty"`
	Comment   string `json:"comment,omitempty"`
}

// notNullName is the name that the server makes up.
func notNullName(column object.ID) string {
	return generatedName(column.Table, column.Name, "not_null")
}

func (n NotNull) name(column object.ID) string { return cmp.Or(n.Name, notNullName(column)) }

// clause adds the constraint to a column that may be null.
func (n NotNull) clause(column object.ID) string {
	return "ADD CONSTRAINT " + ident(n.name(column)) + " NOT NULL " + ident(column.Name) +
		toggle(n.NoInherit, " NO INHERIT", "") + toggle(n.NotValid, " NOT VALID", "")
}

// Fingerprinted leaves out the name, which may stay: see mootNotNull.
func (n NotNull) Fingerprinted() any {
	n.Name = ""
	return n
}

// mootNotNull takes no notice of the name of the live constraint where none is wanted: a table or column that was
// renamed keeps the name that was made up before.
func mootNotNull(_ *kind.Context, from, to kind.Of[Column], attr string) bool {
	a, b := from.V.NotNullAs, to.V.NotNullAs
	if attr != "not_null_as" || b.Name != "" {
		return false
	}
	a.Name = ""
	return a == b
}

// notNullAlone is a clause of ALTER TABLE that stands in a statement of its own.
func notNullAlone(column object.ID, clause, reverse string) plan.Step {
	head := "ALTER TABLE " + tableOf(column) + " "
	s := plan.Step{SQL: head + clause, Comment: "modify the NOT NULL of column " + column.Path()}
	if reverse != "" {
		s.Reverse = []string{head + reverse}
	}
	return s
}

// newNotNullSteps complete a column that was made NOT NULL, or nullable where its rows are not to be checked.
func newNotNullSteps(column object.ID, n NotNull) []plan.Step {
	steps := renameNotNull(column, NotNull{Name: n.Name}, n)
	if n.NotValid {
		steps = []plan.Step{notNullAlone(column, n.clause(column), "")}
	}
	if n.Comment != "" {
		steps = append(steps, commentNotNull(column, n.name(column), "", n.Comment))
	}
	return steps
}

// commentNotNull sets the comment on the constraint.
func commentNotNull(column object.ID, name, from, to string) plan.Step {
	text := func(s string) string {
		return "COMMENT ON CONSTRAINT " + ident(name) + " ON " + tableOf(column) + " IS " + toggle(s == "", "NULL", literal(s))
	}
	return plan.Step{SQL: text(to), Reverse: []string{text(from)}, Comment: "comment on the NOT NULL of column " + column.Path()}
}

// renameNotNull changes the name of the constraint and whether tables that inherit have it.
func renameNotNull(column object.ID, from, to NotNull) []plan.Step {
	var steps []plan.Step
	name := from.name(column)
	if to.Name != "" && to.Name != name {
		rename := func(a, b string) string { return "RENAME CONSTRAINT " + ident(a) + " TO " + ident(b) }
		steps = append(steps, notNullAlone(column, rename(name, to.Name), rename(to.Name, name)))
		name = to.Name
	}
	if from.NoInherit != to.NoInherit {
		inherit := func(off bool) string {
			return "ALTER CONSTRAINT " + ident(name) + toggle(off, " NO INHERIT", " INHERIT")
		}
		steps = append(steps, notNullAlone(column, inherit(to.NoInherit), inherit(from.NoInherit)))
	}
	return steps
}

// notNullSteps change whether a column may be null, how that is held, and the comment on it, which a new constraint lacks.
// alone tells that nothing else changes in the same edit that would go through the rows anyway.
func notNullSteps(c *kind.Context, from, to kind.Of[Column], alone bool) []plan.Step {
	steps, a, b := constrainNotNull(from, to), from.V.NotNullAs, to.V.NotNullAs
	if alone && !from.V.NotNull && to.V.NotNull && !b.NotValid && c.Splits(to.Parent, wayNotNull) {
		steps = splitNotNull(c, to)
	}
	if to.V.NotNull && len(steps) > 0 && isMarked(c.From, to.ID) {
		steps[0].Takes = append(steps[0].Takes, fillClaim(to.ID))
	}
	if !to.V.NotNull {
		return append(steps, heirsNullable(c, to.Parent, to.ID.Name)...)
	}
	if !from.V.NotNull || b.NotValid && !a.NotValid {
		a = NotNull{}
	}
	if to.V.NotNull && a.Comment != b.Comment {
		steps = append(steps, commentNotNull(to.ID, cmp.Or(b.Name, a.name(to.ID)), a.Comment, b.Comment))
	}
	return steps
}

// heirsNullable let the column be null in tables that inherit it and have a constraint of their own, which the parent's does
// not take along.
func heirsNullable(c *kind.Context, table object.ID, name string) []plan.Step {
	var steps []plan.Step
	for _, h := range heirs(c, table) {
		own := columnID(h, name)
		was, _ := kind.Get[Table](c.From, h)
		special, ok := kind.Get[InheritedColumn](c.To, inheritedID(own))
		if slices.Contains(was.V.OwnNotNull, name) && !c.To.Has(own) && (!ok || !special.V.NotNull) {
			step := alterColumnStep(own, "DROP NOT NULL", "")
			step.Prefix, step.Clause, step.UndoneAlong = "", "", true
			steps = append(steps, step)
		}
		steps = append(steps, heirsNullable(c, h, name)...)
	}
	return steps
}

func constrainNotNull(from, to kind.Of[Column]) []plan.Step {
	id, a, b := to.ID, from.V.NotNullAs, to.V.NotNullAs
	drop := alterColumnStep(id, "DROP NOT NULL", "SET NOT NULL")
	switch {
	case !to.V.NotNull:
		return []plan.Step{drop}
	case !from.V.NotNull && b == NotNull{Comment: b.Comment}:
		return []plan.Step{alterColumnStep(id, "SET NOT NULL", "DROP NOT NULL")}
	case !from.V.NotNull:
		return []plan.Step{notNullAlone(id, b.clause(id), "ALTER COLUMN "+ident(id.Name)+" DROP NOT NULL")}
	case b.NotValid && !a.NotValid:
		drop.Prefix = "" // in a statement before the next
		return []plan.Step{drop, notNullAlone(id, b.clause(id), "")}
	}
	steps := renameNotNull(id, a, b)
	if a.NotValid && !b.NotValid {
		steps = append(steps, notNullAlone(id, "VALIDATE CONSTRAINT "+ident(cmp.Or(b.Name, a.name(id))), ""))
	}
	return steps
}

func notNullBlock() *hcl.BlockSpec {
	return &hcl.BlockSpec{Type: "not_null", Single: true, Doc: "the constraint behind a column that cannot be null, from PostgreSQL 18 on", Attrs: []hcl.AttrSpec{
		{Name: "name", Takes: hcl.String, Doc: "its name, where it is not table_column_not_null"},
		{Name: "not_valid", Takes: hcl.Bool, Doc: "true: rows that were there before are not checked"},
		{Name: "no_inherit", Takes: hcl.Bool, Doc: "true: it does not hold for tables that inherit"},
		{Name: "comment", Takes: hcl.String, Doc: "the comment on it"},
	}}
}

func (d *decoder) decodeNotNull(b *hcl.Block, c *Column, id object.ID) {
	n := b.Only("not_null")
	if n == nil {
		return
	}
	c.NotNullAs = NotNull{Name: unless(n.Text("name"), notNullName(id)), NotValid: n.Bool("not_valid", false), NoInherit: n.Bool("no_inherit", false), Comment: n.Text("comment")}
	if !c.NotNull {
		d.faults.Add(n.Errorf("conflict", "%s may be null and has a block %q", b, n.Type).WithHint("take null = true out, or the block"))
	}
}

func encodeNotNull(n NotNull, in *hcl.Block) {
	if (n == NotNull{}) {
		return
	}
	b := in.Add("not_null")
	if n.Name != "" {
		b.Set("name", hcl.Str(n.Name))
	}
	setFlag(b, "not_valid", n.NotValid)
	setFlag(b, "no_inherit", n.NoInherit)
	setText(b, "comment", n.Comment)
}

package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// columnChecks ask whether the values fit what a column becomes.
func columnChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	to := kind.Of[Column]{Object: ch.To, V: ch.To.Value.(*Column)}
	if to.Parent.Kind != "table" {
		return nil // the server asks nothing of the rows of foreign tables
	}
	if c.From.Has(to.Parent) && c.Goes(to.Parent) {
		return nil // it is made without rows; those of partitions are theirs
	}
	from, there := columnIn(c.From, to.Parent, to.ID.Name)
	if !there || c.Goes(from.ID) {
		return newColumnChecks(c, to)
	}
	out := typeChecks(c, from, to)
	return append(out, notNullCheck(c, from, to)...)
}

// newColumnChecks ask whether the rows get a value that the column may have.
func newColumnChecks(c *kind.Checking, col kind.Of[Column]) []plan.Check {
	im, ok := imageOf(c, col.Parent, withHeirs, append(columnsNeeded(col.Object), col.ID.Name)...)
	rows, _ := imageOf(c, col.Parent, withHeirs)
	if !ok {
		return nil
	}
	name := ident(col.ID.Name)
	value := newValue(c, col)
	fixed := strings.HasPrefix(value, "NULL::")
	var out []plan.Check
	switch domain, isDomain := domainOf(c.To, col); {
	case isDomain && fixed && domainHolds(c.To, domain), fixed && col.V.holds():
		out = append(out, rows.check("no-default", col.ID.String()+" is new, must not be NULL and has no default: the table must be empty", rows.where("true"),
			"add the column with a default, or without NOT NULL, fill it, and set NOT NULL then"))
	case col.V.holds() && col.V.Identity.Generated == "":
		out = append(out, im.check("not-null", col.ID.String()+" must not be NULL", im.where(name+" IS NULL")))
	}
	if col.V.Generated != "" && !col.V.Virtual {
		out = append(out, converts(im, col, im.item()))
	}
	return out
}

// holds reports whether no row may be without a value.
func (c *Column) holds() bool { return c.NotNull && !c.NotNullAs.NotValid }

// notNullCheck asks for rows without a value.
func notNullCheck(c *kind.Checking, from, to kind.Of[Column]) []plan.Check {
	if from.V.holds() || !to.V.holds() || isMarked(c.From, to.ID) {
		return nil
	}
	im, ok := imageOf(c, to.Parent, scope(to.V.NotNullAs.NoInherit), to.ID.Name)
	if !ok {
		return nil
	}
	return []plan.Check{im.check("not-null", to.ID.String()+" must not be NULL", im.where(ident(to.ID.Name)+" IS NULL"), fillNulls(c, im, from))}
}

// fillNulls proposes a value for the rows that have none.
func fillNulls(c *kind.Checking, im image, from kind.Of[Column]) string {
	value := dots
	for _, s := range []*object.State{c.To, c.From} {
		if def, ok := kind.Get[Default](s, defaultID(from.ID)); ok {
			value = def.V.Expr
			break
		}
	}
	name := ident(c.Was(from.ID).Name)
	return "UPDATE " + im.liveTable() + " SET " + name + " = " + value + " WHERE " + name + " IS NULL"
}

// converts asks the server to make all values of a column.
func converts(im image, col kind.Of[Column], item string) plan.Check {
	check := im.check("type", "the values of "+col.ID.String()+" must fit "+col.V.Type, "SELECT count("+ident(col.ID.Name)+") FROM "+item)
	check.Converts = true
	return check
}

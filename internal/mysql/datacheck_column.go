package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// columnChecks ask whether the values fit what a column becomes.
func columnChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	to := kind.Of[Column]{Object: ch.To, V: ch.To.Value.(*Column)}
	from, there := kind.Get[Column](c.From, to.ID)
	if !there || c.Goes(to.ID) {
		return newColumnChecks(c, to)
	}
	out := slices.Concat(typeChecks(c, from, to), notNullCheck(c, from, to), ownCheck(c, from, to))
	if from.V.SRID != to.V.SRID && to.V.SRID != "" {
		if im, ok := imageOf(c, to.Parent, to.ID.Name); ok {
			out = append(out, im.check("type", "the values of "+to.ID.String()+" must be of the reference system "+to.V.SRID, im.where("ST_SRID("+ident(to.ID.Name)+") <> "+to.V.SRID)))
		}
	}
	return out
}

// newColumnChecks ask whether the rows get a value that the column may have: the server makes one up where there is no
// default, but for dates and shapes, of which it refuses its own.
func newColumnChecks(c *kind.Checking, col kind.Of[Column]) []plan.Check {
	im, ok := imageOf(c, col.Parent, generatedFrom(c, col)...)
	if !ok || !col.V.NotNull || col.V.Default != "" {
		return nil
	}
	switch t := parseType(col.V.Type); { // dates of zeros are refused where sql_mode says so
	case col.V.Generated != "" && !col.V.isPeriod():
		cond := "(" + col.V.Generated + ") IS NULL"
		return []plan.Check{im.check("not-null", col.ID.String()+" must not be NULL", im.where(cond))}
	case t.isTime() && t.name != "time":
		return []plan.Check{im.check("no-default", col.ID.String()+" is new, must not be NULL and has no default: the table must be empty", im.where("@@sql_mode LIKE '%NO_ZERO_DATE%'"),
			"add the column with a default, or without NOT NULL, fill it, and set NOT NULL then")}
	}
	return nil
}

// generatedFrom lists the columns in the expression of a generated one.
func generatedFrom(c *kind.Checking, col kind.Of[Column]) []string {
	var out []string
	for _, names := range namesIn(col.V.Generated) {
		if name := names[len(names)-1]; c.To.Has(columnID(col.Parent, name)) {
			out = append(out, name)
		}
	}
	return out
}

// notNullCheck asks for rows without a value.
func notNullCheck(c *kind.Checking, from, to kind.Of[Column]) []plan.Check {
	if from.V.NotNull || !to.V.NotNull {
		return nil
	}
	im, ok := imageOf(c, to.Parent, to.ID.Name)
	if !ok {
		return nil
	}
	value := dots
	if to.V.Default != "" {
		value = to.V.Default
	}
	name := ident(c.Was(from.ID).Name)
	repair := "UPDATE " + im.liveTable() + " SET " + name + " = " + value + " WHERE " + name + " IS NULL"
	return []plan.Check{im.check("not-null", to.ID.String()+" must not be NULL", im.where(ident(to.ID.Name)+" IS NULL"), repair)}
}

// ownCheck asks for rows that violate the check of the column itself. MariaDB holds the rows to it only where it writes
// them anew.
func ownCheck(c *kind.Checking, from, to kind.Of[Column]) []plan.Check {
	if to.V.Check == "" || to.V.Check == from.V.Check || from.V.Type == to.V.Type {
		return nil
	}
	im, ok := imageOf(c, to.Parent, to.ID.Name)
	if !ok {
		return nil
	}
	return []plan.Check{im.check("check", "the values of "+to.ID.String()+" must satisfy its check", im.where("NOT ("+to.V.Check+")"))}
}

// checkChecks ask for rows for which a check is false: NULL passes.
func checkChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	k := ch.To.Value.(*Check)
	if k.NotEnforced || !asks(c, ch) {
		return nil
	}
	im, ok := imageOf(c, ch.To.Parent, columnsNeeded(ch.To)...)
	if !ok {
		return nil
	}
	cond := "NOT (" + k.Expr + ")"
	var repair []string
	if im.plain {
		repair = append(repair, "UPDATE "+im.liveTable()+" SET "+dots+" WHERE "+cond)
	}
	return []plan.Check{im.check("check", "the rows of "+ch.To.Parent.String()+" must satisfy "+ch.ID.String(), im.where(cond), repair...)}
}

// foreignKeyChecks ask for rows that refer to nothing. A row passes that has a NULL in its key.
func foreignKeyChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	k := ch.To.Value.(*ForeignKey)
	im, ok := imageOf(c, ch.To.Parent, k.Columns...)
	if !ok || !asks(c, ch) {
		return nil
	}
	const child, parent = "referencing", "referenced"
	var conds, equal []string
	for i, name := range k.Columns {
		conds = append(conds, ident(child)+"."+ident(name)+" IS NOT NULL")
		equal = append(equal, ident(parent)+"."+ident(k.RefColumns[i])+" = "+ident(child)+"."+ident(name))
	}
	table := tableID(k.RefSchema, k.RefTable)
	other, there := imageOf(c, table, k.RefColumns...)
	if !there && !c.To.Has(table) {
		other, there = image{source: qualified(table.Schema, table.Name)}, true // nobody's business but the server's
	}
	if there {
		conds = append(conds, "NOT EXISTS (SELECT 1 FROM "+other.as(parent)+" WHERE "+strings.Join(equal, " AND ")+")")
	}
	keys := make([]string, len(im.key))
	for i, name := range im.key {
		keys[i] = ident(child) + "." + name
	}
	cond := strings.Join(conds, " AND ")
	sql := "SELECT " + strings.Join(keys, ", ") + " FROM " + im.as(child) + " WHERE " + cond
	demand := "(" + strings.Join(k.Columns, ", ") + ") of " + ch.To.Parent.String() + " must be in (" + strings.Join(k.RefColumns, ", ") + ") of table " + table.Path()
	var repair []string
	if im.plain && im.live != other.live { // a table that is changed cannot be asked (MySQL manual, error 1093)
		repair = append(repair, "UPDATE "+im.as(child)+" SET "+ident(child)+"."+ident(k.Columns[len(k.Columns)-1])+" = "+dots+" WHERE "+cond)
	}
	return []plan.Check{im.check("foreign-key", demand, sql, repair...)}
}

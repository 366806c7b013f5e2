package mysql

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// indexChecks ask for rows that a unique key cannot hold both.
func indexChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	from, was := kind.Get[Index](c.From, ch.ID)
	to := ch.To.Value.(*Index)
	if !to.isUnique(ch.ID) || !asks(c, ch) {
		return nil
	}
	if was && !c.Goes(ch.ID) && from.V.isUnique(ch.ID) && slices.Equal(from.V.Parts, to.Parts) {
		return nil // it is only hidden or shown
	}
	return duplicates(c, ch.To)
}

func (x *Index) isUnique(id object.ID) bool { return x.Unique || id.Kind == primaryKey }

// countAlias is what a query calls the number of equal rows.
const countAlias = "rows_found"

// duplicates are the groups of rows that are equal in the parts of a key, of which one may be the beginning of a column
// only. A NULL is equal to nothing.
func duplicates(c *kind.Checking, o *object.Object) []plan.Check {
	x := o.Value.(*Index)
	im, ok := imageOf(c, o.Parent, append(columnsNeeded(o), expressionColumns(c, o)...)...)
	if !ok || slices.ContainsFunc(x.Parts, func(p IndexPart) bool { return p.Period != "" }) {
		return nil
	}
	var items, conds, names []string
	for _, p := range x.Parts {
		expr, name := ident(p.Column), p.Column
		switch {
		case p.Column == "":
			expr, name = "("+p.Expr+")", p.Expr
		case p.Prefix > 0:
			expr, name = fmt.Sprintf("LEFT(%s, %d)", expr, p.Prefix), fmt.Sprintf("%s(%d)", p.Column, p.Prefix)
		}
		names, conds = append(names, name), append(conds, expr+" IS NOT NULL")
		items = append(items, expr)
	}
	groups := partAliases(names)
	for i, alias := range groups {
		items[i] += " AS " + alias
	}
	inner := "SELECT " + strings.Join(items, ", ") + " FROM " + im.item() + " WHERE " + strings.Join(conds, " AND ")
	sql := "SELECT " + strings.Join(groups, ", ") + ", COUNT(*) AS " + countAlias + " FROM (" + inner + ") AS parts GROUP BY " + strings.Join(groups, ", ") + " HAVING COUNT(*) > 1"
	check := im.check("unique", "the rows of "+o.Parent.String()+" must differ in ("+strings.Join(names, ", ")+")", sql)
	check.Groups = true
	return []plan.Check{check}
}

// partAliases are what the parts of a key are called in a query, so that people know the values again: as they are written,
// or by number where the server cannot call a column that, or another is called so.
func partAliases(names []string) []string {
	const longest = 64 // characters of a column's name
	seen := map[string]bool{countAlias: true}
	var out []string
	for i, name := range names {
		key := strings.ToLower(name)
		if seen[key] || utf8.RuneCountInString(name) > longest || strings.TrimSpace(name) != name {
			name = fmt.Sprintf("part%d", i+1)
		}
		seen[key] = true
		out = append(out, ident(name))
	}
	return out
}

// expressionColumns are the columns that the expressions of a key name.
func expressionColumns(c *kind.Checking, o *object.Object) []string {
	var out []string
	for _, p := range o.Value.(*Index).Parts {
		for _, names := range namesIn(p.Expr) {
			if name := names[len(names)-1]; c.To.Has(columnID(o.Parent, name)) {
				out = append(out, name)
			}
		}
	}
	return out
}

// keyChecks ask the keys that a column is part of, and that stay as they are, whether its new values are still different.
func keyChecks(c *kind.Checking, col kind.Of[Column]) []plan.Check {
	var out []plan.Check
	for _, k := range []string{primaryKey, "index"} {
		for _, o := range c.To.Kind(k) {
			_, changes := c.Change(o.ID)
			if !changes && o.Parent == col.Parent && slices.Contains(o.Needs, col.ID) && o.Value.(*Index).isUnique(o.ID) {
				out = append(out, duplicates(c, o)...)
			}
		}
	}
	return out
}

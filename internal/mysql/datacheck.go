package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// dataChecks finds what the changes of a kind ask the rows that are there.
func dataChecks(name string) kind.Checks {
	if name == "column" {
		return columnChecks
	}
	return nil
}

// image is the rows of a table as they would be under the desired state, read from the table as it is now.
type image struct {
	table object.ID // under the name that it is to have
	live  object.ID // under the name that it has
	from  string    // the item of a FROM clause
	key   []string  // quoted: what tells its rows apart
}

// imageOf makes the image with the named columns; ok is false for a table without rows: it is made by the plan.
func imageOf(c *kind.Checking, table object.ID, columns ...string) (image, bool) {
	if !c.From.Has(table) || c.Goes(table) {
		return image{}, false
	}
	im := image{table: table, live: c.Was(table)}
	key := keyColumns(c, table)
	if len(key) == 0 {
		key = columns
	}
	for _, name := range key {
		im.key = append(im.key, ident(name))
	}
	im.from = qualified(im.live.Schema, im.live.Name)
	if items, changed := imageColumns(c, table, append(columns, key...)); changed {
		im.from = "(SELECT " + strings.Join(items, ", ") + " FROM " + im.from + ") AS " + ident(table.Name)
	} else if im.live.Name != table.Name {
		im.from += " AS " + ident(table.Name)
	}
	return im, true
}

// imageColumns lists what the columns are to be, and whether that is more than what they are.
func imageColumns(c *kind.Checking, table object.ID, columns []string) (items []string, changed bool) {
	seen := map[string]bool{}
	for _, name := range columns {
		if seen[name] {
			continue
		}
		seen[name] = true
		expr := imageColumn(c, table, name)
		if expr != ident(name) {
			expr, changed = expr+" AS "+ident(name), true
		}
		items = append(items, expr)
	}
	return items, changed
}

// imageColumn is the expression for a column of the desired state over the current one.
func imageColumn(c *kind.Checking, table object.ID, name string) string {
	id := columnID(table, name)
	if c.From.Has(id) && !c.Goes(id) {
		return ident(c.Was(id).Name)
	}
	return ident(name)
}

// keyColumns are the columns of the primary key that the table has now.
func keyColumns(c *kind.Checking, table object.ID) []string {
	x, ok := kind.Get[Index](c.From, indexID(table, "PRIMARY"))
	if !ok {
		return nil
	}
	var out []string
	for _, p := range x.V.Parts {
		if p.Column != "" {
			out = append(out, p.Column)
		}
	}
	return out
}

// where selects rows of the image by their key.
func (im image) where(condition string) string {
	return "SELECT " + strings.Join(im.key, ", ") + " FROM " + im.from + " WHERE " + condition
}

// liveTable is the table as a statement of today names it.
func (im image) liveTable() string { return qualified(im.live.Schema, im.live.Name) }

// check asks for rows of the image.
func (im image) check(rule, demand, sql string, repair ...string) plan.Check {
	return plan.Check{Rule: rule, Table: im.live, Demand: demand, SQL: sql, Repair: repair}
}

package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// dataChecks finds what the changes of a kind ask the rows that are there. The server refuses their values in strict SQL
// mode, and changes them in any other.
func dataChecks(name string) kind.Checks {
	switch name {
	case "column":
		return columnChecks
	case primaryKey, "index":
		return indexChecks
	case "check":
		return checkChecks
	case foreignKey:
		return foreignKeyChecks
	case "partitioning":
		return partitionChecks
	}
	return nil
}

// image is the rows of a table as they would be under the desired state, read from the table as it is now.
type image struct {
	table  object.ID // under the name that it is to have
	live   object.ID // under the name that it has
	source string    // the item of a FROM clause, without a name of its own
	plain  bool      // the source is the table itself
	key    []string  // quoted: what tells its rows apart
}

// imageOf makes the image with the named columns; ok is false for a table without rows: it is made by the plan.
func imageOf(c *kind.Checking, table object.ID, columns ...string) (image, bool) {
	if !c.From.Has(table) || c.Goes(table) {
		return image{}, false
	}
	im := image{table: table, live: c.Was(table), plain: true}
	im.source = im.liveTable()
	key := keyColumns(c, table)
	if len(key) == 0 {
		key = columns
	}
	for _, name := range slices.Compact(slices.Clone(key)) {
		im.key = append(im.key, ident(name))
	}
	if items, changed := imageColumns(c, table, slices.Concat(columns, key)); changed {
		im.plain = false
		im.source = "(SELECT " + strings.Join(items, ", ") + " FROM " + im.source + ")"
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
	from, there := kind.Get[Column](c.From, id)
	to, wanted := kind.Get[Column](c.To, id)
	switch {
	case there && !c.Goes(id) && wanted:
		return converted(ident(c.Was(id).Name), from.V, to.V)
	case there && !c.Goes(id):
		return ident(c.Was(id).Name)
	case wanted:
		return newValue(to.V)
	}
	return ident(name)
}

// converted is the value of a column of another type.
func converted(x string, from, to *Column) string {
	a, b := parseType(from.Type), parseType(to.Type)
	switch {
	case from.Generated != to.Generated && to.Generated != "":
		return "(" + to.Generated + ")"
	case to.Charset != "" && (from.Charset != to.Charset || from.Collation != to.Collation):
		return "CONVERT(" + x + " USING " + to.Charset + ") COLLATE " + to.Collation
	case from.Type == to.Type:
		return x
	case b.isWhole() && a.isFraction():
		return "ROUND(" + x + ")"
	case b.isWhole() && !a.isWhole():
		return "CAST(" + x + " AS SIGNED)"
	case b.name == "decimal":
		return "CAST(" + x + " AS DECIMAL(" + strings.Join(b.args, ",") + "))"
	case b.name == "date":
		return "CAST(" + x + " AS DATE)"
	}
	return x
}

// newValue is what a column has in the rows that are there when it is added.
func newValue(col *Column) string {
	t := parseType(col.Type)
	switch {
	case col.Generated != "":
		return "(" + col.Generated + ")"
	case col.AutoIncrement:
		return "ROW_NUMBER() OVER ()"
	case col.Default != "":
		return col.Default
	case !col.NotNull:
		return "NULL"
	case t.isWhole() || t.isFraction():
		return "0"
	}
	return "''"
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

// item is the image in a FROM clause, under a name if that is needed.
func (im image) item() string {
	if im.plain && im.live.Name == im.table.Name {
		return im.source
	}
	return im.as(im.table.Name)
}

// as is the image in a FROM clause under that name.
func (im image) as(name string) string { return im.source + " AS " + ident(name) }

// where selects rows of the image by their key.
func (im image) where(condition string) string {
	return "SELECT " + im.keys() + " FROM " + im.item() + " WHERE " + condition
}

func (im image) keys() string {
	if len(im.key) == 0 {
		return "1 AS found"
	}
	return strings.Join(im.key, ", ")
}

// liveTable is the table as a statement of today names it.
func (im image) liveTable() string { return qualified(im.live.Schema, im.live.Name) }

// check asks for rows of the image.
func (im image) check(rule, demand, sql string, repair ...string) plan.Check {
	return plan.Check{Rule: rule, Table: im.live, Demand: demand, SQL: sql, Repair: repair}
}

// lossy asks for rows whose values the server takes and changes.
func (im image) lossy(column object.ID, what, sql string) plan.Check {
	out := im.check("loss", "no value of "+column.String()+" may lose "+what, sql)
	out.Lossy = what + " of column " + column.Path()
	return out
}

// asks reports whether a change makes the server look at the rows: the object is new or another one, or the values that
// it is about are.
func asks(c *kind.Checking, ch kind.Change) bool {
	if ch.From == nil || len(ch.Attrs) > 0 {
		return true
	}
	for _, n := range ch.To.Needs {
		if n.Kind == "column" && c.ChangesData(n, "type", "charset", "collation", "generated") {
			return true
		}
	}
	return false
}

// columnsNeeded are the columns of its table that an object rests on.
func columnsNeeded(o *object.Object) []string {
	var out []string
	for _, n := range o.Needs {
		if n.Kind == "column" && n.Schema == o.ID.Schema && n.Table == o.ID.Table {
			out = append(out, n.Name)
		}
	}
	return out
}

// dots stand where a person must choose.
const dots = "…"

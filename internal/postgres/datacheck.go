package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// dataChecks finds what the changes of a kind ask the rows that are there.
func dataChecks(name string) kind.Checks {
	switch name {
	case "column":
		return columnChecks
	case "primary_key", "unique", "check", "foreign_key", "exclude":
		return constraintChecks
	case "index":
		return indexChecks
	case "domain":
		return domainChecks
	case "domain_check":
		return domainCheckChecks
	case "enum":
		return enumChecks
	case "table":
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

// scope tells whether the rows of tables that inherit belong to those of a table.
type scope bool

const (
	withHeirs scope = false
	ownRows   scope = true
)

// imageOf makes the image with the named columns; ok is false for a table without rows: it is made by the plan.
func imageOf(c *kind.Checking, table object.ID, s scope, columns ...string) (image, bool) {
	if !c.From.Has(table) || c.Goes(table) && !keepsRows(c, table) {
		return image{}, false
	}
	im := image{table: table, live: c.Was(table), plain: true}
	for _, name := range keyColumns(c, table) {
		im.key = append(im.key, ident(name))
		columns = append(columns, name)
	}
	im.source = toggle(s == ownRows && hasHeirs(c, table), "ONLY ", "") + im.liveTable()
	if items, changed := imageColumns(c, table, columns); changed {
		im.plain = false
		im.source = "(SELECT " + strings.Join(append(items, "ctid", "tableoid"), ", ") + " FROM " + im.source + ")"
	}
	if len(im.key) == 0 {
		im.key = []string{"ctid"}
	}
	return im, true
}

// keepsRows reports whether a partitioned table is made anew around its partitions, which hold its rows.
func keepsRows(c *kind.Checking, table object.ID) bool {
	a, was := kind.Get[Table](c.From, table)
	b, is := kind.Get[Table](c.To, table)
	return was && is && a.V.PartitionBy != "" && b.V.PartitionBy != ""
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
	to, wanted := columnIn(c.To, table, name)
	from, there := columnIn(c.From, table, name)
	if there && (!c.Goes(from.ID) || keepsRows(c, from.Parent) && wanted) {
		was := c.Was(from.ID).Name
		if wanted && from.V.Type != to.V.Type {
			return "(" + usingBetween(c, from, to, was) + ")"
		}
		if wanted && from.V.Collation != to.V.Collation && to.V.Collation != "" {
			return ident(was) + " COLLATE " + to.V.Collation
		}
		return ident(was)
	}
	if !wanted {
		return ident(name) // the table has it from its type
	}
	return newValue(c, to)
}

// columnIn finds a column of a table, which may be one that its parents have.
func columnIn(s *object.State, table object.ID, name string) (kind.Of[Column], bool) {
	id := columnID(table, name)
	if col, ok := kind.Get[Column](s, id); ok {
		return col, true
	}
	return inheritsColumn(s, id, table)
}

// using is the conversion of a column to its new type.
func using(from, to *Column, name string) string {
	if expr := conversion(from, to, name); expr != "" {
		return expr
	}
	return ident(name) + "::" + to.Type
}

// usingBetween is the same where a type may be a domain.
func usingBetween(c *kind.Checking, from, to kind.Of[Column], name string) string {
	expr := conversionBetween(c.From, c.To, from, to, name)
	if expr == "" {
		expr = ident(name) + "::" + to.V.Type
	}
	if e, ok := enumOf(c.To, to); ok && !c.From.Has(e.ID) { // the plan makes the type: the text of the value stands for it
		if as, ok := strings.CutSuffix(expr, "::"+to.V.Type); ok {
			return as + "::text"
		}
	}
	return expr
}

// typedLiteral is a literal of a type, as the server spells it.
var typedLiteral = regexp.MustCompile(`^\(('(?:[^']|'')*')::[^()']+\)$`)

// newValue is what a column has in the rows that are there when it is added.
func newValue(c *kind.Checking, col kind.Of[Column]) string {
	expr := "NULL"
	switch def, ok := kind.Get[Default](c.To, defaultID(col.ID)); {
	case col.V.Generated != "":
		expr = "(" + col.V.Generated + ")"
	case col.V.Identity.Generated != "", ok && strings.HasPrefix(def.V.Expr, "nextval("):
		expr = "row_number() OVER ()"
	case ok:
		expr = "(" + def.V.Expr + ")"
	default:
		d, ok := domainOf(c.To, col)
		if ok && d.V.Default != "" {
			expr = "(" + d.V.Default + ")"
		} else if ok {
			return expr + "::" + typeBelow(c.To, d) // the domain may refuse NULL, and newColumnChecks asks for that
		}
	}
	if !typeIsThere(c, col.V) { // the text of the value stands for it
		if m := typedLiteral.FindStringSubmatch(expr); m != nil {
			return m[1] + "::text"
		} else if expr == "NULL" {
			return expr + "::text"
		}
	}
	return expr + "::" + col.V.Type
}

// keyColumns are the columns of the primary key that the table has now.
func keyColumns(c *kind.Checking, table object.ID) []string {
	keys := kind.Once(c.Context, "primary keys, current", func() map[object.ID][]string {
		out := map[object.ID][]string{}
		for _, o := range c.From.Kind("primary_key") {
			out[o.Parent] = o.Value.(*Constraint).Columns
		}
		return out
	})
	return keys[table]
}

// hasHeirs reports whether other tables, that are no partitions, inherit from the table now.
func hasHeirs(c *kind.Checking, table object.ID) bool {
	parents := kind.Once(c.Context, "tables with heirs, current", func() map[object.ID]bool {
		out := map[object.ID]bool{}
		for _, o := range c.From.Kind("table") {
			if o.Value.(*Table).PartitionOf != "" {
				continue
			}
			for _, n := range o.Needs {
				out[n] = true
			}
		}
		return out
	})
	return parents[table]
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
	return "SELECT " + strings.Join(im.key, ", ") + " FROM " + im.item() + " WHERE " + condition
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

// asks reports whether a change makes the server look at the rows: the object is new or another one, or the values that
// it is about are.
func asks(c *kind.Checking, ch kind.Change) bool {
	if ch.From == nil || len(ch.Attrs) > 0 {
		return true
	}
	for _, n := range ch.To.Needs {
		if n.Kind == "column" && c.ChangesData(n, "type", "collation", "generated") {
			return true
		}
	}
	return false
}

// answerable reports whether what an object rests on, besides tables and their parts, is there under its name before the plan
// runs: an expression that calls a new function cannot be asked.
func answerable(c *kind.Checking, o *object.Object) bool {
	return !slices.ContainsFunc(o.Needs, func(n object.ID) bool {
		if n == o.Parent { // a condition of a domain is about the value, not about the domain
			return false
		}
		switch n.Kind {
		case "composite": // which may gain the attribute that is asked for
			if _, changes := c.Change(n); changes {
				return true
			}
			return !c.From.Has(n) || c.Was(n) != n
		case "enum": // another one of the same name will do, unless a value is missing, which the server says
			return !c.From.Has(n) || c.Was(n) != n
		case "function", "aggregate", "operator", "domain", "range", "collation", "search_configuration":
			return !c.From.Has(n) || c.Goes(n) || c.Was(n) != n
		}
		return false
	})
}

// unanswerable is the list of checks with no query.
func unanswerable(list []plan.Check) []plan.Check {
	for i := range list {
		list[i].SQL, list[i].Repair = "", nil
	}
	return list
}

// dots stand where a person must choose.
const dots = "…"

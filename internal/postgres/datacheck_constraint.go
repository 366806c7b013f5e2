package postgres

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// constraintChecks ask whether the rows satisfy a constraint that is new, is to be validated, or whose columns change.
func constraintChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	k := kind.Of[Constraint]{Object: ch.To, V: ch.To.Value.(*Constraint)}
	if k.Parent.Kind != "table" || k.V.NotValid || k.V.NotEnforced || !asks(c, ch) {
		return nil
	}
	if !answerable(c, k.Object) {
		return unanswerable(heldBy(c, k))
	}
	return heldBy(c, k)
}

// heldBy asks for rows that violate the constraint.
func heldBy(c *kind.Checking, k kind.Of[Constraint]) []plan.Check {
	switch {
	case k.ID.Kind == "check":
		return checkViolations(c, k)
	case k.ID.Kind == "foreign_key":
		return orphans(c, k)
	case k.ID.Kind == "exclude" || k.V.Temporal:
		return conflicts(c, k)
	}
	u := uniqueness{NullsNotDistinct: k.V.NullsNotDistinct}
	for _, name := range k.V.Columns {
		u.keys = append(u.keys, uniqueKey{expr: ident(name), name: ident(name)})
	}
	return u.duplicates(c, k.Object)
}

// checkViolations are the rows for which the expression is false: NULL passes.
func checkViolations(c *kind.Checking, k kind.Of[Constraint]) []plan.Check {
	im, ok := imageOf(c, k.Parent, scope(k.V.NoInherit), k.V.Columns...)
	if !ok {
		return nil
	}
	cond := "NOT (" + k.V.Expr + ")"
	return []plan.Check{im.check("check", "the rows of "+k.Parent.String()+" must satisfy "+k.ID.String(), im.where(cond), im.change(cond)...)}
}

// change proposes other values for rows.
func (im image) change(cond string) []string {
	if !im.plain {
		return nil
	}
	return []string{"UPDATE " + im.item() + " SET " + dots + " WHERE " + cond}
}

// orphans are the rows whose foreign key leads nowhere. MATCH SIMPLE lets every row pass that has a NULL in it, MATCH FULL
// only those that have nothing else.
func orphans(c *kind.Checking, k kind.Of[Constraint]) []plan.Check {
	im, ok := imageOf(c, k.Parent, ownRows, k.V.Columns...)
	if !ok {
		return nil
	}
	const child = "referencing"
	var filled, missing []string
	for _, name := range k.V.Columns {
		filled = append(filled, ident(child)+"."+ident(name)+" IS NOT NULL")
		missing = append(missing, ident(child)+"."+ident(name)+" IS NULL")
	}
	cond := strings.Join(filled, " AND ")
	if found := referenced(c, k, child); found != "" {
		cond += " AND NOT " + found
	}
	if strings.Contains(k.V.Def, " MATCH FULL") && len(filled) > 1 {
		cond = "(" + cond + ") OR (" + strings.Join(missing, " OR ") + ") AND (" + strings.Join(filled, " OR ") + ")"
	}
	sql := "SELECT " + qualifiedKeys(child, im.key) + " FROM " + im.as(child) + " WHERE " + cond
	demand := fmt.Sprintf("(%s) of %s must be in (%s) of table %s", strings.Join(k.V.Columns, ", "), k.Parent, strings.Join(k.V.RefColumns, ", "),
		refTable(k.V).Path())
	var repair []string
	if im.plain {
		repair = append(repair, letGo(c, k, "UPDATE "+im.as(child))+" WHERE "+cond)
	}
	return []plan.Check{im.check("foreign-key", demand, sql, repair...)}
}

// letGo begins a statement that makes rows refer to nothing, where they may, or to something else.
func letGo(c *kind.Checking, k kind.Of[Constraint], update string) string {
	name := k.V.Columns[len(k.V.Columns)-1]
	if col, ok := columnIn(c.To, k.Parent, name); !ok || col.V.NotNull || strings.Contains(k.V.Def, " MATCH FULL") {
		return update + " SET " + ident(name) + " = " + dots
	}
	return update + " SET " + ident(name) + " = NULL"
}

func refTable(k *Constraint) object.ID {
	return object.ID{Kind: "table", Schema: k.RefSchema, Name: k.RefTable}
}

// referenced is true where the other table has what the row refers to; "" when that table is made by the plan.
func referenced(c *kind.Checking, k kind.Of[Constraint], child string) string {
	table := refTable(k.V)
	other, there := imageOf(c, table, ownRows, k.V.RefColumns...)
	if !there {
		if c.To.Has(table) {
			return ""
		}
		other = image{table: table, live: table, source: qualified(table.Schema, table.Name)} // nobody's business but the server's
	}
	const parent = "referenced"
	var equal []string
	columns, refs := k.V.Columns, k.V.RefColumns
	if k.V.Temporal {
		last := len(columns) - 1
		for i := range last {
			equal = append(equal, ident(parent)+"."+ident(refs[i])+" = "+ident(child)+"."+ident(columns[i]))
		}
		cover := "SELECT range_agg(" + ident(parent) + "." + ident(refs[last]) + ") FROM " + other.as(parent)
		if len(equal) > 0 {
			cover += " WHERE " + strings.Join(equal, " AND ")
		}
		return "coalesce(" + ident(child) + "." + ident(columns[last]) + " <@ (" + cover + "), false)"
	}
	for i := range columns {
		equal = append(equal, ident(parent)+"."+ident(refs[i])+" = "+ident(child)+"."+ident(columns[i]))
	}
	return "EXISTS (SELECT FROM " + other.as(parent) + " WHERE " + strings.Join(equal, " AND ") + ")"
}

func qualifiedKeys(alias string, keys []string) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = ident(alias) + "." + k
	}
	return strings.Join(out, ", ")
}

// element is one part of an exclusion: what is compared, and by which operator.
type element struct{ expr, operator string }

// elements reads them off the definition, without operator classes.
func (k *Constraint) elements() []element {
	if k.Temporal {
		var out []element
		for i, name := range k.Columns {
			out = append(out, element{ident(name), toggle(i == len(k.Columns)-1, "&&", "=")})
		}
		return out
	}
	open := strings.Index(k.Def, "(")
	if open < 0 {
		return nil
	}
	var out []element
	for _, part := range splitTop(k.Def[open+1:closing(k.Def, open)], ",") {
		if words := splitTop(strings.TrimSpace(part), " "); len(words) >= 3 && words[len(words)-2] == "WITH" {
			out = append(out, element{words[0], words[len(words)-1]})
		}
	}
	return out
}

// exclusionWhere is the predicate of an exclusion, or "".
func (k *Constraint) exclusionWhere() string {
	open := strings.Index(k.Def, "(")
	if open < 0 || k.Temporal {
		return ""
	}
	_, where, _ := strings.Cut(k.Def[closing(k.Def, open):], " WHERE ")
	where, _, _ = strings.Cut(where, " DEFERRABLE")
	return where
}

// conflicts are the pairs of rows that an exclusion, or a key WITHOUT OVERLAPS, does not let stand side by side.
func conflicts(c *kind.Checking, k kind.Of[Constraint]) []plan.Check {
	im, ok := imageOf(c, k.Parent, ownRows, k.V.Columns...)
	list := k.V.elements()
	if !ok || len(list) == 0 {
		return nil
	}
	items := []string{"tableoid AS t", "ctid AS c"}
	var out, match []string
	for i, key := range im.key {
		items = append(items, fmt.Sprintf("%s AS k%d", key, i))
		out = append(out, fmt.Sprintf("a.k%d AS %s, b.k%d AS %s", i, key, i, ident("other "+strings.Trim(key, `"`))))
	}
	for i, e := range list {
		items = append(items, fmt.Sprintf("%s AS e%d", e.expr, i))
		match = append(match, fmt.Sprintf("a.e%d %s b.e%d", i, e.operator, i))
	}
	side := "(SELECT " + strings.Join(items, ", ") + " FROM " + im.item() + " WHERE " + cmp.Or(k.V.exclusionWhere(), "true") + ")"
	sql := "SELECT " + strings.Join(out, ", ") + " FROM " + side + " AS a JOIN " + side + " AS b ON (a.t, a.c) < (b.t, b.c) AND " + strings.Join(match, " AND ")
	return []plan.Check{im.check("exclusion", "no two rows of "+k.Parent.String()+" may conflict by "+k.ID.String(), sql)}
}

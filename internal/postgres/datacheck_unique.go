package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// uniqueness is what rows must differ in.
type uniqueness struct {
	keys             []uniqueKey
	where            string
	NullsNotDistinct bool
}

type uniqueKey struct{ expr, name string }

// indexChecks ask for rows that a unique index cannot hold both.
func indexChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	x := kind.Of[Index]{Object: ch.To, V: ch.To.Value.(*Index)}
	if !x.V.Unique || x.V.Invalid || !asks(c, ch) {
		return nil
	}
	if !answerable(c, x.Object) {
		return unanswerable(x.V.uniqueness().duplicates(c, x.Object))
	}
	return x.V.uniqueness().duplicates(c, x.Object)
}

func (x *Index) uniqueness() uniqueness {
	u := uniqueness{where: x.Where, NullsNotDistinct: x.NullsNotDistinct}
	for _, p := range x.Parts {
		key := uniqueKey{expr: ident(p.Column), name: ident(p.Column)}
		if p.Column == "" {
			key = uniqueKey{expr: "(" + p.Expr + ")", name: ident(p.Expr)}
		}
		if p.Collation != "" {
			key.expr += " COLLATE " + p.Collation
		}
		u.keys = append(u.keys, key)
	}
	return u
}

// duplicates are the groups of rows that are equal in the keys. A NULL is equal to nothing, unless said otherwise.
func (u uniqueness) duplicates(c *kind.Checking, o *object.Object) []plan.Check {
	im, ok := imageOf(c, o.Parent, ownRows, columnsNeeded(o)...)
	if !ok {
		return nil
	}
	var items, groups, conds, names []string
	if u.where != "" {
		conds = append(conds, "("+u.where+")")
	}
	for _, k := range u.keys {
		item := k.expr
		if item != k.name {
			item += " AS " + k.name
		}
		items, groups = append(items, item), append(groups, k.expr)
		names = append(names, strings.Trim(k.name, `"`))
		if !u.NullsNotDistinct {
			conds = append(conds, k.expr+" IS NOT NULL")
		}
	}
	sql := "SELECT " + strings.Join(append(items, "count(*) AS rows"), ", ") + " FROM " + im.item()
	if len(conds) > 0 {
		sql += " WHERE " + strings.Join(conds, " AND ")
	}
	sql += " GROUP BY " + strings.Join(groups, ", ") + " HAVING count(*) > 1"
	check := im.check("unique", "the rows of "+o.Parent.String()+" must differ in ("+strings.Join(names, ", ")+")", sql, u.keepOne(im)...)
	check.Groups = true
	return []plan.Check{check}
}

// keepOne proposes to keep the first row of each group.
func (u uniqueness) keepOne(im image) []string {
	if !im.plain || u.where != "" || slices.Equal(im.key, []string{"ctid"}) {
		return nil
	}
	var equal []string
	for _, k := range u.keys {
		if k.expr != k.name {
			return nil
		}
		equal = append(equal, `"other".`+k.expr+` = "this".`+k.expr)
	}
	return []string{"DELETE FROM " + im.as("this") + " WHERE EXISTS (SELECT FROM " + im.as("other") + " WHERE " + strings.Join(equal, " AND ") +
		" AND (" + qualifiedKeys("other", im.key) + ") < (" + qualifiedKeys("this", im.key) + "))"}
}

// keyChecks ask the keys that a column is part of, and that stay as they are, whether its new values are still different.
func keyChecks(c *kind.Checking, col kind.Of[Column]) []plan.Check {
	var out []plan.Check
	for _, k := range []string{"primary_key", "unique", "index"} {
		for _, o := range c.To.Kind(k) {
			if _, changes := c.Change(o.ID); changes || o.Parent != col.Parent || !slices.Contains(o.Needs, col.ID) {
				continue
			}
			switch v := o.Value.(type) {
			case *Constraint:
				out = append(out, heldBy(c, kind.Of[Constraint]{Object: o, V: v})...)
			case *Index:
				if v.Unique && !v.Invalid {
					out = append(out, v.uniqueness().duplicates(c, o)...)
				}
			}
		}
	}
	return out
}

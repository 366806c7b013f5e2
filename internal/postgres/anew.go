package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A partitioned table holds no rows itself. Where PostgreSQL cannot change it in place it is made anew, and its partitions,
// which hold them, leave before and join it again.

// anew tells why a table that is there all the time must be made anew; it is empty where it stays.
func anew(from, to *object.State, table object.ID) string {
	a, was := kind.Get[Table](from, table)
	b, is := kind.Get[Table](to, table)
	switch {
	case !was || !is:
		return ""
	case a.V.PartitionBy == "" && b.V.PartitionBy != "":
		return "PostgreSQL cannot partition a table that is there: to keep its rows, let it become a partition, as with --rename table:" +
			table.Path() + "=" + firstPartition(from, to, b)
	case a.V.PartitionBy != "" && b.V.PartitionBy == "":
		return "PostgreSQL cannot make one table of a partitioned one: to keep the rows of its partitions, let one take them all and stand alone first, and give it the name in another plan"
	case a.V.PartitionBy != b.V.PartitionBy:
		return "PostgreSQL cannot change how a table is partitioned"
	case b.V.OfType != "" && !likeItsType(from, to, b):
		return "its columns stand in another order than the attributes of " + b.V.OfType
	case a.V.PartitionBy == "":
		return ""
	}
	for _, name := range keyNames(a.V.PartitionBy) {
		x, had := columnIn(from, table, name)
		y, has := columnIn(to, table, name)
		if had && has && (x.V.Type != y.V.Type || x.V.Collation != y.V.Collation || remadeColumn(from, to, x.Object)) {
			return "PostgreSQL cannot change the type of column " + name + ", which the table is partitioned by"
		}
	}
	return ""
}

// firstPartition is the path of a new partition of a table; one that takes all is the best.
func firstPartition(from, to *object.State, table kind.Of[Table]) string {
	out := table.ID.Path() + "_rest"
	for _, o := range to.Kind("table") {
		t := o.Value.(*Table)
		if !from.Has(o.ID) && t.PartitionOf != "" && slices.Contains(t.parents(), table.ID) {
			if out = o.ID.Path(); t.Bound == "DEFAULT" {
				return out
			}
		}
	}
	return out
}

var nameInKey = regexp.MustCompile(`"(?:[^"]|"")+"|[\pL_][\pL\pN_$]*`)

// keyNames lists the names in a partition key, as RANGE (lower(a), b): those of its columns are among them.
func keyNames(key string) []string {
	_, parts, _ := strings.Cut(key, "(")
	var out []string
	for _, name := range nameInKey.FindAllString(parts, -1) {
		if strings.HasPrefix(name, `"`) {
			name = strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
		}
		out = append(out, name)
	}
	return out
}

// typeRemade reports whether a type, or one that it is made of, becomes another one of its name, so that its users move over.
func typeRemade(from, to *object.State, id object.ID) bool {
	have, want := from.Get(id), to.Get(id)
	if have == nil || !isType(id) {
		return false
	}
	if want == nil {
		return true
	}
	switch v := have.Value.(type) {
	case *Enum:
		return !isSubsequence(v.Values, want.Value.(*Enum).Values)
	case *Domain:
		if w := want.Value.(*Domain); v.Type != w.Type || v.Collation != w.Collation {
			return true
		}
	case *Range:
		a, b := *v, *want.Value.(*Range)
		a.Multirange, a.Constructor, a.MultirangeConstructor = b.Multirange, b.Constructor, b.MultirangeConstructor
		if a != b {
			return true
		}
	case *Composite:
		for _, f := range missing(want.Value.(*Composite).Fields, v.Fields) {
			if slices.ContainsFunc(v.Fields, func(g Field) bool { return g.Name == f.Name }) {
				return true
			}
		}
	}
	return slices.ContainsFunc(have.Needs, func(n object.ID) bool { return typeRemade(from, to, n) })
}

// remadeColumn reports whether a column is of a type that becomes another one under the same name.
func remadeColumn(from, to *object.State, column *object.Object) bool {
	return slices.ContainsFunc(column.Needs, func(n object.ID) bool { return typeRemade(from, to, n) })
}

// markAnew says of the tables that are made anew why.
func (p *speller) markAnew(from, to *object.State) {
	for _, o := range to.Kind("table") {
		if o.Value.(*Table).PartitionBy == "" {
			continue
		}
		if reason := anew(from, to, o.ID); reason != "" {
			p.reasons[o.ID] = reason
		}
	}
}

// restartSteps let the identity columns of a partitioned table that is made anew go on behind the rows that it has then.
func restartSteps(c *kind.Context, t kind.Of[Table]) []plan.Step {
	if t.V.PartitionBy == "" || !c.From.Has(t.ID) {
		return nil
	}
	var steps []plan.Step
	for _, o := range c.To.Kind("column") {
		col := o.Value.(*Column)
		if o.Parent != t.ID || col.Identity.Generated == "" || !c.From.Has(o.ID) {
			continue
		}
		last := toggle(col.Identity.Increment < 0, "min", "max") + "(" + ident(o.ID.Name) + ")"
		table := qualified(t.ID.Schema, t.ID.Name)
		steps = append(steps, plan.Step{
			SQL: "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(" + literal(table) + ", " + literal(o.ID.Name) + "), " + last + ") FROM " + table +
				" HAVING count(*) > 0",
			Comment: "let " + o.ID.String() + " go on behind its rows", Data: true, UndoneAlong: true, Class: restarting,
		})
	}
	return steps
}

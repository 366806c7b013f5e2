package postgres

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// partitionChecks ask a table that becomes a partition whether its rows are within the bounds, and the default partition
// whether it holds rows that belong to a new one.
func partitionChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	to := kind.Of[Table]{Object: ch.To, V: ch.To.Value.(*Table)}
	from, there := kind.Get[Table](c.From, to.ID)
	if to.V.PartitionOf == "" || there && from.V.PartitionOf == to.V.PartitionOf && from.V.Bound == to.V.Bound && !to.V.Rejoins {
		return nil
	}
	b, ok := boundOf(c.To, to)
	if !ok {
		return nil
	}
	return append(ownRowsFit(c, to, b), defaultRowsFit(c, to, b)...)
}

// partition is a bound with what it is about.
type partition struct {
	parent kind.Of[Table]
	keys   []string
	method string
	bound  string
}

func boundOf(s *object.State, t kind.Of[Table]) (partition, bool) {
	for _, n := range t.Needs {
		parent, ok := kind.Get[Table](s, n)
		if !ok || parent.V.PartitionBy == "" || n.Kind != "table" {
			continue
		}
		p := partition{parent: parent, bound: t.V.Bound}
		open := strings.IndexByte(parent.V.PartitionBy, '(')
		if open < 0 {
			return p, false
		}
		p.method = strings.TrimSpace(parent.V.PartitionBy[:open])
		for _, k := range splitTop(parent.V.PartitionBy[open+1:closing(parent.V.PartitionBy, open)], ",") {
			p.keys = append(p.keys, splitTop(strings.TrimSpace(k), " ")[0])
		}
		return p, true
	}
	return partition{}, false
}

// ownRowsFit asks a table that was there before.
func ownRowsFit(c *kind.Checking, t kind.Of[Table], p partition) []plan.Check {
	im, ok := imageOf(c, t.ID, withHeirs)
	if !ok {
		return nil
	}
	var conds []string
	for up, within := t, p; ; {
		if cond := within.holds(c, up.ID); cond != "" {
			conds = append(conds, cond)
		}
		up = within.parent
		var nested bool
		if within, nested = boundOf(c.To, up); !nested {
			break
		}
	}
	if len(conds) == 0 {
		return nil
	}
	cond := "(" + strings.Join(conds, " AND ") + ") IS NOT TRUE"
	return []plan.Check{im.check("partition", "the rows of "+t.ID.String()+" must be within "+t.V.Bound, im.where(cond))}
}

// defaultRowsFit asks the default partition that stays.
func defaultRowsFit(c *kind.Checking, t kind.Of[Table], p partition) []plan.Check {
	if p.bound == "DEFAULT" {
		return nil
	}
	for _, o := range c.From.Kind("table") {
		d := kind.Of[Table]{Object: o, V: o.Value.(*Table)}
		to, stays := kind.Get[Table](c.To, o.ID)
		if d.V.Bound != "DEFAULT" || !stays || to.V.PartitionOf != t.V.PartitionOf || to.V.Bound != "DEFAULT" {
			continue
		}
		im, ok := imageOf(c, o.ID, withHeirs)
		cond := p.holds(c, t.ID)
		if !ok || cond == "" {
			continue
		}
		return []plan.Check{im.check("partition", "the default partition "+o.ID.Path()+" must hold no rows that belong into "+t.ID.String(), im.where(cond))}
	}
	return nil
}

// holds is the condition under which a row is within the bound; for a default partition, within no other one's.
func (p partition) holds(c *kind.Checking, self object.ID) string {
	switch {
	case p.bound == "DEFAULT":
		return p.holdsRest(c, self)
	case strings.HasPrefix(p.bound, "FOR VALUES IN "):
		return p.holdsList()
	case strings.HasPrefix(p.bound, "FOR VALUES FROM "):
		return p.holdsRange()
	case strings.HasPrefix(p.bound, "FOR VALUES WITH "):
		return p.holdsHash(c)
	}
	return ""
}

func (p partition) holdsRest(c *kind.Checking, self object.ID) string {
	var others []string
	for _, o := range c.To.Kind("table") {
		t := kind.Of[Table]{Object: o, V: o.Value.(*Table)}
		if b, ok := boundOf(c.To, t); ok && o.ID != self && b.parent.ID == p.parent.ID && b.bound != "DEFAULT" {
			if cond := b.holds(c, o.ID); cond != "" {
				others = append(others, cond)
			}
		}
	}
	if len(others) == 0 {
		return ""
	}
	return "(" + strings.Join(others, " OR ") + ") IS NOT TRUE"
}

func (p partition) holdsList() string {
	open := strings.IndexByte(p.bound, '(')
	var values, conds []string
	for _, v := range splitTop(p.bound[open+1:closing(p.bound, open)], ",") {
		if v = strings.TrimSpace(v); v == "NULL" {
			conds = append(conds, p.keys[0]+" IS NULL")
		} else {
			values = append(values, v)
		}
	}
	if len(values) > 0 {
		conds = append(conds, p.keys[0]+" IN ("+strings.Join(values, ", ")+")")
	}
	return "(" + strings.Join(conds, " OR ") + ")"
}

func (p partition) holdsHash(c *kind.Checking) string {
	var modulus, remainder int
	if c.Goes(p.parent.ID) {
		return "" // only the new table could tell
	}
	if n, err := fmt.Sscanf(p.bound, "FOR VALUES WITH (modulus %d, remainder %d)", &modulus, &remainder); n != 2 || err != nil {
		return ""
	}
	live := c.Was(p.parent.ID)
	return fmt.Sprintf("satisfies_hash_partition(%s::regclass, %d, %d, %s)", literal(qualified(live.Schema, live.Name)), modulus, remainder, strings.Join(p.keys, ", "))
}

// holdsRange compares the keys as rows, up to the first that has no bound.
func (p partition) holdsRange() string {
	open := strings.IndexByte(p.bound, '(')
	end := closing(p.bound, open)
	to := strings.IndexByte(p.bound[end:], '(') + end
	var conds []string
	for _, k := range p.keys {
		conds = append(conds, k+" IS NOT NULL")
	}
	low := splitTop(p.bound[open+1:end], ",")
	high := splitTop(p.bound[to+1:closing(p.bound, to)], ",")
	conds = append(conds, p.edge(low, ">=", "MINVALUE")...)
	return "(" + strings.Join(append(conds, p.edge(high, "<", "MAXVALUE")...), " AND ") + ")"
}

// edge is one side of a range. The values before an infinite one decide: they must be reached, or passed, as it says.
func (p partition) edge(values []string, operator, open string) []string {
	n := 0
	for n < len(values) && n < len(p.keys) {
		v := strings.TrimSpace(values[n])
		if v == "MINVALUE" || v == "MAXVALUE" {
			if n == 0 && v == open {
				return nil
			}
			if v == "MAXVALUE" {
				operator = map[string]string{">=": ">", "<": "<="}[operator]
			}
			break
		}
		n++
	}
	if n == 0 {
		return []string{"false"}
	}
	return []string{"(" + strings.Join(p.keys[:n], ", ") + ") " + operator + " (" + strings.Join(values[:n], ", ") + ")"}
}

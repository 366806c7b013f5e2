package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// partitionChecks ask for rows that fit into no partition. Only a table that is cut anew is refused for them: partitions
// that are dropped, and values that a list loses, take their rows with them, which the plan says.
func partitionChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	to := ch.To.Value.(*Partitioning)
	if from, was := kind.Get[Partitioning](c.From, ch.ID); was && !c.Goes(ch.ID) {
		again := func(s plan.Step) bool { return strings.HasPrefix(s.SQL, alterHead(ch.To.Parent)+"PARTITION BY ") }
		if !slices.ContainsFunc(partitionSteps(ch.To.Parent, from.V, to), again) {
			return nil
		}
	}
	im, ok := imageOf(c, ch.To.Parent, columnsNeeded(ch.To)...)
	cond := to.outside()
	if !ok || cond == "" {
		return nil
	}
	return []plan.Check{im.check("partition", "each row of "+ch.To.Parent.String()+" must fit into a partition", im.where(cond))}
}

// outside is the condition under which a row fits into no partition; "" where all do. NULL is in the first range, and in
// the list that names it.
func (p *Partitioning) outside() string {
	method, _, _ := strings.Cut(p.By, " SUBPARTITION BY ")
	open := strings.IndexByte(method, '(')
	if open < 0 || len(p.Partitions) == 0 {
		return ""
	}
	by := strings.TrimSuffix(method[open+1:], ")")
	switch {
	case strings.HasPrefix(method, "RANGE"):
		return beyondRange(splitTop(by), p.Partitions[len(p.Partitions)-1].Def)
	case strings.HasPrefix(method, "LIST"):
		return p.outsideLists(by)
	}
	return ""
}

// beyondRange holds for rows at or above the last bound.
func beyondRange(keys []string, def string) string {
	bound, ok := strings.CutPrefix(def, "VALUES LESS THAN (")
	end := strings.LastIndexByte(bound, ')')
	if i := strings.Index(bound, ") COMMENT"); i >= 0 {
		end = i
	}
	if !ok || end < 0 {
		return "" // MAXVALUE
	}
	values, operator := splitTop(bound[:end]), ">="
	n := len(values)
	for i, v := range values {
		if strings.TrimSpace(v) == "MAXVALUE" {
			n, operator = i, ">"
			break
		}
	}
	if n == 0 {
		return ""
	}
	if n == 1 {
		return strings.TrimSpace(keys[0]) + " " + operator + " " + strings.TrimSpace(values[0])
	}
	return "(" + strings.Join(keys[:n], ", ") + ") " + operator + " (" + strings.Join(values[:n], ", ") + ")"
}

func (p *Partitioning) outsideLists(by string) string {
	values, ok := listed(p.Partitions)
	if !ok {
		return ""
	}
	null := false
	values = slices.DeleteFunc(values, func(v string) bool {
		null = null || v == "NULL"
		return v == "NULL"
	})
	single := len(splitTop(by)) == 1
	key := either(single, by, "("+by+")")
	cond := key + " IS NOT NULL"
	if len(values) > 0 {
		cond = key + " NOT IN (" + strings.Join(values, ", ") + ")"
	}
	return cond + either(single && !null, " OR "+key+" IS NULL", "")
}

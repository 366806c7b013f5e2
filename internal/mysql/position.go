package mysql

import (
	"slices"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// movedColumns tells which of the columns that both orders have must move, with as few moves as can be: all but those
// of a longest common subsequence.
func movedColumns(from, to []string) map[string]bool {
	place := make(map[string]int, len(from))
	for i, name := range from {
		place[name] = i
	}
	var common []string
	for _, name := range to {
		if _, ok := place[name]; ok {
			common = append(common, name)
		}
	}
	// A longest increasing subsequence by patience sorting: tails[n] ends the best one of length n+1.
	var tails []int
	before := make([]int, len(common))
	for i, name := range common {
		lo, hi := 0, len(tails)
		for lo < hi {
			if mid := (lo + hi) / 2; place[common[tails[mid]]] < place[name] {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		before[i] = -1
		if lo > 0 {
			before[i] = tails[lo-1]
		}
		if lo == len(tails) {
			tails = append(tails, i)
		} else {
			tails[lo] = i
		}
	}
	moved := make(map[string]bool, len(common))
	for _, name := range common {
		moved[name] = true
	}
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = before[i] {
			delete(moved, common[i])
		}
	}
	return moved
}

// tableColumns lists the columns of a table in their order. One that was taken down, so that another can be renamed, is
// none of them.
func tableColumns(s *object.State, table object.ID) []string {
	t, ok := kind.Get[Table](s, table)
	if !ok {
		return nil
	}
	missing := func(name string) bool { return !s.Has(columnID(table, name)) }
	if slices.ContainsFunc(t.V.Columns, missing) {
		return slices.DeleteFunc(slices.Clone(t.V.Columns), missing)
	}
	return t.V.Columns
}

// keptColumns are the columns of a table as it is before its columns move: without those that are dropped or replaced.
func keptColumns(c *kind.Context, table object.ID) []string {
	var out []string
	for _, name := range tableColumns(c.From, table) {
		from, _ := kind.Get[Column](c.From, columnID(table, name))
		to, ok := kind.Get[Column](c.To, columnID(table, name))
		if ok && !to.V.replaces(from.V) {
			out = append(out, name)
		}
	}
	return out
}

// moves tells which columns of a table must move.
func moves(c *kind.Context, table object.ID) map[string]bool {
	return movedColumns(keptColumns(c, table), tableColumns(c.To, table))
}

// placeClause says where a column goes.
func placeClause(after string) string {
	if after == "" {
		return " FIRST"
	}
	return " AFTER " + ident(after)
}

// placeOfNew says where a new column goes: nowhere in particular when only new columns follow it, as they are all
// added at the end.
func placeOfNew(c *kind.Context, col kind.Of[Column]) string {
	kept := map[string]bool{}
	for _, name := range keptColumns(c, col.Parent) {
		kept[name] = true
	}
	columns := tableColumns(c.To, col.Parent)
	for i := len(columns) - 1; i >= 0 && columns[i] != col.ID.Name; i-- {
		if kept[columns[i]] {
			return placeClause(col.V.After)
		}
	}
	return ""
}

// placeOfOld says where a dropped column goes when it comes back: behind the nearest column before it that stays.
// Dropped neighbours come back last one first, each to the same place.
func placeOfOld(c *kind.Context, col kind.Of[Column]) string {
	columns := tableColumns(c.From, col.Parent)
	for i := col.V.Position - 2; i >= 0 && i < len(columns); i-- {
		if slices.Contains(keptColumns(c, col.Parent), columns[i]) {
			return placeClause(columns[i])
		}
	}
	return placeClause("")
}

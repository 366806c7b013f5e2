// Package sample makes up rows for tables: values that satisfy the tables' constraints, found by trying. It knows no
// dialect: what values a column can take, and how SQL is spelled, it is told.
package sample

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

const (
	rowsEach    = 3   // rows that a table gets
	mostTries   = 400 // for one row
	plainTries  = 8   // for one row of a table without conditions
	mostOptions = 36  // values of a column that are combined with those of others
)

// Table is what must be known of a table to fill it.
type Table struct {
	ID      object.ID
	Columns []Column
	Keys    []Key
	// Conditions hold for rows now; what they name is where the right values may be found.
	Conditions []Condition
	// Later are conditions on the row, as SQL, that the desired state adds.
	Later []string
	// Unique are the keys of which no two rows are alike, now or later. Only Grow asks for them.
	Unique []UniqueKey
}

// UniqueKey is a key of which no two rows are alike.
type UniqueKey struct {
	Name    string
	Columns []string
}

// Column is a column that takes a value.
type Column struct {
	Name     string
	Given    bool               // the server gives the value
	Nullable bool               // may be NULL, now and later
	Value    func(i int) string // the i-th usual value, as an SQL expression
	Special  []string           // values that conditions name, as SQL expressions
	// Many makes many values, for Grow; nil: those of rows that are there are taken again.
	Many *Maker
	// Computed columns take no value at all; others that the server gives can be given one.
	Computed bool
}

// Key is a foreign key.
type Key struct {
	Columns    []string
	Table      object.ID
	RefColumns []string
}

// Condition is a constraint on the values of columns.
type Condition struct {
	Columns []string
}

// Server spells and runs statements.
type Server interface {
	Ident(name string) string
	Table(id object.ID) string
	// NoValues is what stands behind the table's name for a row of which the server gives all values.
	NoValues() string
	// Insert runs the statement and returns the number of rows that it put in.
	Insert(ctx context.Context, sql string) (int64, error)
}

// Filled tells how many rows a table got, and why it got none.
type Filled struct {
	Table  Table
	Count  int64
	Reason string
}

// Fill puts rows into the tables, those that others refer to first. It fails only when the context ends: a table that
// cannot be filled says why.
func Fill(ctx context.Context, s Server, tables []Table) ([]Filled, error) {
	f := &filler{server: s, counts: map[object.ID]int64{}}
	var out []Filled
	for _, t := range inOrder(tables) {
		n, reason := f.table(ctx, t)
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		f.counts[t.ID] = n
		out = append(out, Filled{Table: t, Count: n, Reason: reason})
	}
	slices.SortFunc(out, func(a, b Filled) int { return object.Compare(a.Table.ID, b.Table.ID) })
	return out, nil
}

// inOrder puts tables behind those that they refer to. References that can be NULL give way where they close a loop.
func inOrder(tables []Table) []Table {
	left := slices.Clone(tables)
	slices.SortFunc(left, func(a, b Table) int { return object.Compare(a.ID, b.ID) })
	out := make([]Table, 0, len(left))
	waiting := map[object.ID]bool{}
	for _, t := range left {
		waiting[t.ID] = true
	}
	for soft := true; len(left) > 0; {
		free := slices.IndexFunc(left, func(t Table) bool { return !t.waits(waiting, soft) })
		if free < 0 && soft {
			soft = false
			continue
		}
		free = max(free, 0) // a loop that cannot be entered
		delete(waiting, left[free].ID)
		out = append(out, left[free])
		left = slices.Delete(left, free, free+1)
		soft = true
	}
	return out
}

func (t Table) waits(waiting map[object.ID]bool, soft bool) bool {
	return slices.ContainsFunc(t.Keys, func(k Key) bool {
		return k.Table != t.ID && waiting[k.Table] && (soft || !t.optional(k))
	})
}

// optional reports whether a foreign key can be left NULL.
func (t Table) optional(k Key) bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Nullable && slices.Contains(k.Columns, c.Name) })
}

type filler struct {
	server Server
	counts map[object.ID]int64
}

func (f *filler) table(ctx context.Context, t Table) (n int64, reason string) {
	for _, k := range t.Keys {
		if k.Table != t.ID && f.counts[k.Table] == 0 && !t.optional(k) {
			return 0, fmt.Sprintf("its foreign key needs rows of %s", k.Table)
		}
	}
	if len(t.Later) == 0 {
		if sql, ok := f.together(t); ok {
			if n, err := f.server.Insert(ctx, sql); err == nil {
				return n, ""
			}
		}
	}
	var refused error
	for row := range rowsEach {
		got, err := f.row(ctx, t, row)
		if got == 0 && len(t.Later) > 0 && ctx.Err() == nil {
			plain := t
			plain.Later = nil
			got, err = f.row(ctx, plain, row)
		}
		if n += got; err != nil {
			refused = err
		}
	}
	if n == 0 {
		return 0, fmt.Sprintf("the server refuses every row that was tried: %v", refused)
	}
	return n, ""
}

// together makes one statement of all rows.
func (f *filler) together(t Table) (string, bool) {
	var rows []string
	var columns []string
	for row := range rowsEach {
		names, values := f.values(t, row, 0)
		if len(names) == 0 {
			return "", false
		}
		columns = names
		rows = append(rows, "("+strings.Join(values, ", ")+")")
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", f.server.Table(t.ID), f.idents(columns), strings.Join(rows, ", ")), true
}

// row tries values until the server takes a row.
func (f *filler) row(ctx context.Context, t Table, row int) (n int64, err error) {
	for try := range tries(t, row) {
		n, err = f.server.Insert(ctx, f.statement(t, row, try))
		if n > 0 || ctx.Err() != nil {
			return n, err
		}
	}
	if err == nil {
		err = fmt.Errorf("no row fits both states")
	}
	return 0, err
}

func (f *filler) statement(t Table, row, try int) string {
	names, values := f.values(t, row, try)
	head := "INSERT INTO " + f.server.Table(t.ID) + " "
	if len(names) == 0 {
		return head + f.server.NoValues()
	}
	columns := f.idents(names)
	if len(t.Later) == 0 {
		return fmt.Sprintf("%s(%s) VALUES (%s)", head, columns, strings.Join(values, ", "))
	}
	for i, v := range values {
		values[i] = v + " AS " + f.server.Ident(names[i])
	}
	return fmt.Sprintf("%s(%s) SELECT %s FROM (SELECT %s) %s WHERE (%s)",
		head, columns, columns, strings.Join(values, ", "), f.server.Ident("made up"), strings.Join(t.Later, ") AND ("))
}

func (f *filler) idents(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = f.server.Ident(n)
	}
	return strings.Join(out, ", ")
}

// hot reports whether conditions decide on the column's values.
func (t Table) hot(c Column) bool {
	return slices.ContainsFunc(t.Conditions, func(k Condition) bool { return slices.Contains(k.Columns, c.Name) })
}

// tries is how many combinations of values are worth a try.
func tries(t Table, row int) int {
	n := 1
	for _, c := range t.Columns {
		if t.hot(c) {
			n = min(n*len(c.options(row)), mostTries)
		}
	}
	return max(n, plainTries)
}

// options are the values that a column with conditions is tried with.
func (c Column) options(row int) []string {
	out := append([]string{c.Value(row)}, c.Special...)
	for i := 1; i < rowsEach; i++ {
		out = append(out, c.Value(row+i))
	}
	if c.Nullable {
		out = append(out, "NULL")
	}
	return out[:min(len(out), mostOptions)]
}

// values are the columns and values of a row. Later tries combine the values of columns with conditions in all ways,
// and leave the usual values behind elsewhere: something unique may have them already.
func (f *filler) values(t Table, row, try int) (names, values []string) {
	at := try
	for _, c := range t.Columns {
		if c.Given {
			continue
		}
		value := ""
		switch k, ok := t.key(c.Name); {
		case ok:
			value = f.reference(t, c, k, row)
		case t.hot(c):
			options := c.options(row)
			value = options[at%len(options)]
			at /= len(options)
		case c.Nullable && row == rowsEach-1 && try == 0:
			value = "NULL"
		default:
			value = c.Value(row + rowsEach*try)
		}
		names, values = append(names, c.Name), append(values, value)
	}
	return names, values
}

func (t Table) key(column string) (Key, bool) {
	i := slices.IndexFunc(t.Keys, func(k Key) bool { return slices.Contains(k.Columns, column) })
	if i < 0 {
		return Key{}, false
	}
	return t.Keys[i], true
}

// reference is the value of a foreign key: that of a row of the other table.
func (f *filler) reference(t Table, c Column, k Key, row int) string {
	if n := f.counts[k.Table]; n > 0 {
		other := k.RefColumns[slices.Index(k.Columns, c.Name)]
		order := f.idents(k.RefColumns)
		return fmt.Sprintf("(SELECT %s FROM %s WHERE %s IS NOT NULL ORDER BY %s LIMIT 1 OFFSET %d)",
			f.server.Ident(other), f.server.Table(k.Table), f.server.Ident(other), order, int64(row)%n)
	}
	if c.Nullable || t.optional(k) && k.Table != t.ID {
		if c.Nullable {
			return "NULL"
		}
		return c.Value(row)
	}
	return c.Value(row) // the row refers to itself
}

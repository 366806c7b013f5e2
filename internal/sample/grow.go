package sample

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

const (
	batch = 100_000 // rows that one statement makes
	first = 1_000   // numbers up to this one are left to the rows that Fill made
)

// Has reports whether the table has all of the columns.
func (t Table) Has(columns []string) bool {
	return len(columns) > 0 && !slices.ContainsFunc(columns, func(name string) bool {
		return !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name })
	})
}

// Keyed reports whether the columns are those of a foreign key.
func (t Table) Keyed(columns []string) bool {
	return slices.ContainsFunc(t.Keys, func(k Key) bool { return slices.Equal(k.Columns, columns) })
}

// Endless is what Most is of values that never repeat.
const Endless = int64(1) << 62

// Maker is an expression that makes the values of a column out of numbers.
type Maker struct {
	// SQL spells the value for an expression that is a number.
	SQL func(n string) string
	// Most is how many numbers in a row have values of their own; 0: not even two for certain.
	Most int64
}

// Bulk spells what makes many rows at once.
type Bulk interface {
	Server
	// Numbers is an entry of FROM with the name g, whose column n has the numbers from and to and those between.
	Numbers(from, to int64) string
	// Rows is the table as an entry of FROM, without what others inherit from it.
	Rows(id object.ID) string
	// Divided is a number divided by another, without its fraction.
	Divided(n string, by int64) string
	// Overriding stands before the values where columns take some that the server else gives.
	Overriding() string
}

// Grown tells how many rows a table holds after Grow, and why it has no more.
type Grown struct {
	Count  int64
	Reason string
}

// Grow fills the tables and puts more rows in until they hold as many as wanted. What it cannot reach has a reason.
func Grow(ctx context.Context, s Bulk, tables []Table, wanted map[object.ID]int64) (map[object.ID]Grown, error) {
	filled, err := Fill(ctx, s, tables)
	if err != nil {
		return nil, err
	}
	g := &grower{server: s, seeds: map[object.ID]int64{}, made: map[object.ID]*making{}}
	out := map[object.ID]Grown{}
	for _, f := range filled {
		g.seeds[f.Table.ID] = f.Count
		out[f.Table.ID] = Grown{Count: f.Count, Reason: f.Reason}
	}
	for _, t := range inOrder(tables) {
		more := wanted[t.ID] - g.seeds[t.ID]
		if more <= 0 || g.seeds[t.ID] == 0 {
			continue
		}
		n, reason, err := g.table(ctx, t, more)
		if err != nil {
			return nil, err
		}
		out[t.ID] = Grown{Count: g.seeds[t.ID] + n, Reason: reason}
	}
	return out, nil
}

type grower struct {
	server Bulk
	seeds  map[object.ID]int64
	made   map[object.ID]*making
}

// making is how the rows of a table are made.
type making struct {
	table Table
	count int64
	// turns says after how many rows a column, or the columns of a foreign key, take the next value.
	turns map[string]int64
	plain bool // values are made only where keys need them; others are taken from rows that are there
}

// table makes rows, plainer ones where the server refuses them.
func (g *grower) table(ctx context.Context, t Table, more int64) (n int64, reason string, err error) {
	m := &making{table: t, turns: map[string]int64{}}
	limit, short := g.spread(m, more)
	if limit == 0 {
		return 0, short, nil
	}
	if limit >= more {
		limit, short = more, ""
	}
	var refused error
	for _, m.plain = range []bool{false, true} {
		n, refused = g.insert(ctx, m, limit)
		if ctx.Err() != nil {
			return n, "", context.Cause(ctx)
		}
		if refused == nil || n > 0 {
			break
		}
	}
	m.count = n
	g.made[t.ID] = m
	if refused != nil {
		short = fmt.Sprintf("the server refuses more rows: %v", refused)
	}
	return n, short, nil
}

// insert makes the rows in statements of one batch each.
func (g *grower) insert(ctx context.Context, m *making, rows int64) (n int64, err error) {
	for n < rows {
		upTo := min(n+batch, rows)
		if _, err := g.server.Insert(ctx, g.statement(m, first+n+1, first+upTo)); err != nil {
			return n, err
		}
		n = upTo
	}
	return n, nil
}

// spread lets columns take turns such that no two rows are alike in a key, and returns how many rows that does for.
func (g *grower) spread(m *making, rows int64) (limit int64, reason string) {
	limit = rows
	for _, u := range m.table.Unique {
		product := g.factors(m, u, rows)
		if product < limit {
			limit = product
			reason = fmt.Sprintf("its key %s (%s) has room for no more values that can be made up", u.Name, strings.Join(u.Columns, ", "))
		}
	}
	return limit, reason
}

// factors gives the parts of a key their turns, until all rows differ, and returns how many do.
func (g *grower) factors(m *making, u UniqueKey, rows int64) int64 {
	product := int64(1)
	var seen []string
	for _, c := range m.table.Columns {
		if !slices.Contains(u.Columns, c.Name) {
			continue
		}
		name, values := g.factor(m.table, c)
		if values >= rows {
			return rows // differs by itself
		}
		if values > 1 && !slices.Contains(seen, name) {
			seen = append(seen, name)
		}
	}
	for _, name := range seen {
		values := g.valuesOf(m.table, name)
		if turn, ok := m.turns[name]; ok && turn != product {
			continue // another key has decided
		}
		m.turns[name] = product
		if product *= values; product >= rows {
			return rows
		}
	}
	if product == 1 {
		return 0
	}
	return product
}

// factor is what a column's values depend on, its own name or that of its foreign key, and how many there are.
func (g *grower) factor(t Table, c Column) (name string, values int64) {
	if k, ok := t.widest(c.Name); ok {
		name = strings.Join(k.Columns, ", ")
	} else {
		name = c.Name
	}
	return name, g.valuesOf(t, name)
}

func (g *grower) valuesOf(t Table, name string) int64 {
	for _, k := range t.Keys {
		if strings.Join(k.Columns, ", ") == name {
			if m := g.parent(t, k); m != nil {
				return m.count
			}
			return 0
		}
	}
	for _, c := range t.Columns {
		if c.Name == name && c.Many != nil && !c.Computed && !t.hot(c) {
			return c.Many.Most
		}
	}
	return 0
}

// widest is the foreign key of most columns that a column is part of: its values suit the narrower ones, too.
func (t Table) widest(column string) (out Key, ok bool) {
	for _, k := range t.Keys {
		if slices.Contains(k.Columns, column) && len(k.Columns) > len(out.Columns) {
			out, ok = k, true
		}
	}
	return out, ok
}

// parent is how the rows are made that a foreign key can refer to; nil where those that are there must do.
func (g *grower) parent(t Table, k Key) *making {
	m := g.made[k.Table]
	if m == nil || m.count == 0 || k.Table == t.ID {
		return nil
	}
	for _, name := range k.RefColumns {
		if !g.makes(m, name) {
			return nil
		}
	}
	return m
}

// makes reports whether the values of a column are made, and not taken from rows that are there.
func (g *grower) makes(m *making, name string) bool {
	if k, ok := m.table.widest(name); ok {
		return m.needed(name) && g.parent(m.table, k) != nil
	}
	i := slices.IndexFunc(m.table.Columns, func(c Column) bool { return c.Name == name })
	return i >= 0 && m.own(m.table.Columns[i])
}

// own reports whether a column that is no foreign key gets a value for each row.
func (m *making) own(c Column) bool {
	if c.Many == nil || c.Computed || m.table.hot(c) {
		return false
	}
	return m.needed(c.Name)
}

// needed reports whether rows must have values of their own in a column: all get them that can, except where the server
// refused that.
func (m *making) needed(column string) bool {
	return !m.plain || slices.ContainsFunc(m.table.Unique, func(u UniqueKey) bool { return slices.Contains(u.Columns, column) })
}

// statement makes the rows with the numbers from and to and those between.
func (g *grower) statement(m *making, from, to int64) string {
	var names, values, again []string
	for _, c := range m.table.Columns {
		if c.Computed || c.Given && c.Many == nil {
			continue
		}
		v, made := g.value(m, c.Name, "g.n")
		if !made {
			again = append(again, g.server.Ident(c.Name))
			v = "s." + g.server.Ident(c.Name)
		}
		names, values = append(names, g.server.Ident(c.Name)), append(values, v)
	}
	head := "INSERT INTO " + g.server.Table(m.table.ID) + " "
	if len(names) == 0 {
		return head + g.server.NoValues()
	}
	sql := fmt.Sprintf("%s(%s) %sSELECT %s FROM %s", head, strings.Join(names, ", "), g.server.Overriding(), strings.Join(values, ", "), g.server.Numbers(from, to))
	if len(again) > 0 {
		n := g.seeds[m.table.ID]
		sql += fmt.Sprintf(" JOIN (SELECT ROW_NUMBER() OVER () - 1 AS %s, %s FROM %s LIMIT %d) AS s ON s.%s = g.n %% %d",
			g.server.Ident("made up"), strings.Join(again, ", "), g.server.Rows(m.table.ID), n, g.server.Ident("made up"), n)
	}
	return sql + " ORDER BY g.n"
}

// value spells the value of a column in the row with the number n; made is false where it is taken from a row that is
// there.
func (g *grower) value(m *making, name, n string) (sql string, made bool) {
	if k, ok := m.table.widest(name); ok {
		p := g.parent(m.table, k)
		if p == nil || !m.needed(name) {
			return "", false
		}
		turn := m.turns[strings.Join(k.Columns, ", ")]
		at := fmt.Sprintf("(%d + %s %% %d)", first+1, g.turned(n, turn), p.count)
		return g.value(p, k.RefColumns[slices.Index(k.Columns, name)], at)
	}
	i := slices.IndexFunc(m.table.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 || !m.own(m.table.Columns[i]) {
		return "", false
	}
	return m.table.Columns[i].Many.SQL(g.turned(n, m.turns[name])), true
}

// turned is the number by which a column that takes the next value after so many rows takes it.
func (g *grower) turned(n string, turn int64) string {
	if turn <= 1 {
		return n
	}
	return "(" + g.server.Divided(n, turn) + ")"
}

package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/sample"
)

var _ dialect.Grower = (*session)(nil)

// Grow fills the tables as Fill does, and those that are wanted larger until they are.
func (s *session) Grow(ctx context.Context, current, desired *object.State, wanted map[object.ID]int64) ([]dialect.Rows, error) {
	f := newFillable(s, current, desired)
	for i := range f.tables {
		f.keys(&f.tables[i])
	}
	grown, err := sample.Grow(ctx, rowWriter{s}, f.tables, wanted)
	if err != nil {
		return nil, err
	}
	var out []dialect.Rows
	for _, t := range f.tables {
		if wanted[t.ID] == 0 {
			continue
		}
		if grown[t.ID].Count > 0 {
			if err := s.Exec(ctx, "ANALYZE TABLE "+qualified(t.ID.Schema, t.ID.Name)); err != nil {
				return nil, err
			}
		}
		out = append(out, dialect.Rows{Table: t.ID, Count: grown[t.ID].Count, Reason: grown[t.ID].Reason})
	}
	return out, nil
}

// keys adds the keys that the table has and is to have, where it has their columns now.
func (f *fillable) keys(t *sample.Table) {
	for _, state := range []*object.State{f.current, f.desired} {
		for _, o := range state.Children()(t.ID) {
			switch v := o.Value.(type) {
			case *Index:
				if v.Unique || o.ID.Kind == primaryKey {
					t.Unique = append(t.Unique, sample.UniqueKey{Name: o.ID.Name, Columns: f.keyColumns(t, v)})
				}
			case *ForeignKey:
				ref := tableID(v.RefSchema, v.RefTable)
				if t.Has(v.Columns) && f.current.Has(ref) && !t.Keyed(v.Columns) {
					t.Keys = append(t.Keys, sample.Key{Columns: v.Columns, Table: ref, RefColumns: v.RefColumns})
				}
			}
		}
	}
	t.Unique = slices.DeleteFunc(t.Unique, func(u sample.UniqueKey) bool { return len(u.Columns) == 0 })
}

// keyColumns are the columns of an index, also of its expressions. A few characters of a column tell no rows apart for
// certain.
func (f *fillable) keyColumns(t *sample.Table, x *Index) []string {
	var out []string
	for _, p := range x.Parts {
		for _, c := range t.Columns {
			named := p.Column == c.Name && (p.Prefix == 0 || p.Prefix >= leastPrefix)
			if (named || slices.Contains(allNamed(p.Expr), c.Name)) && !slices.Contains(out, c.Name) {
				out = append(out, c.Name)
			}
		}
	}
	return out
}

// leastPrefix is how many characters tell made-up texts apart.
const leastPrefix = 8

// Numbers multiplies lists of ten digits: neither server counts by itself under all of its settings.
func (rowWriter) Numbers(from, to int64) string {
	const ten = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5" +
		" UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"
	sum, lists := fmt.Sprint(from), []string{}
	for i, size := 0, int64(1); size <= to-from; i, size = i+1, size*10 {
		sum += fmt.Sprintf(" + d%d.d * %d", i, size)
		lists = append(lists, fmt.Sprintf("%s AS d%d", ten, i))
	}
	if len(lists) == 0 {
		return "(SELECT " + sum + " AS n) AS g"
	}
	return "(SELECT " + sum + " AS n FROM " + strings.Join(lists, " CROSS JOIN ") + " HAVING n <= " + fmt.Sprint(to) + ") AS g"
}

func (w rowWriter) Rows(id object.ID) string { return w.Table(id) }

func (rowWriter) Divided(n string, by int64) string { return fmt.Sprintf("%s DIV %d", n, by) }

func (rowWriter) Overriding() string { return "" }

// newFillable reads from the states what the tables take.
func newFillable(s *session, current, desired *object.State) *fillable {
	f := &fillable{current: current, desired: desired, mariadb: s.flavor.mariadb, children: current.Children(), stored: map[object.ID][]string{}}
	for _, o := range current.Kind("table") {
		f.table(o)
	}
	return f
}

// many makes values of a column whose definition is to be another.
func many(now, later *Column) *sample.Maker {
	if now.Generated != "" {
		return nil
	}
	a := maker(parseType(now.Type))
	if later == nil || later.Type == now.Type || a == nil {
		return a
	}
	return tighter(parseType(now.Type), parseType(later.Type))
}

func laterColumn(desired *object.State, id object.ID) *Column {
	if d, ok := kind.Get[Column](desired, id); ok {
		return d.V
	}
	return nil
}

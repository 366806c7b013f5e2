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

// Fill takes what the tables are from the current state.
func (s *session) Fill(ctx context.Context, current, desired *object.State) ([]dialect.Rows, error) {
	f := newFillable(s, current, desired)
	filled, err := sample.Fill(ctx, rowWriter{s}, f.tables)
	if err != nil {
		return nil, err
	}
	out := make([]dialect.Rows, 0, len(filled))
	for _, t := range filled {
		out = append(out, dialect.Rows{Table: t.Table.ID, Count: t.Count, Reason: t.Reason, Columns: f.stored[t.Table.ID]})
	}
	return out, nil
}

// rowWriter writes rows on a session.
type rowWriter struct{ s *session }

func (rowWriter) Ident(name string) string  { return ident(name) }
func (rowWriter) Table(id object.ID) string { return qualified(id.Schema, id.Name) }
func (rowWriter) NoValues() string          { return "() VALUES ()" }

func (w rowWriter) Insert(ctx context.Context, sql string) (int64, error) {
	r, err := w.s.conn.ExecContext(ctx, sql)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Digest adds up checksums of the rows. Values count as the server shows them, bytes as they are.
func (s *session) Digest(ctx context.Context, table object.ID, columns []string) (dialect.Digest, error) {
	d := dialect.Digest{Filled: map[string]int64{}}
	types, err := s.dataTypes(ctx, table)
	if err != nil {
		return d, err
	}
	texts := []string{"''"}
	query := ""
	found := make([]int64, len(columns))
	dest := []any{&d.Count, &d.Sum}
	for i, c := range columns {
		texts = append(texts, "IFNULL("+digestible(ident(c), types[c])+", '-')")
		query += ", COUNT(" + ident(c) + ")"
		dest = append(dest, &found[i])
	}
	query = "SELECT COUNT(*), CAST(COALESCE(SUM(CRC32(CONCAT_WS(',', " + strings.Join(texts, ", ") + "))), 0) AS CHAR)" + query +
		" FROM " + qualified(table.Schema, table.Name)
	if err := s.conn.QueryRowContext(ctx, query).Scan(dest...); err != nil {
		return d, s.flavor.fault(err, query)
	}
	for i, c := range columns {
		d.Filled[c] = found[i]
	}
	return d, nil
}

// digestible is the text of a value in which nothing is lost.
func digestible(column, typ string) string {
	switch typ {
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "vector", "geometry", "point", "linestring", "polygon",
		"multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		return "HEX(" + column + ")"
	}
	return "HEX(CONVERT(CAST(" + column + " AS CHAR) USING utf8mb4))"
}

func (s *session) dataTypes(ctx context.Context, table object.ID) (map[string]string, error) {
	schema := "DATABASE()"
	if table.Schema != "" {
		schema = literal(table.Schema)
	}
	rows, err := s.conn.QueryContext(ctx, "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "+schema+
		" AND TABLE_NAME = "+literal(table.Name))
	if err != nil {
		return nil, s.flavor.fault(err, "")
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, typ string
		if err := rows.Scan(&name, &typ); err != nil {
			return nil, err
		}
		out[name] = typ
	}
	return out, rows.Err()
}

// fillable gathers the tables that can be filled.
type fillable struct {
	current, desired *object.State
	mariadb          bool
	children         func(object.ID) []*object.Object
	tables           []sample.Table
	stored           map[object.ID][]string
}

func (f *fillable) table(o *object.Object) {
	t := sample.Table{ID: o.ID}
	var hints []string
	v := o.Value.(*Table)
	columns := map[string]*Column{}
	for _, name := range v.Columns {
		if c, ok := kind.Get[Column](f.current, columnID(o.ID, name)); ok {
			columns[name] = c.V
			if c.V.Check != "" {
				hints = append(hints, c.V.Check)
				t.Conditions = append(t.Conditions, sample.Condition{Columns: []string{name}})
			}
		}
	}
	for _, child := range f.children(o.ID) {
		switch c := child.Value.(type) {
		case *Check:
			hints = append(hints, c.Expr)
			t.Conditions = append(t.Conditions, sample.Condition{Columns: namedIn(c.Expr, columns)})
		case *Partitioning:
			hints = append(hints, partitionTexts(c)...)
			t.Conditions = append(t.Conditions, sample.Condition{Columns: namedIn(c.By, columns)})
		case *ForeignKey:
			t.Keys = append(t.Keys, sample.Key{Columns: c.Columns, Table: tableID(c.RefSchema, c.RefTable), RefColumns: c.RefColumns})
		}
	}
	hints = append(hints, f.later(&t, columns)...)
	for _, name := range v.Columns {
		if c := columns[name]; c != nil {
			t.Columns = append(t.Columns, f.column(o.ID, name, c, hints))
		}
	}
	f.tables = append(f.tables, t)
}

// later adds the checks of the desired state, where they can be asked now.
func (f *fillable) later(t *sample.Table, columns map[string]*Column) (hints []string) {
	for _, o := range f.desired.Kind("check") {
		k, ok := kind.Get[Check](f.desired, o.ID)
		if !ok || o.Parent != t.ID || f.current.Has(o.ID) || k.V.NotEnforced {
			continue
		}
		names := namedIn(k.V.Expr, columns)
		given := slices.ContainsFunc(names, func(n string) bool { return columns[n].Generated != "" || columns[n].AutoIncrement })
		hints = append(hints, k.V.Expr)
		t.Conditions = append(t.Conditions, sample.Condition{Columns: names})
		if !given && len(names) == len(allNamed(k.V.Expr)) {
			t.Later = append(t.Later, k.V.Expr)
		}
	}
	for _, o := range f.desired.Kind("partitioning") {
		if p, ok := kind.Get[Partitioning](f.desired, o.ID); ok && o.Parent == t.ID {
			hints = append(hints, partitionTexts(p.V)...)
			t.Conditions = append(t.Conditions, sample.Condition{Columns: namedIn(p.V.By, columns)})
		}
	}
	return hints
}

func (f *fillable) column(table object.ID, name string, c *Column, hints []string) sample.Column {
	out := sample.Column{Name: name, Given: c.Generated != "" || c.AutoIncrement, Nullable: !c.NotNull}
	if c.Generated == "" {
		f.stored[table] = append(f.stored[table], name)
	}
	v := columnValue{typ: parseType(c.Type), srid: c.SRID, mariadb: f.mariadb}
	if d, ok := kind.Get[Column](f.desired, columnID(table, name)); ok {
		out.Nullable = out.Nullable && !d.V.NotNull
		v.fit(parseType(d.V.Type))
	}
	out.Value, out.Special = v.literal, v.hinted(hints)
	out.Many, out.Computed = many(c, laterColumn(f.desired, columnID(table, name))), c.Generated != ""
	return out
}

// allNamed lists the quoted names of an expression.
func allNamed(expr string) []string {
	var out []string
	for _, m := range quotedName.FindAllString(expr, -1) {
		out = append(out, strings.ReplaceAll(m[1:len(m)-1], "``", "`"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// namedIn lists the columns that an expression names.
func namedIn(expr string, columns map[string]*Column) []string {
	return slices.DeleteFunc(append(allNamed(expr), word.FindAllString(expr, -1)...), func(n string) bool { return columns[n] == nil })
}

func partitionTexts(p *Partitioning) []string {
	out := []string{}
	for _, part := range p.Partitions {
		out = append(out, fmt.Sprint(part.Def))
	}
	return out
}

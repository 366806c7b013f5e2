package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

// Model makes the model of a state, in which costs are told.
func (Dialect) Model(s *object.State, schema string, server safety.Server) *safety.Model {
	m := safety.NewModel(schema, server)
	m.Complete = complete
	if s == nil {
		return m
	}
	m.Whole = true
	tables := map[object.ID]*safety.Table{}
	for _, o := range s.All() {
		modelWhole(m, tables, o)
	}
	for _, o := range s.All() {
		if t := tables[o.Parent]; t != nil {
			modelPart(m, t, o)
		}
	}
	for _, t := range tables {
		order := s.Get(tableID(t.Name.Schema, t.Name.Name)).Value.(*Table).Columns
		slices.SortFunc(t.Columns, func(a, b safety.Column) int { return slices.Index(order, a.Name) - slices.Index(order, b.Name) })
	}
	for _, t := range tables {
		m.Put(t)
	}
	return m
}

// modelWhole adds tables and routines.
func modelWhole(m *safety.Model, tables map[object.ID]*safety.Table, o *object.Object) {
	switch v := o.Value.(type) {
	case *Table:
		t := &safety.Table{
			Name: safety.Name{Schema: o.ID.Schema, Name: o.ID.Name}, Kind: "table", Engine: v.Engine, Charset: v.Charset, Collation: v.Collation,
			Rows: -1, Bytes: -1,
		}
		for _, option := range v.Options {
			name, value, _ := strings.Cut(option, "=")
			name = strings.ToLower(strings.Trim(name, "`"))
			if ch := optionChange(name); ch == rowFormat || ch == compression || ch == pageCompression || ch == encryption {
				t.Set(safety.Action{Verb: safety.RowFormat, Name: name, Expr: strings.Trim(value, "'")})
			}
		}
		tables[o.ID] = t
	case *Routine:
		m.SetVolatility(safety.Name{Schema: o.ID.Schema, Name: o.ID.Name}, "volatile")
	}
}

// modelPart adds what belongs to a table.
func modelPart(m *safety.Model, t *safety.Table, o *object.Object) {
	switch v := o.Value.(type) {
	case *Column:
		t.Columns = append(t.Columns, v.safety(o.ID.Name))
		if v.Check != "" {
			t.Constraints = append(t.Constraints, safety.Constraint{Name: o.ID.Name, Type: safety.Check, Columns: []string{o.ID.Name}, Expr: v.Check, Inline: true})
		}
	case *Index:
		x := safety.Index{Name: o.ID.Name, Unique: v.Unique, Invisible: v.Invisible, Constraint: v.Unique}
		if v.Type == "FULLTEXT" || v.Type == "SPATIAL" || v.Type == "VECTOR" {
			x.Type = strings.ToLower(v.Type)
		}
		for _, p := range v.Parts {
			x.Prefix = x.Prefix || p.Prefix > 0
			x.Columns = append(x.Columns, orName(p.Column, "("+p.Expr+")"))
		}
		t.Indexes = append(t.Indexes, x)
		if x.Name == primaryName {
			t.Constraints = append(t.Constraints, safety.Constraint{Name: x.Name, Type: safety.Primary, Columns: x.Columns})
		}
	case *ForeignKey:
		t.Constraints = append(t.Constraints, safety.Constraint{
			Name: o.ID.Name, Type: safety.Foreign, Columns: v.Columns, RefTable: m.Full(safety.Name{Schema: v.RefSchema, Name: v.RefTable}), RefColumns: v.RefColumns,
		})
	case *Check:
		t.Constraints = append(t.Constraints, safety.Constraint{Name: o.ID.Name, Type: safety.Check, Expr: v.Expr, NotEnforced: v.NotEnforced, Columns: columnsIn(t, v.Expr)})
	case *Partitioning:
		by, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(v.By), "linear "), " ")
		t.PartitionBy, _, _ = strings.Cut(by, "(")
	case *Trigger:
		t.Triggers = append(t.Triggers, o.ID.Name)
	}
}

// safety is the column as costs know it.
func (c *Column) safety(name string) safety.Column {
	out := safety.Column{
		Name: name, Type: c.Type, NotNull: c.NotNull, Default: c.Default, OnUpdate: c.OnUpdate, AutoIncrement: c.AutoIncrement,
		Charset: c.Charset, Collation: c.Collation, Comment: c.Comment, Invisible: c.Invisible, SRID: c.SRID, Zerofill: strings.HasSuffix(c.Type, " zerofill"),
	}
	if c.Generated != "" {
		out.Default, out.Generated = c.Generated, either(c.Stored || c.isPeriod(), "stored", "virtual")
	}
	return out
}

// columnsIn are the columns of a table that an expression names.
func columnsIn(t *safety.Table, expr string) []string {
	var out []string
	for _, token := range statement.Tokens(expr, statement.Flavour{MySQL: true}) {
		if c := t.Column(foldColumn(t, token.Text)); token.Name() && c != nil && !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

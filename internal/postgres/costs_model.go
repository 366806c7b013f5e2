package postgres

import (
	"cmp"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/safety"
)

// Model makes the model of a state, in which costs are told.
func (Dialect) Model(s *object.State, schema string, server safety.Server) *safety.Model {
	m := safety.NewModel(cmp.Or(schema, "public"), server)
	if s == nil {
		return m
	}
	m.Whole = true
	b := &modelling{model: m, tables: map[object.ID]*safety.Table{}}
	for _, o := range s.All() {
		b.relation(o)
	}
	for _, o := range s.All() {
		b.part(o)
	}
	for _, t := range b.tables {
		m.Put(t)
	}
	for _, t := range b.tables {
		if p := m.Table(t.Parent); p != nil && !t.Parent.IsZero() {
			p.Partitions = append(p.Partitions, t.Name)
		}
	}
	return m
}

type modelling struct {
	model  *safety.Model
	tables map[object.ID]*safety.Table
}

func named(id object.ID) safety.Name { return safety.Name{Schema: id.Schema, Name: id.Name} }

// relation adds what has columns, and types and routines.
func (b *modelling) relation(o *object.Object) {
	t := &safety.Table{Name: named(o.ID), Rows: -1, Bytes: -1}
	switch v := o.Value.(type) {
	case *Table:
		t.Kind, t.RLS, t.Unlogged = "table", v.RowSecurity, v.Unlogged
		if v.PartitionBy != "" {
			t.Kind, t.PartitionBy = "partitioned table", v.PartitionBy
		}
		t.IsDefault = v.Bound == "DEFAULT"
		parent := v.PartitionOf
		if parent == "" && len(v.Inherits) > 0 {
			parent = v.Inherits[0]
		}
		if parent != "" {
			r := readerOf(parent)
			t.Parent = r.name()
		}
	case *Enum:
		b.model.SetEnum(named(o.ID), v.Values)
		return
	case *DomainCheck:
		b.model.Constrain(safety.Name{Schema: o.ID.Schema, Name: o.ID.Table})
		return
	case *Domain:
		if v.NotNull {
			b.model.Constrain(named(o.ID))
		}
		return
	case *Routine:
		b.model.SetVolatility(safety.Name{Schema: o.ID.Schema, Name: v.Name}, cmp.Or(strings.ToLower(v.Volatility), "volatile"))
		return
	default:
		switch o.ID.Kind {
		case "view":
			t.Kind = "view"
		case "materialized":
			t.Kind = "materialized view"
		case "foreign_table":
			t.Kind = "foreign table"
		default:
			return
		}
	}
	b.tables[o.ID] = t
}

// part adds what belongs to a relation.
func (b *modelling) part(o *object.Object) {
	t := b.tables[o.Parent]
	if t == nil {
		b.partOfColumn(o)
		return
	}
	switch v := o.Value.(type) {
	case *Column:
		t.Columns = append(t.Columns, safety.Column{
			Name: o.ID.Name, Type: v.Type, NotNull: v.NotNull, Default: v.Generated, Identity: strings.ToLower(v.Identity.Generated),
			Generated: generatedWord(v), Collation: plainCollation(v.Collation),
		})
	case *Constraint:
		c := safety.Constraint{
			Name: o.ID.Name, Type: constraintType(o.ID.Kind), Columns: v.Columns, Expr: v.Expr, NotValid: v.NotValid,
			NotEnforced: v.NotEnforced, RefTable: safety.Name{Schema: v.RefSchema, Name: v.RefTable}, RefColumns: v.RefColumns,
			Deferrable: v.Deferrable != "",
		}
		if c.Type == safety.Check {
			c.Columns = columnsOf(c.Expr)
		}
		t.Constraints = append(t.Constraints, c)
		if c.Type == safety.Primary || c.Type == safety.Unique || c.Type == safety.Exclude {
			t.Indexes = append(t.Indexes, safety.Index{Name: c.Name, Unique: c.Type != safety.Exclude, Columns: c.Columns, Constraint: true, NullsNotDistinct: v.NullsNotDistinct})
		}
	case *Index:
		i := safety.Index{Name: o.ID.Name, Unique: v.Unique, Include: v.Include, Where: v.Where, Method: v.Method, Invalid: v.Invalid, NullsNotDistinct: v.NullsNotDistinct}
		for _, p := range v.Parts {
			if p.Column != "" {
				i.Columns = append(i.Columns, p.Column)
			} else {
				i.Columns = append(i.Columns, "("+p.Expr+")")
			}
		}
		t.Indexes = append(t.Indexes, i)
	case *Policy:
		t.Policies = append(t.Policies, o.ID.Name)
	case *Trigger:
		t.Triggers = append(t.Triggers, o.ID.Name)
	}
}

func (b *modelling) partOfColumn(o *object.Object) {
	v, ok := o.Value.(*Default)
	if !ok {
		return
	}
	for _, kind := range []string{"table", "foreign_table"} {
		if c := b.tables[object.ID{Kind: kind, Schema: o.ID.Schema, Name: o.ID.Table}].Column(o.ID.Name); c != nil {
			c.Default = v.Expr
		}
	}
}

func generatedWord(c *Column) string {
	switch {
	case c.Generated == "":
		return ""
	case c.Virtual:
		return "virtual"
	}
	return "stored"
}

func plainCollation(quoted string) string {
	r := readerOf(quoted)
	return r.name().Name
}

func constraintType(kind string) safety.ConstraintType {
	switch kind {
	case "primary_key":
		return safety.Primary
	case "unique":
		return safety.Unique
	case "foreign_key":
		return safety.Foreign
	case "exclude":
		return safety.Exclude
	}
	return safety.Check
}

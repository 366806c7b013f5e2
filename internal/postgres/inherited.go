package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// InheritedColumn is what a partition or a child table has otherwise than its parent in a column that it has from
// there. Where there is no difference there is no object: the parent's column stands for the child's.
type InheritedColumn struct {
	NotNull bool `json:"not_null,omitempty"` // where the parent's column may be null
	// Default is the child's own default; OwnDefault tells it from none at all where the parent has one.
	Default    string `json:"default,omitempty"`
	OwnDefault bool   `json:"own_default,omitempty"`

	Column object.ID `json:"column" diff:"-"` // the parent's
}

func inheritedColumnKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[InheritedColumn]{
			Name: "inherited_column", Weight: weightColumn,
			Create: createInheritedColumn, Alter: alterInheritedColumn, Drop: dropInheritedColumn,
		}),
		queries: []catalog.Query{{Name: "inherited_columns", SQL: `
SELECT a.attrelid AS relation, a.attnum AS num, a.attname AS name, d.oid AS "default", p.attrelid AS parent, p.attnum AS parent_num,
  a.attnotnull AND NOT p.attnotnull AS not_null, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expr,
  a.attgenerated = '' AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(pd.adbin, pd.adrelid) AS own_default,
  nn.oid IS NOT NULL AS own_not_null
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.inhrelid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attislocal
JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND NOT p.attisdropped
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f')
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_attrdef pd ON pd.adrelid = p.attrelid AND pd.adnum = p.attnum
LEFT JOIN pg_catalog.pg_constraint nn ON p.attnotnull AND nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum AND nn.conislocal
ORDER BY i.inhseqno, i.inhparent, 1, 2`}},
		build: buildInheritedColumns,
		hcl:   inheritedColumnHCL(),
	}
}

// buildInheritedColumns goes from parents to children, however deep: a parent's column may itself be an alias.
func buildInheritedColumns(b *builder) error {
	var waiting []catalog.Row
	_ = b.rows("inherited_columns", func(r catalog.Row) error {
		waiting = append(waiting, r)
		return nil
	})
	for len(waiting) > 0 {
		var left []catalog.Row
		for _, r := range waiting {
			column, ok := b.at(ref{classRelation, r.Str("parent"), r.Str("parent_num")})
			if !ok {
				left = append(left, r)
				continue
			}
			if err := b.inherit(r, column); err != nil {
				return err
			}
		}
		if len(left) == len(waiting) {
			return nil // their parents are not managed
		}
		waiting = left
	}
	return nil
}

func (b *builder) inherit(r catalog.Row, column object.ID) error {
	table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
	at := ref{classRelation, r.Str("relation"), r.Str("num")}
	if _, known := b.at(at); !ok || known {
		return nil
	}
	b.alias(at, column)
	own := columnID(table, r.Str("name"))
	b.part(at, own, table)
	if !r.Null("default") {
		b.alias(ref{classDefault, r.Str("default"), "0"}, column)
	}
	if t, ok := kind.Get[Table](b.state, table); ok && r.Bool("own_not_null") {
		t.V.OwnNotNull = append(t.V.OwnNotNull, own.Name)
	}
	v := &InheritedColumn{NotNull: r.Bool("not_null"), OwnDefault: r.Bool("own_default"), Column: column}
	if !v.NotNull && !v.OwnDefault {
		return nil
	}
	if v.OwnDefault {
		v.Default = r.Str("expr")
	}
	id := own
	id.Kind = "inherited_column"
	return b.add(ref{classRelation, at.oid, at.sub + " inherited"}, &object.Object{
		ID: id, Value: v, Parent: table, Needs: []object.ID{column},
	})
}

// parentDefault is the default of the parent's column.
func parentDefault(s *object.State, column object.ID) string {
	column.Kind = "default"
	if d, ok := kind.Get[Default](s, column); ok {
		return d.V.Expr
	}
	return ""
}

func setDefault(expr string) string {
	if expr == "" {
		return "DROP DEFAULT"
	}
	return "SET DEFAULT " + expr
}

func createInheritedColumn(_ *kind.Context, i kind.Of[InheritedColumn]) ([]plan.Step, error) {
	var steps []plan.Step
	if i.V.NotNull {
		steps = append(steps, alterColumnStep(i.ID, "SET NOT NULL", "DROP NOT NULL"))
	}
	if i.V.OwnDefault {
		steps = append(steps, alterColumnStep(i.ID, setDefault(i.V.Default), ""))
	}
	return steps, nil
}

func alterInheritedColumn(c *kind.Context, _, to kind.Of[InheritedColumn], a *kind.Attrs) (plan.Edit, error) {
	var steps []plan.Step
	if a.Take("not_null") {
		steps = append(steps, notNullStep(c, to, to.V.NotNull)...)
	}
	if a.Take("default", "own_default") {
		expr := to.V.Default
		if !to.V.OwnDefault {
			expr = parentDefault(c.To, to.V.Column)
		}
		steps = append(steps, alterColumnStep(to.ID, setDefault(expr), ""))
	}
	return plan.InPlace(steps...), nil
}

// notNullStep changes whether the child's column may be null, unless the parent's does so too and takes it along.
func notNullStep(c *kind.Context, i kind.Of[InheritedColumn], notNull bool) []plan.Step {
	if parent, ok := kind.Get[Column](c.To, i.V.Column); ok && parent.V.NotNull {
		return nil
	}
	if notNull {
		return []plan.Step{alterColumnStep(i.ID, "SET NOT NULL", "DROP NOT NULL")}
	}
	return []plan.Step{alterColumnStep(i.ID, "DROP NOT NULL", "SET NOT NULL")}
}

// dropInheritedColumn makes the child's column like the parent's again; a table that is no child any more keeps its
// columns as objects of their own, which say how they are to be.
func dropInheritedColumn(c *kind.Context, i kind.Of[InheritedColumn]) ([]plan.Step, error) {
	own := i.ID
	own.Kind = "column"
	if c.To.Has(own) || !c.To.Has(i.V.Column) {
		return nil, nil
	}
	var steps []plan.Step
	if i.V.NotNull {
		steps = append(steps, notNullStep(c, i, false)...)
	}
	if i.V.OwnDefault {
		expr := parentDefault(c.To, i.V.Column)
		if c.To.Has(i.ID) { // it is put back: meanwhile the column may get another type
			expr = ""
		}
		steps = append(steps, alterColumnStep(i.ID, setDefault(expr), ""))
	}
	return steps, nil
}

// inheritsColumn finds the column of a parent that a table has instead of one of its own.
func inheritsColumn(s *object.State, column, table object.ID) (kind.Of[Column], bool) {
	o := s.Get(table)
	if o == nil || s.Has(column) {
		return kind.Of[Column]{}, false
	}
	for _, n := range o.Needs {
		if n.Kind != "table" {
			continue
		}
		parent := columnID(n, column.Name)
		if c, ok := kind.Get[Column](s, parent); ok {
			return c, true
		}
		if c, ok := inheritsColumn(s, parent, n); ok {
			return c, true
		}
	}
	return kind.Of[Column]{}, false
}

func inheritedID(column object.ID) object.ID {
	column.Kind = "inherited_column"
	return column
}

// parentsCheck reports whether a check of a table is, in a state, one that it has from a parent.
func parentsCheck(s *object.State, check kind.Of[Constraint]) bool {
	if check.ID.Kind != "check" {
		return false
	}
	return slices.ContainsFunc(ancestors(s, check.Parent, nil), func(parent object.ID) bool {
		id := check.ID
		id.Schema, id.Table = parent.Schema, parent.Name
		parents, ok := kind.Get[Constraint](s, id)
		return ok && parents.V.Def == check.V.Def && !parents.V.NoInherit
	})
}

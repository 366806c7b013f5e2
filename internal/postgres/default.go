package postgres

import (
	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Default is the default of a column: an object of its own, because it may need functions and sequences that in turn
// need the table.
type Default struct {
	Expr string `json:"expr"` // as pg_get_expr spells it
}

func defaultKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Default]{
			Name: "default", Weight: weightDefault,
			Create: createDefault, Alter: alterDefault, Drop: dropDefault,
		}),
		queries: []catalog.Query{{Name: "defaults", SQL: `
SELECT d.oid, d.adrelid AS relation, d.adnum AS num, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expr
FROM pg_catalog.pg_attrdef d
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE a.attgenerated = '' AND NOT a.attisdropped
ORDER BY 2, 3`}},
		build: buildDefaults,
		hcl:   defaultHCL(),
	}
}

func buildDefaults(b *builder) error {
	return b.rows("defaults", func(r catalog.Row) error {
		at := ref{classDefault, r.Str("oid"), "0"}
		column, ok := b.target(ref{classRelation, r.Str("relation"), r.Str("num")})
		if _, inherited := b.at(at); !ok || inherited {
			return nil
		}
		return b.add(at, &object.Object{
			ID:     object.ID{Kind: "default", Schema: column.id.Schema, Table: column.id.Table, Name: column.id.Name},
			Value:  &Default{Expr: r.Str("expr")},
			Parent: column.owner,
		})
	})
}

// defaultSteps lets Atlas diff and plan the column without and with its default.
func defaultSteps(c *kind.Context, id object.ID, from, to string) ([]plan.Step, error) {
	typ := "text"
	if col, ok := kind.Get[Column](c.To, columnID(object.ID{Schema: id.Schema, Name: id.Table}, id.Name)); ok {
		typ = col.V.Type
	}
	model := func(expr string) atlas.Table {
		return atlas.Table{Schema: id.Schema, Name: id.Table, Columns: []atlas.Column{{Name: id.Name, Type: typ, Default: expr}}}
	}
	stmts, err := atlas.Postgres{}.Alter(model(from), model(to))
	if err != nil {
		return nil, err
	}
	if len(stmts) == 0 { // Atlas takes two spellings that differ only in a cast for equal
		return []plan.Step{alterColumnStep(id, "SET DEFAULT "+to, "SET DEFAULT "+from)}, nil
	}
	step := fromAtlas(id, stmts[0])
	step.Comment = "change the default of column " + id.Path()
	return []plan.Step{step}, nil
}

func createDefault(c *kind.Context, d kind.Of[Default]) ([]plan.Step, error) {
	steps, err := defaultSteps(c, d.ID, "", d.V.Expr)
	if err != nil {
		return nil, err
	}
	steps[0].Comment = "set the default of column " + d.ID.Path()
	if column := columnID(tableID(d.ID), d.ID.Name); fillsLater(c, column) {
		return fillSteps(c, column, steps[0]), nil
	}
	if d.Parent.Kind == "column" { // views are made without them
		steps[0].Into = plan.Ref{Op: plan.Create, ID: d.Parent}
	}
	if comesWithType(c, tableID(d.ID)) {
		steps[0].Into.ID = tableID(d.ID)
	}
	return append(steps, defaultsAgain(c, tableID(d.ID), d.ID.Name)...), nil
}

func alterDefault(c *kind.Context, from, to kind.Of[Default], a *kind.Attrs) (plan.Edit, error) {
	a.Take("expr")
	steps, err := defaultSteps(c, to.ID, from.V.Expr, to.V.Expr)
	return plan.InPlace(append(steps, defaultsAgain(c, tableID(to.ID), to.ID.Name)...)...), err
}

func dropDefault(c *kind.Context, d kind.Of[Default]) ([]plan.Step, error) {
	steps, err := defaultSteps(c, d.ID, d.V.Expr, "")
	if err != nil {
		return nil, err
	}
	steps[0].Comment = "drop the default of column " + d.ID.Path()
	if c.Goes(columnID(tableID(d.ID), d.ID.Name)) || c.To.Has(d.ID) { // it is put back, and then those of heirs
		return steps, nil
	}
	return append(steps, defaultsAgain(c, tableID(d.ID), d.ID.Name)...), nil
}

package mysql

import (
	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Check is a check constraint of a table. MariaDB's checks of single columns are attributes of the column.
type Check struct {
	Expr        string `json:"expr"`
	NotEnforced bool   `json:"not_enforced,omitempty"`     // MySQL
	Unnamed     bool   `json:"unnamed,omitempty" diff:"-"` // the server is to find a name
}

func checkKind() objectKind {
	return objectKind{
		hcl: checkHCL(),
		Kind: kind.Define(kind.Def[Check]{
			Name: "check", Weight: weightCheck,
			Create: createCheck, Alter: alterCheck, Drop: dropCheck, Moot: mootCheck,
		}),
		queries: checkQueries,
		build:   buildChecks,
	}
}

func checkQueries(s server, in within) []catalog.Query {
	if s.mariadb {
		return []catalog.Query{{Name: "checks", SQL: `
SELECT CONSTRAINT_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS expr, LEVEL = 'Column' AS of_column, 'YES' AS enforced
FROM information_schema.CHECK_CONSTRAINTS WHERE ` + in("CONSTRAINT_SCHEMA") + ` ORDER BY 1, 2, 3`}}
	}
	// The server joins its two views in the square of their size, so that is done here.
	return []catalog.Query{
		{Name: "checks", SQL: `
SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS name, NULL AS expr, 0 AS of_column, ENFORCED AS enforced
FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = 'CHECK' AND ` + in("TABLE_SCHEMA") + ` ORDER BY 1, 2, 3`},
		{Name: "check_clauses", SQL: `
SELECT CONSTRAINT_SCHEMA AS db, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS expr
FROM information_schema.CHECK_CONSTRAINTS WHERE ` + in("CONSTRAINT_SCHEMA") + ` ORDER BY 1, 2`},
	}
}

func buildChecks(b *builder) error {
	clauses := map[[2]string]string{}
	_ = b.rows("check_clauses", func(r catalog.Row) error {
		clauses[[2]string{r.Str("db"), r.Str("name")}] = toldExpr(r.Str("expr"))
		return nil
	})
	return b.rows("checks", func(r catalog.Row) error {
		t, ok := b.tableAt(r, "db", "tab")
		if !ok {
			return nil
		}
		name, expr := r.Str("name"), r.Str("expr")
		if c := t.columns[name]; r.Bool("of_column") && c != nil {
			c.Check = expr
			if lossy(expr) {
				c.Check = found("CHECK (", expr, b.lineOf(t, ident(name)))
			}
			return nil
		}
		if t.hasPeriod(name) {
			return nil // a period makes its own check
		}
		if !b.mariadb {
			expr = clauses[[2]string{r.Str("db"), name}]
		} else if lossy(expr) {
			expr = found("CHECK (", expr, b.lineOf(t, "CONSTRAINT "+ident(name)))
		}
		id := object.ID{Kind: "check", Schema: t.ID.Schema, Table: t.ID.Name, Name: name}
		o := &object.Object{ID: id, Value: &Check{Expr: expr, NotEnforced: !r.Bool("enforced")}, Parent: t.ID}
		if !b.mariadb { // unique in the database (MySQL manual, "CHECK Constraints"); in MariaDB in the table
			o.Claims = []string{"check " + qualified(id.Schema, name)}
		}
		o.Needs = t.columnsIn(expr)
		return b.add(o)
	})
}

func (k *Check) model(name string) atlas.MySQLCheck {
	if k.Unnamed {
		name = ""
	}
	return atlas.MySQLCheck{Name: name, Expr: keepNested(k.Expr), NotEnforced: k.NotEnforced}
}

func createCheck(c *kind.Context, k kind.Of[Check]) ([]plan.Step, error) {
	stmt, err := atlas.MySQL{}.AddCheck(bare(k.Parent), k.V.model(k.ID.Name))
	step := fromAtlas(c, k.Parent, stmt, "add "+k.ID.String())
	step.Runs = runs(c, k.Parent, either(k.V.NotEnforced, addIdleCheck, addCheck))
	return []plan.Step{step}, err
}

func alterCheck(c *kind.Context, from, to kind.Of[Check], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("expr") {
		a.Take("not_enforced")
		return plan.Replace("the expression of a check cannot be changed in place"), nil
	}
	a.Take("not_enforced")
	word := func(k *Check) string {
		if k.NotEnforced {
			return "NOT ENFORCED"
		}
		return "ENFORCED"
	}
	head := "ALTER CHECK " + ident(to.ID.Name) + " "
	step := alterStep(c, to.Parent, head+word(to.V), head+word(from.V), "modify "+to.ID.String())
	step.Runs = runs(c, to.Parent, either(to.V.NotEnforced, idleCheck, enforceCheck))
	return plan.InPlace(step), nil
}

func dropCheck(c *kind.Context, k kind.Of[Check]) ([]plan.Step, error) {
	stmt, err := atlas.MySQL{}.DropCheck(bare(k.Parent), k.V.model(k.ID.Name))
	step := fromAtlas(c, k.Parent, stmt, "drop "+k.ID.String())
	step.Runs = runs(c, k.Parent, dropACheck)
	return []plan.Step{step}, err
}

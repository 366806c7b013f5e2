package mysql

import (
	"regexp"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/plan"
)

// unsafeFunction finds the functions whose result differs from call to call or server to server.
var unsafeFunction = regexp.MustCompile(`(?i)\b(?:uuid|uuid_short|rand|random_bytes|sysdate|user|current_user|session_user|system_user|` +
	`version|connection_id|current_role|last_insert_id|found_rows|row_count)\(`)

// unsafeDefault reports whether MySQL refuses to add the column with its default, or to change to it while it copies the
// table: error 1674, whatever binlog_format says (MySQL manual, "Data Type Default Values").
func (c *Column) unsafeDefault() bool { return !c.MariaDB && unsafeFunction.MatchString(c.Default) }

// addUnsafe adds the column without its default, gives the rows that are there what the default would have given, and
// then sets it.
func addUnsafe(c *kind.Context, col kind.Of[Column], add plan.Step) ([]plan.Step, error) {
	plain := *col.V
	plain.Default, plain.NotNull = "", false
	first, err := createColumn(c, kind.Of[Column]{Object: col.Object, V: &plain})
	if err != nil {
		return nil, err
	}
	first[0].Comment = add.Comment
	last, err := modifyStep(c, kind.Of[Column]{Object: col.Object, V: &plain}, col, false)
	if err != nil {
		return nil, err
	}
	last.Prefix, last.Clause, last.Into = "", "", plan.Ref{}
	last.Comment = "set the default of column " + col.ID.Path()
	table, name := qualified(col.ID.Schema, col.ID.Table), ident(col.ID.Name)
	return append(first,
		plan.Step{
			SQL:     "UPDATE " + table + " SET " + name + " = " + col.V.Default + " WHERE " + name + " IS NULL",
			Comment: "fill column " + col.ID.Path(), Data: true,
		},
		last), nil
}

// modifyUnsafe changes the rest of the definition first and the default in a statement that copies nothing.
func modifyUnsafe(c *kind.Context, from, to kind.Of[Column], moved bool) ([]plan.Step, error) {
	rest := *to.V
	rest.Default = from.V.Default
	var out []plan.Step
	if moved || !rest.same(from.V) {
		step, err := modifyStep(c, from, kind.Of[Column]{Object: to.Object, V: &rest}, moved)
		if err != nil {
			return nil, err
		}
		out = append(out, step)
	}
	set := func(col *Column) string {
		clause := "ALTER TABLE " + tableOf(to.ID) + " ALTER COLUMN " + ident(to.ID.Name)
		if col.Default == "" {
			return clause + " DROP DEFAULT"
		}
		return clause + " SET DEFAULT " + col.Default
	}
	return append(out, plan.Step{
		SQL: set(to.V), Reverse: []string{set(from.V)}, Comment: "change the default of column " + to.ID.Path(),
	}), nil
}

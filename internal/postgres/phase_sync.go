package postgres

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// syncLabel ends the names of the trigger and the function that keep old and new columns of a table in step. Triggers fire in
// the order of their names (PostgreSQL manual, "Overview of Trigger Behavior"): this one is to see what others made of
// the row.
const syncLabel = "schemactl_sync"

func (t *phasedTable) table() string { return qualified(t.id.Schema, t.id.Name) }

func (t *phasedTable) function() string {
	return qualified(t.id.Schema, generatedName(t.id.Name, "", syncLabel))
}

func (t *phasedTable) trigger() string { return "zzz_" + syncLabel }

// converter is the function that makes NULL of a value which does not fit.
func (c *phasedColumn) converter() string {
	return qualified(c.To.Schema, generatedName(c.To.Table, c.From.Name, "schemactl_fit"))
}

// converted is the value of the old column as the new one has it.
func (c *phasedColumn) converted() string {
	old := ident(c.From.Name)
	switch {
	case c.renamed():
		return old
	case c.unsure:
		return c.converter() + "(" + old + ")"
	}
	return using(c.from.V, c.to.V, c.From.Name)
}

// assigned is the value of an old column as it is assigned to one of the new type, of which the server makes the rest.
func (c *phasedColumn) assigned(of, name string) string {
	if expr := conversion(c.from.V, c.to.V, name); expr != "" {
		return of + expr
	}
	return of + ident(name)
}

// differs is the condition under which two values are not the same, byte for byte: equality is not enough, and some types
// have none (PostgreSQL manual, "Composite Type Comparison").
func differs(a, b string) string {
	return "ROW(" + a + ")::record OPERATOR(pg_catalog.*<>) ROW(" + b + ")::record"
}

// syncSteps make what keeps the columns in step.
func (t *phasedTable) syncSteps() []*plan.Step {
	var steps []*plan.Step
	body := "BEGIN\n"
	for _, c := range t.columns {
		if c.unsure {
			steps = append(steps, t.step("function", plan.Create, c.fitFunction(), "make the function that converts what fits column "+c.besidePath()))
		}
		body += c.follow()
	}
	body += "  RETURN NEW;\nEND"
	steps = append(steps,
		t.step("function", plan.Create, "CREATE FUNCTION "+t.function()+"() RETURNS trigger LANGUAGE plpgsql AS $sync$\n"+body+"\n$sync$",
			"make the function that keeps "+t.pairs()+" in step"),
		t.step("trigger", plan.Create, "CREATE TRIGGER "+ident(t.trigger())+" BEFORE INSERT OR UPDATE ON "+t.table()+
			" FOR EACH ROW EXECUTE FUNCTION "+t.function()+"()", "keep "+t.pairs()+" in step, whoever writes"))
	return steps
}

func (c *phasedColumn) besidePath() string { return columnID(tableID(c.To), c.beside).Path() }

// pairs names the old and new columns for people.
func (t *phasedTable) pairs() string {
	var out []string
	for _, c := range t.columns {
		out = append(out, c.From.Name+" and "+c.beside)
	}
	return strings.Join(out, ", ") + " of " + t.id.String()
}

// step is one about the table. kindName is that of what it makes or drops.
func (t *phasedTable) step(kindName string, op plan.Op, sql, comment string) *plan.Step {
	id := object.ID{Kind: kindName, Schema: t.id.Schema, Table: t.id.Name, Name: syncLabel}
	if kindName == "table" {
		id = t.id
	}
	return &plan.Step{ID: id, Owner: t.id, Op: op, SQL: sql, Comment: comment}
}

// brieflyStep keeps a file's statements from waiting long for a lock: who comes after them waits behind them. apply tries
// the file again.
func (t *phasedTable) brieflyStep() *plan.Step {
	return t.step("table", plan.Alter, "SET lock_timeout = '2s'", "keep nobody waiting: give up soon, and try again")
}

// follow is the part of the trigger's body that keeps one column in step. A column that gets another type is not used by
// programs until it has taken the place of the old one: it only follows. Of a renamed one either name may be written; a
// row that no name changes is one that is still to be filled, and the old name counts.
func (c *phasedColumn) follow() string {
	old, anew := ident(c.From.Name), ident(c.beside)
	if c.renamed() {
		return fmt.Sprintf(`  IF TG_OP = 'INSERT' AND NEW.%[2]s IS NOT NULL OR TG_OP = 'UPDATE' AND %[3]s THEN
    NEW.%[1]s := NEW.%[2]s;
  ELSE
    NEW.%[2]s := NEW.%[1]s;
  END IF;
`, old, anew, differs("NEW."+anew, "OLD."+anew))
	}
	set := "NEW." + anew + " := " + c.assigned("NEW.", c.From.Name) + ";\n"
	if !c.unsure {
		return "  " + set
	}
	// A block with an exception handler is a subtransaction: only where there is something to convert.
	return fmt.Sprintf(`  IF TG_OP = 'INSERT' OR NEW.%[2]s IS NULL OR %[3]s THEN
    BEGIN
      %[4]s    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
      NEW.%[2]s := NULL;
    END;
  END IF;
`, old, anew, differs("NEW."+old, "OLD."+old), set)
}

// fitFunction converts as the trigger does. The trigger does not call it: a program may have no right to.
func (c *phasedColumn) fitFunction() string {
	return fmt.Sprintf(`CREATE FUNCTION %s("value" %s) RETURNS %s LANGUAGE plpgsql STABLE AS $fit$
DECLARE
  fitting %s;
BEGIN
  fitting := %s;
  RETURN fitting;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
  RETURN NULL;
END
$fit$`, c.converter(), c.from.V.Type, c.to.V.Type, c.to.V.Type, c.assigned("", "value"))
}

// fillStep fills the new columns of the rows that are there.
func (t *phasedTable) fillStep() *plan.Step {
	var set, where []string
	for _, c := range t.columns {
		set = append(set, ident(c.beside)+" = "+c.converted())
		where = append(where, differs(ident(c.beside), c.converted()))
	}
	cond := strings.Join(where, " OR ")
	if len(where) > 1 {
		cond = "(" + cond + ")"
	}
	s := t.step("table", plan.Alter, "UPDATE "+t.table()+" SET "+strings.Join(set, ", ")+" WHERE "+cond+" "+dialect.BatchMark,
		"fill the new columns of the rows that are there, in batches: "+t.pairs())
	s.NoTx, s.Data, s.Pace = true, true, plan.Slow
	return s
}

// inStep asks for values that did not fit, and for rows whose old and new columns do not say the same.
func (t *phasedTable) inStep() []plan.Check {
	var out []plan.Check
	var where []string
	ask := func(demand, cond string) {
		out = append(out, plan.Check{
			Object: t.id, Rule: "in-step", Table: t.id, Demand: demand, SQL: "SELECT 1 FROM " + t.table() + " WHERE " + cond,
		})
	}
	for _, c := range t.columns {
		if c.unsure {
			ask("the values of "+c.From.String()+" must fit "+c.to.V.Type+": those that do not are missing in "+c.beside, ident(c.beside)+" IS NULL AND "+ident(c.From.Name)+" IS NOT NULL")
		}
		where = append(where, differs(ident(c.beside), c.converted()))
	}
	ask(t.pairs()+" must say the same in all rows", strings.Join(where, " OR "))
	return out
}

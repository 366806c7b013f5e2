package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
)

// comparison is the condition under which two values of a type are the same, byte for byte: texts are equal to others in
// many collations, and moments of a TIMESTAMP look alike in the hour that the clocks go through twice. It is empty for
// types of which that cannot be told.
func comparison(typ, a, b string) string {
	switch t := parseType(typ); {
	case t.isText() || t.isBinary() || t.name == "enum" || t.name == "set":
		return "HEX(" + a + ") <=> HEX(" + b + ")"
	case t.name == "timestamp":
		return "UNIX_TIMESTAMP(" + a + ") <=> UNIX_TIMESTAMP(" + b + ")"
	case t.isWhole() || t.isFraction() || t.isTime() || t.name == "year" || t.name == "bit" || t.name == "json":
		return a + " <=> " + b
	}
	return ""
}

// inStepAs is the condition under which the new column says what the old one does. of is put before both names.
func (c *phasedColumn) inStepAs() string {
	old := ident(c.From.Name)
	if c.from.V.Charset != c.to.V.Charset {
		old = "CONVERT(" + old + " USING " + c.to.V.Charset + ")"
	}
	return comparison(c.to.V.Type, ident(c.beside), old)
}

// syncSteps make the triggers that keep the columns in step. Triggers of one time and event run in the order in which they
// were made (MySQL manual, "Trigger Syntax and Examples"), so that these see what others made of the row.
func (t *phasedTable) syncSteps() []*plan.Step {
	trigger := func(name, event string, part func(*phasedColumn) string) *plan.Step {
		body := ""
		for _, c := range t.columns {
			body += part(c)
		}
		return t.step("trigger", plan.Create, "CREATE TRIGGER "+qualified(t.id.Schema, name)+" BEFORE "+event+" ON "+
			qualified(t.id.Schema, t.id.Name)+" FOR EACH ROW BEGIN\n"+body+"END", "keep "+t.pairs()+" in step on "+event)
	}
	return []*plan.Step{
		trigger(t.update, "UPDATE", func(c *phasedColumn) string {
			return c.follow("NOT (" + comparison(c.to.V.Type, "NEW."+ident(c.beside), "OLD."+ident(c.beside)) + ")")
		}),
		trigger(t.insert, "INSERT", func(c *phasedColumn) string { return c.follow("NEW." + ident(c.beside) + " IS NOT NULL") }),
	}
}

// follow is the part of a trigger's body that keeps one column in step. A column that gets another type is not used by
// programs until it has taken the place of the old one: it only follows. Of a renamed one either name may be written; a
// row that no name changes is one that is still to be filled, and the old name counts.
func (c *phasedColumn) follow(written string) string {
	old, anew := "NEW."+ident(c.From.Name), "NEW."+ident(c.beside)
	if !c.renamed() {
		return "  SET " + anew + " = " + old + ";\n"
	}
	return "  IF " + written + " THEN\n    SET " + old + " = " + anew + ";\n  ELSE\n    SET " + anew + " = " + old + ";\n  END IF;\n"
}

// pairs names the old and new columns for people.
func (t *phasedTable) pairs() string {
	var out []string
	for _, c := range t.columns {
		out = append(out, c.From.Name+" and "+c.beside)
	}
	return strings.Join(out, ", ") + " of " + t.id.String()
}

// differ is the condition under which a row is not in step.
func (t *phasedTable) differ() string {
	var out []string
	for _, c := range t.columns {
		out = append(out, "NOT ("+c.inStepAs()+")")
	}
	if len(out) == 1 {
		return out[0]
	}
	return "(" + strings.Join(out, " OR ") + ")"
}

// fillStep fills the new columns of the rows that are there.
func (t *phasedTable) fillStep() *plan.Step {
	var set []string
	for _, c := range t.columns {
		set = append(set, ident(c.beside)+" = "+ident(c.From.Name))
	}
	for _, name := range t.stamps { // given a value, they are not set ON UPDATE
		set = append(set, ident(name)+" = "+ident(name))
	}
	s := t.step("table", plan.Alter, "UPDATE "+qualified(t.id.Schema, t.id.Name)+" SET "+strings.Join(set, ", ")+" WHERE "+t.differ()+" "+dialect.BatchMark,
		"fill the new columns of the rows that are there, in batches: "+t.pairs())
	s.NoTx, s.Data, s.Pace = true, true, plan.Slow
	return s
}

// inStep asks for rows whose old and new columns do not say the same.
func (t *phasedTable) inStep() plan.Check {
	return plan.Check{
		Object: t.id, Rule: "in-step", Table: t.id, Demand: t.pairs() + " must say the same in all rows",
		SQL: "SELECT 1 FROM " + qualified(t.id.Schema, t.id.Name) + " WHERE " + t.differ(),
	}
}

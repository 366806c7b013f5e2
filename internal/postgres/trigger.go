package postgres

import (
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Trigger is a trigger of a table, view or foreign table. Its definition is compared as the server spells it; the
// structured fields serve HCL. The clones that a partitioned table's trigger has on its partitions belong to it.
type Trigger struct {
	Def     string `json:"def"`               // as pg_get_triggerdef spells it
	Enabled string `json:"enabled,omitempty"` // DISABLE, REPLICA or ALWAYS; empty: the default, on origin servers

	Constraint bool     `json:"constraint,omitempty" diff:"-"`
	Timing     string   `json:"timing" diff:"-"` // BEFORE, AFTER or INSTEAD OF
	Events     []string `json:"events" diff:"-"` // INSERT, DELETE, UPDATE, TRUNCATE
	Columns    []string `json:"columns,omitempty" diff:"-"`
	Row        bool     `json:"row,omitempty" diff:"-"`
	When       string   `json:"when,omitempty" diff:"-"`
	OldTable   string   `json:"old_table,omitempty" diff:"-"`
	NewTable   string   `json:"new_table,omitempty" diff:"-"`
	From       string   `json:"from,omitempty" diff:"-"` // the table that a constraint trigger refers to, quoted
	Deferrable string   `json:"deferrable,omitempty" diff:"-"`
	Function   string   `json:"function" diff:"-"` // quoted
	Args       []string `json:"args,omitempty" diff:"-"`
}

func (*Trigger) address(id object.ID) string {
	return "TRIGGER " + ident(id.Name) + " ON " + tableOf(id)
}

func triggerKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Trigger]{
			Name: "trigger", Weight: weightTrigger,
			Create: createTrigger, Alter: alterTrigger, Drop: dropTrigger,
		}),
		queries: []catalog.Query{{Name: "triggers", SQL: `
SELECT t.oid, t.tgrelid AS relation, t.tgname AS name, pg_catalog.pg_get_triggerdef(t.oid) AS def,
  CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' END AS enabled,
  t.tgconstraint <> 0 AS is_constraint, t.tgconstraint AS "constraint", t.tgtype AS type,
  (SELECT pg_catalog.string_agg(a.attname, E'\x1f' ORDER BY o.k) FROM pg_catalog.unnest(t.tgattr::int2[]) WITH ORDINALITY o(num, k)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = o.num) AS columns,
  t.tgoldtable AS old_table, t.tgnewtable AS new_table,
  CASE WHEN t.tgconstrrelid <> 0 THEN t.tgconstrrelid::pg_catalog.regclass END AS "from",
  CASE WHEN t.tginitdeferred THEN 'INITIALLY DEFERRED' WHEN t.tgdeferrable THEN 'INITIALLY IMMEDIATE' END AS deferrable,
  t.tgfoid::pg_catalog.regproc AS function, pg_catalog.encode(t.tgargs, 'escape') AS args
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND ` + userSchemas + `
ORDER BY 2, 3`}, partitionTriggerQuery()},
		build: buildTriggers,
		hcl:   triggerHCL(),
	}
}

// Bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h).
const (
	triggerRow = 1 << iota
	triggerBefore
	triggerInsert
	triggerDelete
	triggerUpdate
	triggerTruncate
	triggerInstead
)

func buildTriggers(b *builder) error {
	if err := buildFires(b); err != nil {
		return err
	}
	return b.rows("triggers", func(r catalog.Row) error {
		table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		bits := r.Int("type")
		t := &Trigger{
			Def: r.Str("def"), Enabled: r.Str("enabled"), Constraint: r.Bool("is_constraint"), Timing: "AFTER",
			Columns: r.List("columns"), Row: bits&triggerRow != 0, When: triggerCondition(r.Str("def")), OldTable: r.Str("old_table"),
			NewTable: r.Str("new_table"), From: r.Str("from"), Deferrable: r.Str("deferrable"), Function: r.Str("function"),
		}
		switch {
		case bits&triggerBefore != 0:
			t.Timing = "BEFORE"
		case bits&triggerInstead != 0:
			t.Timing = "INSTEAD OF"
		}
		for _, e := range []struct {
			bit  int64
			word string
		}{{triggerInsert, "INSERT"}, {triggerDelete, "DELETE"}, {triggerUpdate, "UPDATE"}, {triggerTruncate, "TRUNCATE"}} {
			if bits&e.bit != 0 {
				t.Events = append(t.Events, e.word)
			}
		}
		if args := r.Str("args"); args != "" {
			t.Args = triggerArgs(args)
		}
		id := object.ID{Kind: "trigger", Schema: table.Schema, Table: table.Name, Name: r.Str("name")}
		err := b.add(ref{classTrigger, r.Str("oid"), "0"}, &object.Object{
			ID: id, Value: t, Parent: table, Claims: []string{"trigger " + tableOf(id) + "." + ident(id.Name)},
		})
		if t.Constraint {
			b.alias(ref{classConstraint, r.Str("constraint"), "0"}, id)
		}
		return err
	})
}

// triggerArgs reads pg_trigger.tgargs in the escape format: each argument ends with a zero byte, a backslash is doubled,
// and bytes beyond ASCII are octal (PostgreSQL manual, "Binary String Functions", encode).
func triggerArgs(escaped string) []string {
	var out []string
	var arg []byte
	for i := 0; i < len(escaped); i++ {
		switch {
		case escaped[i] != '\\':
			arg = append(arg, escaped[i])
			continue
		case strings.HasPrefix(escaped[i:], `\\`):
			arg = append(arg, '\\')
			i++
			continue
		}
		code, err := strconv.ParseUint(escaped[i+1:min(i+4, len(escaped))], 8, 8)
		i += 3
		if code != 0 && err == nil {
			arg = append(arg, byte(code))
			continue
		}
		out, arg = append(out, string(arg)), nil
	}
	return out
}

// triggerCondition finds the condition in a definition: it speaks of two rows, which pg_get_expr cannot spell.
func triggerCondition(def string) string {
	_, rest, ok := strings.Cut(def, " WHEN (")
	end := strings.LastIndex(rest, ") EXECUTE ")
	if !ok || end < 0 {
		return ""
	}
	return rest[:end]
}

// enableSteps set when a trigger fires; a new one fires on origin servers.
func (t *Trigger) enableSteps(id object.ID, from string) []plan.Step {
	if t.Enabled == from {
		return nil
	}
	return []plan.Step{alterTableStep(object.ID{Schema: id.Schema, Name: id.Table}, enableClause(t.Enabled, id.Name), enableClause(from, id.Name), "set when "+id.String()+" fires")}
}

func createTrigger(c *kind.Context, t kind.Of[Trigger]) ([]plan.Step, error) {
	steps := []plan.Step{{
		SQL:     t.V.Def,
		Comment: "create " + t.ID.String(),
		Reverse: []string{"DROP " + t.V.address(t.ID)},
	}}
	return append(append(steps, t.V.enableSteps(t.ID, "")...), firesAgain(c, t)...), nil
}

func alterTrigger(c *kind.Context, from, to kind.Of[Trigger], a *kind.Attrs) (plan.Edit, error) {
	a.Take("enabled")
	if !a.Take("def") {
		return plan.InPlace(append(to.V.enableSteps(to.ID, from.V.Enabled), firesAgain(c, to)...)...), nil
	}
	if t, ok := kind.Get[Table](c.From, tableID(to.ID)); ok && t.V.PartitionBy != "" && from.V.Row && !to.V.Row {
		return plan.Replace("PostgreSQL leaves the triggers of its partitions, which fire for each row"), nil
	}
	if from.V.Constraint || to.V.Constraint {
		return plan.Replace("PostgreSQL cannot replace a constraint trigger"), nil
	}
	replace := func(def string) string { return strings.Replace(def, "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1) }
	steps := []plan.Step{{
		SQL:     replace(to.V.Def),
		Comment: "replace " + to.ID.String(),
		Reverse: []string{replace(from.V.Def)},
	}}
	for _, s := range from.V.enableSteps(from.ID, "") {
		steps[0].Reverse = append(steps[0].Reverse, s.SQL)
	}
	return plan.InPlace(append(append(steps, to.V.enableSteps(to.ID, "")...), firesAgain(c, to)...)...), nil
}

func dropTrigger(_ *kind.Context, t kind.Of[Trigger]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP " + t.V.address(t.ID),
		Comment: "drop " + t.ID.String(),
		Reverse: []string{t.V.Def},
		Loses:   t.ID.String() + ", which fires " + strings.ToLower(t.V.Timing) + " " + strings.Join(t.V.Events, " or ") + " on " + tableID(t.ID).Path(),
	}}, nil
}

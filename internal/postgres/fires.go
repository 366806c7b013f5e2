package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A partition has clones of the row triggers of the tables above it. When they fire is the partition's own (PostgreSQL
// manual, "ALTER TABLE", ENABLE TRIGGER), but a change of the trigger's goes over it.

func partitionTriggerQuery() catalog.Query {
	return catalog.Query{Name: "partition_triggers", SQL: `
SELECT t.tgrelid AS relation, CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' ELSE 'ORIGIN' END AS enabled, t.tgname AS name
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_trigger w ON w.oid = t.tgparentid
WHERE t.tgparentid <> 0 AND t.tgenabled <> w.tgenabled AND NOT w.tgisinternal
ORDER BY 1, 3`}
}

// buildFires tells partitions which triggers fire otherwise than their parents'.
func buildFires(b *builder) error {
	return b.rows("partition_triggers", func(r catalog.Row) error {
		at, known := b.at(ref{classRelation, r.Str("relation"), "0"})
		if t, ok := kind.Get[Table](b.state, at); known && ok {
			t.V.Fires = append(t.V.Fires, r.Str("enabled")+" "+r.Str("name"))
		}
		return nil
	})
}

// triggerAbove is the trigger that a partition has a clone of.
func triggerAbove(s *object.State, table object.ID, name string) (kind.Of[Trigger], bool) {
	for _, a := range ancestors(s, table, nil) {
		if t, ok := kind.Get[Trigger](s, object.ID{Kind: "trigger", Schema: a.Schema, Table: a.Name, Name: name}); ok {
			return t, true
		}
	}
	return kind.Of[Trigger]{}, false
}

func enableClause(enabled, name string) string {
	switch enabled {
	case "", "ORIGIN":
		return "ENABLE TRIGGER " + ident(name)
	case "DISABLE":
		return "DISABLE TRIGGER " + ident(name)
	}
	return "ENABLE " + enabled + " TRIGGER " + ident(name)
}

// fireSteps set when the clones on a partition fire, of triggers that are there before; all tells that those which fire as
// before are meant, too.
func fireSteps(c *kind.Context, table object.ID, from, to []string, all bool) []plan.Step {
	var steps []plan.Step
	add := func(clause, reverse string, trigger object.ID) {
		st := alterTableStep(table, clause, reverse, "set when the trigger "+trigger.Name+" fires on "+table.Path())
		st.Needs = []object.ID{trigger}
		steps = append(steps, st)
	}
	for _, f := range to {
		enabled, name, _ := strings.Cut(f, " ")
		t, ok := triggerAbove(c.To, table, name)
		if ok && (all || !slices.Contains(from, f)) && clonedBefore(c, t) {
			add(enableClause(enabled, name), enableClause(t.V.Enabled, name), t.ID)
		}
	}
	for _, f := range from {
		enabled, name, _ := strings.Cut(f, " ")
		t, ok := triggerAbove(c.To, table, name)
		again := slices.ContainsFunc(to, func(x string) bool { return strings.HasSuffix(x, " "+name) })
		if ok && !again && !all && clonedBefore(c, t) {
			add(enableClause(t.V.Enabled, name), enableClause(enabled, name), t.ID)
		}
	}
	return steps
}

// clonedBefore reports whether partitions have clones of a trigger before the plan and behind it: one for each row, which is
// what is cloned. Where it becomes such a one, firesAgain sees to the clones.
func clonedBefore(c *kind.Context, t kind.Of[Trigger]) bool {
	from, ok := kind.Get[Trigger](c.From, t.ID)
	return ok && from.V.Row && t.V.Row
}

// firesAgain set when the clones of a trigger fire, which follow it as it is made or changed.
func firesAgain(c *kind.Context, t kind.Of[Trigger]) []plan.Step {
	var steps []plan.Step
	for _, id := range partitionIDs(c, t.Parent) {
		to, ok := kind.Get[Table](c.To, id)
		if !ok {
			continue
		}
		for _, f := range to.V.Fires {
			if enabled, name, _ := strings.Cut(f, " "); name == t.ID.Name {
				st := alterTableStep(id, enableClause(enabled, name), "", "set when the trigger "+name+" fires on "+id.Path())
				st.Needs, st.UndoneAlong = []object.ID{id}, true
				steps = append(steps, st)
			}
		}
	}
	return steps
}

func firesBlock() *hcl.BlockSpec {
	return &hcl.BlockSpec{
		Type: "trigger", Labels: hcl.OneLabel, Doc: "when a trigger of the partitioned table fires on this partition, where that is otherwise",
		Attrs: []hcl.AttrSpec{enabledAttr()},
	}
}

func decodeFires(b *hcl.Block) []string {
	var out []string
	for _, t := range b.Nested("trigger") {
		word := t.Text("enabled")
		if word == "" {
			word = "ORIGIN"
		}
		out = append(out, word+" "+t.Name())
	}
	return out
}

func encodeFires(fires []string, b *hcl.Block) {
	for _, f := range fires {
		enabled, name, _ := strings.Cut(f, " ")
		t := b.Add("trigger")
		t.Labels = []string{name}
		t.Set("enabled", hcl.Bare(enabled))
	}
}

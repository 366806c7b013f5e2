package postgres

import (
	"fmt"
	"reflect"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// splitConstraint splits the step that adds a constraint to a table in use, where there is a way to.
func splitConstraint(c *kind.Context, k kind.Of[Constraint], add plan.Step) []plan.Step {
	switch k.ID.Kind {
	case "check":
		if c.Splits(k.Parent, wayCheck) && !k.V.NotValid && !k.V.NotEnforced {
			return split(wayCheck, notValidFirst(k, add)...)
		}
	case "foreign_key":
		if splitsForeignKey(c, k) {
			return split(wayForeignKey, notValidFirst(k, add)...)
		}
	case "primary_key", "unique":
		if c.Splits(k.Parent, wayKey) && k.V.splitsKey() && concurrent(c, k.Parent) && !isCarried(c, k.ID) {
			return split(wayKey, indexFirst(c, k, add)...)
		}
	}
	return []plan.Step{add}
}

// splitsForeignKey reports whether a foreign key is added in two steps: the check of the rows locks both tables. Before
// version 18 one of a partitioned table cannot be added without it.
func splitsForeignKey(c *kind.Context, k kind.Of[Constraint]) bool {
	if k.V.NotValid || k.V.NotEnforced || !c.From.Has(k.Parent) {
		return false
	}
	if t, ok := kind.Get[Table](c.To, k.Parent); ok && t.V.PartitionBy != "" && !c.Policy.Server.AtLeast([3]int{18, 0, 0}) {
		return false
	}
	return c.Splits(k.Parent, wayForeignKey) || c.Splits(k.V.references(), wayForeignKey)
}

// references is the table that a foreign key refers to.
func (c *Constraint) references() object.ID {
	return object.ID{Kind: "table", Schema: c.RefSchema, Name: c.RefTable}
}

// notValidFirst adds a constraint without looking at the rows that are there, and looks at them in a transaction of its
// own, which locks out no reader and no writer.
func notValidFirst(k kind.Of[Constraint], add plan.Step) []plan.Step {
	unchecked := *k.V
	unchecked.NotValid = true
	add.SQL = "ALTER TABLE " + tableOf(k.ID) + " ADD " + unchecked.clause(k.ID.Name)
	add.Prefix, add.Clause, add.Pace = "", "", plan.Brief
	add.Comment += ", for rows to come"
	return []plan.Step{add, validateStep(k.ID, k.ID.Name, k.ID.String())}
}

// validateStep checks the rows that are there.
func validateStep(on object.ID, constraint, what string) plan.Step {
	return plan.Step{
		SQL:     "ALTER TABLE " + tableOf(on) + " VALIDATE CONSTRAINT " + ident(constraint),
		Comment: "check the rows that are there against " + what,
		Op:      plan.Alter, Alone: true, Pace: plan.Slow, UndoneAlong: true,
	}
}

// splitsKey reports whether the key can be made of an index (PostgreSQL manual, "ALTER TABLE", ADD table_constraint_using_index).
func (c *Constraint) splitsKey() bool { return len(c.Columns) > 0 && !c.Temporal }

// indexFirst builds the index of a key while others write, and makes the key of it. One that replaces another key gets its
// index beside the old one.
func indexFirst(c *kind.Context, k kind.Of[Constraint], add plan.Step) []plan.Step {
	index := k.ID.Name
	replaces := c.From.Has(k.ID)
	if replaces {
		index = freeRelation(c, k.ID.Schema, k.ID.Name, "new")
	}
	word := toggle(k.ID.Kind == "primary_key", "PRIMARY KEY", "UNIQUE")
	build := plan.Step{
		SQL: fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s)%s%s", ident(index), tableOf(k.ID), idents(k.V.Columns),
			include(k.V.Include), toggle(k.V.NullsNotDistinct, " NULLS NOT DISTINCT", "")),
		Comment: "build the index of " + k.ID.String(),
		Reverse: []string{"DROP INDEX " + qualified(k.ID.Schema, index)},
		Builds:  qualified(k.ID.Schema, index),
		NoTx:    true, Pace: plan.Slow, Ahead: replaces, Op: plan.Alter,
	}
	add.SQL = "ALTER TABLE " + tableOf(k.ID) + " ADD CONSTRAINT " + ident(k.ID.Name) + " " + word + " USING INDEX " + ident(index) + deferring(k.V.Deferrable)
	add.Prefix, add.Clause, add.Pace = "", "", plan.Brief
	build.UndoneAlong = true // the index goes with the key
	return []plan.Step{build, add}
}

func include(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return " INCLUDE (" + idents(columns) + ")"
}

func deferring(how string) string {
	if how == "" {
		return ""
	}
	return " DEFERRABLE " + how
}

// freeRelation is a name that no relation of the schema has before or after the plan.
func freeRelation(c *kind.Context, schema, name, label string) string {
	return free(generatedName(name, "", label), func(name string) bool { return claims(c)[relationClaim(schema, name)] })
}

// freeConstraint is a name that no constraint of the table has before or after the plan.
func freeConstraint(c *kind.Context, on object.ID, label string) string {
	return free(generatedName(on.Table, on.Name, label), func(name string) bool {
		return claims(c)["constraint "+tableOf(on)+"."+ident(name)]
	})
}

func free(name string, taken func(string) bool) string {
	for n, plain := 1, name; taken(name); n++ {
		name = generatedName(plain, "", fmt.Sprint(n))
	}
	return name
}

// claims are the names that are taken before or after the plan.
func claims(c *kind.Context) map[string]bool {
	return kind.Once(c, "claims", func() map[string]bool {
		out := map[string]bool{}
		for _, s := range []*object.State{c.From, c.To} {
			for _, o := range s.All() {
				for _, claim := range o.Claims {
					out[claim] = true
				}
			}
		}
		return out
	})
}

// isCarried reports whether an object goes and comes back because something that it rests on does, or becomes of another
// type: nothing can then be made beside it, and all that goes and comes back is to do so in one transaction.
func isCarried(c *kind.Context, id object.ID) bool {
	from := c.From.Get(id)
	return from != nil && c.To.Has(id) && restsOnGone(c, from, map[object.ID]bool{})
}

func restsOnGone(c *kind.Context, o *object.Object, seen map[object.ID]bool) bool {
	for _, id := range o.Needs {
		need := c.From.Get(id)
		if need == nil || seen[id] {
			continue
		}
		seen[id] = true
		if c.Goes(id) || turnsOver(c, need) || restsOnGone(c, need, seen) {
			return true
		}
	}
	return false
}

// turnsOver reports whether a column or a type changes so that what rests on it may have to give way.
func turnsOver(c *kind.Context, o *object.Object) bool {
	to := c.To.Get(o.ID)
	if from, ok := o.Value.(*Column); ok && to != nil {
		v := to.Value.(*Column)
		return from.Type != v.Type || from.Collation != v.Collation || from.Generated != v.Generated
	}
	return isType(o.ID) && (to == nil || !reflect.DeepEqual(o.Value, to.Value))
}

package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// shard is a partition: a table or foreign table that is a part of another one.
type shard struct {
	id      object.ID
	foreign bool
	divided bool // it has partitions itself
}

// partitionsOf lists the partitions of a table in a state of the plan, by name.
func partitionsOf(c *kind.Context, name string, s *object.State, parent object.ID) []shard {
	return kind.Once(c, "partitions, "+name, func() map[object.ID][]shard {
		out := map[object.ID][]shard{}
		add := func(of string, p shard) {
			if schema, table, ok := splitQualified(of); ok && of != "" {
				id := object.ID{Kind: "table", Schema: schema, Name: table}
				out[id] = append(out[id], p)
			}
		}
		for _, o := range s.Kind("table") {
			t := o.Value.(*Table)
			add(t.PartitionOf, shard{id: o.ID, divided: t.PartitionBy != ""})
		}
		for _, o := range s.Kind("foreign_table") {
			add(o.Value.(*ForeignTable).PartitionOf, shard{id: o.ID, foreign: true})
		}
		return out
	})[parent]
}

// splitsWhole reports whether the index of a partitioned table can be built part by part: all partitions stay what they are,
// and none has a part with a name of its own.
func splitsWhole(c *kind.Context, x kind.Of[Index]) bool {
	return c.Splits(x.Parent, wayPartitioned) && !c.From.Has(x.ID) && !x.V.Invalid && len(partsOf(c.To, x.ID)) == 0 && staysDivided(c, x.Parent)
}

func staysDivided(c *kind.Context, table object.ID) bool {
	before, after := partitionsOf(c, "current", c.From, table), partitionsOf(c, "desired", c.To, table)
	return len(before) > 0 && slices.Equal(before, after) && !slices.ContainsFunc(after, func(p shard) bool {
		return p.foreign || c.Goes(p.id) || p.divided && !staysDivided(c, p.id)
	})
}

// partByPart makes the index of a partitioned table of indexes that are built on its partitions while others write
// (PostgreSQL manual, "CREATE INDEX", Building Indexes Concurrently). They get the names that the server would give them.
func partByPart(c *kind.Context, x kind.Of[Index], build plan.Step) []plan.Step {
	unique := toggle(x.V.Unique, "UNIQUE ", "")
	build.SQL = "CREATE " + unique + "INDEX " + ident(x.ID.Name) + " ON ONLY " + qualified(x.Parent.Schema, x.Parent.Name) + x.V.using()
	build.Builds, build.Pace = "", plan.Brief
	build.Comment += ", without the parts on its partitions"
	taken := map[string]bool{}
	return append([]plan.Step{build}, buildParts(c, x, x.Parent, qualified(x.ID.Schema, x.ID.Name), taken)...)
}

// buildParts builds the parts of an index on the partitions of a table, and attaches them.
func buildParts(c *kind.Context, x kind.Of[Index], table object.ID, whole string, taken map[string]bool) []plan.Step {
	var steps []plan.Step
	for _, p := range partitionsOf(c, "desired", c.To, table) {
		name := free(x.V.automatic(p.id.Name), func(name string) bool {
			claim := relationClaim(p.id.Schema, name)
			return claims(c)[claim] || taken[claim]
		})
		taken[relationClaim(p.id.Schema, name)] = true
		part := qualified(p.id.Schema, name)
		build := plan.Step{
			SQL:     "CREATE " + toggle(x.V.Unique, "UNIQUE ", "") + "INDEX " + toggle(p.divided, "", "CONCURRENTLY ") + ident(name) + " ON " + toggle(p.divided, "ONLY ", "") + qualified(p.id.Schema, p.id.Name) + x.V.using(),
			Comment: "build the part of " + x.ID.String() + " on " + p.id.Path(), Op: plan.Alter, UndoneAlong: true, Busy: []object.ID{p.id},
		}
		if p.divided {
			build.Pace = plan.Brief
			steps = append(append(steps, build), buildParts(c, x, p.id, part, taken)...)
		} else {
			build.NoTx, build.Pace, build.Builds = true, plan.Slow, part
			steps = append(steps, build)
		}
		steps = append(steps, plan.Step{
			SQL:     "ALTER INDEX " + whole + " ATTACH PARTITION " + part,
			Comment: "make it a part of the index", Op: plan.Alter, Pace: plan.Brief, UndoneAlong: true, Busy: []object.ID{p.id},
		})
	}
	return steps
}

// using is the part of the definition that follows the table.
func (x *Index) using() string { return " USING " + afterTable(x.Def) }

// splitAttach lets a check prove that the rows of a table in use fit the partition that it becomes (PostgreSQL manual, "ALTER
// TABLE", ATTACH PARTITION), where the partition is one of a single column. One that comes from elsewhere, or gets another
// bound, moves in one transaction.
func splitAttach(c *kind.Context, from, to kind.Of[Table], attach plan.Step) []plan.Step {
	parent := wholeOf(to.V)
	attach.Busy = []object.ID{parent}
	column, condition := within(c.To, to)
	if !c.Splits(to.ID, wayAttach) || from.V.PartitionOf != "" || condition == "" || strings.Contains(to.V.Bound, "NULL") {
		return []plan.Step{attach}
	}
	on := columnID(to.ID, column)
	proof := freeConstraint(c, on, "fits")
	if there := ident(column) + " IS NOT NULL"; !strings.HasPrefix(condition, there) {
		condition = there + " AND " + condition
	}
	add := alterTableStep(to.ID, "ADD CONSTRAINT "+ident(proof)+" CHECK ("+condition+") NOT VALID", "DROP CONSTRAINT IF EXISTS "+ident(proof), "add a check that stands for the bound of partition "+to.ID.Path()+", for rows to come")
	drop := alterTableStep(to.ID, "DROP CONSTRAINT "+ident(proof), "", "drop the check")
	add.Pace, attach.Pace, drop.Pace, drop.UndoneAlong = plan.Brief, plan.Brief, plan.Brief, true
	return split(wayAttach, add, validateStep(on, proof, "the bound"), attach, drop)
}

// wholeOf is the table that a partition is a part of.
func wholeOf(t *Table) object.ID {
	schema, name, _ := splitQualified(t.PartitionOf)
	return object.ID{Kind: "table", Schema: schema, Name: name}
}

// splitDetach takes a partition out of a table in use while others read and write. The server then keeps the bound as a check
// of a name that it makes up, which goes. It refuses to where there is a default partition.
func splitDetach(c *kind.Context, from, to kind.Of[Table], detach plan.Step) []plan.Step {
	parent := wholeOf(from.V)
	detach.Busy = []object.ID{parent}
	column, condition := within(c.From, from)
	if !c.Splits(parent, wayDetach) || to.V.PartitionOf != "" || condition == "" || hasDefault(c, parent) {
		return []plan.Step{detach}
	}
	kept := generatedName(to.ID.Name, column, "check")
	if claims(c)["constraint "+qualified(to.ID.Schema, to.ID.Name)+"."+ident(kept)] {
		return []plan.Step{detach}
	}
	detach.SQL += " CONCURRENTLY"
	detach.NoTx, detach.Pace = true, plan.Slow
	drop := alterTableStep(to.ID, "DROP CONSTRAINT IF EXISTS "+ident(kept), "", "drop the check that the server keeps of the bound")
	drop.Pace, drop.UndoneAlong = plan.Brief, true
	return split(wayDetach, detach, drop)
}

// hasDefault reports whether a table has a default partition before the plan.
func hasDefault(c *kind.Context, table object.ID) bool {
	return slices.ContainsFunc(partitionsOf(c, "current", c.From, table), func(p shard) bool {
		if t, ok := kind.Get[Table](c.From, p.id); ok {
			return t.V.Bound == "DEFAULT"
		}
		f, ok := kind.Get[ForeignTable](c.From, p.id)
		return !ok || f.V.Bound == "DEFAULT"
	})
}

package postgres

import (
	"slices"

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

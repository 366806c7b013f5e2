package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// The index of a partitioned table consists of one on each partition, which the server makes and names (PostgreSQL
// manual, "Partition Maintenance"). Those are part of it. One of another name, or the index of a constraint that only the
// partition has, is an object of its own: made before the partitioned index, it becomes part of that, and goes with it.

// automatic is the name that the server gives to an index on these columns; it numbers those that are taken.
func (x *Index) automatic(table string) string {
	var names []string
	for _, p := range x.Parts {
		name := p.Column
		if name == "" {
			name = "expr"
		}
		names = append(names, name)
	}
	return generatedName(table, strings.Join(append(names, x.Include...), "_"), "idx")
}

var numbered = regexp.MustCompile(`[0-9]*$`)

// isAutomatic reports whether the server named the index.
func (x *Index) isAutomatic(table, name string) bool {
	return numbered.ReplaceAllString(name, "") == numbered.ReplaceAllString(x.automatic(table), "")
}

// ownsIndex reports whether an object is an index, or has one of its name.
func ownsIndex(id object.ID) bool {
	return slices.Contains([]string{"index", "primary_key", "unique"}, id.Kind)
}

// attach notes that an index is part of a partitioned one, which would rather come later. It reports whether the two are
// such.
func (b *builder) attach(part, whole object.ID) bool {
	if !ownsIndex(part) || !ownsIndex(whole) || tableID(part) == tableID(whole) {
		return false
	}
	b.objects[whole].Mentions = append(b.objects[whole].Mentions, part)
	return true
}

// partsOf lists the parts of an index that are objects of their own.
func partsOf(s *object.State, index object.ID) []object.ID {
	o := s.Get(index)
	if o == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(o.Mentions), func(id object.ID) bool {
		return !ownsIndex(id) || !slices.Contains(ancestors(s, tableID(id), nil), o.Parent)
	})
}

// keepApart makes the indexes of partitions that are no parts of others rather come later than the partitioned ones: they
// would become parts of those that are like them.
func keepApart(s *object.State) {
	whole, part := map[object.ID][]object.ID{}, map[object.ID]bool{}
	for _, o := range s.Kind("index") {
		if t, ok := kind.Get[Table](s, o.Parent); ok && t.V.PartitionBy != "" {
			whole[o.Parent] = append(whole[o.Parent], o.ID)
			for _, p := range partsOf(s, o.ID) {
				part[p] = true
			}
		}
	}
	if len(whole) == 0 {
		return
	}
	for _, k := range []string{"index", "unique", "primary_key"} {
		for _, o := range s.Kind(k) {
			if part[o.ID] {
				continue
			}
			for _, parent := range ancestors(s, o.Parent, nil) {
				o.Mentions = append(o.Mentions, whole[parent]...)
			}
		}
	}
}

// wholes maps the parts of indexes to those, in a state of the plan; name tells which.
func wholes(c *kind.Context, name string, s *object.State) map[object.ID]object.ID {
	return kind.Once(c, "parts of indexes, "+name, func() map[object.ID]object.ID {
		out := map[object.ID]object.ID{}
		for _, o := range s.Kind("index") {
			for _, part := range partsOf(s, o.ID) {
				out[part] = o.ID
			}
		}
		return out
	})
}

// partOfNow is the index that one is part of in the current state, partOfThen in the desired one.
func partOfNow(c *kind.Context, part object.ID) (object.ID, bool) {
	whole, ok := wholes(c, "current", c.From)[part]
	return whole, ok
}

func partOfThen(c *kind.Context, part object.ID) (object.ID, bool) {
	whole, ok := wholes(c, "desired", c.To)[part]
	return whole, ok
}

// leavesWhole reports whether the table of a part leaves the one that the whole is on, if only for a moment: the part is then
// its own.
func leavesWhole(c *kind.Context, part object.ID) bool {
	return len(tiesOf(c)[tableID(part)].left) > 0
}

// isThere reports whether a partitioned index is there before, all the time and after, with all its parts.
func isThere(c *kind.Context, index object.ID) bool {
	from, was := kind.Get[Index](c.From, index)
	to, is := kind.Get[Index](c.To, index)
	return was && is && !c.Goes(index) && !from.V.Invalid && !to.V.Invalid
}

// goesAlong lists the parts of an index: they go with it.
func goesAlong(c *kind.Context, x kind.Of[Index]) []object.ID {
	return slices.DeleteFunc(partsOf(c.From, x.ID), func(part object.ID) bool { return leavesWhole(c, part) })
}

// automaticFrees is the claim by which an index gets its automatic name back before another takes it over.
func automaticFrees(index, whole object.ID) string {
	return "automatic name of the part of " + whole.String() + " on " + tableID(index).String()
}

// attachedRename takes over an index that the server made with its partition, or gives it back.
func attachedRename(x kind.Of[Index], whole object.ID, back bool) plan.Step {
	auto, name := x.V.automatic(x.ID.Table), x.ID.Name
	if back {
		auto, name = name, auto
	}
	rename := func(from, to string) string {
		return "ALTER INDEX " + qualified(x.ID.Schema, from) + " RENAME TO " + ident(to)
	}
	step := plan.Step{SQL: rename(auto, name), Reverse: []string{rename(name, auto)}, Comment: "rename " + x.ID.String() + ", a part of " + whole.String()}
	if back {
		step.Frees = []string{automaticFrees(x.ID, whole)}
	} else {
		step.Takes = []string{automaticFrees(x.ID, whole)}
	}
	return step
}

// adoptSteps make a constraint of the index that the server made with its partition.
func adoptSteps(k kind.Of[Constraint], whole object.ID, head string) ([]plan.Step, bool) {
	word, _, ok := strings.Cut(k.V.Def, " (")
	if !ok || !strings.HasSuffix(k.V.Def, ")") || len(k.V.Include) > 0 || word != "PRIMARY KEY" && word != "UNIQUE" {
		return nil, false
	}
	auto := generatedName(k.ID.Table, strings.Join(k.V.Columns, "_"), "idx")
	return []plan.Step{{
		SQL:     head + "ADD CONSTRAINT " + ident(k.ID.Name) + " " + word + " USING INDEX " + ident(auto),
		Comment: "add " + k.ID.String() + ", whose index is a part of " + whole.String(),
		Takes:   []string{automaticFrees(k.ID, whole)},
	}}, true
}

// attachIndexSteps make indexes parts of a partitioned one that exists already.
func attachIndexSteps(whole object.ID, parts []object.ID) []plan.Step {
	var steps []plan.Step
	for _, part := range parts {
		steps = append(steps, plan.Step{
			SQL:     "ALTER INDEX " + qualified(whole.Schema, whole.Name) + " ATTACH PARTITION " + qualified(part.Schema, part.Name),
			Comment: "make " + part.String() + " a part of " + whole.String(),
		})
	}
	return steps
}

// missingParts lists those that are to be parts of an index, and are not.
func missingParts(c *kind.Context, index object.ID) []object.ID {
	have := partsOf(c.From, index)
	return slices.DeleteFunc(partsOf(c.To, index), func(id object.ID) bool { return slices.Contains(have, id) })
}

// dropWhole completes the drop of a partitioned index: what goes with it frees its names, and constraints among that do
// not go without being told.
func dropWhole(c *kind.Context, index object.ID, step *plan.Step) {
	cascade := false
	for _, part := range partsOf(c.From, index) {
		if leavesWhole(c, part) {
			continue
		}
		step.Frees = append(step.Frees, c.From.Get(part).Claims...)
		cascade = cascade || part.Kind != "index"
	}
	if cascade {
		step.SQL += " CASCADE"
		step.Comment += ", with the constraints of partitions whose indexes are parts of it"
	}
}

package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// PartName is the name of a partition's part of a constraint of a table above, where that is not the one which the server
// makes up: the partition had the constraint before it was one, or before the table above had it.
type PartName struct {
	Of   string `json:"of"` // the name of the constraint above
	Name string `json:"name"`
}

// automaticPart is the name that the server gives to the part of a constraint on a table.
func automaticPart(table object.ID, of *object.Object) string {
	k, ok := of.Value.(*Constraint)
	if !ok {
		return ""
	}
	columns := strings.Join(slices.Concat(k.Columns, k.Include), "_")
	switch of.ID.Kind {
	case "primary_key":
		return generatedName(table.Name, "", "pkey")
	case "unique":
		return generatedName(table.Name, columns, "key")
	case "exclude":
		return generatedName(table.Name, columns, "excl")
	}
	return of.ID.Name
}

// isAutomaticPart reports whether the server named the part; it numbers names that are taken.
func isAutomaticPart(part object.ID, of *object.Object) bool {
	bare := func(name string) string { return numbered.ReplaceAllString(name, "") }
	names := []string{automaticPart(tableID(part), of)}
	if k, ok := of.Value.(*Constraint); ok && of.ID.Kind == "foreign_key" {
		names = append(names, generatedName(part.Table, strings.Join(k.Columns, "_"), "fkey"))
	}
	return slices.ContainsFunc(names, func(name string) bool { return bare(name) == bare(part.Name) })
}

// nameParts notes the names of parts that the server did not make up.
func (t *Table) nameParts(s *object.State) {
	for _, share := range t.Shares {
		of := s.Get(share.Of)
		if of == nil || share.ID.Kind == "index" || ownsIndex(share.ID) && share.Of.Kind == "index" {
			continue
		}
		if _, isKey := of.Value.(*Constraint); isKey && !isAutomaticPart(share.ID, of) {
			t.Parts = append(t.Parts, PartName{share.Of.Name, share.ID.Name})
		}
	}
	slices.SortFunc(t.Parts, func(a, b PartName) int { return strings.Compare(a.Of+" "+a.Name, b.Of+" "+b.Name) })
}

// constraintAbove is the constraint that a partition has a part of.
func constraintAbove(s *object.State, table object.ID, name string) *object.Object {
	for _, a := range ancestors(s, table, nil) {
		for _, k := range []string{"primary_key", "unique", "exclude", "foreign_key"} {
			if o := s.Get(object.ID{Kind: k, Schema: a.Schema, Table: a.Name, Name: name}); o != nil {
				return o
			}
		}
	}
	return nil
}

// shareOf is a table's part of a constraint.
func (t *Table) shareOf(of object.ID) (Share, bool) {
	i := slices.IndexFunc(t.Shares, func(s Share) bool { return s.Of == of })
	if i < 0 {
		return Share{}, false
	}
	return t.Shares[i], true
}

// becomesPart reports whether a constraint that is its table's own is, as it is, the part of one that a table above gets.
func becomesPart(c *kind.Context, k kind.Of[Constraint]) bool {
	t, ok := kind.Get[Table](c.To, k.Parent)
	if _, moves := tiesOf(c)[k.Parent]; !ok || moves || c.Goes(k.Parent) || !c.From.Has(k.Parent) {
		return false
	}
	return slices.ContainsFunc(t.V.Shares, func(s Share) bool {
		of := c.To.Get(s.Of)
		return s.ID == k.ID && of != nil && (!c.From.Has(of.ID) || c.Goes(of.ID)) && sameKey(k.Object, of)
	})
}

// renamePart gives a part of a constraint its name.
func renamePart(table object.ID, of *object.Object, from, to string) plan.Step {
	rename := func(a, b string) string { return "RENAME CONSTRAINT " + ident(a) + " TO " + ident(b) }
	st := alterTableStep(table, rename(from, to), rename(to, from), "name the part of "+of.ID.String()+" on "+table.Path())
	st.Needs = []object.ID{of.ID}
	st.Takes = []string{"constraint " + qualified(table.Schema, table.Name) + "." + ident(to)}
	return st
}

// partSteps name the parts that a table has all the time.
func partSteps(c *kind.Context, from, to kind.Of[Table]) []plan.Step {
	var steps []plan.Step
	for _, share := range from.V.Shares {
		of := c.To.Get(share.Of)
		if of == nil || !keyStays(c, share.Of) {
			continue // one that is made again names its parts
		}
		if want, ok := to.V.shareOf(share.Of); ok && want.ID.Kind == share.ID.Kind && want.ID.Name != share.ID.Name {
			steps = append(steps, renamePart(to.ID, of, share.ID.Name, want.ID.Name))
		}
	}
	return steps
}

// newPartSteps name the parts that a new table gets, or one that joins and had none of them.
func newPartSteps(c *kind.Context, t kind.Of[Table]) []plan.Step {
	var steps []plan.Step
	for _, p := range t.V.Parts {
		of := constraintAbove(c.To, t.ID, p.Of)
		if of == nil || c.To.Has(object.ID{Kind: of.ID.Kind, Schema: t.ID.Schema, Table: t.ID.Name, Name: p.Name}) {
			continue
		}
		name := automaticPart(t.ID, of)
		if from, was := kind.Get[Table](c.From, t.ID); was && !c.Goes(t.ID) {
			if share, had := from.V.shareOf(of.ID); had {
				name = share.ID.Name
			}
		}
		if name != p.Name {
			steps = append(steps, renamePart(t.ID, of, name, p.Name))
		}
	}
	return steps
}

// partsOfNew name the parts of a constraint that is made, on tables that are there before, and let those which identify their
// rows by their part do so.
func partsOfNew(c *kind.Context, of *object.Object) []plan.Step {
	if t, ok := kind.Get[Table](c.To, of.Parent); !ok || t.V.PartitionBy == "" {
		return nil
	}
	var steps []plan.Step
	for _, id := range partitionIDs(c, of.Parent) {
		t, ok := kind.Get[Table](c.To, id)
		_, moves := tiesOf(c)[id]
		share, has := Share{}, false
		if ok {
			share, has = t.V.shareOf(of.ID)
		}
		if !has || moves || !c.From.Has(id) || c.Goes(id) {
			continue
		}
		i := slices.IndexFunc(t.V.Parts, func(p PartName) bool { return p.Of == of.ID.Name && p.Name == share.ID.Name })
		k, own := kind.Get[Constraint](c.From, share.ID)
		if name := automaticPart(id, of); i >= 0 && (!own || !becomesPart(c, k)) && name != share.ID.Name {
			st := renamePart(id, of, name, share.ID.Name)
			st.Needs = nil // it follows what makes it
			steps = append(steps, st)
		}
		if identityIndex(t.V) == share.ID.Name && ownsIndex(share.ID) {
			steps = append(steps, identityStep(id, share.ID.Name))
		}
	}
	return steps
}

func partBlock() *hcl.BlockSpec {
	return &hcl.BlockSpec{
		Type: "part", Labels: hcl.OneLabel, Doc: "a part of a constraint of the partitioned table that has a name of its own, which is the label",
		Attrs: []hcl.AttrSpec{{Name: "of", Takes: hcl.String, Required: true, Doc: "the name of that constraint"}},
	}
}

func decodeParts(b *hcl.Block) []PartName {
	var out []PartName
	for _, p := range b.Nested("part") {
		out = append(out, PartName{p.Text("of"), p.Name()})
	}
	return out
}

func encodeParts(parts []PartName, b *hcl.Block) {
	for _, p := range parts {
		n := b.Add("part")
		n.Labels = []string{p.Name}
		n.Set("of", hcl.Str(p.Of))
	}
}

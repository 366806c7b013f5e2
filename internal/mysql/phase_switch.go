package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// phasedKeys are the indexes of the new columns.
type phasedKeys struct {
	// early hinders no program of before; late demands more than is demanded of the old column, or may.
	early, late []*plan.Step
	swap        []string // the clauses that drop the old indexes and give the new ones their names
}

// keys makes the desired state's indexes of the columns on the new ones.
func (p *phaser) keys(t *phasedTable) (*phasedKeys, error) {
	out, gone, made := &phasedKeys{}, map[string]bool{}, map[object.ID]bool{}
	dependents := p.from.Dependents()
	for _, c := range t.columns {
		for _, o := range dependents(c.From) {
			if o.ID.Kind == "index" && !gone[o.ID.Name] {
				gone[o.ID.Name] = true
				out.swap = append(out.swap, "DROP INDEX "+ident(o.ID.Name))
			}
		}
	}
	for _, c := range t.columns {
		for _, o := range p.want.on(c.To) {
			if o.ID.Kind != "index" || made[o.ID] {
				continue
			}
			made[o.ID] = true
			if err := p.key(t, o, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// key makes one index.
func (p *phaser) key(t *phasedTable, o *object.Object, out *phasedKeys) error {
	x, name, early := *o.Value.(*Index), o.ID.Name, true
	x.Parts = slices.Clone(x.Parts)
	for i, part := range x.Parts {
		for _, c := range t.columns {
			if part.Column == c.To.Name {
				x.Parts[i].Column = c.beside
				early = early && c.renamed()
			}
		}
	}
	if p.from.Has(o.ID) {
		name = freeName(name, "_new", func(n string) bool { return p.from.Has(indexID(t.id, n)) || p.to.Has(indexID(t.id, n)) })
		out.swap = append(out.swap, "RENAME INDEX "+ident(name)+" TO "+ident(o.ID.Name))
	}
	stmt, err := atlas.MySQL{}.AddIndex(bare(t.id), x.model(name))
	if err != nil {
		return err
	}
	step := t.step("table", plan.Alter, stmt.SQL, "build "+o.ID.String()+" on the new column")
	step.Pace = plan.Slow
	before, was := p.from.Get(o.ID), false
	if before != nil {
		was = before.Value.(*Index).Unique
	}
	if !x.Unique || early && was {
		out.early = append(out.early, step)
		return nil
	}
	out.late = append(out.late, step)
	return nil
}

// switchSteps put the new columns in the place of the old ones. Each statement commits, and no moment between two loses a
// write: a column with another type changes names with the old one in one statement, so that what programs write is in
// the new column from then on and the triggers, which go by names, keep the old one in step; the triggers of renamed
// columns have nothing left to do when no program writes the old name. Only then they go, and the old columns after them.
func (p *phaser) switchSteps(t *phasedTable, keys *phasedKeys) ([]*plan.Step, error) {
	var steps []*plan.Step
	var swap, defaults, last []string
	for _, c := range t.columns {
		if !c.renamed() {
			swap = append(swap, "RENAME COLUMN "+ident(c.From.Name)+" TO "+ident(c.beside), "RENAME COLUMN "+ident(c.beside)+" TO "+ident(c.To.Name))
		}
		if c.from.V.NotNull && c.from.V.Default == "" {
			defaults = append(defaults, "ALTER COLUMN "+ident(c.last())+" SET DEFAULT "+filler(c.from.V.Type))
		}
		last = append(last, "DROP COLUMN "+ident(c.last()))
	}
	for _, c := range t.columns {
		from := *c.to.V
		from.Invisible, from.Default = from.Invisible || p.hides(), ""
		clause, err := t.modify(&from, c.to.V, c.To.Name)
		if err != nil {
			return nil, err
		}
		last = append(last, clause)
	}
	if len(swap) > 0 {
		steps = append(steps, t.alter("old and new columns change names, in one statement: programs write the new ones from now on", swap...))
	}
	if len(keys.swap) > 0 {
		steps = append(steps, t.alter("drop the indexes of the old columns, and give those of the new ones their names", keys.swap...))
	}
	if len(defaults) > 0 {
		steps = append(steps, t.alter("rows to come need no value in the old columns", defaults...))
	}
	for _, name := range []string{t.insert, t.update} {
		steps = append(steps, t.step("trigger", plan.Drop, "DROP TRIGGER "+qualified(t.id.Schema, name), "old and new columns part: drop the trigger"))
	}
	var olds []string
	for _, c := range t.columns {
		olds = append(olds, c.last())
	}
	return append(steps, t.alter("drop the old columns: "+strings.Join(olds, ", ")+" of "+t.id.String(), last...)), nil
}

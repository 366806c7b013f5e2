package postgres

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// switchSteps put the new columns in the place of the old ones. All of it only writes to the catalog; the tables are
// locked first, in one order, so that it waits once and cannot deadlock with itself.
func (p *phaser) switchSteps(b *built) []*plan.Step {
	steps := []*plan.Step{p.tables[0].brieflyStep(), p.lockStep(b)}
	for _, t := range p.tables {
		steps = append(steps, t.step("trigger", plan.Drop, "DROP TRIGGER "+ident(t.trigger())+" ON "+t.table(), "old and new columns part: drop the trigger"))
		steps = append(steps, t.step("function", plan.Drop, "DROP FUNCTION "+t.function()+"()", "drop its function"))
		for _, c := range t.columns {
			if c.unsure {
				steps = append(steps, t.step("function", plan.Drop, "DROP FUNCTION "+c.converter()+"("+c.from.V.Type+")", "drop the function that converts"))
			}
		}
	}
	for _, id := range b.foreign {
		steps = append(steps, p.alter(id, "DROP CONSTRAINT "+ident(id.Name), "drop the old "+id.String()))
	}
	steps = append(steps, p.dropViews()...)
	for _, t := range p.tables {
		for _, c := range t.columns {
			steps = append(steps, p.ownSequences(t, c)...)
			steps = append(steps, p.countOn(b, t, c)...)
		}
		for _, c := range t.columns {
			steps = append(steps, t.step("table", plan.Alter, "ALTER TABLE "+t.table()+" DROP COLUMN "+ident(c.From.Name),
				"drop the old column "+c.From.Path()+" with its indexes and constraints; column "+c.besidePath()+" has its values"))
		}
		for _, c := range t.columns {
			if c.beside != c.To.Name {
				steps = append(steps, t.step("table", plan.Alter, "ALTER TABLE "+t.table()+" RENAME COLUMN "+ident(c.beside)+" TO "+ident(c.To.Name),
					"the new column takes the place of the old one"))
			}
			if c.counts() {
				steps = append(steps, p.nameCounter(t, c)...)
			} else {
				steps = append(steps, p.proven(b, c, c.To)...)
			}
		}
	}
	for _, k := range b.keys {
		steps = append(steps, p.keyStep(k))
	}
	for _, x := range b.indexes {
		steps = append(steps, &plan.Step{
			ID: x.want.ID, Owner: x.want.Parent, Op: plan.Alter, Comment: "give " + x.want.ID.String() + " its name",
			SQL: "ALTER INDEX " + qualified(x.want.ID.Schema, x.as) + " RENAME TO " + ident(x.want.ID.Name),
		})
	}
	for _, k := range b.others {
		steps = append(steps, p.alter(k.want.ID, "RENAME CONSTRAINT "+ident(k.as)+" TO "+ident(k.want.ID.Name), "give "+k.want.ID.String()+" its name"))
	}
	for _, s := range steps {
		s.Pace = plan.Brief
	}
	return steps
}

// alter is a step that alters the table to which an object belongs.
func (p *phaser) alter(id object.ID, clause, comment string) *plan.Step {
	return &plan.Step{ID: id, Owner: tableID(id), Op: plan.Alter, SQL: "ALTER TABLE " + tableOf(id) + " " + clause, Comment: comment}
}

func (p *phaser) lockStep(b *built) *plan.Step {
	var tables []string
	note := func(id object.ID) { tables = append(tables, qualified(id.Schema, id.Name)) }
	for _, t := range p.tables {
		note(t.id)
	}
	for _, id := range b.foreign {
		note(tableID(id))
	}
	for _, k := range b.others {
		note(k.want.Parent)
	}
	for _, o := range p.from.Kind("foreign_key") { // one that goes with its column
		k, ok := kind.Get[Constraint](p.from, o.ID)
		if ok && slices.ContainsFunc(k.V.Columns, func(name string) bool { return p.goes(k.Parent, name) }) {
			note(k.V.references())
		}
	}
	slices.Sort(tables)
	tables = slices.Compact(tables)
	first := p.tables[0]
	return first.step("table", plan.Alter, "LOCK TABLE "+strings.Join(tables, ", ")+" IN ACCESS EXCLUSIVE MODE", "lock what changes, for a moment")
}

// goes reports whether a column of the current state gives way.
func (p *phaser) goes(table object.ID, name string) bool {
	return slices.ContainsFunc(p.tables, func(t *phasedTable) bool {
		return t.id == table && slices.ContainsFunc(t.columns, func(c *phasedColumn) bool { return c.From.Name == name })
	})
}

// dropViews drop the views over the old columns: what still differs in the end makes them again.
func (p *phaser) dropViews() []*plan.Step {
	var out []*plan.Step
	done := map[object.ID]bool{}
	for _, t := range p.tables {
		for _, c := range t.columns {
			for _, o := range p.have.overViews(c.From) {
				if o.ID.Kind != "view" || done[o.ID] {
					continue
				}
				done[o.ID] = true
				out = append(out, &plan.Step{
					ID: o.ID, Owner: o.ID, Op: plan.Drop, SQL: "DROP VIEW " + qualified(o.ID.Schema, o.ID.Name),
					Comment: "drop " + o.ID.String() + " over the old column for a moment",
				})
			}
		}
	}
	return out
}

// ownSequences give the sequences that go with the old column to the new one.
func (p *phaser) ownSequences(t *phasedTable, c *phasedColumn) []*plan.Step {
	var out []*plan.Step
	for _, o := range p.from.Kind("sequence_owner") {
		owner, _ := kind.Get[SequenceOwner](p.from, o.ID)
		if owner.V.Table != t.table() || owner.V.Column != c.From.Name {
			continue
		}
		out = append(out, &plan.Step{
			ID: o.ID, Owner: t.id, Op: plan.Alter, Comment: "the sequence is not to go with the old column",
			SQL: "ALTER SEQUENCE " + qualified(o.Parent.Schema, o.Parent.Name) + " OWNED BY " + t.table() + "." + ident(c.beside),
		})
	}
	return out
}

// proven makes the new column, under the name that it has by then, NOT NULL without a look at the rows.
func (p *phaser) proven(b *built, c *phasedColumn, now object.ID) []*plan.Step {
	proof, ok := b.proofs[c.To]
	if !ok {
		return nil
	}
	return []*plan.Step{
		p.alter(now, "ALTER COLUMN "+ident(now.Name)+" SET NOT NULL", "make column "+now.Path()+" NOT NULL, which the check proves"),
		p.alter(now, "DROP CONSTRAINT "+ident(proof), "drop the check"),
	}
}

// counts reports whether it is an identity column.
func (c *phasedColumn) counts() bool { return c.to.V.Identity.Generated != "" }

// sequence is that of an identity column in the end, and besideSequence until the old one's name is free.
func (c *phasedColumn) sequence() string {
	return cmp.Or(c.to.V.Identity.Sequence, identitySequence(c.To))
}

func (c *phasedColumn) besideSequence() string {
	if c.renamed() {
		return c.sequence()
	}
	return generatedName(c.To.Table, c.beside, "seq")
}

// countOn lets an identity column, which cannot be NULL, count on from where the old one is: before that goes, and its
// sequence with it.
func (p *phaser) countOn(b *built, t *phasedTable, c *phasedColumn) []*plan.Step {
	if !c.counts() {
		return nil
	}
	beside, identity := columnID(t.id, c.beside), c.to.V.Identity
	identity.Sequence = c.besideSequence()
	old := c.from.V.Identity.sequenceOf(columnID(t.id, c.From.Name))
	return append(p.proven(b, c, beside),
		p.alter(beside, "ALTER COLUMN "+ident(c.beside)+" ADD GENERATED "+identity.Generated+" AS IDENTITY"+identity.options(c.to.V.Type), "let column "+beside.Path()+" count"),
		t.step("table", plan.Alter, "SELECT pg_catalog.setval("+literal(qualified(t.id.Schema, identity.Sequence))+", last_value, is_called) FROM "+old,
			"from where the old one is"))
}

// nameCounter gives what the server named after the new column the names that it would have under its own.
func (p *phaser) nameCounter(t *phasedTable, c *phasedColumn) []*plan.Step {
	var out []*plan.Step
	if was, is := c.besideSequence(), c.sequence(); was != is {
		out = append(out, t.step("table", plan.Alter, "ALTER SEQUENCE "+qualified(t.id.Schema, was)+" RENAME TO "+ident(is), "give the sequence of column "+c.To.Path()+" its name"))
	}
	was, is := notNullName(columnID(t.id, c.beside)), notNullName(c.To)
	if was != is && p.policy.Server.AtLeast([3]int{18}) {
		out = append(out, p.alter(c.To, "RENAME CONSTRAINT "+ident(was)+" TO "+ident(is), "give the NOT NULL of column "+c.To.Path()+" its name"))
	}
	return out
}

// keyStep makes a key of its index, which takes the name of the key.
func (p *phaser) keyStep(k remade) *plan.Step {
	v := k.want.Value.(*Constraint)
	word := toggle(k.want.ID.Kind == "primary_key", "PRIMARY KEY", "UNIQUE")
	return p.alter(k.want.ID, "ADD CONSTRAINT "+ident(k.want.ID.Name)+" "+word+" USING INDEX "+ident(k.as)+deferring(v.Deferrable),
		"make "+k.want.ID.String()+" of its index")
}

package postgres

import (
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// phasedTable is a table with columns that give way.
type phasedTable struct {
	id      object.ID
	columns []*phasedColumn
}

// phasedColumn is a column that gives way to another.
type phasedColumn struct {
	dialect.Phased
	from, to kind.Of[Column]
	beside   string // the name of the new column until the old one is gone
	unsure   bool   // values may not fit the new type
}

// renamed tells a column that keeps its type, and is used under both names meanwhile.
func (c *phasedColumn) renamed() bool { return c.From != c.To }

// phaser makes the phases.
type phaser struct {
	from, to *object.State
	// have and want tell what rests on their objects.
	have, want *rests
	policy     kind.Policy
	tables     []*phasedTable
	claimed    map[string]bool // names that are taken in the current state
	taken      map[string]bool // those, and what is claimed in the desired state, or by the phases
}

// Phase makes a new column beside each of those that give way, with all that the desired state has on it.
func (Dialect) Phase(current, desired *object.State, columns []dialect.Phased, server kind.Server) (*dialect.Phases, error) {
	p := &phaser{from: current, to: desired, have: restsOf(current), want: restsOf(desired), policy: kind.Policy{Server: server, Online: kind.Online{Always: true}}, claimed: map[string]bool{}, taken: map[string]bool{}}
	for _, o := range current.All() {
		for _, claim := range o.Claims {
			p.claimed[claim], p.taken[claim] = true, true
		}
	}
	for _, o := range desired.All() {
		for _, claim := range o.Claims {
			p.taken[claim] = true
		}
	}
	for _, c := range columns {
		if err := p.add(c); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.tables, func(a, b *phasedTable) int { return object.Compare(a.id, b.id) })
	return p.phases()
}

func (p *phaser) add(c dialect.Phased) error {
	from, ok := kind.Get[Column](p.from, c.From)
	to, ok2 := kind.Get[Column](p.to, c.To)
	if !ok || !ok2 {
		return fmt.Errorf("internal error: %s cannot give way to %s, which are not there", c.From, c.To)
	}
	id := tableID(c.To)
	i := slices.IndexFunc(p.tables, func(t *phasedTable) bool { return t.id == id })
	if i < 0 {
		i = len(p.tables)
		p.tables = append(p.tables, &phasedTable{id: id})
	}
	col := &phasedColumn{Phased: c, from: from, to: to, beside: c.To.Name, unsure: !alwaysFits(p.to, from.V, to)}
	if !col.renamed() {
		col.beside = free(generatedName(c.To.Name, "", "new"), func(name string) bool {
			return p.from.Has(columnID(id, name)) || p.to.Has(columnID(id, name))
		})
	}
	p.tables[i].columns = append(p.tables[i].columns, col)
	return nil
}

// free claims a name that nothing has in either state.
func (p *phaser) free(name string, claim func(string) string) string {
	name = free(name, func(n string) bool { return p.taken[claim(n)] })
	p.taken[claim(name)] = true
	return name
}

// column finds the one that gives way to a column of the desired state; nil: none does.
func (p *phaser) column(table object.ID, name string) *phasedColumn {
	for _, t := range p.tables {
		for _, c := range t.columns {
			if t.id == table && c.To.Name == name {
				return c
			}
		}
	}
	return nil
}

// besides are the names that columns of a list have until the old ones are gone.
func (p *phaser) besides(table object.ID, names []string) []string {
	out := slices.Clone(names)
	for i, name := range names {
		if c := p.column(table, name); c != nil {
			out[i] = c.beside
		}
	}
	return out
}

func (p *phaser) phases() (*dialect.Phases, error) {
	out := &dialect.Phases{}
	expanded, err := p.expanded()
	if err != nil {
		return nil, err
	}
	columns, err := p.steps(p.from, expanded)
	if err != nil {
		return nil, err
	}
	out.Expand = append([]*plan.Step{p.tables[0].brieflyStep()}, columns...)
	for _, t := range p.tables {
		out.Expand = append(out.Expand, t.syncSteps()...)
		out.Fill = append(out.Fill, t.fillStep())
		out.InStep = append(out.InStep, t.inStep()...)
	}
	b, err := p.build()
	if err != nil {
		return nil, err
	}
	early, err := p.with(expanded, b.early)
	if err != nil {
		return nil, err
	}
	late, err := p.with(early, b.late)
	if err != nil {
		return nil, err
	}
	more, err := p.steps(expanded, early)
	if err != nil {
		return nil, err
	}
	out.Fill = slices.Concat(out.Fill, b.earlyProofs, more)
	if more, err = p.steps(early, late); err != nil {
		return nil, err
	}
	out.Build = slices.Concat(b.lateProofs, more)
	out.Switch = p.switchSteps(b)
	return out, nil
}

// steps plans the way between two states, splitting what can be.
func (p *phaser) steps(from, to *object.State) ([]*plan.Step, error) {
	set := Kinds()
	changes, err := set.Diff(from, to)
	if err != nil {
		return nil, err
	}
	_, steps, err := set.Plan(from, to, changes, p.policy)
	return steps, err
}

// with adds objects to a state.
func (p *phaser) with(s *object.State, more []*object.Object) (*object.State, error) {
	out := object.NewState()
	for _, o := range append(slices.Clone(s.All()), more...) {
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// expanded is the state with the new columns: without a value of their own, and for those that programs use under their
// new name with the privileges on them.
func (p *phaser) expanded() (*object.State, error) {
	var more []*object.Object
	for _, t := range p.tables {
		for _, c := range t.columns {
			o, v := *c.to.Object, *c.to.V
			o.ID, o.RenamedFrom = columnID(t.id, c.beside), ""
			v.NotNull, v.NotNullAs, v.Identity = false, NotNull{}, Identity{}
			o.Value, o.Claims = &v, nil
			more = append(more, &o)
			if !c.renamed() {
				continue
			}
			for _, r := range p.want.on(c.To) {
				if r.ID.Kind == "permission" && !p.from.Has(r.ID) {
					more = append(more, r)
				}
			}
		}
	}
	return p.with(p.from, more)
}

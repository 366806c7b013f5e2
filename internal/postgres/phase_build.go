package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/statement"
)

// built is what stands on the new columns, under names of its own where the old one's are taken.
type built struct {
	// early hinders no program of before; late demands more than is demanded of the old column, or may.
	early, late             []*object.Object
	earlyProofs, lateProofs []*plan.Step

	indexes []remade // that are to have another name
	keys    []remade // indexes that are to become keys
	others  []remade // constraints that are to have another name
	foreign []object.ID
	proofs  map[object.ID]string // checks which prove that a column is NOT NULL, by the column of the desired state
}

// remade is an object of the desired state and the name under which it is built.
type remade struct {
	want *object.Object
	as   string
}

// build makes the desired state's indexes and constraints of the columns on the new ones.
func (p *phaser) build() (*built, error) {
	b := &built{proofs: map[object.ID]string{}}
	done := map[object.ID]bool{}
	for _, t := range p.tables {
		for _, c := range t.columns {
			p.prove(b, t, c)
			for _, o := range p.want.on(c.To) {
				if !done[o.ID] {
					done[o.ID] = true
					p.rebuild(b, o)
				}
			}
		}
	}
	// What rests on a key that is made later rests on its index until then.
	indexOf := map[object.ID]object.ID{}
	for _, k := range b.keys {
		indexOf[k.want.ID] = object.ID{Kind: "index", Schema: k.want.ID.Schema, Table: k.want.ID.Table, Name: k.as}
	}
	for _, list := range [][]*object.Object{b.early, b.late} {
		for _, o := range list {
			for i, need := range o.Needs {
				if at, ok := indexOf[need]; ok {
					o.Needs[i] = at
				}
			}
		}
	}
	for _, o := range p.from.Kind("foreign_key") { // which would keep the old columns from going
		if p.refersToOld(o) {
			b.foreign = append(b.foreign, o.ID)
		}
	}
	return b, nil
}

// prove adds a check by which NOT NULL needs no look at the rows.
func (p *phaser) prove(b *built, t *phasedTable, c *phasedColumn) {
	if !c.to.V.NotNull || c.to.V.NotNullAs.NotValid {
		return
	}
	beside := columnID(t.id, c.beside)
	name := p.free(generatedName(t.id.Name, c.beside, "filled"), func(n string) string { return "constraint " + t.table() + "." + ident(n) })
	add := notNullAlone(beside, "ADD CONSTRAINT "+ident(name)+" CHECK ("+ident(c.beside)+" IS NOT NULL) NOT VALID", "")
	add.Pace, add.Comment = plan.Brief, "add a check that stands for NOT NULL of column "+beside.Path()+", for rows to come"
	validate := validateStep(beside, name, "NOT NULL of column "+beside.Path())
	proofs := []*plan.Step{&add, &validate}
	for _, s := range proofs {
		s.ID, s.Owner, s.Op = t.id, t.id, plan.Alter
	}
	b.proofs[c.To] = name
	if c.renamed() && c.from.V.NotNull {
		b.earlyProofs = append(b.earlyProofs, proofs...)
		return
	}
	b.lateProofs = append(b.lateProofs, proofs...)
}

// rebuild makes an object of the desired state on the new columns.
func (p *phaser) rebuild(b *built, want *object.Object) {
	o := *want
	o.Needs = p.besideNeeds(want.Needs)
	o.RenamedFrom = ""
	table := tableID(o.ID)
	taken := slices.ContainsFunc(want.Claims, func(claim string) bool { return p.claimed[claim] })
	early := p.onlyRenames(want) && p.demanded(want)
	switch v := want.Value.(type) {
	case *Index:
		o.ID.Name = p.relationName(want.ID, taken)
		o.Value, o.Claims = p.besideIndex(table, v, o.ID.Name), []string{relationClaim(o.ID.Schema, o.ID.Name)}
		if o.ID.Name != want.ID.Name {
			b.indexes = append(b.indexes, remade{want, o.ID.Name})
		}
		early = early || !v.Unique
	case *Constraint:
		if o.ID.Kind == "primary_key" || o.ID.Kind == "unique" {
			o.ID = object.ID{Kind: "index", Schema: o.ID.Schema, Table: o.ID.Table, Name: p.relationName(want.ID, taken)}
			o.Value, o.Claims = p.besideKey(table, v), []string{relationClaim(o.ID.Schema, o.ID.Name)}
			b.keys = append(b.keys, remade{want, o.ID.Name})
			break
		}
		if taken {
			o.ID.Name = p.free(generatedName(o.ID.Name, "", "new"), func(n string) string { return "constraint " + tableOf(o.ID) + "." + ident(n) })
			b.others = append(b.others, remade{want, o.ID.Name})
		}
		o.Claims = []string{"constraint " + tableOf(o.ID) + "." + ident(o.ID.Name)}
		o.Value = p.besideConstraint(table, o.ID.Kind, v)
	default:
		return // small, or there already: what still differs after the switch
	}
	if early {
		b.early = append(b.early, &o)
		return
	}
	b.late = append(b.late, &o)
}

// demanded reports whether the current state has the same of the old columns: then it hinders no program of before.
func (p *phaser) demanded(want *object.Object) bool {
	have := p.from.Get(want.ID)
	if have == nil {
		return false
	}
	a, b := tokensOf(definitionOf(have)), tokensOf(definitionOf(want))
	anew := map[string]string{}
	for _, t := range p.tables {
		for _, c := range t.columns {
			anew[c.From.Name] = c.To.Name
		}
	}
	return slices.EqualFunc(a, b, func(x, y statement.Token) bool { return x.Text == y.Text || anew[x.Text] == y.Text })
}

// definitionOf is what the server spells of an index or a constraint.
func definitionOf(o *object.Object) string {
	switch v := o.Value.(type) {
	case *Index:
		return v.Def
	case *Constraint:
		return v.Def
	}
	return ""
}

func (p *phaser) relationName(want object.ID, taken bool) string {
	if !taken {
		return want.Name
	}
	return p.free(generatedName(want.Name, "", "new"), func(n string) string { return relationClaim(want.Schema, n) })
}

// onlyRenames reports whether all columns that give way and on which an object rests keep their type.
func (p *phaser) onlyRenames(o *object.Object) bool {
	for _, t := range p.tables {
		for _, c := range t.columns {
			if slices.Contains(o.Needs, c.To) && !c.renamed() {
				return false
			}
		}
	}
	return true
}

func (p *phaser) besideNeeds(needs []object.ID) []object.ID {
	out := slices.Clone(needs)
	for i, id := range needs {
		if id.Kind == "column" {
			if c := p.column(tableID(id), id.Name); c != nil {
				out[i] = columnID(tableID(id), c.beside)
			}
		}
	}
	return out
}

func (p *phaser) besideIndex(table object.ID, x *Index, name string) *Index {
	out := *x
	out.Clustered = false // the mark is the old one's until the switch
	out.Parts = slices.Clone(x.Parts)
	for i, part := range x.Parts {
		if part.Column != "" {
			out.Parts[i].Column = p.besides(table, []string{part.Column})[0]
		}
		out.Parts[i].Expr = p.besideText(table, part.Expr)
	}
	out.Include = p.besides(table, x.Include)
	out.Where = p.besideText(table, x.Where)
	_, on := cutAtOn(x.Def)
	out.Def = "CREATE " + toggle(x.Unique, "UNIQUE ", "") + "INDEX " + ident(name) + p.besideText(table, on)
	return &out
}

// besideKey is the index of a key.
func (p *phaser) besideKey(table object.ID, k *Constraint) *Index {
	x := &Index{Unique: true, Method: "btree", Include: p.besides(table, k.Include), NullsNotDistinct: k.NullsNotDistinct}
	for _, name := range p.besides(table, k.Columns) {
		x.Parts = append(x.Parts, IndexPart{Column: name})
	}
	return x
}

func (p *phaser) besideConstraint(table object.ID, kindName string, k *Constraint) *Constraint {
	out := *k
	out.Columns = p.besides(table, k.Columns)
	if kindName == "check" {
		out.Def, out.Expr = p.besideText(table, k.Def), p.besideText(table, k.Expr)
		return &out
	}
	out.RefColumns = p.besides(k.references(), k.RefColumns)
	// FOREIGN KEY (…) REFERENCES table(…) rest
	end := closing(k.Def, strings.IndexByte(k.Def, '(')) + 1
	refs := end + lastOpen(k.Def[end:])
	rest := k.Def[closing(k.Def, refs)+1:]
	out.Def = "FOREIGN KEY (" + idents(out.Columns) + ")" + k.Def[end:refs] + "(" + idents(out.RefColumns) + ")" + rest
	return &out
}

// lastOpen is where the columns of a foreign key's other table begin, behind REFERENCES and a name that may be quoted.
func lastOpen(text string) int {
	for i := 0; i < len(text); i++ {
		if end := skipQuoted(text, i); end > i {
			i = end - 1
			continue
		}
		if text[i] == '(' {
			return i
		}
	}
	return len(text)
}

// besideText names the new columns in a text of the server's over one table, in which a column stands bare.
func (p *phaser) besideText(table object.ID, text string) string {
	tokens := tokensOf(text)
	var out strings.Builder
	last := 0
	for i, t := range tokens {
		if !t.Name() || i > 0 && tokens[i-1].Is("::", ".", "using", "collate") || i+1 < len(tokens) && tokens[i+1].Is("(", ".") {
			continue
		}
		c := p.column(table, t.Text)
		if c == nil || c.beside == t.Text {
			continue
		}
		out.WriteString(text[last:t.Start] + ident(c.beside))
		last = t.End
	}
	return out.String() + text[last:]
}

// refersToOld reports whether a foreign key of the current state refers to a column that gives way, and is not of it.
func (p *phaser) refersToOld(o *object.Object) bool {
	k, ok := kind.Get[Constraint](p.from, o.ID)
	if !ok {
		return false
	}
	return slices.ContainsFunc(k.V.RefColumns, func(name string) bool { return p.goes(k.V.references(), name) })
}

package safety

import (
	"slices"
	"strings"
)

// Apply does to the model what an action does to the database.
func (m *Model) Apply(a Action) {
	switch a.Verb {
	case CreateTable:
		m.create(a)
		return
	case DropTable:
		m.Remove(a.Table)
		return
	case RenameTable, MoveTable:
		m.rename(a)
		return
	case Create, Alter, Drop, Rename, AddEnumValue, RenameEnumValue:
		m.applyOther(a)
		return
	}
	t := m.Table(a.Table)
	if t == nil {
		return
	}
	t = t.Clone()
	t.apply(a)
	m.Put(t)
}

func (m *Model) create(a Action) {
	if a.New == nil || a.IfNotExists && m.Table(a.Table) != nil {
		return
	}
	t := a.New.Clone()
	t.Name = m.Full(a.Table)
	t.Constraints = slices.DeleteFunc(t.Constraints, func(c Constraint) bool { return c.Ignored })
	for i := range t.Constraints {
		t.own(&t.Constraints[i])
	}
	if !t.Parent.IsZero() {
		t.Parent = m.Full(t.Parent)
		if p := m.Table(t.Parent); p != nil {
			p = p.Clone()
			p.Partitions = append(p.Partitions, t.Name)
			m.Put(p)
			t.inheritColumns(p)
		}
	}
	m.Put(t)
}

// inheritColumns gives a partition the columns of its parent.
func (t *Table) inheritColumns(p *Table) {
	for _, c := range p.Columns {
		if t.Column(c.Name) == nil {
			t.Columns = append(t.Columns, c)
		}
	}
}

func (m *Model) rename(a Action) {
	t := m.Table(a.Table)
	if t == nil {
		return
	}
	m.Remove(a.Table)
	t = t.Clone()
	if a.To != "" {
		t.Name.Name = a.To
	}
	if a.ToIn != "" {
		t.Name.Schema = a.ToIn
	}
	m.Put(t)
}

func (m *Model) applyOther(a Action) {
	switch {
	case a.Verb == AddEnumValue:
		if values := m.Enum(a.Of); a.Last {
			m.SetEnum(a.Of, append(slices.Clone(values), a.Name))
		}
	case a.Kind == "type" && a.Verb == Create:
		m.SetEnum(a.Of, a.Columns)
	case a.Kind == "type" && a.Verb == Drop:
		delete(m.enums, m.Full(a.Of))
	case a.Kind == "type" && a.Verb == Rename:
		m.renameType(m.Full(a.Of), a.To)
	case a.Kind == "domain" && a.Verb == Create:
		if a.Change == "constrained" {
			m.Constrain(a.Of)
		}
	case (a.Kind == "function" || a.Kind == "procedure") && (a.Verb == Create || a.Verb == Alter):
		if a.Expr != "" {
			m.SetVolatility(a.Of, a.Expr)
		}
	case (a.Kind == "function" || a.Kind == "procedure") && a.Verb == Drop:
		delete(m.routines, m.Full(a.Of))
	}
}

// renameType takes along the columns that are of the type, as the server does.
func (m *Model) renameType(of Name, to string) {
	anew := Name{Schema: of.Schema, Name: to}
	if values, known := m.enums[of]; known {
		delete(m.enums, of)
		m.enums[anew] = values
	}
	for _, t := range m.Tables() {
		for i, c := range t.Columns {
			element := strings.TrimSuffix(c.Type, "[]")
			if element != of.String() && (of.Schema != m.Default || element != of.Name) {
				continue
			}
			t = t.Clone()
			t.Columns[i].Type = anew.String() + strings.TrimPrefix(c.Type, element)
			m.Put(t)
		}
	}
}

// own gives a key its index, as the server does.
func (t *Table) own(c *Constraint) {
	if c.UsingIndex != "" {
		if i := t.Index(c.UsingIndex); i != nil {
			i.Constraint = true
			if c.Columns == nil {
				c.Columns = i.Columns
			}
			i.Name = c.Name
		}
		return
	}
	switch c.Type {
	case Primary:
		for _, name := range c.Columns {
			if col := t.Column(name); col != nil {
				col.NotNull = true
			}
		}
		fallthrough
	case Unique, Exclude:
		if t.Index(c.Name) == nil {
			t.Indexes = append(t.Indexes, Index{Name: c.Name, Unique: c.Type != Exclude, Columns: c.Columns, Constraint: true})
		}
	}
}

func (t *Table) apply(a Action) {
	switch a.Verb {
	case AddColumn:
		if t.Column(a.Column.Name) == nil {
			t.Columns = append(t.Columns, *a.Column)
		}
	case DropColumn:
		t.dropColumn(a.Name)
	case RenameColumn:
		t.renameColumn(a.Name, a.To)
	case ChangeColumn:
		if c := t.Column(a.Name); c != nil {
			*c = *a.Column
			if a.Column.Name != a.Name {
				c.Name = a.Name
				t.renameColumn(a.Name, a.Column.Name)
			}
		}
	case AddConstraint:
		t.addConstraint(a)
	case DropConstraint:
		t.Constraints = slices.DeleteFunc(t.Constraints, func(c Constraint) bool { return c.Name == a.Name })
		t.Indexes = slices.DeleteFunc(t.Indexes, func(i Index) bool { return i.Constraint && i.Name == a.Name })
	case RenameConstraint, RenameIndex:
		t.renameKey(a.Name, a.To)
	case ValidateConstraint:
		if c := t.Constraint(a.Name); c != nil {
			c.NotValid = false
			if c.Type == NotNulls {
				t.eachColumn(c.Columns, func(c *Column) { c.NotNull = true })
			}
		}
	case CreateIndex:
		if t.Index(a.Index.Name) == nil {
			t.Indexes = append(t.Indexes, *a.Index)
		}
	case DropIndex:
		t.Indexes = slices.DeleteFunc(t.Indexes, func(i Index) bool { return i.Name == a.Name })
		t.Constraints = slices.DeleteFunc(t.Constraints, func(c Constraint) bool { return c.Type == Unique && c.Name == a.Name })
	default:
		t.applyDetail(a)
	}
}

func (t *Table) addConstraint(a Action) {
	c := *a.Constraint
	if c.Ignored {
		return
	}
	if a.Index != nil { // one that the server makes for it
		t.Indexes = append(t.Indexes, *a.Index)
	}
	t.Constraints = append(t.Constraints, c)
	t.own(&t.Constraints[len(t.Constraints)-1])
	if c.Type == NotNulls && !c.NotValid {
		t.eachColumn(c.Columns, func(c *Column) { c.NotNull = true })
	}
}

func (t *Table) applyDetail(a Action) {
	column := t.Column(a.Name)
	if column == nil {
		column = &Column{} // of a table that is not known whole
	}
	switch a.Verb {
	case AlterType:
		column.Type = a.Column.Type
		if a.Column.Collation != "" {
			column.Collation = a.Column.Collation
		}
	case SetDefault:
		column.Default = a.Expr
	case DropDefault:
		column.Default = ""
	case SetNotNull:
		column.NotNull = true
	case DropNotNull:
		column.NotNull = false
	case DropExpression:
		column.Generated, column.Default = "", ""
	case AddIdentity:
		column.Identity = "by default"
	case DropIdentity:
		column.Identity = ""
	default:
		t.applyWhole(a)
	}
}

// applyWhole does what is done to the table as a whole.
func (t *Table) applyWhole(a Action) {
	switch a.Verb {
	case EnableRLS:
		t.RLS = true
	case DisableRLS:
		t.RLS = false
	case CreatePolicy:
		t.Policies = append(t.Policies, a.Name)
	case DropPolicy:
		t.Policies = slices.DeleteFunc(t.Policies, func(p string) bool { return p == a.Name })
	case CreateTrigger:
		t.Triggers = append(t.Triggers, a.Name)
	case DropTrigger:
		t.Triggers = slices.DeleteFunc(t.Triggers, func(p string) bool { return p == a.Name })
	case AttachPartition:
		t.Partitions = append(t.Partitions, a.Of)
	case DetachPartition:
		t.Partitions = slices.DeleteFunc(t.Partitions, func(n Name) bool { return n == a.Of })
	case PartitionTable:
		by, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(a.Expr), "linear "), "(")
		t.PartitionBy = strings.TrimSpace(by)
	default:
		t.Set(a)
	}
}

// Set does what an action does to the options of the table.
func (t *Table) Set(a Action) {
	switch a.Verb {
	case Engine:
		t.Engine = a.Expr
	case RowFormat:
		switch a.Name {
		case "row_format":
			t.RowFormat = strings.ToLower(a.Expr)
		case "key_block_size":
			t.RowFormat = "compressed"
		case "compression", "page_compressed":
			t.Compression = a.Expr
		}
	case ConvertTo:
		t.Charset, t.Collation = a.Expr, a.To
		for i := range t.Columns {
			if c := &t.Columns[i]; c.Charset != "" {
				c.Charset, c.Collation = a.Expr, a.To
			}
		}
	case TableOption:
		switch a.Name {
		case "charset":
			t.Charset, t.Collation = a.Expr, ""
		case "collate":
			t.Collation = a.Expr
		}
	}
}

// AddKey adds a constraint or an index to a table that is being read.
func (t *Table) AddKey(c *Constraint, i *Index) {
	if c != nil {
		t.Constraints = append(t.Constraints, *c)
	}
	if i != nil {
		t.Indexes = append(t.Indexes, *i)
	}
}

func (t *Table) eachColumn(names []string, do func(*Column)) {
	for _, name := range names {
		if c := t.Column(name); c != nil {
			do(c)
		}
	}
}

func (t *Table) dropColumn(name string) {
	t.Columns = slices.DeleteFunc(t.Columns, func(c Column) bool { return c.Name == name })
	t.Indexes = slices.DeleteFunc(t.Indexes, func(i Index) bool { return slices.Contains(i.Columns, name) })
	t.Constraints = slices.DeleteFunc(t.Constraints, func(c Constraint) bool { return slices.Contains(c.Columns, name) })
}

// renameColumn gives a column another name. One that has that name already is renamed itself by the same statement, as
// when two change names: it stands aside until then.
func (t *Table) renameColumn(from, to string) {
	const aside = "\x00"
	if t.Column(aside+from) != nil {
		from = aside + from
	}
	if from != to && t.Column(to) != nil {
		t.callColumn(to, aside+to)
	}
	t.callColumn(from, to)
}

func (t *Table) callColumn(from, to string) {
	swap := func(names []string) []string {
		names = slices.Clone(names)
		for i, n := range names {
			if n == from {
				names[i] = to
			}
		}
		return names
	}
	if c := t.Column(from); c != nil {
		c.Name = to
	}
	for i := range t.Indexes {
		t.Indexes[i].Columns = swap(t.Indexes[i].Columns)
	}
	for i := range t.Constraints {
		t.Constraints[i].Columns = swap(t.Constraints[i].Columns)
	}
}

func (t *Table) renameKey(from, to string) {
	if c := t.Constraint(from); c != nil {
		c.Name = to
	}
	if i := t.Index(from); i != nil {
		i.Name = to
	}
}

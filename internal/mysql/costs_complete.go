package mysql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

// complete tells of an action what its text does not: names as the table spells them, since case does not matter in
// those of columns and keys; names that the server chooses; character sets that are inherited; keys that come along.
func complete(m *safety.Model, a safety.Action) safety.Action {
	t := m.Table(a.Table)
	switch a.Verb {
	case safety.CreateTable:
		a.New = completeTable(m, a)
		return a
	case safety.DropTrigger:
		if owner := ownerOfTrigger(m, a); owner != nil {
			a.Table = owner.Name
		}
		return a
	}
	if t == nil {
		t = &safety.Table{Name: a.Table}
	}
	return completeIn(m, t, a)
}

func completeIn(m *safety.Model, t *safety.Table, a safety.Action) safety.Action {
	switch a.Verb {
	case safety.DropColumn, safety.RenameColumn, safety.SetDefault, safety.DropDefault, safety.SetStorage:
		a.Name = foldColumn(t, a.Name)
	case safety.DropIndex, safety.RenameIndex, safety.AlterIndex, safety.DropConstraint, safety.AlterConstraint:
		a.Name = foldKey(t, a.Name)
	case safety.AddColumn:
		c := *a.Column
		completeColumn(m, t, &c)
		a.Column = &c
	case safety.ChangeColumn:
		c := *a.Column
		if a.Name = foldColumn(t, a.Name); strings.EqualFold(c.Name, a.Name) {
			c.Name = a.Name
		}
		completeColumn(m, t, &c)
		if p := t.Primary(); p != nil && slices.Contains(p.Columns, a.Name) {
			c.NotNull = true
		}
		a.Column = &c
	case safety.CreateIndex:
		x := *a.Index
		completeIndex(t, &x)
		a.Index, a.Name = &x, x.Name
	case safety.AddConstraint:
		k := *a.Constraint
		completeConstraint(m, t, &k)
		a.Constraint, a.Name = &k, k.Name
		if k.Type == safety.Foreign && !k.Ignored && !hasKeyFor(t, k.Columns) {
			a.Index = &safety.Index{Name: k.Name, Columns: k.Columns}
		}
	case safety.ConvertTo:
		a.To = orName(a.To, defaultCollation(m, a.Expr))
	}
	return a
}

// completeTable is a new table as the server makes it.
func completeTable(m *safety.Model, a safety.Action) *safety.Table {
	if other := m.Table(m.Full(a.Of)); a.Kind == "like" && other != nil {
		t := other.Clone()
		t.Name, t.Rows, t.Bytes, t.Triggers, t.Temporary = a.Table, -1, -1, nil, a.New.Temporary
		t.Constraints = slices.DeleteFunc(t.Constraints, func(c safety.Constraint) bool { return c.Type == safety.Foreign })
		return t
	}
	t := a.New.Clone()
	t.Name = a.Table
	switch {
	case t.Collation != "":
		t.Charset = charsetOf(t.Collation)
	case t.Charset != "":
		t.Collation = defaultCollation(m, t.Charset)
	default:
		if t.Collation = m.Server.Settings["collation_database"]; t.Collation == "" && m.Server.Flavor != "mariadb" {
			t.Collation = defaultCollation(m, "utf8mb4")
		}
		t.Charset = charsetOf(t.Collation)
	}
	for i := range t.Columns {
		completeColumn(m, t, &t.Columns[i])
	}
	indexes := t.Indexes
	t.Indexes = nil
	for i := range t.Constraints {
		completeConstraint(m, t, &t.Constraints[i])
	}
	for _, x := range indexes {
		completeIndex(t, &x)
		t.Indexes = append(t.Indexes, x)
	}
	for _, k := range t.Constraints {
		if k.Type == safety.Foreign && !k.Ignored && !hasKeyFor(t, k.Columns) {
			t.Indexes = append(t.Indexes, safety.Index{Name: k.Name, Columns: k.Columns})
		}
	}
	return t
}

// completeColumn fills in the character set and collation that a column inherits.
func completeColumn(m *safety.Model, t *safety.Table, c *safety.Column) {
	if c.Type == "json" && m.Server.Flavor == "mariadb" {
		c.Type, c.Charset, c.Collation = "longtext", "utf8mb4", "utf8mb4_bin"
	}
	if c.Charset == "binary" { // CHAR … CHARACTER SET binary is a BINARY
		c.Type = strings.NewReplacer("varchar", "varbinary", "char", "binary", "text", "blob").Replace(c.Type)
		c.Charset = ""
	}
	if !isText(c.Type) {
		c.Charset, c.Collation = "", ""
		return
	}
	const binary = "binary of the character set"
	switch {
	case c.Collation == binary:
		c.Charset = orName(c.Charset, t.Charset)
		c.Collation = ""
		if c.Charset != "" {
			c.Collation = c.Charset + "_bin"
		}
	case c.Collation != "":
		c.Charset = charsetOf(c.Collation)
	case c.Charset != "":
		c.Collation = defaultCollation(m, c.Charset)
	default:
		c.Charset, c.Collation = t.Charset, t.Collation
	}
}

// defaultCollation is the collation of a character set, where that is known.
func defaultCollation(m *safety.Model, charset string) string {
	v := m.Server.Version
	return defaultCollations(m.Server.Flavor == "mariadb", dialect.Server{Major: v[0], Minor: v[1]})[charset]
}

// completeIndex spells the columns of an index as the table does, and names it as the server would: by its first column.
func completeIndex(t *safety.Table, x *safety.Index) {
	x.Columns = foldColumns(t, x.Columns)
	if x.Name == "" {
		x.Name = freeKey(t, x.Columns)
	}
}

func freeKey(t *safety.Table, columns []string) string {
	base := "functional_index"
	if len(columns) > 0 && !strings.HasPrefix(columns[0], "(") {
		base = columns[0]
	}
	name := base
	for i := 2; taken(t, name); i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	return name
}

func taken(t *safety.Table, name string) bool {
	return slices.ContainsFunc(t.Indexes, func(i safety.Index) bool { return strings.EqualFold(i.Name, name) }) ||
		slices.ContainsFunc(t.Constraints, func(c safety.Constraint) bool { return strings.EqualFold(c.Name, name) })
}

func completeConstraint(m *safety.Model, t *safety.Table, k *safety.Constraint) {
	k.Columns = foldColumns(t, k.Columns)
	switch k.Type {
	case safety.Check:
		if !k.Inline || len(k.Columns) == 0 {
			k.Columns = columnsIn(t, k.Expr)
		}
	case safety.Foreign:
		ref := m.Table(m.Full(k.RefTable))
		if m.Full(k.RefTable) == t.Name {
			ref = t
		}
		if p := ref.Primary(); len(k.RefColumns) == 0 && p != nil {
			k.RefColumns = p.Columns
		}
		if ref != nil {
			k.RefColumns = foldColumns(ref, k.RefColumns)
		}
		// MySQL before 9.0 reads REFERENCES at a column and makes nothing of it (MySQL manual, "FOREIGN KEY Constraints").
		k.Ignored = k.Inline && m.Server.Flavor != "mariadb" && !m.Server.AtLeast(9)
	}
	if k.Name != "" {
		return
	}
	switch k.Type {
	case safety.Unique:
		k.Name = freeKey(t, k.Columns)
	case safety.Foreign, safety.Check:
		base := t.Name.Name + map[safety.ConstraintType]string{safety.Foreign: "_ibfk_", safety.Check: "_chk_"}[k.Type]
		i := 1
		for ; taken(t, base+strconv.Itoa(i)); i++ {
			continue
		}
		k.Name = base + strconv.Itoa(i)
	}
}

// hasKeyFor reports whether an index begins with the columns of a foreign key, or a key will: else the server makes one.
func hasKeyFor(t *safety.Table, columns []string) bool {
	begins := func(all []string) bool {
		if len(all) < len(columns) {
			return false
		}
		return !slices.ContainsFunc(all[:len(columns)], func(c string) bool { return !slices.Contains(columns, c) })
	}
	return slices.ContainsFunc(t.Indexes, func(i safety.Index) bool { return begins(i.Columns) }) ||
		slices.ContainsFunc(t.Constraints, func(c safety.Constraint) bool {
			return (c.Type == safety.Primary || c.Type == safety.Unique) && begins(c.Columns)
		})
}

// foldColumn is the name of a column as its table spells it.
func foldColumn(t *safety.Table, name string) string {
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			return c.Name
		}
	}
	return name
}

func foldColumns(t *safety.Table, names []string) []string {
	out := slices.Clone(names)
	for i, n := range out {
		out[i] = foldColumn(t, n)
	}
	return out
}

// foldKey is the name of an index or constraint as its table spells it.
func foldKey(t *safety.Table, name string) string {
	for _, c := range t.Constraints {
		if strings.EqualFold(c.Name, name) {
			return c.Name
		}
	}
	for _, i := range t.Indexes {
		if strings.EqualFold(i.Name, name) {
			return i.Name
		}
	}
	return name
}

func ownerOfTrigger(m *safety.Model, a safety.Action) *safety.Table {
	schema := m.Full(a.Of).Schema
	for _, t := range m.Tables() {
		if t.Name.Schema == schema && slices.ContainsFunc(t.Triggers, func(n string) bool { return strings.EqualFold(n, a.Name) }) {
			return t
		}
	}
	return nil
}

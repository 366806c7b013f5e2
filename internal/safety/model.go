// Package safety knows what statements do to a database that is in use: the actions that a statement's text says, a
// small model of the tables that they are done to, and what each costs. It is pure, and knows no dialect: these read
// the text and say the costs.
package safety

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Name is an object of a schema. The schema is empty where neither the text nor the session names one.
type Name struct {
	Schema string `json:"schema,omitempty"`
	Name   string `json:"name"`
}

// String is the dotted name.
func (n Name) String() string { return strings.TrimPrefix(n.Schema+"."+n.Name, ".") }

// IsZero reports whether it names nothing.
func (n Name) IsZero() bool { return n == Name{} }

// Model is what is known of a database, as far as it matters for what statements cost. Its tables are replaced as they
// change, never altered: who holds one holds what it was.
type Model struct {
	// Default is the schema that names without one mean.
	Default string
	// Whole means that the model holds the whole database: a table that it lacks is not there. Else nobody knows.
	Whole  bool
	Server Server
	// Complete, if set, tells what a dialect knows of an action beyond its text: how what it names is spelled, and what the
	// server fills in.
	Complete func(*Model, Action) Action

	tables map[Name]*Table
	enums  map[Name][]string
	// routines are known by what they do to a default: "immutable", "stable" or "volatile".
	routines map[Name]string
	domains  map[string]bool // those with conditions, by the names that columns may call them
}

// Server is the server that the statements are for.
type Server struct {
	Flavor  string // "postgres", "mysql", "mariadb"
	Version [3]int
	// Settings that change what statements do, such as sql_mode.
	Settings map[string]string
}

// AtLeast compares the version.
func (s Server) AtLeast(version ...int) bool { return slices.Compare(s.Version[:], version) >= 0 }

// NewModel makes an empty model.
func NewModel(schema string, server Server) *Model {
	return &Model{Default: schema, Server: server, tables: map[Name]*Table{}, enums: map[Name][]string{}, routines: map[Name]string{}, domains: map[string]bool{}}
}

// Full gives a name the schema that it lacks.
func (m *Model) Full(n Name) Name {
	if n.Schema == "" && n.Name != "" {
		n.Schema = m.Default
	}
	return n
}

// Table returns a table, or nil where none is known.
func (m *Model) Table(n Name) *Table { return m.tables[m.Full(n)] }

// Put adds a table, or takes the place of the one of its name.
func (m *Model) Put(t *Table) {
	t.Name = m.Full(t.Name)
	m.tables[t.Name] = t
}

// Remove takes a table out.
func (m *Model) Remove(n Name) { delete(m.tables, m.Full(n)) }

// Tables are all tables, by name.
func (m *Model) Tables() []*Table {
	out := make([]*Table, 0, len(m.tables))
	for _, t := range m.tables {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *Table) int {
		return cmp.Or(strings.Compare(a.Name.Schema, b.Name.Schema), strings.Compare(a.Name.Name, b.Name.Name))
	})
	return out
}

// Owner returns the table that an index of that name belongs to.
func (m *Model) Owner(index Name) (*Table, *Index) {
	index = m.Full(index)
	for _, t := range m.Tables() {
		if t.Name.Schema != index.Schema {
			continue
		}
		if i := t.Index(index.Name); i != nil {
			return t, i
		}
	}
	return nil, nil
}

// Children are the tables whose foreign keys refer to the table.
func (m *Model) Children(n Name) []*Table {
	n = m.Full(n)
	var out []*Table
	for _, t := range m.Tables() {
		if slices.ContainsFunc(t.Constraints, func(c Constraint) bool { return c.Type == Foreign && m.Full(c.RefTable) == n }) {
			out = append(out, t)
		}
	}
	return out
}

// Enum returns the values of an enum; nil where none is known.
func (m *Model) Enum(n Name) []string { return m.enums[m.Full(n)] }

// SetEnum keeps the values of an enum.
func (m *Model) SetEnum(n Name, values []string) { m.enums[m.Full(n)] = values }

// Volatility is what is known of a routine: "immutable", "stable", "volatile", or empty.
func (m *Model) Volatility(n Name) string { return m.routines[m.Full(n)] }

// SetVolatility keeps how volatile a routine is.
func (m *Model) SetVolatility(n Name, v string) { m.routines[m.Full(n)] = v }

// HasRoutine reports whether the routine is known.
func (m *Model) HasRoutine(n Name) bool { return m.routines[m.Full(n)] != "" }

// Constrain keeps that a domain has conditions.
func (m *Model) Constrain(domain Name) {
	domain = m.Full(domain)
	m.domains[domain.String()] = true
	if domain.Schema == m.Default {
		m.domains[domain.Name] = true
	}
}

// Constrained reports whether a type is a domain with conditions.
func (m *Model) Constrained(typ string) bool { return m.domains[typ] }

// Table is a relation with rows, or one that shows rows.
type Table struct {
	Name        Name         `json:"name"`
	Kind        string       `json:"kind,omitempty"` // "table", "partitioned table", "materialized view", "view", "foreign table"
	Columns     []Column     `json:"columns,omitempty"`
	Constraints []Constraint `json:"constraints,omitempty"`
	Indexes     []Index      `json:"indexes,omitempty"`
	Triggers    []string     `json:"triggers,omitempty"`
	Policies    []string     `json:"policies,omitempty"`
	RLS         bool         `json:"rls,omitempty"`
	Parent      Name         `json:"parent,omitzero"` // of a partition, or of a table that inherits
	Partitions  []Name       `json:"partitions,omitempty"`
	IsDefault   bool         `json:"is_default,omitempty"` // of a partition: it takes what fits no other
	Temporary   bool         `json:"temporary,omitempty"`
	Unlogged    bool         `json:"unlogged,omitempty"`
	// Opaque means that its columns are not all known: CREATE TABLE AS, LIKE.
	Opaque bool `json:"opaque,omitempty"`

	// Of MySQL.
	Engine      string `json:"engine,omitempty"`
	Charset     string `json:"charset,omitempty"`
	Collation   string `json:"collation,omitempty"`
	RowFormat   string `json:"row_format,omitempty"`
	Compression string `json:"compression,omitempty"`
	PartitionBy string `json:"partition_by,omitempty"` // "range", "list", "hash", "key"

	// Rows and Bytes are the server's estimates; -1 where nobody knows.
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
}

// Clone copies a table so that the copy can be changed.
func (t *Table) Clone() *Table {
	c := *t
	c.Columns, c.Constraints, c.Indexes = slices.Clone(t.Columns), slices.Clone(t.Constraints), slices.Clone(t.Indexes)
	c.Triggers, c.Policies, c.Partitions = slices.Clone(t.Triggers), slices.Clone(t.Policies), slices.Clone(t.Partitions)
	return &c
}

// Column returns a column, or nil.
func (t *Table) Column(name string) *Column {
	return find(t.columns(), func(c *Column) bool { return c.Name == name })
}

// Constraint returns a constraint, or nil.
func (t *Table) Constraint(name string) *Constraint {
	if t == nil {
		return nil
	}
	return find(t.Constraints, func(c *Constraint) bool { return c.Name == name })
}

// Checked reports whether a valid check holds for all rows.
func (t *Table) Checked() bool {
	return t != nil && slices.ContainsFunc(t.Constraints, func(c Constraint) bool { return c.Type == Check && !c.NotValid && !c.NotEnforced })
}

// Index returns an index, or nil.
func (t *Table) Index(name string) *Index {
	if t == nil {
		return nil
	}
	return find(t.Indexes, func(i *Index) bool { return i.Name == name })
}

// Primary returns the primary key, or nil.
func (t *Table) Primary() *Constraint {
	if t == nil {
		return nil
	}
	return find(t.Constraints, func(c *Constraint) bool { return c.Type == Primary })
}

func (t *Table) columns() []Column {
	if t == nil {
		return nil
	}
	return t.Columns
}

func find[T any](all []T, is func(*T) bool) *T {
	for i := range all {
		if is(&all[i]) {
			return &all[i]
		}
	}
	return nil
}

// Column is a column of a table.
type Column struct {
	Name      string `json:"name"`
	Type      string `json:"type,omitempty"` // as the dialect spells it, with its modifiers: "character varying(20)"
	NotNull   bool   `json:"not_null,omitempty"`
	Default   string `json:"default,omitempty"`   // the expression; empty when there is none
	Identity  string `json:"identity,omitempty"`  // "always", "by default"
	Generated string `json:"generated,omitempty"` // "stored", "virtual"
	Serial    bool   `json:"serial,omitempty"`    // was written as serial
	Collation string `json:"collation,omitempty"`
	Charset   string `json:"charset,omitempty"`
	Comment   string `json:"comment,omitempty"`
	// Of MySQL.
	AutoIncrement bool   `json:"auto_increment,omitempty"`
	Invisible     bool   `json:"invisible,omitempty"`
	Zerofill      bool   `json:"zerofill,omitempty"`
	Width         string `json:"width,omitempty"` // the display width of an integer, as written
	OnUpdate      string `json:"on_update,omitempty"`
	SRID          string `json:"srid,omitempty"`
	// UsedBy are objects for whose sake the server refuses another type.
	UsedBy []string `json:"used_by,omitempty"`
}

// ConstraintType tells constraints apart.
type ConstraintType string

// The types of constraints.
const (
	Primary  ConstraintType = "primary key"
	Unique   ConstraintType = "unique"
	Foreign  ConstraintType = "foreign key"
	Check    ConstraintType = "check"
	Exclude  ConstraintType = "exclusion"
	NotNulls ConstraintType = "not null"
)

// Constraint is a constraint of a table.
type Constraint struct {
	Name        string         `json:"name"`
	Type        ConstraintType `json:"type,omitempty"`
	Columns     []string       `json:"columns,omitempty"`
	Expr        string         `json:"expr,omitempty"` // of a check
	RefTable    Name           `json:"ref_table,omitzero"`
	RefColumns  []string       `json:"ref_columns,omitempty"`
	NotValid    bool           `json:"not_valid,omitempty"`
	NotEnforced bool           `json:"not_enforced,omitempty"`
	Deferrable  bool           `json:"deferrable,omitempty"`
	UsingIndex  string         `json:"using_index,omitempty"` // PRIMARY KEY USING INDEX x
	Inline      bool           `json:"inline,omitempty"`      // written at the column
	Where       string         `json:"where,omitempty"`       // of an exclusion
	// Ignored means that the server reads it and makes nothing of it.
	Ignored bool `json:"ignored,omitempty"`
}

// Index is an index of a table.
type Index struct {
	Name    string   `json:"name"`
	Unique  bool     `json:"unique,omitempty"`
	Columns []string `json:"columns,omitempty"` // an expression is in parentheses
	Include []string `json:"include,omitempty"`
	Where   string   `json:"where,omitempty"`
	Method  string   `json:"method,omitempty"`
	Type    string   `json:"type,omitempty"` // of MySQL: "fulltext", "spatial"
	Invalid bool     `json:"invalid,omitempty"`
	Prefix  bool     `json:"prefix,omitempty"` // of MySQL: some column only by its first characters
	// Constraint means that a constraint of the same name owns it.
	Constraint bool `json:"constraint,omitempty"`
	// NullsNotDistinct and Only are PostgreSQL's.
	NullsNotDistinct bool `json:"nulls_not_distinct,omitempty"`
	Only             bool `json:"only,omitempty"`
	Invisible        bool `json:"invisible,omitempty"`
}

// Resolve gives an action the schema of its names, and the table of an index that it names without one.
func (m *Model) Resolve(a Action) Action {
	if a.Table.IsZero() && !a.Of.IsZero() {
		switch a.Verb {
		case DropIndex, RenameIndex, AlterIndex, Reindex, AttachIndex, SetTablespace:
			if t, i := m.Owner(a.Of); t != nil {
				a.Table, a.Name = t.Name, i.Name
			} else {
				a.Name = a.Of.Name
			}
		}
	}
	a.Table, a.Of = m.Full(a.Table), m.Full(a.Of)
	if a.Constraint != nil && !a.Constraint.RefTable.IsZero() {
		c := *a.Constraint
		c.RefTable = m.Full(c.RefTable)
		a.Constraint = &c
	}
	if m.Complete != nil {
		return m.Complete(m, a)
	}
	return a
}

// Clone copies the model. The tables are shared: they never change.
func (m *Model) Clone() *Model {
	c := *m
	c.tables, c.enums, c.routines, c.domains = maps.Clone(m.tables), maps.Clone(m.enums), maps.Clone(m.routines), maps.Clone(m.domains)
	return &c
}

package atlas

// Table is a table, or the part of one that changes, as the dialects describe it to Atlas. Columns that indexes and
// keys mention must be listed.
type Table struct {
	Schema, Name string
	Columns      []Column
	PrimaryKey   *Index
	Indexes      []Index // unique constraints among them
	ForeignKeys  []ForeignKey
	Checks       []Check
}

// Column is a column. Type is the server's own spelling and may carry clauses that Atlas does not know, such as
// STORAGE or COLLATE; it then goes into statements as it is.
type Column struct {
	Name, Type string
	Null       bool
	Default    string // an expression as SQL; empty: none
	Generated  string // expression of a STORED generated column; empty: none
	Raw        bool   // Type carries clauses of its own and must not be parsed
}

// Index is an index, a primary key or (Constraint) a unique constraint.
type Index struct {
	Name             string
	Unique           bool
	Constraint       bool
	Method           string // empty: btree
	Parts            []Part
	Include          []string
	Where            string
	NullsNotDistinct bool
}

// Part is one key of an index: a column or an expression.
type Part struct {
	Column     string
	Expr       string
	Desc       bool
	NullsFirst bool // spelled only where it is not the default of the order
	NullsLast  bool
	OpClass    string // only where it is not the type's default
}

// ForeignKey is a foreign key. Actions are spelled as in SQL; empty: NO ACTION.
type ForeignKey struct {
	Name                string
	Columns             []string
	RefSchema, RefTable string
	RefColumns          []string
	OnUpdate, OnDelete  string
}

// Check is a check constraint.
type Check struct {
	Name, Expr string
	NoInherit  bool
}

// Statement is one statement that Atlas planned.
type Statement struct {
	SQL     string
	Comment string
	Reverse []string
}

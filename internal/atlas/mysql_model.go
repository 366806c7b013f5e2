package atlas

import (
	"fmt"
	"strings"
)

// MySQLTable is a table of MySQL or MariaDB, or the part of one that changes. Columns that indexes and keys mention
// need not be listed.
type MySQLTable struct {
	Schema, Name string // an empty schema is the database that the connection has selected
	Columns      []MySQLColumn
	PrimaryKey   *MySQLIndex
	Indexes      []MySQLIndex
	ForeignKeys  []ForeignKey
	Checks       []MySQLCheck
	Elements     []string // further elements of a new table, as SQL
	Options      string   // the table options as SQL
}

// whole refuses a table of which a key names a column that is not listed: Atlas would make one without a type.
func (t MySQLTable) whole() error {
	listed := map[string]bool{}
	for _, c := range t.Columns {
		listed[strings.ToLower(c.Name)] = true
	}
	keys := t.Indexes
	if t.PrimaryKey != nil {
		keys = append([]MySQLIndex{*t.PrimaryKey}, keys...)
	}
	for _, k := range keys {
		for _, p := range k.Parts {
			if p.Column != "" && !listed[strings.ToLower(p.Column)] {
				return fmt.Errorf("table %s: the key %s names the column %s, which was not read with it: it is new, or the user may not see it", t.Name, k.Name, p.Column)
			}
		}
	}
	return nil
}

// MySQLColumn is a column. All parts are SQL as the server spells it.
type MySQLColumn struct {
	Name          string
	Type          string
	Charset       string // CHARACTER SET and COLLATE clauses; empty: the table's
	Null          bool
	Default       string
	OnUpdate      string
	AutoIncrement bool
	Generated     string // the expression of a generated column
	GeneratedKind string // VIRTUAL or STORED
	NoNull        bool   // neither NULL nor NOT NULL may be spelled
	Tail          string // further attributes, such as INVISIBLE or SRID
	Comment       string // quoted; empty: none
}

// MySQLIndex is an index, or the primary key.
type MySQLIndex struct {
	Name   string
	Unique bool
	Type   string // HASH, FULLTEXT, SPATIAL or VECTOR; empty: BTREE
	Parts  []MySQLPart
	Tail   string // options after the parts
}

// MySQLPart is one key of an index: a column or an expression.
type MySQLPart struct {
	Column, Expr string
	Prefix       int // 0: the whole column
	Desc         bool
	Period       string // of a key WITHOUT OVERLAPS; MariaDB
}

// MySQLCheck is a check constraint.
type MySQLCheck struct {
	Name, Expr  string
	NotEnforced bool
}

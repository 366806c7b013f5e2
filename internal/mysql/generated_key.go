package mysql

import (
	"slices"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// MySQL gives a table that is made without a primary key one of its own where sql_generate_invisible_primary_key says so: an
// invisible column of a certain name and shape, by which the server knows it again (MySQL manual, "Generated Invisible
// Primary Keys"; sql/sql_gipk.cc). Nobody declares it, so it is no part of a state: it stays as long as nothing else is to be
// the primary key.

const (
	generatesKeys = "sql_generate_invisible_primary_key"
	// generatedKey is the name of the column.
	generatedKey = "my_row_id"
	// keysDeclared is a setting in the catalog of a dev database, where no key is the server's.
	keysDeclared = "schemactl_keys_declared"
)

var _ dialect.Resolver = Dialect{}

// hasGeneratedKey reports whether the table has a key of the server's own.
func (b *builder) hasGeneratedKey(t *tableEntry) bool {
	if b.generated == nil {
		b.generated = map[[2]string]bool{}
		b.findGeneratedKeys()
	}
	return b.generated[[2]string{t.ID.Schema, t.ID.Name}]
}

func (b *builder) findGeneratedKeys() {
	if b.mariadb || b.catalog.Settings[keysDeclared] != "" {
		return
	}
	last := [2]string{}
	_ = b.rows("columns", func(r catalog.Row) error {
		at := [2]string{b.schema(r.Str("db")), r.Str("tab")}
		first := at != last
		last = at
		c := Column{Type: r.Str("type"), NotNull: !r.Bool("nullable")}
		c.readExtra(r.Str("extra"))
		b.generated[at] = b.generated[at] || first && r.Str("name") == generatedKey && c.likeGenerated()
		return nil
	})
	parts := map[[2]string]int{}
	_ = b.rows("indexes", func(r catalog.Row) error {
		if r.Str("name") == "PRIMARY" {
			at := [2]string{b.schema(r.Str("db")), r.Str("tab")}
			parts[at]++
			b.generated[at] = b.generated[at] && parts[at] == 1 && r.Str("col") == generatedKey
		}
		return nil
	})
	for at := range b.generated {
		b.generated[at] = b.generated[at] && parts[at] == 1
	}
}

// likeGenerated reports whether a column has the shape of the one that the server makes.
func (c *Column) likeGenerated() bool {
	return c.Type == "bigint unsigned" && c.NotNull && c.AutoIncrement && c.Invisible
}

// tellGeneratedKey says of a table that its key is the server's.
func (b *builder) tellGeneratedKey(t *tableEntry) {
	t.table.GeneratedKey = true
	b.state.Ledger = append(b.state.Ledger, object.Entry{
		Kind: primaryKey, Name: columnID(t.ID, generatedKey).Path(), Status: object.Ignored,
		Reason: "the server: it generated the key (" + generatesKeys + "), which stays until another one is declared",
	})
}

// Resolve leaves a key that is declared as the server generates it to the server, where that has generated it.
func (Dialect) Resolve(current, desired *object.State, _ dialect.Server) *object.State {
	gone, changed := map[object.ID]bool{}, map[object.ID]*object.Object{}
	for _, o := range current.Kind("table") {
		key, declared := kind.Get[Index](desired, indexID(o.ID, "PRIMARY"))
		c, has := kind.Get[Column](desired, columnID(o.ID, generatedKey))
		if !o.Value.(*Table).GeneratedKey || !declared || !has || !c.V.likeGenerated() || len(key.V.Parts) != 1 || key.V.Parts[0].Column != generatedKey {
			continue
		}
		gone[key.ID], gone[c.ID] = true, true
		leaveOut(desired, o.ID, changed)
	}
	if len(gone) == 0 {
		return desired
	}
	out := object.NewState()
	out.Ledger, out.Notes, out.Facts = desired.Ledger, desired.Notes, desired.Facts
	for _, o := range desired.All() {
		if c := changed[o.ID]; c != nil {
			o = c
		}
		if !gone[o.ID] {
			_ = out.Add(o) // the IDs are those of desired
		}
	}
	return out
}

// leaveOut makes the table and its columns as they are without the key.
func leaveOut(s *object.State, table object.ID, changed map[object.ID]*object.Object) {
	o := *s.Get(table)
	t := *o.Value.(*Table)
	t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(name string) bool { return name == generatedKey })
	o.Value = &t
	changed[table] = &o
	after := ""
	for i, name := range t.Columns {
		id := columnID(table, name)
		o := *s.Get(id)
		c := *o.Value.(*Column)
		c.After, c.Position, after = after, i+1, name
		o.Value = &c
		changed[id] = &o
	}
}

// replaceGenerated puts the end of the server's own key before the clause that adds another one.
func replaceGenerated(c *kind.Context, table object.ID, step *plan.Step) {
	t, ok := kind.Get[Table](c.From, table)
	if !ok || !t.V.GeneratedKey {
		return
	}
	step.Clause = "DROP PRIMARY KEY, DROP COLUMN " + ident(generatedKey) + ", " + step.Clause
	step.SQL = step.Prefix + step.Clause
	step.Reverse = nil // the server gives rows other numbers
	step.Loses = "the values of column " + columnID(table, generatedKey).Path() + ", which the server generated"
}

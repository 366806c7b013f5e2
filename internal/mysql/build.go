package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// builder makes objects from rows.
type builder struct {
	catalog *catalog.Catalog
	scope   dialect.Scope
	mariadb bool
	bound   string // the database whose objects carry no schema; empty: none
	state   *object.State
	objects []*object.Object          // of the state, in the order they were made
	tables  map[[2]string]*tableEntry // by schema and name, as they stand in objects
	texts   map[object.ID]string      // definitions, once they are asked for
	usage   map[object.ID][]object.ID // what views need, once it is asked for
	spoken  map[object.ID][]string    // what sources say of programs, once it is asked for
	// defaults are those that are told in part, once they are asked for, by database, table and column
	defaults map[[3]string]string
	// members are the types of columns whose members are told in part, once they are asked for
	members map[[3]string][]string
	// generated are the tables whose primary key is the server's own, once it is asked for
	generated map[[2]string]bool
}

// tableEntry is a table while its parts are gathered.
type tableEntry struct {
	*object.Object
	table   *Table
	columns map[string]*Column
	indexes []*object.Object // and the primary key
	spelled *spelling        // once it is asked for
	lines   map[string]bool  // quoted names of the columns whose definition names a character set
	// starts are the lines of the definition by how they begin, once they are asked for
	starts map[string]string
}

func newBuilder(c *catalog.Catalog, scope dialect.Scope) *builder {
	b := &builder{
		catalog: c, scope: scope, state: object.NewState(), mariadb: c.Settings["flavor"] == "mariadb",
		tables: map[[2]string]*tableEntry{},
	}
	if scope.Bound {
		b.bound = c.Settings["current_database"]
	}
	return b
}

// rows calls f for each row of a query.
func (b *builder) rows(query string, f func(catalog.Row) error) error {
	return b.catalog.Tables[query].Each(f)
}

// schema is the schema of objects in a database: none in the database that the URL names, so that two databases of
// different names can be compared.
func (b *builder) schema(database string) string {
	if b.scope.Bound && strings.EqualFold(database, b.bound) {
		return ""
	}
	return database
}

// tableAt finds the table of a row.
func (b *builder) tableAt(r catalog.Row, schemaColumn, nameColumn string) (*tableEntry, bool) {
	e, ok := b.tables[[2]string{b.schema(r.Str(schemaColumn)), r.Str(nameColumn)}]
	return e, ok
}

// add puts an object into the state with the needs that all objects have.
func (b *builder) add(o *object.Object) error {
	if o.ID.Schema != "" {
		o.Needs = append(o.Needs, schemaID(o.ID.Schema))
	}
	if !o.Parent.IsZero() {
		o.Needs = append(o.Needs, o.Parent)
	}
	b.objects = append(b.objects, o)
	return b.state.Add(o)
}

// unreadable puts an object that is not managed into the ledger.
func (b *builder) unreadable(kind string, id object.ID, reason string) {
	b.state.Ledger = append(b.state.Ledger, object.Entry{Kind: kind, Name: id.Path(), Status: object.Unmanaged, Reason: reason})
}

// finish drops the needs of what is not there.
func (b *builder) finish() (*object.State, error) {
	for _, o := range b.objects {
		kept := o.Needs[:0]
		for _, id := range o.Needs {
			if b.state.Has(id) {
				kept = append(kept, id)
			}
		}
		o.Needs = kept
		o.SortNeeds()
	}
	return b.state, nil
}

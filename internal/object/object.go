// Package object holds the values that everything else is about: an Object, named by its ID, and the State of a
// database as a set of Objects. It knows no dialect and no SQL.
package object

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// ID names one object of a database. It is comparable and serves as a map key.
type ID struct {
	Kind   string `json:"kind"`             // "table", "column", "index", …
	Schema string `json:"schema,omitempty"` // empty for objects of the database itself
	Table  string `json:"table,omitempty"`  // the relation (or other object) that the name belongs to
	Name   string `json:"name"`             // unquoted; routines carry their argument types: "f(integer)"
}

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Path is the dotted name without the kind: what globs match and people read.
func (id ID) Path() string {
	var parts []string
	for _, p := range []string{id.Schema, id.Table, id.Name} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ".")
}

// String is the kind and the path: "index public.users.users_email_key".
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	return strings.ReplaceAll(id.Kind, "_", " ") + " " + id.Path()
}

// Compare orders IDs by schema, table, name and kind, so that what belongs together stands together.
func Compare(a, b ID) int {
	return cmp.Or(
		strings.Compare(a.Schema, b.Schema),
		strings.Compare(a.Table, b.Table),
		strings.Compare(a.Name, b.Name),
		strings.Compare(a.Kind, b.Kind),
	)
}

// Object is one addressable thing of a database. Objects are immutable once their State is built.
type Object struct {
	ID ID
	// Value is a pointer to the kind's struct; its exported fields are the attributes that are compared.
	Value any
	// Parent is the object whose drop takes this one along: a column's table. Zero for top-level objects.
	Parent ID
	// Needs lists what must exist before this object can: its parent, its schema, the columns of an index.
	Needs []ID
	// Mentions lists objects that a text inside the object names without the server knowing of it, such as the tables
	// in the body of a function. They are better there before the object is, but need not be.
	Mentions []ID
	// Claims are the names that the object takes in the server's namespaces, such as "relation public.users":
	// two objects with a common claim cannot exist at the same time.
	Claims []string
	// Pos is where the desired state declares the object; zero for live objects.
	Pos diag.Pos
	// RenamedFrom is the name that a declared object had before, where its declaration says so.
	RenamedFrom string
	// RenamedParts are the names that parts of its value had before, such as the values of an enum, by their new names.
	RenamedParts map[string]string
}

// SortNeeds makes Needs and Mentions unique and ordered, without the object itself and zero IDs.
func (o *Object) SortNeeds() {
	o.Needs, o.Mentions = o.sorted(o.Needs), o.sorted(o.Mentions)
}

func (o *Object) sorted(ids []ID) []ID {
	slices.SortFunc(ids, Compare)
	return slices.DeleteFunc(slices.Compact(ids), func(id ID) bool { return id.IsZero() || id == o.ID })
}

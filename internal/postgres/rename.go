package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// naming says how the objects of a kind take another name. The server keeps references and not names, so all that it
// spells follows by itself; only bodies of routines that are plain texts do not.
func naming(name string) kind.Naming {
	switch name {
	case "column":
		return kind.Naming{Rename: renameColumn, Alike: func(from, to any) bool { return from.(*Column).Type == to.(*Column).Type }}
	case "primary_key", "unique", "check", "foreign_key", "exclude":
		return kind.Naming{Rename: renameConstraint, Place: inParent}
	case "extension":
		return kind.Naming{Moves: movedExtension}
	case "index":
		return kind.Naming{Rename: renameByAddress, Place: inParent}
	case "sequence":
		return kind.Naming{Rename: renameByAddress, Place: behindColumn}
	case "enum":
		return kind.Naming{Rename: renameByAddress, RenamePart: renameValue}
	case "range":
		return kind.Naming{Rename: renameRange}
	case "domain_check":
		return kind.Naming{Rename: renameDomainCheck, Place: inParent}
	case "function", "procedure", "aggregate":
		return kind.Naming{Rename: renameRoutine, ID: routineAsNamed, Verbatim: []string{"body", "args.name"}}
	case "comment":
		return kind.Naming{ID: func(o *object.Object, names func(object.ID) object.ID, _ func(string) string) object.ID {
			return commentID(names(o.Value.(*Comment).Target))
		}}
	case "owner":
		return kind.Naming{ID: func(o *object.Object, names func(object.ID) object.ID, _ func(string) string) object.ID {
			return ownershipID(names(o.Value.(*Owner).Target))
		}}
	case "permission":
		return kind.Naming{ID: func(o *object.Object, names func(object.ID) object.ID, _ func(string) string) object.ID {
			p := o.Value.(*Permission)
			return permissionID(names(p.Target), p.Grantee)
		}}
	case "setting":
		return kind.Naming{ID: settingAsNamed}
	case "extension_dependency":
		return kind.Naming{ID: func(o *object.Object, names func(object.ID) object.ID, _ func(string) string) object.ID {
			d := o.Value.(*ExtensionDependency)
			return extensionDependencyID(names(d.Target), d.Extension)
		}}
	case "publication_table", "publication_schema":
		return kind.Naming{ID: publishedAsNamed}
	case "view":
		return kind.Naming{Rename: renameByAddress, Verbatim: []string{"columns.name"}}
	case "schema", "table", "foreign_table", "materialized", "domain", "composite", "collation",
		"trigger", "policy", "rule", "statistics", "publication", "subscription", "event_trigger", "server":
		return kind.Naming{Rename: renameByAddress}
	}
	return kind.Naming{}
}

// inParent says that an index or a constraint is known by what it belongs to and by its definition.
func inParent(_ *object.State, o *object.Object) (object.ID, bool) { return o.Parent, true }

// behindColumn says that a sequence is known by the column that owns it.
func behindColumn(s *object.State, o *object.Object) (object.ID, bool) {
	id := o.ID
	id.Kind = "sequence_owner"
	owner, ok := kind.Get[SequenceOwner](s, id)
	if !ok {
		return object.ID{}, false
	}
	for _, n := range owner.Needs {
		if n.Kind == "column" {
			return n, true
		}
	}
	return object.ID{}, false
}

// renameByAddress renames what ALTER names as COMMENT ON does.
func renameByAddress(at *object.Object, name string) []plan.Step {
	address := func(id object.ID) string {
		if a, ok := at.Value.(addressed); ok {
			return a.address(id)
		}
		return strings.ToUpper(strings.ReplaceAll(id.Kind, "_", " ")) + " " + qualified(id.Schema, id.Name)
	}
	anew := at.ID
	anew.Name = name
	return []plan.Step{{
		SQL:     "ALTER " + address(at.ID) + " RENAME TO " + ident(name),
		Reverse: []string{"ALTER " + address(anew) + " RENAME TO " + ident(at.ID.Name)},
	}}
}

func renameColumn(at *object.Object, name string) []plan.Step {
	return renameInTable(at.ID, "ALTER "+tableWord(at.Parent), "COLUMN", name)
}

func renameConstraint(at *object.Object, name string) []plan.Step {
	return renameInTable(at.ID, "ALTER "+tableWord(at.Parent), "CONSTRAINT", name)
}

func renameDomainCheck(at *object.Object, name string) []plan.Step {
	return renameInTable(at.ID, "ALTER DOMAIN", "CONSTRAINT", name)
}

// tableWord is what ALTER calls the table that an object belongs to.
func tableWord(table object.ID) string {
	if table.Kind == "foreign_table" {
		return "FOREIGN TABLE"
	}
	return "TABLE"
}

func renameInTable(id object.ID, alter, word, name string) []plan.Step {
	head := alter + " " + tableOf(id) + " RENAME " + word + " "
	return []plan.Step{{
		SQL:     head + ident(id.Name) + " TO " + ident(name),
		Reverse: []string{head + ident(name) + " TO " + ident(id.Name)},
	}}
}

func renameValue(at *object.Object, from, to string) []plan.Step {
	head := "ALTER " + typeAddress(at.ID) + " RENAME VALUE "
	return []plan.Step{{
		SQL:     head + literal(from) + " TO " + literal(to),
		Reverse: []string{head + literal(to) + " TO " + literal(from)},
	}}
}

// renameRoutine renames a function, procedure or aggregate, whose name in the ID carries its types.
func renameRoutine(at *object.Object, name string) []plan.Step {
	anew, _, _ := strings.Cut(name, "(")
	step := func(from, to addressed, old string) []plan.Step {
		return []plan.Step{{
			SQL:     "ALTER " + from.address(at.ID) + " RENAME TO " + ident(anew),
			Reverse: []string{"ALTER " + to.address(at.ID) + " RENAME TO " + ident(old)},
		}}
	}
	if g, ok := at.Value.(*Aggregate); ok {
		moved := *g
		moved.Name = anew
		return step(g, &moved, g.Name)
	}
	r := at.Value.(*Routine)
	moved := *r
	moved.Name = anew
	return step(r, &moved, r.Name)
}

// routineAsNamed spells the types in the name of a routine anew.
func routineAsNamed(o *object.Object, names func(object.ID) object.ID, text func(string) string) object.ID {
	id := o.ID
	for _, n := range o.Needs {
		if n.Kind == "schema" && n.Name == id.Schema {
			id.Schema = names(n).Name
		}
	}
	if i := strings.IndexByte(id.Name, '('); i >= 0 {
		id.Name = id.Name[:i] + text(id.Name[i:])
	}
	return id
}

// publishedAsNamed names what a publication publishes by the names of both.
func publishedAsNamed(o *object.Object, names func(object.ID) object.ID, _ func(string) string) object.ID {
	id := o.ID
	id.Table = names(o.Parent).Name
	for _, n := range o.Needs {
		if n != o.Parent && (n.Path() == id.Name) {
			id.Name = names(n).Path()
		}
	}
	return id
}

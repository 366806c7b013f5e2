package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// naming says how the objects of a kind take another name. The server writes names over in keys, indexes and foreign
// keys; views, routines, triggers and events are texts to it, which the plan writes anew after the rename.
func naming(name string) kind.Naming {
	switch name {
	case "table", "sequence":
		return kind.Naming{Rename: relationRenamed}
	case "view":
		return kind.Naming{Rename: relationRenamed, Verbatim: []string{"query", "columns"}}
	case "column":
		return kind.Naming{
			Rename: columnRenamed, Blocks: blocksRename, Loosen: withoutDefault,
			Alike: func(from, to any) bool { return from.(*Column).Type == to.(*Column).Type },
		}
	case "index":
		return kind.Naming{Rename: indexRenamed, Place: inParent}
	case foreignKey:
		return kind.Naming{ID: generatedName("_ibfk_")}
	case "check":
		return kind.Naming{ID: generatedName("_chk_")}
	case "function", "procedure":
		return kind.Naming{Verbatim: []string{"text"}}
	case "trigger", "event":
		return kind.Naming{Verbatim: []string{"body", "head"}}
	}
	return kind.Naming{}
}

func inParent(_ *object.State, o *object.Object) (object.ID, bool) { return o.Parent, true }

func relationRenamed(at *object.Object, name string) []plan.Step {
	sql := func(from, to string) string {
		return "RENAME TABLE " + qualified(at.ID.Schema, from) + " TO " + qualified(at.ID.Schema, to)
	}
	return []plan.Step{{SQL: sql(at.ID.Name, name), Reverse: []string{sql(name, at.ID.Name)}}}
}

func columnRenamed(at *object.Object, name string) []plan.Step {
	return renamedInTable(at, "COLUMN", name)
}

func indexRenamed(at *object.Object, name string) []plan.Step {
	return renamedInTable(at, "INDEX", name)
}

func renamedInTable(at *object.Object, word, name string) []plan.Step {
	head := alterHead(at.Parent) + "RENAME " + word + " "
	return []plan.Step{{
		SQL:     head + ident(at.ID.Name) + " TO " + ident(name),
		Reverse: []string{head + ident(name) + " TO " + ident(at.ID.Name)},
	}}
}

// blocksRename tells what MySQL refuses to rename a column under: checks (error 3959), generated columns (error 3108),
// functional indexes (error 3837) and defaults that read it. MariaDB writes its name over there.
func blocksRename(o, dependent *object.Object) bool {
	if o.Value.(*Column).MariaDB {
		return false
	}
	switch v := dependent.Value.(type) {
	case *Check:
		return reads(v.Expr, o.ID.Name)
	case *Column:
		return reads(v.Generated, o.ID.Name) || reads(v.Default, o.ID.Name)
	case *Index:
		return slices.ContainsFunc(v.Parts, func(p IndexPart) bool { return reads(p.Expr, o.ID.Name) })
	case *Partitioning: // refused in expressions (error 3855); in lists of columns the server forgets to write the name over
		return slices.ContainsFunc(word.FindAllString(v.By, -1), func(name string) bool { return strings.EqualFold(name, o.ID.Name) })
	}
	return false
}

// withoutDefault is a column without its default, which may read another column; its rows stay as they are.
func withoutDefault(column any) any {
	c := *column.(*Column)
	c.Default = ""
	return &c
}

// reads reports whether an expression names the column.
func reads(expr, column string) bool {
	return slices.ContainsFunc(namesIn(expr), func(chain []string) bool { return strings.EqualFold(chain[len(chain)-1], column) })
}

// generatedName follows the names that InnoDB and MySQL make for constraints without one: the table's, a word and a
// number (MySQL manual, "FOREIGN KEY Constraints" and "CHECK Constraints"). They are renamed with the table.
func generatedName(word string) func(*object.Object, func(object.ID) object.ID, func(string) string) object.ID {
	return func(o *object.Object, names func(object.ID) object.ID, _ func(string) string) object.ID {
		id, table := o.ID, names(o.Parent)
		if number, ok := strings.CutPrefix(id.Name, o.Parent.Name+word); ok && strings.Trim(number, "0123456789") == "" {
			id.Name = table.Name + word + number
		}
		id.Schema, id.Table = table.Schema, table.Name
		return id
	}
}

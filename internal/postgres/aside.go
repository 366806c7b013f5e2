package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// aside is the name of an old version while its users move over. Names are cut at 63 bytes, so that the end is kept.
func aside(name string) string {
	const longest, suffix = 63, "__old"
	if len(name) > longest-len(suffix) {
		name = name[:longest-len(suffix)]
	}
	return name + suffix
}

// setAside moves an object of a schema out of the way by renaming it; word is what SQL calls it.
func setAside(word string, id object.ID) (rename, remove plan.Step) {
	rename = plan.Step{
		SQL:     "ALTER " + word + " " + qualified(id.Schema, id.Name) + " RENAME TO " + ident(aside(id.Name)),
		Comment: "set the old " + id.String() + " aside until all have moved over to the new one",
	}
	remove = plan.Step{
		SQL:     "DROP " + word + " " + qualified(id.Schema, aside(id.Name)),
		Comment: "drop the old " + id.String(),
	}
	return rename, remove
}

// typeAside is the Aside of the kinds of types.
func typeAside[T any](_ *kind.Context, t kind.Of[T]) (rename, remove plan.Step) {
	return setAside("TYPE", t.ID)
}

// carryColumn moves a column to the new version of its type or collation. The values travel as text, the form that
// every type reads and writes; a value that the new type does not take makes the statement fail, and nothing is lost.
func carryColumn(c *kind.Context, from, to kind.Of[Column], anew object.ID) (plan.Edit, error) {
	edit := plan.Edit{Disturbs: disturbedByType(c, from, to, true)}
	if from.V.Type != to.V.Type || from.V.Collation != to.V.Collation {
		return edit, nil // its own alteration moves it
	}
	using, loses := "", ""
	if anew.Kind != "collation" {
		carry := &carrying{c: c, ok: true, matched: true}
		using = carry.value(ident(to.ID.Name), from.V.Type, to.V.Type)
		if !carry.ok {
			return edit, diag.Errorf(to.Pos, "unsupported", "column %s holds rows within lists or ranges, whose attributes change with %s in a way that PostgreSQL cannot convert lists to", to.ID.Path(), anew).
				WithHint("change the types of attributes in one step, and add, drop or move attributes in another")
		}
		if len(carry.loses) > 0 {
			loses = "the values of " + strings.Join(carry.loses, ", ") + " in column " + to.ID.Path()
		}
	}
	step, err := typeStep(from, to, using)
	if err != nil {
		return edit, err
	}
	step.Loses, step.Reverse = loses, nil
	if e, ok := enumOf(c.From, from); ok && e.ID == anew {
		old := qualified(anew.Schema, aside(anew.Name))
		step.Reverse = []string{step.Prefix + "ALTER COLUMN " + ident(to.ID.Name) + " TYPE " + old + " USING " + ident(to.ID.Name) + "::text::" + old}
	}
	step.Comment = "move column " + to.ID.Path() + " over to the new " + anew.String()
	edit.Steps = append([]plan.Step{step}, storageAnew(from, to, nil)...)
	return edit, nil
}

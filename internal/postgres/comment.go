package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Comment is the comment on any object; it comes and goes with it.
type Comment struct {
	Text   string    `json:"text"`
	Target object.ID `json:"target" diff:"-"`
}

func commentKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Comment]{
			Name: "comment", Weight: weightComment,
			Create: createComment, Alter: alterComment, Drop: dropComment,
		}),
		queries: []catalog.Query{{Name: "comments", SQL: `
SELECT d.classoid AS class, d.objoid AS oid, d.objsubid AS sub, d.description AS text
FROM pg_catalog.pg_description d
WHERE d.objoid >= 16384 OR d.classoid = 2615
ORDER BY 1, 2, 3`}},
		build: buildComments,
	}
}

func commentID(target object.ID) object.ID {
	return object.ID{Kind: "comment", Schema: target.Schema, Table: target.Table, Name: target.Kind + " " + target.Name}
}

func buildComments(b *builder) error {
	return b.rows("comments", func(r catalog.Row) error {
		at := ref{r.Str("class"), r.Str("oid"), r.Str("sub")}
		target, ok := b.refs[at]
		if !ok || b.aliases[at] {
			return nil
		}
		return b.add(ref{"comment " + at.class, at.oid, at.sub}, &object.Object{
			ID: commentID(target), Value: &Comment{Text: r.Str("text"), Target: target}, Parent: target,
		})
	})
}

// commentTarget names an object as COMMENT ON does.
func commentTarget(id object.ID) string {
	switch id.Kind {
	case "schema":
		return "SCHEMA " + ident(id.Name)
	case "column":
		return "COLUMN " + tableOf(id) + "." + ident(id.Name)
	case "primary_key", "unique", "check", "foreign_key", "exclude":
		return "CONSTRAINT " + ident(id.Name) + " ON " + tableOf(id)
	case "enum":
		return "TYPE " + qualified(id.Schema, id.Name)
	}
	return strings.ToUpper(strings.ReplaceAll(id.Kind, "_", " ")) + " " + qualified(id.Schema, id.Name)
}

func commentStep(target object.ID, from, to string) plan.Step {
	spell := func(s string) string {
		if s == "" {
			return "NULL"
		}
		return literal(s)
	}
	head := "COMMENT ON " + commentTarget(target) + " IS "
	return plan.Step{SQL: head + spell(to), Reverse: []string{head + spell(from)}, Comment: "comment on " + target.String()}
}

func createComment(_ *kind.Context, c kind.Of[Comment]) ([]plan.Step, error) {
	return []plan.Step{commentStep(c.V.Target, "", c.V.Text)}, nil
}

func alterComment(_ *kind.Context, from, to kind.Of[Comment], a *kind.Attrs) (plan.Edit, error) {
	a.Take("text")
	return plan.InPlace(commentStep(to.V.Target, from.V.Text, to.V.Text)), nil
}

func dropComment(_ *kind.Context, c kind.Of[Comment]) ([]plan.Step, error) {
	return []plan.Step{commentStep(c.V.Target, c.V.Text, "")}, nil
}

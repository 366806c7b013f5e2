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
		hcl:   commentHCL(),
	}
}

func commentID(target object.ID) object.ID {
	return object.ID{Kind: "comment", Schema: target.Schema, Table: target.Table, Name: target.Kind + " " + target.Name}
}

func buildComments(b *builder) error {
	return b.rows("comments", func(r catalog.Row) error {
		at := ref{r.Str("class"), r.Str("oid"), r.Str("sub")}
		target, ok := b.target(at)
		if !ok {
			return nil
		}
		return b.add(ref{"comment " + at.class, at.oid, at.sub}, &object.Object{
			ID: commentID(target.id), Value: &Comment{Text: r.Str("text"), Target: target.id}, Parent: target.owner,
		})
	})
}

// addressed is implemented by the values of kinds whose objects SQL does not address by kind and name alone.
type addressed interface {
	address(id object.ID) string
}

// addressOf names an object as COMMENT ON does. A column that is no object of its own has only its ID.
func addressOf(s *object.State, id object.ID) string {
	if o := s.Get(id); o != nil {
		if a, ok := o.Value.(addressed); ok {
			return a.address(id)
		}
	}
	if id.Kind == "column" {
		return columnAddress(id)
	}
	return strings.ToUpper(strings.ReplaceAll(id.Kind, "_", " ")) + " " + qualified(id.Schema, id.Name)
}

func columnAddress(id object.ID) string { return "COLUMN " + tableOf(id) + "." + ident(id.Name) }

// address names a constraint by its table.
func (*Constraint) address(id object.ID) string {
	return "CONSTRAINT " + ident(id.Name) + " ON " + tableOf(id)
}

// address names an enum as the type that it is.
func (*Enum) address(id object.ID) string { return typeAddress(id) }

func typeAddress(id object.ID) string { return "TYPE " + qualified(id.Schema, id.Name) }

func commentStep(s *object.State, target object.ID, from, to string) plan.Step {
	spell := func(s string) string {
		if s == "" {
			return "NULL"
		}
		return literal(s)
	}
	head := "COMMENT ON " + addressOf(s, target) + " IS "
	return plan.Step{SQL: head + spell(to), Reverse: []string{head + spell(from)}, Comment: "comment on " + target.String()}
}

func createComment(x *kind.Context, c kind.Of[Comment]) ([]plan.Step, error) {
	return []plan.Step{commentStep(x.To, c.V.Target, "", c.V.Text)}, nil
}

func alterComment(x *kind.Context, from, to kind.Of[Comment], a *kind.Attrs) (plan.Edit, error) {
	a.Take("text")
	return plan.InPlace(commentStep(x.To, to.V.Target, from.V.Text, to.V.Text)), nil
}

func dropComment(x *kind.Context, c kind.Of[Comment]) ([]plan.Step, error) {
	return []plan.Step{commentStep(x.From, c.V.Target, c.V.Text, "")}, nil
}

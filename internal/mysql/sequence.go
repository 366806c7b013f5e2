package mysql

import (
	"regexp"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Sequence is a sequence of MariaDB. Its next value is data and no attribute.
type Sequence struct {
	Options string `json:"options"` // as SHOW CREATE SEQUENCE tells them
	Engine  string `json:"engine"`
}

func sequenceKind() objectKind {
	return objectKind{
		hcl: sequenceHCL(),
		Kind: kind.Define(kind.Def[Sequence]{
			Name: "sequence", Weight: weightSequence, Rows: func(*Sequence) bool { return true },
			Create: createSequence, Alter: alterSequence, Drop: dropSequence,
		}),
		queries: func(server, within) []catalog.Query { return nil }, // they stand among the tables
		build:   buildSequences,
	}
}

var sequenceText = regexp.MustCompile("^CREATE SEQUENCE (?:`(?:[^`]|``)*`\\.)?`(?:[^`]|``)*` (.*) ENGINE=(\\w+)")

func buildSequences(b *builder) error {
	return b.rows("tables", func(r catalog.Row) error {
		if r.Str("type") != "SEQUENCE" {
			return nil
		}
		id := object.ID{Kind: "sequence", Schema: b.schema(r.Str("db")), Name: r.Str("name")}
		m := sequenceText.FindStringSubmatch(b.definition("sequence", id))
		if m == nil {
			b.unreadable("sequence", id, "its definition cannot be read")
			return nil
		}
		return b.add(&object.Object{
			ID: id, Value: &Sequence{Options: m[1], Engine: m[2]}, Claims: []string{relationClaim(id.Schema, id.Name)},
		})
	})
}

func createSequence(_ *kind.Context, s kind.Of[Sequence]) ([]plan.Step, error) {
	name := qualified(s.ID.Schema, s.ID.Name)
	return []plan.Step{{
		SQL:     "CREATE SEQUENCE " + name + " " + s.V.Options + " ENGINE=" + s.V.Engine,
		Comment: "create sequence " + s.ID.Path(), Reverse: []string{"DROP SEQUENCE " + name},
	}}, nil
}

func alterSequence(_ *kind.Context, from, to kind.Of[Sequence], a *kind.Attrs) (plan.Edit, error) {
	head := "ALTER SEQUENCE " + qualified(to.ID.Schema, to.ID.Name) + " "
	var steps []plan.Step
	if a.Take("options") {
		steps = append(steps, plan.Step{
			SQL: head + to.V.Options, Reverse: []string{head + from.V.Options}, Comment: "modify sequence " + to.ID.Path(),
		})
	}
	if a.Take("engine") {
		head := "ALTER TABLE " + qualified(to.ID.Schema, to.ID.Name) + " ENGINE="
		steps = append(steps, plan.Step{
			SQL: head + to.V.Engine, Reverse: []string{head + from.V.Engine}, Comment: "change the engine of sequence " + to.ID.Path(),
		})
	}
	return plan.InPlace(steps...), nil
}

func dropSequence(_ *kind.Context, s kind.Of[Sequence]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP SEQUENCE " + qualified(s.ID.Schema, s.ID.Name),
		Comment: "drop sequence " + s.ID.Path(), Loses: "the next value of sequence " + s.ID.Path(),
	}}, nil
}

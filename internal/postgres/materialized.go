package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Materialized is a materialized view; its indexes are objects beside it. Its rows follow from its query, so it may be
// made again for the sake of another object.
type Materialized struct {
	Query        string   `json:"query"`                        // as pg_get_viewdef spells it, without the semicolon
	Options      []string `json:"options,omitempty" diff:"set"` // storage parameters, name=value
	AccessMethod string   `json:"access_method,omitempty"`
	Tablespace   string   `json:"tablespace,omitempty"`
	// Unpopulated is the state after WITH NO DATA. It is no part of the definition: a refresh ends it.
	Unpopulated bool `json:"unpopulated,omitempty" diff:"-"`
}

func (*Materialized) address(id object.ID) string {
	return "MATERIALIZED VIEW " + qualified(id.Schema, id.Name)
}

func (*Materialized) grantTarget(id object.ID) string {
	return "TABLE " + qualified(id.Schema, id.Name)
}

// materializedKind has no query of its own: views and materialized views are read together.
func materializedKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Materialized]{
			Name: "materialized", Weight: weightView,
			Create: createMaterialized, Alter: alterMaterialized, Drop: dropMaterialized,
		}),
		build: nothing,
		hcl:   materializedHCL(),
	}
}

func (m *Materialized) definition(id object.ID, unpopulated bool) string {
	sql := "CREATE " + m.address(id)
	if m.AccessMethod != "" {
		sql += " USING " + ident(m.AccessMethod)
	}
	if len(m.Options) > 0 {
		sql += " WITH (" + strings.Join(optionList(m.Options), ", ") + ")"
	}
	if m.Tablespace != "" {
		sql += " TABLESPACE " + ident(m.Tablespace)
	}
	return sql + " AS\n" + m.Query + toggle(unpopulated, "\nWITH NO DATA", "")
}

// createMaterialized fills the view, unless it is declared or was found without data.
func createMaterialized(c *kind.Context, m kind.Of[Materialized]) ([]plan.Step, error) {
	unpopulated := m.V.Unpopulated
	if before, ok := kind.Get[Materialized](c.From, m.ID); ok {
		unpopulated = before.V.Unpopulated
	}
	return []plan.Step{{
		SQL:     m.V.definition(m.ID, unpopulated),
		Comment: "create " + m.ID.String(),
		Reverse: []string{"DROP " + m.V.address(m.ID)},
	}}, nil
}

func alterMaterialized(_ *kind.Context, from, to kind.Of[Materialized], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("query") {
		a.Take(a.Left()...)
		return plan.Replace("PostgreSQL cannot change the query of a materialized view"), nil
	}
	var steps []plan.Step
	set := func(clause, reverse string) {
		head := "ALTER " + to.V.address(to.ID) + " SET "
		steps = append(steps, plan.Step{SQL: head + clause, Reverse: []string{head + reverse}, Comment: "modify " + to.ID.String()})
	}
	if a.Take("options") {
		steps = append(steps, relationOptions("MATERIALIZED VIEW", to.ID, from.V.Options, to.V.Options)...)
	}
	if a.Take("access_method") {
		set("ACCESS METHOD "+orDefault(to.V.AccessMethod, "heap"), "ACCESS METHOD "+orDefault(from.V.AccessMethod, "heap"))
	}
	if a.Take("tablespace") {
		set("TABLESPACE "+orDefault(to.V.Tablespace, "pg_default"), "TABLESPACE "+orDefault(from.V.Tablespace, "pg_default"))
	}
	return plan.InPlace(steps...), nil
}

func dropMaterialized(_ *kind.Context, m kind.Of[Materialized]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP " + m.V.address(m.ID),
		Comment: "drop " + m.ID.String(),
		Reverse: []string{m.V.definition(m.ID, m.V.Unpopulated)},
	}}, nil
}

package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Rule is a rewrite rule of a table or view; the one that makes a view a view is part of the view.
type Rule struct {
	Def     string `json:"def"`               // as pg_get_ruledef spells it
	Enabled string `json:"enabled,omitempty"` // DISABLE, REPLICA or ALWAYS; empty: the default
}

func (*Rule) address(id object.ID) string {
	return "RULE " + ident(id.Name) + " ON " + tableOf(id)
}

func ruleKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Rule]{
			Name: "rule", Weight: weightTrigger,
			Create: createRule, Alter: alterRule, Drop: dropRule,
		}),
		queries: []catalog.Query{{Name: "rules", SQL: `
SELECT r.oid, r.ev_class AS relation, r.rulename AS name, pg_catalog.pg_get_ruledef(r.oid) AS def,
  CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' END AS enabled
FROM pg_catalog.pg_rewrite r
WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
ORDER BY 2, 3`}},
		build: buildRules,
		hcl:   ruleHCL(),
	}
}

func buildRules(b *builder) error {
	return b.rows("rules", func(r catalog.Row) error {
		table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		id := object.ID{Kind: "rule", Schema: table.Schema, Table: table.Name, Name: r.Str("name")}
		return b.add(ref{classRewrite, r.Str("oid"), "0"}, &object.Object{
			ID: id, Parent: table, Claims: []string{"rule " + tableOf(id) + "." + ident(id.Name)},
			Value: &Rule{Def: strings.TrimSuffix(strings.TrimSpace(r.Str("def")), ";"), Enabled: r.Str("enabled")},
		})
	})
}

func (r *Rule) enableSteps(id object.ID, from string) []plan.Step {
	if r.Enabled == from {
		return nil
	}
	clause := func(enabled string) string { return enableWord(enabled) + " RULE " + ident(id.Name) }
	return []plan.Step{alterTableStep(object.ID{Schema: id.Schema, Name: id.Table}, clause(r.Enabled), clause(from), "set when "+id.String()+" fires")}
}

func createRule(_ *kind.Context, r kind.Of[Rule]) ([]plan.Step, error) {
	steps := []plan.Step{{
		SQL:     r.V.Def,
		Comment: "create " + r.ID.String(),
		Reverse: []string{"DROP " + r.V.address(r.ID)},
	}}
	return append(steps, r.V.enableSteps(r.ID, "")...), nil
}

func alterRule(_ *kind.Context, from, to kind.Of[Rule], a *kind.Attrs) (plan.Edit, error) {
	a.Take("enabled")
	if !a.Take("def") {
		return plan.InPlace(to.V.enableSteps(to.ID, from.V.Enabled)...), nil
	}
	replace := func(def string) string { return strings.Replace(def, "CREATE RULE", "CREATE OR REPLACE RULE", 1) }
	steps := []plan.Step{{
		SQL:     replace(to.V.Def),
		Comment: "replace " + to.ID.String(),
		Reverse: []string{replace(from.V.Def)},
	}}
	// Writing a rule over keeps when it fires (src/backend/rewrite/rewriteDefine.c, InsertRule).
	return plan.InPlace(append(steps, to.V.enableSteps(to.ID, from.V.Enabled)...)...), nil
}

func dropRule(_ *kind.Context, r kind.Of[Rule]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP " + r.V.address(r.ID),
		Comment: "drop " + r.ID.String(),
		Reverse: []string{r.V.Def},
		Loses:   r.ID.String() + ", which rewrites commands on " + tableID(r.ID).Path(),
	}}, nil
}

package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Statistics is an extended statistics object.
type Statistics struct {
	Def    string `json:"def"`              // as pg_get_statisticsobjdef spells it
	Target string `json:"target,omitempty"` // empty: the default
}

func statisticsKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Statistics]{
			Name: "statistics", Weight: weightIndex,
			Create: createStatistics, Alter: alterStatistics, Drop: dropStatistics, Moot: mootStatistics,
		}),
		queries: []catalog.Query{{Name: "statistics", SQL: `
SELECT s.oid, s.stxrelid AS relation, n.nspname AS schema, s.stxname AS name, pg_catalog.pg_get_statisticsobjdef(s.oid) AS def,
  nullif(s.stxstattarget, -1) AS target
FROM pg_catalog.pg_statistic_ext s
JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
WHERE s.oid >= 16384 AND ` + userSchemas + `
ORDER BY 3, 4`}},
		build: buildStatistics,
		hcl:   statisticsHCL(),
	}
}

func buildStatistics(b *builder) error {
	return b.rows("statistics", func(r catalog.Row) error {
		table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		id := object.ID{Kind: "statistics", Schema: r.Str("schema"), Name: r.Str("name")}
		return b.add(ref{classStatistics, r.Str("oid"), "0"}, &object.Object{
			ID: id, Value: &Statistics{Def: r.Str("def"), Target: r.Str("target")}, Parent: table, Claims: []string{id.String()},
		})
	})
}

// mootStatistics takes no notice of the order of the columns: the server lists them as they stand in the table, which may
// be otherwise in another one.
func mootStatistics(_ *kind.Context, from, to kind.Of[Statistics], attr string) bool {
	return attr == "def" && from.V.sorted() == to.V.sorted()
}

// sorted is the definition with what it covers in one order.
func (s *Statistics) sorted() string {
	head, rest := cutAtOn(s.Def)
	at := strings.LastIndex(rest, " FROM ")
	if at < 0 {
		return s.Def
	}
	list := splitTop(strings.TrimPrefix(rest[:at], " ON "), ",")
	slices.Sort(list)
	return head + " ON " + strings.Join(list, ", ") + rest[at:]
}

func (s *Statistics) targetStep(id object.ID, from string) plan.Step {
	head := "ALTER STATISTICS " + qualified(id.Schema, id.Name) + " SET STATISTICS "
	return plan.Step{
		SQL: head + orWord(s.Target, "-1"), Reverse: []string{head + orWord(from, "-1")}, Comment: "set the target of " + id.String(),
	}
}

func createStatistics(_ *kind.Context, s kind.Of[Statistics]) ([]plan.Step, error) {
	steps := []plan.Step{{
		SQL:     s.V.Def,
		Comment: "create " + s.ID.String(),
		Reverse: []string{"DROP STATISTICS " + qualified(s.ID.Schema, s.ID.Name)},
	}}
	if s.V.Target != "" {
		steps = append(steps, s.V.targetStep(s.ID, ""))
	}
	return steps, nil
}

func alterStatistics(_ *kind.Context, from, to kind.Of[Statistics], a *kind.Attrs) (plan.Edit, error) {
	a.Take("target")
	if a.Take("def") {
		return plan.Replace("PostgreSQL can only change the target of a statistics object in place"), nil
	}
	return plan.InPlace(to.V.targetStep(to.ID, from.V.Target)), nil
}

func dropStatistics(_ *kind.Context, s kind.Of[Statistics]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP STATISTICS " + qualified(s.ID.Schema, s.ID.Name),
		Comment: "drop " + s.ID.String(),
		Reverse: []string{s.V.Def},
	}}, nil
}

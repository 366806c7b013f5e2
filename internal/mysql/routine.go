package mysql

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Routine is a stored function or procedure.
type Routine struct {
	// Text is the definition from the parameters on, as SHOW CREATE tells it.
	Text string `json:"text"`
	Made
	Definer string `json:"definer,omitempty" diff:"-"`
}

func functionKind() objectKind {
	return objectKind{
		hcl:  functionHCL(),
		Kind: routineKind("function"),
		queries: func(_ server, in within) []catalog.Query {
			return []catalog.Query{{Name: "routines", SQL: `
SELECT ROUTINE_SCHEMA AS db, ROUTINE_NAME AS name, ROUTINE_TYPE AS type, SQL_MODE AS sql_mode, COLLATION_CONNECTION AS connection
FROM information_schema.ROUTINES WHERE ` + in("ROUTINE_SCHEMA") + ` ORDER BY 1, 2, 3`}}
		},
		build: buildRoutines,
	}
}

func procedureKind() objectKind {
	return objectKind{
		hcl:     procedureHCL(),
		Kind:    routineKind("procedure"),
		queries: func(server, within) []catalog.Query { return nil },
		build:   func(*builder) error { return nil },
	}
}

func routineKind(name string) kind.Kind {
	return kind.Define(kind.Def[Routine]{
		Name: name, Weight: weightRoutine,
		Create: createRoutine, Alter: alterRoutine, Drop: dropRoutine,
		Moot: func(_ *kind.Context, from, to kind.Of[Routine], attr string) bool {
			return mootProgram(from.V.Made, to.V.Made, attr)
		},
	})
}

// routineText is the result of SHOW CREATE FUNCTION and SHOW CREATE PROCEDURE: definer and the rest after the name.
// Names are quoted by the mode that the routine was made under.
var routineText = regexp.MustCompile("(?s)^CREATE (?:DEFINER=(" + anyQuoted + "@" + anyQuoted + "|" + anyQuoted + ") )?(?:FUNCTION|PROCEDURE) " +
	"(?:" + anyQuoted + "\\.)?" + anyQuoted + "(.*)$")

const anyQuoted = "(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\")"

func buildRoutines(b *builder) error {
	return b.rows("routines", func(r catalog.Row) error {
		id := object.ID{Kind: strings.ToLower(r.Str("type")), Schema: b.schema(r.Str("db")), Name: r.Str("name")}
		if id.Kind != "function" && id.Kind != "procedure" {
			b.unreadable(id.Kind, id, "schemactl does not manage this kind yet")
			return nil
		}
		m := routineText.FindStringSubmatch(b.definition(id.Kind, id))
		if m == nil {
			b.unreadable(id.Kind, id, "its body cannot be read; SHOW_ROUTINE, or SELECT on mysql.proc in MariaDB, is needed")
			return nil
		}
		return b.add(&object.Object{
			ID: id, Value: &Routine{Text: withoutEnd(m[2]), Made: b.madeOf(id, r), Definer: m[1]},
			Claims: []string{id.Kind + " " + qualified(id.Schema, id.Name)},
		})
	})
}

func routineSQL(id object.ID, r *Routine, definer string) string {
	if definer != "" {
		definer = "DEFINER=" + definer + " "
	}
	return "CREATE " + definer + strings.ToUpper(id.Kind) + " " + qualified(id.Schema, id.Name) + r.Text
}

func createRoutine(c *kind.Context, r kind.Of[Routine]) ([]plan.Step, error) {
	definer, made := "", r.V.keeps(nil)
	if from, ok := kind.Get[Routine](c.From, r.ID); ok { // it is made again, and stays whose it was
		definer, made = from.V.Definer, r.V.keeps(&from.V.Made)
	}
	return under(made, plan.Step{
		SQL: routineSQL(r.ID, r.V, definer), Comment: "create " + r.ID.String(),
		Reverse: []string{"DROP " + strings.ToUpper(r.ID.Kind) + " " + qualified(r.ID.Schema, r.ID.Name)},
	}), nil
}

func alterRoutine(_ *kind.Context, _, _ kind.Of[Routine], a *kind.Attrs) (plan.Edit, error) {
	a.Take(a.Left()...)
	return plan.Replace("the body of a routine cannot be changed in place"), nil
}

func dropRoutine(_ *kind.Context, r kind.Of[Routine]) ([]plan.Step, error) {
	step := plan.Step{
		SQL:     "DROP " + strings.ToUpper(r.ID.Kind) + " " + qualified(r.ID.Schema, r.ID.Name),
		Comment: "drop " + r.ID.String(),
	}
	step.Reverse = remade(r.V.Made, routineSQL(r.ID, r.V, r.V.Definer))
	return []plan.Step{step}, nil
}

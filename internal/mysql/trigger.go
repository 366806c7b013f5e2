package mysql

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Trigger is a trigger of a table.
type Trigger struct {
	Timing  string `json:"timing"` // BEFORE or AFTER
	Event   string `json:"event"`  // INSERT, UPDATE or DELETE
	Body    string `json:"body"`
	Follows string `json:"follows,omitempty"` // the trigger of the same timing and event that runs before it
	Made
	Definer string `json:"definer,omitempty" diff:"-"`
	// Head is what stands before the body as it was written: MariaDB keeps the text of a trigger.
	Head string `json:"head,omitempty" diff:"-"`
}

// triggerHead finds the head in the result of SHOW CREATE TRIGGER.
var triggerHead = regexp.MustCompile("(?is)^CREATE (?:OR REPLACE )?(?:DEFINER=(?:`(?:[^`]|``)*`|\\S+?)@(?:`(?:[^`]|``)*`|\\S+) )?(TRIGGER .*?\\sFOR\\s+EACH\\s+ROW\\s+)(.*)$")

func triggerKind() objectKind {
	return objectKind{
		hcl: triggerHCL(),
		Kind: kind.Define(kind.Def[Trigger]{
			Name: "trigger", Weight: weightTrigger,
			Create: createTrigger, Alter: alterTrigger, Drop: dropTrigger,
			Moot: func(_ *kind.Context, from, to kind.Of[Trigger], attr string) bool {
				return mootProgram(from.V.Made, to.V.Made, attr)
			},
		}),
		queries: func(_ server, in within) []catalog.Query {
			return []catalog.Query{{Name: "triggers", SQL: `
SELECT TRIGGER_SCHEMA AS db, EVENT_OBJECT_TABLE AS tab, TRIGGER_NAME AS name, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event,
  ACTION_STATEMENT AS body, SQL_MODE AS sql_mode, COLLATION_CONNECTION AS connection, DEFINER AS definer
FROM information_schema.TRIGGERS WHERE ` + in("TRIGGER_SCHEMA") + `
ORDER BY TRIGGER_SCHEMA, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`}}
		},
		build: buildTriggers,
	}
}

func buildTriggers(b *builder) error {
	var last *object.Object
	return b.rows("triggers", func(r catalog.Row) error {
		t, ok := b.tableAt(r, "db", "tab")
		if !ok {
			return nil
		}
		id := object.ID{Kind: "trigger", Schema: t.ID.Schema, Table: t.ID.Name, Name: r.Str("name")}
		text := b.definition("trigger", object.ID{Schema: t.ID.Schema, Name: r.Str("name")})
		body, ok := b.body("trigger", text, r.Str("body"))
		if !ok {
			b.unreadable("trigger", id, "its body cannot be read; the TRIGGER privilege on its table is needed")
			return nil
		}
		v := &Trigger{
			Timing: r.Str("timing"), Event: r.Str("event"), Body: body,
			Made: b.madeOf(id, r), Definer: account(r.Str("definer")),
		}
		if m := triggerHead.FindStringSubmatch(text); m != nil && withoutEnd(m[2]) == v.Body && t.ID.Schema == "" {
			v.Head = m[1]
		}
		o := &object.Object{ID: id, Value: v, Parent: t.ID, Claims: []string{"trigger " + qualified(id.Schema, id.Name)}}
		if last != nil && last.Parent == t.ID {
			if before := last.Value.(*Trigger); before.Timing == v.Timing && before.Event == v.Event {
				v.Follows = last.ID.Name
				o.Needs = append(o.Needs, last.ID)
			}
		}
		last = o
		return b.add(o)
	})
}

func (t *Trigger) sql(id object.ID, definer string) string {
	if definer != "" {
		definer = "DEFINER=" + definer + " "
	}
	if t.Head != "" { // made after the one that it follows, it stands after it
		return "CREATE " + definer + t.Head + t.Body
	}
	order := ""
	if t.Follows != "" {
		order = "FOLLOWS " + ident(t.Follows) + " "
	}
	return "CREATE " + definer + "TRIGGER " + qualified(id.Schema, id.Name) + " " + t.Timing + " " + t.Event +
		" ON " + tableOf(id) + " FOR EACH ROW " + order + t.Body
}

// headParts are the name, time, event and table that a head names.
var headParts = regexp.MustCompile("(?is)^TRIGGER\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(`(?:[^`]|``)*`|[\\w$]+)\\s+(BEFORE|AFTER)\\s+(INSERT|UPDATE|DELETE)\\s+" +
	"ON\\s+(`(?:[^`]|``)*`|[\\w$]+)\\s+FOR\\s+EACH\\s+ROW\\s+(?:(?:FOLLOWS|PRECEDES)\\s+(?:`(?:[^`]|``)*`|[\\w$]+)\\s+)?$")

// headFits reports whether the head says what the other attributes do.
func (t *Trigger) headFits(id object.ID) bool {
	m := headParts.FindStringSubmatch(t.Head)
	bare := func(name string) string { return strings.ReplaceAll(strings.Trim(name, "`"), "``", "`") }
	return m != nil && bare(m[1]) == id.Name && strings.EqualFold(m[2], t.Timing) && strings.EqualFold(m[3], t.Event) && bare(m[4]) == id.Table
}

func createTrigger(c *kind.Context, t kind.Of[Trigger]) ([]plan.Step, error) {
	definer, made := "", t.V.keeps(nil)
	if from, ok := kind.Get[Trigger](c.From, t.ID); ok { // it is made again, and stays whose it was
		definer, made = from.V.Definer, t.V.keeps(&from.V.Made)
	}
	return under(made, plan.Step{
		SQL: t.V.sql(t.ID, definer), Comment: "create " + t.ID.String(),
		Reverse: []string{"DROP TRIGGER " + qualified(t.ID.Schema, t.ID.Name)},
	}), nil
}

func alterTrigger(_ *kind.Context, _, _ kind.Of[Trigger], a *kind.Attrs) (plan.Edit, error) {
	a.Take(a.Left()...)
	return plan.Replace("a trigger cannot be changed in place"), nil
}

func dropTrigger(_ *kind.Context, t kind.Of[Trigger]) ([]plan.Step, error) {
	step := plan.Step{
		SQL: "DROP TRIGGER " + qualified(t.ID.Schema, t.ID.Name), Comment: "drop " + t.ID.String(),
	}
	step.Reverse = remade(t.V.Made, t.V.sql(t.ID, t.V.Definer))
	return []plan.Step{step}, nil
}

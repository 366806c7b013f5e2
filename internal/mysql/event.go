package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Event is a statement that the server runs at times.
type Event struct {
	Schedule string `json:"schedule"` // AT … or EVERY …; without a start that only tells when the event was made
	Preserve bool   `json:"preserve,omitempty"`
	Status   string `json:"status,omitempty"` // DISABLE or DISABLE ON …; empty: enabled
	Comment  string `json:"comment,omitempty"`
	Body     string `json:"body"`
	Made
	Definer string `json:"definer,omitempty" diff:"-"`
}

// starts is when an event starts, in the time zone in which the catalog tells when it was made.
const starts = "COALESCE(CONVERT_TZ(STARTS, TIME_ZONE, @@SESSION.time_zone), STARTS)"

func eventKind() objectKind {
	return objectKind{
		hcl: eventHCL(),
		Kind: kind.Define(kind.Def[Event]{
			Name: "event", Weight: weightEvent,
			Create: createEvent, Alter: alterEvent, Drop: dropEvent,
			Moot: func(_ *kind.Context, from, to kind.Of[Event], attr string) bool {
				return mootProgram(from.V.Made, to.V.Made, attr)
			},
		}),
		queries: func(_ server, in within) []catalog.Query {
			return []catalog.Query{{Name: "events", SQL: `
SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name, EXECUTE_AT AS at, INTERVAL_VALUE AS every, INTERVAL_FIELD AS unit, STARTS AS starts,
  ENDS AS ends, STATUS AS status, ON_COMPLETION = 'PRESERVE' AS preserve, EVENT_COMMENT AS comment, EVENT_DEFINITION AS body,
  SQL_MODE AS sql_mode, COLLATION_CONNECTION AS connection, TIME_ZONE AS zone, DEFINER AS definer,
  ABS(TIMESTAMPDIFF(SECOND, CREATED, ` + starts + `)) <= 1 OR ABS(TIMESTAMPDIFF(SECOND, LAST_ALTERED, ` + starts + `)) <= 1 AS starts_when_made
FROM information_schema.EVENTS WHERE ` + in("EVENT_SCHEMA") + ` ORDER BY 1, 2`}}
		},
		build: buildEvents,
	}
}

func buildEvents(b *builder) error {
	return b.rows("events", func(r catalog.Row) error {
		id := object.ID{Kind: "event", Schema: b.schema(r.Str("db")), Name: r.Str("name")}
		body, ok := b.body("event", b.definition("event", id), r.Str("body"))
		if !ok {
			b.unreadable("event", id, "its body cannot be read; the EVENT privilege on its database is needed")
			return nil
		}
		e := &Event{
			Schedule: schedule(r), Preserve: r.Bool("preserve"), Comment: r.Str("comment"), Body: body,
			Made: b.madeOf(id, r), Definer: account(r.Str("definer")),
		}
		switch r.Str("status") {
		case "DISABLED":
			e.Status = "DISABLE"
		case "SLAVESIDE_DISABLED":
			e.Status = "DISABLE ON SLAVE"
		case "REPLICA_SIDE_DISABLED":
			e.Status = "DISABLE ON REPLICA"
		}
		return b.add(&object.Object{ID: id, Value: e, Claims: []string{"event " + qualified(id.Schema, id.Name)}})
	})
}

// schedule spells when the event runs. An event without STARTS starts when it is made (MySQL manual, "CREATE EVENT
// Statement"), which the catalog does not tell from a start that was declared for that second.
func schedule(r catalog.Row) string {
	if !r.Null("at") {
		return "AT " + literal(r.Str("at"))
	}
	out := "EVERY " + r.Str("every") + " " + r.Str("unit")
	if !r.Null("starts") && !r.Bool("starts_when_made") {
		out += " STARTS " + literal(r.Str("starts"))
	}
	if !r.Null("ends") {
		out += " ENDS " + literal(r.Str("ends"))
	}
	return out
}

// clauses spell the attributes that differ from another event's.
func (e *Event) clauses(from *Event) string {
	var out []string
	if e.Schedule != from.Schedule || e.Zone != from.Zone {
		out = append(out, "ON SCHEDULE "+e.Schedule)
	}
	if e.Preserve != from.Preserve {
		out = append(out, "ON COMPLETION "+map[bool]string{true: "PRESERVE", false: "NOT PRESERVE"}[e.Preserve])
	}
	if e.Status != from.Status {
		status := e.Status
		if status == "" {
			status = "ENABLE"
		}
		out = append(out, status)
	}
	if e.Comment != from.Comment {
		out = append(out, "COMMENT "+literal(e.Comment))
	}
	if e.Body != from.Body || e.Modes != from.Modes || e.Connection != from.Connection {
		out = append(out, "DO "+e.Body)
	}
	return strings.Join(out, " ")
}

func createEvent(c *kind.Context, e kind.Of[Event]) ([]plan.Step, error) {
	definer, made := "", e.V.keeps(nil)
	if from, ok := kind.Get[Event](c.From, e.ID); ok { // it is made again, and stays whose it was
		made = e.V.keeps(&from.V.Made)
		if from.V.Definer != "" {
			definer = "DEFINER=" + from.V.Definer + " "
		}
	}
	return under(made, plan.Step{
		SQL:     "CREATE " + definer + "EVENT " + qualified(e.ID.Schema, e.ID.Name) + " " + e.V.clauses(&Event{}),
		Comment: "create event " + e.ID.Path(),
		Reverse: []string{"DROP EVENT " + qualified(e.ID.Schema, e.ID.Name)},
	}), nil
}

func alterEvent(_ *kind.Context, from, to kind.Of[Event], a *kind.Attrs) (plan.Edit, error) {
	a.Take("schedule", "preserve", "status", "comment", "body", "modes", "connection", "zone")
	for _, limit := range []string{" STARTS ", " ENDS "} {
		if strings.Contains(from.V.Schedule, limit) && !strings.Contains(to.V.Schedule, limit) {
			return plan.Replace("ALTER EVENT cannot take a limit in time away"), nil
		}
	}
	head := "ALTER EVENT " + qualified(to.ID.Schema, to.ID.Name) + " "
	if from.V.Definer != "" {
		head = "ALTER DEFINER=" + from.V.Definer + " EVENT " + qualified(to.ID.Schema, to.ID.Name) + " "
	}
	want := *to.V
	want.Made = to.V.keeps(&from.V.Made)
	step := plan.Step{
		SQL: head + want.clauses(from.V), Comment: "modify event " + to.ID.Path(),
		Reverse: remade(from.V.Made, head+from.V.clauses(&want)),
	}
	return plan.InPlace(under(want.Made, step)...), nil
}

func dropEvent(_ *kind.Context, e kind.Of[Event]) ([]plan.Step, error) {
	step := plan.Step{
		SQL: "DROP EVENT " + qualified(e.ID.Schema, e.ID.Name), Comment: "drop event " + e.ID.Path(),
	}
	step.Reverse = remade(e.V.Made, "CREATE EVENT "+qualified(e.ID.Schema, e.ID.Name)+" "+e.V.clauses(&Event{}))
	return []plan.Step{step}, nil
}

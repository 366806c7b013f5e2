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
	Modes    string `json:"modes,omitempty"` // of sql_mode, those that change how the body is read
	Definer  string `json:"definer,omitempty" diff:"-"`
}

func eventKind() objectKind {
	return objectKind{
		hcl: eventHCL(),
		Kind: kind.Define(kind.Def[Event]{
			Name: "event", Weight: weightEvent,
			Create: createEvent, Alter: alterEvent, Drop: dropEvent,
		}),
		queries: func(_ server, in within) []catalog.Query {
			return []catalog.Query{{Name: "events", SQL: `
SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name, EXECUTE_AT AS at, INTERVAL_VALUE AS every, INTERVAL_FIELD AS unit, STARTS AS starts,
  ENDS AS ends, STATUS AS status, ON_COMPLETION = 'PRESERVE' AS preserve, EVENT_COMMENT AS comment, EVENT_DEFINITION AS body,
  SQL_MODE AS sql_mode, DEFINER AS definer,
  ABS(TIMESTAMPDIFF(SECOND, CREATED, STARTS)) <= 1 OR ABS(TIMESTAMPDIFF(SECOND, LAST_ALTERED, STARTS)) <= 1 AS starts_when_made
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
			Modes: readingModes(r.Str("sql_mode")), Definer: account(r.Str("definer")),
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
	if e.Schedule != from.Schedule {
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
	if e.Body != from.Body || e.Modes != from.Modes {
		out = append(out, "DO "+e.Body)
	}
	return strings.Join(out, " ")
}

func createEvent(c *kind.Context, e kind.Of[Event]) ([]plan.Step, error) {
	definer := ""
	if from, ok := kind.Get[Event](c.From, e.ID); ok && from.V.Definer != "" {
		definer = "DEFINER=" + from.V.Definer + " " // it is made again, and stays whose it was
	}
	return underModes(e.V.Modes, plan.Step{
		SQL:     "CREATE " + definer + "EVENT " + qualified(e.ID.Schema, e.ID.Name) + " " + e.V.clauses(&Event{}),
		Comment: "create event " + e.ID.Path(),
		Reverse: []string{"DROP EVENT " + qualified(e.ID.Schema, e.ID.Name)},
	}), nil
}

func alterEvent(_ *kind.Context, from, to kind.Of[Event], a *kind.Attrs) (plan.Edit, error) {
	a.Take("schedule", "preserve", "status", "comment", "body", "modes")
	for _, limit := range []string{" STARTS ", " ENDS "} {
		if strings.Contains(from.V.Schedule, limit) && !strings.Contains(to.V.Schedule, limit) {
			return plan.Replace("ALTER EVENT cannot take a limit in time away"), nil
		}
	}
	head := "ALTER EVENT " + qualified(to.ID.Schema, to.ID.Name) + " "
	if from.V.Definer != "" {
		head = "ALTER DEFINER=" + from.V.Definer + " EVENT " + qualified(to.ID.Schema, to.ID.Name) + " "
	}
	step := plan.Step{SQL: head + to.V.clauses(from.V), Comment: "modify event " + to.ID.Path()}
	if from.V.Modes == "" {
		step.Reverse = []string{head + from.V.clauses(to.V)}
	}
	return plan.InPlace(underModes(to.V.Modes, step)...), nil
}

func dropEvent(_ *kind.Context, e kind.Of[Event]) ([]plan.Step, error) {
	step := plan.Step{
		SQL: "DROP EVENT " + qualified(e.ID.Schema, e.ID.Name), Comment: "drop event " + e.ID.Path(),
	}
	if e.V.Modes == "" {
		step.Reverse = []string{"CREATE EVENT " + qualified(e.ID.Schema, e.ID.Name) + " " + e.V.clauses(&Event{})}
	}
	return []plan.Step{step}, nil
}

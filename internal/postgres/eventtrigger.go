package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// EventTrigger fires on DDL. It is made last and dropped first, so that it does not fire for the plan it belongs to.
type EventTrigger struct {
	Event    string   `json:"event"`
	Tags     []string `json:"tags,omitempty"`
	Function string   `json:"function"`          // quoted
	Enabled  string   `json:"enabled,omitempty"` // DISABLE, REPLICA or ALWAYS; empty: the default
}

func eventTriggerKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[EventTrigger]{
			Name: "event_trigger", Weight: weightEventTrigger,
			Create: createEventTrigger, Alter: alterEventTrigger, Drop: dropEventTrigger,
		}),
		queries: []catalog.Query{{Name: "event_triggers", SQL: `
SELECT e.oid, e.evtname AS name, e.evtevent AS event, e.evtfoid::pg_catalog.regproc AS function,
  CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' END AS enabled,
  pg_catalog.array_to_string(e.evttags, E'\x1f') AS tags
FROM pg_catalog.pg_event_trigger e
ORDER BY 2`}},
		build: buildEventTriggers,
		hcl:   eventTriggerHCL(),
	}
}

func buildEventTriggers(b *builder) error {
	return b.rows("event_triggers", func(r catalog.Row) error {
		id := object.ID{Kind: "event_trigger", Name: r.Str("name")}
		return b.add(ref{classEvent, r.Str("oid"), "0"}, &object.Object{
			ID: id, Claims: []string{"event trigger " + id.Name},
			Value: &EventTrigger{Event: r.Str("event"), Tags: r.List("tags"), Function: r.Str("function"), Enabled: r.Str("enabled")},
		})
	})
}

func (e *EventTrigger) definition(id object.ID) string {
	sql := "CREATE EVENT TRIGGER " + ident(id.Name) + " ON " + e.Event
	if len(e.Tags) > 0 {
		tags := make([]string, len(e.Tags))
		for i, t := range e.Tags {
			tags[i] = literal(t)
		}
		sql += "\n  WHEN TAG IN (" + strings.Join(tags, ", ") + ")"
	}
	return sql + "\n  EXECUTE FUNCTION " + e.Function + "()"
}

func (e *EventTrigger) enableStep(id object.ID, from string) plan.Step {
	spell := func(enabled string) string {
		return "ALTER EVENT TRIGGER " + ident(id.Name) + " " + enableWord(enabled)
	}
	return plan.Step{SQL: spell(e.Enabled), Reverse: []string{spell(from)}, Comment: "set when " + id.String() + " fires"}
}

// enableWord is how ALTER says when a trigger or a rule fires.
func enableWord(enabled string) string {
	switch enabled {
	case "DISABLE":
		return "DISABLE"
	case "REPLICA", "ALWAYS":
		return "ENABLE " + enabled
	}
	return "ENABLE"
}

func createEventTrigger(_ *kind.Context, e kind.Of[EventTrigger]) ([]plan.Step, error) {
	steps := []plan.Step{{
		SQL:     e.V.definition(e.ID),
		Comment: "create " + e.ID.String(),
		Reverse: []string{"DROP EVENT TRIGGER " + ident(e.ID.Name)},
	}}
	if e.V.Enabled != "" {
		steps = append(steps, e.V.enableStep(e.ID, ""))
	}
	return steps, nil
}

func alterEventTrigger(_ *kind.Context, from, to kind.Of[EventTrigger], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("event", "tags", "function") {
		a.Take("enabled")
		return plan.Replace("PostgreSQL can only enable and disable an event trigger in place"), nil
	}
	a.Take("enabled")
	return plan.InPlace(to.V.enableStep(to.ID, from.V.Enabled)), nil
}

func dropEventTrigger(_ *kind.Context, e kind.Of[EventTrigger]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP EVENT TRIGGER " + ident(e.ID.Name),
		Comment: "drop " + e.ID.String(),
		Reverse: []string{e.V.definition(e.ID)},
	}}, nil
}

package mysql

import (
	"context"
	"strconv"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// counterKind is the kind of AUTO_INCREMENT counters. They are data, and managed only where that was asked for.
const counterKind = "auto_increment"

// Counter is the next number of a table. It is only ever raised.
type Counter struct {
	Next counterValue `json:"next"`
}

// counterValue goes its own way while rows come.
type counterValue string

// Fingerprinted leaves it out: it is another with each new row.
func (counterValue) Fingerprinted() any { return "" }

func (v counterValue) number() uint64 {
	n, _ := strconv.ParseUint(string(v), 10, 64) // of what the server or the language took for a number
	return n
}

func counterID(table object.ID) object.ID {
	return object.ID{Kind: counterKind, Schema: table.Schema, Table: table.Name, Name: "next"}
}

func counterObjects() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Counter]{
			Name: counterKind, Weight: weightColumn, Kept: true, Light: true,
			Moot: func(_ *kind.Context, from, to kind.Of[Counter], _ string) bool {
				return to.V.Next.number() <= from.V.Next.number()
			},
			Create: createCounter, Alter: alterCounter,
			Drop: func(*kind.Context, kind.Of[Counter]) ([]plan.Step, error) { return nil, nil }, // with its table
		}),
		queries: func(server, within) []catalog.Query { return nil }, // session.readCounters
		build:   buildCounters,
	}
}

// readCounters reads the counters as they are, which MySQL else keeps for a day.
func (s *session) readCounters(ctx context.Context, c *catalog.Catalog, in within) error {
	stale, err := s.freshStatistics(ctx)
	if err != nil {
		return err
	}
	defer stale()
	rows, err := catalog.Read(ctx, s.conn, nil, []catalog.Query{{Name: counterKind, SQL: `
SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, AUTO_INCREMENT AS next FROM information_schema.TABLES
WHERE AUTO_INCREMENT IS NOT NULL AND ` + in("TABLE_SCHEMA") + ` ORDER BY 1, 2`}})
	if err != nil {
		return s.flavor.fault(err, "")
	}
	c.Tables[counterKind] = rows[counterKind]
	return nil
}

// buildCounters makes the live counters, or those that a source starts.
func buildCounters(b *builder) error {
	if !b.scope.Has(counterKind) {
		return nil
	}
	for _, o := range b.state.Kind("table") {
		if start := o.Value.(*Table).Start; start != "" {
			if err := b.add(counterOf(o.ID, start)); err != nil {
				return err
			}
		}
	}
	return b.rows(counterKind, func(r catalog.Row) error {
		t, ok := b.tableAt(r, "db", "name")
		if !ok {
			return nil
		}
		return b.add(counterOf(t.ID, r.Str("next")))
	})
}

func counterOf(table object.ID, next string) *object.Object {
	return &object.Object{ID: counterID(table), Value: &Counter{Next: counterValue(next)}, Parent: table}
}

// createCounter has nothing to do for a new table, which starts with it.
func createCounter(c *kind.Context, n kind.Of[Counter]) ([]plan.Step, error) {
	if !c.From.Has(n.Parent) {
		return nil, nil
	}
	return []plan.Step{raise(c, n)}, nil
}

func alterCounter(c *kind.Context, _, to kind.Of[Counter], a *kind.Attrs) (plan.Edit, error) {
	a.Take("next")
	return plan.InPlace(raise(c, to)), nil
}

func raise(c *kind.Context, n kind.Of[Counter]) plan.Step {
	step := alterStep(c, n.Parent, "AUTO_INCREMENT="+string(n.V.Next), "", "raise the counter of table "+n.Parent.Path())
	step.Into = plan.Ref{}
	step.Runs = runs(c, n.Parent, raiseCounter)
	return step
}

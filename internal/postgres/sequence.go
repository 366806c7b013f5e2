package postgres

import (
	"fmt"
	"math"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Sequence is a sequence that stands by itself or behind a serial column; the one of an identity column belongs to
// the column. The current value is data and is never compared.
type Sequence struct {
	Type      string `json:"type"`
	Start     int64  `json:"start"`
	Increment int64  `json:"increment"`
	Min       int64  `json:"min"`
	Max       int64  `json:"max"`
	Cache     int64  `json:"cache"`
	Cycle     bool   `json:"cycle,omitempty"`
	Unlogged  bool   `json:"unlogged,omitempty"`
}

// SequenceOwner ties a sequence to the column whose drop takes it along (OWNED BY). It is an object of its own: the
// sequence must be there before the column's default, the column before the tie.
type SequenceOwner struct {
	Table  string `json:"table"` // quoted
	Column string `json:"column"`
}

func (*Sequence) grantTarget(id object.ID) string { return "SEQUENCE " + qualified(id.Schema, id.Name) }

func sequenceKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Sequence]{
			Name: "sequence", Weight: weightSequence,
			Create: createSequence, Alter: alterSequence, Drop: dropSequence,
		}),
		queries: []catalog.Query{{Name: "sequences", SQL: `
SELECT c.oid, n.nspname AS schema, c.relname AS name, pg_catalog.format_type(s.seqtypid, NULL) AS type, s.seqstart AS start,
  s.seqincrement AS increment, s.seqmin AS min, s.seqmax AS max, s.seqcache AS cache, s.seqcycle AS cycle,
  c.relpersistence = 'u' AS unlogged, d.refobjid AS owner, d.refobjsubid AS owner_column
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 1259 AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = 1259
  AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
WHERE coalesce(d.deptype, 'a') <> 'i' AND c.relpersistence <> 't' AND ` + userSchemas + `
ORDER BY 2, 3`}},
		build: buildSequences,
		hcl:   sequenceHCL(),
	}
}

func buildSequences(b *builder) error {
	return b.rows("sequences", func(r catalog.Row) error {
		id := object.ID{Kind: "sequence", Schema: r.Str("schema"), Name: r.Str("name")}
		return b.add(ref{classRelation, r.Str("oid"), "0"}, &object.Object{
			ID: id,
			Value: &Sequence{
				Type: r.Str("type"), Start: r.Int("start"), Increment: r.Int("increment"), Min: r.Int("min"),
				Max: r.Int("max"), Cache: r.Int("cache"), Cycle: r.Bool("cycle"), Unlogged: r.Bool("unlogged"),
			},
			Claims: []string{relationClaim(id.Schema, id.Name)},
		})
	})
}

func sequenceOwnerKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[SequenceOwner]{
			Name: "sequence_owner", Weight: weightSequenceOwner,
			Create: createSequenceOwner, Alter: alterSequenceOwner, Drop: dropSequenceOwner,
		}),
		build: buildSequenceOwners,
		hcl:   sequenceOwnerHCL(),
	}
}

func buildSequenceOwners(b *builder) error {
	return b.rows("sequences", func(r catalog.Row) error {
		sequence, ok := b.at(ref{classRelation, r.Str("oid"), "0"})
		if !ok || r.Null("owner") {
			return nil
		}
		at := ref{classRelation, r.Str("owner"), r.Str("owner_column")}
		column, ok := b.at(at)
		ok = ok && !b.aliases[at]
		if !ok {
			return nil
		}
		return b.add(ref{classRelation, r.Str("oid"), "owner"}, &object.Object{
			ID:     object.ID{Kind: "sequence_owner", Schema: sequence.Schema, Name: sequence.Name},
			Value:  &SequenceOwner{Table: tableOf(column), Column: column.Name},
			Parent: sequence,
			Needs:  []object.ID{column},
		})
	})
}

// limits are the bounds of a sequence of that type (PostgreSQL manual, "CREATE SEQUENCE").
func limits(typ string, ascending bool) (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	switch typ {
	case "smallint":
		low, high = math.MinInt16, math.MaxInt16
	case "integer":
		low, high = math.MinInt32, math.MaxInt32
	}
	if ascending {
		return 1, high
	}
	return low, -1
}

// sequenceOptions spells the options that differ from the defaults of the sequence's type.
func sequenceOptions(s Sequence) []string {
	var out []string
	low, high := limits(s.Type, s.Increment > 0)
	start := low
	if s.Increment < 0 {
		start = high
	}
	if s.Min != low {
		out = append(out, fmt.Sprintf("MINVALUE %d", s.Min))
		if s.Increment > 0 {
			start = s.Min
		}
	}
	if s.Max != high {
		out = append(out, fmt.Sprintf("MAXVALUE %d", s.Max))
		if s.Increment < 0 {
			start = s.Max
		}
	}
	if s.Increment != 1 {
		out = append([]string{fmt.Sprintf("INCREMENT BY %d", s.Increment)}, out...)
	}
	if s.Start != start {
		out = append(out, fmt.Sprintf("START WITH %d", s.Start))
	}
	if s.Cache != 1 {
		out = append(out, fmt.Sprintf("CACHE %d", s.Cache))
	}
	if s.Cycle {
		out = append(out, "CYCLE")
	}
	return out
}

// sequenceChanges spells the options that differ between two definitions.
func sequenceChanges(from, to Sequence) []string {
	var out []string
	if from.Type != to.Type {
		out = append(out, "AS "+to.Type)
	}
	number := func(word string, a, b int64) {
		if a != b {
			out = append(out, fmt.Sprintf("%s %d", word, b))
		}
	}
	number("INCREMENT BY", from.Increment, to.Increment)
	number("MINVALUE", from.Min, to.Min)
	number("MAXVALUE", from.Max, to.Max)
	number("START WITH", from.Start, to.Start)
	number("CACHE", from.Cache, to.Cache)
	if from.Cycle != to.Cycle {
		out = append(out, toggle(to.Cycle, "CYCLE", "NO CYCLE"))
	}
	return out
}

// fitValue tells how to narrow a sequence whose current value may lie outside of its new bounds, which the server
// refuses: first wide bounds that hold the old and the new ones, then a move of the value, then the new bounds. The
// value stays where it is if it can.
func fitValue(from, to Sequence, regclass string) (wide Sequence, move string, needed bool) {
	wide = from
	wide.Min, wide.Max = min(from.Min, to.Min), max(from.Max, to.Max)
	if from.Start >= to.Min && from.Start <= to.Max {
		return wide, "", false
	}
	move = fmt.Sprintf(`SELECT pg_catalog.setval(s.oid, CASE WHEN v.last IS NULL THEN %d ELSE greatest(least(v.last, %d), %d) END, v.last IS NOT NULL)
FROM (SELECT %s AS oid) s CROSS JOIN LATERAL (SELECT pg_catalog.pg_sequence_last_value(s.oid) AS last) v`, to.Start, to.Max, to.Min, regclass)
	return wide, move, true
}

func (s *Sequence) definition(id object.ID) string {
	words := []string{"CREATE" + toggle(s.Unlogged, " UNLOGGED", ""), "SEQUENCE", qualified(id.Schema, id.Name)}
	if s.Type != "bigint" {
		words = append(words, "AS", s.Type)
	}
	return strings.Join(append(words, sequenceOptions(*s)...), " ")
}

func createSequence(_ *kind.Context, s kind.Of[Sequence]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL: s.V.definition(s.ID), Comment: "create " + s.ID.String(), Reverse: []string{"DROP SEQUENCE " + qualified(s.ID.Schema, s.ID.Name)},
	}}, nil
}

func alterSequence(c *kind.Context, from, to kind.Of[Sequence], a *kind.Attrs) (plan.Edit, error) {
	name := qualified(to.ID.Schema, to.ID.Name)
	var steps []plan.Step
	if a.Take("unlogged") && !turnsWithTable(c, to.ID) {
		steps = append(steps, logSequence(to.ID, to.V.Unlogged))
	}
	if a.Take("type", "start", "increment", "min", "max", "cache", "cycle") {
		wide, move, needed := fitValue(*from.V, *to.V, literal(name)+"::pg_catalog.regclass")
		if needed {
			wide.Type = "bigint"
			if changes := sequenceChanges(*from.V, wide); len(changes) > 0 {
				steps = append(steps, plan.Step{SQL: "ALTER SEQUENCE " + name + " " + strings.Join(changes, " "), Comment: "modify " + to.ID.String()})
			}
			steps = append(steps, plan.Step{SQL: move, Comment: "move the current value of " + to.ID.String() + " into its new bounds"})
			from.V = &wide
		}
		steps = append(steps, plan.Step{
			SQL:     "ALTER SEQUENCE " + name + " " + strings.Join(sequenceChanges(*from.V, *to.V), " "),
			Reverse: []string{"ALTER SEQUENCE " + name + " " + strings.Join(sequenceChanges(*to.V, *from.V), " ")},
			Comment: "modify " + to.ID.String(),
		})
	}
	return plan.InPlace(steps...), nil
}

func logSequence(id object.ID, unlogged bool) plan.Step {
	head := "ALTER SEQUENCE " + qualified(id.Schema, id.Name) + " SET "
	return plan.Step{
		SQL: head + toggle(unlogged, "UNLOGGED", "LOGGED"), Reverse: []string{head + toggle(unlogged, "LOGGED", "UNLOGGED")},
		Comment: "modify " + id.String(),
	}
}

// turnsWithTable reports whether the table that owns the sequence becomes logged or unlogged: since PostgreSQL 15 that takes
// its sequences along, and alterTable sets those straight that are to be otherwise.
func turnsWithTable(c *kind.Context, sequence object.ID) bool {
	table := owningTable(c.From, sequence)
	from, had := kind.Get[Table](c.From, table)
	to, has := kind.Get[Table](c.To, table)
	return had && has && from.V.Unlogged != to.V.Unlogged && owningTable(c.To, sequence) == table && c.Policy.Server.Version[0] >= 15
}

// owningTable is the table whose column a sequence belongs to.
func owningTable(s *object.State, sequence object.ID) object.ID {
	sequence.Kind = "sequence_owner"
	if o := s.Get(sequence); o != nil {
		for _, n := range o.Needs {
			if n.Kind == "column" {
				return s.Get(n).Parent
			}
		}
	}
	return object.ID{}
}

// logSequences sets the sequences straight that are to be otherwise than the table that takes them along.
func logSequences(c *kind.Context, table kind.Of[Table]) []plan.Step {
	var out []plan.Step
	for _, o := range c.To.Kind("sequence") {
		if unlogged := o.Value.(*Sequence).Unlogged; unlogged != table.V.Unlogged && owningTable(c.To, o.ID) == table.ID && turnsWithTable(c, o.ID) {
			out = append(out, logSequence(o.ID, unlogged))
		}
	}
	return out
}

func dropSequence(_ *kind.Context, s kind.Of[Sequence]) ([]plan.Step, error) {
	step := plan.Step{
		SQL:     "DROP SEQUENCE " + qualified(s.ID.Schema, s.ID.Name),
		Comment: "drop " + s.ID.String(),
		Reverse: []string{s.V.definition(s.ID)},
		Loses:   "the current value of " + s.ID.String(),
	}
	return []plan.Step{step}, nil
}

func ownerStep(id object.ID, from, to string, comment string) plan.Step {
	head := "ALTER SEQUENCE " + qualified(id.Schema, id.Name) + " OWNED BY "
	return plan.Step{SQL: head + to, Reverse: []string{head + from}, Comment: comment + " of sequence " + id.Path()}
}

func (o SequenceOwner) String() string { return o.Table + "." + ident(o.Column) }

func createSequenceOwner(_ *kind.Context, o kind.Of[SequenceOwner]) ([]plan.Step, error) {
	return []plan.Step{ownerStep(o.ID, "NONE", o.V.String(), "set the owner")}, nil
}

func alterSequenceOwner(_ *kind.Context, from, to kind.Of[SequenceOwner], a *kind.Attrs) (plan.Edit, error) {
	a.Take("table", "column")
	return plan.InPlace(ownerStep(to.ID, from.V.String(), to.V.String(), "change the owner")), nil
}

func dropSequenceOwner(_ *kind.Context, o kind.Of[SequenceOwner]) ([]plan.Step, error) {
	return []plan.Step{ownerStep(o.ID, o.V.String(), "NONE", "remove the owner")}, nil
}

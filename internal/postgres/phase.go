package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

var _ dialect.Phaser = Dialect{}

// Phased finds the columns that are renamed, or get a type for which the server writes the table anew or reads it under
// the strongest lock.
func (Dialect) Phased(current, desired *object.State, changes []plan.Change) []dialect.Phased {
	var out []dialect.Phased
	columns := dialect.ColumnChanges(changes)
	if len(columns) == 0 {
		return nil // most plans: what rests on what need not be found out
	}
	have, want := restsOf(current), restsOf(desired)
	for _, ch := range columns {
		from, ok := kind.Get[Column](current, ch.Live)
		to, ok2 := kind.Get[Column](desired, ch.To)
		if !ok || !ok2 {
			continue
		}
		if p, ok := givesWay(have, want, from, to); ok {
			out = append(out, p)
		}
	}
	return out
}

// givesWay tells what is to be said of a column that is renamed or changed; ok is false for one whose direct change
// costs little.
func givesWay(current, desired *rests, from, to kind.Of[Column]) (p dialect.Phased, ok bool) {
	p = dialect.Phased{From: columnID(tableID(to.ID), from.ID.Name), To: to.ID}
	renamed := p.From != p.To
	retyped := from.V.Type != to.V.Type || from.V.Collation != to.V.Collation
	switch {
	case renamed:
		p.Why = "it is renamed: programs that use the old name fail from that moment on, and those that use the new one did before"
	case !retyped:
		return p, false
	case !sameBytes(from.V.Type, to.V.Type) || changesZone(from.V.Type, to.V.Type):
		p.Why = "it gets another type: the server writes the whole table anew, and keeps readers and writers out meanwhile"
	case readsUnderLock(current, from, to):
		p.Why = "it gets another type: the server keeps readers and writers out while it builds indexes anew or checks the rows"
	default:
		return p, false
	}
	if renamed && retyped {
		p.Refused = "it is renamed and gets another type at once: make one change after the other"
		return p, true
	}
	if live := columnID(from.Parent, to.ID.Name); renamed && current.state.Has(live) {
		p.Refused = "another column has the new name until then"
		return p, true
	}
	if renamed && desired.state.Has(p.From) {
		p.Refused = "another column gets the old name"
		return p, true
	}
	p.Refused = unphased(current, desired, from, to)
	return p, true
}

// readsUnderLock reports whether a change of type that leaves the rows as they are has indexes or checks looked after.
func readsUnderLock(s *rests, from, to kind.Of[Column]) bool {
	other := from.V.Collation != to.V.Collation || family(from.V.Type) != family(to.V.Type)
	return slices.ContainsFunc(s.on(from.ID), func(o *object.Object) bool {
		switch o.ID.Kind {
		case "check":
			return from.V.Type != to.V.Type
		case "index":
			x := o.Value.(*Index)
			return other || x.Where != "" || slices.ContainsFunc(x.Parts, func(p IndexPart) bool { return p.Expr != "" })
		}
		return other && (o.ID.Kind == "primary_key" || o.ID.Kind == "unique")
	})
}

// rests tells what rests on the objects of a state.
type rests struct {
	state                *object.State
	dependents, children func(object.ID) []*object.Object
}

func restsOf(s *object.State) *rests {
	return &rests{state: s, dependents: s.Dependents(), children: s.Children()}
}

// on lists what rests on an object or belongs to it.
func (r *rests) on(id object.ID) []*object.Object {
	var out []*object.Object
	seen := map[object.ID]bool{id: true}
	add := func(list ...*object.Object) {
		for _, o := range list {
			if o != nil && !seen[o.ID] {
				seen[o.ID] = true
				out = append(out, o)
			}
		}
	}
	add(r.dependents(id)...)
	add(r.children(id)...)
	if id.Kind == "column" {
		add(r.state.Get(defaultID(id)))
	}
	slices.SortFunc(out, func(a, b *object.Object) int { return object.Compare(a.ID, b.ID) })
	return out
}

// unphased says why a column cannot give way in phases; empty: it can.
func unphased(current, desired *rests, from, to kind.Of[Column]) string {
	for _, side := range []struct {
		rests *rests
		col   kind.Of[Column]
	}{{current, from}, {desired, to}} {
		if reason := unphasedTable(side.rests, side.col.Parent); reason != "" {
			return reason
		}
		if side.col.V.Generated != "" {
			return "it is generated"
		}
		for _, o := range side.rests.on(side.col.ID) {
			if reason := unphasedPart(o); reason != "" {
				return reason
			}
		}
		for _, o := range side.rests.overViews(side.col.ID) {
			switch o.ID.Kind {
			case "view", "comment", "permission":
			default:
				return o.ID.String() + " rests on a view of it"
			}
		}
	}
	if (from.V.Identity.Generated == "") != (to.V.Identity.Generated == "") {
		return "it becomes an identity column, or is one no more, at once: make one change after the other"
	}
	if setting := readsSetting(from.V.Type, to.V.Type); setting != "" {
		return "what becomes of its values depends on the " + setting + " of the session"
	}
	return ""
}

func unphasedTable(s *rests, id object.ID) string {
	t, ok := kind.Get[Table](s.state, id)
	switch {
	case !ok:
		return "it does not belong to a table"
	case t.V.PartitionBy != "" || t.V.PartitionOf != "":
		return "its table is partitioned"
	case t.V.OfType != "":
		return "its table is made after a type"
	case len(t.V.Inherits) > 0:
		return "its table inherits"
	case t.V.ForceSecurity:
		return "its table hides rows from its owner, too (FORCE ROW LEVEL SECURITY): they would not be filled, nor missed"
	}
	for _, o := range s.dependents(id) {
		if heir, ok := kind.Get[Table](s.state, o.ID); ok && len(heir.V.Inherits) > 0 {
			return o.ID.String() + " inherits from its table"
		}
	}
	return ""
}

// overViews lists the views that rest on a column and what rests on those or belongs to them, the last ones first.
func (r *rests) overViews(column object.ID) []*object.Object {
	var out []*object.Object
	seen := map[object.ID]bool{}
	var visit func(o *object.Object)
	visit = func(o *object.Object) {
		if seen[o.ID] {
			return
		}
		seen[o.ID] = true
		for _, over := range r.on(o.ID) {
			visit(over)
		}
		out = append(out, o)
	}
	for _, o := range r.on(column) {
		if o.ID.Kind == "view" {
			visit(o)
		}
	}
	return out
}

// unphasedPart says why an object that rests on the column cannot be made on another one.
func unphasedPart(o *object.Object) string {
	switch v := o.Value.(type) {
	case *Default, *Comment, *SequenceOwner, *Permission, *Statistics, *View, *Setting, *ExtensionDependency:
		return ""
	case *Index:
		if v.Invalid {
			return o.ID.String() + " is invalid"
		}
		return ""
	case *Constraint:
		switch {
		case o.ID.Kind == "exclude", v.Temporal, v.NotEnforced:
			return o.ID.String() + " rests on it"
		case strings.Contains(v.Def, "SET NULL (") || strings.Contains(v.Def, "SET DEFAULT ("):
			return o.ID.String() + " sets single columns"
		}
		return ""
	}
	return o.ID.String() + " rests on it"
}

// readsSetting names what the conversion between two types depends on besides the value; the programs have settings of
// their own, so that a trigger would convert otherwise than the backfill.
func readsSetting(from, to string) string {
	a, b := baseType(from), baseType(to)
	zoned := func(t string) bool { return strings.HasSuffix(t, " with time zone") }
	moment := func(t string) bool { return strings.HasPrefix(t, "time") || t == "date" || t == "interval" }
	switch {
	case a == b:
		return ""
	case zoned(a) != zoned(b):
		return "time zone"
	case moment(a) != moment(b):
		return "DateStyle and the IntervalStyle"
	}
	for _, t := range []string{a, b} {
		switch t {
		case "money":
			return "lc_monetary"
		case "bytea":
			return "bytea_output"
		case "real", "double precision":
			if isString(a) || isString(b) {
				return "extra_float_digits"
			}
		}
	}
	return ""
}

// alwaysFits reports whether the server converts every value of one type to the other.
func alwaysFits(s *object.State, from *Column, to kind.Of[Column]) bool {
	if from.Type == to.V.Type {
		return true
	}
	if _, ok := domainOf(s, to); ok {
		return false
	}
	a, b := baseType(from.Type), baseType(to.V.Type)
	switch {
	case isString(b):
		cond, known := misfitString("x", from, to.V)
		return known && cond == "" && !from.IsEnum || from.IsEnum && !strings.Contains(to.V.Type, "(")
	case isNumber(a) && isNumber(b):
		cond, known := misfitNumber("x", from.Type, to.V.Type)
		return known && cond == ""
	case strings.HasPrefix(a, "timestamp") && strings.HasPrefix(b, "timestamp"):
		return !strings.HasSuffix(to.V.Type, "[]")
	}
	return sameBytes(from.Type, to.V.Type)
}

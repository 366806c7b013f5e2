package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// typesWithin lists the types of a state that values of the given one are parts of, at any depth, and itself.
func typesWithin(c *kind.Context, id object.ID) []object.ID {
	dependents := kind.Once(c, "dependents", func() func(object.ID) []*object.Object { return c.From.Dependents() })
	out := []object.ID{id}
	for i := 0; i < len(out); i++ {
		for _, o := range dependents(out[i]) {
			switch o.Value.(type) {
			case *Composite, *Domain, *Range:
				if !slices.Contains(out, o.ID) {
					out = append(out, o.ID)
				}
			}
		}
	}
	return out
}

// usedByColumns reports whether a column that stays holds values of the type, be it as parts of others.
func usedByColumns(c *kind.Context, id object.ID) bool {
	types := typesWithin(c, id)
	for _, o := range c.From.Kind("column") {
		if c.To.Has(o.ID) && slices.ContainsFunc(o.Needs, func(n object.ID) bool { return slices.Contains(types, n) }) {
			return true
		}
	}
	return false
}

// heldInParts reports whether a column that stays holds values of the domain within arrays, rows or ranges.
func heldInParts(c *kind.Context, id object.ID) bool {
	types := typesWithin(c, id)
	for _, o := range c.From.Kind("column") {
		if !c.To.Has(o.ID) || !slices.ContainsFunc(o.Needs, func(n object.ID) bool { return slices.Contains(types, n) }) {
			continue
		}
		if !isDomain(c.From, o.Value.(*Column).Type, id) {
			return true
		}
	}
	return false
}

// isDomain reports whether a type is the domain or one over it.
func isDomain(s *object.State, typ string, domain object.ID) bool {
	d, ok := typeNamed[Domain](s, "domain", typ)
	return ok && (d.ID == domain || isDomain(s, d.V.Type, domain))
}

// typeNamed finds the type of that kind which the server spells so.
func typeNamed[T any](s *object.State, kindName, typ string) (kind.Of[T], bool) {
	for _, o := range s.Kind(kindName) {
		if qualified(o.ID.Schema, o.ID.Name) == typ || names(typ, o.ID) {
			return kind.Get[T](s, o.ID)
		}
	}
	return kind.Of[T]{}, false
}

// carrying spells how a value moves from one version of its type to another.
type carrying struct {
	c     *kind.Context
	loses []string // attributes whose values are left behind
	ok    bool     // false where PostgreSQL has no way
	// matched means that the old versions of composite types have got the attributes of the new ones, in their order.
	matched bool
}

// value is the expression in the type to. Rows move attribute by attribute: as text they are only lists. All else moves
// as text.
func (y *carrying) value(expr, from, to string) string {
	old, isRow := typeNamed[Composite](y.c.From, "composite", from)
	anew, stays := typeNamed[Composite](y.c.To, "composite", to)
	if isRow && stays {
		return y.row(expr, old.V, anew.V) + "::" + to + " END"
	}
	if d, ok := typeNamed[Domain](y.c.From, "domain", from); ok {
		if e, ok := typeNamed[Domain](y.c.To, "domain", to); ok && y.isRow(d.V.Type) {
			return "(" + y.value(expr, d.V.Type, e.V.Type) + ")::" + to
		}
	}
	y.ok = y.ok && y.alike(from, to)
	return expr + "::text::" + to
}

func (y *carrying) isRow(typ string) bool {
	_, row := typeNamed[Composite](y.c.From, "composite", typ)
	d, domain := typeNamed[Domain](y.c.From, "domain", typ)
	return row || domain && y.isRow(d.V.Type)
}

func (y *carrying) row(expr string, from, to *Composite) string {
	values := make([]string, len(to.Fields))
	for i, f := range to.Fields {
		had := slices.IndexFunc(from.Fields, func(x Field) bool { return x.Name == f.Name })
		values[i] = "NULL"
		if had < 0 {
			continue
		}
		values[i] = "(" + expr + ")." + ident(f.Name)
		if from.Fields[had].Type != f.Type || y.isOurs(f.Type) {
			values[i] = y.value(values[i], from.Fields[had].Type, f.Type)
		}
	}
	y.loses = append(y.loses, droppedFields(from, to)...)
	return "CASE WHEN " + expr + "::text IS NOT NULL THEN ROW(" + strings.Join(values, ", ") + ")"
}

// isOurs reports whether the type is one that the plan may make anew.
func (y *carrying) isOurs(typ string) bool {
	typ = partType(typ)
	for _, k := range []string{"enum", "domain", "composite", "range"} {
		for _, o := range y.c.To.Kind(k) {
			if names(typ, o.ID) || k == "range" && names(typ, object.ID{Schema: o.ID.Schema, Name: o.Value.(*Range).Multirange}) {
				return true
			}
		}
	}
	return false
}

// alike reports whether the text form of a value means the same in both types: rows in it have the same attributes.
func (y *carrying) alike(from, to string) bool {
	from, to = partType(from), partType(to)
	if a, ok := typeNamed[Composite](y.c.From, "composite", from); ok {
		b, ok := typeNamed[Composite](y.c.To, "composite", to)
		return ok && (y.matched && a.ID == b.ID || slices.EqualFunc(a.V.Fields, b.V.Fields, func(f, g Field) bool { return f.Name == g.Name })) && y.fieldsAlike(a.V, b.V)
	}
	if a, ok := typeNamed[Domain](y.c.From, "domain", from); ok {
		b, ok := typeNamed[Domain](y.c.To, "domain", to)
		return !ok || y.alike(a.V.Type, b.V.Type)
	}
	if a, ok := typeNamed[Range](y.c.From, "range", from); ok {
		b, ok := typeNamed[Range](y.c.To, "range", to)
		return !ok || y.alike(a.V.Subtype, b.V.Subtype)
	}
	return true
}

func (y *carrying) fieldsAlike(from, to *Composite) bool {
	return !slices.ContainsFunc(from.Fields, func(f Field) bool {
		i := slices.IndexFunc(to.Fields, func(g Field) bool { return f.Name == g.Name })
		return i >= 0 && !y.alike(f.Type, to.Fields[i].Type)
	})
}

// partType is the type without its modifier, and of a list that of its elements.
func partType(typ string) string { return strings.TrimSuffix(baseType(typ), "[]") }

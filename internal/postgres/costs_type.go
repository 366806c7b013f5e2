package postgres

import (
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

// typeChange is the row of costs of ALTER COLUMN TYPE.
func typeChange(m *safety.Model, a safety.Action) string {
	t := m.Table(a.Table)
	c := t.Column(a.Name)
	if c == nil || !sameBytes(c.Type, a.Column.Type) || !plainUsing(a) || changesZone(c.Type, a.Column.Type) && m.Server.Settings["timezone"] != "utc" {
		if c != nil && referredTo(m, a) {
			return "change type of a key that is referred to"
		}
		return "change type"
	}
	if rebuildsIndexes(t, a, *c) {
		return "change type, same bytes and indexes"
	}
	if slices.ContainsFunc(t.Constraints, func(k safety.Constraint) bool {
		return k.Type == safety.Check && slices.Contains(k.Columns, a.Name) && !k.NotValid
	}) && c.Type != a.Column.Type {
		return "change type, same bytes and checks"
	}
	return "change type, same bytes"
}

// changesZone reports whether a change of type reads the values in the time zone of the session: the bytes stay only
// where that is UTC.
func changesZone(from, to string) bool {
	return strings.HasPrefix(from, "timestamp") && strings.HasPrefix(to, "timestamp") && strings.Contains(from, "with time") != strings.Contains(to, "with time")
}

// plainUsing reports whether USING leaves the values as they are: the column itself, or that cast to its new type.
func plainUsing(a safety.Action) bool {
	if a.Expr == "" {
		return true
	}
	r := readerOf(a.Expr)
	for r.Take("(") && len(r.Tokens) > 2 {
		r.Tokens = r.Tokens[:len(r.Tokens)-1]
	}
	if r.word() != a.Name {
		return false
	}
	if r.Take("::") {
		typ, _ := r.typeName()
		return typ == a.Column.Type && r.Done()
	}
	return r.Done()
}

func referredTo(m *safety.Model, a safety.Action) bool {
	for _, child := range m.Children(a.Table) {
		for _, k := range child.Constraints {
			if k.Type == safety.Foreign && m.Full(k.RefTable) == a.Table && (len(k.RefColumns) == 0 || slices.Contains(k.RefColumns, a.Name)) {
				return true
			}
		}
	}
	return false
}

// rebuildsIndexes reports whether a change that leaves the rows alone builds indexes anew: another collation, another
// order of the values, or an index with an expression or condition on the column.
func rebuildsIndexes(t *safety.Table, a safety.Action, from safety.Column) bool {
	if len(indexesOf(t, a.Name)) == 0 {
		return false
	}
	if a.Column.Collation != "" && !sameCollation(a.Column.Collation, from.Collation) {
		return true
	}
	if from.Type == a.Column.Type {
		return false
	}
	if family(from.Type) != family(a.Column.Type) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(i safety.Index) bool {
		return slices.Contains(columnsOf(i.Where), a.Name) || slices.ContainsFunc(i.Columns, func(e string) bool { return e[:1] == "(" && slices.Contains(columnsOf(e), a.Name) })
	})
}

func sameCollation(a, b string) bool {
	plain := func(s string) string {
		if s == "default" {
			return ""
		}
		return s
	}
	return plain(a) == plain(b)
}

// family groups types whose indexes serve each other.
func family(typ string) string {
	base, _ := splitType(typ)
	switch base {
	case "character varying", "text":
		return "text"
	case "cidr", "inet":
		return "inet"
	}
	return base
}

// splitType parts a type into its name and its modifiers.
func splitType(typ string) (base string, modifiers []int) {
	base, rest, found := strings.Cut(typ, "(")
	if !found {
		return typ, nil
	}
	inner, after, _ := strings.Cut(rest, ")")
	for _, m := range strings.Split(inner, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(m))
		if err != nil {
			return typ, nil
		}
		modifiers = append(modifiers, n)
	}
	return base + after, modifiers
}

// sameBytes reports whether the values of one type are stored alike in another, so that no row is written anew
// (PostgreSQL source, ATColumnChangeRequiresRewrite, and the support functions of the length coercions).
func sameBytes(from, to string) bool {
	if from == to {
		return true
	}
	f, fm := splitType(from)
	t, tm := splitType(to)
	if f == t {
		return widerModifier(f, fm, tm)
	}
	switch bare(f) + " " + bare(t) {
	case "character varying text", "text character varying", "citext text", "text citext", "citext character varying", "character varying citext":
		return len(tm) == 0
	case "cidr inet", "xml text", "xml character varying":
		return len(tm) == 0
	case "timestamp without time zone timestamp with time zone", "timestamp with time zone timestamp without time zone":
		return widerModifier(f, fm, tm) // where the session's time zone is UTC
	}
	return false
}

// bare is the name of a type without its schema, where an extension of a well-known name brought it.
func bare(typ string) string {
	if schema, name, found := strings.Cut(typ, "."); found && name == "citext" && schema != "" {
		return name
	}
	return typ
}

// widerModifier reports whether a modifier lets through all that the other did.
func widerModifier(base string, from, to []int) bool {
	if len(to) == 0 {
		return base != "character" && base != "bit"
	}
	if slices.Equal(from, to) {
		return true
	}
	switch base {
	case "character varying", "bit varying":
		return len(from) == 1 && to[0] >= from[0]
	case "numeric":
		return len(from) == 2 && len(to) == 2 && to[1] == from[1] && to[0] >= from[0]
	}
	if strings.HasPrefix(base, "time") || strings.HasPrefix(base, "interval") {
		return to[0] >= 6 || len(from) == 1 && to[0] >= from[0]
	}
	return false
}

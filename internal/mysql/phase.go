package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

var _ dialect.Phaser = Dialect{}

// Phased finds the columns that are renamed, or get a type for which the server copies the table while others only read.
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

// rests tells what rests on the objects of a state.
type rests struct {
	*object.State
	on, parts func(object.ID) []*object.Object
}

func restsOf(s *object.State) *rests { return &rests{s, s.Dependents(), s.Children()} }

// givesWay tells what is to be said of a column that is renamed or changed; ok is false for one whose direct change
// costs little.
func givesWay(current, desired *rests, from, to kind.Of[Column]) (p dialect.Phased, ok bool) {
	p = dialect.Phased{From: columnID(to.Parent, from.ID.Name), To: to.ID}
	renamed, retyped := p.From != p.To, retypes(current, from, to)
	switch {
	case renamed:
		p.Why = "it is renamed: programs that use the old name fail from that moment on, and those that use the new one did before"
	case retyped:
		p.Why = "it gets another type: the server copies the whole table, and keeps writers out meanwhile"
	default:
		return p, false
	}
	switch live := columnID(from.Parent, to.ID.Name); {
	case renamed && (from.V.Type != to.V.Type || from.V.Collation != to.V.Collation):
		p.Refused = "it is renamed and gets another type at once: make one change after the other"
	case renamed && strings.EqualFold(live.Name, from.ID.Name):
		p.Refused = "names of columns that differ in the size of letters only are one"
	case renamed && current.Has(live):
		p.Refused = "another column has the new name until then"
	case renamed && desired.Has(p.From):
		p.Refused = "another column gets the old name"
	case movesAlong(current, desired, from, to):
		p.Refused = "it moves to another place at once: make one change after the other"
	default:
		p.Refused = unphased(current, desired, from, to)
	}
	return p, true
}

// retypes reports whether the server copies the table for the new type of a column.
func retypes(s *rests, from, to kind.Of[Column]) bool {
	ch := from.V.retyping(to.V, func() bool {
		return slices.ContainsFunc(s.on(from.ID), func(o *object.Object) bool { return o.ID.Kind == "index" || o.ID.Kind == primaryKey })
	})
	newest := kind.Server{Flavor: either(to.V.MariaDB, "mariadb", "mysql"), Version: [3]int{99}}
	return ch != "" && strings.HasPrefix(wayOf(newest, ch, nil), "C")
}

// movesAlong reports whether the column is to be at another place among those that stay.
func movesAlong(current, desired *rests, from, to kind.Of[Column]) bool {
	have := slices.Clone(tableColumns(current.State, from.Parent))
	if i := slices.Index(have, from.ID.Name); i >= 0 {
		have[i] = to.ID.Name
	}
	return movedColumns(have, tableColumns(desired.State, to.Parent))[to.ID.Name]
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
		if reason := side.col.V.unphased(); reason != "" {
			return reason
		}
		if reason := unphasedRests(side.rests, side.col, from.ID.Name != to.ID.Name); reason != "" {
			return reason
		}
	}
	if from.ID.Name == to.ID.Name && !keepsValues(from.V, to.V) {
		return "values of " + from.V.Type + " may not fit " + strings.TrimSpace(to.V.Type+" "+charsetWords(from.V, to.V)) + ", or become others"
	}
	return ""
}

func unphasedTable(s *rests, id object.ID) string {
	t, ok := kind.Get[Table](s.State, id)
	switch {
	case !ok:
		return "it does not belong to a table"
	case !strings.EqualFold(t.V.Engine, "InnoDB"):
		return "the engine of its table is " + t.V.Engine + ", which knows no transactions: the batches could not be cut off"
	case t.V.Versioned || len(t.V.Periods) > 0:
		return "its table has system versioning or periods"
	}
	key := false
	for _, o := range s.parts(id) {
		switch o.ID.Kind {
		case "partitioning":
			return "its table is partitioned"
		case primaryKey:
			key = true
			if column, typ := pagelessPart(s.State, id, o.Value.(*Index)); column != "" {
				return "its rows are filled in pages of the primary key, of which " + column + " is " + typ
			}
		}
	}
	if !key {
		return "its table has no primary key, by which its rows could be filled in batches"
	}
	return ""
}

// unphased says what a column of its own has that no other one can take over.
func (c *Column) unphased() string {
	switch {
	case c.Generated != "":
		return "it is generated"
	case c.AutoIncrement:
		return "it is AUTO_INCREMENT, which only one column of a table can be"
	case c.OnUpdate != "":
		return "it is set ON UPDATE, which the triggers could not tell from what programs write"
	case c.Check != "":
		return "it has a check of its own"
	case c.SRID != "" || comparison(c.Type, "a", "b") == "":
		return "values of " + c.Type + " cannot be compared for certain"
	}
	return ""
}

// unphasedRests names what rests on a column and cannot be made on another one.
func unphasedRests(s *rests, col kind.Of[Column], renamed bool) string {
	for _, o := range s.on(col.ID) {
		if x, ok := o.Value.(*Index); ok && o.ID.Kind == "index" {
			if x.Type != "BTREE" {
				return o.ID.String() + " is " + x.Type
			}
			continue
		}
		return o.ID.String() + " rests on it"
	}
	for _, o := range s.parts(col.Parent) {
		if readsColumn(o, col.ID.Name) {
			return o.ID.String() + " reads it"
		}
		if t, ok := o.Value.(*Trigger); ok && renamed && mentions(t.Body, col.ID.Name) {
			return o.ID.String() + " names it"
		}
	}
	for _, o := range s.on(col.Parent) {
		if v, ok := o.Value.(*View); ok && renamed && mentions(v.Query, col.ID.Name) {
			return o.ID.String() + " names it"
		}
	}
	return ""
}

// readsColumn reports whether an expression of a table's part names the column.
func readsColumn(o *object.Object, name string) bool {
	switch v := o.Value.(type) {
	case *Column:
		return o.ID.Name != name && (reads(v.Generated, name) || reads(v.Default, name) || reads(v.Check, name))
	case *Check:
		return reads(v.Expr, name)
	case *Index:
		return slices.ContainsFunc(v.Parts, func(p IndexPart) bool { return reads(p.Expr, name) })
	}
	return false
}

// mentions reports whether a text has the name as a word; one that means something else counts, too.
func mentions(text, name string) bool {
	return regexp.MustCompile(`(?i)(?:^|[^\w$])` + regexp.QuoteMeta(name) + `(?:$|[^\w$])`).MatchString(text)
}

// keepsValues reports whether each value of one type is the same one in another.
func keepsValues(from, to *Column) bool {
	a, b := parseType(from.Type), parseType(to.Type)
	switch {
	case a.isWhole() && b.isWhole():
		return holdsAll(b, a)
	case a.isFraction() && b.isFraction():
		return holdsFractions(a, b)
	case a.isTime() && a.name == b.name:
		return b.arg(0, 0) >= a.arg(0, 0)
	case a.isText() && b.isText():
		return from.Charset != "" && to.Charset != "" && missingCharacters("x", from, to) == "" && holdsText(a, b, from.Charset == to.Charset)
	case a.isBinary() && b.isBinary():
		return a.name != "binary" && b.name != "binary" && a.bytes() <= b.bytes() // which fills up with zeros
	}
	return false
}

// holdsFractions reports whether a type of fractions holds all of another one as they are.
func holdsFractions(a, b columnType) bool {
	if a.signed && !b.signed {
		return false
	}
	if a.name == "decimal" && b.name == "decimal" {
		return misfitDecimal("x", a, b) == "" && b.arg(1, 0) >= a.arg(1, 0)
	}
	return a.name == "float" && b.name == "double" && len(a.args) == 0 && len(b.args) == 0
}

// holdsText reports whether a type of texts holds all of another one. A character takes four bytes at most.
func holdsText(a, b columnType, sameCharset bool) bool {
	counted := func(t columnType) bool { return t.name == "char" || t.name == "varchar" }
	switch {
	case counted(b):
		return counted(a) && a.bytes() <= b.bytes() && (b.name != "char" || a.name == "char") // blanks at the end
	case counted(a) || !sameCharset:
		return 4*a.bytes() <= b.bytes()
	}
	return a.bytes() <= b.bytes()
}

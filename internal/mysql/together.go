package mysql

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// joinNeeded makes one class of clauses that the server takes only together: the end of an index that something needs and
// what replaces it, and a generated column with columns that it reads and that come behind it.
func joinNeeded(c *kind.Context, table object.ID, clauses []*plan.Step) {
	for _, columns := range neededKeys(c, table) {
		joinReplacements(c, clauses, columns)
	}
	if readsBehind(c, clauses) {
		own := ownAttributes(clauses)
		join(clauses, func(s *plan.Step) bool { return s.ID.Kind == "column" || inBetween(own, s) })
	}
}

// ownAttributes is the clause that changes the table itself; nil: there is none.
func ownAttributes(clauses []*plan.Step) *plan.Step {
	for _, s := range clauses {
		if s.Op == plan.Alter && s.ID == ownerTable(s) {
			return s
		}
	}
	return nil
}

// inBetween reports whether a clause belongs to a statement in which parts of a table both go and come: what changes the table
// itself stands between the two, and so has to be in the statement, with all that was joined to it before.
func inBetween(own, s *plan.Step) bool {
	return own != nil && (s == own || own.Bound && s.Bound && s.Class == own.Class)
}

// neededKeys lists columns with which an index of the table must begin all the time: those on both sides of foreign keys that
// stay (errors 1553, 1025), and those of a counting column (error 1075).
func neededKeys(c *kind.Context, table object.ID) [][]string {
	var out [][]string
	for _, k := range foreignKeysOf(c, c.To, table) {
		if !c.From.Has(k.ID) || c.Goes(k.ID) {
			continue
		}
		if k.Parent == table {
			out = append(out, k.V.Columns)
		}
		if k.V.referenced(k.Parent) == table {
			out = append(out, k.V.RefColumns)
		}
	}
	for _, name := range tableColumns(c.To, table) {
		from, was := kind.Get[Column](c.From, columnID(table, name))
		to, is := kind.Get[Column](c.To, columnID(table, name))
		if was && is && from.V.AutoIncrement && to.V.AutoIncrement {
			out = append(out, []string{name})
		}
	}
	return out
}

// referenced is the table that a foreign key of another refers to.
func (f *ForeignKey) referenced(table object.ID) object.ID {
	return tableID(cmp.Or(f.RefSchema, table.Schema), f.RefTable)
}

// foreignKeysOf lists the foreign keys of a table and those that refer to it.
func foreignKeysOf(c *kind.Context, s *object.State, table object.ID) []kind.Of[ForeignKey] {
	name := either(s == c.From, "mysql foreign keys from", "mysql foreign keys to")
	all := kind.Once(c, name, func() map[object.ID][]kind.Of[ForeignKey] {
		out := map[object.ID][]kind.Of[ForeignKey]{}
		for _, o := range s.Kind(foreignKey) {
			v, ok := o.Value.(*ForeignKey)
			if !ok {
				continue
			}
			k := kind.Of[ForeignKey]{Object: o, V: v}
			out[o.Parent] = append(out[o.Parent], k)
			if ref := v.referenced(o.Parent); ref != o.Parent {
				out[ref] = append(out[ref], k)
			}
		}
		return out
	})
	return all[table]
}

// joinReplacements joins the clauses on indexes that begin with the columns, if one goes and none of them stays.
func joinReplacements(c *kind.Context, clauses []*plan.Step, columns []string) {
	if len(clauses) == 0 {
		return
	}
	table := tableID(clauses[0].ID.Schema, clauses[0].ID.Table)
	for _, o := range indexesOf(c, c.From, table) {
		if c.To.Has(o.ID) && !c.Goes(o.ID) && o.Value.(*Index).startsWith(columns) {
			return
		}
	}
	serves := func(s *plan.Step) bool {
		state := either(s.Op == plan.Drop, c.From, c.To)
		x, ok := kind.Get[Index](state, s.ID)
		return ok && x.V.startsWith(columns)
	}
	if slices.ContainsFunc(clauses, func(s *plan.Step) bool { return s.Op == plan.Drop && serves(s) }) {
		r := restsOn(c, clauses, serves)
		own := ownAttributes(clauses)
		class := join(clauses, func(s *plan.Step) bool {
			return serves(s) || s.Op == plan.Alter && r.before[s.ID] && r.after[s.ID] || inBetween(own, s)
		})
		partColumns(c, clauses, class)
	}
}

// partColumns lets columns go in a statement of their own where the clauses of a class stand between them and columns that
// come.
func partColumns(c *kind.Context, clauses []*plan.Step, class string) {
	r := restsOn(c, clauses, func(s *plan.Step) bool { return s.Class == class })
	r.part(clauses)
}

// resting are the columns that clauses on keys rest on, before and after.
type resting struct{ before, after map[object.ID]bool }

func restsOn(c *kind.Context, clauses []*plan.Step, which func(*plan.Step) bool) resting {
	r := resting{map[object.ID]bool{}, map[object.ID]bool{}}
	for _, s := range clauses {
		if !which(s) {
			continue
		}
		state, into := either(s.Op == plan.Drop, c.From, c.To), either(s.Op == plan.Drop, r.before, r.after)
		for _, id := range state.Get(s.ID).Needs {
			into[id] = true
		}
	}
	return r
}

// part lets columns go in a statement of their own where the clauses between need columns that come with them otherwise.
func (r resting) part(clauses []*plan.Step) {
	comes := slices.ContainsFunc(clauses, func(s *plan.Step) bool { return s.Op == plan.Create && r.after[s.ID] })
	for _, s := range clauses {
		if comes && s.Op == plan.Drop && r.before[s.ID] && s.Class != classPass {
			s.Class += ", at last"
		}
	}
}

// readsBehind reports whether a generated column reads one behind it, and both get clauses.
func readsBehind(c *kind.Context, clauses []*plan.Step) bool {
	places := map[object.ID]int{}
	for _, s := range clauses {
		if col, ok := kind.Get[Column](c.To, s.ID); ok && s.Op != plan.Drop {
			places[s.ID] = col.V.Position
		}
	}
	for id, place := range places {
		for _, need := range c.To.Get(id).Needs {
			if places[need] > place {
				return true
			}
		}
	}
	return false
}

// join gives some clauses the class of the costliest of them.
func join(clauses []*plan.Step, which func(*plan.Step) bool) string {
	order := []string{classInstant, classVirtual, classUnhide, classHidden, classOnline, classShared, classRefers, classPass}
	class, virtual := "", false
	var joined []*plan.Step
	for _, s := range clauses {
		if which(s) {
			joined = append(joined, s)
			virtual = virtual || s.Class == classVirtual
			class = either(class == "" || slices.Index(order, s.Class) > slices.Index(order, class), s.Class, class)
		}
	}
	mixed := slices.ContainsFunc(joined, func(s *plan.Step) bool { return s.Class != class })
	if mixed && virtual { // copied beside others: error 1846
		class = classPass
	}
	for _, s := range joined {
		if s.Bound = true; mixed && virtual {
			s.Runs = s.Runs.Join(runsAs("C"))
		}
		s.Class = class
	}
	return class
}

// counts reports whether a clause is about a column that counts, before or after, which must have its key all the time (error 1075).
func counts(c *kind.Context, s *plan.Step) bool {
	from, was := kind.Get[Column](c.From, s.ID)
	to, is := kind.Get[Column](c.To, s.ID)
	return was && from.V.AutoIncrement || is && to.V.AutoIncrement
}

// joinPartitioning lets the new partitions of a table share the statement that changes its keys: each unique key must have all
// columns that the table is partitioned by, before and after (error 1503).
func joinPartitioning(c *kind.Context, part *plan.Step, clauses []*plan.Step) {
	unique := func(s *plan.Step) bool {
		state := either(s.Op == plan.Drop, c.From, c.To)
		x, ok := kind.Get[Index](state, s.ID)
		return ok && x.V.Unique
	}
	head := alterHead(tableID(part.ID.Schema, part.ID.Table))
	clause, again := strings.CutPrefix(part.SQL, head+"PARTITION BY ")
	if !again || !slices.ContainsFunc(clauses, unique) {
		return
	}
	part.Prefix, part.Tail = head, "PARTITION BY "+clause
	if len(part.Reverse) == 1 {
		part.TailReverse, _ = strings.CutPrefix(part.Reverse[0], head)
	}
	part.Into = plan.Ref{Op: plan.Alter, ID: tableID(part.ID.Schema, part.ID.Table)}
	part.Class = classPass
	own := ownAttributes(clauses)
	for _, s := range clauses {
		if unique(s) || inBetween(own, s) || counts(c, s) {
			s.Class = classPass
		}
	}
	r := restsOn(c, clauses, func(s *plan.Step) bool { return s.Class == classPass })
	for _, id := range c.From.Get(part.ID).Needs {
		r.before[id] = true
	}
	r.part(clauses)
}

// keeps are the clauses that keep indexes which the server would take for its own. One that it once made for a foreign key it
// drops without a word when another key comes that can serve in its place, and no catalog tells which those are; an index that
// is dropped and made again in one statement is nobody's but the user's, and costs nothing (sql_table.cc, prepare_key).
func keeps(c *kind.Context, of *object.Object, columns []string) (clauses string, kept []object.ID) {
	if !c.From.Has(of.Parent) {
		return "", nil
	}
	for _, o := range indexesOf(c, c.To, of.Parent) {
		x := o.Value.(*Index)
		if !c.From.Has(o.ID) || c.Goes(o.ID) || !x.swallowed(columns) || !mayBeImplicit(c, o, x) || firstSwallower(c, o, x) != of.ID {
			continue
		}
		clauses += "DROP INDEX " + ident(o.ID.Name) + ", ADD INDEX " + ident(o.ID.Name) + " (" + idents(x.columns()) + "), "
		kept = append(kept, o.ID)
	}
	return clauses, kept
}

// swallowed reports whether a new key of these columns can serve in the place of the index.
func (x *Index) swallowed(columns []string) bool {
	own := x.columns()
	return x.isPlain() && len(own) <= len(columns) && slices.EqualFunc(own, columns[:len(own)], strings.EqualFold)
}

// isPlain reports whether the index is one such as the server makes for a foreign key.
func (x *Index) isPlain() bool {
	if x.Unique || x.Type != "BTREE" || x.Comment != "" || x.Invisible || x.BlockSize+x.Unheeded+x.Using != "" ||
		x.EngineAttribute+x.SecondaryAttribute != "" {
		return false
	}
	return !slices.ContainsFunc(x.Parts, func(p IndexPart) bool { return p.Column == "" || p.Prefix > 0 || p.Desc })
}

// columns are the columns of an index, whole ones only: those before the first of another sort.
func (x *Index) columns() []string {
	var out []string
	for _, p := range x.Parts {
		if p.Column == "" || p.Prefix > 0 {
			break
		}
		out = append(out, p.Column)
	}
	return out
}

// mayBeImplicit reports whether the server may have made the index: it serves a foreign key, or has a name that the server
// gives and may be left over from one.
func mayBeImplicit(c *kind.Context, o *object.Object, x *Index) bool {
	for _, k := range foreignKeysOf(c, c.From, o.Parent) {
		if k.Parent == o.Parent && x.startsWith(k.V.Columns) {
			return true
		}
	}
	number, ok := strings.CutPrefix(o.ID.Name, x.Parts[0].Column)
	return ok && (number == "" || strings.HasPrefix(number, "_") && strings.Trim(number[1:], "0123456789") == "")
}

// firstSwallower is the first new key in whose favour the server would drop the index, which is to keep it.
func firstSwallower(c *kind.Context, o *object.Object, x *Index) (first object.ID) {
	consider := func(id object.ID, columns []string) {
		if (!c.From.Has(id) || c.Goes(id)) && x.swallowed(columns) && (first.IsZero() || object.Compare(id, first) < 0) {
			first = id
		}
	}
	for _, other := range indexesOf(c, c.To, o.Parent) {
		consider(other.ID, other.Value.(*Index).columns())
	}
	for _, k := range foreignKeysOf(c, c.To, o.Parent) {
		if k.Parent == o.Parent && !c.To.Has(indexID(o.Parent, k.ID.Name)) { // the server gives its index the key's name
			consider(k.ID, k.V.Columns)
		}
	}
	return first
}

// keeping adds the clauses that keep indexes to a step that makes a key.
func keeping(c *kind.Context, step *plan.Step, of *object.Object, columns []string) {
	clauses, kept := keeps(c, of, columns)
	if clauses == "" || step.Prefix == "" {
		return
	}
	step.Clause = clauses + step.Clause
	step.SQL = step.Prefix + step.Clause
	step.Makes = append(step.Makes, kept...)
}

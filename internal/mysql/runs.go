package mysql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// way is one of the ways in which a server runs an ALTER TABLE.
type way struct {
	code            string
	algorithm, lock string
	rebuild         bool
	cost, hold      int
}

// ways are the ways, the cheapest first.
func ways() []way {
	return []way{
		{"I", "INSTANT", "NONE", false, 0, 0},
		{"N", "INPLACE", "NONE", false, 1, 0},
		{"S", "INPLACE", "SHARED", false, 1, 1},
		{"Nr", "INPLACE", "NONE", true, 1, 0},
		{"Sr", "INPLACE", "SHARED", true, 1, 1},
		{"C", "COPY", "SHARED", true, 2, 1},
	}
}

// rank is the place of a code among the ways.
func rank(code string) int {
	for i, w := range ways() {
		if w.code == strings.TrimSuffix(code, "?") {
			return i
		}
	}
	return len(ways()) - 1
}

// wayOf finds how a server runs a change of a table with these traits: the costliest of the rows that apply. The code is
// empty when the table of facts says nothing of the change.
func wayOf(s kind.Server, ch change, traits []trait) (code string) {
	for _, f := range facts() {
		if f.change != ch || f.trait != anyTable && !hasTrait(traits, f.trait) {
			continue
		}
		if c := f.code(s); c != "" && (code == "" || rank(c) > rank(code)) {
			code = c
		}
	}
	return code
}

func hasTrait(traits []trait, t trait) bool {
	for _, have := range traits {
		if have == t {
			return true
		}
	}
	return false
}

// code is the newest way that the server knows.
func (f fact) code(s kind.Server) string {
	cell := f.mysql
	if s.Flavor == "mariadb" {
		cell = f.mariadb
	}
	for _, entry := range strings.Split(cell, ", ") {
		code, since, _ := strings.Cut(entry, " ")
		if code != "-" && s.AtLeast(versionNumbers(since)) {
			return code
		}
	}
	return ""
}

// versionNumbers reads a version such as 8.0.29-log; what is missing is zero.
func versionNumbers(s string) (out [3]int) {
	for i, part := range strings.SplitN(s, ".", 3) {
		digits := part
		if end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			digits = part[:end]
		}
		out[i], _ = strconv.Atoi(digits)
	}
	return out
}

// runs is how the server carries out a statement with these changes of a table; nil when it is not known, which it is
// not for servers that only speak MySQL's language.
func runs(c *kind.Context, table object.ID, changes ...change) *plan.Runs {
	s := c.Policy.Server
	if s.Flavor == "" || s.Variant != "" || !c.From.Has(table) {
		return nil
	}
	if !isInnoDB(c, table) && !slices.Contains(changes, changeEngine) {
		return otherEngineRuns(changes)
	}
	worst := worstWay(s, traitsOf(c, table), changes)
	switch worst {
	case unknownWay:
		return unknownRuns()
	case "":
		return nil
	}
	r := runsAs(worst)
	if r.Rebuild && r.Algorithm == "INPLACE" && s.Flavor == "mariadb" && !slices.Contains(changes, addFulltext) && hasTexts(c, table) {
		return runsAs("C") // a rebuild would make more than one at a time: error 1846
	}
	return r
}

// hasTexts reports whether a table has several FULLTEXT indexes, before or after.
func hasTexts(c *kind.Context, table object.ID) bool {
	several := func(s *object.State) bool {
		count := 0
		for _, o := range indexesOf(c, s, table) {
			if o.Value.(*Index).Type == "FULLTEXT" {
				count++
			}
		}
		return count > 1
	}
	return several(c.From) || several(c.To)
}

// unknownWay is the code for what was never measured.
const unknownWay = "unknown"

// worstWay is the code of how a server makes several changes at once of a table with these traits: the costliest of
// theirs. It is empty where there is no change.
func worstWay(s kind.Server, traits []trait, changes []change) (worst string) {
	for _, ch := range changes {
		code := wayOf(s, ch, traits)
		if code == "" {
			return unknownWay
		}
		if worst == "" || rank(code) > rank(worst) {
			worst = code
		}
	}
	return worst
}

// runsAs spells a code out.
func runsAs(code string) *plan.Runs {
	w := ways()[rank(code)]
	return &plan.Runs{
		Algorithm: w.algorithm, Lock: w.lock, Rebuild: w.rebuild, Cost: w.cost, Hold: w.hold,
		Silent: strings.HasSuffix(code, "?"),
	}
}

// unknownRuns is said of what was never measured: it is no worse than a copy.
func unknownRuns() *plan.Runs {
	r := runsAs("C?")
	r.Note = "at worst: how the server runs it is not known"
	return r
}

// otherEngineRuns: engines without online DDL copy the table for all but what stands in the dictionary only.
func otherEngineRuns(changes []change) *plan.Runs {
	for _, ch := range changes {
		if ch != columnDetail && ch != tableDetail && ch != appendMember {
			return runsAs("C?")
		}
	}
	return runsAs("I?")
}

func isInnoDB(c *kind.Context, table object.ID) bool {
	for _, s := range []*object.State{c.From, c.To} {
		if t, ok := kind.Get[Table](s, table); ok && !strings.EqualFold(t.V.Engine, "InnoDB") {
			return false
		}
	}
	return true
}

// traitsOf tells what makes a table costly to alter. A FULLTEXT index counts from when it comes, as it may come first,
// and after it is gone, as its hidden column stays.
func traitsOf(c *kind.Context, table object.ID) []trait {
	all := kind.Once(c, "mysql traits", func() map[object.ID][]trait {
		out := map[object.ID][]trait{}
		for _, s := range []*object.State{c.From, c.To} {
			for _, o := range s.All() {
				for _, t := range traits(s, o) {
					at := o.ID
					if !o.Parent.IsZero() {
						at = o.Parent
					}
					if (s == c.From || t == hasFulltext || t == hasVector) && !hasTrait(out[at], t) {
						out[at] = append(out[at], t)
					}
				}
			}
		}
		return out
	})
	return all[table]
}

// traits are those that an object gives its table.
func traits(s *object.State, o *object.Object) []trait {
	switch v := o.Value.(type) {
	case *Table:
		for _, option := range v.Options {
			if strings.EqualFold(option, "ROW_FORMAT=COMPRESSED") || strings.HasPrefix(option, "KEY_BLOCK_SIZE=") {
				return []trait{isCompressed}
			}
		}
	case *Column:
		switch {
		case v.Generated != "" && v.Stored:
			return []trait{hasStored}
		case v.isVirtual():
			return []trait{hasVirtual}
		}
	case *Index:
		switch v.Type {
		case "FULLTEXT":
			return []trait{hasFulltext}
		case "VECTOR":
			return []trait{hasVector}
		}
		for _, p := range v.Parts {
			if p.Expr != "" {
				return []trait{hasFunctional}
			}
			if c, ok := kind.Get[Column](s, columnID(o.Parent, p.Column)); ok && c.V.isVirtual() {
				return []trait{hasVirtualKey}
			}
		}
	case *Partitioning:
		return []trait{isPartitioned}
	}
	return nil
}

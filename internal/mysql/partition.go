package mysql

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Partitioning is how a table is cut into partitions.
type Partitioning struct {
	By         string      `json:"by"`              // RANGE (…), LIST COLUMNS(…), HASH (…), …, with SUBPARTITION BY
	Count      int         `json:"count,omitempty"` // of partitions without names
	Partitions []Partition `json:"partitions,omitempty"`
	Keys       []object.ID `json:"keys,omitempty" diff:"-"` // unique keys, which must hold the columns
}

// Partition is a named partition. Def is what follows the name, without the engine, which is the table's.
type Partition struct {
	Name string `json:"name"`
	Def  string `json:"def,omitempty"`
}

// partitioning is the kind of how tables are cut into partitions.
const partitioning = "partitioning"

func partitioningKind() objectKind {
	return objectKind{
		hcl: partitioningHCL(),
		Kind: kind.Define(kind.Def[Partitioning]{
			Name: partitioning, Weight: weightPartition,
			Create: createPartitioning, Alter: alterPartitioning, Drop: dropPartitioning,
		}),
		queries: func(s server, in within) []catalog.Query {
			if s.mariadb {
				return nil // CREATE_OPTIONS tells
			}
			return []catalog.Query{{Name: keyPartitions, SQL: `
SELECT DISTINCT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.PARTITIONS
WHERE PARTITION_METHOD LIKE '%KEY' AND PARTITION_EXPRESSION IS NULL AND ` + in("TABLE_SCHEMA") + ` ORDER BY 1, 2`}}
		},
		build: buildPartitioning,
	}
}

// keyPartitions are the tables that are partitioned by KEY (), without naming columns: MySQL leaves "partitioned" out
// of their CREATE_OPTIONS.
const keyPartitions = "key_partitions"

// partitionedTables reports whether the table of a row is partitioned.
func partitionedTables(c *catalog.Catalog) func(r catalog.Row) bool {
	byKey := map[[2]string]bool{}
	_ = c.Tables[keyPartitions].Each(func(r catalog.Row) error {
		byKey[[2]string{r.Str("db"), r.Str("name")}] = true
		return nil
	})
	return func(r catalog.Row) bool {
		return strings.Contains(r.Str("options"), "partitioned") || byKey[[2]string{r.Str("db"), r.Str("name")}]
	}
}

func buildPartitioning(b *builder) error {
	partitioned := partitionedTables(b.catalog)
	return b.rows("tables", func(r catalog.Row) error {
		if !partitioned(r) {
			return nil
		}
		t, ok := b.tableAt(r, "db", "name")
		if !ok {
			return nil
		}
		p := parsePartitioning(b.definition("table", t.ID))
		if p == nil {
			b.unreadable("partitioning", t.ID, "the partitions cannot be read")
			return nil
		}
		o := &object.Object{
			ID:    object.ID{Kind: partitioning, Schema: t.ID.Schema, Table: t.ID.Name, Name: "partitions"},
			Value: p, Parent: t.ID,
		}
		for _, name := range word.FindAllString(p.By, -1) {
			if t.columns[name] != nil {
				o.Needs = append(o.Needs, columnID(t.ID, name))
			}
		}
		for _, x := range t.indexes {
			if x.Value.(*Index).Unique {
				p.Keys = append(p.Keys, x.ID)
			}
		}
		return b.add(o)
	})
}

var (
	word            = regexp.MustCompile(`[^\s(),` + "`" + `]+`)
	partitionClause = regexp.MustCompile(`(?s)\n(?:/\*!\d+)? PARTITION BY (.*?)(?: \*/)?$`)
	olderWords      = regexp.MustCompile(` \*/ /\*!\d+ `) // around words that not all servers know, such as ALGORITHM
	partitionCount  = regexp.MustCompile(`(?m)^PARTITIONS (\d+)$`)
	partitionEngine = regexp.MustCompile(` ENGINE = \w+`)
	partitionName   = regexp.MustCompile("(?s)^PARTITION (`(?:[^`]|``)*`|[^ ,)]+)(.*)$")
)

// parsePartitioning reads the end of SHOW CREATE TABLE: the methods on lines of their own, then the partitions.
func parsePartitioning(text string) *Partitioning {
	m := partitionClause.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	head, list, _ := strings.Cut(olderWords.ReplaceAllString(m[1], " "), "\n(")
	p := &Partitioning{}
	if c := partitionCount.FindStringSubmatch(head); c != nil {
		p.Count, _ = strconv.Atoi(c[1])
		head = strings.TrimRight(strings.Replace(head, c[0], "", 1), "\n")
	}
	p.By = strings.Join(strings.Fields(head), " ")
	for _, def := range splitTop(strings.TrimSuffix(list, ")")) {
		d := partitionName.FindStringSubmatch(strings.TrimSpace(def))
		if d == nil {
			return nil
		}
		name := strings.ReplaceAll(strings.Trim(d[1], "`"), "``", "`")
		p.Partitions = append(p.Partitions, Partition{Name: name, Def: strings.TrimSpace(partitionEngine.ReplaceAllString(d[2], ""))})
	}
	return p
}

// splitTop cuts a list at the commas outside parentheses, strings and quoted names.
func splitTop(s string) []string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(s); i = tokenEnd(s, i) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[start:i])
				start = i + 1
			}
		}
	}
	return append(out, s[start:])
}

func (p Partition) sql() string { return strings.TrimSpace("PARTITION " + ident(p.Name) + " " + p.Def) }

func partitionList(parts []Partition) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.sql()
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func partitionNames(parts []Partition) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.Name
	}
	return idents(out)
}

// sql is the PARTITION BY clause.
func (p *Partitioning) sql() string {
	by, sub, has := strings.Cut(p.By, " SUBPARTITION BY ")
	out := "PARTITION BY " + by
	if p.Count > 0 {
		out += " PARTITIONS " + strconv.Itoa(p.Count)
	}
	if has {
		out += " SUBPARTITION BY " + sub
	}
	if len(p.Partitions) > 0 {
		out += " " + partitionList(p.Partitions)
	}
	return out
}

// partitionStep stands alone: the server takes no other clause beside one on partitions (MySQL manual, "ALTER TABLE
// Partition Operations").
func partitionStep(table object.ID, clause, reverse, comment string) plan.Step {
	s := plan.Step{SQL: alterHead(table) + clause, Comment: comment}
	if reverse != "" {
		s.Reverse = []string{alterHead(table) + reverse}
	}
	return s
}

func createPartitioning(c *kind.Context, p kind.Of[Partitioning]) ([]plan.Step, error) {
	step := partitionStep(p.Parent, p.V.sql(), "REMOVE PARTITIONING", "partition table "+p.Parent.Path())
	step.Runs = runs(c, p.Parent, partitionBy)
	step.Needs = p.V.Keys
	if !c.From.Has(p.Parent) {
		step.Into = plan.Ref{Op: plan.Create, ID: p.Parent}
	}
	return []plan.Step{step}, nil
}

func dropPartitioning(c *kind.Context, p kind.Of[Partitioning]) ([]plan.Step, error) {
	step := partitionStep(p.Parent, "REMOVE PARTITIONING", p.V.sql(), "remove the partitions of table "+p.Parent.Path())
	step.Releases = p.V.Keys
	step.Runs = runs(c, p.Parent, removePartitions)
	return []plan.Step{step}, nil
}

func alterPartitioning(c *kind.Context, from, to kind.Of[Partitioning], a *kind.Attrs) (plan.Edit, error) {
	a.Take("by", "count", "partitions")
	steps := partitionSteps(to.Parent, from.V, to.V)
	for i := range steps {
		steps[i].Needs = to.V.Keys
		steps[i].Runs = runs(c, to.Parent, partitionChange(to.Parent, steps[i].SQL))
	}
	return plan.InPlace(steps...), nil
}

// partitionChange tells the operations on partitions apart.
func partitionChange(table object.ID, sql string) change {
	clause := strings.TrimPrefix(sql, alterHead(table))
	for _, op := range []struct {
		start  string
		change change
	}{
		{"ADD PARTITION (", addPartition}, {"DROP PARTITION ", dropPartition}, {"REORGANIZE PARTITION ", reorganizePartition},
		{"PARTITION BY ", partitionBy},
	} {
		if strings.HasPrefix(clause, op.start) {
			return op.change
		}
	}
	return movePartitions
}

// partitionSteps finds the smallest operation that leads to the wanted partitions.
func partitionSteps(table object.ID, from, to *Partitioning) []plan.Step {
	comment := "change the partitions of table " + table.Path()
	again := []plan.Step{partitionStep(table, to.sql(), from.sql(), "partition table "+table.Path()+" anew")}
	if from.By != to.By {
		return again
	}
	if n := to.Count - from.Count; len(from.Partitions)+len(to.Partitions) == 0 && from.Count > 0 {
		add, coalesce := "ADD PARTITION PARTITIONS ", "COALESCE PARTITION "
		if n > 0 {
			return []plan.Step{partitionStep(table, add+strconv.Itoa(n), coalesce+strconv.Itoa(n), comment)}
		}
		return []plan.Step{partitionStep(table, coalesce+strconv.Itoa(-n), add+strconv.Itoa(-n), comment)}
	}
	if !strings.HasPrefix(to.By, "RANGE") && !strings.HasPrefix(to.By, "LIST") {
		return again
	}
	return namedPartitionSteps(table, from, to, again)
}

// namedPartitionSteps changes partitions of RANGE and LIST. again is the way out: to cut the table anew.
func namedPartitionSteps(table object.ID, from, to *Partitioning, again []plan.Step) []plan.Step {
	comment := "change the partitions of table " + table.Path()
	_, kept := split(from.Partitions, to.Partitions)
	_, keptTo := split(to.Partitions, from.Partitions)
	if len(kept) == 0 || !slices.EqualFunc(kept, keptTo, func(a, b Partition) bool { return a.Name == b.Name }) {
		return again
	}
	if !slices.Equal(kept, keptTo) {
		before, after := between(from.Partitions, to.Partitions)
		last := func(p []Partition) Partition { return p[len(p)-1] }
		sameEnd := len(before) > 0 && len(after) > 0 && last(before).values() == last(after).values()
		grows := len(before) > 0 && len(after) > 0 && last(before) == last(from.Partitions) && !strings.Contains(last(before).Def, "MAXVALUE")
		if !sameEnd && !grows && !strings.HasPrefix(to.By, "LIST") {
			return again
		}
		step := reorganise(table, before, after, comment)
		step.Loses = lostValues(table, before, after)
		return []plan.Step{step}
	}
	var steps []plan.Step
	for _, g := range gaps(from.Partitions, to.Partitions) {
		more, ok := g.steps(table, strings.HasPrefix(to.By, "RANGE"), comment)
		if !ok {
			return again
		}
		steps = append(steps, more...)
	}
	return steps
}

// gap is what changes between two partitions that stay: those that go, and those that come in their place.
type gap struct {
	gone, added []Partition
	first       bool        // no partition that stays is before it
	next        []Partition // the one after it, or none
}

// gaps cuts two lists at the partitions that both have, in the same order.
func gaps(from, to []Partition) []gap {
	out, g := []gap{}, gap{first: true}
	_, kept := split(from, to)
	for _, k := range append(kept, Partition{}) {
		at := func(p Partition) bool { return k.Name != "" && p.Name == k.Name }
		i, j := slices.IndexFunc(from, at), slices.IndexFunc(to, at)
		if i < 0 {
			i, j = len(from), len(to)
		} else {
			g.next = to[j : j+1]
		}
		if g.gone, g.added = from[:i], to[:j]; i+j > 0 {
			out = append(out, g)
		}
		from, to, g = from[min(i+1, len(from)):], to[min(j+1, len(to)):], gap{}
	}
	return out
}

// steps keep the rows where the wanted partitions have a place for them. Only ranges that go from the beginning, as they
// do when old rows have had their time, and values that nothing lists any more take theirs with them. ok is false when the
// table must be cut anew.
func (g gap) steps(table object.ID, ranges bool, comment string) (_ []plan.Step, ok bool) {
	drop := func() []plan.Step {
		step := partitionStep(table, "DROP PARTITION "+partitionNames(g.gone), "", comment)
		step.Loses = "the rows in partition " + strings.ReplaceAll(partitionNames(g.gone), "`", "") + " of table " + table.Path()
		return []plan.Step{step}
	}
	switch joined := func(p []Partition) []Partition { return slices.Concat(p, g.next) }; {
	case len(g.gone) == 0 && len(g.next) == 0:
		return []plan.Step{partitionStep(table, "ADD PARTITION "+partitionList(g.added), "", comment)}, true
	case len(g.gone) == 0: // before one that stays: ranges are cut from it, and a list keeps its order
		return []plan.Step{reorganise(table, g.next, joined(g.added), comment)}, true
	case len(g.added) == 0 && (!ranges || g.first || len(g.next) == 0):
		return drop(), true
	case len(g.added) > 0 && ranges && g.gone[len(g.gone)-1].values() == g.added[len(g.added)-1].values():
		return []plan.Step{reorganise(table, g.gone, g.added, comment)}, true
	case ranges:
		return []plan.Step{reorganise(table, joined(g.gone), joined(g.added), comment)}, len(g.next) > 0
	}
	step := reorganise(table, g.gone, g.added, comment)
	step.Loses = lostValues(table, g.gone, g.added)
	_, all := listed(slices.Concat(g.gone, g.added))
	return []plan.Step{step}, all
}

func reorganise(table object.ID, before, after []Partition, comment string) plan.Step {
	clause := func(from, to []Partition) string {
		return "REORGANIZE PARTITION " + partitionNames(from) + " INTO " + partitionList(to)
	}
	return partitionStep(table, clause(before, after), clause(after, before), comment)
}

// listed are the values of the partitions of a LIST, NULL in capitals; ok is false when one of them takes the rest.
func listed(parts []Partition) (out []string, ok bool) {
	for _, p := range parts {
		list, ok := strings.CutPrefix(p.values(), "VALUES IN (")
		if !ok {
			return nil, false
		}
		for _, v := range splitTop(strings.TrimSuffix(list, ")")) {
			if v = strings.TrimSpace(v); strings.EqualFold(v, "NULL") {
				v = "NULL"
			}
			out = append(out, v)
		}
	}
	return out, true
}

// lostValues says what goes when partitions are cut anew without values that they had: the server drops their rows without
// a word, in strict mode too.
func lostValues(table object.ID, before, after []Partition) string {
	had, was := listed(before)
	has, is := listed(after)
	gone := slices.DeleteFunc(had, func(v string) bool { return slices.Contains(has, v) })
	if !was || !is || len(gone) == 0 {
		return ""
	}
	return "the rows of table " + table.Path() + " for " + strings.Join(gone, ", ") + ", which no partition lists any more"
}

// values is the part of the definition that says which rows are in the partition.
func (p Partition) values() string {
	end := strings.LastIndexByte(p.Def, ')')
	if i := strings.Index(p.Def, " COMMENT"); i >= 0 {
		end = i - 1
	}
	return p.Def[:end+1]
}

// split cuts a list of partitions into those whose names the other one lacks and those that stay.
func split(list, other []Partition) (gone, kept []Partition) {
	for _, p := range list {
		if slices.ContainsFunc(other, func(o Partition) bool { return o.Name == p.Name }) {
			kept = append(kept, p)
		} else {
			gone = append(gone, p)
		}
	}
	return gone, kept
}

// between is what lies between the partitions at both ends that are equal.
func between(from, to []Partition) (before, after []Partition) {
	head, tail := 0, 0
	for head < len(from) && head < len(to) && from[head] == to[head] {
		head++
	}
	for tail < len(from)-head && tail < len(to)-head && from[len(from)-1-tail] == to[len(to)-1-tail] {
		tail++
	}
	return from[head : len(from)-tail], to[head : len(to)-tail]
}

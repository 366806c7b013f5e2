package postgres

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Index is an index that no constraint owns. Its definition is compared as the server spells it; the structured
// fields serve Atlas and HCL.
type Index struct {
	Def       string `json:"def"` // as pg_get_indexdef spells it
	Invalid   bool   `json:"invalid,omitempty"`
	Clustered bool   `json:"clustered,omitempty"`
	// Apart is set while a plan is made: it would become a part of one above that is made.
	Apart bool `json:"apart,omitempty"`

	Unique           bool        `json:"unique,omitempty" diff:"-"`
	Method           string      `json:"method,omitempty" diff:"-"`
	Parts            []IndexPart `json:"parts,omitempty" diff:"-"`
	Include          []string    `json:"include,omitempty" diff:"-"`
	Where            string      `json:"where,omitempty" diff:"-"`
	NullsNotDistinct bool        `json:"nulls_not_distinct,omitempty" diff:"-"`
	Options          []string    `json:"options,omitempty" diff:"-"`
	Tablespace       string      `json:"tablespace,omitempty" diff:"-"`
}

// IndexPart is one key of an index.
type IndexPart struct {
	Column     string `json:"column,omitempty"`
	Expr       string `json:"expr,omitempty"`
	OpClass    string `json:"opclass,omitempty"`   // quoted, with options; only where it is not the type's default
	Collation  string `json:"collation,omitempty"` // quoted; only where it is not the column's
	Desc       bool   `json:"desc,omitempty"`
	NullsFirst bool   `json:"nulls_first,omitempty"`
}

// plainIndex finds indexes whose definition takes no more than their names and parts: most. The server need not spell
// them one by one, which is a good part of what it does for an inspection.
const plainIndex = `am.amname = 'btree' AND i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts AND ic.reloptions IS NULL AND ic.relkind = 'i'`

func indexKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Index]{
			Name: "index", Weight: weightIndex,
			Create: createIndex, Alter: alterIndex, Drop: dropIndex, Along: goesAlong,
		}),
		queries: []catalog.Query{{Name: "indexes", SQL: `
SELECT i.indexrelid AS oid, i.indrelid AS relation, n.nspname AS schema, ic.relname AS name,
  CASE WHEN ` + plainIndex + ` THEN pg_catalog.quote_ident(ic.relname) || ' ON ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) END AS plain,
  CASE WHEN NOT (` + plainIndex + `) THEN pg_catalog.pg_get_indexdef(i.indexrelid) END AS def, NOT i.indisvalid AS invalid, i.indisclustered AS clustered,
  CASE WHEN ic.relispartition THEN (SELECT h.inhparent FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid) END AS whole,
  i.indisunique AS unique, am.amname AS method, pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS "where",
  CASE WHEN i.indisunique THEN pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct' END AS nulls_not_distinct,
  (SELECT pg_catalog.string_agg(o, E'\x1f' ORDER BY o) FROM pg_catalog.unnest(ic.reloptions) o) AS options,
  ts.spcname AS tablespace,
  CASE WHEN i.indnatts > i.indnkeyatts THEN
    (SELECT pg_catalog.string_agg(a.attname, E'\x1f' ORDER BY o.k) FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY o(num, k)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = o.num WHERE o.k > i.indnkeyatts) END AS include
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = ic.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = ic.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND ` + userSchemas + `
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY 3, 4`}, {Name: "index_parts", SQL: `
SELECT ia.attrelid AS index, a.attname AS column, nullif(pg_catalog.quote_ident(a.attname), a.attname) AS quoted,
  CASE WHEN a.attname IS NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid, ia.attnum, false) END AS expr,
  CASE WHEN a.attname IS NULL OR NOT oc.opcdefault OR ia.attoptions IS NOT NULL
    OR oc.opcintype <> a.atttypid AND (oc.opcmethod, a.atttypid) IN (SELECT d.opcmethod, d.opcintype FROM pg_catalog.pg_opclass d WHERE d.opcdefault) THEN pg_catalog.quote_ident(ocn.nspname) || '.' || pg_catalog.quote_ident(oc.opcname)
    || coalesce(' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(pg_catalog.split_part(p, '=', 1)) || '=' || pg_catalog.quote_literal(pg_catalog.substr(p, pg_catalog.strpos(p, '=') + 1)), ', ')
      FROM pg_catalog.unnest(ia.attoptions) p) || ')', '') END AS opclass,
  CASE WHEN a.attname IS NULL OR co.oid <> a.attcollation THEN pg_catalog.quote_ident(con.nspname) || '.' || pg_catalog.quote_ident(co.collname) END AS collation,
  i.indoption[ia.attnum - 1] AS flags
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = ic.relnamespace
JOIN pg_catalog.pg_attribute ia ON ia.attrelid = i.indexrelid AND ia.attnum <= i.indnkeyatts
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[ia.attnum - 1] AND a.attnum <> 0
JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[ia.attnum - 1]
JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
LEFT JOIN pg_catalog.pg_collation co ON co.oid = i.indcollation[ia.attnum - 1]
LEFT JOIN pg_catalog.pg_namespace con ON con.oid = co.collnamespace
WHERE NOT i.indisprimary AND ic.relpersistence <> 't' AND ` + userSchemas + `
ORDER BY ia.attrelid, ia.attnum`}},
		build: buildIndexes,
		hcl:   indexHCL(),
	}
}

func buildIndexes(b *builder) error {
	parts, err := indexParts(b)
	if err != nil {
		return err
	}
	return b.rows("indexes", func(r catalog.Row) error {
		table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		x := &Index{
			Def: r.Str("def"), Invalid: r.Bool("invalid"), Clustered: r.Bool("clustered"), Unique: r.Bool("unique"),
			Method: r.Str("method"), Include: r.List("include"), Where: r.Str("where"),
			NullsNotDistinct: r.Bool("nulls_not_distinct"), Options: r.List("options"), Tablespace: r.Str("tablespace"),
			Parts: parts[r.Str("oid")].list,
		}
		if plain := r.Str("plain"); plain != "" {
			x.Def = x.plainDefinition(plain, parts[r.Str("oid")].spelled)
		} else {
			x.leaveDefaults()
		}
		id := object.ID{Kind: "index", Schema: table.Schema, Table: table.Name, Name: r.Str("name")}
		if whole := r.Str("whole"); whole != "" && x.isAutomatic(id.Table, id.Name) {
			b.share(ref{classRelation, r.Str("oid"), "0"}, ref{classRelation, whole, "0"}, Share{ID: id, Def: x.Def})
			return nil
		}
		return b.add(ref{classRelation, r.Str("oid"), "0"}, &object.Object{
			ID: id, Value: x, Parent: table, Claims: []string{relationClaim(id.Schema, id.Name)},
		})
	})
}

// plainDefinition is what pg_get_indexdef says of a plain index (ruleutils.c): names with their quotes, and its parts.
func (x *Index) plainDefinition(names string, parts []string) string {
	def := "CREATE INDEX " + names
	if x.Unique {
		def = "CREATE UNIQUE INDEX " + names
	}
	def += " USING btree (" + strings.Join(parts, ", ") + ")"
	if x.NullsNotDistinct {
		def += " NULLS NOT DISTINCT"
	}
	return def
}

// leaveDefaults takes away the collations and operator classes of expressions that the server does not spell, because
// the expression has them anyway: no catalog tells the collation of an expression.
func (x *Index) leaveDefaults() {
	_, rest := cutAtOn(x.Def)
	open := openingOf(rest)
	if open < 0 {
		return
	}
	for i, text := range splitTop(rest[open+1:closing(rest, open)], ",") {
		if i >= len(x.Parts) || x.Parts[i].Expr == "" {
			continue
		}
		p := &x.Parts[i]
		tail := strings.TrimPrefix(strings.TrimSpace(text), p.Expr)
		after, collated := strings.CutPrefix(tail, " COLLATE ")
		if collated {
			tail = after[nameEnd(after):]
		} else {
			p.Collation = ""
		}
		if tail == "" || strings.HasPrefix(tail, " DESC") || strings.HasPrefix(tail, " NULLS ") {
			p.OpClass = ""
		}
	}
}

// openingOf is where the list of keys begins in what follows the name of an index: behind USING.
func openingOf(rest string) int {
	for i := 0; i < len(rest); i++ {
		if end := skipQuoted(rest, i); end > i {
			i = end - 1
			continue
		}
		if strings.HasPrefix(rest[i:], " USING ") {
			for i += len(" USING "); i < len(rest) && rest[i] != '('; i++ {
				if end := skipQuoted(rest, i); end > i {
					i = end - 1
				}
			}
			return i
		}
	}
	return -1
}

// nameEnd is where a name that may have a schema ends.
func nameEnd(s string) int {
	for i := 0; i < len(s); i++ {
		if end := skipQuoted(s, i); end > i {
			i = end - 1
			continue
		}
		if s[i] == ' ' {
			return i
		}
	}
	return len(s)
}

// keys are the keys of an index, and as the server spells them where they are columns.
type keys struct {
	list    []IndexPart
	spelled []string
}

// indexParts reads the keys of all indexes, by the index. Bit 0 of flags is DESC, bit 1 NULLS FIRST (pg_index.indoption).
func indexParts(b *builder) (map[string]keys, error) {
	parts := map[string]keys{}
	err := b.rows("index_parts", func(r catalog.Row) error {
		flags := r.Int("flags")
		p := IndexPart{
			Column: r.Str("column"), Expr: r.Str("expr"), OpClass: r.Str("opclass"), Collation: r.Str("collation"),
			Desc: flags&1 != 0, NullsFirst: flags&2 != 0,
		}
		k := parts[r.Str("index")]
		k.list, k.spelled = append(k.list, p), append(k.spelled, p.plain(cmp.Or(r.Str("quoted"), p.Column)))
		parts[r.Str("index")] = k
		return nil
	})
	return parts, err
}

// plain is what pg_get_indexdef says of a column. Names of pg_catalog need no schema.
func (p *IndexPart) plain(column string) string {
	if p.Collation != "" {
		column += " COLLATE " + strings.TrimPrefix(p.Collation, "pg_catalog.")
	}
	if p.OpClass != "" {
		column += " " + strings.TrimPrefix(p.OpClass, "pg_catalog.")
	}
	switch {
	case p.Desc && p.NullsFirst:
		return column + " DESC"
	case p.Desc:
		return column + " DESC NULLS LAST"
	case p.NullsFirst:
		return column + " NULLS FIRST"
	}
	return column
}

// model describes the index to Atlas; ok is false when Atlas cannot spell it in full.
func (x *Index) model(name string) (out atlas.Index, ok bool) {
	if len(x.Options) > 0 || x.Tablespace != "" {
		return out, false
	}
	out = atlas.Index{Name: name, Unique: x.Unique, Include: x.Include, Where: x.Where, NullsNotDistinct: x.NullsNotDistinct}
	if x.Method != "btree" {
		out.Method = x.Method
	}
	for _, p := range x.Parts {
		if p.OpClass != "" || p.Collation != "" {
			return out, false
		}
		out.Parts = append(out.Parts, atlas.Part{
			Column: p.Column, Expr: p.Expr, Desc: p.Desc,
			NullsFirst: p.NullsFirst && !p.Desc, NullsLast: !p.NullsFirst && p.Desc,
		})
	}
	return out, true
}

// definition makes the index and, on a partitioned table, those of its partitions: the server spells only its own with
// ONLY, which would leave it invalid.
func (x *Index) definition() string {
	if x.Invalid {
		return x.Def
	}
	head, rest := cutAtOn(x.Def)
	if all, ok := strings.CutPrefix(rest, " ON ONLY "); ok {
		rest = " ON " + all
	}
	return head + rest
}

// cutAtOn cuts the statement that makes an index before the ON, which only its name can precede.
func cutAtOn(sql string) (head, rest string) {
	for i := 0; i < len(sql); i++ {
		if end := skipQuoted(sql, i); end > i {
			i = end - 1
			continue
		}
		if strings.HasPrefix(sql[i:], " ON ") {
			return sql[:i], sql[i:]
		}
	}
	return sql, ""
}

func createIndex(c *kind.Context, x kind.Of[Index]) ([]plan.Step, error) {
	whole, part := partOfThen(c, x.ID)
	if part && isThere(c, whole) {
		return []plan.Step{attachedRename(x, whole, false)}, nil
	}
	sql := x.V.definition()
	if model, ok := x.V.model(x.ID.Name); ok && !x.V.Invalid {
		without := atlas.Table{Schema: x.ID.Schema, Name: x.ID.Table}
		for _, p := range x.V.Parts {
			if p.Column != "" {
				addColumn(&without, p.Column)
			}
		}
		with := without
		with.Indexes = []atlas.Index{model}
		stmts, err := atlas.Postgres{}.Alter(without, with)
		if err != nil {
			return nil, err
		}
		sql = stmts[0].SQL
	}
	steps := []plan.Step{{
		SQL:     sql,
		Builds:  qualified(x.ID.Schema, x.ID.Name),
		Comment: "create " + x.ID.String(),
		Reverse: []string{"DROP INDEX " + qualified(x.ID.Schema, x.ID.Name)},
	}}
	if concurrent(c, x.Parent) {
		switch {
		case c.Splits(x.Parent, wayIndex) && !isCarried(c, x.ID):
			steps = split(wayIndex, besideOld(c, x, steps[0])...)
			fallthrough
		case c.Policy.CreateConcurrently:
			whileWritten(&steps[0])
		}
	} else if splitsWhole(c, x) {
		steps = split(wayPartitioned, partByPart(c, x, steps[0])...)
	}
	if x.V.Clustered {
		steps = append(steps, clusterStep(x.ID, true))
	}
	if x.V.Invalid {
		for i := range steps {
			steps[i].Needs = append(steps[i].Needs, partitionIDs(c, x.Parent)...) // one that is made later has a part of it
		}
		steps = append(steps, attachIndexSteps(x.ID, partsOf(c.To, x.ID))...)
	}
	return append(append(steps, identitySteps(c, x.ID)...), partsOfNew(c, x.Object)...), nil
}

func clusterStep(id object.ID, on bool) plan.Step {
	if on {
		return alterTableStep(object.ID{Schema: id.Schema, Name: id.Table}, "CLUSTER ON "+ident(id.Name), "SET WITHOUT CLUSTER", "mark the index to cluster by")
	}
	return alterTableStep(object.ID{Schema: id.Schema, Name: id.Table}, "SET WITHOUT CLUSTER", "CLUSTER ON "+ident(id.Name), "unmark the index to cluster by")
}

func alterIndex(c *kind.Context, from, to kind.Of[Index], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("apart") {
		a.Take(a.Left()...)
		return plan.Replace("it would become a part of an index above"), nil
	}
	if parts := missingParts(c, to.ID); from.V.Invalid && len(parts) > 0 && !a.Has("def") {
		steps := attachIndexSteps(to.ID, parts)
		if a.Take("clustered") {
			steps = append(steps, clusterStep(to.ID, to.V.Clustered))
		}
		a.Take("invalid")
		return plan.InPlace(steps...), nil
	}
	if a.Take("def", "invalid") {
		a.Take("clustered")
		return plan.Replace("PostgreSQL cannot change the definition of an index in place"), nil
	}
	a.Take("clustered")
	if !to.V.Clustered && isClustered(c.To, to.Parent) {
		return plan.InPlace(), nil // the mark goes over to another index
	}
	return plan.InPlace(clusterStep(to.ID, to.V.Clustered)), nil
}

func dropIndex(c *kind.Context, x kind.Of[Index]) ([]plan.Step, error) {
	if whole, part := partOfNow(c, x.ID); part && !c.Goes(x.Parent) {
		switch {
		case isThere(c, whole) && slices.Contains(ancestors(c.To, x.Parent, nil), tableID(whole)):
			return []plan.Step{attachedRename(x, whole, true)}, nil
		case !leavesWhole(c, x.ID):
			return nil, nil // it goes with the index that it is a part of
		}
	}
	step := plan.Step{
		SQL:     "DROP INDEX " + qualified(x.ID.Schema, x.ID.Name),
		Comment: "drop " + x.ID.String(),
		Reverse: []string{x.V.definition()},
	}
	dropWhole(c, x.ID, &step)
	if columns, ok := x.V.columns(); ok && x.V.Unique {
		step.Frees = oldKey(x.ID.Schema, x.Parent.Name, columns)
	}
	steps := []plan.Step{step}
	if concurrent(c, x.Parent) {
		switch {
		case isSwapped(c, x.ID):
			steps[0].Pace = plan.Brief
		case isCarried(c, x.ID):
		case c.Splits(x.Parent, wayDropIndex):
			steps = split(wayDropIndex, steps...)
			fallthrough
		case c.Policy.DropConcurrently:
			whileWritten(&steps[0])
		}
	}
	return steps, nil
}

// besideOld builds an index that replaces another one beside it, and gives it the name when the old one goes.
func besideOld(c *kind.Context, x kind.Of[Index], build plan.Step) []plan.Step {
	if !isSwapped(c, x.ID) {
		return []plan.Step{build}
	}
	beside := freeRelation(c, x.ID.Schema, x.ID.Name, "new")
	_, on := cutAtOn(build.SQL)
	build.SQL = "CREATE " + toggle(x.V.Unique, "UNIQUE ", "") + "INDEX " + ident(beside) + on
	build.Builds = qualified(x.ID.Schema, beside)
	build.Reverse, build.Ahead, build.Op = []string{"DROP INDEX " + qualified(x.ID.Schema, beside)}, true, plan.Alter
	name := plan.Step{
		SQL:     "ALTER INDEX " + qualified(x.ID.Schema, beside) + " RENAME TO " + ident(x.ID.Name),
		Reverse: []string{"ALTER INDEX " + qualified(x.ID.Schema, x.ID.Name) + " RENAME TO " + ident(beside)},
		Comment: "give " + x.ID.String() + " its name", Pace: plan.Brief,
	}
	return []plan.Step{build, name}
}

// isSwapped reports whether an index stays until the one that replaces it is built.
func isSwapped(c *kind.Context, index object.ID) bool {
	from, was := kind.Get[Index](c.From, index)
	to, is := kind.Get[Index](c.To, index)
	return was && is && !from.V.Invalid && !to.V.Invalid && c.Splits(from.Parent, wayIndex) && !isCarried(c, index)
}

// whileWritten lets others write while an index is built or dropped.
func whileWritten(step *plan.Step) {
	step.SQL = strings.Replace(step.SQL, "INDEX ", "INDEX CONCURRENTLY ", 1)
	step.NoTx, step.Pace = true, plan.Slow
}

// concurrent reports whether an index of the relation can come or go while others write: the relation stays, and is
// no partitioned table (PostgreSQL manual, "CREATE INDEX", "Building Indexes Concurrently").
func concurrent(c *kind.Context, relation object.ID) bool {
	if !c.From.Has(relation) || !c.To.Has(relation) {
		return false
	}
	t, ok := kind.Get[Table](c.To, relation)
	return !ok || t.V.PartitionBy == ""
}

// partitionIDs lists the partitions that a table is to have, at all levels.
func partitionIDs(c *kind.Context, table object.ID) []object.ID {
	var out []object.ID
	for _, p := range partitionsOf(c, "desired", c.To, table) {
		out = append(append(out, p.id), partitionIDs(c, p.id)...)
	}
	return out
}

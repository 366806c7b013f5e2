package postgres

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Column is a column of a table. Its default and its comment are objects beside it. The order of columns is kept for
// new tables only: PostgreSQL cannot move a column.
type Column struct {
	Type        string   `json:"type"` // as format_type spells it with an empty search_path
	NotNull     bool     `json:"not_null,omitempty"`
	NotNullAs   NotNull  `json:"not_null_as,omitzero"`
	Identity    Identity `json:"identity,omitzero"`
	Generated   string   `json:"generated,omitempty"` // the expression of a generated column
	Virtual     bool     `json:"virtual,omitempty"`   // generated when read; PostgreSQL 18
	Collation   string   `json:"collation,omitempty"` // quoted; empty: the type's own
	Storage     string   `json:"storage,omitempty"`   // empty: the type's own
	Compression string   `json:"compression,omitempty"`
	Statistics  string   `json:"statistics,omitempty"`         // target; empty: the default
	Options     []string `json:"options,omitempty" diff:"set"` // of a foreign table's column
	Position    int      `json:"position" diff:"-"`
	IsEnum      bool     `json:"is_enum,omitempty" diff:"-"`
	// OwnStorage is that of the type, which no word stands for before PostgreSQL 16.
	OwnStorage string `json:"own_storage,omitempty" diff:"-"`
}

// Identity is the definition of an identity column's sequence; the zero value means that there is none.
type Identity struct {
	Generated                         string `json:"generated,omitempty"` // ALWAYS or BY DEFAULT
	Start, Increment, Min, Max, Cache int64
	Cycle                             bool
	// Sequence is the name of its sequence where it is not the one that the server gives: a table that was renamed.
	Sequence string `json:"sequence,omitempty"`
}

func columnID(table object.ID, name string) object.ID {
	return object.ID{Kind: "column", Schema: table.Schema, Table: table.Name, Name: name}
}

func columnKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Column]{
			Name: "column", Weight: weightColumn,
			Rows:   func(c *Column) bool { return c.Generated == "" },
			Create: createColumn, Alter: alterColumn, Drop: dropColumn, Carry: carryColumn, Moot: mootNotNull,
		}),
		queries: []catalog.Query{{Name: "columns", SQL: `
SELECT a.attrelid AS relation, a.attnum AS num, a.attname AS name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
  nn.conname AS not_null_name, NOT nn.convalidated AS not_null_not_valid, nn.connoinherit AS not_null_no_inherit, nd.description AS not_null_comment, t.typtype = 'e' AS is_enum,
  CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity,
  sc.relname AS sequence, s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min, s.seqmax AS max, s.seqcache AS cache, s.seqcycle AS cycle,
  CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS generated, a.attgenerated = 'v' AS virtual, d.oid AS expression,
  CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0 THEN
    (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) FROM pg_catalog.pg_collation co
     JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END AS collation,
  CASE WHEN a.attstorage = t.typstorage THEN NULL WHEN a.attstorage = 'p' THEN 'PLAIN' WHEN a.attstorage = 'e' THEN 'EXTERNAL'
    WHEN a.attstorage = 'x' THEN 'EXTENDED' WHEN a.attstorage = 'm' THEN 'MAIN' END AS storage,
  CASE t.typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' WHEN 'm' THEN 'MAIN' END AS own_storage,
  CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
  NULLIF(a.attstattarget, -1) AS statistics,
  CASE WHEN c.relkind = 'f' THEN ` + optionsOf("a.attfdwoptions") + ` END AS options
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
LEFT JOIN pg_catalog.pg_depend sd ON a.attidentity <> '' AND sd.refclassid = 1259 AND sd.refobjid = a.attrelid
  AND sd.refobjsubid = a.attnum AND sd.classid = 1259 AND sd.deptype = 'i'
LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = sd.objid
LEFT JOIN pg_catalog.pg_class sc ON sc.oid = sd.objid
LEFT JOIN pg_catalog.pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum AND nn.conislocal
LEFT JOIN pg_catalog.pg_description nd ON nd.objoid = nn.oid AND nd.classoid = 2606
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal
  AND NOT c.relispartition AND ` + userSchemas + `
ORDER BY a.attrelid, a.attnum`}},
		build: buildColumns,
		hcl:   columnHCL(),
	}
}

func buildColumns(b *builder) error {
	return b.rows("columns", func(r catalog.Row) error {
		table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		c := &Column{
			Type: r.Str("type"), NotNull: r.Bool("not_null"), Generated: r.Str("generated"), Virtual: r.Bool("virtual"),
			Collation: r.Str("collation"), Storage: r.Str("storage"), OwnStorage: r.Str("own_storage"), Compression: r.Str("compression"),
			Statistics: r.Str("statistics"), Position: int(r.Int("num")), IsEnum: r.Bool("is_enum"),
			Options: r.List("options"),
		}
		o := &object.Object{ID: columnID(table, r.Str("name")), Value: c, Parent: table}
		if c.NotNull {
			c.NotNullAs = NotNull{
				Name: unless(r.Str("not_null_name"), notNullName(o.ID)), NotValid: r.Bool("not_null_not_valid"), NoInherit: r.Bool("not_null_no_inherit"),
				Comment: r.Str("not_null_comment"),
			}
		}
		if g := r.Str("identity"); g != "" {
			o.Claims = []string{relationClaim(table.Schema, r.Str("sequence"))}
			c.Identity = Identity{
				Generated: g, Start: r.Int("start"), Increment: r.Int("increment"), Min: r.Int("min"),
				Max: r.Int("max"), Cache: r.Int("cache"), Cycle: r.Bool("cycle"),
			}
			if name := r.Str("sequence"); name != identitySequence(o.ID) {
				c.Identity.Sequence = name
			}
		}
		err := b.add(ref{classRelation, r.Str("relation"), r.Str("num")}, o)
		if c.Generated != "" {
			b.alias(ref{classDefault, r.Str("expression"), "0"}, o.ID)
		}
		return err
	})
}

// model describes the column to Atlas. What Atlas does not know (compression, collations with a schema,
// full identity options, virtual columns) travels in the type, where the grammar allows it in this order.
func (c *Column) model(name, defaultExpr string) atlas.Column {
	out := atlas.Column{Name: name, Type: c.Type, Null: !c.NotNull || c.NotNullAs.NotValid, Default: defaultExpr}
	add := func(clause string) { out.Type, out.Raw = out.Type+" "+clause, true }
	if len(c.Options) > 0 {
		add(strings.TrimSpace(optionSettings(c.Options)))
	}
	if c.Compression != "" {
		add("COMPRESSION " + c.Compression)
	}
	if c.Collation != "" {
		add("COLLATE " + c.Collation)
	}
	switch {
	case c.Generated != "" && c.Virtual:
		add("GENERATED ALWAYS AS (" + c.Generated + ") VIRTUAL")
	case c.Generated != "":
		out.Generated = c.Generated
	case c.Identity.Generated != "":
		add("GENERATED " + c.Identity.Generated + " AS IDENTITY" + c.Identity.options(c.Type))
	}
	if n := c.NotNullAs; n.Name != "" && !out.Null {
		// NOT NULL comes behind it. The name that the server makes up cannot be told: it leaves out what other tables have.
		add("CONSTRAINT " + ident(n.Name))
	}
	return out
}

// identitySequence is the name that the server gives the sequence of an identity column
// (src/backend/parser/parse_utilcmd.c, generateSerialExtraStmts).
func identitySequence(column object.ID) string {
	return generatedName(column.Table, column.Name, "seq")
}

// sequenceOf is the quoted name of the identity's sequence.
func (i Identity) sequenceOf(column object.ID) string {
	return qualified(column.Schema, cmp.Or(i.Sequence, identitySequence(column)))
}

// options are the sequence options that differ from the type's own, in parentheses.
func (i Identity) options(typ string) string {
	var words []string
	if i.Sequence != "" {
		words = append(words, "SEQUENCE NAME "+ident(i.Sequence))
	}
	words = append(words, sequenceOptions(Sequence{Type: typ, Start: i.Start, Increment: i.Increment, Min: i.Min, Max: i.Max, Cache: i.Cache, Cycle: i.Cycle})...)
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, " ") + ")"
}

func createColumn(c *kind.Context, col kind.Of[Column]) ([]plan.Step, error) {
	if comesWithType(c, col.Parent) {
		return typedColumnSteps(c, col), nil
	}
	if had, ok := inheritsColumn(c.From, col.ID, col.Parent); ok {
		return keepColumn(c, had, col)
	}
	if fillsLater(c, col.ID) {
		step, err := emptyColumn(col)
		return append([]plan.Step{step}, columnSettings(c, col)...), err
	}
	step, err := addColumnStep(col, "")
	if err != nil {
		return nil, err
	}
	step.Fold = func(host *plan.Step, parts []*plan.Step) error {
		if expr := foldedDefault(c.To, col.ID, parts); expr != "" {
			with, err := addColumnStep(col, expr)
			if err != nil {
				return err
			}
			host.Clause = with.Clause
		}
		for _, p := range parts {
			if d, ok := kind.Get[Default](c.To, p.ID); p.Prefix == host.Prefix && (!ok || d.Parent != col.ID) {
				host.Clause += ",\n  " + p.Clause
			}
		}
		host.SQL = host.Prefix + host.Clause
		return nil
	}
	steps := append([]plan.Step{step}, newNotNullSteps(col.ID, col.V.NotNullAs)...)
	steps = append(steps, columnSettings(c, col)...)
	for i := range steps {
		steps[i].Seq = col.V.Position // so that the one that adds the column comes first, and carries its default
	}
	return steps, nil
}

// columnSettings set what a new column has beyond the usual and ADD COLUMN cannot say.
func columnSettings(c *kind.Context, col kind.Of[Column]) []plan.Step {
	var steps []plan.Step
	if col.V.Storage != "" { // CREATE TABLE takes it from version 16 on
		steps = append(steps, alterColumnStep(col.ID, "SET STORAGE "+col.V.Storage, "SET STORAGE "+orWord(col.V.OwnStorage, "DEFAULT")))
	}
	if col.V.Statistics != "" {
		steps = append(steps, setColumn(c, col.ID, "statistics", "SET STATISTICS "+col.V.Statistics, "SET STATISTICS -1")...)
	}
	return steps
}

func addColumnStep(col kind.Of[Column], defaultExpr string) (plan.Step, error) {
	table := atlas.Table{Schema: col.ID.Schema, Name: col.ID.Table}
	with := table
	with.Columns = []atlas.Column{col.V.model(col.ID.Name, defaultExpr)}
	stmts, err := atlas.Postgres{}.Alter(table, with)
	if err != nil {
		return plan.Step{}, err
	}
	step := fromAtlas(col.ID, stmts[0])
	step.Comment = "add column " + col.ID.Path()
	step.Seq = col.V.Position
	step.Into = plan.Ref{Op: plan.Create, ID: col.Parent}
	return step, nil
}

// fromAtlas makes a step of a statement that Atlas planned for the table of the object.
func fromAtlas(id object.ID, s atlas.Statement) plan.Step {
	step := plan.Step{SQL: s.SQL, Comment: s.Comment, Reverse: s.Reverse}
	if prefix, clause, ok := atlas.Clause(s.SQL, id.Schema, id.Table); ok {
		step.Prefix, step.Clause = prefix, clause
	}
	return step
}

func dropColumn(c *kind.Context, col kind.Of[Column]) ([]plan.Step, error) {
	with := atlas.Table{Schema: col.ID.Schema, Name: col.ID.Table, Columns: []atlas.Column{col.V.model(col.ID.Name, "")}}
	stmts, err := atlas.Postgres{}.Alter(with, atlas.Table{Schema: col.ID.Schema, Name: col.ID.Table})
	if err != nil {
		return nil, err
	}
	step := fromAtlas(col.ID, stmts[0])
	step.Comment = "drop column " + col.ID.Path()
	if col.V.Generated == "" {
		step.Loses = "the values of column " + col.ID.Path()
		step.Reverse = nil // the planner makes it, in one clause with the default: else NOT NULL fails on the rows that are there
	}
	return dropFromParent(c, col, step), nil
}

func alterColumnStep(id object.ID, clause, reverse string) plan.Step {
	head := "ALTER TABLE " + tableOf(id) + " "
	alter := "ALTER COLUMN " + ident(id.Name) + " "
	s := plan.Step{Prefix: head, Clause: alter + clause, SQL: head + alter + clause, Comment: "modify column " + id.Path()}
	if reverse != "" {
		s.Reverse = []string{head + alter + reverse}
	}
	return s
}

func alterColumn(c *kind.Context, from, to kind.Of[Column], a *kind.Attrs) (plan.Edit, error) {
	if edit, done := alterGenerated(c, from, to, a); done {
		return edit, nil
	}
	var steps []plan.Step
	var edit plan.Edit
	identity := alterIdentity(from, to, a)
	if a.Take("type", "collation") && !changesWithParent(c, from, to) {
		if user, held := rowsHeldBy(c, to.Parent); held {
			return edit, rowTypeFault(to, user)
		}
		step, err := alterType(c, from, to)
		if err != nil {
			return edit, err
		}
		edit.Disturbs = disturbedByType(c, from, to, conversionBetween(c.From, c.To, from, to, to.ID.Name) != "")
		if narrows(from.V.Type, to.V.Type) || from.V.Identity.Generated != "" && to.V.Identity.Generated == "" {
			// Its sequence becomes of the new type, too, and must fit; not every type can have one.
			for i := range identity {
				identity[i].Prefix = ""
			}
			steps, identity = identity, nil
		}
		steps = append(append(steps, step), storageAnew(from, to, a)...)
	}
	steps = append(steps, identity...)
	if a.Take("not_null", "not_null_as") {
		if more := notNullSteps(c, from, to, !a.Has("type")); to.V.NotNull {
			steps = append(more, steps...) // an identity demands it
		} else {
			steps = append(steps, more...)
		}
	}
	if a.Take("storage") {
		steps = append(steps, setColumn(c, to.ID, "storage", "SET STORAGE "+to.V.storage(), "SET STORAGE "+from.V.storage())...)
	}
	if a.Take("compression") {
		steps = append(steps, setColumn(c, to.ID, "compression", "SET COMPRESSION "+orWord(to.V.Compression, "default"), "SET COMPRESSION "+orWord(from.V.Compression, "default"))...)
	}
	if a.Take("options") {
		steps = append(steps, alterColumnStep(to.ID, strings.TrimSpace(optionEdits(from.V.Options, to.V.Options)), strings.TrimSpace(optionEdits(to.V.Options, from.V.Options))))
	}
	if a.Take("statistics") {
		steps = append(steps, setColumn(c, to.ID, "statistics", "SET STATISTICS "+orWord(to.V.Statistics, "-1"), "SET STATISTICS "+orWord(from.V.Statistics, "-1"))...)
	}
	edit.Steps = steps
	return edit, nil
}

// storageAnew sets what a change of the type sets back to the usual: storage and compression
// (src/backend/commands/tablecmds.c, ATExecAlterColumnType).
func storageAnew(from, to kind.Of[Column], a *kind.Attrs) []plan.Step {
	if a != nil {
		a.Take("storage", "compression")
	}
	var steps []plan.Step
	if to.V.Storage != "" {
		steps = append(steps, alterColumnStep(to.ID, "SET STORAGE "+to.V.Storage, "SET STORAGE "+from.V.storage()))
	}
	if to.V.Compression != "" {
		steps = append(steps, alterColumnStep(to.ID, "SET COMPRESSION "+to.V.Compression, "SET COMPRESSION "+orWord(from.V.Compression, "default")))
	}
	return steps
}

// narrows reports whether the numbers of one type are not all of another.
func narrows(from, to string) bool {
	width := []string{"smallint", "integer", "bigint"}
	return slices.Index(width, to) >= 0 && slices.Index(width, to) < slices.Index(width, from)
}

func (c *Column) storage() string { return orWord(c.Storage, orWord(c.OwnStorage, "DEFAULT")) }

func orWord(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// alterGenerated handles the changes of a generation expression; done means that the edit is complete.
func alterGenerated(_ *kind.Context, from, to kind.Of[Column], a *kind.Attrs) (plan.Edit, bool) {
	if !a.Take("generated", "virtual") {
		return plan.Edit{}, false
	}
	if from.V.Generated != "" && to.V.Generated == "" && !from.V.Virtual && len(a.Left()) == 0 {
		return plan.InPlace(alterColumnStep(to.ID, "DROP EXPRESSION", "")), true
	}
	a.Take(a.Left()...)
	return plan.Replace("a generation expression cannot be changed in place"), true
}

func alterIdentity(from, to kind.Of[Column], a *kind.Attrs) []plan.Step {
	if !a.Take("identity") {
		return nil
	}
	f, t := from.V.Identity, to.V.Identity
	add := func(i Identity, typ string) string {
		return "ADD GENERATED " + i.Generated + " AS IDENTITY" + i.options(typ)
	}
	switch {
	case t.Generated == "":
		return []plan.Step{alterColumnStep(to.ID, "DROP IDENTITY", add(f, from.V.Type))}
	case f.Generated == "":
		return []plan.Step{alterColumnStep(to.ID, add(t, to.V.Type), "DROP IDENTITY")}
	}
	set := func(i, other Identity) string {
		var out []string
		if i.Generated != other.Generated {
			out = append(out, "SET GENERATED "+i.Generated)
		}
		for _, w := range sequenceChanges(other.sequence(), i.sequence()) {
			out = append(out, "SET "+w)
		}
		return strings.Join(out, " ")
	}
	var steps []plan.Step
	if f.Sequence != t.Sequence {
		steps = append(steps, renameSequence(to.ID, f, t))
	}
	if set(t, f) == "" {
		return steps
	}
	last := alterColumnStep(to.ID, set(t, f), set(f, t))
	wide, move, needed := fitValue(f.sequence(), t.sequence(),
		"pg_catalog.pg_get_serial_sequence("+literal(tableOf(to.ID))+", "+literal(to.ID.Name)+")::pg_catalog.regclass")
	if !needed {
		return append(steps, last)
	}
	between := f
	between.Min, between.Max = wide.Min, wide.Max
	moves := []plan.Step{{SQL: move, Comment: "move the current value of " + to.ID.String() + " into its new bounds"}, alterColumnStep(to.ID, set(t, between), set(between, t))}
	if between != f {
		moves = append([]plan.Step{alterColumnStep(to.ID, set(between, f), set(f, between))}, moves...)
	}
	for i := range moves {
		moves[i].Prefix = "" // each on its own, in this order
	}
	return append(steps, moves...)
}

// renameSequence gives the sequence of an identity column its other name.
func renameSequence(column object.ID, from, to Identity) plan.Step {
	rename := func(a, b Identity) string {
		return "ALTER SEQUENCE " + a.sequenceOf(column) + " RENAME TO " + ident(cmp.Or(b.Sequence, identitySequence(column)))
	}
	return plan.Step{
		SQL: rename(from, to), Reverse: []string{rename(to, from)},
		Comment: "rename the sequence of " + column.String(),
	}
}

func (i Identity) sequence() Sequence {
	return Sequence{Start: i.Start, Increment: i.Increment, Min: i.Min, Max: i.Max, Cache: i.Cache, Cycle: i.Cycle}
}

func alterType(c *kind.Context, from, to kind.Of[Column]) (plan.Step, error) {
	step, err := typeStep(from, to, conversionBetween(c.From, c.To, from, to, to.ID.Name))
	if back := conversionBetween(c.To, c.From, to, from, to.ID.Name); back != "" && len(step.Reverse) > 0 {
		step.Reverse[0] += " USING " + back
	}
	step.Comment = fmt.Sprintf("change the type of column %s from %s to %s", to.ID.Path(), from.V.Type, to.V.Type)
	lossIn(plainly(c.From, from), plainly(c.To, to)).Tell(&step, to.ID.Path())
	return step, err
}

func typeStep(from, to kind.Of[Column], using string) (plan.Step, error) {
	model := func(c *Column) atlas.Column {
		out := atlas.Column{Name: to.ID.Name, Type: c.Type, Null: true}
		if c.Collation != "" {
			out.Type, out.Raw = out.Type+" COLLATE "+c.Collation, true
		}
		return out
	}
	table := atlas.Table{Schema: to.ID.Schema, Name: to.ID.Table}
	stmt, err := atlas.Postgres{}.AlterType(table, model(from.V), model(to.V), using)
	if err != nil {
		return plan.Step{}, err
	}
	step := fromAtlas(to.ID, stmt)
	for _, back := range storageAnew(to, from, nil) {
		step.Reverse = append(step.Reverse, back.SQL)
	}
	return step, nil
}

// disturbedByType tells which dependents PostgreSQL refuses to carry through a change of a column's type. Where the
// values are converted, the server cannot convert the default, a foreign key has two types for a moment, and so has what
// compares the column with another that moves.
func disturbedByType(c *kind.Context, from, to kind.Of[Column], converts bool) func(*object.Object) bool {
	column, a, b := to.ID, baseType(from.V.Type), baseType(to.V.Type)
	return func(dep *object.Object) bool {
		switch v := dep.Value.(type) {
		case *Default:
			return converts
		case *Column:
			return v.Generated != ""
		case *Constraint:
			if dep.ID.Kind == "foreign_key" {
				return converts || a != b && (v.Temporal || !comparesWith(a, b))
			}
			return converts && dep.ID.Kind != "primary_key" && dep.ID.Kind != "unique" && comparesMoving(c, dep, column)
		case *Index:
			return converts && v.computes() && comparesMoving(c, dep, column)
		case *Statistics:
			return converts && comparesMoving(c, dep, column)
		case *Comment, *SequenceOwner, *Permission, *Setting, *ExtensionDependency:
			return false
		}
		return true
	}
}

// computes reports whether the index holds or tests values of expressions.
func (i *Index) computes() bool {
	return i.Where != "" || slices.ContainsFunc(i.Parts, func(p IndexPart) bool { return p.Expr != "" })
}

// comparesMoving reports whether an object rests on another column whose values move to another type in the same plan.
func comparesMoving(c *kind.Context, dep *object.Object, column object.ID) bool {
	return slices.ContainsFunc(dep.Needs, func(id object.ID) bool {
		from, had := kind.Get[Column](c.From, id)
		to, stays := kind.Get[Column](c.To, id)
		return id != column && had && stays && (from.V.Type != to.V.Type || slices.ContainsFunc(to.Needs, isType))
	})
}

func isType(id object.ID) bool {
	return slices.Contains([]string{"enum", "domain", "composite", "range"}, id.Kind)
}

package mysql

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Column is a column of a table. All expressions are SQL as the server spells it.
type Column struct {
	Type          string `json:"type"`
	NotNull       bool   `json:"not_null,omitempty"`
	Default       string `json:"default,omitempty"` // ready for DEFAULT; empty: none
	OnUpdate      string `json:"on_update,omitempty"`
	AutoIncrement bool   `json:"auto_increment,omitempty"`
	Generated     string `json:"generated,omitempty"` // the expression of a generated column
	Stored        bool   `json:"stored,omitempty"`    // a generated column that is kept in the row
	Charset       string `json:"charset,omitempty"`
	Collation     string `json:"collation,omitempty"`
	Comment       string `json:"comment,omitempty"`
	Invisible     bool   `json:"invisible,omitempty"`
	SRID          string `json:"srid,omitempty"`
	Check         string `json:"check,omitempty"`       // a check of the column's own; MariaDB
	Unversioned   bool   `json:"unversioned,omitempty"` // left out of system versioning; MariaDB
	// Storage are clauses that engines other than InnoDB heed: COLUMN_FORMAT and STORAGE; Unheeded are those of InnoDB's.
	Storage  []string `json:"storage,omitempty"`
	Unheeded []string `json:"unheeded,omitempty" diff:"-"`
	// EngineAttribute and SecondaryAttribute are JSON for the engine and the secondary engine; MySQL.
	EngineAttribute    string `json:"engine_attribute,omitempty"`
	SecondaryAttribute string `json:"secondary_attribute,omitempty"`
	After              string `json:"after"` // the column before it; empty: it is the first
	Position           int    `json:"position" diff:"-"`
	// Inherits means that the character set and collation are the table's. A column that only came to have the same as
	// its table is still spelled with them, until its definition is given anew.
	Inherits bool `json:"inherits,omitempty"`
	MariaDB  bool `json:"mariadb,omitempty" diff:"-"`
	// Named means that the collation was written out although it is the table's: MySQL tells so in SHOW CREATE TABLE.
	Named bool `json:"named,omitempty" diff:"-"`
}

func columnID(table object.ID, name string) object.ID {
	return object.ID{Kind: "column", Schema: table.Schema, Table: table.Name, Name: name}
}

func columnKind() objectKind {
	return objectKind{
		hcl: columnHCL(),
		Kind: kind.Define(kind.Def[Column]{
			Name: "column", Weight: weightColumn,
			Rows:   func(c *Column) bool { return c.Generated == "" },
			Create: createColumn, Alter: alterColumn, Drop: dropColumn,
			Moot: mootColumn,
		}),
		queries: func(s server, in within) []catalog.Query {
			srid := "SRS_ID"
			if s.mariadb {
				srid = "NULL"
			}
			var out []catalog.Query
			if s.extended {
				out = append(out, attributesQuery("column_attributes", "COLUMNS_EXTENSIONS", "TABLE_SCHEMA", "COLUMN_NAME", in))
			}
			return append(out, catalog.Query{Name: "columns", SQL: `
SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable,
  COLUMN_DEFAULT AS dflt, EXTRA AS extra, GENERATION_EXPRESSION AS expr, COLLATION_NAME AS collation,
  COLUMN_COMMENT AS comment, ` + srid + ` AS srid
FROM information_schema.COLUMNS WHERE ` + in("TABLE_SCHEMA") + ` ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`})
		},
		build: buildColumns,
	}
}

// mootColumn leaves out a place that other columns' coming and going changed, a collation that the table left, and what
// character set the client had that sent an expression.
func mootColumn(c *kind.Context, from, to kind.Of[Column], attr string) bool {
	switch attr {
	case "default":
		return sameExpr(from.V.Default, to.V.Default)
	case "generated":
		return sameExpr(from.V.Generated, to.V.Generated)
	case "check":
		return sameExpr(from.V.Check, to.V.Check)
	case "after":
		return !moves(c, to.Parent)[to.ID.Name]
	case "inherits":
		return to.V.MariaDB || to.V.Inherits && to.V.Named // MariaDB does not remember what was spelled
	}
	return false
}

func buildColumns(b *builder) error {
	attributes := b.attributes("column_attributes")
	var reading []*object.Object // columns that may read others, which may come behind them
	err := b.rows("columns", func(r catalog.Row) error {
		t, ok := b.tableAt(r, "db", "tab")
		if !ok {
			return nil
		}
		if r.Str("name") == generatedKey && b.hasGeneratedKey(t) {
			b.tellGeneratedKey(t)
			return nil
		}
		c := &Column{
			Type: b.typeOf(r), NotNull: !r.Bool("nullable"), Collation: r.Str("collation"),
			Charset: charsetOf(r.Str("collation")), Comment: r.Str("comment"), SRID: r.Str("srid"), MariaDB: b.mariadb,
			Inherits: r.Str("collation") == t.table.Collation,
		}
		c.readExtra(r.Str("extra"))
		line := func() string { return b.lineOf(t, ident(r.Str("name"))) }
		if c.Generated = r.Str("expr"); !b.mariadb {
			c.Generated = toldExpr(c.Generated)
		} else if lossy(c.Generated) {
			c.Generated = found("AS (", c.Generated, line())
		}
		if exact, ok := b.exact(r); ok {
			c.Default = exact
		} else if !r.Null("dflt") && c.Generated == "" {
			value := r.Str("dflt")
			if b.mariadb && lossy(value) {
				value = found("DEFAULT ", value, line())
			}
			c.Default = columnDefault(b, c.Type, value, strings.Contains(r.Str("extra"), "DEFAULT_GENERATED"))
		}
		if n := len(t.table.Columns); n > 0 {
			c.After = t.table.Columns[n-1]
		}
		name := r.Str("name")
		t.table.Columns = append(t.table.Columns, name)
		t.columns[name] = c
		c.readSpelling(b.spelling(t), name, t.table.Engine)
		a := attributes[[3]string{t.ID.Schema, t.ID.Name, name}]
		c.EngineAttribute, c.SecondaryAttribute = a.own, a.secondary
		if c.Inherits && c.Collation != "" {
			c.Named = b.namesCollation(t, name)
		}
		c.Position = len(t.table.Columns)
		o := &object.Object{ID: columnID(t.ID, name), Value: c, Parent: t.ID}
		if c.Generated != "" || strings.HasPrefix(c.Default, "(") {
			reading = append(reading, o)
		}
		return b.add(o)
	})
	for _, o := range reading {
		c, t := o.Value.(*Column), b.tables[[2]string{o.ID.Schema, o.ID.Table}]
		for _, id := range append(t.columnsIn(c.Generated), t.columnsIn(c.Default)...) {
			if id != o.ID {
				o.Needs = append(o.Needs, id)
			}
		}
	}
	return err
}

// columnsIn lists the columns of the table that an expression names.
func (t *tableEntry) columnsIn(expr string) []object.ID {
	var out []object.ID
	for _, names := range namesIn(expr) {
		if column := names[len(names)-1]; t.columns[column] != nil {
			out = append(out, columnID(t.ID, column))
		}
	}
	return out
}

var onUpdate = regexp.MustCompile(`(?i)on update (current_timestamp(?:\(\d*\))?)`)

// readExtra reads the EXTRA column (MySQL manual, "The INFORMATION_SCHEMA COLUMNS Table").
func (c *Column) readExtra(extra string) {
	words := strings.ToLower(extra)
	c.AutoIncrement = strings.Contains(words, "auto_increment")
	c.Stored = strings.Contains(words, "stored generated")
	c.Invisible = strings.Contains(words, "invisible")
	c.Unversioned = strings.Contains(words, "without system versioning")
	if m := onUpdate.FindStringSubmatch(extra); m != nil {
		c.OnUpdate = m[1]
	}
}

var (
	numericType = regexp.MustCompile(`^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double)\b`)
	number      = regexp.MustCompile(`^[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?$`)
	binaryType  = regexp.MustCompile(`^(?:var)?binary\b`)
	currentTime = regexp.MustCompile(`(?i)^current_timestamp(?:\(\d*\))?$`)
	plainValue  = regexp.MustCompile(`^(?:[bxBX]?'|0x|[-+]?[0-9.])`)
)

// columnDefault turns COLUMN_DEFAULT into SQL. MariaDB has SQL there, and the word NULL for a default of NULL; MySQL
// has bare values, and marks expressions in EXTRA.
func columnDefault(b *builder, typ, value string, generated bool) string {
	switch {
	case b.mariadb && value == "NULL":
		return ""
	case currentTime.MatchString(value) && (generated || b.mariadb):
		return value
	case b.mariadb && plainValue.MatchString(value):
		return value
	case b.mariadb:
		return "(" + cutQualifier(value, b.bound) + ")"
	case generated:
		return "(" + cutQualifier(toldExpr(value), b.bound) + ")"
	case strings.HasPrefix(typ, "bit") && strings.HasPrefix(value, "b'"):
		return value
	case numericType.MatchString(typ) && number.MatchString(value):
		return value
	case binaryType.MatchString(typ) && strings.HasPrefix(value, "0x"):
		return binaryDefault(typ, value)
	}
	return literal(value)
}

// binaryDefault reads what MySQL shows of bytes: without the zeros at their end, which fill up the values of BINARY and
// are lost of others.
func binaryDefault(typ, value string) string {
	switch {
	case value != "0x":
		return value
	case strings.HasPrefix(typ, "varbinary"):
		return "0x00"
	}
	return "''"
}

func (c *Column) isVirtual() bool { return c.Generated != "" && !c.Stored && !c.isPeriod() }

// isPeriod reports whether the column holds when a row of a versioned table was valid; MariaDB.
func (c *Column) isPeriod() bool { return c.Generated == "ROW START" || c.Generated == "ROW END" }

// replaces tells whether the change from another definition cannot be made in place (MySQL manual, "ALTER TABLE and
// Generated Columns": virtual columns turn neither into others nor come from them).
func (c *Column) replaces(from *Column) bool {
	return c.isVirtual() != from.isVirtual()
}

// retyped reports whether another definition holds other values, so that a foreign key cannot stay meanwhile.
func (c *Column) retyped(to *Column) bool {
	return plainType(c.Type) != plainType(to.Type) || c.Charset != to.Charset || c.Collation != to.Collation
}

// model describes the column to Atlas.
func (c *Column) model(name string) atlas.MySQLColumn {
	out := atlas.MySQLColumn{
		Name: name, Type: c.Type, Null: !c.NotNull, Default: keepNested(c.Default), OnUpdate: c.OnUpdate,
		AutoIncrement: c.AutoIncrement, Generated: keepNested(c.Generated),
		NoNull: c.MariaDB && c.Generated != "", // MariaDB's grammar of generated columns has no NULL
	}
	if c.isPeriod() {
		out.Type, out.Generated = c.Type+" GENERATED ALWAYS AS "+c.Generated, ""
	} else if c.Generated != "" {
		out.GeneratedKind = map[bool]string{true: "STORED", false: "VIRTUAL"}[c.Stored]
	}
	if (!c.Inherits || c.Named) && c.Charset != "" {
		out.Charset = "CHARACTER SET " + c.Charset
		if c.Collation != "" {
			out.Charset += " COLLATE " + c.Collation
		}
	}
	if c.Comment != "" {
		out.Comment = literal(c.Comment)
	}
	var tail []string
	add := func(ok bool, clause string) {
		if ok {
			tail = append(tail, clause)
		}
	}
	add(c.SRID != "", "SRID "+c.SRID)
	add(c.Invisible, "INVISIBLE")
	add(c.Unversioned, "WITHOUT SYSTEM VERSIONING")
	add(c.Check != "", "CHECK ("+keepNested(c.Check)+")")
	tail = slices.Concat(tail, c.Storage, c.Unheeded, engineAttributes{c.EngineAttribute, c.SecondaryAttribute}.clauses())
	out.Tail = strings.Join(tail, " ")
	return out
}

func bare(table object.ID) atlas.MySQLTable {
	return atlas.MySQLTable{Schema: table.Schema, Name: table.Name}
}

func createColumn(c *kind.Context, col kind.Of[Column]) ([]plan.Step, error) {
	step, err := addStep(c, col)
	if err != nil {
		return nil, err
	}
	if from, ok := kind.Get[Column](c.From, col.ID); ok && from.V.isVirtual() && col.V.Generated == "" {
		return addComputed(c, from, col, step)
	}
	if c.From.Has(col.Parent) && col.V.unsafeDefault() {
		return addUnsafe(c, col, step)
	}
	return []plan.Step{step}, nil
}

func addStep(c *kind.Context, col kind.Of[Column]) (plan.Step, error) {
	stmt, err := atlas.MySQL{}.AddColumn(bare(col.Parent), col.V.model(col.ID.Name))
	if err != nil {
		return plan.Step{}, err
	}
	step := fromAtlas(c, col.Parent, stmt, "add column "+col.ID.Path())
	if c.From.Has(col.Parent) {
		step.Clause += placeOfNew(c, col)
		step.SQL = step.Prefix + step.Clause
	}
	step.Seq = col.V.Position
	step.Runs = runs(c, col.Parent, col.V.addition(c.From.Has(col.Parent) && placeOfNew(c, col) != ""))
	step.Needs = predecessor(c, col)
	step.Class = either(col.V.isVirtual(), classVirtual, "")
	if col.V.Unversioned && gainsVersions(c, col.Parent) {
		standAlone(&step)
	}
	return step, nil
}

// standAlone keeps a column WITHOUT SYSTEM VERSIONING out of the statement that gives its table versions: error 4124.
func standAlone(step *plan.Step) { step.Prefix, step.Clause, step.Into = "", "", plan.Ref{} }

func dropColumn(c *kind.Context, col kind.Of[Column]) ([]plan.Step, error) {
	stmt, err := atlas.MySQL{}.DropColumn(bare(col.Parent), col.V.model(col.ID.Name))
	if err != nil {
		return nil, err
	}
	step := fromAtlas(c, col.Parent, stmt, "drop column "+col.ID.Path())
	step.Seq = col.V.Position
	for i := range step.Reverse {
		step.Reverse[i] += placeOfOld(c, col)
	}
	inheritsBack(c, col, &step)
	step.Runs = runs(c, col.Parent, col.V.removal())
	step.Class = either(col.V.isVirtual(), classVirtual, "")
	if col.V.Generated == "" {
		step.Loses = "the values of column " + col.ID.Path()
	}
	return []plan.Step{step}, nil
}

// fixedColumn refuses a change of a column that the server never changes: error 4134.
func fixedColumn(col kind.Of[Column]) error {
	return diag.Errorf(col.Pos, "period-column", "MariaDB changes no column of a system-versioning period, not even its visibility or its place").
		WithHint("declare it as it is; or drop the versioning and both columns with one plan, which loses the history, and declare them anew for the next")
}

func alterColumn(c *kind.Context, from, to kind.Of[Column], a *kind.Attrs) (plan.Edit, error) {
	if from.V.isPeriod() && to.V.isPeriod() {
		return plan.Edit{}, fixedColumn(to)
	}
	retyped := from.V.retyped(to.V)
	a.Take(a.Left()...)
	if to.V.replaces(from.V) {
		return plan.Replace("a virtual column cannot be changed into another kind of column"), nil
	}
	moved := moves(c, to.Parent)
	step, err := modifyStep(c, from, to, moved[to.ID.Name])
	if err != nil {
		return plan.Edit{}, err
	}
	if from.V.Type != to.V.Type {
		step.Comment = fmt.Sprintf("change the type of column %s from %s to %s", to.ID.Path(), from.V.Type, to.V.Type)
	}
	tellLosses(c.Policy.Server, from.V, to.V, &step, to.ID.Path())
	if to.V.Unversioned && !from.V.Unversioned && gainsVersions(c, to.Parent) {
		standAlone(&step)
	}
	steps := []plan.Step{step}
	if from.V.Default != to.V.Default && to.V.unsafeDefault() {
		if steps, err = modifyUnsafe(c, from, to, moved[to.ID.Name]); err != nil {
			return plan.Edit{}, err
		}
	}
	if moved[to.ID.Name] {
		followers, err := moveFollowers(c, to, moved)
		if err != nil {
			return plan.Edit{}, err
		}
		steps = append(steps, followers...)
	}
	edit := plan.InPlace(steps...)
	retyped = retyped || from.V.AutoIncrement != to.V.AutoIncrement
	edit.Disturbs = func(dep *object.Object) bool {
		if x, ok := dep.Value.(*Index); ok {
			return x.Type == "SPATIAL" && from.V.SRID != to.V.SRID // error 3644
		}
		// The server refuses to change a column under a foreign key (MySQL manual, "FOREIGN KEY Constraints").
		return retyped && dep.ID.Kind == foreignKey
	}
	return edit, nil
}

func gainsVersions(c *kind.Context, table object.ID) bool {
	from, was := kind.Get[Table](c.From, table)
	to, is := kind.Get[Table](c.To, table)
	return was && is && to.V.Versioned && !from.V.Versioned
}

func modifyStep(c *kind.Context, from, to kind.Of[Column], moved bool) (plan.Step, error) {
	stmt, err := atlas.MySQL{}.ModifyColumn(bare(to.Parent), from.V.model(to.ID.Name), to.V.model(to.ID.Name))
	if err != nil {
		return plan.Step{}, err
	}
	step := fromAtlas(c, to.Parent, stmt, "modify column "+to.ID.Path())
	step.Seq = to.V.Position
	step.Runs = runs(c, to.Parent, columnChanges(c, from, to, moved)...)
	inheritsBack(c, from, &step)
	if moved {
		step.Clause += placeClause(to.V.After)
		step.SQL = step.Prefix + step.Clause
		step.Comment = "move column " + to.ID.Path()
		step.Reverse = nil // where it was hangs on the other moves
		step.Needs = predecessor(c, to)
	}
	return step, nil
}

// moveFollowers moves the columns that follow a moved one and have no change of their own: they follow the same column
// before and after.
func moveFollowers(c *kind.Context, head kind.Of[Column], moved map[string]bool) ([]plan.Step, error) {
	var out []plan.Step
	columns := tableColumns(c.To, head.Parent)
	for _, name := range columns[head.V.Position:] {
		id := columnID(head.Parent, name)
		from, was := kind.Get[Column](c.From, id)
		to, is := kind.Get[Column](c.To, id)
		if !was || !is || !moved[name] || !from.V.same(to.V) {
			break
		}
		step, err := modifyStep(c, from, to, true)
		if err != nil {
			return nil, err
		}
		step.ID, step.Makes = id, []object.ID{id}
		step.Needs = nil // the one before it is a step of the same change, all of which make the head
		out = append(out, step)
	}
	return out, nil
}

// same reports whether two definitions are compared as equal, place included.
func (c *Column) same(other *Column) bool {
	a, b := *c, *other
	a.Position, a.Inherits, a.Named, a.Unheeded = b.Position, b.Inherits, b.Named, b.Unheeded
	return reflect.DeepEqual(a, b)
}

// inheritsBack has a column that takes its character set from the table come back as it was, although the table itself gets
// its own back only later: what is undone is undone from the end.
func inheritsBack(c *kind.Context, col kind.Of[Column], step *plan.Step) {
	from, was := kind.Get[Table](c.From, col.Parent)
	to, is := kind.Get[Table](c.To, col.Parent)
	if !was || !is || from.V.Collation == to.V.Collation || !col.V.Inherits || col.V.Named || col.V.Charset == "" {
		return
	}
	for i, sql := range step.Reverse {
		if clause, ok := strings.CutPrefix(sql, alterHead(col.Parent)); ok {
			step.Reverse[i] = alterHead(col.Parent) + strings.Join(from.V.charsetClauses(), " ") + ", " + clause
		}
	}
}

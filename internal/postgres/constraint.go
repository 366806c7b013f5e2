package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Constraint is a primary key, unique, check, foreign key or exclusion constraint. Its definition is compared as the
// server spells it; the structured fields serve Atlas and HCL.
type Constraint struct {
	Def      string `json:"def"` // as pg_get_constraintdef spells it, without NOT VALID
	NotValid bool   `json:"not_valid,omitempty"`
	// Options are the storage parameters of the index of a partitioned table's key, which only making it can say; those of
	// other keys are settings.
	Options []string `json:"options,omitempty"`
	// Apart is set while a plan is made: it would become a part of one above that is made.
	Apart bool `json:"apart,omitempty"`

	Columns          []string `json:"columns,omitempty" diff:"-"`
	Include          []string `json:"include,omitempty" diff:"-"`
	NullsNotDistinct bool     `json:"nulls_not_distinct,omitempty" diff:"-"`
	Expr             string   `json:"expr,omitempty" diff:"-"` // of a check
	NoInherit        bool     `json:"no_inherit,omitempty" diff:"-"`
	RefSchema        string   `json:"ref_schema,omitempty" diff:"-"`
	RefTable         string   `json:"ref_table,omitempty" diff:"-"`
	RefColumns       []string `json:"ref_columns,omitempty" diff:"-"`
	OnUpdate         string   `json:"on_update,omitempty" diff:"-"`
	OnDelete         string   `json:"on_delete,omitempty" diff:"-"`
	Deferrable       string   `json:"deferrable,omitempty" diff:"-"` // INITIALLY IMMEDIATE or INITIALLY DEFERRED
	// Temporal marks keys WITHOUT OVERLAPS and foreign keys with a PERIOD: it is the last column.
	Temporal    bool `json:"temporal,omitempty" diff:"-"`
	NotEnforced bool `json:"not_enforced,omitempty" diff:"-"`
	// Unnamed leaves the choice of a name to the server; the ID then holds the likely one.
	Unnamed bool `json:"-" diff:"-"`
	// Plain marks definitions that Atlas can spell in full; the others are spelled by the server.
	Plain bool `json:"plain,omitempty" diff:"-"`
}

func primaryKeyKind() objectKind {
	return constraintKind("primary_key", weightPrimaryKey, constraintQuery(), buildConstraints)
}
func uniqueKind() objectKind { return constraintKind("unique", weightUnique, nil, nothing) }
func checkKind() objectKind  { return constraintKind("check", weightCheck, nil, nothing) }
func foreignKeyKind() objectKind {
	return constraintKind("foreign_key", weightForeignKey, nil, nothing)
}
func excludeKind() objectKind { return constraintKind("exclude", weightUnique, nil, nothing) }

// nothing is the build of kinds whose objects another kind's rows make.
func nothing(*builder) error { return nil }

func constraintKind(name string, weight int, queries []catalog.Query, build func(*builder) error) objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Constraint]{
			Name: name, Weight: weight,
			Create: createConstraint, Alter: alterConstraint, Drop: dropConstraint,
		}),
		queries: queries,
		build:   build,
		hcl:     constraintHCL(name),
	}
}

func constraintQuery() []catalog.Query {
	return []catalog.Query{{Name: "constraints", SQL: `
SELECT k.oid, k.conrelid AS relation, k.conname AS name, k.contype AS type, k.conindid AS index,
  pg_catalog.pg_get_constraintdef(k.oid) AS def,
  CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END AS expr,
  (SELECT pg_catalog.string_agg(a.attname, E'\x1f' ORDER BY o.n) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY o(num, n)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.num) AS columns,
  CASE WHEN k.contype IN ('p', 'u') THEN
    (SELECT pg_catalog.string_agg(a.attname, E'\x1f' ORDER BY a.attnum) FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum > i.indnkeyatts WHERE i.indexrelid = k.conindid) END AS include,
  rn.nspname AS ref_schema, rc.relname AS ref_table,
  CASE WHEN k.contype = 'f' THEN
    (SELECT pg_catalog.string_agg(a.attname, E'\x1f' ORDER BY o.n) FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY o(num, n)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.num) END AS ref_columns,
  k.confupdtype AS on_update, k.confdeltype AS on_delete, k.confmatchtype AS match,
  k.connoinherit AS no_inherit, k.condeferrable AS deferrable, k.condeferred AS deferred,
  CASE WHEN c.relkind = 'p' AND k.conindid <> 0 THEN (SELECT pg_catalog.string_agg(o, E'\x1f' ORDER BY o)
    FROM pg_catalog.pg_class ic CROSS JOIN LATERAL pg_catalog.unnest(ic.reloptions) o WHERE ic.oid = k.conindid AND k.contype <> 'f') END AS options
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
LEFT JOIN pg_catalog.pg_class rc ON rc.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conislocal AND k.conparentid = 0 AND c.relkind IN ('r', 'p', 'f')
  AND ` + userSchemas + `
ORDER BY 2, 3`}, {Name: "constraint_shares", SQL: `
SELECT k.oid, k.conrelid AS relation, k.conname AS name, k.contype AS type, k.conparentid AS whole
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_constraint w ON w.oid = k.conparentid AND w.conrelid <> k.conrelid
WHERE k.conparentid <> 0 AND k.contype IN ('p', 'u', 'f', 'x')
ORDER BY 2, 3`}}
}

// constraintKinds maps pg_constraint.contype to the kinds.
func constraintKindOf(contype string) string {
	switch contype {
	case "p":
		return "primary_key"
	case "u":
		return "unique"
	case "c":
		return "check"
	case "f":
		return "foreign_key"
	}
	return "exclude"
}

func buildConstraints(b *builder) error {
	err := b.rows("constraints", func(r catalog.Row) error {
		table, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		c := constraintOf(r)
		id := object.ID{Kind: constraintKindOf(r.Str("type")), Schema: table.Schema, Table: table.Name, Name: r.Str("name")}
		o := &object.Object{ID: id, Value: c, Parent: table, Claims: []string{"constraint " + tableOf(id) + "." + ident(id.Name)}}
		ownsIndex := slices.Contains([]string{"p", "u", "x"}, r.Str("type"))
		if ownsIndex {
			o.Claims = append(o.Claims, relationClaim(id.Schema, id.Name))
		}
		if err := b.add(ref{classConstraint, r.Str("oid"), "0"}, o); err != nil {
			return err
		}
		if ownsIndex {
			b.alias(ref{classRelation, r.Str("index"), "0"}, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.rows("constraint_shares", func(r catalog.Row) error {
		if table, ok := b.at(ref{classRelation, r.Str("relation"), "0"}); ok {
			id := object.ID{Kind: constraintKindOf(r.Str("type")), Schema: table.Schema, Table: table.Name, Name: r.Str("name")}
			b.share(ref{classConstraint, r.Str("oid"), "0"}, ref{classConstraint, r.Str("whole"), "0"}, Share{ID: id})
		}
		return nil
	})
}

func constraintOf(r catalog.Row) *Constraint {
	def, notValid := strings.CutSuffix(r.Str("def"), " NOT VALID")
	c := &Constraint{
		Def: def, NotValid: notValid, Columns: r.List("columns"), Include: r.List("include"),
		Temporal:         strings.Contains(def, " WITHOUT OVERLAPS)") || strings.HasPrefix(def, "FOREIGN KEY ") && strings.Contains(def, ", PERIOD "),
		NotEnforced:      strings.HasSuffix(def, " NOT ENFORCED"),
		NullsNotDistinct: strings.Contains(def, "NULLS NOT DISTINCT"), Expr: r.Str("expr"), NoInherit: r.Bool("no_inherit"),
		Options:   r.List("options"),
		RefSchema: r.Str("ref_schema"), RefTable: r.Str("ref_table"), RefColumns: r.List("ref_columns"),
	}
	if r.Str("type") == "f" {
		c.OnUpdate, c.OnDelete = action(r.Str("on_update")), action(r.Str("on_delete"))
	}
	switch {
	case r.Bool("deferrable") && r.Bool("deferred"):
		c.Deferrable = "INITIALLY DEFERRED"
	case r.Bool("deferrable"):
		c.Deferrable = "INITIALLY IMMEDIATE"
	}
	c.Plain = c.spelledByAtlas(r)
	return c
}

// spelledByAtlas rebuilds the definition from what Atlas knows and compares it with the server's.
func (c *Constraint) spelledByAtlas(r catalog.Row) bool {
	if c.NotValid || c.Deferrable != "" || len(c.Options) > 0 {
		return false
	}
	switch r.Str("type") {
	case "p":
		return c.Def == "PRIMARY KEY ("+quotedAsNeeded(c.Columns)+")"
	case "u":
		return c.Def == "UNIQUE ("+quotedAsNeeded(c.Columns)+")" || c.Def == "UNIQUE NULLS NOT DISTINCT ("+quotedAsNeeded(c.Columns)+")"
	case "c":
		return !strings.HasSuffix(c.Def, " NOT ENFORCED")
	case "f":
		return r.Str("match") == "s" && !strings.Contains(c.Def, "PERIOD") && !strings.HasSuffix(c.Def, " NOT ENFORCED") &&
			!strings.Contains(c.Def, "SET NULL (") && !strings.Contains(c.Def, "SET DEFAULT (")
	}
	return false
}

// quotedAsNeeded lists plain identifiers as the server does; anything else makes the comparison fail, which is safe.
func quotedAsNeeded(names []string) string { return strings.Join(names, ", ") }

// action spells a referential action of pg_constraint; NO ACTION, the default, is empty.
func action(code string) string {
	switch code {
	case "r":
		return "RESTRICT"
	case "c":
		return "CASCADE"
	case "n":
		return "SET NULL"
	case "d":
		return "SET DEFAULT"
	}
	return ""
}

// addTo puts the constraint into a table model for Atlas. It reports false when Atlas cannot spell it.
func (c *Constraint) addTo(t *atlas.Table, id object.ID) bool {
	if !c.Plain {
		return false
	}
	index := func() atlas.Index {
		i := atlas.Index{Name: id.Name, Unique: true, Constraint: true, Include: c.Include, NullsNotDistinct: c.NullsNotDistinct}
		for _, name := range c.Columns {
			i.Parts = append(i.Parts, atlas.Part{Column: name})
			addColumn(t, name)
		}
		return i
	}
	switch id.Kind {
	case "primary_key":
		if id.Name != id.Table+"_pkey" {
			return false // Atlas does not name primary keys
		}
		i := index()
		i.Constraint = false
		t.PrimaryKey = &i
	case "unique":
		t.Indexes = append(t.Indexes, index())
	case "check":
		t.Checks = append(t.Checks, atlas.Check{Name: id.Name, Expr: c.Expr, NoInherit: c.NoInherit})
	case "foreign_key":
		if c.RefTable == id.Table && c.RefSchema != id.Schema {
			return false // Atlas orders tables by their bare names, and takes it for a circle
		}
		t.ForeignKeys = append(t.ForeignKeys, atlas.ForeignKey{
			Name: id.Name, Columns: c.Columns, RefSchema: c.RefSchema, RefTable: c.RefTable, RefColumns: c.RefColumns,
			OnUpdate: c.OnUpdate, OnDelete: c.OnDelete,
		})
	default:
		return false
	}
	return true
}

// addColumn makes sure that a model lists the column.
func addColumn(t *atlas.Table, name string) {
	if !slices.ContainsFunc(t.Columns, func(c atlas.Column) bool { return c.Name == name }) {
		t.Columns = append(t.Columns, atlas.Column{Name: name, Type: "text"})
	}
}

// clause is the constraint as CREATE TABLE and ADD take it.
func (c *Constraint) clause(name string) string {
	out := c.withOptions()
	if !c.Unnamed {
		out = "CONSTRAINT " + ident(name) + " " + out
	}
	if c.NotValid {
		out += " NOT VALID"
	}
	return out
}

// withOptions is the definition with the storage parameters of its index.
func (c *Constraint) withOptions() string {
	if len(c.Options) == 0 {
		return c.Def
	}
	with := " WITH (" + strings.Join(optionList(c.Options), ", ") + ")"
	if def, when, ok := strings.Cut(c.Def, " DEFERRABLE"); ok && c.Deferrable != "" {
		return def + with + " DEFERRABLE" + when
	}
	return c.Def + with
}

func createConstraint(c *kind.Context, k kind.Of[Constraint]) ([]plan.Step, error) {
	if parentsCheck(c.From, k) && !parentsCheck(c.To, k) && !isPartition(c.From, k.Parent) {
		return nil, nil // it keeps what its parent had
	}
	head := "ALTER TABLE " + tableOf(k.ID) + " "
	if whole, part := partOfThen(c, k.ID); part && isThere(c, whole) {
		if steps, ok := adoptSteps(k, whole, head); ok {
			return steps, nil
		}
	}
	step := plan.Step{SQL: head + "ADD " + k.V.clause(k.ID.Name)}
	with := atlas.Table{Schema: k.ID.Schema, Name: k.ID.Table}
	if k.V.addTo(&with, k.ID) {
		without := atlas.Table{Schema: with.Schema, Name: with.Name, Columns: with.Columns}
		stmts, err := atlas.Postgres{}.Alter(without, with)
		if err != nil {
			return nil, err
		}
		step = fromAtlas(k.ID, stmts[0])
		step.Prefix = ""
	}
	step.Comment = "add " + k.ID.String()
	step.Reverse = []string{head + "DROP CONSTRAINT " + ident(k.ID.Name)}
	if !k.V.NotValid {
		step.Into = plan.Ref{Op: plan.Create, ID: k.Parent}
	}
	if k.ID.Kind == "foreign_key" {
		step.Takes = oldKey(k.V.RefSchema, k.V.RefTable, k.V.RefColumns)
		step.Busy = []object.ID{k.V.references()}
		if k.Parent != k.V.references() && turnsToo(c, k.Parent, k.Object) {
			step.Needs = append(step.Needs, k.V.references()) // a logged table refers to logged ones only
		}
	}
	return append(append(splitConstraint(c, k, step), identitySteps(c, k.ID)...), partsOfNew(c, k.Object)...), nil
}

func alterConstraint(_ *kind.Context, from, to kind.Of[Constraint], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("apart") {
		a.Take(a.Left()...)
		return plan.Replace("it would become a part of a constraint above"), nil
	}
	a.Take("def", "not_valid", "options")
	if !a.Has("def") && !a.Has("options") && from.V.NotValid {
		return plan.InPlace(plan.Step{
			SQL:     "ALTER TABLE " + tableOf(to.ID) + " VALIDATE CONSTRAINT " + ident(to.ID.Name),
			Comment: "validate " + to.ID.String(),
		}), nil
	}
	if to.ID.Kind == "foreign_key" && from.V.NotValid == to.V.NotValid && undeferred(from.V.Def) == undeferred(to.V.Def) {
		set := func(k *Constraint) string {
			when := "NOT DEFERRABLE"
			if k.Deferrable != "" {
				when = "DEFERRABLE " + k.Deferrable
			}
			return "ALTER TABLE " + tableOf(to.ID) + " ALTER CONSTRAINT " + ident(to.ID.Name) + " " + when
		}
		return plan.InPlace(plan.Step{SQL: set(to.V), Comment: "set when " + to.ID.String() + " is checked", Reverse: []string{set(from.V)}}), nil
	}
	return plan.Replace("PostgreSQL cannot change a constraint in place"), nil
}

// undeferred is the definition of a foreign key without what says when it is checked.
func undeferred(def string) string {
	def, after := strings.CutSuffix(def, " NOT ENFORCED")
	def = strings.TrimSuffix(strings.TrimSuffix(def, " INITIALLY DEFERRED"), " DEFERRABLE")
	return def + toggle(after, " NOT ENFORCED", "")
}

func dropConstraint(c *kind.Context, k kind.Of[Constraint]) ([]plan.Step, error) {
	if whole, part := partOfNow(c, k.ID); part && !c.Goes(k.Parent) && c.Goes(whole) && !leavesWhole(c, k.ID) {
		return nil, nil // it goes with the index that its own is a part of
	}
	if becomesPart(c, k) {
		return nil, nil
	}
	if steps := goOnFilling(c, k); steps != nil {
		return steps, nil
	}
	head := "ALTER TABLE " + tableOf(k.ID) + " "
	step := plan.Step{
		SQL:     head + "DROP CONSTRAINT " + ident(k.ID.Name),
		Comment: "drop " + k.ID.String(),
		Reverse: []string{head + "ADD " + k.V.clause(k.ID.Name)},
	}
	if k.ID.Kind == "foreign_key" {
		step.Busy = []object.ID{k.V.references()}
		if turnsToo(c, k.Parent, k.Object) {
			step.Releases = []object.ID{k.V.references()} // a logged table must not refer to it when it becomes unlogged
		}
	}
	if k.ID.Kind == "primary_key" || k.ID.Kind == "unique" {
		step.Frees = oldKey(k.ID.Schema, k.ID.Table, k.V.Columns)
	}
	if k.ID.Kind == "check" {
		return dropCheckFromParent(c, k, step), nil
	}
	return []plan.Step{step}, nil
}

// oldKey is the claim by which a foreign key waits until no key over the columns that it references is left to drop: of
// several that fit it rests on the oldest (src/backend/commands/tablecmds.c, transformFkeyCheckAttrs), which then could
// not go.
func oldKey(schema, table string, columns []string) []string {
	return []string{"old key of " + qualified(schema, table) + " (" + strings.Join(slices.Sorted(slices.Values(columns)), ", ") + ")"}
}

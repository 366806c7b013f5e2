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

// Table is a table or a partition; its columns, constraints and indexes are objects beside it.
type Table struct {
	Unlogged        bool     `json:"unlogged,omitempty"`
	PartitionBy     string   `json:"partition_by,omitempty"`       // the key as pg_get_partkeydef spells it
	PartitionOf     string   `json:"partition_of,omitempty"`       // the parent, quoted; empty: not a partition
	Bound           string   `json:"bound,omitempty"`              // FOR VALUES … of a partition
	Inherits        []string `json:"inherits,omitempty"`           // parents, quoted, in order
	OfType          string   `json:"of_type,omitempty"`            // the type of a typed table
	Options         []string `json:"options,omitempty" diff:"set"` // storage parameters, name=value
	AccessMethod    string   `json:"access_method,omitempty"`      // empty: the default, heap
	Tablespace      string   `json:"tablespace,omitempty"`         // empty: the database's
	RowSecurity     bool     `json:"row_security,omitempty"`
	ForceSecurity   bool     `json:"force_security,omitempty"`   // row security holds for the owner too
	ReplicaIdentity string   `json:"replica_identity,omitempty"` // FULL, NOTHING or USING INDEX name; empty: DEFAULT
	// Fires are the row triggers of the tables above a partition that fire on it otherwise than there: DISABLE name.
	Fires []string `json:"fires,omitempty"`
	// Parts are the parts of constraints above a partition that the server did not name.
	Parts []PartName `json:"parts,omitempty"`
	// Rejoins is set while a plan is made: the table leaves a parent that is made anew, and joins it again.
	Rejoins bool `json:"rejoins,omitempty"`
	// Anew is set while a plan is made: why the table cannot become what it is to be in place.
	Anew string `json:"anew,omitempty"`
	// Shares are the parts that a partition has of its parents' indexes and keys, under the names that the server gave them.
	Shares []Share `json:"shares,omitempty" diff:"-"`
	// OwnNotNull are the columns of a parent's that are NOT NULL there and by the table's own constraint, from PostgreSQL 18 on.
	OwnNotNull []string `json:"own_not_null,omitempty" diff:"-"`
}

// Share is a partition's part of an index or key.
type Share struct {
	ID  object.ID `json:"id"`
	Of  object.ID `json:"of"`            // the object on the partitioned table
	Def string    `json:"def,omitempty"` // of an index, as pg_get_indexdef spells it
	// Stays marks what the server takes from a partition that leaves: before version 15 its share of a foreign key to a
	// partitioned table (seen on 14.23).
	Stays bool `json:"stays,omitempty"`
}

func tableKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Table]{
			Name: "table", Weight: weightTable, Rows: func(*Table) bool { return true },
			Create: createTable, Alter: alterTable, Drop: dropTable,
		}),
		queries: []catalog.Query{{Name: "tables", SQL: `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.reltype, c.relpersistence = 'u' AS unlogged,
  CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_by,
  c.relispartition AS is_partition, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound,
  CASE WHEN c.relhassubclass OR c.relispartition OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) THEN
    (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(pc.relname), E'\x1f' ORDER BY i.inhseqno)
     FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class pc ON pc.oid = i.inhparent
     JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace WHERE i.inhrelid = c.oid) END AS parents,
  CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS of_type,
  pg_catalog.array_to_string(c.reloptions, E'\x1f') AS options,
  CASE WHEN am.amname <> 'heap' THEN am.amname END AS access_method, ts.spcname AS tablespace,
  c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_security,
  CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN
    (SELECT 'USING INDEX ' || pg_catalog.quote_ident(ic.relname) FROM pg_catalog.pg_index ri
     JOIN pg_catalog.pg_class ic ON ic.oid = ri.indexrelid WHERE ri.indrelid = c.oid AND ri.indisreplident) END AS replica_identity
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND ` + userSchemas + `
ORDER BY 2, 3`}},
		build: buildTables,
		hcl:   tableHCL(),
	}
}

func buildTables(b *builder) error {
	return b.rows("tables", func(r catalog.Row) error {
		t := &Table{
			Unlogged: r.Bool("unlogged"), PartitionBy: r.Str("partition_by"), Bound: r.Str("bound"),
			OfType: r.Str("of_type"), Options: r.List("options"), AccessMethod: r.Str("access_method"),
			Tablespace: r.Str("tablespace"), RowSecurity: r.Bool("row_security"),
			ForceSecurity: r.Bool("force_security"), ReplicaIdentity: r.Str("replica_identity"),
		}
		if parents := r.List("parents"); r.Bool("is_partition") && len(parents) == 1 {
			t.PartitionOf = parents[0]
		} else {
			t.Inherits = parents
		}
		o := &object.Object{
			ID: object.ID{Kind: "table", Schema: r.Str("schema"), Name: r.Str("name")}, Value: t,
			Claims: []string{relationClaim(r.Str("schema"), r.Str("name")), typeClaim(r.Str("schema"), r.Str("name"))},
		}
		if err := b.add(ref{classRelation, r.Str("oid"), "0"}, o); err != nil {
			return err
		}
		b.alias(ref{classType, r.Str("reltype"), "0"}, o.ID)
		return nil
	})
}

// relationClaim is the namespace that tables, views, indexes and sequences share.
func relationClaim(schema, name string) string { return "relation " + qualified(schema, name) }

// typeClaim is the namespace of types, in which every table takes its own name too.
func typeClaim(schema, name string) string { return "type " + qualified(schema, name) }

func createTable(c *kind.Context, t kind.Of[Table]) ([]plan.Step, error) {
	steps := []plan.Step{{
		Comment: "create table " + t.ID.Path(),
		Reverse: []string{"DROP TABLE " + qualified(t.ID.Schema, t.ID.Name)},
		Fold: func(host *plan.Step, parts []*plan.Step) error {
			sql, err := createTableSQL(c.To, t, parts)
			host.SQL = sql
			return err
		},
	}}
	for _, clause := range tableSettings(&Table{}, t.V) {
		steps = append(steps, alterTableStep(t.ID, clause, "", "set up table "+t.ID.Path()))
	}
	steps = append(steps, fireSteps(c, t.ID, nil, t.V.Fires, true)...)
	steps = append(append(steps, newPartSteps(c, t)...), shareIdentity(c, t)...)
	return append(steps, restartSteps(c, t)...), nil
}

// createTableSQL writes the table with the columns, defaults and constraints that are folded into it.
func createTableSQL(to *object.State, t kind.Of[Table], parts []*plan.Step) (string, error) {
	var sql string
	switch {
	case t.V.OfType != "":
		sql = "CREATE TABLE " + qualified(t.ID.Schema, t.ID.Name) + " OF " + t.V.OfType
		if body := typedBody(to, t.ID, parts); body != "" {
			sql += " (\n  " + body + "\n)"
		}
	case t.V.PartitionOf != "":
		sql = "CREATE TABLE " + qualified(t.ID.Schema, t.ID.Name) + " PARTITION OF " + t.V.PartitionOf
		if body := partitionBody(to, parts); body != "" {
			sql += " (\n  " + body + "\n)"
		}
		sql += " " + t.V.Bound
	default:
		model, extra := tableModel(to, t.ID, parts)
		s, err := atlas.Postgres{}.CreateTable(model)
		if err != nil {
			return "", err
		}
		sql = s.SQL
		sql = withClauses(sql, extra)
	}
	if t.V.Unlogged {
		sql = "CREATE UNLOGGED TABLE" + strings.TrimPrefix(sql, "CREATE TABLE")
	}
	return sql + tableSuffix(t.V), nil
}

// withClauses adds clauses to the list in parentheses at the end of a CREATE TABLE.
func withClauses(sql string, extra []string) string {
	if len(extra) == 0 {
		return sql
	}
	body := strings.TrimSuffix(strings.TrimSuffix(sql, ")"), "\n")
	separator := ",\n  "
	if strings.HasSuffix(strings.TrimSpace(body), "(") {
		separator = "\n  "
	}
	return body + separator + strings.Join(extra, ",\n  ") + "\n)"
}

// tableSuffix is what follows the column list (PostgreSQL manual, "CREATE TABLE").
func tableSuffix(t *Table) string {
	var b strings.Builder
	if len(t.Inherits) > 0 {
		b.WriteString(" INHERITS (" + strings.Join(t.Inherits, ", ") + ")")
	}
	if t.PartitionBy != "" {
		b.WriteString(" PARTITION BY " + t.PartitionBy)
	}
	if t.AccessMethod != "" {
		b.WriteString(" USING " + ident(t.AccessMethod))
	}
	if len(t.Options) > 0 {
		b.WriteString(" WITH (" + strings.Join(optionList(t.Options), ", ") + ")")
	}
	if t.Tablespace != "" {
		b.WriteString(" TABLESPACE " + ident(t.Tablespace))
	}
	return b.String()
}

// optionList quotes the values of storage parameters, which the catalog holds bare.
func optionList(options []string) []string {
	out := make([]string, len(options))
	for i, o := range options {
		name, value, _ := strings.Cut(o, "=")
		out[i] = name + "=" + literal(value)
	}
	return out
}

// tableSettings lists the ALTER TABLE clauses for what CREATE TABLE cannot say.
func tableSettings(from, to *Table) []string {
	var out []string
	if from.RowSecurity != to.RowSecurity {
		out = append(out, toggle(to.RowSecurity, "ENABLE", "DISABLE")+" ROW LEVEL SECURITY")
	}
	if from.ForceSecurity != to.ForceSecurity {
		out = append(out, toggle(to.ForceSecurity, "FORCE", "NO FORCE")+" ROW LEVEL SECURITY")
	}
	if from.ReplicaIdentity != to.ReplicaIdentity && !strings.HasPrefix(to.ReplicaIdentity, "USING INDEX") {
		identity := to.ReplicaIdentity
		if identity == "" {
			identity = "DEFAULT"
		}
		out = append(out, "REPLICA IDENTITY "+identity)
	}
	return out
}

func toggle(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}

func alterTableStep(table object.ID, clause, reverse, comment string) plan.Step {
	head := "ALTER TABLE " + qualified(table.Schema, table.Name) + " "
	s := plan.Step{SQL: head + clause, Comment: comment}
	if reverse != "" {
		s.Reverse = []string{head + reverse}
	}
	return s
}

// tableID is the table that a column, or what belongs to one, stands in.
func tableID(id object.ID) object.ID {
	return object.ID{Kind: "table", Schema: id.Schema, Name: id.Table}
}

// changeSettings changes row security and the replica identity.
func changeSettings(c *kind.Context, from, to kind.Of[Table], change func(clause, reverse string)) {
	settings, back := tableSettings(from.V, to.V), tableSettings(to.V, from.V)
	for i, clause := range settings {
		reverse := ""
		if len(back) == len(settings) {
			reverse = back[i]
		}
		change(clause, reverse)
	}
	if from.V.ReplicaIdentity != to.V.ReplicaIdentity && hasIdentityIndex(c, to) {
		change("REPLICA IDENTITY "+to.V.ReplicaIdentity, "")
	}
}

func alterTable(c *kind.Context, from, to kind.Of[Table], a *kind.Attrs) (plan.Edit, error) {
	if reason := anew(c.From, c.To, to.ID); reason != "" {
		a.Take(a.Left()...)
		return plan.Replace(reason), nil
	}
	var steps []plan.Step
	change := func(clause, reverse string) {
		steps = append(steps, alterTableStep(to.ID, clause, reverse, "modify table "+to.ID.Path()))
	}
	if a.Take("unlogged") {
		change("SET "+toggle(to.V.Unlogged, "UNLOGGED", "LOGGED"), "SET "+toggle(from.V.Unlogged, "UNLOGGED", "LOGGED"))
		steps = append(steps, logSequences(c, to)...)
	}
	turns := from.V.Unlogged != to.V.Unlogged
	if a.Take("access_method") {
		change("SET ACCESS METHOD "+orDefault(to.V.AccessMethod, "heap"), "SET ACCESS METHOD "+orDefault(from.V.AccessMethod, "heap"))
	}
	if a.Take("tablespace") {
		change("SET TABLESPACE "+orDefault(to.V.Tablespace, "pg_default"), "SET TABLESPACE "+orDefault(from.V.Tablespace, "pg_default"))
	}
	if a.Take("options") {
		forward, back := optionClauses(from.V.Options, to.V.Options), optionClauses(to.V.Options, from.V.Options)
		for _, clause := range forward {
			change(clause, strings.Join(back, ", "))
		}
	}
	if _, moves := tiesOf(c)[to.ID]; a.Has("parts") && !moves {
		a.Take("parts")
		steps = append(steps, partSteps(c, from, to)...)
	}
	if a.Take("row_security", "force_security", "replica_identity") {
		changeSettings(c, from, to, change)
	}
	edit := plan.InPlace(steps...)
	if turns {
		edit.Disturbs = func(dep *object.Object) bool { return turnsToo(c, to.ID, dep) }
	}
	if a.Has("fires") && len(tiesOf(c)[to.ID].left) == 0 {
		a.Take("fires")
		edit.Steps = append(edit.Steps, fireSteps(c, to.ID, from.V.Fires, to.V.Fires, false)...)
	}
	if a.Take("partition_of", "bound", "inherits", "of_type", "rejoins") {
		edit.Steps = append(append(edit.Steps, leaveSteps(c, from, to)...), joinSteps(c, from, to)...)
		for _, st := range fireSteps(c, to.ID, nil, to.V.Fires, true) {
			st.Class = joining
			edit.Steps = append(edit.Steps, st)
		}
		for _, st := range append(newPartSteps(c, to), shareIdentity(c, to)...) {
			st.Class = joining
			edit.Steps = append(edit.Steps, st)
		}
		a.Take("fires", "parts")
		edit.Disturbs = func(dep *object.Object) bool { return heldUp(c, to.ID, dep) || turns && turnsToo(c, to.ID, dep) }
	}
	return edit, nil
}

// turnsToo reports whether a foreign key of a table that becomes logged or unlogged refers to another that does. Neither can
// be the first for sure: where they refer to each other, the server takes no order.
func turnsToo(c *kind.Context, table object.ID, dep *object.Object) bool {
	k, ok := dep.Value.(*Constraint)
	if !ok || dep.ID.Kind != "foreign_key" || k.references() == table {
		return false
	}
	from, was := kind.Get[Table](c.From, k.references())
	to, is := kind.Get[Table](c.To, k.references())
	return was && is && from.V.Unlogged != to.V.Unlogged
}

func orDefault(name, fallback string) string {
	if name == "" {
		name = fallback
	}
	return ident(name)
}

// optionClauses are the SET and RESET clauses that lead from one list of storage parameters to another. What is set goes
// to the end of the list, so that what the other list has behind it is set again: both are told in the same order then.
func optionClauses(from, to []string) []string {
	var reset, out []string
	stay := slices.DeleteFunc(slices.Clone(from), func(o string) bool {
		name := optionName.FindString(o)
		if slices.ContainsFunc(to, func(x string) bool { return optionName.FindString(x) == name }) {
			return !slices.Contains(to, o)
		}
		reset = append(reset, name)
		return true
	})
	kept := 0
	for kept < min(len(stay), len(to)) && stay[kept] == to[kept] {
		kept++
	}
	set := to[kept:]
	if len(set) > 0 {
		out = append(out, "SET ("+strings.Join(optionList(set), ", ")+")")
	}
	if len(reset) > 0 {
		out = append(out, "RESET ("+strings.Join(reset, ", ")+")")
	}
	return out
}

func dropTable(c *kind.Context, t kind.Of[Table]) ([]plan.Step, error) {
	step := plan.Step{
		SQL:     "DROP TABLE " + qualified(t.ID.Schema, t.ID.Name),
		Comment: "drop table " + t.ID.Path(),
		Loses:   "every row of table " + t.ID.Path(),
	}
	if t.V.PartitionBy != "" {
		step.Loses = "" // its rows are those of its partitions, which go on their own, or stay
	}
	if t.V.PartitionOf != "" && isReferenced(c, t.ID) {
		return []plan.Step{detachStep(c, t), step}, nil
	}
	return []plan.Step{step}, nil
}

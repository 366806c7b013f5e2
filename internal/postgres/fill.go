package postgres

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/sample"
)

// Fill reads from the server itself what its tables take: unlike the state it knows every column of a partition and
// of a child, and every type by its parts.
func (s *session) Fill(ctx context.Context, _, desired *object.State) ([]dialect.Rows, error) {
	f, err := s.readFillable(ctx, desired)
	if err != nil {
		return nil, err
	}
	filled, err := sample.Fill(ctx, rowWriter{s}, f.tables)
	if err != nil {
		return nil, err
	}
	out := make([]dialect.Rows, 0, len(filled)+len(f.foreign))
	for _, t := range filled {
		out = append(out, dialect.Rows{Table: t.Table.ID, Count: t.Count, Reason: t.Reason, Columns: f.stored[t.Table.ID]})
	}
	for _, id := range f.foreign {
		out = append(out, dialect.Rows{Table: id, Reason: "its rows are on another server"})
	}
	return out, nil
}

// Digest reads the rows of the table itself, without those of its children.
func (s *session) Digest(ctx context.Context, table object.ID, columns []string) (dialect.Digest, error) {
	d := dialect.Digest{Filled: map[string]int64{}}
	texts, counts := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		texts[i], counts[i] = ident(c)+"::text", "count("+ident(c)+")"
	}
	row := "ROW(" + strings.Join(texts, ", ") + ")::text"
	query := "SELECT count(*), coalesce(md5(string_agg(" + row + ", E'\\n' ORDER BY " + row + " COLLATE \"C\")), '')"
	from := " FROM ONLY " + qualified(table.Schema, table.Name)
	found := make([]int64, len(columns))
	dest := []any{&d.Count, &d.Sum}
	for i := range columns {
		query += ", " + counts[i]
		dest = append(dest, &found[i])
	}
	if err := s.conn.QueryRowContext(ctx, query+from).Scan(dest...); err != nil {
		return d, fault(err, query+from)
	}
	for i, c := range columns {
		d.Filled[c] = found[i]
	}
	return d, nil
}

// rowWriter writes rows on a session.
type rowWriter struct{ s *session }

func (rowWriter) Ident(name string) string  { return ident(name) }
func (rowWriter) Table(id object.ID) string { return qualified(id.Schema, id.Name) }
func (rowWriter) NoValues() string          { return "DEFAULT VALUES" }

func (w rowWriter) Insert(ctx context.Context, sql string) (int64, error) {
	r, err := w.s.conn.ExecContext(ctx, sql)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// fillable is what the server says of its tables.
type fillable struct {
	types   *valueTypes
	desired *object.State
	tables  []sample.Table
	index   map[string]int               // of tables, by OID
	stored  map[object.ID][]string       // the columns that store values
	numbers map[string]map[string]string // the names of columns by table and number
	foreign []object.ID
}

func fillQueries() []catalog.Query {
	return []catalog.Query{
		uniqueQuery(),
		{Name: "tables", SQL: `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind = 'f' AS foreign, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound,
  (SELECT pg_catalog.pg_get_partkeydef(i.inhparent) FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition) AS key
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'f') AND c.relpersistence <> 't' AND ` + userSchemas + `
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = c.oid AND x.deptype = 'e')
ORDER BY 2, 3`},
		{Name: "columns", SQL: `
SELECT a.attrelid AS relation, a.attnum AS num, a.attname AS name, a.atttypid AS type, a.atttypmod AS mod, a.attnotnull AS not_null,
  a.attidentity <> '' AS identity, a.attgenerated <> '' AS generated
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND ` + userSchemas + `
ORDER BY 1, 2`},
		{Name: "constraints", SQL: `
SELECT k.conrelid AS relation, k.contypid AS domain, k.contype AS type, pg_catalog.pg_get_constraintdef(k.oid) AS def, k.confrelid AS ref,
  pg_catalog.array_to_string(k.conkey, E'\x1f') AS columns, pg_catalog.array_to_string(k.confkey, E'\x1f') AS ref_columns
FROM pg_catalog.pg_constraint k WHERE k.contype IN ('c', 'f', 'x') AND k.oid >= 16384
ORDER BY 1, k.conname`},
		{Name: "types", SQL: `
SELECT t.oid, t.typname AS name, pg_catalog.format_type(t.oid, NULL) AS spelled, t.typtype AS type, t.typcategory AS category, t.typbasetype AS base, t.typtypmod AS mod,
  CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END AS element, t.typrelid AS relation, r.rngsubtype AS subtype, mr.rngsubtype AS multi_subtype,
  n.nspname AS schema
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_catalog.pg_range mr ON mr.rngmultitypid = t.oid
WHERE t.typtype <> 'p'`},
		{Name: "labels", SQL: `SELECT enumtypid AS type, enumlabel AS label FROM pg_catalog.pg_enum ORDER BY 1, enumsortorder`},
		{Name: "fields", SQL: `
SELECT a.attrelid AS relation, a.atttypid AS type, a.atttypmod AS mod FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum`},
	}
}

func (s *session) readFillable(ctx context.Context, desired *object.State) (*fillable, error) {
	rows, err := catalog.Read(ctx, s.conn, snapshotPrelude(), fillQueries())
	if back := query(context.WithoutCancel(ctx), s.conn, "ROLLBACK"); err == nil {
		err = back
	}
	if err != nil {
		return nil, err
	}
	f := &fillable{
		types: readValueTypes(rows, desired), desired: desired, index: map[string]int{},
		stored: map[object.ID][]string{}, numbers: map[string]map[string]string{},
	}
	for _, read := range []struct {
		name string
		each func(catalog.Row) error
	}{{"tables", f.table}, {"columns", f.column}, {"constraints", f.constraint}, {"uniques", f.unique}} {
		if err := rows[read.name].Each(read.each); err != nil {
			return nil, err
		}
	}
	for i := range f.tables {
		f.later(&f.tables[i])
	}
	return f, nil
}

func (f *fillable) table(r catalog.Row) error {
	id := object.ID{Kind: "table", Schema: r.Str("schema"), Name: r.Str("name")}
	if r.Bool("foreign") {
		id.Kind = "foreign_table"
		f.foreign = append(f.foreign, id)
		return nil
	}
	t := sample.Table{ID: id}
	f.index[r.Str("oid")] = len(f.tables)
	f.numbers[r.Str("oid")] = map[string]string{}
	if bound := r.Str("bound"); bound != "" {
		f.types.hints[id] = append(f.types.hints[id], bound)
		t.Conditions = []sample.Condition{{Columns: wordsOf(r.Str("key"))}}
	}
	f.tables = append(f.tables, t)
	return nil
}

func (f *fillable) column(r catalog.Row) error {
	i, ok := f.index[r.Str("relation")]
	if !ok {
		return nil
	}
	t, name := &f.tables[i], r.Str("name")
	f.numbers[r.Str("relation")][r.Str("num")] = name
	c := sample.Column{Name: name, Given: r.Bool("identity") || r.Bool("generated"), Nullable: !r.Bool("not_null")}
	if !r.Bool("generated") {
		f.stored[t.ID] = append(f.stored[t.ID], name)
	}
	wanted := ""
	if d, ok := kind.Get[Column](f.desired, columnID(t.ID, name)); ok {
		c.Nullable = c.Nullable && !d.V.NotNull
		wanted = d.V.Type
	}
	v := f.types.value(r.Str("type"), int(r.Int("mod")), wanted)
	c.Value, c.Many, c.Computed = v.literal, v.many(), r.Bool("generated")
	if c.Special = v.literals(v.special); len(c.Special) > 0 { // of a domain
		t.Conditions = append(t.Conditions, sample.Condition{Columns: []string{name}})
	}
	t.Columns = append(t.Columns, c)
	f.types.columns[[2]string{t.ID.String(), name}] = v
	return nil
}

func (f *fillable) constraint(r catalog.Row) error {
	i, ok := f.index[r.Str("relation")]
	if !ok {
		return nil
	}
	t := &f.tables[i]
	columns := f.named(r.Str("relation"), r.List("columns"))
	if r.Str("type") == "f" {
		if j, ok := f.index[r.Str("ref")]; ok {
			t.Keys = append(t.Keys, sample.Key{
				Columns: columns, Table: f.tables[j].ID, RefColumns: f.named(r.Str("ref"), r.List("ref_columns")),
			})
		}
		return nil
	}
	f.types.hints[t.ID] = append(f.types.hints[t.ID], r.Str("def"))
	t.Conditions = append(t.Conditions, sample.Condition{Columns: columns})
	return nil
}

func (f *fillable) named(relation string, numbers []string) []string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = f.numbers[relation][n]
	}
	return out
}

// later adds what the desired state demands, and to each column the values that a condition may mean.
func (f *fillable) later(t *sample.Table) {
	hints := f.types.hints[t.ID]
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	for _, o := range f.desired.Kind("check") {
		k, ok := kind.Get[Constraint](f.desired, o.ID)
		if !ok || o.Parent != t.ID || k.V.Expr == "" || slices.ContainsFunc(k.V.Columns, func(c string) bool { return !slices.Contains(names, c) }) {
			continue
		}
		hints = append(hints, k.V.Expr)
		t.Conditions = append(t.Conditions, sample.Condition{Columns: k.V.Columns})
		if takes(t, k.V.Columns) {
			t.Later = append(t.Later, k.V.Expr)
		}
	}
	if d, ok := kind.Get[Table](f.desired, t.ID); ok && d.V.Bound != "" {
		hints = append(hints, d.V.Bound)
		if column, condition := within(f.desired, d); column != "" && slices.Contains(names, column) {
			t.Conditions = append(t.Conditions, sample.Condition{Columns: []string{column}})
			if takes(t, []string{column}) {
				t.Later = append(t.Later, condition)
			}
		}
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		v := f.types.columns[[2]string{t.ID.String(), c.Name}]
		c.Special = append(c.Special, v.literals(v.hinted(hints))...)
		c.Special = sample.Unique(c.Special)
	}
}

var rangeBound = regexp.MustCompile(`(?s)^FOR VALUES FROM \((.*)\) TO \((.*)\)$`)

// within is the condition on rows of a partition, where it is one of a single column: the server tells it only of tables
// that are partitions already.
func within(s *object.State, t kind.Of[Table]) (column, condition string) {
	schema, name, _ := splitQualified(t.V.PartitionOf)
	parent, ok := kind.Get[Table](s, object.ID{Kind: "table", Schema: schema, Name: name})
	if !ok {
		return "", ""
	}
	method, key, _ := strings.Cut(parent.V.PartitionBy, " ")
	column, rest, ok := takeIdent(strings.TrimPrefix(key, "("))
	if !ok || strings.TrimSpace(rest) != ")" {
		return "", ""
	}
	name = ident(column)
	if values, isList := strings.CutPrefix(t.V.Bound, "FOR VALUES IN "); isList && method == "LIST" {
		return column, name + " IN " + values
	}
	m := rangeBound.FindStringSubmatch(t.V.Bound)
	if m == nil || method != "RANGE" {
		return "", ""
	}
	parts := []string{name + " IS NOT NULL"}
	if m[1] != "MINVALUE" {
		parts = append(parts, name+" >= "+m[1])
	}
	if m[2] != "MAXVALUE" {
		parts = append(parts, name+" < "+m[2])
	}
	return column, strings.Join(parts, " AND ")
}

// takes reports whether rows that are put in have values of their own for all columns.
func takes(t *sample.Table, columns []string) bool {
	return !slices.ContainsFunc(t.Columns, func(c sample.Column) bool { return c.Given && slices.Contains(columns, c.Name) })
}

var wordPattern = regexp.MustCompile(`[\pL_][\pL\pN_$]*|"(?:[^"]|"")+"`)

// wordsOf lists the names in a text.
func wordsOf(text string) []string {
	var out []string
	for _, w := range wordPattern.FindAllString(text, -1) {
		if strings.HasPrefix(w, `"`) {
			w = strings.ReplaceAll(w[1:len(w)-1], `""`, `"`)
		}
		out = append(out, w)
	}
	return out
}

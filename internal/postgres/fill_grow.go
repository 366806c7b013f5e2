package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/sample"
)

var _ dialect.Grower = (*session)(nil)

// Grow fills the tables as Fill does, and those that are wanted larger until they are. A partitioned table is filled
// through its partitions, each with as many rows as the others.
func (s *session) Grow(ctx context.Context, _, desired *object.State, wanted map[object.ID]int64) ([]dialect.Rows, error) {
	f, err := s.readFillable(ctx, desired)
	if err != nil {
		return nil, err
	}
	f.keysToCome()
	leaves, err := s.leaves(ctx)
	if err != nil {
		return nil, err
	}
	each := sharedOut(wanted, leaves)
	grown, err := sample.Grow(ctx, rowWriter{s}, f.tables, each)
	if err != nil {
		return nil, err
	}
	var out []dialect.Rows
	for _, t := range f.tables {
		if each[t.ID] == 0 {
			continue
		}
		if grown[t.ID].Count > 0 {
			if err := s.Exec(ctx, "VACUUM (ANALYZE) "+qualified(t.ID.Schema, t.ID.Name)); err != nil {
				return nil, err
			}
		}
		out = append(out, dialect.Rows{Table: t.ID, Count: grown[t.ID].Count, Reason: grown[t.ID].Reason})
	}
	for _, id := range f.foreign {
		if wanted[object.ID{Kind: "table", Schema: id.Schema, Name: id.Name}] > 0 {
			out = append(out, dialect.Rows{Table: id, Reason: "its rows are on another server"})
		}
	}
	return out, nil
}

// leaves are the tables that hold the rows of partitioned ones.
func (s *session) leaves(ctx context.Context) (map[object.ID][]object.ID, error) {
	const query = `
SELECT n.nspname, c.relname, ln.nspname, l.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class l ON l.oid = t.relid AND l.relkind = 'r'
JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
WHERE c.relkind = 'p' AND t.isleaf ORDER BY 1, 2, 3, 4`
	rows, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fault(err, query)
	}
	defer func() { _ = rows.Close() }()
	out := map[object.ID][]object.ID{}
	for rows.Next() {
		parent, leaf := object.ID{Kind: "table"}, object.ID{Kind: "table"}
		if err := rows.Scan(&parent.Schema, &parent.Name, &leaf.Schema, &leaf.Name); err != nil {
			return nil, err
		}
		out[parent] = append(out[parent], leaf)
	}
	return out, fault(rows.Err(), query)
}

// sharedOut gives the partitions what is wanted of their table, where nothing is said of themselves.
func sharedOut(wanted map[object.ID]int64, leaves map[object.ID][]object.ID) map[object.ID]int64 {
	out := map[object.ID]int64{}
	for id, n := range wanted {
		list := leaves[id]
		if len(list) == 0 {
			out[id] = max(out[id], n)
		}
		for _, leaf := range list {
			if _, said := wanted[leaf]; !said {
				out[leaf] = max(out[leaf], n/int64(len(list)))
			}
		}
	}
	return out
}

func uniqueQuery() catalog.Query {
	return catalog.Query{Name: "uniques", SQL: `
SELECT i.indrelid AS relation, c.relname AS name, pg_catalog.pg_get_indexdef(i.indexrelid) AS def
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (i.indisunique OR i.indisexclusion) AND c.relkind = 'i' AND ` + userSchemas + `
ORDER BY 1, 2`}
}

// unique adds a key that there is.
func (f *fillable) unique(r catalog.Row) error {
	i, ok := f.index[r.Str("relation")]
	if !ok {
		return nil
	}
	_, parts, _ := strings.Cut(r.Str("def"), " USING ")
	f.tables[i].Unique = append(f.tables[i].Unique, distinct(&f.tables[i], r.Str("name"), wordsOf(parts)))
	return nil
}

func distinct(t *sample.Table, name string, words []string) sample.UniqueKey {
	u := sample.UniqueKey{Name: name}
	for _, c := range t.Columns {
		if slices.Contains(words, c.Name) {
			u.Columns = append(u.Columns, c.Name)
		}
	}
	return u
}

// keysToCome adds the keys that the desired state has, where the tables have their columns now.
func (f *fillable) keysToCome() {
	at := map[object.ID]*sample.Table{}
	for i := range f.tables {
		at[f.tables[i].ID] = &f.tables[i]
	}
	for _, o := range f.desired.All() {
		t := at[o.Parent]
		if t == nil {
			continue
		}
		switch o.ID.Kind {
		case "index":
			if x, ok := kind.Get[Index](f.desired, o.ID); ok && x.V.Unique {
				_, parts, _ := strings.Cut(x.V.Def, " USING ")
				t.Unique = append(t.Unique, distinct(t, o.ID.Name, wordsOf(parts)))
			}
		case "primary_key", "unique":
			if k, ok := kind.Get[Constraint](f.desired, o.ID); ok {
				t.Unique = append(t.Unique, distinct(t, o.ID.Name, k.V.Columns))
			}
		case "foreign_key":
			k, ok := kind.Get[Constraint](f.desired, o.ID)
			if !ok {
				continue
			}
			ref := object.ID{Kind: "table", Schema: k.V.RefSchema, Name: k.V.RefTable}
			if ref.Schema == "" {
				ref.Schema = o.Parent.Schema
			}
			if other := at[ref]; other != nil && t.Has(k.V.Columns) && other.Has(k.V.RefColumns) && !t.Keyed(k.V.Columns) {
				t.Keys = append(t.Keys, sample.Key{Columns: k.V.Columns, Table: ref, RefColumns: k.V.RefColumns})
			}
		}
	}
	for i := range f.tables {
		t := &f.tables[i]
		t.Unique = slices.DeleteFunc(t.Unique, func(u sample.UniqueKey) bool { return len(u.Columns) == 0 })
	}
}

func (rowWriter) Numbers(from, to int64) string {
	return fmt.Sprintf("pg_catalog.generate_series(%d::bigint, %d::bigint) AS g(n)", from, to)
}

func (rowWriter) Rows(id object.ID) string { return "ONLY " + qualified(id.Schema, id.Name) }

func (rowWriter) Divided(n string, by int64) string { return fmt.Sprintf("%s / %d", n, by) }

func (rowWriter) Overriding() string { return "OVERRIDING SYSTEM VALUE " }

package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// foreignKey is the kind of foreign keys.
const foreignKey = "foreign_key"

// ForeignKey is a foreign key. Actions are empty where they are the server's default: NO ACTION on MySQL, RESTRICT on
// MariaDB, which mean the same.
type ForeignKey struct {
	Columns    []string    `json:"columns"`
	RefSchema  string      `json:"ref_schema,omitempty"`
	RefTable   string      `json:"ref_table"`
	RefColumns []string    `json:"ref_columns"`
	OnUpdate   string      `json:"on_update,omitempty"`
	OnDelete   string      `json:"on_delete,omitempty"`
	RefKeys    []object.ID `json:"ref_keys,omitempty" diff:"-"` // indexes of the other table that can serve it
	Unnamed    bool        `json:"unnamed,omitempty" diff:"-"`  // the server is to find a name
}

func foreignKeyKind() objectKind {
	return objectKind{
		hcl: foreignKeyHCL(),
		Kind: kind.Define(kind.Def[ForeignKey]{
			Name: foreignKey, Weight: weightForeignKey,
			Create: createForeignKey, Alter: alterForeignKey, Drop: dropForeignKey,
		}),
		queries: func(_ server, in within) []catalog.Query {
			return []catalog.Query{
				{Name: "foreign_keys", SQL: `
SELECT CONSTRAINT_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS name, UPDATE_RULE AS on_update, DELETE_RULE AS on_delete
FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE ` + in("CONSTRAINT_SCHEMA") + ` ORDER BY 1, 2, 3`},
				{Name: "foreign_key_columns", SQL: `
SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS name, COLUMN_NAME AS col, REFERENCED_TABLE_SCHEMA AS ref_db,
  REFERENCED_TABLE_NAME AS ref_table, REFERENCED_COLUMN_NAME AS ref_col
FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND ` + in("TABLE_SCHEMA") + `
ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`},
			}
		},
		build: buildForeignKeys,
	}
}

func buildForeignKeys(b *builder) error {
	keys := map[object.ID]*object.Object{}
	idOf := func(t *tableEntry, r catalog.Row) object.ID {
		return object.ID{Kind: foreignKey, Schema: t.ID.Schema, Table: t.ID.Name, Name: r.Str("name")}
	}
	err := b.rows("foreign_keys", func(r catalog.Row) error {
		t, ok := b.tableAt(r, "db", "tab")
		if !ok {
			return nil
		}
		id := idOf(t, r)
		o := &object.Object{
			ID: id, Parent: t.ID, Claims: []string{"foreign key " + qualified(id.Schema, id.Name)},
			Value: &ForeignKey{OnUpdate: b.action(r.Str("on_update")), OnDelete: b.action(r.Str("on_delete"))},
		}
		keys[id] = o
		return b.add(o)
	})
	if err != nil {
		return err
	}
	err = b.rows("foreign_key_columns", func(r catalog.Row) error {
		t, ok := b.tableAt(r, "db", "tab")
		if !ok {
			return nil
		}
		o := keys[idOf(t, r)]
		if o == nil {
			return nil
		}
		f := o.Value.(*ForeignKey)
		f.RefSchema, f.RefTable = b.schema(r.Str("ref_db")), r.Str("ref_table")
		f.Columns = append(f.Columns, r.Str("col"))
		f.RefColumns = append(f.RefColumns, r.Str("ref_col"))
		ref := tableID(f.RefSchema, f.RefTable)
		o.Needs = append(o.Needs, ref, columnID(t.ID, r.Str("col")), columnID(ref, r.Str("ref_col")))
		return nil
	})
	for _, o := range keys {
		f := o.Value.(*ForeignKey)
		if ref := b.tables[[2]string{f.RefSchema, f.RefTable}]; ref != nil {
			f.findKeys(ref)
		}
	}
	return err
}

// action leaves out the default, which SHOW CREATE TABLE does not print either.
func (b *builder) action(rule string) string {
	if rule == "NO ACTION" && !b.mariadb || rule == "RESTRICT" && b.mariadb {
		return ""
	}
	return rule
}

// findKeys lists the indexes of the other table whose first columns are the referenced ones: one of them must be there
// before the foreign key (MySQL manual, "FOREIGN KEY Constraints").
func (f *ForeignKey) findKeys(ref *tableEntry) {
	for _, o := range ref.indexes {
		if o.Value.(*Index).startsWith(f.RefColumns) {
			f.RefKeys = append(f.RefKeys, o.ID)
		}
	}
}

// startsWith reports whether the first columns of the index are these.
func (x *Index) startsWith(columns []string) bool {
	if len(x.Parts) < len(columns) {
		return false
	}
	for i, c := range columns {
		if x.Parts[i].Column != c {
			return false
		}
	}
	return true
}

// ownKeys lists the indexes of the foreign key's table that can serve it: the server makes one where none is there, and
// lets none go that the foreign key needs.
func ownKeys(c *kind.Context, s *object.State, k kind.Of[ForeignKey]) []object.ID {
	var out []object.ID
	for _, o := range indexesOf(c, s, k.Parent) {
		if o.Value.(*Index).startsWith(k.V.Columns) {
			out = append(out, o.ID)
		}
	}
	return out
}

func (f *ForeignKey) model(name string) atlas.ForeignKey {
	if f.Unnamed {
		name = ""
	}
	return atlas.ForeignKey{
		Name: name, Columns: f.Columns, RefSchema: f.RefSchema, RefTable: f.RefTable, RefColumns: f.RefColumns,
		OnUpdate: f.OnUpdate, OnDelete: f.OnDelete,
	}
}

func createForeignKey(c *kind.Context, k kind.Of[ForeignKey]) ([]plan.Step, error) {
	stmt, err := atlas.MySQL{}.AddForeignKey(bare(k.Parent), k.V.model(k.ID.Name))
	step := fromAtlas(c, k.Parent, stmt, "add "+k.ID.String())
	step.Needs = append(slices.Clone(k.V.RefKeys), ownKeys(c, c.To, k)...)
	keeping(c, &step, k.Object, k.V.Columns)
	step.Runs = runs(c, k.Parent, addForeign)
	if k.V.referenced(k.Parent) == k.Parent && (c.Policy.Server.Flavor == "mariadb" || k.V.retyped(c, k.Parent) || k.V.keyMissing(c, c.From)) {
		step.Class = classItself
	}
	return []plan.Step{step}, err
}

// keyMissing reports whether a state lacks the key that the foreign key refers to, or the plan makes it anew. MySQL 9.7 dies
// of a statement that adds both (seen on 9.7.4: signal 11, with every algorithm).
func (f *ForeignKey) keyMissing(c *kind.Context, s *object.State) bool {
	return !slices.ContainsFunc(f.RefKeys, func(id object.ID) bool { return s.Has(id) && !c.Goes(id) })
}

// retyped reports whether columns of a table's foreign key to itself change.
func (f *ForeignKey) retyped(c *kind.Context, table object.ID) bool {
	return slices.ContainsFunc(slices.Concat(f.Columns, f.RefColumns), func(name string) bool {
		from, was := kind.Get[Column](c.From, columnID(table, name))
		to, is := kind.Get[Column](c.To, columnID(table, name))
		return was && is && from.V.retyped(to.V)
	})
}

func alterForeignKey(_ *kind.Context, _, _ kind.Of[ForeignKey], a *kind.Attrs) (plan.Edit, error) {
	a.Take(a.Left()...)
	return plan.Replace("a foreign key cannot be changed in place"), nil
}

// dropForeignKey stands alone where the key comes back: the server refuses to drop and add one of the same name in one
// statement (errors 1826 and 1005); and where its table goes to another engine, which it must not before (error 3776).
func dropForeignKey(c *kind.Context, k kind.Of[ForeignKey]) ([]plan.Step, error) {
	stmt, err := atlas.MySQL{}.DropForeignKey(bare(k.Parent), k.V.model(k.ID.Name))
	step := fromAtlas(c, k.Parent, stmt, "drop "+k.ID.String())
	step.Releases = append(slices.Clone(k.V.RefKeys), ownKeys(c, c.From, k)...)
	step.Runs = runs(c, k.Parent, dropForeign)
	if c.To.Has(k.ID) || changesEngine(c, k.Parent) {
		step.Prefix, step.Clause, step.Into = "", "", plan.Ref{}
	}
	if k.V.referenced(k.Parent) == k.Parent && k.V.keyMissing(c, c.To) {
		step.Class = classItself // what undoes it adds both
	}
	return []plan.Step{step}, err
}

func changesEngine(c *kind.Context, table object.ID) bool {
	from, was := kind.Get[Table](c.From, table)
	to, is := kind.Get[Table](c.To, table)
	return was && is && !strings.EqualFold(from.V.Engine, to.V.Engine)
}

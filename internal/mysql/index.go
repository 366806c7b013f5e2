package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// primaryKey is the kind of primary keys, whose name is PRIMARY.
const primaryKey = "primary_key"

// Index is an index or a primary key. Unique constraints are unique indexes in MySQL.
type Index struct {
	Unique    bool        `json:"unique,omitempty"`
	Type      string      `json:"type"` // BTREE, HASH, FULLTEXT, SPATIAL, VECTOR
	Parts     []IndexPart `json:"parts"`
	Comment   string      `json:"comment,omitempty"`
	Parser    string      `json:"parser,omitempty"`     // of a FULLTEXT index
	M         string      `json:"m,omitempty"`          // of a VECTOR index: how many neighbours it keeps; MariaDB
	Distance  string      `json:"distance,omitempty"`   // of a VECTOR index: cosine or euclidean; MariaDB
	Invisible bool        `json:"invisible,omitempty"`  // MariaDB: IGNORED
	BlockSize string      `json:"block_size,omitempty"` // KEY_BLOCK_SIZE, of engines that heed it
	// EngineAttribute and SecondaryAttribute are JSON for the engine and the secondary engine; MySQL.
	EngineAttribute    string `json:"engine_attribute,omitempty"`
	SecondaryAttribute string `json:"secondary_attribute,omitempty"`
	// Using and Unheeded are the type and the KEY_BLOCK_SIZE that were written for an engine which does not heed them.
	Using    string `json:"using,omitempty" diff:"-"`
	Unheeded string `json:"unheeded,omitempty" diff:"-"`
	Hide     string `json:"hide,omitempty" diff:"-"`
	// Vector is how M and Distance are written, which the server keeps.
	Vector []string `json:"vector,omitempty" diff:"-"`
	Spell  bool     `json:"spell,omitempty" diff:"-"` // BTREE is not the engine's default and must be spelled
}

// IndexPart is one key of an index.
type IndexPart struct {
	Column string `json:"column,omitempty"`
	Expr   string `json:"expr,omitempty"`
	Prefix int    `json:"prefix,omitempty"`
	Desc   bool   `json:"desc,omitempty"`
	Period string `json:"period,omitempty"` // a period WITHOUT OVERLAPS instead of a column; MariaDB
}

func indexID(table object.ID, name string) object.ID {
	if name == "PRIMARY" {
		return object.ID{Kind: primaryKey, Schema: table.Schema, Table: table.Name, Name: name}
	}
	return object.ID{Kind: "index", Schema: table.Schema, Table: table.Name, Name: name}
}

func primaryKeyKind() objectKind {
	return objectKind{
		hcl: primaryKeyHCL(),
		Kind: kind.Define(kind.Def[Index]{
			Name: primaryKey, Weight: weightPrimaryKey,
			Create: createIndex, Alter: alterIndex, Drop: dropIndex,
		}),
		queries: func(server, within) []catalog.Query { return nil },
		build:   func(*builder) error { return nil },
	}
}

func indexKind() objectKind {
	return objectKind{
		hcl: indexHCL(),
		Kind: kind.Define(kind.Def[Index]{
			Name: "index", Weight: weightIndex,
			Create: createIndex, Alter: alterIndex, Drop: dropIndex, Moot: mootIndex,
		}),
		queries: func(s server, in within) []catalog.Query {
			extra := "EXPRESSION AS expr, IS_VISIBLE = 'NO' AS hidden"
			if s.mariadb {
				extra = "NULL AS expr, IGNORED = 'YES' AS hidden"
			}
			var out []catalog.Query
			if s.extended {
				out = append(out, attributesQuery("index_attributes", "TABLE_CONSTRAINTS_EXTENSIONS", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME", in))
			}
			return append(out, catalog.Query{Name: "indexes", SQL: `
SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, INDEX_NAME AS name, NON_UNIQUE AS non_unique, COLUMN_NAME AS col,
  COLLATION AS dir, SUB_PART AS prefix, INDEX_TYPE AS type, INDEX_COMMENT AS comment, ` + extra + `
FROM information_schema.STATISTICS WHERE ` + in("TABLE_SCHEMA") + ` ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`})
		},
		build: buildIndexes,
	}
}

func buildIndexes(b *builder) error {
	attributes := b.attributes("index_attributes")
	var last *object.Object
	err := b.rows("indexes", func(r catalog.Row) error {
		t, ok := b.tableAt(r, "db", "tab")
		if !ok {
			return nil
		}
		id := indexID(t.ID, r.Str("name"))
		if id.Kind == primaryKey && t.table.GeneratedKey {
			return nil
		}
		if last == nil || last.ID != id {
			x := &Index{
				Unique: !r.Bool("non_unique"), Type: r.Str("type"), Comment: r.Str("comment"), Invisible: r.Bool("hidden"),
				Hide: map[bool]string{true: "IGNORED", false: "INVISIBLE"}[b.mariadb],
			}
			x.Spell = x.Type == "BTREE" && strings.EqualFold(t.table.Engine, "MEMORY")
			switch x.Type {
			case "FULLTEXT":
				x.Parser = parserOf(b.definition("table", t.ID), id.Name)
			case "VECTOR":
				x.M, x.Distance, x.Vector = vectorOptions(b.definition("table", t.ID), id.Name)
			}
			x.readSpelling(b.spelling(t), id.Name, t.table.Engine)
			a := attributes[[3]string{t.ID.Schema, t.ID.Name, id.Name}]
			x.EngineAttribute, x.SecondaryAttribute = a.own, a.secondary
			last = &object.Object{ID: id, Value: x, Parent: t.ID}
			t.indexes = append(t.indexes, last)
			if err := b.add(last); err != nil {
				return err
			}
		}
		x := last.Value.(*Index)
		part := IndexPart{Column: r.Str("col"), Prefix: int(r.Int("prefix")), Desc: r.Str("dir") == "D"}
		if part.Column == "" {
			part = IndexPart{Expr: toldExpr(r.Str("expr")), Desc: part.Desc}
			last.Needs = append(last.Needs, t.columnsIn(part.Expr)...)
		} else {
			last.Needs = append(last.Needs, columnID(t.ID, part.Column))
		}
		if x.Type == "SPATIAL" {
			part.Prefix = 0 // the length of the bounding box, which nobody may spell
		}
		x.Parts = append(x.Parts, part)
		return nil
	})
	for _, t := range b.tables {
		if len(t.table.Periods) > 0 {
			t.findOverlaps(b.definition("table", t.ID))
		}
	}
	return err
}

var withoutOverlaps = regexp.MustCompile("(?m)^  (?:PRIMARY KEY|UNIQUE KEY (`(?:[^`]|``)*`)) \\(.*,(`(?:[^`]|``)*`) WITHOUT OVERLAPS\\)")

// findOverlaps puts the period into the keys that forbid overlaps, for which the catalog lists the period's columns.
func (t *tableEntry) findOverlaps(text string) {
	for _, m := range withoutOverlaps.FindAllStringSubmatch(text, -1) {
		for _, o := range t.indexes {
			x := o.Value.(*Index)
			if o.ID.Name == "PRIMARY" && m[1] == "" || m[1] == ident(o.ID.Name) {
				name := strings.ReplaceAll(strings.Trim(m[2], "`"), "``", "`")
				x.Parts = append(x.Parts[:max(0, len(x.Parts)-2)], IndexPart{Period: name})
			}
		}
	}
}

// model describes the index to Atlas.
func (x *Index) model(name string) atlas.MySQLIndex {
	out := atlas.MySQLIndex{Name: name, Unique: x.Unique && name != "PRIMARY"}
	if x.Type != "BTREE" {
		out.Type = x.Type
	}
	for _, p := range x.Parts {
		p.Expr = keepNested(p.Expr)
		out.Parts = append(out.Parts, atlas.MySQLPart(p))
	}
	var tail []string
	add := func(ok bool, clause string) {
		if ok {
			tail = append(tail, clause)
		}
	}
	switch {
	case x.Using != "" && x.Type == "BTREE":
		tail = append(tail, "USING "+x.Using)
	case x.Spell:
		tail = append(tail, "USING BTREE")
	}
	add(x.BlockSize+x.Unheeded != "", "KEY_BLOCK_SIZE="+x.BlockSize+x.Unheeded)
	add(x.Parser != "", "WITH PARSER "+ident(x.Parser))
	add(x.M != "" && x.Vector == nil, "M="+x.M)
	add(x.Distance != "" && x.Vector == nil, "DISTANCE="+x.Distance)
	tail = append(tail, x.Vector...)
	add(x.Comment != "", "COMMENT "+literal(x.Comment))
	add(x.Invisible, x.Hide)
	tail = append(tail, engineAttributes{x.EngineAttribute, x.SecondaryAttribute}.clauses()...)
	out.Tail = strings.Join(tail, " ")
	return out
}

func (x *Index) isFunctional() bool {
	return slices.ContainsFunc(x.Parts, func(p IndexPart) bool { return p.Expr != "" })
}

func createIndex(c *kind.Context, x kind.Of[Index]) ([]plan.Step, error) {
	add := atlas.MySQL{}.AddIndex
	if x.ID.Kind == primaryKey {
		add = atlas.MySQL{}.AddPrimaryKey
	}
	stmt, err := add(bare(x.Parent), x.V.model(x.ID.Name))
	step := fromAtlas(c, x.Parent, stmt, "add "+x.ID.String())
	step.Runs = runs(c, x.Parent, indexAddition(c, x))
	if x.V.isFunctional() && step.Runs != nil && step.Runs.Algorithm != "COPY" {
		step.Class = classHidden
	}
	keeping(c, &step, x.Object, x.V.columns())
	if x.ID.Kind == primaryKey {
		replaceGenerated(c, x.Parent, &step)
	}
	return []plan.Step{step}, err
}

func alterIndex(c *kind.Context, from, to kind.Of[Index], a *kind.Attrs) (plan.Edit, error) {
	if a.Take("unique", "type", "parts", "comment", "parser", "m", "distance", "block_size", "engine_attribute", "secondary_attribute") {
		a.Take("invisible")
		return plan.Replace("the definition of an index cannot be changed in place"), nil
	}
	a.Take("invisible")
	word := func(x *Index) string {
		switch {
		case x.Invisible:
			return x.Hide
		case x.Hide == "IGNORED":
			return "NOT IGNORED"
		}
		return "VISIBLE"
	}
	head := "ALTER INDEX " + ident(to.ID.Name) + " "
	step := alterStep(c, to.Parent, head+word(to.V), head+word(from.V), "modify "+to.ID.String())
	step.Runs = runs(c, to.Parent, hideKey)
	return plan.InPlace(step), nil
}

func dropIndex(c *kind.Context, x kind.Of[Index]) ([]plan.Step, error) {
	drop := atlas.MySQL{}.DropIndex
	if x.ID.Kind == primaryKey {
		drop = atlas.MySQL{}.DropPrimaryKey
	}
	stmt, err := drop(bare(x.Parent), x.V.model(x.ID.Name))
	step := fromAtlas(c, x.Parent, stmt, "drop "+x.ID.String())
	step.Runs = runs(c, x.Parent, indexRemoval(c, x))
	step.Class = either(x.V.isFunctional(), classUnhide, "")
	if x.V.Type == "SPATIAL" && c.To.Has(x.Parent) && changesSRID(c, x) {
		step.Prefix, step.Clause, step.Into = "", "", plan.Ref{} // refused beside the change: error 3644
	}
	return []plan.Step{step}, err
}

// changesSRID reports whether a column of the index comes to hold another reference system.
func changesSRID(c *kind.Context, x kind.Of[Index]) bool {
	for _, p := range x.V.Parts {
		from, was := kind.Get[Column](c.From, columnID(x.Parent, p.Column))
		to, is := kind.Get[Column](c.To, columnID(x.Parent, p.Column))
		if was && is && from.V.SRID != to.V.SRID {
			return true
		}
	}
	return false
}

package postgres

import (
	"slices"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.HCLCodec = Dialect{}

// hclKind says how the objects of a kind stand in HCL: as blocks of their own, or as an attribute of another kind's
// block. The zero hclKind is of kinds that HCL cannot declare.
type hclKind struct {
	// forms are the blocks that declare an object of the kind.
	forms []hclForm
	// attrs are the attributes that the kind adds to blocks of other kinds, by the path of the block; "*" is every
	// block that declares an object.
	attrs map[string][]hcl.AttrSpec
	// decodeAttrs makes objects of those attributes.
	decodeAttrs func(d *decoder, b *hcl.Block, of *object.Object)
	// encode writes an object as a block of in, which is nil at the top; nil when there is nothing to write.
	encode func(e *encoder, o *object.Object, in *hcl.Block) *hcl.Block
	// encodeAttrs adds the attributes that the kind has on the block of an object of another kind.
	encodeAttrs func(e *encoder, of object.ID, b *hcl.Block)
	// top puts the blocks at the top although the objects belong to others: what a permission is for, it refers to.
	top bool
	// link adds the needs of an object of the kind that can be told only when all objects are known; needs that no
	// object meets are taken out afterwards.
	link func(d *decoder, o *object.Object)
}

// hclForm is one block that declares objects.
type hclForm struct {
	spec *hcl.BlockSpec
	in   []string // the blocks that it may stand in; none: the top
	bare bool     // it has no name, and takes no attributes of other kinds
	// id tells the ID of the object that the block declares, where that is not its kind, schema, table and name. It must
	// not decode: references ask for it before the block's turn.
	id     func(d *decoder, b *hcl.Block) object.ID
	decode func(d *decoder, b *hcl.Block, parent *object.Object) *object.Object
}

// declares reports whether HCL can declare objects of the kind.
func (k hclKind) declares() bool { return len(k.forms) > 0 || len(k.attrs) > 0 }

// HCLKinds lists the kinds that HCL can declare.
func (Dialect) HCLKinds() []string {
	var out []string
	for _, k := range kinds() {
		if k.hcl.declares() {
			out = append(out, k.Name)
		}
	}
	return out
}

// Vocabulary is put together from what the kinds say.
func (Dialect) Vocabulary() hcl.Vocabulary {
	v := hcl.Vocabulary{Dialect: "PostgreSQL", Types: atlas.PostgresTypes(), Later: notYetInHCL(), Elsewhere: mysqlInHCL()}
	byPath := map[string]*hcl.BlockSpec{}
	list := kinds()
	for _, k := range list {
		for _, f := range k.hcl.forms {
			spec := *f.spec
			spec.Attrs, spec.Blocks = slices.Clone(spec.Attrs), slices.Clone(spec.Blocks)
			if !f.bare {
				spec.Attrs = append(spec.Attrs, hcl.RenamedAttrs(naming(k.Name).Rename != nil, naming(k.Name).RenamePart != nil)...)
			}
			switch {
			case f.bare:
				v.Blocks = append(v.Blocks, &spec)
				continue
			case len(f.in) == 0:
				spec.Attrs = append(spec.Attrs, nameAttr())
				v.Blocks = append(v.Blocks, &spec)
				byPath[spec.Type] = &spec
				continue
			}
			for _, parent := range f.in {
				if p := byPath[parent]; p != nil {
					p.Blocks = append(p.Blocks, &spec)
				}
				byPath[parent+"."+spec.Type] = &spec
			}
		}
	}
	addDependsOn(v.Blocks)
	for _, k := range list {
		for path, attrs := range k.hcl.attrs {
			if path != "*" {
				if spec := byPath[path]; spec != nil {
					spec.Attrs = append(spec.Attrs, attrs...)
				}
				continue
			}
			seen := map[*hcl.BlockSpec]bool{}
			for _, spec := range byPath {
				if !seen[spec] {
					seen[spec] = true
					spec.Attrs = append(spec.Attrs, attrs...)
				}
			}
		}
	}
	return v
}

// addDependsOn lets the blocks at the top name others that are to be there before.
func addDependsOn(blocks []*hcl.BlockSpec) {
	a := hcl.AttrSpec{Name: "depends_on", Takes: hcl.Reference, List: true, Doc: "what is made before it, where no other attribute says so"}
	for _, b := range blocks {
		if b.Labels != hcl.NoLabel {
			a.Refs = append(a.Refs, b.Type)
		}
	}
	for _, b := range blocks {
		if b.Labels != hcl.NoLabel && b.Type != "schema" {
			b.Attrs = append(b.Attrs, a)
		}
	}
}

func nameAttr() hcl.AttrSpec {
	return hcl.AttrSpec{Name: "name", Takes: hcl.String, Doc: "the name in the database, where the label is not it"}
}

func schemaAttr() hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "schema", Takes: hcl.Reference, Refs: []string{"schema"}, Required: true,
		Doc: "the schema that it is in: schema = schema.public",
	}
}

func columnsAttr(name, doc string, required bool) hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: name, Doc: doc, Takes: hcl.Reference | hcl.String, List: true, Required: required,
		Refs: []string{"table.column", "materialized.column", "foreign_table.column"},
	}
}

// definitionAttr takes a definition whole, for what no attribute says.
func definitionAttr() hcl.AttrSpec {
	return hcl.AttrSpec{Name: "definition", Takes: hcl.Expr, Doc: "the definition as SQL, for what no other attribute says"}
}

// notYetInHCL names the blocks and attributes of Atlas's HCL that are not managed.
func notYetInHCL() []string {
	return []string{
		"data", "test", "annotation", "script", "predicate", "plan",
		"table.annotation", "table.column.annotation",
	}
}

// mysqlInHCL says for what is MySQL's how PostgreSQL puts it.
func mysqlInHCL() map[string]string {
	return map[string]string{
		"table.engine":                "it is MySQL's; PostgreSQL has access_method",
		"table.charset":               "it is MySQL's; in PostgreSQL the database has an encoding",
		"table.collate":               "it is MySQL's; in PostgreSQL each column has its collation",
		"table.auto_increment":        "it is MySQL's; PostgreSQL columns have identity { start = … }",
		"schema.charset":              "it is MySQL's; in PostgreSQL the database has an encoding",
		"schema.collate":              "it is MySQL's; in PostgreSQL each column has its collation",
		"table.column.auto_increment": "it is MySQL's; PostgreSQL has identity { } or type = bigserial",
		"table.column.unsigned":       "it is MySQL's; in PostgreSQL a check keeps numbers positive",
		"table.column.on_update":      "it is MySQL's; PostgreSQL does it with a trigger",
		"table.column.charset":        "it is MySQL's; in PostgreSQL the database has an encoding",
		"table.index.on.prefix":       "it is MySQL's; PostgreSQL indexes expressions: expr = \"left(name, 10)\"",
		"table.index.parser":          "it is MySQL's; PostgreSQL has text search with type = GIN",
	}
}

// Initial is what an empty database holds: the schema public, with the comment that initdb gives it, and the schema
// that the connection is bound to.
func (Dialect) Initial(scope Scope) *object.State {
	s := object.NewState()
	if scope.Bound && scope.Schemas[0] != "public" {
		_ = s.Add(&object.Object{ID: schemaID(scope.Schemas[0]), Value: &Schema{}})
	}
	id := schemaID("public")
	for _, o := range []*object.Object{
		{ID: id, Value: &Schema{}},
		{ID: commentID(id), Value: &Comment{Text: publicComment, Target: id}, Parent: id, Needs: []object.ID{id}},
	} {
		_ = s.Add(o) // two different IDs
	}
	return s
}

// publicComment is the comment that the schema public has in every new database.
const publicComment = "standard public schema"

package mysql

import (
	"slices"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.HCLCodec = Dialect{}

// hclKind says how the objects of a kind stand in HCL.
type hclKind struct {
	spec *hcl.BlockSpec
	in   string // the block that it stands in; empty: the top
	// decode makes the object of a block.
	decode func(d *decoder, b *hcl.Block, parent *object.Object) *object.Object
	// encode fills in the block of an object, which has its labels already.
	encode func(e *encoder, o *object.Object, b *hcl.Block)
}

// HCLKinds lists the kinds that HCL can declare: all.
func (Dialect) HCLKinds() []string { return Kinds().Names() }

// Initial is what an empty server or database holds: nothing.
func (Dialect) Initial(dialect.Scope) *object.State { return object.NewState() }

// Vocabulary is put together from what the kinds say.
func (Dialect) Vocabulary() hcl.Vocabulary {
	v := hcl.Vocabulary{Dialect: "MySQL", Types: atlas.MySQLTypes(), Later: notYetInHCL(), Elsewhere: postgresInHCL()}
	byType := map[string]*hcl.BlockSpec{}
	for _, k := range kinds() {
		if k.hcl.spec == nil {
			continue // it is an attribute of another kind
		}
		spec := *k.hcl.spec
		spec.Attrs, spec.Blocks = slices.Clone(spec.Attrs), slices.Clone(spec.Blocks)
		spec.Attrs = append(spec.Attrs, hcl.RenamedAttrs(naming(k.Name).Rename != nil, false)...)
		if k.hcl.in != "" {
			byType[k.hcl.in].Blocks = append(byType[k.hcl.in].Blocks, &spec)
			continue
		}
		if spec.Labels == hcl.NoLabel || k.Name == userKind || k.Name == roleKind {
			byType[spec.Type] = &spec
			v.Blocks = append(v.Blocks, &spec)
			continue
		}
		spec.Attrs = append(spec.Attrs, hcl.AttrSpec{Name: "name", Takes: hcl.String, Doc: "the name in the database, where the label is not it"})
		byType[spec.Type] = &spec
		v.Blocks = append(v.Blocks, &spec)
	}
	return v
}

func schemaAttr() hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "schema", Takes: hcl.Reference, Refs: []string{"schema"}, Required: true,
		Doc: "the database that it is in: schema = schema.app",
	}
}

func columnsAttr(name, doc string) hcl.AttrSpec {
	return hcl.AttrSpec{Name: name, Doc: doc, Takes: hcl.Reference | hcl.String, List: true, Refs: []string{"table.column"}}
}

func charsetAttrs(of string) []hcl.AttrSpec {
	return []hcl.AttrSpec{
		{Name: "charset", Takes: hcl.String, Doc: "the character set of " + of},
		{Name: "collate", Takes: hcl.String, Doc: "the collation of " + of},
		{Name: "collation", Takes: hcl.String, Doc: "another word for collate"},
	}
}

func commentAttr() hcl.AttrSpec {
	return hcl.AttrSpec{Name: "comment", Takes: hcl.String, Doc: "the comment on it"}
}

// definitionAttr takes a definition whole, for what no other attribute says.
func definitionAttr(doc string) hcl.AttrSpec {
	return hcl.AttrSpec{Name: "definition", Takes: hcl.Expr, Doc: doc}
}

// notYetInHCL names the blocks and attributes of Atlas's HCL that are not managed.
func notYetInHCL() []string {
	return []string{
		"data", "test", "annotation", "script", "rule", "predicate", "plan",
		"table.annotation", "table.column.annotation",
	}
}

// postgresInHCL says for what is PostgreSQL's how MySQL puts it.
func postgresInHCL() map[string]string {
	return map[string]string{
		"enum":                        `it is PostgreSQL's; in MySQL the column has it: type = enum("a", "b")`,
		"table.unique":                `in MySQL a unique constraint is an index: index "name" { unique = true }`,
		"table.column.identity":       "it is PostgreSQL's; MySQL has auto_increment = true",
		"table.index.where":           "it is PostgreSQL's; MySQL indexes all rows",
		"table.index.include":         "it is PostgreSQL's; in MySQL the columns are part of the index",
		"table.foreign_key.match":     "it is PostgreSQL's; MySQL knows only simple matching",
		"table.exclude":               "it is PostgreSQL's; MySQL has none",
		"table.unlogged":              "it is PostgreSQL's; MySQL has engines",
		"table.storage_params":        "it is PostgreSQL's; MySQL has options { }",
		"materialized":                "it is PostgreSQL's; MySQL has views",
		"table.foreign_key.not_valid": "it is PostgreSQL's; MySQL checks all rows",
	}
}

package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func domainHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "domain", Labels: hcl.Qualified, Doc: "a domain: a type with conditions",
				Attrs: []hcl.AttrSpec{
					schemaAttr(), typeAttr("type", "the type that it is made of", true),
					{Name: "null", Takes: hcl.Bool, Doc: "true: its values may be null"},
					{Name: "default", Takes: hcl.String | hcl.Number | hcl.Bool | hcl.SQL, Doc: "the default of columns of the domain"},
					collateAttr(),
				},
			},
			decode: decodeDomain,
		}},
		encode: encodeDomain,
	}
}

// collateAttr takes a collation as columns do.
func collateAttr() hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "collate", Takes: hcl.Expr | hcl.Reference, Refs: []string{"collation"},
		Doc: `the collation: collation.german, the name of one in pg_catalog, or sql("schema.\"name\"")`,
	}
}

// collation is the quoted name of a collation, and what it needs if a block declares it.
func (d *decoder) collation(b *hcl.Block) (quoted string, needs []object.ID) {
	v, ok := b.Attr("collate")
	switch {
	case !ok:
		return "", nil
	case v.Ref.Target != nil:
		id := d.idOf(v.Ref.Target)
		return qualified(id.Schema, id.Name), []object.ID{id}
	case v.Kind == hcl.String:
		return ident(v.Text), nil
	}
	return v.Text, nil
}

// setCollation writes a collation where it is not the type's own.
func (e *encoder) setCollation(b *hcl.Block, quoted string) {
	if quoted == "" {
		return
	}
	if name, ok := wholeIdent(strings.TrimPrefix(quoted, "pg_catalog.")); ok {
		b.Set("collate", hcl.Str(name))
		return
	}
	if schema, name, ok := splitQualified(quoted); ok {
		if id := (object.ID{Kind: "collation", Schema: schema, Name: name}); e.state.Has(id) {
			b.Set("collate", hcl.To(e.path(id)...))
			return
		}
	}
	b.Set("collate", hcl.Raw(quoted))
}

func decodeDomain(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &Domain{NotNull: !b.Bool("null", false)}
	o := &object.Object{ID: id, Value: v, Claims: []string{typeClaim(id.Schema, id.Name)}}
	typ, _ := b.Attr("type")
	var needs []object.ID
	v.Type, o.Needs = d.typeOf(typ)
	v.Collation, needs = d.collation(b)
	o.Needs = append(o.Needs, needs...)
	if value, ok := b.Attr("default"); ok {
		v.Default = defaultExpr(value)
	}
	d.declareType(id)
	return d.object(b, o)
}

// defaultExpr is the SQL of a default.
func defaultExpr(v hcl.Value) string {
	if v.Kind == hcl.String {
		return literal(v.Text)
	}
	return v.Text
}

func encodeDomain(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Domain)
	b := e.top(o)
	b.Set("type", e.typeExpr(v.Type))
	if !v.NotNull {
		b.Set("null", hcl.Flag(true))
	}
	if v.Default != "" {
		b.Set("default", defaultValue(v.Default, v.Type))
	}
	e.setCollation(b, v.Collation)
	return b
}

func domainCheckHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "check", Labels: hcl.OneLabel, Doc: "a condition on the values of the domain",
				Attrs: []hcl.AttrSpec{
					{Name: "expr", Takes: hcl.Expr, Required: true, Doc: "the condition, in which VALUE is the value"},
					{Name: "not_valid", Takes: hcl.Bool, Doc: "true: values that were there before are not checked"},
				},
			},
			in: []string{"domain"}, id: domainCheckID, decode: decodeDomainCheck,
		}},
		encode: encodeDomainCheck,
	}
}

func domainCheckID(d *decoder, b *hcl.Block) object.ID {
	domain := d.idOf(b.Parent)
	return object.ID{Kind: "domain_check", Schema: domain.Schema, Table: domain.Name, Name: b.Name()}
}

func decodeDomainCheck(d *decoder, b *hcl.Block, domain *object.Object) *object.Object {
	id := d.idOf(b)
	return d.object(b, &object.Object{
		ID: id, Parent: domain.ID, Claims: []string{"constraint of " + domain.ID.String() + " " + ident(id.Name)},
		Value: &DomainCheck{Def: "CHECK (" + b.Text("expr") + ")", NotValid: b.Bool("not_valid", false)},
	})
}

func encodeDomainCheck(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*DomainCheck)
	b := &hcl.Block{Type: "check", Labels: []string{o.ID.Name}}
	b.Set("expr", hcl.Code(unwrapped(strings.TrimPrefix(v.Def, "CHECK "))))
	if v.NotValid {
		b.Set("not_valid", hcl.Flag(true))
	}
	return b
}

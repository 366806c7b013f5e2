package postgres

import (
	"cmp"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func operatorHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "operator", Labels: hcl.Qualified, Doc: "an operator",
				Attrs: []hcl.AttrSpec{
					schemaAttr(),
					{Name: "function", Takes: hcl.Expr, Required: true, Doc: "the function that it calls, as SQL"},
					typeAttr("left", "the type on its left; none: it stands before its argument", false),
					typeAttr("right", "the type on its right", true),
					{Name: "commutator", Takes: hcl.Expr, Doc: `the operator for swapped arguments: "OPERATOR(public.>>)"`},
					{Name: "negator", Takes: hcl.Expr, Doc: `the operator for the opposite: "OPERATOR(public.!==)"`},
					{Name: "restrict", Takes: hcl.Expr, Doc: "the function that estimates its selectivity, as SQL"},
					{Name: "join", Takes: hcl.Expr, Doc: "the function that estimates its selectivity in joins, as SQL"},
					{Name: "hashes", Takes: hcl.Bool, Doc: "true: it can drive a hash join"},
					{Name: "merges", Takes: hcl.Bool, Doc: "true: it can drive a merge join"},
				},
			},
			id: operatorID, decode: decodeOperator,
		}},
		encode: encodeOperator,
	}
}

// operatorID names an operator with its arguments.
func operatorID(d *decoder, b *hcl.Block) object.ID {
	side := func(name string) string {
		v, ok := b.Attr(name)
		if !ok {
			return "NONE"
		}
		sql, _ := d.typeOf(v)
		return signatureType(sql)
	}
	return object.ID{Kind: "operator", Schema: d.schemaOf(b), Name: b.Name() + "(" + side("left") + ", " + side("right") + ")"}
}

func decodeOperator(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &Operator{
		Name: b.Name(), Function: b.Text("function"), Commutator: b.Text("commutator"), Negator: b.Text("negator"),
		Restrict: b.Text("restrict"), Join: b.Text("join"), Hashes: b.Bool("hashes", false), Merges: b.Bool("merges", false),
	}
	o := &object.Object{ID: id, Value: v, Claims: []string{id.String()}}
	for _, side := range []struct {
		name string
		sql  *string
	}{{"left", &v.Left}, {"right", &v.Right}} {
		if typ, ok := b.Attr(side.name); ok {
			sql, needs := d.typeOf(typ)
			*side.sql, o.Needs = sql, append(o.Needs, needs...)
		}
	}
	return d.object(b, o)
}

func encodeOperator(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Operator)
	b := e.top(o)
	b.Set("name", hcl.Str(v.Name))
	setRaw(b, "function", v.Function)
	if v.Left != "" {
		b.Set("left", e.typeExpr(v.Left))
	}
	if v.Right != "" {
		b.Set("right", e.typeExpr(v.Right))
	}
	setRaw(b, "commutator", v.Commutator)
	setRaw(b, "negator", v.Negator)
	setRaw(b, "restrict", v.Restrict)
	setRaw(b, "join", v.Join)
	setTrue(b, "hashes", v.Hashes)
	setTrue(b, "merges", v.Merges)
	return b
}

// membersAttr takes what a family or a class consists of.
func membersAttr(example string) hcl.AttrSpec {
	return hcl.AttrSpec{Name: "members", Takes: hcl.Expr, List: true, Doc: "its operators and functions as SQL: members = [" + example + "]"}
}

func methodAttr() hcl.AttrSpec {
	return hcl.AttrSpec{Name: "method", Takes: hcl.String, Required: true, Doc: `the index method: "btree"`}
}

// methodID names a family or a class with its method: two of one name may differ in it.
func methodID(d *decoder, b *hcl.Block) object.ID {
	return object.ID{Kind: b.Type, Schema: d.schemaOf(b), Name: b.Name() + " using " + b.Text("method")}
}

func texts(list []hcl.Value) []string {
	var out []string
	for _, v := range list {
		out = append(out, v.Text)
	}
	return out
}

func strs(list []string) hcl.Value {
	out := make([]hcl.Value, len(list))
	for i, s := range list {
		out[i] = hcl.Str(s)
	}
	return hcl.Items(out...)
}

func operatorFamilyHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "operator_family", Labels: hcl.Qualified, Doc: "a family of operator classes, with what belongs to no single class",
				Attrs: []hcl.AttrSpec{schemaAttr(), methodAttr(), membersAttr(`"OPERATOR 1 <(integer, bigint)"`)},
			},
			id: methodID,
			decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
				id := d.idOf(b)
				return d.object(b, &object.Object{ID: id, Claims: []string{id.String()}, Value: &OperatorFamily{
					Members: texts(b.List("members")), Name: b.Name(), Method: b.Text("method"),
				}})
			},
		}},
		encode: func(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
			v := o.Value.(*OperatorFamily)
			b := e.top(o)
			b.Set("name", hcl.Str(v.Name))
			b.Set("method", hcl.Str(v.Method))
			if len(v.Members) > 0 {
				b.Set("members", strs(v.Members))
			}
			return b
		},
	}
}

func operatorClassHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "operator_class", Labels: hcl.Qualified, Doc: "an operator class",
				Attrs: []hcl.AttrSpec{
					schemaAttr(), methodAttr(), typeAttr("type", "the type of the column", true),
					{Name: "default", Takes: hcl.Bool, Doc: "true: indexes use it unasked"},
					{Name: "family", Takes: hcl.Expr | hcl.Reference, Refs: []string{"operator_family"}, Doc: "its family; one of its own name by default"},
					typeAttr("storage", "the type that the index stores, where it is another", false),
					membersAttr(`"OPERATOR 1 <(integer, integer)", "FUNCTION 1 (integer, integer) btint4cmp(integer, integer)"`),
				},
			},
			id: methodID, decode: decodeOperatorClass,
		}},
		encode: encodeOperatorClass,
	}
}

// decodeOperatorClass declares a class with its family. A family of the class's own name need not be declared: then it
// comes with the class, as the server has it.
func decodeOperatorClass(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &OperatorClass{
		Default: b.Bool("default", false), Family: b.Text("family"), Members: texts(b.List("members")), Name: b.Name(), Method: b.Text("method"),
	}
	o := &object.Object{ID: id, Value: v, Claims: []string{id.String()}}
	typ, _ := b.Attr("type")
	v.Type, o.Needs = d.typeOf(typ)
	if storage, ok := b.Attr("storage"); ok {
		sql, needs := d.typeOf(storage)
		v.Storage, o.Needs = sql, append(o.Needs, needs...)
	}
	if family, ok := b.Attr("family"); ok && family.Ref.Target != nil {
		of := d.idOf(family.Ref.Target)
		v.Family = qualified(of.Schema, family.Ref.Target.Name())
		o.Needs = append(o.Needs, of)
	}
	if v.Family = cmp.Or(v.Family, qualified(id.Schema, v.Name)); v.Family == qualified(id.Schema, v.Name) {
		family := object.ID{Kind: "operator_family", Schema: id.Schema, Name: id.Name}
		d.checks = append(d.checks, func() {
			if !d.state.Has(family) {
				d.add(&object.Object{
					ID: family, Claims: []string{family.String()}, Value: &OperatorFamily{Name: v.Name, Method: v.Method}, Pos: b.Pos,
				}, b.Width)
			}
		})
		o.Needs = append(o.Needs, family)
	}
	return d.object(b, o)
}

func encodeOperatorClass(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*OperatorClass)
	b := e.top(o)
	b.Set("name", hcl.Str(v.Name))
	b.Set("method", hcl.Str(v.Method))
	b.Set("type", e.typeExpr(v.Type))
	setTrue(b, "default", v.Default)
	schema, name, _ := splitQualified(v.Family)
	if family := (object.ID{Kind: "operator_family", Schema: schema, Name: name + " using " + v.Method}); e.state.Has(family) {
		b.Set("family", hcl.To(e.path(family)...))
	} else {
		b.Set("family", hcl.Raw(v.Family))
	}
	if v.Storage != "" {
		b.Set("storage", e.typeExpr(v.Storage))
	}
	if len(v.Members) > 0 {
		b.Set("members", strs(v.Members))
	}
	return b
}

package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func enumHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "enum", Labels: hcl.Qualified, Doc: "an enumerated type",
				Attrs: []hcl.AttrSpec{
					schemaAttr(),
					{Name: "values", Takes: hcl.String, List: true, Required: true, Doc: `the values in their order: values = ["low", "high"]`},
				},
			},
			decode: decodeEnum,
		}},
		encode: encodeEnum,
	}
}

func decodeEnum(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	e := &Enum{}
	seen := map[string]bool{}
	for _, v := range b.List("values") {
		if seen[v.Text] {
			d.faults.Add(v.Errorf("duplicate-value", "%s has the value %q twice", b, v.Text))
		}
		seen[v.Text] = true
		e.Values = append(e.Values, v.Text)
	}
	d.declareType(id)
	return d.object(b, &object.Object{ID: id, Value: e, Claims: []string{typeClaim(id.Schema, id.Name)}})
}

func encodeEnum(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	b := e.top(o)
	values := o.Value.(*Enum).Values
	list := make([]hcl.Value, len(values))
	for i, v := range values {
		list[i] = hcl.Str(v)
	}
	b.Set("values", hcl.Items(list...))
	return b
}

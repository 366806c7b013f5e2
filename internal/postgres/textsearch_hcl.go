package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// searchPartHCL is a parser or a template: a block with an attribute for each of its functions.
func searchPartHCL(name, what string, functions ...string) hclKind {
	attrs := []hcl.AttrSpec{schemaAttr()}
	for _, f := range functions {
		attrs = append(attrs, hcl.AttrSpec{Name: f, Takes: hcl.Expr, Doc: "its function " + strings.ToUpper(f) + ", as SQL"})
	}
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{Type: name, Labels: hcl.Qualified, Doc: "a " + strings.ReplaceAll(name, "_", " "), Attrs: attrs},
			decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
				id := d.idOf(b)
				v := &SearchPart{What: what}
				for _, f := range functions {
					if sql := b.Text(f); sql != "" {
						v.Functions = append(v.Functions, strings.ToUpper(f)+" = "+sql)
					}
				}
				return d.object(b, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
			},
		}},
		encode: func(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
			b := e.top(o)
			for _, f := range o.Value.(*SearchPart).Functions {
				word, sql, _ := strings.Cut(f, " = ")
				b.Set(strings.ToLower(word), hcl.Raw(sql))
			}
			return b
		},
	}
}

func searchDictionaryHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "text_search_dictionary", Labels: hcl.Qualified, Doc: "a text search dictionary",
				Attrs: []hcl.AttrSpec{
					schemaAttr(),
					{Name: "template", Takes: hcl.Expr, Required: true, Doc: `its template, as SQL: "pg_catalog.snowball"`},
					{Name: "options", Takes: hcl.String, Doc: `its options, as SQL: "language = 'german'"`},
				},
			},
			decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
				id := d.idOf(b)
				return d.object(b, &object.Object{
					ID: id, Value: &SearchDictionary{Template: b.Text("template"), Options: b.Text("options")}, Claims: []string{id.String()},
				})
			},
		}},
		encode: func(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
			v := o.Value.(*SearchDictionary)
			b := e.top(o)
			b.Set("template", hcl.Str(v.Template))
			setText(b, "options", v.Options)
			return b
		},
	}
}

func searchConfigurationHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "text_search_configuration", Labels: hcl.Qualified, Doc: "a text search configuration",
				Attrs: []hcl.AttrSpec{
					schemaAttr(), {Name: "parser", Takes: hcl.Expr, Required: true, Doc: `its parser, as SQL: "pg_catalog.\"default\""`},
				},
				Blocks: []*hcl.BlockSpec{{
					Type: "mapping", Labels: hcl.OneLabel, Doc: "where a kind of token is looked up; the label is the token's name: \"asciiword\"",
					Attrs: []hcl.AttrSpec{{
						Name: "dictionaries", Takes: hcl.Expr | hcl.Reference, Refs: []string{"text_search_dictionary"}, List: true, Required: true,
						Doc: "the dictionaries in their order",
					}},
				}},
			},
			decode: decodeSearchConfiguration,
		}},
		encode: encodeSearchConfiguration,
	}
}

func decodeSearchConfiguration(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &SearchConfiguration{Parser: b.Text("parser")}
	o := &object.Object{ID: id, Value: v, Claims: []string{id.String()}}
	for _, m := range b.Nested("mapping") {
		var names []string
		for _, x := range m.List("dictionaries") {
			if x.Ref.Target == nil {
				names = append(names, x.Text)
				continue
			}
			of := d.idOf(x.Ref.Target)
			names = append(names, qualified(of.Schema, of.Name))
			o.Needs = append(o.Needs, of)
		}
		v.Mappings = append(v.Mappings, Mapping{Token: m.Labels[0], Dictionaries: strings.Join(names, ", ")})
	}
	return d.object(b, o)
}

func encodeSearchConfiguration(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*SearchConfiguration)
	b := e.top(o)
	b.Set("parser", hcl.Str(v.Parser))
	for _, m := range v.Mappings {
		var list []hcl.Value
		for _, name := range splitTop(m.Dictionaries, ",") {
			schema, plain, _ := splitQualified(name)
			if id := (object.ID{Kind: "text_search_dictionary", Schema: schema, Name: plain}); e.state.Has(id) {
				list = append(list, hcl.To(e.path(id)...))
			} else {
				list = append(list, hcl.Str(name))
			}
		}
		b.Add("mapping", m.Token).Set("dictionaries", hcl.Items(list...))
	}
	return b
}

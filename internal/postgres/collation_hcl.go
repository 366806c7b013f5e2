package postgres

import (
	"cmp"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func collationHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "collation", Labels: hcl.Qualified, Doc: "a collation",
				Attrs: []hcl.AttrSpec{
					schemaAttr(),
					{Name: "provider", Takes: hcl.Word, Words: []string{"libc", "icu", "builtin"}, Doc: "the library that compares; libc by default"},
					{Name: "locale", Takes: hcl.String, Doc: "the locale"},
					{Name: "lc_collate", Takes: hcl.String, Doc: "the locale for comparisons, of libc"},
					{Name: "lc_ctype", Takes: hcl.String, Doc: "the locale for classes of characters, of libc"},
					{Name: "deterministic", Takes: hcl.Bool, Doc: "false: texts of different bytes may be equal"},
					{Name: "rules", Takes: hcl.String, Doc: "further rules of ICU, from PostgreSQL 16 on"},
				},
			},
			decode: decodeCollation,
		}},
		encode: encodeCollation,
	}
}

func decodeCollation(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	return d.object(b, &object.Object{ID: id, Claims: []string{id.String()}, Value: &Collation{
		Provider: cmp.Or(b.Text("provider"), "libc"), Locale: b.Text("locale"), Collate: b.Text("lc_collate"), Ctype: b.Text("lc_ctype"),
		Nondeterministic: !b.Bool("deterministic", true), Rules: b.Text("rules"),
	}})
}

func encodeCollation(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Collation)
	b := e.top(o)
	if v.Provider != "libc" {
		b.Set("provider", hcl.Bare(v.Provider))
	}
	setText(b, "locale", v.Locale)
	setText(b, "lc_collate", v.Collate)
	setText(b, "lc_ctype", v.Ctype)
	if v.Nondeterministic {
		b.Set("deterministic", hcl.Flag(false))
	}
	setText(b, "rules", v.Rules)
	return b
}

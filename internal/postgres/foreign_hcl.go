package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// optionsAttr takes the options of foreign data.
func optionsAttr() hcl.AttrSpec {
	return hcl.AttrSpec{Name: "options", Takes: hcl.Object, Doc: `its options: options = { host = "db2" }; secrets come from variables: password = var.password, and are set where the option is not there yet`}
}

// options reads options as the catalog holds them, and the secrets among them, which must come from outside of the file.
// secrets is nil where there can be none.
func (d *decoder) options(b *hcl.Block, secrets *Secrets) []string {
	v, _ := b.Attr("options")
	var out []string
	for _, f := range v.Fields {
		text := f.Value.Text
		if f.Value.Kind == hcl.Bool {
			text = toggle(f.Value.Bool, "true", "false")
		}
		switch {
		case !isSecret(f.Name):
			out = append(out, f.Name+"="+text)
		case secrets == nil || !f.Value.Outside:
			d.refuseSecret(f, secrets != nil)
		default:
			if secrets.values == nil {
				secrets.values = map[string]string{}
			}
			secrets.values[f.Name] = text
			secrets.SecretOptions = append(secrets.SecretOptions, f.Name)
		}
	}
	if secrets != nil {
		slices.Sort(secrets.SecretOptions)
	}
	return out
}

// refuseSecret refuses a secret that stands in the file, and one that cannot be kept apart.
func (d *decoder) refuseSecret(f hcl.Attr, settable bool) {
	fault := f.Value.Errorf("secret", "the option %q is a secret, which plans and snapshots would show", f.Name)
	fault.Secret = true
	hint := "leave it out, and set it on the server; schemactl never reads or changes it"
	if settable {
		hint = "take it from a variable: " + f.Name + " = var." + f.Name + "; or leave it out, and set it on the server"
	}
	d.faults.Add(fault.WithHint("%s", hint))
}

func setOptions(b *hcl.Block, options []string) {
	if len(options) == 0 {
		return
	}
	fields := make([]hcl.Attr, len(options))
	for i, o := range options {
		name, value, _ := strings.Cut(o, "=")
		fields[i] = hcl.Attr{Name: name, Value: hcl.Str(value)}
	}
	b.Set("options", hcl.Fields(fields...))
}

func wrapperHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "foreign_data_wrapper", Labels: hcl.OneLabel, Doc: "a foreign data wrapper that no extension brings",
				Attrs: []hcl.AttrSpec{
					{Name: "handler", Takes: hcl.Expr, Doc: "its handler, as SQL"}, {Name: "validator", Takes: hcl.Expr, Doc: "its validator, as SQL"}, optionsAttr(),
				},
			},
			id: func(_ *decoder, b *hcl.Block) object.ID {
				return object.ID{Kind: "foreign_data_wrapper", Name: b.Name()}
			},
			decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
				id := d.idOf(b)
				v := &Wrapper{Handler: b.Text("handler"), Validator: b.Text("validator")}
				v.Options = d.options(b, &v.Secrets)
				return d.object(b, &object.Object{ID: id, Claims: []string{id.String()}, Value: v})
			},
		}},
		encode: func(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
			v := o.Value.(*Wrapper)
			b := &hcl.Block{Type: "foreign_data_wrapper", Labels: []string{o.ID.Name}}
			setRaw(b, "handler", v.Handler)
			setRaw(b, "validator", v.Validator)
			setOptions(b, v.Options)
			return b
		},
	}
}

func serverHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "server", Labels: hcl.OneLabel, Doc: "a foreign server",
				Attrs: []hcl.AttrSpec{
					{Name: "fdw", Takes: hcl.Reference | hcl.String, Refs: []string{"extension", "foreign_data_wrapper"}, Required: true,
						Doc: `its foreign data wrapper: fdw = extension.postgres_fdw, or the name of one`},
					{Name: "type", Takes: hcl.String, Doc: "its type"}, {Name: "version", Takes: hcl.String, Doc: "its version"}, optionsAttr(),
				},
			},
			id:     func(_ *decoder, b *hcl.Block) object.ID { return object.ID{Kind: "server", Name: b.Name()} },
			decode: decodeServer,
		}},
		encode: encodeServer,
	}
}

func decodeServer(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &Server{Wrapper: b.Text("fdw"), Type: b.Text("type"), Version: b.Text("version")}
	v.Options = d.options(b, &v.Secrets)
	o := &object.Object{ID: id, Value: v, Claims: []string{id.String()}}
	if fdw, _ := b.Attr("fdw"); fdw.Ref.Target != nil {
		of := d.idOf(fdw.Ref.Target)
		v.Wrapper, o.Needs = of.Name, []object.ID{of}
	}
	return d.object(b, o)
}

func encodeServer(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*Server)
	b := &hcl.Block{Type: "server", Labels: []string{o.ID.Name}}
	b.Set("fdw", hcl.Str(v.Wrapper))
	for _, kind := range []string{"extension", "foreign_data_wrapper"} {
		if e.state.Has(object.ID{Kind: kind, Name: v.Wrapper}) {
			b.Attrs[0].Value = hcl.To(kind, v.Wrapper)
		}
	}
	setText(b, "type", v.Type)
	setText(b, "version", v.Version)
	setOptions(b, v.Options)
	return b
}

func userMappingHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "user_mapping", Labels: hcl.NoLabel, Doc: "how a role logs in to a foreign server",
				Attrs: []hcl.AttrSpec{
					{Name: "server", Takes: hcl.Reference, Refs: []string{"server"}, Required: true, Doc: "the server: server = server.other"},
					{Name: "user", Takes: hcl.Reference | hcl.String | hcl.Word, Words: []string{publicRole}, Refs: roleBlocks(), Required: true,
						Doc: `the role: user = "app", role.app or PUBLIC (everybody)`},
					optionsAttr(),
				},
			},
			bare:   true,
			decode: decodeUserMapping,
		}},
		top:    true,
		encode: encodeUserMapping,
	}
}

func decodeUserMapping(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	server, _ := b.Attr("server")
	if server.Ref.Target == nil {
		return nil
	}
	of := d.idOf(server.Ref.Target)
	v := &UserMapping{Server: of.Name, Role: b.Text("user")}
	v.Options = d.options(b, &v.Secrets)
	o := &object.Object{Value: v, Parent: of}
	if user, _ := b.Attr("user"); user.Ref.Target != nil {
		role := d.idOf(user.Ref.Target)
		v.Role, o.Needs = role.Name, []object.ID{role}
	}
	o.ID = object.ID{Kind: "user_mapping", Table: of.Name, Name: v.Role}
	return d.object(b, o)
}

func encodeUserMapping(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*UserMapping)
	b := &hcl.Block{Type: "user_mapping"}
	b.Set("server", hcl.To("server", v.Server))
	if v.Role == publicRole {
		b.Set("user", hcl.Bare(publicRole))
	} else {
		b.Set("user", hcl.Str(v.Role))
	}
	setOptions(b, v.Options)
	return b
}

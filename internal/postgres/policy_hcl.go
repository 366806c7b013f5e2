package postgres

import (
	"cmp"
	"slices"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func policyHCL() hclKind {
	return hclKind{
		top: true,
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "policy", Labels: hcl.OneLabel, Doc: "a row-level policy of a table; row_security of the table makes policies hold",
				Attrs: []hcl.AttrSpec{
					onAttr("table", "partition"),
					{Name: "as", Takes: hcl.Word, Words: []string{"PERMISSIVE", "RESTRICTIVE"}, Doc: "PERMISSIVE by default: one of them is enough"},
					{Name: "for", Takes: hcl.Word, Words: []string{"ALL", "SELECT", "INSERT", "UPDATE", "DELETE"}, Doc: "the commands that it holds for; ALL by default"},
					{Name: "to", Takes: hcl.Word | hcl.String | hcl.Reference, List: true, Words: []string{publicRole, ownerRole, "CURRENT_ROLE", "SESSION_USER"},
						Refs: roleBlocks(), Doc: "the roles that it holds for; PUBLIC by default"},
					{Name: "using", Takes: hcl.Expr, Doc: "the condition that rows meet to be seen"},
					{Name: "check", Takes: hcl.Expr, Doc: "the condition that written rows meet"},
				},
			},
			id: childID, decode: decodePolicy,
		}},
		encode: encodePolicy,
	}
}

// onAttr names the table, or what is like one, that an object belongs to.
func onAttr(refs ...string) hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "on", Takes: hcl.Reference | hcl.SQL, Refs: refs, Required: true,
		Doc: "what it belongs to: on = table.users",
	}
}

// childID is the ID of an object that names its table by the attribute on.
func childID(d *decoder, b *hcl.Block) object.ID {
	host := d.hostOf(b)
	return object.ID{Kind: b.Type, Schema: host.Schema, Table: host.Name, Name: b.Name()}
}

// hostOf is what the attribute on names.
func (d *decoder) hostOf(b *hcl.Block) object.ID {
	v, _ := b.Attr("on")
	if v.Ref.Target != nil {
		return d.idOf(v.Ref.Target)
	}
	schema, name, _ := splitQualified(v.Text)
	return object.ID{Kind: "table", Schema: schema, Name: name}
}

func decodePolicy(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	p := &Policy{
		Restrictive: b.Text("as") == "RESTRICTIVE", Command: cmp.Or(b.Text("for"), "ALL"), Using: b.Text("using"), Check: b.Text("check"),
	}
	o := &object.Object{ID: id, Value: p, Parent: d.hostOf(b), Claims: []string{"policy " + tableOf(id) + "." + ident(id.Name)}}
	for _, v := range b.List("to") {
		role, needs := d.roleName(v)
		o.Needs = append(o.Needs, needs...)
		switch {
		case v.Kind == hcl.Word && v.Text != publicRole:
			d.faults.Add(v.Errorf("wrong-value", "%s is whoever applies the plan: the policy would hold for another role on each server", v.Text).
				WithHint(`name the role: to = ["app"]`))
		case v.Kind == hcl.String && (role == publicRole || role == ownerRole):
			d.faults.Add(v.Errorf("wrong-value", "no role is called %q", role).WithHint("PUBLIC is written without quotes"))
		}
		p.Roles = append(p.Roles, role)
	}
	if len(p.Roles) == 0 {
		p.Roles = []string{publicRole}
	}
	if slices.Contains(p.Roles, publicRole) && len(p.Roles) > 1 {
		v, _ := b.Attr("to")
		d.faults.Add(v.Errorf("conflict", "PUBLIC are all roles, the others too").WithHint("name PUBLIC alone, or take it out"))
	}
	return d.object(b, o)
}

// hostRef refers to the table, or what is like one, that an object belongs to.
func (e *encoder) hostRef(id object.ID) hcl.Value {
	if e.declared(id.Kind) {
		return hcl.To(e.path(id)...)
	}
	return hcl.Raw(qualified(id.Schema, id.Name))
}

func encodePolicy(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	p := o.Value.(*Policy)
	b := &hcl.Block{Type: "policy", Labels: []string{o.ID.Name}}
	b.Set("on", e.hostRef(o.Parent))
	setWord(b, "as", toggle(p.Restrictive, "RESTRICTIVE", ""))
	setWord(b, "for", unless(p.Command, "ALL"))
	if !slices.Equal(p.Roles, []string{publicRole}) {
		var roles []hcl.Value
		for _, r := range p.Roles {
			roles = append(roles, e.roleRef(r))
		}
		b.Set("to", hcl.Items(roles...))
	}
	if p.Using != "" {
		b.Set("using", hcl.Code(unwrapped(p.Using)))
	}
	if p.Check != "" {
		b.Set("check", hcl.Code(unwrapped(p.Check)))
	}
	return b
}

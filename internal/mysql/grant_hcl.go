package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func permissionHCL() hclKind {
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: permission, Labels: hcl.NoLabel, Doc: "all that a user or role may do with one thing; needs manage { privileges = true }",
			Attrs: []hcl.AttrSpec{
				{Name: "to", Takes: hcl.Reference | hcl.String, Refs: accountBlocks(), Required: true, Doc: `the user or role: to = user.app, to = "app@localhost"`},
				{Name: "for", Takes: hcl.Reference, Refs: []string{"schema", "table", "view", "sequence", "function", "procedure"}, Doc: "what it is on: for = table.users, for = schema.app"},
				{Name: "on", Takes: hcl.String, Doc: "what it is on, where that has no block: \"*.*\", \"`db`.*\", \"PROXY user@host\""},
				{Name: "privileges", Takes: hcl.String, List: true, Required: true, Doc: `the privileges as SQL: ["SELECT", "INSERT (a, b)"], ["ALL"]`},
				{Name: "grantable", Takes: hcl.Bool, Doc: "true: it may grant them to others"},
				{Name: "except", Takes: hcl.Bool, Doc: "true: it has not these, though it has them on everything (a partial revoke); MySQL"},
			},
		},
		decode: decodePermission, encode: encodePermission,
	}
}

func decodePermission(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	if !d.scope.Has(permission) {
		d.faults.Add(b.Errorf("not-managed", "%s is declared, but privileges are not managed", b).
			WithHint("write manage { privileges = true } into the environment in atlas.hcl, and run with --env"))
		return nil
	}
	to, _ := b.Attr("to")
	p := &Permission{Account: d.accountName(to), Except: b.Bool("except", false)}
	p.Role = to.Ref.Target != nil && to.Ref.Target.Type == roleKind
	on, named := b.Attr("on")
	target, referred := b.Attr("for")
	switch {
	case named == referred:
		d.faults.Add(b.Errorf("conflict", "%s takes either for or on", b).WithHint("write for = table.users, or on = \"*.*\""))
		return nil
	case referred && target.Ref.Target == nil:
		return nil // told already
	case referred:
		p.On = d.grantOn(target)
	default:
		var ok bool
		if p.On, ok = grantText(on.Text); !ok {
			d.faults.Add(on.Errorf("wrong-value", "%q is nothing that can be granted on", on.Text).
				WithHint("write \"*.*\", \"`db`.*\", \"`db`.`name`\", \"FUNCTION `db`.`name`\" or \"PROXY user@host\""))
			return nil
		}
	}
	for _, v := range b.List("privileges") {
		bare, option := strings.CutSuffix(privilegeName(v.Text), grantOption)
		p.Privileges = append(p.Privileges, bare+either(option, grantOption, ""))
	}
	if b.Bool("grantable", false) {
		p.Privileges = append(p.Privileges, "GRANT OPTION")
	}
	slices.Sort(p.Privileges)
	p.Privileges = slices.Compact(p.Privileges)
	return d.object(b, &object.Object{ID: permissionID(p), Value: p, Needs: p.needs()})
}

// grantOn is what a reference means.
func (d *decoder) grantOn(v hcl.Value) GrantOn {
	id := d.idOf(v.Ref.Target)
	switch id.Kind {
	case "schema":
		return GrantOn{Level: "DATABASE", Schema: either(d.scope.Bound, "", id.Name)}
	case "function", "procedure":
		return GrantOn{Level: strings.ToUpper(id.Kind), Schema: id.Schema, Name: id.Name}
	}
	return GrantOn{Level: "TABLE", Schema: id.Schema, Name: id.Name}
}

// grantText reads what GRANT has after ON.
func grantText(text string) (GrantOn, bool) {
	if account, ok := strings.CutPrefix(text, "PROXY "); ok {
		return GrantOn{Level: "PROXY", Name: accountName(accountParts(account))}, true
	}
	if text == "*.*" {
		return GrantOn{Level: "*"}, true
	}
	m := grantedOn.FindStringSubmatch(text)
	if m == nil || m[2] == "*" {
		return GrantOn{}, false
	}
	unquote := func(s string) string { return strings.ReplaceAll(strings.Trim(s, "`"), "``", "`") }
	switch {
	case m[3] == "*":
		return GrantOn{Level: "DATABASE", Schema: unquote(m[2])}, true
	case m[1] == "":
		return GrantOn{Level: "TABLE", Schema: unquote(m[2]), Name: unquote(m[3])}, true
	}
	return GrantOn{Level: m[1], Schema: unquote(m[2]), Name: unquote(m[3])}, true
}

func encodePermission(e *encoder, o *object.Object, b *hcl.Block) {
	p := o.Value.(*Permission)
	b.Set("to", e.accountRef(p.Account))
	if ref, ok := e.grantRef(p); ok {
		b.Set("for", ref)
	} else {
		b.Set("on", hcl.Str(either(p.On.Level == "PROXY", "PROXY "+p.On.Name, p.On.sql())))
	}
	var list []hcl.Value
	for _, x := range p.Privileges {
		if x != "GRANT OPTION" {
			list = append(list, hcl.Str(x))
		}
	}
	b.Set("privileges", hcl.Items(list...))
	setFlag(b, "grantable", slices.Contains(p.Privileges, "GRANT OPTION"))
	setFlag(b, "except", p.Except)
}

// grantRef refers to the block of what a permission is on.
func (e *encoder) grantRef(p *Permission) (hcl.Value, bool) {
	if p.On.Level == "DATABASE" && e.scope.Bound && p.On.Schema == "" {
		return hcl.To("schema", e.bound), true
	}
	for _, id := range p.needs()[2:] {
		if id.Kind != permission && e.state.Has(id) {
			return hcl.To(e.path(id)...), true
		}
	}
	return hcl.Value{}, false
}

package postgres

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.HCLCarrier = Dialect{}

func roleHCL() hclKind {
	form := func(block, doc string) hclForm {
		return hclForm{
			spec: &hcl.BlockSpec{
				Type: block, Labels: hcl.OneLabel, Doc: doc, Attrs: roleAttrs(),
				Blocks: []*hcl.BlockSpec{{Type: "membership", Doc: "a role that it is a member of, with options", Attrs: []hcl.AttrSpec{
					{Name: "role", Takes: hcl.Reference | hcl.String, Refs: roleBlocks(), Required: true, Doc: "the role"},
					{Name: "admin", Takes: hcl.Bool, Doc: "true: it may make others members"},
					{Name: "inherit", Takes: hcl.Bool, Doc: "whether it has the privileges without SET ROLE; since PostgreSQL 16"},
					{Name: "set", Takes: hcl.Bool, Doc: "whether it may SET ROLE; since PostgreSQL 16"},
				}}},
			},
			id:     func(_ *decoder, b *hcl.Block) object.ID { return roleID(b.Name()) },
			decode: decodeRole,
		}
	}
	return hclKind{
		forms: []hclForm{
			form("role", "a role of the server; needs manage { roles = true } unless it is external"),
			form("user", "a role that may log in"),
		},
		encode: encodeRole,
	}
}

func roleAttrs() []hcl.AttrSpec {
	flag := func(name, doc string) hcl.AttrSpec { return hcl.AttrSpec{Name: name, Takes: hcl.Bool, Doc: doc} }
	return []hcl.AttrSpec{
		flag("login", "true: it may log in"),
		flag("inherit", "false: it has the privileges of the roles that it is a member of only after SET ROLE"),
		flag("superuser", "true: no privileges are checked"),
		flag("create_db", "true: it may create databases"),
		flag("create_role", "true: it may create roles"),
		flag("replication", "true: it may replicate"),
		flag("bypass_rls", "true: row level security does not hold for it"),
		{Name: "conn_limit", Takes: hcl.Number, Doc: "how many connections it may have at once; -1, the default: any number"},
		{Name: "valid_until", Takes: hcl.String, Doc: "when the password ends, in UTC: \"2030-01-01 00:00:00+00\""},
		{Name: "password", Takes: hcl.String, Secret: true, Doc: "from a variable; set when the role is made, and never shown, read or compared"},
		flag("external", "true: it is somebody else's, never made, changed or dropped"),
	}
}

// membershipHCL makes memberships an attribute, or a block, of the member.
func membershipHCL() hclKind {
	spec := []hcl.AttrSpec{{
		Name: "member_of", Takes: hcl.Reference | hcl.String, Refs: roleBlocks(), List: true, Doc: "the roles that it is a member of",
	}}
	return hclKind{attrs: map[string][]hcl.AttrSpec{"role": spec, "user": spec}}
}

// decodeRole returns nothing: the comment on a role is no object of its own.
func decodeRole(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	r := &Role{
		Login: b.Bool("login", b.Type == "user"), NoInherit: !b.Bool("inherit", true), Superuser: b.Bool("superuser", false),
		CreateDB: b.Bool("create_db", false), CreateRole: b.Bool("create_role", false), Replication: b.Bool("replication", false),
		BypassRLS: b.Bool("bypass_rls", false), ConnLimit: -1, ValidUntil: b.Text("valid_until"), Comment: b.Text("comment"),
		External: b.Bool("external", false),
	}
	if n, ok := b.Int("conn_limit"); ok {
		r.ConnLimit = int(n)
	}
	if v, ok := b.Attr("password"); ok {
		var err error
		if r.verifier, err = scramVerifier(v.Text); err != nil {
			d.faults.Add(v.Errorf("bad-password", "the password of the %s cannot be used: %v", id, err).WithHint("set it with \\password in psql"))
		}
	}
	if !r.External && !d.scope.Has("role") {
		d.faults.Add(unaskedFault(b.Errorf("not-managed", "the %s is declared, but roles are not managed", id), "roles"))
		return nil
	}
	if d.object(b, &object.Object{ID: id, Value: r, Claims: []string{id.String()}}) != nil && !r.External {
		d.memberships(b, id)
	}
	return nil
}

func (d *decoder) memberships(b *hcl.Block, member object.ID) {
	add := func(v hcl.Value, in *hcl.Block) {
		group, _ := d.roleName(v)
		m := &Membership{Group: group, Member: member.Name}
		if in != nil {
			m.Admin = in.Bool("admin", false)
			m.Inherit, m.Set = sqlFlag(in, "inherit"), sqlFlag(in, "set")
		}
		d.add(&object.Object{
			ID: membershipID(group, member.Name), Value: m, Parent: member, Needs: []object.ID{roleID(group)}, Pos: v.Pos,
		}, v.Width)
	}
	for _, v := range b.List("member_of") {
		add(v, nil)
	}
	for _, in := range b.Nested("membership") {
		if v, ok := in.Attr("role"); ok {
			add(v, in)
		}
	}
}

// sqlFlag spells a flag for SQL; "" when it is not given.
func sqlFlag(b *hcl.Block, name string) string {
	if _, ok := b.Attr(name); !ok {
		return ""
	}
	return toggle(b.Bool(name, false), "TRUE", "FALSE")
}

func encodeRole(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	r := o.Value.(*Role)
	b := &hcl.Block{Type: "role", Labels: []string{o.ID.Name}}
	for _, f := range []struct {
		name      string
		set, when bool
	}{
		{"login", r.Login, true}, {"inherit", !r.NoInherit, false}, {"superuser", r.Superuser, true}, {"create_db", r.CreateDB, true},
		{"create_role", r.CreateRole, true}, {"replication", r.Replication, true}, {"bypass_rls", r.BypassRLS, true}, {"external", r.External, true},
	} {
		if f.set == f.when {
			b.Set(f.name, hcl.Flag(f.set))
		}
	}
	if r.ConnLimit != -1 {
		b.Set("conn_limit", hcl.Num(strconv.Itoa(r.ConnLimit)))
	}
	if r.ValidUntil != "" {
		b.Set("valid_until", hcl.Str(r.ValidUntil))
	}
	e.encodeMemberships(o.ID, r, b)
	if r.Comment != "" {
		b.Set("comment", hcl.Str(r.Comment))
	}
	return b
}

// encodeMemberships writes those without options as a list.
func (e *encoder) encodeMemberships(member object.ID, r *Role, b *hcl.Block) {
	var plain []hcl.Value
	for _, c := range e.children(member) {
		m, ok := c.Value.(*Membership)
		if !ok {
			continue
		}
		e.said[c.ID] = true
		group := hcl.Str(m.Group)
		if e.state.Has(roleID(m.Group)) {
			group = hcl.To("role", m.Group)
		}
		inherits := toggle(r.NoInherit, "FALSE", "TRUE")
		if !m.Admin && (m.Inherit == "" || m.Inherit == inherits) && (m.Set == "" || m.Set == "TRUE") {
			plain = append(plain, group)
			continue
		}
		n := b.Add("membership")
		n.Set("role", group)
		for _, f := range []struct {
			name  string
			value bool
			write bool
		}{
			{"admin", m.Admin, m.Admin}, {"inherit", m.Inherit == "TRUE", m.Inherit != "" && m.Inherit != inherits}, {"set", false, m.Set == "FALSE"},
		} {
			if f.write {
				n.Set(f.name, hcl.Flag(f.value))
			}
		}
	}
	if len(plain) > 0 {
		b.Set("member_of", hcl.Items(plain...))
	}
}

// CarriesHCL reports whether HCL says what no server gives back: passwords and other secrets, and which roles are somebody
// else's; and what no dev server is told: subscriptions.
func (Dialect) CarriesHCL(scope dialect.Scope, files [][]byte) bool {
	return scope.Has("role") || slices.ContainsFunc(files, func(f []byte) bool {
		return bytes.Contains(f, []byte("subscription")) || bytes.Contains(f, []byte("options")) && secretName.Match(f)
	})
}

// CarryHCL puts that into the state that a server made of what HCL declares.
func (Dialect) CarryHCL(declared, built *object.State) error {
	carrySecrets(declared, built)
	if err := carrySubscriptions(declared, built); err != nil {
		return err
	}
	for _, o := range declared.Kind("role") {
		said := o.Value.(*Role)
		if r, ok := kind.Get[Role](built, o.ID); ok {
			r.V.verifier = said.verifier
			continue
		}
		if !said.External {
			continue
		}
		if err := built.Add(o); err != nil {
			return err
		}
	}
	return nil
}

// rolesNamed lists the roles that an object names, without words that stand for one.
func rolesNamed(value any) []string {
	var out []string
	switch v := value.(type) {
	case *Permission:
		out = []string{v.Grantee}
	case *DefaultPermission:
		out = []string{v.Grantee, v.Role}
	case *Owner:
		out = []string{v.Role}
	case *Policy:
		out = slices.Clone(v.Roles)
	case *UserMapping:
		out = []string{v.Role}
	case *Membership:
		out = []string{v.Group}
	}
	return slices.DeleteFunc(out, func(r string) bool { return r == "" || r == publicRole || r == ownerRole })
}

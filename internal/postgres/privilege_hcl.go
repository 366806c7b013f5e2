package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// ownerWord is how HCL names whoever owns the object.
const ownerWord = "OWNER"

// everyPrivilege is the word for all privileges that an object of the kind has, in HCL and SQL alike.
const everyPrivilege = "ALL"

func permissionHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "permission", Labels: hcl.NoLabel,
				Doc: "all that a role may do with an object. Without a block the role has what the server gives by itself: " +
					"PUBLIC may execute new routines and use new types, the owner may do everything, nobody else anything",
				Attrs: slices.Concat([]hcl.AttrSpec{
					{Name: "for", Takes: hcl.Reference, Refs: grantableBlocks(), Required: true, Doc: "the object: for = table.users, for = table.users.column.email"},
					{Name: "columns", Takes: hcl.Reference | hcl.String, List: true, Refs: []string{"table.column", "view.column", "materialized.column", "foreign_table.column"},
						Doc: "some of its columns only"},
				}, granteeAttrs()),
			},
			bare:   true,
			decode: decodePermission,
		}},
		top:    true,
		encode: encodePermission,
		link:   linkPermission,
	}
}

// granteeAttrs are what permissions and default permissions have in common.
func granteeAttrs() []hcl.AttrSpec {
	return []hcl.AttrSpec{
		{Name: "to", Takes: hcl.Reference | hcl.String | hcl.Word, Words: []string{publicRole, ownerWord}, Refs: roleBlocks(), Required: true,
			Doc: `the role: to = "app", role.app, PUBLIC (everybody) or OWNER (who owns the object)`},
		{Name: "privileges", Takes: hcl.Word, Words: allPrivileges(), List: true, Required: true,
			Doc: "the privileges, or [ALL]; [] takes away what the server gives by itself"},
		{Name: "grantable", Takes: hcl.Bool, Doc: "true: the role may grant them to others"},
	}
}

func roleBlocks() []string { return []string{"role", "user"} }

// grantableBlocks are the blocks of what GRANT … ON takes.
func grantableBlocks() []string {
	return []string{
		"schema", "table", "table.column", "partition", "view", "view.column", "materialized", "materialized.column", "foreign_table",
		"foreign_table.column", "sequence", "function", "procedure", "aggregate", "enum", "domain", "composite", "range", "language",
		"server", "foreign_data_wrapper",
	}
}

func allPrivileges() []string {
	return []string{
		everyPrivilege, "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN", "USAGE", "CREATE", "EXECUTE",
	}
}

// privilegesOf lists what can be granted on objects of a kind (PostgreSQL manual, "Privileges").
func privilegesOf(kindName string) []string {
	switch kindName {
	case "table", "view", "materialized", "foreign_table":
		return []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"}
	case "column":
		return []string{"SELECT", "INSERT", "UPDATE", "REFERENCES"}
	case "sequence":
		return []string{"SELECT", "UPDATE", "USAGE"}
	case "schema":
		return []string{"CREATE", "USAGE"}
	case "function", "procedure", "aggregate":
		return []string{"EXECUTE"}
	case "large_object":
		return []string{"SELECT", "UPDATE"}
	}
	return []string{"USAGE"}
}

func decodePermission(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	v, ok := b.Attr("for")
	if !ok || v.Ref.Target == nil {
		return nil
	}
	target, owner := d.idOf(v.Ref.Target), d.idOf(v.Ref.Target)
	if target.Kind == "column" {
		owner = d.idOf(v.Ref.Target.Parent)
	}
	grantee, needs := d.grantee(b, ownerRole)
	targets := []object.ID{target}
	if columns, given := b.Attr("columns"); given {
		if !slices.Contains(privilegesOf(target.Kind), "SELECT") || target.Kind == "sequence" || target.Kind == "column" {
			d.faults.Add(columns.Errorf("wrong-value", "the %s has no columns", target))
			return nil
		}
		targets = nil
		for _, c := range columns.List {
			targets = append(targets, columnID(target, d.columnName(c, target)))
		}
	}
	for _, t := range targets {
		p := &Permission{Grantee: grantee, Target: t}
		p.Privileges = d.privileges(b, t.Kind)
		// What the server gives by itself hangs on its version; all of it is taken away first.
		if slices.Contains([]string{publicRole, ownerRole}, grantee) && !slices.Equal(p.Privileges, []string{everyPrivilege}) {
			p.Usual = []string{everyPrivilege}
		}
		id := permissionID(t, grantee)
		if !d.joined(b, id, p.Privileges) {
			d.object(b, &object.Object{ID: id, Value: p, Parent: owner, Needs: needs})
		}
	}
	return nil
}

// columnName is the name of a column that belongs to the relation.
func (d *decoder) columnName(v hcl.Value, relation object.ID) string {
	if v.Ref.Target == nil {
		return v.Text
	}
	if owner := d.idOf(v.Ref.Target.Parent); owner != relation {
		d.faults.Add(v.Errorf("wrong-table", "the column belongs to the %s, not to the %s", owner, relation))
	}
	return v.Ref.Target.Name()
}

// grantee reads to = …; owner is what OWNER stands for.
func (d *decoder) grantee(b *hcl.Block, owner string) (name string, needs []object.ID) {
	v, _ := b.Attr("to")
	switch {
	case v.Kind == hcl.Word && v.Text == ownerWord:
		return owner, nil
	case v.Ref.Target == nil && strings.EqualFold(v.Text, publicRole):
		return publicRole, nil
	}
	return d.roleName(v)
}

// roleName reads a role: a reference, or the name of one that no block declares.
func (d *decoder) roleName(v hcl.Value) (name string, needs []object.ID) {
	if v.Ref.Target == nil {
		return v.Text, nil
	}
	id := d.idOf(v.Ref.Target)
	return id.Name, []object.ID{id}
}

// privileges reads the list of privileges on something of a kind.
func (d *decoder) privileges(b *hcl.Block, kindName string) []string {
	var out []string
	for _, v := range b.List("privileges") {
		switch {
		case v.Text != everyPrivilege && !slices.Contains(privilegesOf(kindName), v.Text):
			d.faults.Add(v.Errorf("wrong-privilege", "there is no privilege %s on a %s", v.Text, strings.ReplaceAll(kindName, "_", " ")).
				WithHint("there are %s", strings.Join(privilegesOf(kindName), ", ")))
		case v.Text == everyPrivilege && len(b.List("privileges")) > 1:
			d.faults.Add(v.Errorf("conflict", "ALL and single privileges stand in one list").WithHint("keep ALL, or name the privileges"))
		case b.Bool("grantable", false):
			out = append(out, v.Text+grantOption)
		default:
			out = append(out, v.Text)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// joined adds privileges to those that another block declares for the same object and role: one with and one without
// the right to grant them. It reports whether there is one.
func (d *decoder) joined(b *hcl.Block, id object.ID, privileges []string) bool {
	other := d.state.Get(id)
	if other == nil {
		return false
	}
	p := permissionOf(other.Value)
	for _, x := range privileges {
		bare := strings.TrimSuffix(x, grantOption)
		if slices.Contains(p.Privileges, bare) || slices.Contains(p.Privileges, bare+grantOption) {
			d.faults.Add(b.Errorf("duplicate-object", "%s is granted twice", bare).WithHint("the first is at %s", other.Pos))
		}
	}
	p.Privileges = append(p.Privileges, privileges...)
	slices.Sort(p.Privileges)
	return true
}

func permissionOf(value any) *Permission {
	if d, ok := value.(*DefaultPermission); ok {
		return &d.Permission
	}
	return value.(*Permission)
}

// linkPermission spells what the permission is for, which may be declared after it.
func linkPermission(d *decoder, o *object.Object) {
	p := o.Value.(*Permission)
	if p.Target.Kind != "column" {
		p.Subject, p.Columns = grantSubject(d.state.Get(p.Target), p.Target)
		return
	}
	p.Subject, p.Columns = "TABLE "+tableOf(p.Target), ident(p.Target.Name)
	if d.state.Has(p.Target) {
		o.Parent = p.Target
		o.Needs = append(o.Needs, p.Target)
	}
}

func encodePermission(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	p := o.Value.(*Permission)
	target, columns := e.permissionTarget(p, o.Parent)
	if target.Kind == 0 {
		return nil
	}
	return e.granted(p, p.Grantee, func(b *hcl.Block) {
		b.Set("for", target)
		if columns != "" {
			b.Set("columns", hcl.Items(hcl.Str(columns)))
		}
	}, "permission")
}

// permissionTarget refers to the object of a permission; the zero value when no block declares it.
func (e *encoder) permissionTarget(p *Permission, owner object.ID) (target hcl.Value, column string) {
	if p.Target.Kind != "column" {
		if !e.said[p.Target] {
			return hcl.Value{}, ""
		}
		return hcl.To(e.path(p.Target)...), ""
	}
	declared := owner == p.Target && e.said[owner] && !isTyped(e.state, tableID(owner))
	if o := e.state.Get(owner); owner == p.Target && o != nil {
		owner = o.Parent
	}
	switch {
	case !e.said[owner]:
		return hcl.Value{}, ""
	case declared:
		return hcl.To(append(e.path(owner), "column", p.Target.Name)...), ""
	}
	return hcl.To(e.path(owner)...), p.Target.Name
}

// granted writes the privileges of a role: a block for those that it may not grant, and one for those that it may.
func (e *encoder) granted(p *Permission, grantee string, head func(*hcl.Block), typ string) *hcl.Block {
	var lists [2][]hcl.Value
	for _, x := range p.Privileges {
		bare, option := strings.CutSuffix(x, grantOption)
		i := 0
		if option {
			i = 1
		}
		lists[i] = append(lists[i], hcl.Bare(bare))
	}
	var out []*hcl.Block
	for i, list := range lists {
		if len(list) == 0 && (i == 1 || len(lists[1]) > 0) {
			continue
		}
		b := &hcl.Block{Type: typ}
		head(b)
		b.Set("to", e.roleRef(grantee))
		b.Set("privileges", hcl.Items(list...))
		if i == 1 {
			b.Set("grantable", hcl.Flag(true))
		}
		out = append(out, b)
	}
	e.more = append(e.more, out[1:]...)
	return out[0]
}

// roleRef names a role in HCL.
func (e *encoder) roleRef(name string) hcl.Value {
	switch id := (object.ID{Kind: "role", Name: name}); {
	case name == publicRole:
		return hcl.Bare(publicRole)
	case name == ownerRole:
		return hcl.Bare(ownerWord)
	case e.state.Has(id):
		return hcl.To(e.path(id)...)
	}
	return hcl.Str(name)
}

package postgres

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

var (
	_ dialect.Resolver = Dialect{}
	_ dialect.Likener  = Dialect{}
)

// by gives the permission of the owner to whoever that is while the plan runs: the owner that the object gets, which
// comes first, or has. What is new and not said to be anybody's belongs to the user of the plan.
func (p *Permission) by(c *kind.Context, parent object.ID) *Permission {
	if p.Grantee != ownerRole || c.From.Get(parent) == nil && c.To.Get(parent) == nil {
		return p
	}
	of := p.owned(cmp.Or(c.To.Get(parent), c.From.Get(parent)))
	out := *p
	if o, ok := kind.Get[Owner](c.To, ownershipID(of)); ok && !o.V.Unasked {
		out.Grantee, out.After = o.V.Role, o.ID
		return &out
	}
	if o, ok := kind.Get[Owner](c.From, ownershipID(of)); ok {
		out.Grantee, out.After = o.V.Role, o.ID
		return &out
	}
	return p
}

// owned is the object whose owner counts: of a column's privileges that of its table.
func (p *Permission) owned(parent *object.Object) object.ID {
	switch {
	case p.Target.Kind != "column":
		return p.Target
	case parent.ID.Kind == "column":
		return parent.Parent
	}
	return parent.ID
}

// Resolve says of a privilege that a role gets by its name, and that owns the object on this database, that it is the
// owner's: the catalogs tell no difference. Where the owner has all by itself, nothing is left of it.
func (Dialect) Resolve(current, desired *object.State, server dialect.Server) *object.State {
	instead := map[object.ID]*object.Object{}
	for _, o := range desired.Kind("permission") {
		p := o.Value.(*Permission)
		parent := current.Get(o.Parent)
		if p.Grantee == publicRole || p.Grantee == ownerRole || parent == nil || ownerThere(current, desired, p.owned(parent), server.User) != p.Grantee {
			continue
		}
		instead[o.ID] = p.ofOwner(o)
	}
	if len(instead) == 0 {
		return desired
	}
	out := object.NewState()
	out.Ledger, out.Notes, out.Facts = desired.Ledger, desired.Notes, desired.Facts
	for _, o := range desired.All() {
		if owners, named := instead[o.ID]; named {
			o = owners
		}
		if o != nil && !out.Has(o.ID) {
			_ = out.Add(o) // it is not there yet
		}
	}
	return out
}

// ownerThere is who owns an object once the plan has run.
func ownerThere(current, desired *object.State, of object.ID, user string) string {
	if o, ok := kind.Get[Owner](desired, ownershipID(of)); ok && !o.V.Unasked {
		return o.V.Role
	}
	if o, ok := kind.Get[Owner](current, ownershipID(of)); ok {
		return o.V.Role
	}
	return user
}

// ofOwner is the same permission as the owner's; nil where that is no more than the owner has.
func (p *Permission) ofOwner(o *object.Object) *object.Object {
	if p.Target.Kind != "column" {
		return nil
	}
	same, owners := *o, *p
	owners.Grantee, owners.Privileges = ownerRole, nil
	for _, x := range p.Privileges {
		owners.Privileges = append(owners.Privileges, strings.TrimSuffix(x, grantOption)) // which an owner has anyway
	}
	slices.Sort(owners.Privileges)
	owners.Privileges = slices.Compact(owners.Privileges)
	same.ID, same.Value = permissionID(p.Target, ownerRole), &owners
	return &same
}

// Likeness gives objects to their owners where one of the states tells of the owner's privileges: statements name the role.
func (Dialect) Likeness(whole *object.State, others ...*object.State) *object.State {
	named := map[object.ID]bool{}
	for _, s := range append(others, whole) {
		for _, o := range s.Kind("permission") {
			p := o.Value.(*Permission)
			parent := cmp.Or(s.Get(o.Parent), whole.Get(o.Parent))
			if p.Grantee == ownerRole && parent != nil {
				named[ownershipID(p.owned(parent))] = true
			}
		}
	}
	out := object.NewState()
	out.Ledger, out.Notes, out.Facts = whole.Ledger, whole.Notes, whole.Facts
	for _, o := range whole.All() {
		if v, ok := o.Value.(*Owner); ok && named[o.ID] {
			asked, owner := *o, *v
			owner.Unasked, asked.Value = false, &owner
			o = &asked
		}
		_ = out.Add(o) // the IDs are those of the state
	}
	return out
}

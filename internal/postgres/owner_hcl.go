package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// ownerHCL makes the owner an attribute of the object's block. On a sequence the attribute names a column as well.
func ownerHCL() hclKind {
	attrs := map[string][]hcl.AttrSpec{}
	for _, block := range []string{
		"schema", "table", "partition", "view", "materialized", "foreign_table", "enum", "domain", "composite", "range", "function", "procedure",
		"aggregate", "operator", "operator_family", "operator_class", "collation", "text_search_dictionary", "text_search_configuration",
		"statistics", "foreign_data_wrapper", "server", "language", "event_trigger", "publication", "subscription",
	} {
		attrs[block] = []hcl.AttrSpec{{
			Name: "owner", Takes: hcl.Reference | hcl.String, Refs: roleBlocks(),
			Doc: `the role that owns it: owner = role.app or "app"; needs manage { owners = true }`,
		}}
	}
	return hclKind{attrs: attrs, decodeAttrs: decodeOwner, encodeAttrs: encodeOwner}
}

func decodeOwner(d *decoder, b *hcl.Block, of *object.Object) {
	v, ok := b.Attr("owner")
	if !ok || v.Ref.Target != nil && v.Ref.Target.Type == "column" {
		return
	}
	if !d.scope.Has("owner") {
		d.faults.Add(unaskedFault(v.Errorf("not-managed", "the owner of the %s is declared, but owners are not managed", of.ID), "owners"))
		return
	}
	role, needs := d.roleName(v)
	d.add(&object.Object{ID: ownershipID(of.ID), Value: &Owner{Role: role, Target: of.ID}, Parent: of.ID, Needs: needs, Pos: v.Pos}, v.Width)
}

func encodeOwner(e *encoder, of object.ID, b *hcl.Block) {
	o, ok := kind.Get[Owner](e.state, ownershipID(of))
	if !ok {
		return
	}
	e.said[o.ID] = true
	if !o.V.Unasked {
		b.Set("owner", e.roleRef(o.V.Role))
	}
}

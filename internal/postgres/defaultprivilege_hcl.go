package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func defaultPermissionHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "default_permission", Labels: hcl.NoLabel,
				Doc: "what a role may do with objects to come, as ALTER DEFAULT PRIVILEGES says",
				Attrs: slices.Concat([]hcl.AttrSpec{
					{Name: "for", Takes: hcl.Word, Words: []string{"TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS", "LARGE_OBJECTS"}, Required: true,
						Doc: "the objects; TABLES are views too, FUNCTIONS are all routines"},
					{Name: "in", Takes: hcl.Reference, Refs: []string{"schema"}, Doc: "the schema that they are made in; without it, all"},
					{Name: "by", Takes: hcl.Reference | hcl.String, Refs: roleBlocks(), Doc: "the role that makes them; without it, the one that applies the plan"},
				}, granteeAttrs()),
			},
			bare:   true,
			decode: decodeDefaultPermission,
		}},
		encode: encodeDefaultPermission,
	}
}

// kindOfObjects is a kind whose privileges the objects of ALTER DEFAULT PRIVILEGES have.
func kindOfObjects(objects string) string {
	switch objects {
	case "TABLES":
		return "table"
	case "SEQUENCES":
		return "sequence"
	case "FUNCTIONS":
		return "function"
	case "SCHEMAS":
		return "schema"
	case "LARGE OBJECTS":
		return "large_object"
	}
	return "type"
}

func decodeDefaultPermission(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	p := &DefaultPermission{Role: ownerRole, Objects: strings.ReplaceAll(b.Text("for"), "_", " ")}
	var needs []object.ID
	if by, ok := b.Attr("by"); ok {
		p.Role, needs = d.roleName(by)
	}
	schema := ""
	if v, ok := b.Attr("in"); ok && v.Ref.Target != nil {
		schema = d.idOf(v.Ref.Target).Name
	}
	grantee, more := d.grantee(b, p.Role)
	p.Grantee, needs = grantee, append(needs, more...)
	p.Privileges = d.privileges(b, kindOfObjects(p.Objects))
	if ofServer := grantee == publicRole || grantee == p.Role; ofServer && schema == "" && !slices.Equal(p.Privileges, []string{everyPrivilege}) {
		p.Usual = []string{everyPrivilege}
	}
	p.spell(schema)
	if id := p.id(schema); !d.joined(b, id, p.Privileges) {
		d.object(b, &object.Object{ID: id, Value: p, Needs: needs})
	}
	return nil
}

func encodeDefaultPermission(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	p := o.Value.(*DefaultPermission)
	grantee := p.Grantee
	if grantee == p.Role {
		grantee = ownerRole
	}
	return e.granted(&p.Permission, grantee, func(b *hcl.Block) {
		b.Set("for", hcl.Bare(strings.ReplaceAll(p.Objects, " ", "_")))
		if o.ID.Schema != "" {
			b.Set("in", hcl.To("schema", o.ID.Schema))
		}
		if p.Role != ownerRole {
			b.Set("by", e.roleRef(p.Role))
		}
	}, "default_permission")
}

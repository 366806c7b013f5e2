package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// ExtensionDependency has an object go when an extension does (ALTER … DEPENDS ON EXTENSION).
type ExtensionDependency struct {
	Extension string    `json:"extension"`
	Target    object.ID `json:"target" diff:"-"`
}

func extensionDependencyID(target object.ID, extension string) object.ID {
	return object.ID{Kind: "extension_dependency", Schema: target.Schema, Table: target.Table, Name: target.Kind + " " + target.Name + " on " + extension}
}

func extensionDependencyKind() objectKind {
	steps := func(s *object.State, v *ExtensionDependency, no, back string) ([]plan.Step, error) {
		head := "ALTER " + addressOf(s, v.Target)
		tail := "DEPENDS ON EXTENSION " + ident(v.Extension)
		return []plan.Step{{
			SQL: head + " " + no + tail, Reverse: []string{head + " " + back + tail},
			Comment: "set whether " + v.Target.String() + " goes with the extension " + v.Extension,
		}}, nil
	}
	return objectKind{
		Kind: kind.Define(kind.Def[ExtensionDependency]{
			Name: "extension_dependency", Weight: weightComment,
			Create: func(c *kind.Context, d kind.Of[ExtensionDependency]) ([]plan.Step, error) {
				return steps(c.To, d.V, "", "NO ")
			},
			Alter: unchangeable[ExtensionDependency],
			Drop: func(c *kind.Context, d kind.Of[ExtensionDependency]) ([]plan.Step, error) {
				return steps(c.From, d.V, "NO ", "")
			},
		}),
		queries: []catalog.Query{{Name: "extension_dependencies", SQL: `
SELECT DISTINCT d.classid AS class, d.objid AS oid, e.extname AS extension
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE d.refclassid = 3079 AND d.deptype = 'x'
ORDER BY 1, 2, 3`}},
		build: buildExtensionDependencies,
		hcl: hclKind{
			attrs:       dependencyAttrs(),
			decodeAttrs: decodeExtensionDependencies,
			encodeAttrs: encodeExtensionDependencies,
		},
	}
}

// buildExtensionDependencies lists those of what is no object of its own, the index of a key, as not managed.
func buildExtensionDependencies(b *builder) error {
	return b.rows("extension_dependencies", func(r catalog.Row) error {
		at, extension := ref{r.Str("class"), r.Str("oid"), "0"}, r.Str("extension")
		target, ok := b.at(at)
		if !ok {
			return nil
		}
		if b.aliases[at] {
			b.unmanaged("extension dependency", target.Path()+" on "+extension, "that of a key's index is not managed; use ALTER INDEX ... DEPENDS ON EXTENSION")
			return nil
		}
		return b.add(ref{"extension dependency " + at.class, at.oid, extension}, &object.Object{
			ID: extensionDependencyID(target, extension), Value: &ExtensionDependency{Extension: extension, Target: target}, Parent: target,
			Needs: []object.ID{{Kind: "extension", Name: extension}},
		})
	})
}

func dependencyAttrs() map[string][]hcl.AttrSpec {
	attr := []hcl.AttrSpec{{
		Name: "depends_on_extensions", Takes: hcl.Reference | hcl.String, List: true, Refs: []string{"extension"},
		Doc: "the extensions with which it is dropped: depends_on_extensions = [extension.cube]",
	}}
	out := map[string][]hcl.AttrSpec{}
	for _, path := range []string{
		"function", "procedure", "materialized", "table.index", "partition.index", "materialized.index",
		"trigger",
	} {
		out[path] = attr
	}
	return out
}

func decodeExtensionDependencies(d *decoder, b *hcl.Block, of *object.Object) {
	for _, v := range b.List("depends_on_extensions") {
		extension := v.Text
		if v.Ref.Target != nil {
			extension = d.idOf(v.Ref.Target).Name
		}
		d.add(&object.Object{
			ID: extensionDependencyID(of.ID, extension), Value: &ExtensionDependency{Extension: extension, Target: of.ID}, Parent: of.ID,
			Needs: []object.ID{{Kind: "extension", Name: extension}}, Pos: v.Pos,
		}, v.Width)
	}
}

func encodeExtensionDependencies(e *encoder, of object.ID, b *hcl.Block) {
	var list []hcl.Value
	for _, o := range e.children(of) {
		if v, ok := o.Value.(*ExtensionDependency); ok {
			e.said[o.ID] = true
			if id := (object.ID{Kind: "extension", Name: v.Extension}); e.state.Has(id) {
				list = append(list, hcl.To("extension", v.Extension))
			} else {
				list = append(list, hcl.Str(v.Extension))
			}
		}
	}
	if len(list) > 0 {
		b.Set("depends_on_extensions", hcl.Items(list...))
	}
}

package hcl

// RenamedAttrs are the attributes that tell what an object, or parts of it, were called before.
func RenamedAttrs(object, parts bool) []AttrSpec {
	var out []AttrSpec
	if object {
		out = append(out, AttrSpec{
			Name: "renamed_from", Takes: String,
			Doc: "the name that it had before: the database's object of that name is renamed, and not dropped; without effect once that is done",
		})
	}
	if parts {
		out = append(out, AttrSpec{
			Name: "renamed_values", Takes: Object,
			Doc: `the names that values had before, by the new ones: renamed_values = { shipped = "sent" }`,
		})
	}
	return out
}

// Renamed reads those attributes.
func (b *Block) Renamed() (from string, parts map[string]string) {
	if v, ok := b.Attr("renamed_from"); ok {
		from = v.Text
	}
	v, ok := b.Attr("renamed_values")
	if !ok || len(v.Fields) == 0 {
		return from, nil
	}
	parts = map[string]string{}
	for _, f := range v.Fields {
		parts[f.Name] = f.Value.Text
	}
	return from, parts
}

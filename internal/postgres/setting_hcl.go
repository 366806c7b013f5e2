package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// settingHCL writes what is set on parts of a relation as blocks of it, with an attribute for each.
func settingHCL() hclKind {
	in := []string{"table", "partition", "foreign_table", "materialized"}
	takes := hcl.Number | hcl.Bool | hcl.String
	form := func(spec *hcl.BlockSpec) hclForm {
		spec.Any = takes
		return hclForm{spec: spec, in: in, id: settingBlockID, decode: decodeSettings}
	}
	return hclKind{
		forms: []hclForm{
			form(&hcl.BlockSpec{Type: "column_settings", Labels: hcl.OneLabel, Doc: "what is set on a column that no block column can say it of: statistics, storage, compression (of a partition, a child, a materialized view), n_distinct, n_distinct_inherited"}),
			form(&hcl.BlockSpec{Type: "index_settings", Labels: hcl.OneLabel, Doc: "what is set on the index of a key, or of a partition: storage parameters, clustered, tablespace, comment; statistics_1 is the target of ANALYZE for the first expression"}),
			form(&hcl.BlockSpec{Type: "toast_settings", Single: true, Doc: "storage parameters of the TOAST table: autovacuum_enabled = false"}),
		},
		encodeAttrs: encodeSettings,
		link:        linkSetting,
	}
}

// settingBlockID stands for the block; each of its attributes is an object.
func settingBlockID(d *decoder, b *hcl.Block) object.ID {
	return object.ID{Kind: "setting", Schema: d.idOf(b.Parent).Schema, Table: d.idOf(b.Parent).Name, Name: b.Type + " " + strings.Join(b.Labels, "")}
}

func decodeSettings(d *decoder, b *hcl.Block, relation *object.Object) *object.Object {
	for _, a := range b.Attrs {
		s := &Setting{Value: a.Value.Text, Of: strings.TrimSuffix(b.Type, "_settings"), Part: strings.Join(b.Labels, ""), Attr: a.Name, Relation: relation.ID}
		if a.Value.Kind == hcl.Bool && a.Name == "clustered" && a.Value.Text == "false" {
			continue
		}
		if s.Of == "column" && !slices.Contains([]string{"statistics", "storage", "compression", "n_distinct", "n_distinct_inherited"}, s.Attr) {
			d.faults.Add(a.Value.Errorf("unknown-attribute", "a column has no setting %q", s.Attr).
				WithHint("there are statistics, storage, compression, n_distinct and n_distinct_inherited"))
			continue
		}
		if t, ok := relation.Value.(*Table); ok && t.PartitionBy != "" && s.Of == "index" && !s.isBeside() {
			d.checks = append(d.checks, func() { d.keyOption(s, b) })
			continue
		}
		d.add(&object.Object{ID: settingID(s), Value: s, Parent: relation.ID, Pos: a.Value.Pos}, a.Value.Width)
	}
	return nil
}

// isBeside reports whether a setting of an index is no storage parameter.
func (s *Setting) isBeside() bool {
	return slices.Contains([]string{"clustered", "tablespace", "comment"}, s.Attr) || strings.HasPrefix(s.Attr, "statistics_")
}

// keyOption gives a storage parameter to the key of a partitioned table, which is made with it.
func (d *decoder) keyOption(s *Setting, b *hcl.Block) {
	for _, k := range []string{"primary_key", "unique", "exclude"} {
		if key, ok := kind.Get[Constraint](d.state, object.ID{Kind: k, Schema: s.Relation.Schema, Table: s.Relation.Name, Name: s.Part}); ok {
			key.V.Options = append(key.V.Options, s.Attr+"="+s.Value)
			slices.Sort(key.V.Options)
			return
		}
	}
	d.faults.Add(b.Errorf("unknown-index", "the %s has no key %q", s.Relation, s.Part).WithHint("storage parameters of an index stand in its own block"))
}

// linkSetting finds the column, index or key that a setting is on; what no block declares is the relation's.
func linkSetting(d *decoder, o *object.Object) {
	s := o.Value.(*Setting)
	kinds := []string{"index", "primary_key", "unique", "exclude"}
	if s.Of == "column" {
		kinds = []string{"column"}
	}
	for _, k := range kinds {
		if id := (object.ID{Kind: k, Schema: s.Relation.Schema, Table: s.Relation.Name, Name: s.Part}); s.Of != "toast" && d.state.Has(id) {
			o.Parent = id
			o.Needs = append(o.Needs, id)
		}
	}
}

func encodeSettings(e *encoder, of object.ID, b *hcl.Block) {
	if !slices.Contains([]string{"table", "foreign_table", "materialized"}, of.Kind) {
		return
	}
	var last *hcl.Block
	for _, o := range e.settings(of) {
		s := o.Value.(*Setting)
		e.said[o.ID] = true
		var labels []string
		if s.Of != "toast" {
			labels = []string{s.Part}
		}
		if last == nil || last.Type != s.Of+"_settings" || !slices.Equal(last.Labels, labels) {
			last = &hcl.Block{Type: s.Of + "_settings", Labels: labels}
			b.Blocks = append(b.Blocks, last)
		}
		switch {
		case s.Attr == "comment":
			last.Set(s.Attr, hcl.Str(s.Value))
		case s.Value == "true" || s.Value == "false":
			last.Set(s.Attr, hcl.Flag(s.Value == "true"))
		case plainNumber.MatchString(s.Value):
			last.Set(s.Attr, hcl.Num(s.Value))
		default:
			last.Set(s.Attr, hcl.Str(s.Value))
		}
	}
}

// keySettings adds the storage parameters of the keys of partitioned tables to what is set on parts of relations.
func (e *encoder) keySettings() {
	for _, k := range []string{"primary_key", "unique", "exclude"} {
		for _, o := range e.state.Kind(k) {
			for _, option := range o.Value.(*Constraint).Options {
				attr, value, _ := strings.Cut(option, "=")
				s := &Setting{Value: value, Of: "index", Part: o.ID.Name, Attr: attr, Relation: o.Parent}
				e.set[o.Parent] = append(e.set[o.Parent], &object.Object{ID: settingID(s), Value: s, Parent: o.ID})
			}
		}
	}
}

// settings lists the settings of a relation, by part and name.
func (e *encoder) settings(of object.ID) []*object.Object {
	if e.set == nil {
		e.set = map[object.ID][]*object.Object{}
		for _, o := range e.state.Kind("setting") {
			relation := o.Value.(*Setting).Relation
			e.set[relation] = append(e.set[relation], o)
		}
		e.typedSettings()
		e.keySettings()
		for _, list := range e.set {
			slices.SortFunc(list, func(x, y *object.Object) int { return strings.Compare(x.ID.Name, y.ID.Name) })
		}
	}
	return e.set[of]
}

package postgres

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func viewHCL() hclKind {
	return hclKind{
		forms: []hclForm{
			{
				spec: &hcl.BlockSpec{
					Type: "view", Labels: hcl.Qualified, Doc: "a view",
					Attrs: []hcl.AttrSpec{
						schemaAttr(), queryAttr(),
						{Name: "check_option", Takes: hcl.Word, Words: []string{"LOCAL", "CASCADED"}, Doc: "rows written through it must stay in it"},
					},
					Blocks: []*hcl.BlockSpec{{Type: "security", Single: true, Doc: "how rights are checked", Attrs: []hcl.AttrSpec{
						{Name: "barrier", Takes: hcl.Bool | hcl.String, Doc: "true: no condition of a query is tried before those of the view"},
						{Name: "invoker", Takes: hcl.Bool | hcl.String, Doc: "true: with the rights of who asks, from PostgreSQL 15 on"},
					}}},
				},
				decode: decodeView,
			},
			viewColumnForm("view", defaultAttr()),
		},
		encode: encodeView,
	}
}

func queryAttr() hcl.AttrSpec {
	return hcl.AttrSpec{Name: "as", Takes: hcl.Expr, Required: true, Doc: "its query"}
}

// viewColumnForm is a column of a view. The query gives it; the block is there for what is set on it, and for references.
func viewColumnForm(in string, more ...hcl.AttrSpec) hclForm {
	return hclForm{
		spec: &hcl.BlockSpec{
			Type: "column", Labels: hcl.OneLabel, Doc: "a column that the query gives, for what is set on it and for references",
			Attrs: append([]hcl.AttrSpec{
				typeAttr("type", "its type, for readers: the query gives it", false),
				{Name: "null", Takes: hcl.Bool, Doc: "whether it may be null, for readers"},
			}, more...),
		},
		in: []string{in}, decode: decodeViewColumn,
	}
}

// decodeViewColumn makes a comment of a column block: one that the server refuses when there is no such column, and
// that is no comment when there is none.
func decodeViewColumn(d *decoder, b *hcl.Block, view *object.Object) *object.Object {
	id := d.idOf(b)
	text, at, width := "", b.Pos, b.Width
	if v, ok := b.Attr("comment"); ok {
		text, at, width = v.Text, v.Pos, v.Width
	}
	d.add(&object.Object{ID: commentID(id), Value: &Comment{Text: text, Target: id}, Parent: view.ID, Pos: at}, width)
	if v, ok := b.Attr("default"); ok {
		d.add(&object.Object{ID: defaultID(id), Value: &Default{Expr: defaultExpr(v)}, Parent: view.ID, Pos: v.Pos}, v.Width)
	}
	return nil
}

func decodeView(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &View{Query: queryOf(b)}
	if c := b.Text("check_option"); c != "" {
		v.Options = append(v.Options, "check_option="+strings.ToLower(c))
	}
	if s := b.Only("security"); s != nil {
		for _, name := range []string{"barrier", "invoker"} {
			if a, ok := s.Attr(name); ok {
				v.Options = append(v.Options, "security_"+name+"="+a.Text)
			}
		}
	}
	return d.object(b, &object.Object{ID: id, Value: v, Claims: relationClaims(id)})
}

// queryOf is the query of a block, without what may stand at its end.
func queryOf(b *hcl.Block) string { return strings.TrimRight(b.Text("as"), "; \t\r\n") }

func encodeView(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v := o.Value.(*View)
	b := e.top(o)
	var security *hcl.Block
	for _, option := range v.Options {
		name, value, _ := strings.Cut(option, "=")
		part, ok := strings.CutPrefix(name, "security_")
		switch {
		case name == "check_option":
			b.Set(name, hcl.Bare(strings.ToUpper(value)))
		case !ok: // PostgreSQL has no others
		default:
			if security == nil {
				security = b.Add("security")
			}
			security.Set(part, optionValue(value))
		}
	}
	b.Set("as", hcl.Code(v.Query))
	e.viewColumns(o, v.Columns, b)
	return b
}

// optionValue is the value of an option as it was set: true and false, or another spelling of them.
func optionValue(value string) hcl.Value {
	if value == "true" || value == "false" {
		return hcl.Flag(value == "true")
	}
	return hcl.Str(value)
}

// viewColumns writes the columns that have comments or defaults, in the order of the view where it is known.
func (e *encoder) viewColumns(view *object.Object, columns []ViewColumn, b *hcl.Block) {
	var order []string
	types, found := map[string]string{}, map[string]*hcl.Block{}
	for _, c := range columns {
		order, types[c.Name] = append(order, c.Name), c.Type
	}
	block := func(name string) *hcl.Block {
		if found[name] == nil {
			found[name] = &hcl.Block{Type: "column", Labels: []string{name}}
		}
		return found[name]
	}
	for _, o := range e.children(view.ID) {
		switch v := o.Value.(type) {
		case *Comment:
			if v.Target.Kind == "column" {
				block(v.Target.Name).Set("comment", hcl.Str(v.Text))
				e.said[o.ID] = true
			}
		case *Default:
			block(o.ID.Name).Set("default", defaultValue(v.Expr, types[o.ID.Name]))
			e.said[o.ID] = true
		}
	}
	list := slices.SortedFunc(maps.Values(found), func(x, y *hcl.Block) int {
		return cmp.Or(slices.Index(order, x.Labels[0])-slices.Index(order, y.Labels[0]), strings.Compare(x.Labels[0], y.Labels[0]))
	})
	b.Blocks = append(b.Blocks, list...)
}

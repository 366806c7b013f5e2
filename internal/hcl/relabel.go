package hcl

import (
	hclv2 "github.com/hashicorp/hcl/v2"
)

// OnlyLabel is the label of the one block of a type at the top of files; empty: there is none, or are several.
func OnlyLabel(files []File, typ string) string {
	out, n := "", 0
	for _, f := range files {
		body, diags := Parse(f.Text, f.Name, hclv2.InitialPos)
		if diags.HasErrors() {
			return ""
		}
		for _, b := range body.Blocks {
			if b.Type == typ && len(b.Labels) > 0 {
				out = b.Labels[0]
				n++
			}
		}
	}
	if n != 1 {
		return ""
	}
	return out
}

// Relabel gives the blocks of a type in a list that is to be written, of which there is one, another label, and all that
// refers to it.
func Relabel(blocks []*Block, typ, label string) {
	for _, b := range blocks {
		if b.Parent == nil && b.Type == typ && len(b.Labels) > 0 {
			b.Labels = []string{label}
		}
		for i := range b.Attrs {
			refer(&b.Attrs[i].Value, typ, label)
		}
		Relabel(b.Blocks, typ, label)
	}
}

func refer(v *Value, typ, label string) {
	if v.Kind == Reference && len(v.Ref.Path) == 2 && v.Ref.Path[0] == typ {
		v.Ref.Path = []string{typ, label}
	}
	for i := range v.List {
		refer(&v.List[i], typ, label)
	}
	for i := range v.Fields {
		refer(&v.Fields[i].Value, typ, label)
	}
}

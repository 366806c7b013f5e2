package project

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
)

// labels checks the number of a block's labels.
func (l *loader) labels(b *hclsyntax.Block, s *shape) bool {
	switch n := len(b.Labels); {
	case s.ignored != "" || s.refused != "":
	case n < s.minLabels:
		l.fault(b.TypeRange, "block-labels", "%s needs %s", b.Type, count(s.minLabels)).hint("write %s %s{ … }", b.Type, strings.Repeat(`"…" `, s.minLabels))
		return false
	case n > s.maxLabels:
		l.fault(b.LabelRanges[s.maxLabels], "block-labels", "%s takes %s", b.Type, count(s.maxLabels)).hint("remove this one")
		return false
	}
	return true
}

func count(labels int) string {
	switch labels {
	case 0:
		return "no label"
	case 1:
		return "one label"
	}
	return "two labels"
}

// set reports whether a block is set aside: ignored with a warning, or refused. What is refused in an environment that
// is not selected hurts nobody.
func (l *loader) set(b *hclsyntax.Block, s *shape, selected bool) bool {
	switch {
	case s.ignored != "":
		l.warn(b.TypeRange, "ignored", "%s has no effect", b.Type).hint("%s", s.ignored)
	case s.refused != "" && selected:
		l.fault(b.TypeRange, "unsupported", "%s is not supported", b.Type).hint("%s", s.refused)
	case s.refused == "":
		return false
	}
	return true
}

// check reports what a block may not hold.
func (l *loader) check(b *hclsyntax.Block, s *shape, selected bool) {
	for _, name := range slices.Sorted(maps.Keys(b.Body.Attributes)) {
		a := b.Body.Attributes[name]
		as, known := s.attrs[name]
		switch {
		case known && as.refused != "" && selected:
			l.fault(a.NameRange, "unsupported", "%s in %s is not supported", name, b.Type).hint("%s", as.refused)
		case known && as.ignored != "":
			l.warn(a.NameRange, "ignored", "%s has no effect", name).hint("%s", as.ignored)
		case !known && !s.open:
			l.unknown(a.NameRange, "attribute", name, b.Type, s.known())
		}
	}
	for _, c := range b.Body.Blocks {
		cs := s.blocks[c.Type]
		if cs == nil {
			l.unknown(c.TypeRange, "block", c.Type, b.Type, s.known())
			continue
		}
		if l.labels(c, cs) && !l.set(c, cs, selected) && (cs.many || l.once(b.Body.Blocks, c)) {
			l.check(c, cs, selected)
		}
	}
}

// decode evaluates a block that has been checked, or checks it too when it is one of the top of the file.
func (l *loader) decode(b *hclsyntax.Block, s *shape, extra map[string]cty.Value) *Block {
	before := len(l.faults)
	if l.check(b, s, true); len(l.faults) > before {
		return nil
	}
	return l.value(b, s, extra)
}

func (l *loader) value(b *hclsyntax.Block, s *shape, extra map[string]cty.Value) *Block {
	out := &Block{Type: b.Type, Labels: b.Labels, Pos: l.pos(b.TypeRange), Attrs: map[string]Attr{}, from: l.origin()}
	for _, name := range slices.Sorted(maps.Keys(b.Body.Attributes)) {
		a := b.Body.Attributes[name]
		as := s.attrs[name]
		if name == "for_each" || as.ignored != "" || as.refused != "" {
			continue
		}
		if as.later {
			if e, ok := l.later(a.Expr, extra); ok {
				out.Attrs[name] = Attr{Expr: e, Pos: l.pos(a.Expr.Range()), Width: width(a.Expr.Range()), from: l.origin()}
			}
			continue
		}
		scope := extra
		if len(as.words) > 0 {
			scope = maps.Clone(extra)
			if scope == nil {
				scope = map[string]cty.Value{}
			}
			for _, w := range as.words {
				scope[w] = cty.StringVal(w)
			}
		}
		v, ok := l.eval(a.Expr, scope)
		if !ok {
			continue
		}
		out.Attrs[name] = Attr{Value: v, Pos: l.pos(a.Expr.Range()), Width: width(a.Expr.Range()), from: l.origin()}
		if len(as.words) > 0 {
			l.word(out, name, as.words)
		}
	}
	for _, c := range b.Body.Blocks {
		if cs := s.blocks[c.Type]; cs != nil && cs.ignored == "" && cs.refused == "" {
			out.Blocks = append(out.Blocks, l.value(c, cs, extra))
		}
	}
	return out
}

// word gives an attribute that takes one of several words its canonical form: lower case, parted by dashes.
func (l *loader) word(b *Block, name string, words []string) {
	normal := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	a := b.Attrs[name]
	text, ok := l.text(b, name)
	if !ok || a.Value.IsNull() {
		return
	}
	var names []string
	for _, w := range words {
		if names = append(names, w); normal(w) == normal(text) {
			a.Value = cty.StringVal(normal(w))
			b.Attrs[name] = a
			return
		}
	}
	d := l.faultAt(a, "attribute-value", "%s is %q", name, text)
	d.Hint = "it takes " + strings.Join(names, ", ")
	if near := diag.Nearest(text, names); near != "" {
		d.Hint = "did you mean " + near + "?"
	}
}

// merge lays an environment's block over the one outside environments, attribute by attribute.
func merge(global, own *Block) *Block {
	switch {
	case global == nil:
		return own
	case own == nil:
		return global
	}
	out := &Block{Type: own.Type, Labels: own.Labels, Pos: own.Pos, Attrs: maps.Clone(global.Attrs), from: own.from}
	maps.Copy(out.Attrs, own.Attrs)
	used := map[*Block]bool{}
	for _, g := range global.Blocks {
		merged := g
		for _, o := range own.Blocks {
			if o.Type == g.Type && slices.Equal(o.Labels, g.Labels) && !used[o] {
				merged, used[o] = merge(g, o), true
				break
			}
		}
		out.Blocks = append(out.Blocks, merged)
	}
	for _, o := range own.Blocks {
		if !used[o] {
			out.Blocks = append(out.Blocks, o)
		}
	}
	return out
}

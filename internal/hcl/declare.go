package hcl

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
)

// node is a block on its way from syntax to its evaluated form. All nodes are there before the first attribute is
// evaluated, so that references may point anywhere.
type node struct {
	spec     *specIndex
	body     *hclsyntax.Body
	at       hcl.Range // of the type
	out      *Block
	each     map[string]cty.Value // each.key, each.value and the iterators of dynamic blocks
	parent   *node
	children []*node
	named    map[string]map[string][]*node // type, then label (two: joined by "\x00") to the blocks that carry it
	object   cty.Value                     // the block as expressions see it; made when one asks
	copied   bool                          // by for_each
}

// declare makes the nodes of the document: first the plain blocks, then those of for_each, which may refer to them.
func (e *evaluator) declare(body *hclsyntax.Body) {
	e.doc = &node{spec: e.top, body: body, named: map[string]map[string][]*node{}}
	var repeated []*hclsyntax.Block
	for _, b := range body.Blocks {
		switch {
		case b.Type == "variable" || b.Type == "locals":
		case b.Body.Attributes["for_each"] != nil && e.top.blocks[b.Type] != nil:
			repeated = append(repeated, b)
		default:
			e.child(e.doc, b.Type, b.Labels, b, nil)
		}
	}
	for _, b := range repeated {
		e.repeat(b.Body.Attributes["for_each"].Expr, e.doc, func(key, value cty.Value) {
			each := map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})}
			if n := e.child(e.doc, b.Type, b.Labels, b, each); n != nil {
				n.copied = true
			}
		})
		e.doc.object = cty.NilVal
	}
}

// repeat calls f for the elements of a for_each.
func (e *evaluator) repeat(expr hclsyntax.Expression, in *node, f func(key, value cty.Value)) {
	v, ok := e.valueOf(expr, in, nil)
	if !ok {
		return
	}
	if v.IsNull() || !v.CanIterateElements() || v.Type() == cty.String {
		e.fault(expr.Range(), "wrong-type", "for_each takes a list, a set or a map").
			WithHint(`write for_each = toset(["a", "b"]) or for_each = { a = 1, b = 2 }`)
		return
	}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if v.Type().IsSetType() {
			key = value
		}
		f(key, value)
	}
}

// child adds a block, and what is in it, to its parent.
func (e *evaluator) child(parent *node, typ string, labels []string, b *hclsyntax.Block, each map[string]cty.Value) *node {
	spec := parent.spec.blocks[typ]
	if spec == nil {
		e.unknownBlock(parent, typ, b)
		return nil
	}
	if !e.labels(spec, b, labels) {
		return nil
	}
	n := &node{
		spec: spec, body: b.Body, at: b.TypeRange, parent: parent, each: each,
		out: &Block{Type: typ, Labels: labels, Parent: parent.out, Pos: posOf(b.TypeRange), Width: widthOf(b.TypeRange)},
	}
	e.enter(parent, n)
	for _, c := range b.Body.Blocks {
		if c.Type == "dynamic" && spec.blocks["dynamic"] == nil {
			e.dynamic(n, c)
			continue
		}
		e.child(n, c.Type, c.Labels, c, each)
	}
	return n
}

func (e *evaluator) enter(parent, n *node) {
	if parent.named == nil {
		parent.named = map[string]map[string][]*node{}
	}
	byLabel := parent.named[n.out.Type]
	if byLabel == nil {
		byLabel = map[string][]*node{}
		parent.named[n.out.Type] = byLabel
	}
	key := strings.Join(n.out.Labels, "\x00")
	same := byLabel[key]
	switch {
	case n.spec.Single && len(parent.named[n.out.Type]) > 0:
		first := firstNode(byLabel)
		e.fault(n.at, "duplicate-block", "%s has a second %s", parent.out, n.out.Type).
			WithHint("the first is at %s; only one is allowed", first.out.Pos)
	case parent.out != nil && len(n.out.Labels) > 0 && len(same) > 0:
		e.fault(n.at, "duplicate-block", "%s is declared twice in %s", n.out, parent.out).
			WithHint("the first is at %s", same[0].out.Pos)
	}
	byLabel[key] = append(same, n)
	parent.children = append(parent.children, n)
	if parent.out != nil {
		parent.out.Blocks = append(parent.out.Blocks, n.out)
	}
}

func firstNode(byLabel map[string][]*node) *node {
	var first *node
	for _, list := range byLabel {
		if first == nil || list[0].at.Start.Byte < first.at.Start.Byte {
			first = list[0]
		}
	}
	return first
}

// labels checks the number of labels.
func (e *evaluator) labels(spec *specIndex, b *hclsyntax.Block, labels []string) bool {
	low, high := 1, 1
	switch spec.Labels {
	case NoLabel:
		low, high = 0, 0
	case OptionalLabel:
		low = 0
	case Qualified:
		high = 2
	}
	if len(labels) >= low && len(labels) <= high {
		return true
	}
	d := e.fault(b.TypeRange, "labels", "the block %q has %s", spec.Type, plural(len(labels), "label"))
	switch high {
	case 0:
		d.Hint = "write it without a label: " + spec.Type + " { … }"
	case 2:
		d.Hint = "give it its name, or its schema and its name: " + spec.Type + ` "name" { … }`
	default:
		d.Hint = "give it its name: " + spec.Type + ` "name" { … }`
	}
	return false
}

// unknownBlock reports a block that the vocabulary does not hold.
func (e *evaluator) unknownBlock(parent *node, typ string, b *hclsyntax.Block) {
	path := typ
	for p := parent; p.parent != nil; p = p.parent {
		path = p.out.Type + "." + path
	}
	if contains(e.voc.Later, path) {
		e.fault(b.TypeRange, "not-supported-yet", "the block %q is not supported yet", typ).
			WithHint("schemactl does not manage it on %s yet; take the block out: what is in the database stays as it is", e.voc.Dialect)
		return
	}
	if hint, ok := e.voc.Elsewhere[path]; ok {
		e.fault(b.TypeRange, "unknown-block", "%s has no block %q", e.voc.Dialect, typ).Hint = hint
		return
	}
	var known []string
	for t := range parent.spec.blocks {
		known = append(known, t)
	}
	if parent.parent == nil {
		known = append(known, "variable", "locals")
	}
	d := e.fault(b.TypeRange, "unknown-block", "unknown block %q", typ)
	if parent.out != nil {
		d.Message += " in " + parent.out.String()
	}
	if _, isAttr := parent.spec.attrs[typ]; isAttr {
		d.Hint = "it is an attribute: write " + typ + " = …"
		return
	}
	suggest(d, typ, known)
}

// suggest adds the hint "did you mean", or the list of what is known.
func suggest(d *diag.Diagnostic, word string, known []string) {
	if near := diag.Nearest(word, sortedUnique(known)); near != "" {
		d.Hint = "did you mean " + strconv.Quote(near) + "?"
		return
	}
	switch known := sortedUnique(known); {
	case len(known) == 0:
	case len(known) <= 20:
		d.Hint = "known are: " + strings.Join(known, ", ")
	default:
		d.Hint = "known are: " + strings.Join(known[:20], ", ") + ", …"
	}
}

// dynamic expands a block of the form dynamic "type" { for_each = …; labels = […]; content { … } }.
func (e *evaluator) dynamic(parent *node, b *hclsyntax.Block) {
	if len(b.Labels) != 1 {
		e.fault(b.TypeRange, "labels", `a dynamic block has one label: dynamic "column" { … }`)
		return
	}
	var content *hclsyntax.Block
	for _, c := range b.Body.Blocks {
		if c.Type != "content" || content != nil {
			e.fault(c.TypeRange, "unknown-block", "unknown block %q in dynamic %q", c.Type, b.Labels[0]).
				WithHint("a dynamic block has one block: content { … }")
			return
		}
		content = c
	}
	for _, a := range inOrder(b.Body.Attributes) {
		if a.Name != "for_each" && a.Name != "labels" && a.Name != "iterator" {
			d := e.fault(a.NameRange, "unknown-attribute", "unknown attribute %q in dynamic %q", a.Name, b.Labels[0])
			suggest(d, a.Name, []string{"for_each", "iterator", "labels"})
			return
		}
	}
	forEach := b.Body.Attributes["for_each"]
	if content == nil || forEach == nil {
		e.fault(b.TypeRange, "missing-attribute", "dynamic %q needs for_each and a block content", b.Labels[0])
		return
	}
	iterator := b.Labels[0]
	if a := b.Body.Attributes["iterator"]; a != nil {
		if iterator = hcl.ExprAsKeyword(a.Expr); iterator == "" {
			e.fault(a.Expr.Range(), "wrong-type", "the iterator is a bare word: iterator = item")
			return
		}
	}
	e.repeat(forEach.Expr, parent, func(key, value cty.Value) {
		each := map[string]cty.Value{}
		for k, v := range parent.each {
			each[k] = v
		}
		each[iterator] = cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})
		labels, ok := e.dynamicLabels(parent, b.Body.Attributes["labels"], each)
		if !ok {
			return
		}
		made := *content
		made.Type, made.TypeRange = b.Labels[0], b.TypeRange
		e.child(parent, made.Type, labels, &made, each)
	})
}

func (e *evaluator) dynamicLabels(parent *node, a *hclsyntax.Attribute, each map[string]cty.Value) ([]string, bool) {
	if a == nil {
		return nil, true
	}
	at := *parent
	at.each = each
	v, ok := e.valueOf(a.Expr, &at, nil)
	if !ok {
		return nil, false
	}
	var out []string
	if v.IsNull() || !v.CanIterateElements() {
		e.fault(a.Expr.Range(), "wrong-type", "labels takes a list of strings")
		return nil, false
	}
	for it := v.ElementIterator(); it.Next(); {
		_, label := it.Element()
		if label.Type() != cty.String || label.IsNull() {
			e.fault(a.Expr.Range(), "wrong-type", "labels takes a list of strings")
			return nil, false
		}
		out = append(out, label.AsString())
	}
	return out, true
}

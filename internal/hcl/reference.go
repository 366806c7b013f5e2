package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/diag"
)

// traversal is the path that an expression is, or nil. A step such as ["$${x}"], which has an escape, is an expression to
// the parser.
func traversal(expr hclsyntax.Expression) hcl.Traversal {
	switch x := unwrap(expr).(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return x.Traversal
	case *hclsyntax.RelativeTraversalExpr:
		if of := traversal(x.Source); of != nil {
			return append(slices.Clip(of), x.Traversal...)
		}
	case *hclsyntax.IndexExpr:
		key, ok := x.Key.(*hclsyntax.TemplateExpr)
		if !ok || len(key.Variables()) > 0 {
			return nil
		}
		text, diags := key.Value(nil)
		if of := traversal(x.Collection); of != nil && !diags.HasErrors() {
			return append(slices.Clip(of), hcl.TraverseIndex{Key: text, SrcRange: x.BracketRange})
		}
	}
	return nil
}

// resolve follows a reference from inside a block. It returns the block that it leads to and the steps that go on from
// there (an attribute of the block). A nil block means that the reference names all blocks of a type. ok is false when
// a fault was reported.
func (e *evaluator) resolve(n *node, t hcl.Traversal) (target *node, rest hcl.Traversal, ok bool) {
	typ := t.RootName()
	scope := n
	for scope != nil && scope.named[typ] == nil {
		scope = scope.parent
	}
	if scope == nil {
		for scope = n; scope.parent != nil && scope.spec.blocks[typ] == nil; {
			scope = scope.parent
		}
		e.nothingOf(scope, typ, t)
		return nil, nil, false
	}
	rest = t[1:]
	for {
		byLabel := scope.named[typ]
		next, used, known := choose(byLabel, rest)
		if next == nil {
			if len(rest) == 0 || !known {
				return nil, rest, true // all of a type, or a step that only evaluation can follow
			}
			e.unresolved(scope, typ, byLabel, rest)
			return nil, nil, false
		}
		if len(next) > 1 && scope == e.doc && !next[0].copied {
			e.ambiguous(next, t)
			return nil, nil, false
		}
		target, rest = next[0], rest[used:]
		if len(rest) == 0 {
			return target, rest, true
		}
		word, _ := stepName(rest[0])
		if target.spec.blocks[word] == nil {
			return target, rest, e.knownStep(target, word, rest)
		}
		if target.named[word] == nil {
			e.nothingOf(target, word, rest)
			return nil, nil, false
		}
		scope, typ, rest = target, word, rest[1:]
	}
}

// knownStep reports a step that is neither a type of block nor an attribute of the block.
func (e *evaluator) knownStep(target *node, word string, rest hcl.Traversal) bool {
	if word == "" || word == "name" || target.spec.attrs[word] != nil || target.spec.Any != 0 {
		return true
	}
	d := e.fault(trimDot(rest[0].SourceRange()), "unknown-reference", "%s has no %q to refer to", target.out, word)
	known := []string{"name"}
	for typ := range target.spec.blocks {
		known = append(known, typ)
	}
	suggest(d, word, known)
	return false
}

// choose finds the blocks that the first one or two steps name. known is false when a step is not a plain name.
func choose(byLabel map[string][]*node, rest hcl.Traversal) (next []*node, used int, known bool) {
	if len(rest) == 0 {
		return byLabel[""], 0, true
	}
	first, ok := stepName(rest[0])
	if !ok {
		return nil, 0, false
	}
	if len(rest) > 1 {
		if second, ok := stepName(rest[1]); ok {
			if next := byLabel[first+"\x00"+second]; next != nil {
				return next, 2, true
			}
		}
	}
	if next := byLabel[first]; next != nil {
		return next, 1, true
	}
	if next := byLabel[""]; next != nil {
		return next, 0, true
	}
	return nil, 0, true
}

// stepName is the name that a step of a reference holds: .name or ["name"].
func stepName(step hcl.Traverser) (string, bool) {
	switch s := step.(type) {
	case hcl.TraverseAttr:
		return s.Name, true
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String && s.Key.IsKnown() && !s.Key.IsNull() {
			return s.Key.AsString(), true
		}
	}
	return "", false
}

func pathOf(t hcl.Traversal) []string {
	out := []string{t.RootName()}
	for _, step := range t[1:] {
		name, _ := stepName(step)
		out = append(out, name)
	}
	return out
}

func (e *evaluator) nothingOf(scope *node, typ string, t hcl.Traversal) {
	at := t.SourceRange()
	if scope.out == nil {
		d := e.fault(at, "unknown-reference", "there is no %s here to refer to", typ)
		if n := e.top.blocks[typ]; n == nil {
			d.Hint = "outside of its table it is written in full: table.name." + typ + ".name"
		} else {
			d.Hint = "declare it: " + typ + ` "name" { … }`
		}
		return
	}
	e.fault(at, "unknown-reference", "%s has no %s", scope.out, typ)
}

func (e *evaluator) unresolved(scope *node, typ string, byLabel map[string][]*node, rest hcl.Traversal) {
	name, _ := stepName(rest[0])
	at := rest[0].SourceRange()
	var qualifiers, known, inside []string
	for key := range byLabel {
		q, label, two := strings.Cut(key, "\x00")
		if two {
			qualifiers = append(qualifiers, q)
			known = append(known, q+"."+label)
			if q == name {
				inside = append(inside, label)
			}
			continue
		}
		known = append(known, key)
	}
	if slices.Contains(qualifiers, name) {
		second := ""
		if len(rest) > 1 {
			second, _ = stepName(rest[1])
			at = rest[1].SourceRange()
		}
		d := e.fault(trimDot(at), "unknown-reference", "there is no %s %q in schema %q", typ, second, name)
		suggest(d, second, inside)
		return
	}
	d := e.fault(trimDot(at), "unknown-reference", "there is no %s %q", typ, name)
	if scope.out != nil {
		d.Message = scope.out.String() + " has no " + typ + " " + strconv.Quote(name)
	}
	for _, k := range sortedUnique(known) {
		if _, label, two := strings.Cut(k, "."); two && label == name {
			d.Hint = "its name is qualified: " + typ + "." + k
			return
		}
	}
	suggest(d, name, known)
}

// trimDot leaves the dot out of the range of a step.
func trimDot(r hcl.Range) hcl.Range {
	if r.Start.Line == r.End.Line && r.End.Column-r.Start.Column > 1 {
		r.Start.Column++
		r.Start.Byte++
	}
	return r
}

func (e *evaluator) ambiguous(found []*node, t hcl.Traversal) {
	e.fault(t.SourceRange(), "ambiguous-reference", "%s is declared %d times", found[0].out, len(found)).
		WithHint("at %s and %s; give both their schema as a first label: %s \"schema\" %q { … }",
			found[0].out.Pos, found[1].out.Pos, found[0].out.Type, found[0].out.Name())
}

// rootObject is the object that an expression sees under the type of a block.
func (e *evaluator) rootObject(n *node, typ string) cty.Value {
	for n != nil && n.named[typ] == nil {
		n = n.parent
	}
	if n == nil {
		return cty.EmptyObjectVal
	}
	all := e.objectOf(n)
	if all.Type().HasAttribute(typ) {
		return all.GetAttr(typ)
	}
	return cty.EmptyObjectVal
}

// objectOf is a block as expressions see it: its name, its attributes that are plain, the blocks inside it by type and
// label, and what makes it a reference. It is made when the first expression asks.
func (e *evaluator) objectOf(n *node) cty.Value {
	if n.object != cty.NilVal {
		return n.object
	}
	fields := map[string]cty.Value{}
	if n.out != nil {
		for name, a := range n.body.Attributes {
			if v, faults := a.Expr.Value(nil); !faults.HasErrors() {
				fields[name] = v
			}
		}
		if _, ok := n.body.Attributes["name"]; !ok {
			fields["name"] = cty.StringVal(n.out.Name())
		}
		fields["__ref"] = refValue(n)
	}
	for typ, byLabel := range n.named {
		labelled := map[string]cty.Value{}
		qualified := map[string]map[string]cty.Value{}
		for key, nodes := range byLabel {
			if q, label, two := strings.Cut(key, "\x00"); two {
				if qualified[q] == nil {
					qualified[q] = map[string]cty.Value{}
				}
				qualified[q][label] = e.objectOf(nodes[0])
				continue
			}
			if key == "" {
				key = "0"
			}
			labelled[key] = e.objectOf(nodes[0])
		}
		for q, objects := range qualified {
			if o, both := labelled[q]; both {
				for k, v := range o.AsValueMap() {
					objects[k] = v
				}
			}
			labelled[q] = cty.ObjectVal(objects)
		}
		fields[typ] = cty.ObjectVal(labelled)
	}
	n.object = cty.ObjectVal(fields)
	return n.object
}

// referred is the block that a value stands for, or nil.
func referred(v cty.Value) *node {
	if v.Type().IsObjectType() && v.Type().HasAttribute("__ref") {
		v = v.GetAttr("__ref")
	}
	if !v.Type().IsCapsuleType() {
		return nil
	}
	if r, ok := v.EncapsulatedValue().(*refCapsule); ok {
		return r.node
	}
	return nil
}

// quotedWord is the first word in quotes of a message.
func quotedWord(s string) (string, bool) {
	_, s, ok := strings.Cut(s, `"`)
	word, _, closed := strings.Cut(s, `"`)
	return word, ok && closed
}

func suggestType(d *diag.Diagnostic, name string, types *atlas.Types) {
	var known []string
	for w := range types.Words {
		known = append(known, w)
	}
	for f := range types.Funcs {
		known = append(known, f)
	}
	d.Hint = `any type can be written as sql("…")`
	near := diag.Nearest(name, sortedUnique(known))
	switch {
	case near == name: // a word that takes something in parentheses, as varchar does
		d.Message = fmt.Sprintf("the type %q lacks what stands in its parentheses", name)
		d.Hint = "write " + name + "(…), as in varchar(255) or enum(\"a\", \"b\"). Any type can be written as sql(\"…\")"
	case near != "":
		d.Hint = "did you mean " + near + `? ` + "Any type can be written as sql(\"…\")"
	}
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func sortedUnique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

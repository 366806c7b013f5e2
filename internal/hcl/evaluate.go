package hcl

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/atlas"
)

// evaluate fills in the attributes of a block and of those inside it.
func (e *evaluator) evaluate(n *node) {
	given := map[string]bool{}
	attrs := inOrder(n.body.Attributes)
	n.out.Attrs = make([]Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Name == "for_each" && n.parent == e.doc {
			continue
		}
		given[a.Name] = true
		spec := n.spec.attrs[a.Name]
		if spec == nil && n.spec.Any != 0 {
			spec = &attrIndex{AttrSpec: AttrSpec{Name: a.Name, Takes: n.spec.Any}}
		}
		if spec == nil {
			e.unknownAttribute(n, a)
			continue
		}
		v, state := e.attribute(n, spec, a.Expr)
		switch state {
		case absent:
			given[a.Name] = false
		case present:
			n.out.Attrs = append(n.out.Attrs, Attr{Name: a.Name, Value: v, Pos: posOf(a.NameRange), Width: widthOf(a.NameRange)})
		}
	}
	for _, a := range n.spec.Attrs {
		if a.Required && !given[a.Name] {
			e.fault(n.at, "missing-attribute", "%s lacks the attribute %q", n.out, a.Name).Hint = a.Doc
		}
	}
	for _, c := range n.children {
		e.evaluate(c)
	}
}

func (e *evaluator) unknownAttribute(n *node, a *hclsyntax.Attribute) {
	path := a.Name
	for p := n; p.parent != nil; p = p.parent {
		path = p.out.Type + "." + path
	}
	if contains(e.voc.Later, path) {
		e.fault(a.NameRange, "not-supported-yet", "the attribute %q of %s is not supported yet", a.Name, n.out.Type).
			WithHint("schemactl does not manage it on %s yet; take it out", e.voc.Dialect)
		return
	}
	d := e.fault(a.NameRange, "unknown-attribute", "unknown attribute %q in %s", a.Name, n.out)
	if hint, ok := e.voc.Elsewhere[path]; ok {
		d.Hint = hint
		return
	}
	if n.spec.blocks[a.Name] != nil {
		d.Hint = "it is a block: write " + a.Name + " { … }"
		return
	}
	var known []string
	for name := range n.spec.attrs {
		known = append(known, name)
	}
	suggest(d, a.Name, known)
}

// presence tells what became of an attribute.
type presence int

const (
	faulty  presence = iota // a fault was reported
	absent                  // null: the same as not written
	present                 // it has a value
)

// attribute evaluates the value of an attribute.
func (e *evaluator) attribute(n *node, spec *attrIndex, expr hclsyntax.Expression) (Value, presence) {
	if spec.Secret && len(expr.Variables()) == 0 {
		d := e.fault(expr.Range(), "secret-in-file", "%q is written into the file", spec.Name)
		d.Hint = "take it from a variable: " + spec.Name + " = var." + spec.Name
		d.Source = "(not shown)" // Attach leaves it
		return Value{}, faulty
	}
	if !spec.List {
		return e.single(n, spec, expr)
	}
	tuple, ok := unwrap(expr).(*hclsyntax.TupleConsExpr)
	if !ok {
		v, ok := e.valueOf(expr, n, spec)
		if !ok {
			return Value{}, faulty
		}
		return e.list(v, spec, expr.Range())
	}
	out := Value{Kind: List, Pos: posOf(expr.Range()), Width: widthOf(expr.Range()), List: make([]Value, 0, len(tuple.Exprs))}
	state := present
	for _, x := range tuple.Exprs {
		v, s := e.single(n, spec, x)
		switch s {
		case faulty:
			state = faulty
		case present:
			out.List = append(out.List, v)
		}
	}
	return out, state
}

func (e *evaluator) list(v cty.Value, spec *attrIndex, at hcl.Range) (Value, presence) {
	if v.IsNull() {
		return Value{}, absent
	}
	if t := v.Type(); !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		e.fault(at, "wrong-type", "%q takes a list", spec.Name).WithHint("write it in brackets: %s = […]", spec.Name)
		return Value{}, faulty
	}
	out := Value{Kind: List, Pos: posOf(at), Width: widthOf(at)}
	for it := v.ElementIterator(); it.Next(); {
		_, x := it.Element()
		item, s := e.convert(x, spec, at)
		if s == faulty {
			return Value{}, faulty
		}
		if s == present {
			out.List = append(out.List, item)
		}
	}
	return out, present
}

func unwrap(expr hclsyntax.Expression) hclsyntax.Expression {
	for {
		p, ok := expr.(*hclsyntax.ParenthesesExpr)
		if !ok {
			return expr
		}
		expr = p.Expression
	}
}

// single evaluates one value. Words, types and references are read from the syntax, which is quick and lets faults
// point at the step that is wrong; everything else goes through an evaluation context.
func (e *evaluator) single(n *node, spec *attrIndex, expr hclsyntax.Expression) (Value, presence) {
	if t := traversal(expr); t != nil {
		root := t.RootName()
		if len(t) == 1 {
			if _, ok := spec.words[root]; ok {
				return Value{Kind: Word, Text: root, Pos: posOf(expr.Range()), Width: widthOf(expr.Range())}, present
			}
			if w, ok := e.typeWord(spec, root); ok {
				return e.convert(w, spec, expr.Range())
			}
			if spec.Open && e.free(n, root) {
				return Value{Kind: Word, Text: root, Pos: posOf(expr.Range()), Width: widthOf(expr.Range())}, present
			}
		}
		if _, shadowed := n.each[root]; e.roots[root] && !shadowed {
			target, rest, ok := e.resolve(n, t)
			switch {
			case !ok:
				return Value{}, faulty
			case target != nil && len(rest) == 0:
				return e.reference(target, pathOf(t), spec, expr.Range())
			}
		}
	}
	if cons, ok := unwrap(expr).(*hclsyntax.ObjectConsExpr); ok && spec.Takes&Object != 0 {
		return e.object(n, spec, cons)
	}
	v, ok := e.valueOf(expr, n, spec)
	if !ok {
		return Value{}, faulty
	}
	out, state := e.convert(v, spec, expr.Range())
	markOutside(out.Fields, expr)
	return out, state
}

// markOutside tells what the text does not say itself.
func markOutside(fields []Attr, expr hclsyntax.Expression) {
	for i := range fields {
		fields[i].Value.Outside = len(expr.Variables()) > 0
	}
}

// object evaluates an object in the order of its text.
func (e *evaluator) object(n *node, spec *attrIndex, cons *hclsyntax.ObjectConsExpr) (Value, presence) {
	out := Value{Kind: Object, Pos: posOf(cons.Range()), Width: widthOf(cons.Range())}
	state, seen := present, map[string]bool{}
	for _, item := range cons.Items {
		key, ok := e.valueOf(item.KeyExpr, n, nil)
		value, valid := e.valueOf(item.ValueExpr, n, nil)
		if !ok || !valid {
			state = faulty
			continue
		}
		if key.IsNull() || key.Type() != cty.String || !key.IsKnown() {
			e.fault(item.KeyExpr.Range(), "wrong-type", "the names of %q are words or strings", spec.Name)
			state = faulty
			continue
		}
		if seen[key.AsString()] {
			e.fault(item.KeyExpr.Range(), "duplicate-attribute", "%q has the name %q twice", spec.Name, key.AsString()).Hint = "keep one of the two"
			state = faulty
			continue
		}
		seen[key.AsString()] = true
		had := len(out.Fields)
		if s := e.field(&out, spec, key.AsString(), value, item.ValueExpr.Range()); s == faulty {
			state = faulty
		}
		markOutside(out.Fields[had:], item.ValueExpr)
	}
	return out, state
}

// field adds a field to an object; it holds a string, a number or a bool.
func (e *evaluator) field(to *Value, spec *attrIndex, name string, v cty.Value, at hcl.Range) presence {
	plain := &attrIndex{AttrSpec: AttrSpec{Name: spec.Name + "." + name, Takes: String | Number | Bool}}
	value, state := e.convert(v, plain, at)
	if state == present {
		to.Fields = append(to.Fields, Attr{Name: name, Value: value, Pos: value.Pos, Width: value.Width})
	}
	return state
}

// free reports whether a word means nothing in a block that could be meant instead.
func (e *evaluator) free(n *node, word string) bool {
	_, each := n.each[word]
	_, base := e.base.Variables[word]
	return !each && !base && !e.roots[word]
}

func (e *evaluator) typeWord(spec *attrIndex, word string) (cty.Value, bool) {
	if spec.Takes&Type == 0 || e.voc.Types == nil {
		return cty.NilVal, false
	}
	v, ok := e.voc.Types.Words[word]
	return v, ok
}

// reference makes a value of a block that was referred to, if the attribute takes such blocks.
func (e *evaluator) reference(target *node, path []string, spec *attrIndex, at hcl.Range) (Value, presence) {
	typ := target.out.Type
	for p := target.parent; p.parent != nil; p = p.parent {
		typ = p.out.Type + "." + typ
	}
	if spec.Takes&Reference == 0 || !slices.Contains(spec.Refs, typ) {
		d := e.fault(at, "wrong-type", "%q does not take the %s", spec.Name, target.out)
		if spec.Takes&Reference != 0 {
			_ = d.WithHint("it takes a reference to %s", strings.Join(lastWords(spec.Refs), " or "))
		} else {
			_ = d.WithHint("it takes %s", spec.Takes)
		}
		return Value{}, faulty
	}
	return Value{Kind: Reference, Ref: Ref{Path: path, Target: target.out}, Pos: posOf(at), Width: widthOf(at)}, present
}

// withArticle is "a table" or "an index".
func withArticle(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) && !strings.HasPrefix(noun, "uni") {
		return "an " + noun
	}
	return "a " + noun
}

func lastWords(types []string) []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = withArticle(t[strings.LastIndexByte(t, '.')+1:])
	}
	return sortedUnique(out)
}

// Capsules for what expressions may carry besides plain values.
type (
	wordCapsule struct{ word string }
	refCapsule  struct{ node *node }
)

var (
	wordType = cty.Capsule("word", reflect.TypeFor[wordCapsule]())
	refType  = cty.Capsule("reference", reflect.TypeFor[refCapsule]())
)

func wordValue(w string) cty.Value { return cty.CapsuleVal(wordType, &wordCapsule{w}) }

func refValue(n *node) cty.Value { return cty.CapsuleVal(refType, &refCapsule{n}) }

func encapsulated(v cty.Value) any {
	if !v.Type().IsCapsuleType() {
		return nil
	}
	return v.EncapsulatedValue()
}

// convert makes a value of what an expression gave, if the attribute takes it.
func (e *evaluator) convert(v cty.Value, spec *attrIndex, at hcl.Range) (Value, presence) {
	if v.IsNull() {
		return Value{}, absent
	}
	if !v.IsWhollyKnown() {
		return Value{}, faulty // it hangs on something that has been reported
	}
	if target := referred(v); target != nil {
		return e.reference(target, nil, spec, at)
	}
	out := Value{Pos: posOf(at), Width: widthOf(at)}
	switch t := v.Type(); {
	case t == cty.String:
		out.Kind, out.Text = String, v.AsString()
		if spec.Takes&String == 0 {
			e.fromString(&out, spec)
		}
	case t == cty.Number:
		n := v.AsBigFloat()
		if exponent := n.MantExp(nil); n.IsInf() || exponent > 1024 || exponent < -1024 {
			e.fault(at, "wrong-value", "the number is out of range")
			return Value{}, faulty
		}
		out.Kind, out.Text = Number, n.Text('f', -1)
	case t == cty.Bool:
		out.Kind, out.Bool = Bool, v.True()
		out.Text = strconv.FormatBool(out.Bool)
	case t.IsCapsuleType():
		e.fromCapsule(&out, v)
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		out.Kind = List
	case t.IsObjectType() || t.IsMapType():
		out.Kind = Object
	}
	if out.Kind&spec.Takes == 0 {
		e.wrongType(spec, out, at)
		return Value{}, faulty
	}
	if out.Kind == Object {
		state := e.fields(&out, spec, v, at)
		return out, state
	}
	return out, present
}

// fields adds the fields of an object that an expression made.
func (e *evaluator) fields(to *Value, spec *attrIndex, v cty.Value, at hcl.Range) presence {
	state := present
	for it := v.ElementIterator(); it.Next(); {
		name, x := it.Element()
		if e.field(to, spec, name.AsString(), x, at) == faulty {
			state = faulty
		}
	}
	return state
}

// fromString reads a word or a type that is written, or comes from a variable, as a string.
func (e *evaluator) fromString(out *Value, spec *attrIndex) {
	word := strings.ToUpper(strings.ReplaceAll(out.Text, " ", "_"))
	switch {
	case spec.words[out.Text] != cty.NilVal:
		out.Kind = Word
	case spec.words[word] != cty.NilVal:
		out.Kind, out.Text = Word, word
	case spec.Takes&Type != 0:
		out.Kind = Type
	}
}

func (e *evaluator) fromCapsule(out *Value, v cty.Value) {
	if sql, ok := atlas.RawSQL(v); ok {
		out.Kind, out.Text = SQL, sql
	} else if w, ok := encapsulated(v).(*wordCapsule); ok {
		out.Kind, out.Text = Word, w.word
	} else if e.voc.Types != nil {
		if sql, ok := e.voc.Types.SQL(v); ok {
			out.Kind, out.Text = Type, sql
		}
	}
}

func (e *evaluator) wrongType(spec *attrIndex, got Value, at hcl.Range) {
	if spec.Takes&Word != 0 && got.Kind&(String|Word) != 0 {
		d := e.fault(at, "unknown-word", "%q is not one of the words that %q takes", got.Text, spec.Name)
		suggest(d, got.Text, spec.Words)
		return
	}
	what := got.Kind.String()
	if got.Kind == 0 {
		what = "such a value"
	}
	d := e.fault(at, "wrong-type", "%q takes %s, not %s", spec.Name, spec.Takes, what)
	switch {
	case spec.Takes&Expr == Expr && got.Kind != 0:
		d.Hint = "write it as a string or as sql(\"…\")"
	case got.Kind == String && spec.Takes&Bool != 0 && (got.Text == "true" || got.Text == "false"),
		got.Kind == String && spec.Takes&Number != 0:
		d.Hint = "write it without quotes: " + spec.Name + " = " + got.Text
	case spec.Takes&Word != 0:
		d.Hint = "the words are: " + strings.Join(spec.Words, ", ")
	}
}

// valueOf evaluates an expression in the context of a block.
func (e *evaluator) valueOf(expr hclsyntax.Expression, n *node, spec *attrIndex) (cty.Value, bool) {
	switch x := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return x.Val, true
	case *hclsyntax.TemplateExpr:
		if x.IsStringLiteral() {
			v, faults := x.Value(nil)
			return v, !faults.HasErrors()
		}
	}
	ctx, ok := e.context(expr, n, spec)
	if !ok {
		return cty.NilVal, false
	}
	v, faults := expr.Value(ctx)
	if faults.HasErrors() {
		e.evalFaults(faults, spec, ctx)
		return cty.NilVal, false
	}
	v, _ = v.UnmarkDeep()
	return v, true
}

// context is what an expression may use: functions, var and local; the words and types of the attribute; each; and the
// blocks that it refers to.
func (e *evaluator) context(expr hclsyntax.Expression, n *node, spec *attrIndex) (*hcl.EvalContext, bool) {
	ctx := e.base
	child := func(vars map[string]cty.Value) {
		ctx = ctx.NewChild()
		ctx.Variables = vars
	}
	if spec != nil && spec.Takes&Type != 0 && e.voc.Types != nil {
		child(e.voc.Types.Words)
		ctx.Functions = e.voc.Types.Funcs
	}
	if spec != nil && len(spec.words) > 0 {
		child(spec.words)
	}
	if len(n.each) > 0 {
		child(n.each)
	}
	ok := true
	var refs map[string]cty.Value
	for _, t := range expr.Variables() {
		root := t.RootName()
		if _, shadowed := n.each[root]; shadowed {
			continue
		}
		if root == "var" || root == "local" {
			ok = e.knownInput(t) && ok
			continue
		}
		if !e.roots[root] {
			continue
		}
		if _, _, found := e.resolve(n, t); !found {
			ok = false
			continue
		}
		if refs == nil {
			refs = map[string]cty.Value{}
		}
		refs[root] = e.rootObject(n, root)
	}
	if refs != nil {
		child(refs)
	}
	return ctx, ok
}

// knownInput checks a reference to a variable or a local.
func (e *evaluator) knownInput(t hcl.Traversal) bool {
	if len(t) < 2 {
		return true
	}
	step, ok := t[1].(hcl.TraverseAttr)
	all := e.base.Variables[t.RootName()]
	if !ok || all == cty.NilVal || all.Type().HasAttribute(step.Name) {
		return true
	}
	d := e.fault(t.SourceRange(), "unknown-reference", "%s.%s is not declared", t.RootName(), step.Name)
	var known []string
	for name := range all.Type().AttributeTypes() {
		known = append(known, name)
	}
	suggest(d, step.Name, known)
	return false
}

// evalFaults reports what the evaluation of an expression complained about.
func (e *evaluator) evalFaults(faults hcl.Diagnostics, spec *attrIndex, ctx *hcl.EvalContext) {
	for _, f := range faults {
		at := hcl.Range{}
		if f.Subject != nil {
			at = *f.Subject
		}
		name, _ := quotedWord(f.Detail)
		switch {
		case f.Summary == "Unknown variable" && spec != nil && spec.Takes&Type != 0:
			d := e.fault(at, "unknown-type", "unknown type %q", name)
			suggestType(d, name, e.voc.Types)
		case f.Summary == "Unknown variable" && spec != nil && len(spec.words) > 0:
			d := e.fault(at, "unknown-word", "%q is not one of the words that %q takes", name, spec.Name)
			suggest(d, name, spec.Words)
		case f.Summary == "Unknown variable":
			d := e.fault(at, "unknown-reference", "nothing is named %q here", name)
			d.Hint = "text is written in quotes, an SQL expression as sql(\"…\")"
		case f.Summary == "Call to unknown function" && spec != nil && spec.Takes&Type != 0:
			d := e.fault(at, "unknown-type", "unknown type %q", name)
			suggestType(d, name, e.voc.Types)
		case f.Summary == "Call to unknown function":
			d := e.fault(at, "unknown-function", "unknown function %q", name)
			var known []string
			for c := ctx; c != nil; c = c.Parent() {
				for fn := range c.Functions {
					known = append(known, fn)
				}
			}
			suggest(d, name, known)
		default:
			text := strings.TrimSuffix(strings.ReplaceAll(f.Detail, "\n", " "), ".")
			if _, inner, ok := strings.Cut(text, " failed: "); ok && strings.HasPrefix(text, "Call to function") {
				text = inner
			}
			e.fault(at, "invalid-value", "%s", text)
		}
	}
}

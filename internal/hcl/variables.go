package hcl

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/schemactl/schemactl/internal/atlas"
)

// Variables lists the variables that files declare. Files that do not parse declare none: Eval reports them.
func Variables(files []File) []string {
	var out []string
	for _, f := range files {
		body, faults := parseFile(f)
		if faults.HasErrors() {
			continue
		}
		for _, b := range body.Blocks {
			if b.Type == "variable" && len(b.Labels) == 1 {
				out = append(out, b.Labels[0])
			}
		}
	}
	return out
}

// variables evaluates the variable blocks into var.
func (e *evaluator) variables(body *hclsyntax.Body) {
	values := map[string]cty.Value{}
	first := map[string]hcl.Range{}
	for _, b := range body.Blocks {
		if b.Type != "variable" {
			continue
		}
		if len(b.Labels) != 1 {
			e.fault(b.TypeRange, "labels", "the block \"variable\" has %s", plural(len(b.Labels), "label")).
				WithHint(`give it its name: variable "name" { … }`)
			continue
		}
		name := b.Labels[0]
		if at, twice := first[name]; twice {
			e.fault(b.TypeRange, "duplicate-block", "the variable %q is declared twice", name).
				WithHint("the first is at %s", posOf(at))
			continue
		}
		first[name] = b.TypeRange
		values[name] = cty.DynamicVal // stands for a value that cannot be had, so that its users are not blamed
		if v, ok := e.variable(b); ok {
			values[name] = v
		}
	}
	e.base.Variables["var"] = cty.ObjectVal(values)
	for _, b := range body.Blocks {
		if b.Type == "variable" && len(b.Labels) == 1 {
			e.validations(b)
		}
	}
}

func (e *evaluator) variable(b *hclsyntax.Block) (cty.Value, bool) {
	known := []string{"type", "default", "description", "sensitive"}
	for _, a := range inOrder(b.Body.Attributes) {
		if !contains(known, a.Name) {
			suggest(e.fault(a.NameRange, "unknown-attribute", "unknown attribute %q in variable %q", a.Name, b.Labels[0]), a.Name, known)
		}
	}
	typ := cty.String
	if a := b.Body.Attributes["type"]; a != nil {
		v, faults := a.Expr.Value(e.base)
		t, ok := atlas.VariableType(v)
		if faults.HasErrors() || !ok {
			e.fault(a.Expr.Range(), "wrong-type", "this is no type of a variable").
				WithHint("the types are string, number, bool, list(string), set(string), map(string), tuple([…]) and object({…})")
			return cty.NilVal, false
		}
		typ = t
	}
	if given, ok := e.inputs.Vars[b.Labels[0]]; ok {
		v, err := input(given, typ)
		if err != nil {
			e.fault(b.TypeRange, "wrong-type", "the variable %q does not take the value that was given: %v", b.Labels[0], err)
			return cty.NilVal, false
		}
		return v, true
	}
	a := b.Body.Attributes["default"]
	if a == nil {
		e.fault(b.TypeRange, "missing-variable", "the variable %q has no value", b.Labels[0]).
			WithHint("give it one with --var %s=…, or a default", b.Labels[0])
		return cty.NilVal, false
	}
	v, ok := e.valueOf(a.Expr, &node{}, nil)
	if !ok {
		return cty.NilVal, false
	}
	v, err := convert.Convert(v, typ)
	if err != nil {
		e.fault(a.Expr.Range(), "wrong-type", "the default of variable %q does not fit its type: %v", b.Labels[0], err)
		return cty.NilVal, false
	}
	return v, true
}

// input makes a value of the texts that were given for a variable: one, several for a list, or JSON for the types that
// a text cannot hold.
func input(given []string, typ cty.Type) (cty.Value, error) {
	if len(given) == 1 {
		text := strings.TrimSpace(given[0])
		if !typ.IsPrimitiveType() && (strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{")) {
			return ctyjson.Unmarshal([]byte(text), typ)
		}
		if typ.IsPrimitiveType() || typ == cty.DynamicPseudoType {
			return convert.Convert(cty.StringVal(given[0]), typ)
		}
	}
	list := make([]cty.Value, len(given))
	for i, g := range given {
		list[i] = cty.StringVal(g)
	}
	if typ.IsPrimitiveType() {
		return convert.Convert(list[len(list)-1], typ) // the last one given holds
	}
	return convert.Convert(cty.TupleVal(list), typ)
}

// validations checks the validation blocks of a variable.
func (e *evaluator) validations(b *hclsyntax.Block) {
	for _, v := range b.Body.Blocks {
		condition, message := v.Body.Attributes["condition"], v.Body.Attributes["error_message"]
		if v.Type != "validation" || condition == nil || len(v.Labels) > 0 {
			e.fault(v.TypeRange, "unknown-block", "a variable has blocks of the form validation { condition = …, error_message = \"…\" } only")
			continue
		}
		for _, a := range inOrder(v.Body.Attributes) {
			if a != condition && a != message {
				e.fault(a.NameRange, "unknown-attribute", "unknown attribute %q in validation", a.Name)
			}
		}
		holds, ok := e.valueOf(condition.Expr, &node{}, nil)
		if !ok || !holds.IsKnown() {
			continue
		}
		if holds.Type() != cty.Bool || holds.IsNull() {
			e.fault(condition.Expr.Range(), "wrong-type", "the condition is neither true nor false")
			continue
		}
		if holds.True() {
			continue
		}
		text := "its condition is not met"
		if message != nil {
			if m, ok := e.valueOf(message.Expr, &node{}, nil); ok && m.Type() == cty.String && !m.IsNull() {
				text = m.AsString()
			}
		}
		e.fault(b.TypeRange, "invalid-variable", "the value of variable %q is not allowed: %s", b.Labels[0], text)
	}
}

// locals evaluates the locals blocks into local, each after those that it uses.
func (e *evaluator) locals(body *hclsyntax.Body) {
	l := &localValues{e: e, attrs: map[string]*hclsyntax.Attribute{}, values: map[string]cty.Value{}, running: map[string]bool{}}
	for _, b := range body.Blocks {
		if b.Type != "locals" {
			continue
		}
		for _, c := range b.Body.Blocks {
			e.fault(c.TypeRange, "unknown-block", "locals holds attributes only")
		}
		for _, a := range inOrder(b.Body.Attributes) {
			if other := l.attrs[a.Name]; other != nil {
				e.fault(a.NameRange, "duplicate-attribute", "local.%s is declared twice", a.Name).
					WithHint("the first is at %s", posOf(other.NameRange))
				continue
			}
			l.attrs[a.Name] = a
			l.order = append(l.order, a.Name)
		}
	}
	for _, name := range l.order {
		l.need(name, l.attrs[name].NameRange)
	}
	e.base.Variables["local"] = cty.ObjectVal(l.values)
}

type localValues struct {
	e       *evaluator
	attrs   map[string]*hclsyntax.Attribute
	order   []string
	values  map[string]cty.Value
	running map[string]bool
}

func (l *localValues) need(name string, from hcl.Range) {
	a := l.attrs[name]
	if _, done := l.values[name]; done || a == nil {
		return
	}
	if l.running[name] {
		l.e.fault(from, "cycle", "local.%s refers to itself", name)
		l.values[name] = cty.DynamicVal
		return
	}
	l.running[name] = true
	for _, t := range a.Expr.Variables() {
		if t.RootName() != "local" || len(t) < 2 {
			continue
		}
		if step, ok := t[1].(hcl.TraverseAttr); ok {
			l.need(step.Name, t.SourceRange())
		}
	}
	if _, done := l.values[name]; done {
		return
	}
	l.e.base.Variables["local"] = cty.ObjectVal(l.values)
	v, ok := l.e.valueOf(a.Expr, &node{}, nil)
	if ok && TooLarge(v) {
		l.e.fault(a.Expr.Range(), "too-large", "local.%s is larger than any value may be: 16 MiB of text, or 262,144 elements", name)
		ok = false
	}
	if !ok {
		v = cty.DynamicVal
	}
	l.values[name] = v
}

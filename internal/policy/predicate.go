package policy

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/hashicorp/hcl/v2"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/project"
	"github.com/schemactl/schemactl/internal/safety"
)

// Predicate is a rule that is raised where an expression holds of an action.
type Predicate struct {
	Head
	verbs              []string // empty: all
	when, message, fix *project.Expr
	functions          map[string]function.Function
	typ                cty.Type
	parts              []string // of column, index and constraint: those that the expressions speak of
	tableWhole         bool     // whether they speak of more of the table than its plain attributes
}

// Source is a predicate as the project file writes it. Fix may be nil; On may be nil: all verbs.
type Source struct {
	Head
	On, When, Message, Fix *project.Expr
}

// Compile reads a predicate. Expressions that cannot be evaluated, whatever the statements are, are faults with their
// places.
func Compile(s Source) (*Predicate, diag.List) {
	p := &Predicate{Head: s.Head, when: s.When, message: s.Message, fix: s.Fix, functions: functionsOf(s.When.Functions()), typ: subjectType()}
	var faults diag.List
	if s.On != nil {
		p.verbs, faults = verbsOf(s.On)
	}
	vars := sample(p.typ).AsValueMap()
	for _, x := range []struct {
		name string
		expr *project.Expr
		typ  cty.Type
	}{{"when", s.When, cty.Bool}, {"message", s.Message, cty.String}, {"fix", s.Fix, cty.String}} {
		if x.expr == nil {
			continue
		}
		nullSafe(x.expr.Syntax)
		faults.Add(p.check(x.name, x.expr, x.typ, vars)...)
		for _, t := range x.expr.Syntax.Variables() {
			if root := t.RootName(); slices.Contains([]string{"column", "index", "constraint"}, root) && !slices.Contains(p.parts, root) {
				p.parts = append(p.parts, root)
			}
			p.tableWhole = p.tableWhole || lists(t)
		}
	}
	slices.Sort(p.parts)
	return p, faults
}

// lists reports whether a traversal may lead to a list of the table.
func lists(t hcl.Traversal) bool {
	if t.RootName() != "table" {
		return false
	}
	if len(t) > 1 {
		if a, ok := t[1].(hcl.TraverseAttr); ok {
			return slices.Contains([]string{"columns", "indexes", "constraints", "triggers", "policies", "primary_key"}, a.Name)
		}
	}
	return true
}

// check evaluates an expression on values of which only the types are known.
func (p *Predicate) check(name string, e *project.Expr, want cty.Type, vars map[string]cty.Value) diag.List {
	var faults diag.List
	conditions := unconditional(e.Syntax)
	_, without := e.Value(vars, p.functions) // conditions of loops that are not known hide what is in the loops
	conditions()
	v, with := e.Value(vars, p.functions)
	for _, d := range slices.Concat(without, with) {
		// A list has some number of elements, and the sample has one.
		if d.Code != "hcl-index" && !slices.ContainsFunc(faults, func(x *diag.Diagnostic) bool { return *x == *d }) {
			faults.Add(d)
		}
	}
	if len(with) > 0 || len(without) > 0 {
		return faults
	}
	if t := v.Type(); t != cty.DynamicPseudoType && t != want && (want == cty.Bool || !t.IsPrimitiveType()) {
		hint := "compare something in it"
		if want == cty.String {
			hint = `write it in quotes, with ${…} for what differs`
		}
		faults.Add(e.Fault("attribute-value", "%s is a %s, not a %s", name, v.Type().FriendlyName(), want.FriendlyName()).WithHint("%s", hint))
	}
	return faults
}

// unconditional takes the conditions out of loops; what it returns puts them back.
func unconditional(e hclsyntax.Expression) (restore func()) {
	kept := map[*hclsyntax.ForExpr]hclsyntax.Expression{}
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if f, ok := n.(*hclsyntax.ForExpr); ok && f.CondExpr != nil {
			kept[f], f.CondExpr = f.CondExpr, nil
		}
		return nil
	})
	return func() {
		for f, c := range kept {
			f.CondExpr = c
		}
	}
}

// verbsOf reads on = [add_column, "create_table"].
func verbsOf(on *project.Expr) ([]string, diag.List) {
	words := map[string]cty.Value{}
	var known []string
	for _, v := range safety.Verbs() {
		words[v.Word()] = cty.StringVal(v.Word())
		known = append(known, v.Word())
	}
	v, faults := on.Value(words, nil)
	if len(faults) > 0 {
		for _, d := range faults {
			if d.Hint == "" {
				d.Hint = "the verbs are listed in docs/lint-objects.md"
			}
		}
		return nil, faults
	}
	if v.Type() == cty.String && !v.IsNull() {
		v = cty.TupleVal([]cty.Value{v})
	}
	if v.IsNull() || !v.CanIterateElements() || v.LengthInt() == 0 {
		return nil, diag.List{on.Fault("attribute-value", "on is no list of verbs").WithHint("write on = [add_column, create_table], or leave it out for all")}
	}
	var out []string
	for _, e := range v.AsValueSlice() {
		if e.IsNull() || e.Type() != cty.String || !slices.Contains(known, e.AsString()) {
			text := e.GoString()
			if e.Type() == cty.String && !e.IsNull() {
				text = e.AsString()
			}
			d := on.Fault("attribute-value", "there is no verb %s", text).WithHint("the verbs are listed in docs/lint-objects.md")
			if near := diag.Nearest(text, known); near != "" {
				d = d.WithHint("did you mean %s?", near)
			}
			faults.Add(d)
			continue
		}
		out = append(out, e.AsString())
	}
	return out, faults
}

// Check asks the predicate of every action of a unit.
func (p *Predicate) Check(ctx context.Context, u *lint.Unit) ([]lint.Finding, error) {
	s := subjectsOf(u)
	var out []lint.Finding
	for i, st := range u.Statements {
		seen := map[string]bool{}
		for _, a := range st.Examined() {
			if len(p.verbs) > 0 && !slices.Contains(p.verbs, a.Verb.Word()) {
				continue
			}
			for _, x := range p.expand(s.of(a, i+1)) {
				message, fix, err := p.ask(x)
				if err != nil {
					return nil, err
				}
				if message == "" || seen[message] {
					continue
				}
				seen[message] = true
				f := lint.NewFinding(p.Rule(), p.Severity, a, message)
				f.Fix = fix
				out = append(out, f)
			}
		}
	}
	return out, ctx.Err()
}

// expand makes of a table that is made each of the columns, indexes and constraints that the rule speaks of.
func (p *Predicate) expand(s subject) []subject {
	out := []subject{s}
	if s.Verb != safety.CreateTable.Word() || s.Table == nil {
		return out
	}
	for _, part := range p.parts {
		var next []subject
		for _, x := range out {
			switch part {
			case "column":
				for i := range s.Table.Columns {
					x.Column = &s.Table.Columns[i]
					next = append(next, x)
				}
			case "index":
				for i := range s.Table.Indexes {
					x.Index = &s.Table.Indexes[i]
					next = append(next, x)
				}
			case "constraint":
				for i := range s.Table.Constraints {
					x.Constraint = &s.Table.Constraints[i]
					next = append(next, x)
				}
			}
		}
		out = next
	}
	return out
}

// ask evaluates the predicate; the message is empty where it does not hold.
func (p *Predicate) ask(s subject) (message, fix string, err error) {
	if s.Table != nil && !p.tableWhole { // making values of all columns for nobody takes the most of the time
		t := *s.Table
		t.Columns, t.Indexes, t.Constraints, t.Triggers, t.Policies, t.PrimaryKey = nil, nil, nil, nil, nil, nil
		s.Table = &t
	}
	v, err := value(s, p.typ)
	if err != nil {
		return "", "", err
	}
	if v, err = hollow(v); err != nil {
		return "", "", err
	}
	vars := v.AsValueMap()
	held, faults := p.when.Value(vars, p.functions)
	if len(faults) > 0 {
		return "", "", p.failed(s, faults)
	}
	if held, err = convert.Convert(held, cty.Bool); err != nil || held.IsNull() || held.False() {
		return "", "", err
	}
	if message, err = p.text(s, p.message, vars); err != nil || message == "" {
		return fmt.Sprintf("%s holds", p.Name), "", err
	}
	if p.fix != nil {
		fix, err = p.text(s, p.fix, vars)
	}
	return message, fix, err
}

func (p *Predicate) text(s subject, e *project.Expr, vars map[string]cty.Value) (string, error) {
	v, faults := e.Value(vars, p.functions)
	if len(faults) > 0 {
		return "", p.failed(s, faults)
	}
	v, err := convert.Convert(v, cty.String)
	if err != nil || v.IsNull() {
		return "", err
	}
	return v.AsString(), nil
}

// failed says of which statement a rule cannot be evaluated.
func (p *Predicate) failed(s subject, faults diag.List) error {
	place := s.File
	if s.Line != nil {
		place += fmt.Sprintf(":%d", *s.Line)
	}
	for _, d := range faults {
		d.Message = fmt.Sprintf("rule %q cannot be asked of the statement at %s: %s", p.Name, place, d.Message)
	}
	return faults.Err()
}

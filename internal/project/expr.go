package project

import (
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/schemactl/schemactl/internal/diag"
)

// origin is the file that a value comes from, for faults that are found after it is read.
type origin struct {
	file    string
	src     []byte
	secrets *secrets
}

func (l *loader) origin() *origin { return &origin{l.file, l.src, l.secrets} }

func (o *origin) fault(pos diag.Pos, width int, code, format string, args ...any) *diag.Diagnostic {
	d := diag.Errorf(pos, code, format, args...)
	d.Width = width
	if o != nil {
		o.secrets.scrub(d.WithSource(o.src))
	}
	return d
}

// Fault is a diagnostic at the attribute.
func (a Attr) Fault(code, format string, args ...any) *diag.Diagnostic {
	return a.from.fault(a.Pos, a.Width, code, format, args...)
}

// Fault is a diagnostic at the block.
func (b *Block) Fault(code, format string, args ...any) *diag.Diagnostic {
	return b.from.fault(b.Pos, len(b.Type), code, format, args...)
}

// Expr is an expression that is evaluated when what it is about is there: rules of lint ask it of each statement. What
// it refers to in the project file is evaluated already.
type Expr struct {
	// Syntax is the expression as it is parsed.
	Syntax hclsyntax.Expression

	scope *hcl.EvalContext
	from  *origin
}

// later keeps an expression for later. known are names that its scope gets besides those that it is given then.
func (l *loader) later(expr hclsyntax.Expression, known map[string]cty.Value) (*Expr, bool) {
	for _, t := range expr.Variables() {
		for _, n := range l.referred(t) {
			if !l.need(n, t.SourceRange()) {
				return nil, false
			}
		}
	}
	scope := l.base.NewChild()
	scope.Variables = l.variables()
	maps.Copy(scope.Variables, known)
	return &Expr{Syntax: expr, scope: scope, from: l.origin()}, true
}

// Functions are those of the project file's language.
func (e *Expr) Functions() map[string]function.Function {
	out := map[string]function.Function{}
	for c := e.scope; c != nil; c = c.Parent() {
		for name, f := range c.Functions {
			if _, nearer := out[name]; !nearer {
				out[name] = f
			}
		}
	}
	return out
}

// Value evaluates the expression with variables and functions beside those of the file. What is wrong is told
// with its place.
func (e *Expr) Value(variables map[string]cty.Value, functions map[string]function.Function) (cty.Value, diag.List) {
	scope := e.scope.NewChild()
	scope.Variables, scope.Functions = variables, functions
	v, faults := e.Syntax.Value(scope)
	var out diag.List
	for _, f := range faults {
		if f.Severity == hcl.DiagError {
			out.Add(e.explain(f))
		}
	}
	return v, out
}

// explain turns a fault of the language into a diagnostic.
func (e *Expr) explain(f *hcl.Diagnostic) *diag.Diagnostic {
	r := e.Syntax.Range()
	if f.Subject != nil {
		r = *f.Subject
	}
	message := strings.TrimSuffix(strings.ReplaceAll(f.Summary+": "+f.Detail, "\n", " "), ".")
	code := "hcl"
	if f.Summary == "Invalid index" { // the only fault that depends on how many there are
		code = "hcl-index"
	}
	d := e.from.fault(diag.Pos{File: e.from.file, Line: r.Start.Line, Column: r.Start.Column}, width(r), code, "%s", message)
	if t, ok := f.Expression.(*hclsyntax.ScopeTraversalExpr); ok && f.EvalContext != nil {
		d.Hint = missing(t.Traversal, f.EvalContext)
	}
	return d
}

// missing tells which attributes there are where a traversal names one that there is not.
func missing(t hcl.Traversal, scope *hcl.EvalContext) string {
	at := cty.NilVal
	for c := scope; c != nil && at == cty.NilVal; c = c.Parent() {
		at = c.Variables[t.RootName()]
	}
	if at == cty.NilVal {
		return ""
	}
	typ := at.Type()
	for _, step := range t[1:] {
		name, ok := stepName(step)
		if !ok || !typ.IsObjectType() {
			return ""
		}
		if !typ.HasAttribute(name) {
			var names []string
			for n := range typ.AttributeTypes() {
				names = append(names, n)
			}
			return didYouMean(name, names)
		}
		typ = typ.AttributeType(name)
	}
	return ""
}

// Fault is a diagnostic at the expression.
func (e *Expr) Fault(code, format string, args ...any) *diag.Diagnostic {
	r := e.Syntax.Range()
	return e.from.fault(diag.Pos{File: e.from.file, Line: r.Start.Line, Column: r.Start.Column}, width(r), code, format, args...)
}

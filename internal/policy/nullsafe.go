package policy

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// Of many actions something is not there, or not known: a column without a size, a table without a count of rows. In the
// language itself that is a fault of the expression. In rules a comparison with it is false, counting with it is
// unknown, a condition that is unknown does not hold, and in a text it is empty. The operators of a rule's
// expressions are changed to such once, when it is read.

// nullSafe changes the operators of an expression.
func nullSafe(e hclsyntax.Expression) {
	o := operations()
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.BinaryOpExpr:
			if safe := o.binary[n.Op]; safe != nil {
				n.Op = safe
			}
		case *hclsyntax.UnaryOpExpr:
			if safe := o.unary[n.Op]; safe != nil {
				n.Op = safe
			}
		case *hclsyntax.ConditionalExpr:
			n.Condition = o.wrap(o.truth, n.Condition)
		case *hclsyntax.ForExpr:
			if n.CondExpr != nil {
				n.CondExpr = o.wrap(o.truth, n.CondExpr)
			}
		case *hclsyntax.TemplateExpr:
			for i, part := range n.Parts {
				if _, literal := part.(*hclsyntax.LiteralValueExpr); !literal {
					n.Parts[i] = o.wrap(o.text, part)
				}
			}
		}
		return nil
	})
}

// safeOperations are the operators of rules, and what makes a truth or a text of a value that may be null.
type safeOperations struct {
	binary, unary map[*hclsyntax.Operation]*hclsyntax.Operation
	truth, text   *hclsyntax.Operation
}

func operations() safeOperations {
	o := safeOperations{binary: map[*hclsyntax.Operation]*hclsyntax.Operation{}, unary: map[*hclsyntax.Operation]*hclsyntax.Operation{}}
	for _, op := range []*hclsyntax.Operation{hclsyntax.OpGreaterThan, hclsyntax.OpGreaterThanOrEqual, hclsyntax.OpLessThan, hclsyntax.OpLessThanOrEqual} {
		o.binary[op] = &hclsyntax.Operation{Impl: orElse(op.Impl, cty.False), Type: op.Type}
	}
	for _, op := range []*hclsyntax.Operation{hclsyntax.OpAdd, hclsyntax.OpSubtract, hclsyntax.OpMultiply, hclsyntax.OpDivide, hclsyntax.OpModulo} {
		o.binary[op] = &hclsyntax.Operation{Impl: orElse(op.Impl, cty.NullVal(cty.Number)), Type: op.Type}
	}
	for _, op := range []*hclsyntax.Operation{hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr} {
		o.binary[op] = &hclsyntax.Operation{Impl: instead(op.Impl, cty.False), Type: op.Type}
	}
	o.binary[hclsyntax.OpEqual] = &hclsyntax.Operation{Impl: equal(false), Type: cty.Bool}
	o.binary[hclsyntax.OpNotEqual] = &hclsyntax.Operation{Impl: equal(true), Type: cty.Bool}
	o.unary[hclsyntax.OpLogicalNot] = &hclsyntax.Operation{Impl: instead(hclsyntax.OpLogicalNot.Impl, cty.False), Type: cty.Bool}
	o.unary[hclsyntax.OpNegate] = &hclsyntax.Operation{Impl: orElse(hclsyntax.OpNegate.Impl, cty.NullVal(cty.Number)), Type: cty.Number}
	o.truth = &hclsyntax.Operation{Impl: converted(cty.Bool, cty.False), Type: cty.Bool}
	o.text = &hclsyntax.Operation{Impl: converted(cty.String, cty.StringVal("")), Type: cty.String}
	return o
}

// wrap puts an expression into an operation, once.
func (o safeOperations) wrap(op *hclsyntax.Operation, e hclsyntax.Expression) hclsyntax.Expression {
	if u, ok := e.(*wrapped); ok {
		return u
	}
	return &wrapped{&hclsyntax.UnaryOpExpr{Op: op, Val: e, SrcRange: e.Range(), SymbolRange: e.StartRange()}}
}

// wrapped is an operation that the user did not write.
type wrapped struct{ *hclsyntax.UnaryOpExpr }

// nullable are the parameters of a function, all of which take null.
func nullable(f function.Function) []function.Parameter {
	var out []function.Parameter
	for _, p := range f.Params() {
		p.AllowNull = true
		out = append(out, p)
	}
	return out
}

// orElse is a function that is a fixed value where an argument is null.
func orElse(f function.Function, unknown cty.Value) function.Function {
	return function.New(&function.Spec{Params: nullable(f), Type: function.StaticReturnType(unknown.Type()), Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for _, a := range args {
			if a.IsNull() {
				return unknown, nil
			}
		}
		return f.Call(args)
	}})
}

// instead is a function that takes a value in place of each argument that is null.
func instead(f function.Function, value cty.Value) function.Function {
	return function.New(&function.Spec{Params: nullable(f), Type: function.StaticReturnType(value.Type()), Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		given := make([]cty.Value, len(args))
		for i, a := range args {
			if given[i] = a; a.IsNull() {
				given[i] = value
			}
		}
		return f.Call(given)
	}})
}

// converted makes a value of a type; null becomes another.
func converted(t cty.Type, null cty.Value) function.Function {
	params := []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true}}
	return function.New(&function.Spec{Params: params, Type: function.StaticReturnType(t), Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if args[0].IsNull() {
			return null, nil
		}
		return convert.Convert(args[0], t)
	}})
}

// equal compares values. What is not there equals null and nothing else; texts, numbers and truths are never equal, so
// comparing them is a mistake.
func equal(not bool) function.Function {
	anything := func(name string) function.Parameter {
		return function.Parameter{Name: name, Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true}
	}
	return function.New(&function.Spec{
		Params: []function.Parameter{anything("a"), anything("b")},
		Type: func(args []cty.Value) (cty.Type, error) {
			a, b := args[0].Type(), args[1].Type()
			if a.IsPrimitiveType() && b.IsPrimitiveType() && !a.Equals(b) {
				return cty.NilType, function.NewArgErrorf(1, "a %s is never equal to a %s", a.FriendlyName(), b.FriendlyName())
			}
			return cty.Bool, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			a, b := args[0], args[1]
			if !a.IsWhollyKnown() || !b.IsWhollyKnown() {
				return cty.UnknownVal(cty.Bool), nil
			}
			same := isNothing(a) && isNothing(b)
			if !isNothing(a) && !isNothing(b) {
				same = a.Type().Equals(b.Type()) && a.RawEquals(b) || a.Type().IsListType() != b.Type().IsListType() && sameElements(a, b)
			}
			return cty.BoolVal(same != not), nil
		},
	})
}

// sameElements compares a list with what is written as one, which is a tuple.
func sameElements(a, b cty.Value) bool {
	if !a.CanIterateElements() || !b.CanIterateElements() || a.LengthInt() != b.LengthInt() {
		return false
	}
	x, y := a.AsValueSlice(), b.AsValueSlice()
	for i := range x {
		if !x[i].RawEquals(y[i]) {
			return false
		}
	}
	return true
}

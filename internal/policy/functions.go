package policy

import (
	"regexp"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functionsOf are the functions of rules: those of the project file, and some of their own.
func functionsOf(file map[string]function.Function) map[string]function.Function {
	out := map[string]function.Function{}
	for name, f := range file {
		if name != "try" && name != "can" { // they take expressions
			out[name] = lenient(f)
		}
	}
	out["matches"], out["anytrue"], out["alltrue"], out["coalesce"] = matchesFunc(), truths(false), truths(true), stdlib.CoalesceFunc
	return out
}

// truths is anytrue(list), or alltrue(list). What is null is not true.
func truths(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].IsWhollyKnown() {
				return cty.UnknownVal(cty.Bool), nil
			}
			for _, v := range args[0].AsValueSlice() {
				if holds := !v.IsNull() && v.True(); holds != all {
					return cty.BoolVal(holds), nil
				}
			}
			return cty.BoolVal(all), nil
		},
	})
}

// matchesFunc is matches(text, pattern).
func matchesFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String, AllowNull: true, AllowUnknown: true}, {Name: "pattern", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			re, err := regexp.Compile(args[1].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(1, "%v", err)
			}
			switch text := args[0]; {
			case !text.IsKnown():
				return cty.UnknownVal(cty.Bool), nil
			case text.IsNull():
				return cty.False, nil
			default:
				return cty.BoolVal(re.MatchString(text.AsString())), nil
			}
		},
	})
}

// lenient is a function that is null where an argument is null that it does not take.
func lenient(f function.Function) function.Function {
	refuses := func(args []cty.Value) bool {
		params, rest := f.Params(), f.VarParam()
		for i, a := range args {
			p := rest
			if i < len(params) {
				p = &params[i]
			}
			if p != nil && a.IsNull() && !p.AllowNull {
				return true
			}
		}
		return false
	}
	spec := &function.Spec{Params: nullable(f), Type: func(args []cty.Value) (cty.Type, error) {
		if refuses(args) {
			return cty.DynamicPseudoType, nil
		}
		return f.ReturnTypeForValues(args)
	}, Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		if refuses(args) {
			return cty.NullVal(t), nil
		}
		return f.Call(args)
	}}
	if rest := f.VarParam(); rest != nil {
		p := *rest
		p.AllowNull = true
		spec.VarParam = &p
	}
	return function.New(spec)
}

package policy

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/gocty"
)

// subjectType is the type of what rules see.
func subjectType() cty.Type {
	t, err := gocty.ImpliedType(subject{})
	if err != nil {
		panic(fmt.Sprintf("the objects of rules have no type: %v", err)) // a test holds that they have
	}
	return t
}

// value makes the value of a subject: what is empty is null, but lists are never null.
func value(s subject, t cty.Type) (cty.Value, error) {
	v, err := gocty.ToCtyValue(s, t)
	if err != nil {
		return cty.NilVal, fmt.Errorf("describe an action to the rules: %w", err)
	}
	return cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		switch t := v.Type(); {
		case t == cty.String && !v.IsNull() && v.AsString() == "":
			return cty.NullVal(cty.String), nil
		case t.IsListType() && v.IsNull():
			return cty.ListValEmpty(t.ElementType()), nil
		}
		return v, nil
	})
}

// hollow makes of every object that is not there one whose attributes are not there, so that asking for them is no fault.
func hollow(v cty.Value) (cty.Value, error) {
	return cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type().IsObjectType() && v.IsNull() {
			return nothing(v.Type()), nil
		}
		return v, nil
	})
}

// nothing is a value of a type in which all is null.
func nothing(t cty.Type) cty.Value {
	switch {
	case t.IsObjectType():
		attrs := map[string]cty.Value{}
		for name, typ := range t.AttributeTypes() {
			attrs[name] = nothing(typ)
		}
		return cty.ObjectVal(attrs)
	case t.IsListType():
		return cty.ListValEmpty(t.ElementType())
	}
	return cty.NullVal(t)
}

// isNothing reports whether a value is null, or an object of which nothing is there.
func isNothing(v cty.Value) bool {
	switch {
	case !v.IsKnown():
		return false
	case v.IsNull():
		return true
	case v.Type().IsListType():
		return v.LengthInt() == 0
	case !v.Type().IsObjectType():
		return false
	}
	for _, a := range v.AsValueMap() {
		if !isNothing(a) {
			return false
		}
	}
	return true
}

// sample is a value of which only the type is known; its lists have one element, so that expressions over them are
// checked, too.
func sample(t cty.Type) cty.Value {
	switch {
	case t.IsObjectType():
		attrs := map[string]cty.Value{}
		for name, typ := range t.AttributeTypes() {
			attrs[name] = sample(typ)
		}
		return cty.ObjectVal(attrs)
	case t.IsListType():
		return cty.ListVal([]cty.Value{sample(t.ElementType())})
	}
	return cty.UnknownVal(t)
}

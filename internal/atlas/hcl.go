package atlas

import (
	"context"
	"fmt"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Language is what Atlas's evaluator gives every document: its functions and the words for the types of variables. The
// library shows it only to the handlers of blocks, so one is asked for it. The context must not be written to.
func Language() (*hcl.EvalContext, error) {
	var base *hcl.EvalContext
	state := schemahcl.New(schemahcl.WithInitBlock("language",
		func(_ context.Context, c *hcl.EvalContext, _ *hclsyntax.Block) (cty.Value, error) {
			base = c
			return cty.EmptyObjectVal, nil
		}))
	var nothing struct{}
	if err := state.EvalBytes([]byte("language {}"), &nothing, nil); err != nil {
		return nil, fmt.Errorf("set up the language of Atlas's HCL: %w", err)
	}
	return base, nil
}

// RawSQL is the text of a value that sql("…") made.
func RawSQL(v cty.Value) (string, bool) {
	x, ok := encapsulated(v).(*schemahcl.RawExpr)
	if !ok {
		return "", false
	}
	return x.X, true
}

// VariableType is the type that a value stands for in a variable's "type": string, list(string), …
func VariableType(v cty.Value) (cty.Type, bool) {
	t, ok := encapsulated(v).(*cty.Type)
	if !ok {
		return cty.NilType, false
	}
	return *t, true
}

func encapsulated(v cty.Value) any {
	if v == cty.NilVal || !v.Type().IsCapsuleType() || v.IsNull() || !v.IsKnown() {
		return nil
	}
	return v.EncapsulatedValue()
}

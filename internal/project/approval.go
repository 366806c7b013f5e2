package project

import (
	"math/big"

	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
)

// Approval says that apply runs only plans that people approved.
type Approval struct {
	Signers  string // the file of those who may; empty: nobody must
	Required int    // how many of them
}

// approval reads an approval block.
func (l *loader) approval(b *Block) Approval {
	if b == nil {
		return Approval{}
	}
	out := Approval{Required: 1}
	signers, ok := l.text(b, "signers")
	if !ok || signers == "" {
		l.faults.Add(diag.Errorf(b.Pos, "missing-attribute", "the block does not say who may approve").WithSource(l.src).
			WithHint(`write signers = "allowed_signers", a file as ssh-keygen has it`))
		return out
	}
	out.Signers = l.resolve(signers)
	a, ok := b.Attrs["required"]
	if !ok || a.Value.IsNull() {
		return out
	}
	if a.Value.Type() == cty.Number {
		if n, exact := a.Value.AsBigFloat().Int64(); exact == big.Exact && n >= 1 && n <= 100 {
			out.Required = int(n)
			return out
		}
	}
	l.faultAt(a, "attribute-value", "required is no number of people").hint("write required = 2")
	return out
}

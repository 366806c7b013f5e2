package project

import (
	"math/big"

	"github.com/zclconf/go-cty/cty"
)

// split reads what a diff block says of splitting changes.
func (l *loader) split(b *Block) Split {
	out := Split{Except: l.list(b, "online_except")}
	if a, ok := b.Attrs["online"]; ok && !a.Value.IsNull() {
		on := l.flag(b, "online")
		out.Mode = &on
	}
	a, ok := b.Attrs["online_rows"]
	if !ok || a.Value.IsNull() {
		return out
	}
	if a.Value.Type() == cty.Number {
		if n, exact := a.Value.AsBigFloat().Int64(); exact == big.Exact && n >= 0 {
			out.Rows = &n
			return out
		}
	}
	l.faultAt(a, "attribute-value", "online_rows is no number of rows").hint("write online_rows = 10000")
	return out
}

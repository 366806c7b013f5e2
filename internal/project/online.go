package project

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

var sizeText = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) *([kKMGT]?)i?B?$`)

// online reads an online block.
func (l *loader) online(b *Block) Online {
	if b == nil {
		return Online{}
	}
	out := Online{Tool: b.Labels[0], Args: l.list(b, "args")}
	if tools := []string{"pt-osc", "gh-ost"}; !slices.Contains(tools, out.Tool) {
		d := diag.Errorf(b.Pos, "online", "the tool is %q", out.Tool).WithSource(l.src)
		l.faults.Add(d.WithHint("it is one of %s", strings.Join(tools, ", ")))
		return Online{}
	}
	out.Program, _ = l.text(b, "program")
	size, _ := l.text(b, "threshold")
	if _, given := b.Attrs["threshold"]; !given {
		d := diag.Errorf(b.Pos, "online", "the block does not say from which size on a table is the tool's").WithSource(l.src)
		l.faults.Add(d.WithHint(`write threshold = "1GB"`))
		return out
	}
	m := sizeText.FindStringSubmatch(strings.TrimSpace(size))
	if m == nil {
		l.faultAt(b.Attrs["threshold"], "attribute-value", "threshold is %q, which is no size", size).Hint = `write a size such as "500MB" or "1GB"`
		return out
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	if unit := strings.Index("kMGT", strings.Replace(m[2], "K", "k", 1)); m[2] != "" {
		n *= math.Pow(1024, float64(unit+1))
	}
	out.Threshold = int64(n)
	return out
}

package hcl_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/hcl"
)

// TestDeepText parses texts that are nested beyond all reason, which would overflow the stack, and such as people write.
func TestDeepText(t *testing.T) {
	nested := func(n int, open, inner, closing string) string {
		return "a = " + strings.Repeat(open, n) + inner + strings.Repeat(closing, n) + "\n"
	}
	const deep = 60_000
	for name, text := range map[string]string{
		"lists": nested(deep, "[", "", "]"), "parentheses": nested(deep, "(", "1", ")"), "objects": nested(deep, "{a=", "1", "}"),
		"calls": nested(deep, "f(", "1", ")"), "templates": nested(deep, `"${`, "1", `}"`), "not": nested(deep, "!", "true", ""),
		"minus": nested(deep, "-", "1", ""), "sums": nested(deep, "1+", "1", ""), "sums of parts": nested(deep, "(1)+", "1", ""),
		"sums of lines": "a = (" + strings.Repeat("1+\n", deep) + "1)\n", "choices": nested(deep, "a?b:", "1", ""),
		"indexes": nested(deep, "", "x", "[y]"), "steps": nested(deep, "", "x", ".y"), "splats": nested(deep, "", "x", "[*]"),
		"directives": "a = \"" + strings.Repeat("%{if x}", deep) + "\"\n", "never closed": "a = " + strings.Repeat("[", deep),
		"blocks": strings.Repeat("a {\n", deep), "heredocs": "a = <<E\n" + strings.Repeat("%{ for x in y }", deep) + "\nE\n",
	} {
		_, faults := hcl.Parse([]byte(text), "f.hcl", hclv2.InitialPos)
		if len(faults) != 1 || faults[0].Summary != "Too deep" || faults[0].Subject == nil {
			t.Errorf("%s: %v", name, faults)
		}
	}
	for name, text := range map[string]string{
		"lists": nested(100, "[", "", "]"), "a long list": "a = [" + strings.Repeat("-1,\n", 50_000) + "]\n",
		"long object": "a = {\n" + lines(50_000, "x%d = -1 + 2") + "}\n", "many blocks": strings.Repeat("b \"x\" {\n  a = c.d.e\n}\n", 20_000),
	} {
		if _, faults := hcl.Parse([]byte(text), "f.hcl", hclv2.InitialPos); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

// TestGrowingValues evaluates locals that each double the one before.
func TestGrowingValues(t *testing.T) {
	for name, format := range map[string]string{
		"text": "a%d = \"${local.a%d}${local.a%[2]d}\"\n", "lists": "a%d = [local.a%d, local.a%[2]d]\n", "objects": "a%d = {x = local.a%d, y = local.a%[2]d}\n",
	} {
		text := "locals {\n  a0 = \"0123456789\"\n"
		for i := range 22 {
			text += fmt.Sprintf(format, i+1, i)
		}
		_, faults := hcl.Eval([]hcl.File{{Name: "f.hcl", Text: []byte(text + "}\n")}}, hcl.Vocabulary{}, hcl.Inputs{})
		if err := faults.Err(); err == nil || !strings.Contains(err.Error(), "larger than any value may be") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if hcl.TooLarge(cty.StringVal(strings.Repeat("x", 1<<20))) || !hcl.TooLarge(cty.StringVal(strings.Repeat("x", 1<<25))) {
		t.Error("texts are measured otherwise")
	}
}

// TestBounded gives evaluations up that do not end.
func TestBounded(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	never := make(chan int)
	if _, err := hcl.Bounded(ctx, func() int { return <-never }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended with %v", err)
	}
	if n, err := hcl.Bounded(t.Context(), func() int { return 7 }); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

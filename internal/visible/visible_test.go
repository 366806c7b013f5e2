package visible_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/schemactl/schemactl/internal/visible"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 😀":         "plain é 😀",
		"a\n\tb\r\nc":       "a\n\tb\r\nc",
		"a\rb":              `a\rb`,
		"\x1b[2J\x1b]0;x\a": `\x1b[2J\x1b]0;x\x07`,
		"\u009b2J":          `\u009b2J`,
		"a\u2028b\u0085":    `a\u2028b\u0085`,
		"\u202edrop":        `\u202edrop`,
		"\xff\x00":          `\xff\x00`,
		"\u200d":            "\u200d",
	} {
		if got := visible.Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

// No text, whatever is in it, ends the comment that it stands in, for any reader that ends lines where some do.
func FuzzComments(f *testing.F) {
	f.Add("v\n\\! touch /tmp/x\n--")
	f.Add("a\rb\u2028c\u0085d\ve\ff")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(visible.Comment(s), "\n") {
			t.Fatalf("%q is more than a line", s)
		}
		for l := range strings.Lines(visible.Comments(s)) {
			l = strings.TrimSuffix(l, "\n")
			if !strings.HasPrefix(l, "--") {
				t.Fatalf("%q leaves the comment", l)
			}
			if strings.ContainsFunc(l, func(r rune) bool { return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 }) {
				t.Fatalf("%q holds what ends a line", l)
			}
		}
	})
}

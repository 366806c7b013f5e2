package visible_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/schemactl/schemactl/internal/visible"
)

func TestBrief(t *testing.T) {
	for _, s := range []string{"", "SELECT 1", strings.Repeat("x", 2000)} {
		if visible.Brief(s) != s {
			t.Errorf("%.20q… is cut", s)
		}
	}
	for _, r := range []string{"x", "é", "😀", "\xff", "\x80"} {
		for shift := range 5 {
			s := strings.Repeat("a", shift) + "INSERT " + strings.Repeat(r, 1<<20) + " end"
			got := visible.Brief(s)
			if len(got) > 2000 || !strings.HasPrefix(got, s[:8]) || !strings.HasSuffix(got, " end") || !strings.Contains(got, "bytes left out") {
				t.Errorf("%d bytes of %q become %d: %.100q", len(s), r, len(got), got)
			}
			if utf8.ValidString(s) && !utf8.ValidString(got) {
				t.Errorf("%q is cut in the middle of a character", r)
			}
		}
	}
}

package review_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/schemactl/schemactl/internal/review"
)

func TestSideBySide(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"same", "a\nb", "a\nb", "  "},
		{"added", "", "a\nb", "++"},
		{"dropped", "a\n", "", "-"},
		{"in the middle", "a\nb\nc", "a\nx\ny\nc", " ~+ "},
		{"moved", "a\nb\nc", "b\nc\na", "-  +"},
		{"nothing", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			for _, l := range review.SideBySide(tt.before, tt.after) {
				got.WriteByte(l.Op)
			}
			if got.String() != tt.want {
				t.Errorf("got %q, want %q", got.String(), tt.want)
			}
		})
	}
}

// TestSidesAreWhole sees that no line is lost or made up, and that lines called equal are.
func TestSidesAreWhole(t *testing.T) {
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 1, 12), func(l []string) string { return strings.Join(l, "\n") + "x" })
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var left, right []string
		for _, l := range review.SideBySide(before, after) {
			if l.Op == ' ' && l.Before != l.After || l.Op == '~' && l.Before == l.After {
				t.Fatalf("%+v", l)
			}
			if l.Op != '+' {
				left = append(left, l.Before)
			}
			if l.Op != '-' {
				right = append(right, l.After)
			}
		}
		if strings.Join(left, "\n") != before || strings.Join(right, "\n") != after {
			t.Fatalf("%q and %q became %q and %q", before, after, left, right)
		}
	})
}

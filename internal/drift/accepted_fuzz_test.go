package drift

import (
	"testing"

	"github.com/schemactl/schemactl/internal/hcl"
)

// FuzzAccepted reads files of acceptances, and writes and reads again what they say.
func FuzzAccepted(f *testing.F) {
	f.Add("accept \"index public.users.quick\" {\n  until = \"2027-01-31\"\n  reason = \"$${x}\"\n}\n")
	f.Add("accept \"a\\nb\" {\n}\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := acceptances([]byte(text), "a.hcl")
		if err != nil {
			return
		}
		written := hcl.Write(acceptBlocks(first))
		again, err := acceptances(written, "b.hcl")
		if err != nil || len(again) != len(first) {
			t.Fatalf("%q is written as %q, which reads %v, %v", text, written, again, err)
		}
		for i, a := range again {
			if was := first[i]; a.Object != was.Object || a.Reason != was.Reason || !a.Until.Equal(was.Until) {
				t.Fatalf("%+v became %+v in %q", was, a, written)
			}
		}
	})
}

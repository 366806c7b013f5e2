package revision_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/revision"
)

// TestEveryFileHasAPlace: whatever is applied, added, removed and renamed, a file is exactly one of applied, begun, pending,
// out of order, or left out by a rule: it is a checkpoint, or a first baseline or checkpoint stands for it.
func TestEveryFileHasAPlace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var names []string
		var revisions []dialect.Revision
		for n := range 9 {
			version := fmt.Sprint(n + 1)
			if rapid.Bool().Draw(rt, "file "+version) {
				if rapid.IntRange(0, 4).Draw(rt, "checkpoint "+version) == 0 {
					names = append(names, version+"*")
				} else {
					names = append(names, version)
				}
			}
			if rapid.Bool().Draw(rt, "applied "+version) {
				r := dialect.Revision{Version: version, Type: dialect.Executed, Applied: 1, Total: 1}
				if len(revisions) == 0 && rapid.Bool().Draw(rt, "baseline") {
					r.Type = dialect.Baseline
				}
				revisions = append(revisions, r)
			}
		}
		d := directory(t, migrate.Atlas, names...)
		s, err := revision.Look(d, revisions)
		if err != nil {
			rt.Fatal(err)
		}
		floor := ""
		if len(revisions) > 0 {
			first := revisions[0]
			if f := s.File(first.Version); first.Type == dialect.Baseline || f != nil && f.Checkpoint {
				floor = first.Version
			}
		}
		for _, f := range d.Files {
			var are []string
			for name, is := range map[string]bool{
				"applied":      s.Of(f) != nil && !s.Of(f).Partial(),
				"begun":        slices.Contains(s.Partial, f),
				"pending":      slices.Contains(s.Next, f),
				"out of order": slices.Contains(s.OutOfOrder, f),
				"checkpoint":   f.Checkpoint && s.Of(f) == nil,
				"stood for":    !f.Checkpoint && s.Of(f) == nil && f.Version < floor,
			} {
				if is {
					are = append(are, name)
				}
			}
			if len(are) != 1 {
				rt.Errorf("%s is %q with the history %v", f.Name, are, revisions)
			}
		}
	})
}

package engine

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// checkIgnore refuses sorts of differences that the dialect cannot leave alone.
func checkIgnore(d dialect.Dialect, sorts []string) error {
	var known []string
	if i, ok := d.(dialect.Ignorer); ok {
		known = i.Ignorable()
	}
	for _, s := range sorts {
		if slices.Contains(known, s) {
			continue
		}
		f := diag.Errorf(diag.Pos{}, "unknown-ignore", "%q is no sort of difference that can be ignored on %s", s, d.Name())
		if len(known) == 0 {
			return f.WithHint("take --ignore, or ignore in the diff block of the project file, out")
		}
		return f.WithHint("there is: %s", strings.Join(known, ", "))
	}
	return nil
}

// ignored leaves what the request names as the current state has it.
func (j *Job) ignored(current, desired *object.State) *object.State {
	i, ok := j.Dialect.(dialect.Ignorer)
	if !ok || len(j.request.Ignore) == 0 {
		return desired
	}
	return i.Ignore(current, desired, j.request.Ignore)
}

// withoutUnreadable leaves alone what the current state has and cannot tell, for lack of a privilege or of knowledge:
// its ledger names it. To plan a change of such an object would be to guess.
func withoutUnreadable(current, desired *object.State) *object.State {
	unreadable := map[string]bool{}
	for _, e := range current.Ledger {
		if e.Status == object.Unmanaged {
			unreadable[e.Kind+" "+e.Name] = true
		}
	}
	hidden := func(o *object.Object) bool {
		return o != nil && unreadable[o.ID.Kind+" "+o.ID.Path()] && !current.Has(o.ID)
	}
	out := object.NewState()
	out.Ledger, out.Notes = desired.Ledger, desired.Notes
	for _, o := range desired.All() {
		if hidden(o) || hidden(desired.Get(o.Parent)) {
			continue
		}
		_ = out.Add(o) // the IDs are those of desired
	}
	if out.Len() == desired.Len() {
		return desired
	}
	return out
}

package drift

import (
	"path"
	"strings"
	"time"
)

// Accepted are the acceptances that hold, or did.
type Accepted struct {
	List []Acceptance
	Now  time.Time
}

// apply marks the differences that are accepted.
func (a Accepted) apply(r *Report) {
	for i := range r.Differences {
		d := &r.Differences[i]
		for j := range a.List {
			x := &a.List[j]
			if !x.covers(d) {
				continue
			}
			expired := !x.Until.IsZero() && !a.Now.Before(x.Until)
			if d.Accepted == nil || d.Expired && !expired {
				d.Accepted, d.Expired = x, expired
			}
		}
	}
}

// covers reports whether an acceptance names the object of a difference: by "kind name", or by its name alone, with * and ?.
func (x *Acceptance) covers(d *Difference) bool {
	pattern := strings.ReplaceAll(x.Object, "_", " ")
	for _, name := range []string{d.ID.String(), d.ID.Path(), d.Owner.String(), d.Owner.Path()} {
		if ok, err := path.Match(escape(pattern), escape(strings.ReplaceAll(name, "_", " "))); err == nil && ok {
			return true
		}
	}
	return false
}

// escape lets a name with slashes be matched as one word.
func escape(s string) string { return strings.NewReplacer("/", "\x00", "[", "\x01").Replace(s) }

// Edit is a change of a file that accepts differences.
type Edit struct {
	File   string `json:"file"`
	Patch  string `json:"patch"`            // a unified diff
	Cannot string `json:"cannot,omitempty"` // what of it cannot be written, and why
}

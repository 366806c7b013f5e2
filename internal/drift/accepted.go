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
			expired := !x.Until.IsZero() && !a.Now.Before(x.Until.AddDate(0, 0, 1))
			if d.Accepted == nil || d.Expired && !expired {
				d.Accepted, d.Expired = x, expired
			}
		}
	}
}

// Named reports whether one of the patterns names the object of a difference; without patterns all are named.
func Named(d *Difference, patterns []string) bool {
	for _, p := range patterns {
		if (&Acceptance{Object: p}).covers(d) {
			return true
		}
	}
	return len(patterns) == 0
}

// Unnamed lists the patterns that name no difference.
func (r *Report) Unnamed(patterns []string) []string {
	var out []string
	for _, p := range patterns {
		found := false
		for i := range r.Differences {
			found = found || Named(&r.Differences[i], []string{p})
		}
		if !found {
			out = append(out, p)
		}
	}
	return out
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
	File  string `json:"file,omitempty"`
	Patch string `json:"patch,omitempty"` // a unified diff
	// Cannot says what cannot be written, and why; SQL would do to another database what it is about.
	Cannot string      `json:"cannot,omitempty"`
	SQL    []Statement `json:"sql,omitempty"`
}

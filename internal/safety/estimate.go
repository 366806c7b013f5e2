package safety

import "time"

// Size is how large a table is, as the server estimates it.
type Size struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"` // the rows, without indexes
	Index int64 `json:"index_bytes"`
}

// Class says how long work takes, roughly: nobody knows better before it is tried.
type Class string

// The classes: below a second, a minute, an hour, and longer.
const (
	Instant Class = "instant"
	Seconds Class = "seconds"
	Minutes Class = "minutes"
	Hours   Class = "hours"
)

// Rates are bytes a second.
type Rates struct {
	Scan    int64 `json:"scan"`
	Rewrite int64 `json:"rewrite"`
	Build   int64 `json:"build"`
}

// Weigh tells the class of what the facts say is done to tables of these sizes; ok is false where a size is not known.
func (f Facts) Weigh(size func(Name) (Size, bool), r Rates) (Class, bool) {
	seconds, ok := f.Seconds(size, r)
	if !ok {
		return "", false
	}
	return classOf(seconds), true
}

// Seconds is how long that takes at the rates.
func (f Facts) Seconds(size func(Name) (Size, bool), r Rates) (seconds float64, ok bool) {
	if !f.Heavy() && len(f.ScansOther) == 0 {
		return 0, true
	}
	for i, l := range f.Locks {
		s, known := size(l.Table)
		other := i > 0
		if !known {
			return 0, false
		}
		switch {
		case other && !contains(f.ScansOther, l.Table):
		case other:
			seconds += float64(s.Bytes) / float64(r.Scan)
		case f.Rewrites:
			seconds += float64(s.Bytes)/float64(r.Rewrite) + float64(s.Index)/float64(r.Build)
		default:
			if f.Scans {
				seconds += float64(s.Bytes) / float64(r.Scan)
			}
			if len(f.Builds) > 0 {
				seconds += float64(s.Bytes) / float64(r.Build)
			}
		}
	}
	return seconds, true
}

func contains(names []Name, n Name) bool {
	for _, x := range names {
		if x == n {
			return true
		}
	}
	return false
}

func classOf(seconds float64) Class {
	switch {
	case seconds < 1:
		return Instant
	case seconds < 60:
		return Seconds
	case seconds < 3600:
		return Minutes
	}
	return Hours
}

// Rate is how many bytes a second that was.
func Rate(bytes int64, took time.Duration) int64 {
	return int64(float64(bytes) / max(took.Seconds(), 1e-6))
}

package safety

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

// Rates are bytes a second that a small server manages when it is busy with other things; docs/costs.md says how they
// were measured.
type Rates struct {
	Scan, Rewrite, Build int64
}

// Weigh tells the class of what the facts say is done to tables of these sizes; ok is false where a size is not known.
func (f Facts) Weigh(size func(Name) (Size, bool), r Rates) (Class, bool) {
	if !f.Heavy() && len(f.ScansOther) == 0 {
		return Instant, true
	}
	var seconds float64
	for i, l := range f.Locks {
		s, known := size(l.Table)
		other := i > 0
		if !known {
			return "", false
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
	return classOf(seconds), true
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

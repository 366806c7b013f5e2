package dialect

import "github.com/schemactl/schemactl/internal/object"

// Deviation is one thing in which a live state is not what it should be.
type Deviation struct {
	ID object.ID
	// Wanted and Live are the values of the object; nil: that side lacks it.
	Wanted, Live any
	// Attr is the attribute that differs, with its values; empty where a side lacks the object.
	Attr     string
	From, To any // as it should be, and as it is
}

// Meaning is what a deviation means to the users of a database.
type Meaning struct {
	// Service names the managed service that brings the object by itself.
	Service string
	// Wider says that the live side takes all that the other takes, and more; data fits both.
	Wider bool
	// Danger says what is no longer kept, guarded or seen; empty: nothing of that sort.
	Danger string
}

// Appraiser is a dialect that knows what deviations mean.
type Appraiser interface {
	Appraise(d Deviation) Meaning
}

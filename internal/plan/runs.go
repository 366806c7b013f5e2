package plan

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// Runs says how the server carries a statement out, in the server's own words. Dialects fill it in.
type Runs struct {
	Algorithm string `json:"algorithm,omitempty"` // as in INSTANT, INPLACE, COPY
	Lock      string `json:"lock,omitempty"`      // what it holds while it works, as in NONE, SHARED, EXCLUSIVE
	Rebuild   bool   `json:"rebuild,omitempty"`   // every row of the table is written anew
	Tables    []Size `json:"tables,omitempty"`    // the tables whose rows it goes through, where that is known
	Note      string `json:"note,omitempty"`      // what else is worth knowing

	// Silent means that the server has no words for it in the statement.
	Silent bool `json:"-"`
	// Usual means that it goes without saying: plans for people leave it out.
	Usual bool `json:"-"`
	// Cost and Hold order the words: a statement with several clauses runs as its costliest one and locks as its
	// strongest one.
	Cost int `json:"-"`
	Hold int `json:"-"`
}

// Size is how large a table is, as the server estimates it.
type Size struct {
	Table object.ID `json:"table"`
	Rows  int64     `json:"rows"`
	Bytes int64     `json:"bytes"` // data and indexes
}

// Join is how a statement runs that has the clauses of both; unknown when one is.
func (r *Runs) Join(other *Runs) *Runs {
	if r == nil || other == nil {
		return nil
	}
	out := *r
	if other.Cost > r.Cost {
		out.Algorithm, out.Cost = other.Algorithm, other.Cost
	}
	if other.Hold > r.Hold {
		out.Lock, out.Hold = other.Lock, other.Hold
	}
	out.Rebuild, out.Silent = r.Rebuild || other.Rebuild, r.Silent || other.Silent
	if other.Note != "" && !strings.Contains(out.Note, other.Note) {
		out.Note = strings.TrimPrefix(out.Note+"; "+other.Note, "; ")
	}
	return &out
}

// String is the whole on one line; empty when there is nothing to tell.
func (r *Runs) String() string {
	if r == nil || r.Usual {
		return ""
	}
	var words []string
	if r.Algorithm != "" {
		words = append(words, r.Algorithm)
	}
	if r.Lock != "" && (r.Algorithm == "" || r.Hold > 0 || r.Cost > 0) {
		words = append(words, "lock "+r.Lock)
	}
	if r.Rebuild {
		words = append(words, "writes every row anew")
	}
	for _, t := range r.Tables {
		words = append(words, t.String())
	}
	if r.Note != "" {
		words = append(words, r.Note)
	}
	return strings.Join(words, ", ")
}

// String tells the size for people.
func (s Size) String() string {
	return fmt.Sprintf("about %s rows, %s", thousands(s.Rows), bytes(s.Bytes))
}

// thousands groups the digits of a number.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bytes is a size in the unit that fits.
func bytes(n int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	size, unit := float64(n)/1024, units[0]
	for _, u := range units[1:] {
		if size < 1024 {
			break
		}
		size, unit = size/1024, u
	}
	if size < 10 {
		return fmt.Sprintf("%.1f %s", size, unit)
	}
	return fmt.Sprintf("%.0f %s", size, unit)
}

package safety

import (
	"fmt"
	"slices"
	"strings"
)

// Hold is how strong a lock is, for who uses the table.
type Hold int

// The holds, the weakest first.
const (
	HoldNothing Hold = iota // no reader and no writer waits
	HoldWrites              // writers wait
	HoldAll                 // readers wait, too
)

// Lock is a lock that a statement takes, and keeps to the end of its transaction.
type Lock struct {
	Table Name   `json:"table"`
	Mode  string `json:"mode"` // the server's word: ACCESS EXCLUSIVE
	Hold  Hold   `json:"-"`
	// Brief means that it is held for a moment, however large the table is. Who waits for it holds up those behind.
	Brief bool `json:"brief,omitempty"`
}

// Facts are what an action costs.
type Facts struct {
	Locks    []Lock `json:"locks,omitempty"`
	Rewrites bool   `json:"rewrites,omitempty"` // every row of the table is written anew
	Scans    bool   `json:"scans,omitempty"`    // every row is read
	// ScansOther are other tables whose rows are read.
	ScansOther []Name `json:"scans_other,omitempty"`
	// Builds are indexes that are built anew; "*" stands for all of the table.
	Builds []string `json:"builds,omitempty"`
	// NoTx means that the server refuses it within a transaction block.
	NoTx bool `json:"no_transaction,omitempty"`
	// Online means that the long work is done while readers and writers go on.
	Online bool `json:"online,omitempty"`
	// Algorithm is MySQL's word: INSTANT, INPLACE, COPY.
	Algorithm string `json:"algorithm,omitempty"`
	// Loses says what is gone for good.
	Loses string `json:"loses,omitempty"`
	// Takes and Sizes are of the live tables; empty where nobody measured them.
	Takes Class   `json:"takes,omitempty"`
	Sizes []Sized `json:"sizes,omitempty"`
	// Why explains what is not plain from the statement.
	Why string `json:"why,omitempty"`
}

// Line is String, and empty where there are no facts.
func (f *Facts) Line() string {
	if f == nil {
		return ""
	}
	return f.String()
}

// Sized is a table with its size.
type Sized struct {
	Table Name `json:"table"`
	Size
}

// String is the facts on one line, for people; empty where it surely takes no second.
func (f Facts) String() string {
	if !f.Heavy() || f.Takes == Instant {
		return ""
	}
	var words []string
	switch {
	case f.Rewrites:
		words = append(words, "writes every row anew")
	case len(f.Builds) > 0:
		words = append(words, "builds an index")
	case f.Scans:
		words = append(words, "reads every row")
	}
	switch f.Strongest() {
	case HoldAll:
		words = append(words, "nobody can read or write meanwhile")
	case HoldWrites:
		words = append(words, "nobody can write meanwhile")
	default:
		words = append(words, "others go on meanwhile")
	}
	for _, s := range f.Sizes {
		words = append(words, fmt.Sprintf("about %d rows, %d MB", s.Rows, (s.Bytes+s.Index+1<<19)>>20))
	}
	if f.Takes != "" {
		words = append(words, string(f.Takes))
	}
	return strings.Join(words, ", ")
}

// Holds is the strongest hold on a table for as long as the work takes.
func (f Facts) Holds(n Name) Hold {
	h := HoldNothing
	for _, l := range f.Locks {
		if l.Table == n && !l.Brief {
			h = max(h, l.Hold)
		}
	}
	return h
}

// Strongest is the strongest hold on any table for as long as the work takes.
func (f Facts) Strongest() Hold {
	h := HoldNothing
	for _, l := range f.Locks {
		if !l.Brief {
			h = max(h, l.Hold)
		}
	}
	return h
}

// Heavy reports whether the work grows with the rows of a table.
func (f Facts) Heavy() bool { return f.Rewrites || f.Scans || len(f.Builds) > 0 }

// Join is what two actions of one statement cost together.
func (f Facts) Join(o Facts) Facts {
	out := f
	out.Locks = slices.Clone(f.Locks)
	for _, l := range o.Locks {
		i := slices.IndexFunc(out.Locks, func(x Lock) bool { return x.Table == l.Table && x.Brief == l.Brief })
		switch {
		case i < 0:
			out.Locks = append(out.Locks, l)
		case l.Hold > out.Locks[i].Hold:
			out.Locks[i] = l
		}
	}
	out.Rewrites, out.Scans = f.Rewrites || o.Rewrites, f.Scans || o.Scans
	out.NoTx = f.NoTx || o.NoTx
	out.Online = f.Online && o.Online
	out.ScansOther = unite(f.ScansOther, o.ScansOther)
	out.Builds = unite(f.Builds, o.Builds)
	if out.Loses == "" {
		out.Loses = o.Loses
	}
	if out.Why == "" {
		out.Why = o.Why
	}
	if costs[o.Algorithm] > costs[f.Algorithm] {
		out.Algorithm = o.Algorithm
	}
	return out
}

var costs = map[string]int{"INSTANT": 1, "NOCOPY": 2, "INPLACE": 3, "COPY": 4} //nolint:gochecknoglobals // a constant

func unite[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

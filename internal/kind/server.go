package kind

import "slices"

// Server is what a plan is made for, as far as statements depend on it. The zero Server is any.
type Server struct {
	Flavor  string // as the dialect calls it: mysql, mariadb, postgres
	Variant string // a server of another maker that speaks the language, such as tidb; empty: the genuine one
	Version [3]int
	Lenient bool // changes values that do not fit, where others refuse them: MySQL without its strict mode
}

// AtLeast reports whether the server is of that version or newer.
func (s Server) AtLeast(version [3]int) bool { return slices.Compare(s.Version[:], version[:]) >= 0 }

package mysql

import (
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// Spell is what is spelled without a server. Without a live state nothing is taken over from one.
func Spell(desired, live *object.State, server dialect.Server) *object.State {
	s := newSpeller(desired, live, server)
	if s == nil {
		return object.NewState()
	}
	return s.all()
}

package kind

import (
	"slices"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Checking is what kinds look at to find out what a plan must ask the rows before it runs: both states as a whole, the
// current one under the names that its objects are to have, and all changes.
type Checking struct {
	*Context
	was     func(object.ID) object.ID
	changes map[object.ID]Change
}

// Was tells what an object of the current state is called before the plan runs.
func (c *Checking) Was(id object.ID) object.ID { return c.was(id) }

// Change returns what happens to an object.
func (c *Checking) Change(id object.ID) (Change, bool) {
	ch, ok := c.changes[id]
	return ch, ok
}

// ChangesData reports whether the values of an object, such as a column, may be others after the plan.
func (c *Checking) ChangesData(id object.ID, attrs ...string) bool {
	ch, ok := c.changes[id]
	if !ok || ch.Action == Drop {
		return false
	}
	return ch.Action == Add || ch.Action == Replace || slices.ContainsFunc(attrs, NewAttrs(ch.Attrs).Has)
}

// Checks finds the questions to the rows that a change asks, which makes or alters an object.
type Checks func(c *Checking, ch Change) []plan.Check

// Checked returns the kind with what its changes ask the rows.
func (k Kind) Checked(f Checks) Kind {
	k.checks = f
	return k
}

// Checks lists what the changes of a plan ask the rows that are there, in the order of the objects. The changes are those
// that Plan returned.
func (s *Set) Checks(renamed *Renaming, desired *object.State, changes []Change, policy Policy) []plan.Check {
	c := &Checking{
		Context: &Context{From: renamed.Current, To: desired, Policy: policy}, was: renamed.Was, changes: make(map[object.ID]Change, len(changes)),
	}
	for _, ch := range changes {
		c.changes[ch.ID] = ch
	}
	c.goes = func(id object.ID) bool {
		ch := c.changes[id]
		return ch.Action == Drop || ch.Action == Replace
	}
	var out []plan.Check
	for _, ch := range changes {
		k := s.kinds[ch.ID.Kind]
		if k.checks == nil || ch.To == nil {
			continue
		}
		for _, check := range k.checks(c, ch) {
			check.Object, check.Pos = ch.ID, ch.To.Pos
			out = append(out, check)
		}
	}
	return out
}

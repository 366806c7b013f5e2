package review

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// objects lists the changed objects under which people look for what differs, with their definitions in SQL.
func (s Subject) objects(r *Review) error {
	r.Objects = []Object{}
	at := map[object.ID]int{}
	for _, c := range r.Changes {
		i, known := at[c.Owner]
		if !known {
			i = len(r.Objects)
			at[c.Owner] = i
			r.Objects = append(r.Objects, Object{ID: c.Owner, Action: "alter"})
		}
		if c.ID == c.Owner {
			r.Objects[i].Action, r.Objects[i].RenamedFrom = c.Action, c.RenamedFrom
		}
	}
	slices.SortStableFunc(r.Objects, func(a, b Object) int { return object.Compare(a.ID, b.ID) })
	if s.Script == nil || len(r.Objects) == 0 {
		return nil
	}
	before, err := s.definitions(s.Current)
	if err != nil {
		return err
	}
	after, err := s.definitions(s.Desired)
	if err != nil {
		return err
	}
	for i := range r.Objects {
		o := &r.Objects[i]
		was := o.ID
		if !o.RenamedFrom.IsZero() {
			was = o.RenamedFrom
		}
		o.Before, o.After = before[was], after[o.ID]
	}
	return nil
}

// definitions are the statements that make each object of a state, with all that belongs to it.
func (s Subject) definitions(state *object.State) (map[object.ID]string, error) {
	if state == nil {
		return nil, nil
	}
	p, err := s.Script(state)
	if err != nil {
		return nil, err
	}
	parts := map[object.ID][]string{}
	for _, step := range p.Steps() {
		owner := cmp.Or(step.Owner, step.ID)
		parts[owner] = append(parts[owner], step.SQL+";")
	}
	out := make(map[object.ID]string, len(parts))
	for id, list := range parts {
		out[id] = strings.Join(list, "\n")
	}
	return out, nil
}

// renamesOf are the objects that have other names afterwards: the old one leads to the new one.
func renamesOf(changes []plan.Change) map[object.ID]object.ID {
	renamed := map[object.ID]object.ID{}
	for _, c := range changes {
		if c.ID == c.Owner && !c.RenamedFrom.IsZero() {
			renamed[c.RenamedFrom] = c.ID
		}
	}
	return renamed
}

package engine

import (
	"maps"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/source"
)

// adopt completes a desired state whose source speaks of some kinds only: what HCL cannot declare, and the kinds that the
// user leaves alone, by the rules in alone. Such objects of the live state stay as they are, stand in the ledger, and
// take part in planning only where they must give way for a moment. kinds nil means that the source speaks of everything.
func adopt(current, desired *object.State, kinds []string, alone map[string]string) (*object.State, error) {
	if kinds == nil {
		return desired, nil
	}
	of := func(s *object.State) func(*object.Object) bool {
		return func(o *object.Object) bool { return spokenOf(o, s, kinds) }
	}
	out := object.NewState()
	out.Ledger, out.Notes = slices.Clone(desired.Ledger), desired.Notes
	wanted := of(desired)
	for _, o := range desired.All() {
		if !wanted(o) {
			if alone[o.ID.Kind] != "" { // else it is of the dev database, which lent it
				tell(out, o, alone)
			}
			continue
		}
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	declarable := of(current)
	kept := map[object.ID]bool{}
	for _, o := range current.All() {
		if declarable(o) || !stays(o, current, out, declarable) {
			continue
		}
		kept[o.ID] = true
		if err := out.Add(o); err != nil {
			return nil, err
		}
		if !kept[o.Parent] {
			tell(out, o, alone)
		}
	}
	return out, nil
}

// tell puts an object that no plan touches into the ledger, once: a part of what stands there has no line of its own.
func tell(to *object.State, o *object.Object, alone map[string]string) {
	e := object.Entry{Kind: o.ID.Kind, Name: o.ID.Path(), Status: object.Ignored, Reason: alone[o.ID.Kind]}
	switch {
	case e.Reason != "":
	case o.Parent.IsZero():
		e.Status, e.Reason = object.Unmanaged, "HCL cannot declare it yet; SQL files can"
	default:
		return
	}
	to.Ledger = append(to.Ledger, e)
}

// spokenOf reports whether the source speaks of the object: of its kind, and of the kinds of all that it belongs to.
func spokenOf(o *object.Object, s *object.State, kinds []string) bool {
	for ; o != nil; o = s.Get(o.Parent) {
		if !slices.Contains(kinds, o.ID.Kind) {
			return false
		}
	}
	return true
}

// stays reports whether everything that the object belongs to is still there in the desired state.
func stays(o *object.Object, current, desired *object.State, declarable func(*object.Object) bool) bool {
	for p := o.Parent; !p.IsZero(); {
		parent := current.Get(p)
		if parent == nil {
			return desired.Has(p)
		}
		if declarable(parent) && !desired.Has(p) {
			return false
		}
		p = parent.Parent
	}
	return true
}

// leftAlone are the kinds that stay as they are, with the rules that say so: what the user leaves alone, and what nothing
// but HCL declares where the source is none.
func (j *Job) leftAlone(wanted *source.Desired) map[string]string {
	d, ok := j.Dialect.(dialect.HCLDeclarer)
	if !ok || wanted.HCL {
		return j.alone
	}
	out := map[string]string{}
	maps.Copy(out, j.alone)
	for _, k := range d.DeclaredKinds() {
		if out[k] == "" {
			out[k] = "schemactl: only HCL files declare it"
		}
	}
	return out
}

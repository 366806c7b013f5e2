package kind

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

// circle carries out renames that wait for each other: the first name is freed by a third one. What declarations say stays
// there after the plan has run, and would be done again by the next: a circle is only for whoever asks for it once.
func (r *renamer) circle(list []declaration) error {
	for _, d := range list {
		if d.exact.IsZero() {
			return diag.Errorf(d.pos, "renamed-in-a-circle", "%s was called %q, which is a name in use here: nothing tells whether they have changed names already", d.to, d.from).
				WithHint("take renamed_from out of all that change names with each other, and say it once on the command line: %s", circleFlags(list))
		}
	}
	if err := r.setAside(list[0].to); err != nil {
		return err
	}
	return r.declarations(list)
}

func circleFlags(list []declaration) string {
	var out []string
	for _, d := range list {
		old := d.to
		old.Name = nameLike(d.from, old.Name)
		out = append(out, fmt.Sprintf("--rename %s:%s=%s", d.to.Kind, old.Path(), d.to.Path()))
	}
	return strings.Join(out, " ")
}

// setAside frees the name of an object that gets another one later.
func (r *renamer) setAside(id object.ID) error {
	have := r.Current.Get(id)
	k, err := r.set.of(have)
	if err != nil {
		return err
	}
	r.ordered = true
	other := meanwhile(id)
	for _, st := range k.naming.Rename(have, other.Name) {
		r.step(k, have, st, "set "+r.Was(id).String()+" aside until its new name is free")
	}
	r.aside[other] = id // texts of others go from the first name to the last one
	return r.rekey(map[object.ID]object.ID{id: other})
}
